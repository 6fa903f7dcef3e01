"""The report of a simulation: one self-contained page, drawn from the files of a run alone.

The same files give the same bytes: no date, path or machine is written, and figures are drawn
with fixed identifiers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etalon_reports.calendar_figure import calendar_figure
from etalon_reports.cover import simulation_cover
from etalon_reports.curves_figure import curves_figure
from etalon_reports.daily_counts import daily_counts, department_counts
from etalon_reports.department_map import map_figure
from etalon_reports.fan_figure import fan_figure
from etalon_reports.headline_figure import intervals_figure
from etalon_reports.headlines import headlines
from etalon_reports.life_figures import life_figures, life_tables
from etalon_reports.page import REPORT_NAME, write_page
from etalon_reports.people_figures import age_sex_figure, funnel_figure, uninformed_figure
from etalon_reports.pyramid_figure import pyramid_figure
from etalon_reports.run_answer import run_answer
from etalon_reports.run_files import read_run
from etalon_reports.service_figures import cost_figure, hotline_figure
from etalon_reports.simulation_text import (
    assumption_lines,
    command_line,
    headline_cards,
    headline_remarks,
)
from etalon_reports.sources import Sources
from etalon_reports.staffing_table import staffing_table
from etalon_reports.tables import comparison_table, driver_table, headline_table, parameter_table
from etalon_reports.tornado_figure import tornado_figure
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_HEADLINE_TABLE: Final = 1


def draw_report(run_directory: Path, language: Language) -> Path:
    """Write `report.html` in the run directory and return its path.

    The page replaces an older one only once it is whole.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    files = read_run(run_directory)
    target = run_directory / REPORT_NAME
    content = _content(files, language)
    return write_page(target, "simulation.html", language, _source_line(files, language), content)


def _content(files: RunFiles, language: Language) -> dict[str, Any]:
    sources = Sources()
    daily = daily_counts(files.daily)
    rated = bool(headlines(files))
    tables = {
        "comparison_table": comparison_table(files, language, sources),
        "parameter_table": parameter_table(files, language, sources),
    }
    return {
        "cover": simulation_cover(files, language),
        "answer": run_answer(files, language),
        "cards": headline_cards(files, sum(daily.counts["legacy_created"]), language),
        "remarks": headline_remarks(files, language),
        "headline_table": headline_table(files, language) if rated else None,
        "driver_table": driver_table(files, language),
        "staffing_table": staffing_table(files, daily, language),
        **tables,
        "life_tables": life_tables(files, language),
        "sources": sources.listed(),
        "assumption_lines": assumption_lines(files, language),
        "calibrated_on": _calibrated_on(files, language),
        "command": command_line(files.run, files.summary.count("seed")),
        "ledger_digest": files.summary.text("ledger_digest"),
        "law_digest": files.summary.text("law_digest"),
        "figures": _figures(files, daily, language),
    }


def _figures(files: RunFiles, daily: DailyCounts, language: Language) -> dict[str, FigureBlock]:
    drawn: list[FigureBlock | None] = [calendar_figure(files, daily, language)]
    if files.summary.record("hotline").count("calls"):
        drawn.append(hotline_figure(files, language))
    if files.summary.record("cost_eur").figure("total"):
        drawn.append(cost_figure(files, language))
    drawn += life_figures(files, language)
    if files.summary.count("notified"):
        drawn += [
            intervals_figure(files, language, _HEADLINE_TABLE),
            tornado_figure(files, language),
            curves_figure(files, language),
            fan_figure(files, language),
            funnel_figure(files, language),
            age_sex_figure(files, language),
            uninformed_figure(files, language),
            pyramid_figure(files, language) if files.summary.count("auto_created") else None,
            map_figure(department_counts(files.daily), language),
        ]
    return {figure.name.replace("-", "_"): figure for figure in drawn if figure is not None}


def _calibrated_on(files: RunFiles, language: Language) -> list[str]:
    statements = files.scenario.rows("calibrated_on")
    return [row.sentence("", language) for row in statements]


def _source_line(files: RunFiles, language: Language) -> Callable[[str], str]:
    made_by: dict[str, object] = {
        "version": files.run.text("etalon_version"),
        "scenario": files.summary.text("scenario"),
        "seed": files.summary.count("seed"),
        "people": number(files.summary.count("population"), language),
    }

    def source(file: str) -> str:
        drawn = file if files.knowledge else file.replace(", knowledge.json", "")
        return text("report.source", language, file=drawn, **made_by)

    return source
