"""The tables of a simulation report: headlines, drivers, comparisons, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup

from etalon_reports.comparisons import comparisons
from etalon_reports.headlines import HEADLINES, headlines, main_drivers, written_interval
from etalon_reports.parameters import parameter_label, parameter_range, parameter_value
from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import (
    EN_DASH,
    euros,
    fewest_decimals,
    number,
    percent,
    percent_interval,
)
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.comparisons import Comparison
    from etalon_reports.headlines import Driver, Headline
    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_reports.sources import Sources
    from etalon_text.language import Language

CERTAINTIES: Final = ("user", "assumption", "derived", "calibrated", "measured")
_CALIBRATED: Final = "◆"


class Group(NamedTuple):
    """Rows under one heading; a table without groups has one, whose heading is empty."""

    heading: str
    rows: Sequence[Sequence[str]]


class Table(NamedTuple):
    """A table of a report: the first cell of a row is its heading.

    Attributes:
        title: Caption, without its number.
        headings: Column names.
        groups: Rows, formatted, under their headings.
        note: What the reader must know; empty for nothing.
        kinds: How each column is set: `text` or `figure`.
    """

    title: str
    headings: Sequence[str]
    groups: Sequence[Group]
    note: str
    kinds: Sequence[str]


def headline_table(files: RunFiles, language: Language) -> Table:
    """Return each headline with its counts and its intervals side by side."""
    kinds = ("knowledge", "chance", *(("sample_noise",) if files.is_sample else ()))
    columns = [text(f"column.{name}", language) for name in ("indicator", "simulated")]
    intervals = [
        text(f"column.{kind}", language, level=percent(files.level(kind), language, 0))
        for kind in kinds
    ]
    return Table(
        title=text("headlines.table", language),
        headings=[*columns, *intervals, text("column.counts", language)],
        groups=[Group("", [_headline(row, kinds, language) for row in headlines(files)])],
        note="",
        kinds=["text", "figure", *("figure" for _ in kinds), "text"],
    )


def _headline(headline: Headline, kinds: Sequence[str], language: Language) -> list[str]:
    missing = {"knowledge": text("interval.not_drawn", language)}
    counts = text(
        "headline.counts",
        language,
        numerator=number(headline.numerator, language),
        denominator=number(headline.denominator, language),
        name=text(headline.denominator_name, language),
    )
    return [
        text(f"rate.{headline.key}", language),
        headline.written(language),
        *(
            written_interval(headline.intervals[kind], language)
            if kind in headline.intervals
            else missing.get(kind, EN_DASH)
            for kind in kinds
        ),
        counts,
    ]


def driver_table(files: RunFiles, language: Language) -> Table | None:
    """Return, for each headline, what makes 80% of its knowledge interval, or None."""
    groups: list[Group] = []
    for key in (*HEADLINES, "calls", "cost_eur"):
        drivers = main_drivers(files, key)
        if drivers:
            together = percent(min(sum(driver.share for driver in drivers), 1), language, 0)
            headline = text(f"rate.{key}", language)
            heading = text("drivers.group", language, headline=headline, part=together)
            groups.append(Group(heading, _drivers(files, drivers, language)))
    if not groups:
        return None
    columns = ("parameter", "part", "certainty", "range")
    return Table(
        title=text("drivers.title", language),
        headings=[text(f"column.{name}", language) for name in columns],
        groups=groups,
        note=text("drivers.note", language),
        kinds=["text", "figure", "text", "text"],
    )


def _drivers(files: RunFiles, drivers: Sequence[Driver], language: Language) -> list[list[str]]:
    parameters = {row.text("path"): row for row in files.scenario.rows("parameters")}
    rows: list[list[str]] = []
    for driver in drivers:
        parameter = parameters.get(driver.path)
        label = parameter_label(parameter, language) if parameter else driver.path
        span = parameter_range(parameter, language) if parameter else EN_DASH
        part = percent(driver.share, language, 0)
        rows.append([label, part, text(f"certainty.{driver.certainty}", language), span])
    return rows


def comparison_table(files: RunFiles, language: Language, sources: Sources) -> Table | None:
    """Return simulated, measured and source; None when nothing was measured."""
    found = comparisons(files)
    if not found:
        return None
    columns = ("indicator", "simulated", "measured", "expected", "within", "source")
    note = "comparison.of_others" if any(row.of_others for row in found) else "comparison.lead"
    notes = [note, *(["comparison.undecided"] if any(row.is_undecided for row in found) else [])]
    return Table(
        title=text("comparison.title", language),
        headings=[text(f"column.{name}", language) for name in columns],
        groups=[Group("", [_compared(row, language, sources) for row in found])],
        note=" ".join(text(key, language) for key in notes),
        kinds=["text", "figure", "figure", "figure", "text", "text"],
    )


def _compared(compared: Comparison, language: Language, sources: Sources) -> list[str]:
    label = compared.label(language)
    verdict = {
        None: EN_DASH,
        True: text("report.yes", language),
        False: text("report.no", language),
    }
    return [
        f"{_CALIBRATED} {label}" if compared.calibrated else label,
        _amount(compared.simulated, compared.unit, language),
        _amount(compared.measured, compared.unit, language),
        _expected(compared, language),
        text("report.undecided", language) if compared.is_undecided else verdict[compared.within],
        sources.cite(compared.source),
    ]


def _amount(value: float | None, unit: str, language: Language) -> str:
    if value is None:
        return EN_DASH
    match unit:
        case "share":
            return percent(value, language, percent_decimals(value))
        case "EUR":
            return euros(value, language)
        case _:
            return number(value, language)


def _expected(compared: Comparison, language: Language) -> str:
    low, high = compared.low, compared.high
    if low is None or high is None:
        return EN_DASH
    if compared.unit == "share":
        decimals = fewest_decimals(low * 100, high * 100, most=4)
        return percent_interval(low, high, language, decimals)
    ends = (_amount(end, compared.unit, language) for end in (low, high))
    return f" {EN_DASH} ".join(ends)


def parameter_table(files: RunFiles, language: Language, sources: Sources) -> Table:
    """Return every parameter, the least certain first."""
    rows = files.scenario.rows("parameters")
    groups: list[Group] = []
    for certainty in CERTAINTIES:
        members = [row for row in rows if row.text("certainty") == certainty]
        if members:
            count = number(len(members), language)
            heading = text(f"certainty_group.{certainty}", language, count=count)
            groups.append(Group(heading, [_parameter(row, language, sources) for row in members]))
    columns = ("parameter", "value", "range", "source")
    return Table(
        title=text("assumptions.title", language),
        headings=[text(f"column.{name}", language) for name in columns],
        groups=groups,
        note="",
        kinds=["text", "text", "text", "text"],
    )


def _parameter(row: Record, language: Language, sources: Sources) -> list[str]:
    path = row.text("path")
    label = parameter_label(row, language)
    return [
        label if label == path else Markup("{} <code>{}</code>").format(label, path),
        parameter_value(row, language),
        parameter_range(row, language),
        sources.cite(row.text("source")),
    ]
