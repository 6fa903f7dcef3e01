"""The table of hotline staffing: Erlang's formulas beside the simulation, on the busiest days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import about
from etalon_reports.staffing import busiest, hotline_of, staffed_days
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import EN_DASH, fewest_decimals, long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.run_files import RunFiles
    from etalon_reports.staffing import Hotline, StaffedDay
    from etalon_text.language import Language

STAFFING_COLUMNS: Final = (
    "date",
    "calls",
    "load",
    "waits_c",
    "lost_a",
    "lost_simulated",
    "agents_c",
    "agents_a",
)


def staffing_table(files: RunFiles, daily: DailyCounts, language: Language) -> Table | None:
    """Return the busiest days; None when there are no calls or the hours are not known."""
    hotline, days = hotline_of(files.scenario), busiest(staffed_days(files, daily))
    if hotline is None or not days:
        return None
    return Table(
        title=text("staffing.title", language),
        headings=[text(f"column.{key}", language) for key in STAFFING_COLUMNS],
        groups=[Group("", [staffing_row(day, language) for day in days])],
        note=staffing_note(hotline, language, sample=files.is_sample),
        kinds=["text", *("figure" for _ in STAFFING_COLUMNS[1:])],
    )


def staffing_row(day: StaffedDay, language: Language) -> list[str]:
    """Return one day, formatted."""
    lost = EN_DASH if day.lost is None else percent(day.lost, language)
    return [
        long_day(day.day, language),
        number(about(day.calls), language),
        number(day.load, language),
        percent(day.waits, language, 0),
        percent(day.formula.lost, language),
        lost,
        number(day.agents_c, language),
        number(day.agents_a, language),
    ]


def staffing_note(hotline: Hotline, language: Language, *, sample: bool) -> str:
    """Return what the formulas were given, and why the simulation may differ."""
    exchange = hotline.exchange
    given = text(
        "staffing.given",
        language,
        agents=number(exchange.agents, language),
        places=number(exchange.places, language),
        service=number(exchange.service, language, fewest_decimals(exchange.service)),
        patience=number(exchange.patience, language, fewest_decimals(exchange.patience)),
        hours=number(hotline.minutes / 60, language, fewest_decimals(hotline.minutes / 60, most=1)),
    )
    reason = "staffing.sample" if sample else "staffing.why"
    return f"{given} {text(reason, language)}"
