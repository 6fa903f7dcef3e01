"""An answer as the page shows it: what changes, when, at what cost, and who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etalon_explore.calls_figure import calls_figure
from etalon_explore.templating import templates
from etalon_reports.amounts import written_value
from etalon_reports.comparison_files import read_comparison
from etalon_reports.comparison_report import comparison_command
from etalon_reports.comparison_tables import (
    breakdown_table,
    cost_table,
    difference_table,
    equity_table,
    hotline_table,
)
from etalon_reports.curves_figure import curves_figure
from etalon_reports.difference_figures import difference_figure, group_figure
from etalon_reports.frontier_figure import frontier_figure
from etalon_reports.people_figures import uninformed_figure
from etalon_reports.policy_curves_figure import policy_curves_figure
from etalon_reports.run_files import read_run
from etalon_reports.simulation_text import command_line
from etalon_reports.sources import Sources
from etalon_reports.tables import comparison_table
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_reports.figure_block import FigureBlock
    from etalon_text.language import Language

_IMAGE: Final = '<div class="image">'
_REACHED: Final = '<div class="image" tabindex="0">'
"""Figures scroll at the width of a phone: the keyboard reaches them."""

_SPOKEN = ("opt_out_rate", "opened_uninformed_rate", "calls", "cost_eur")
"""Measures that the sentence of an answer tells."""


def answer_page(directory: Path, language: Language) -> tuple[str, str]:
    """Draw an answer.

    Args:
        directory: Directory of the comparison.
        language: Of the words.

    Returns:
        The part of the page, and the answer in one sentence.

    Raises:
        RunFileError: A file is missing or not as published.
    """
    files = read_comparison(directory)
    sources = Sources()

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    def source(file: str) -> str:
        made_by = {
            "version": files.run.text("etalon_version"),
            "policies": number(len(files.policies), language),
            "seed": files.comparison.count("seed"),
            "people": number(files.comparison.count("population"), language),
        }
        return text("comparison_report.source", language, file=file, **made_by)

    content: dict[str, Any] = {
        "figures": {figure.name: figure for figure in answer_figures(files, language)},
        "tables": _tables(files, sources, language),
        "sources": sources.listed(),
        "policies": [
            (policy.title(language), policy.departures(language)) for policy in files.policies
        ],
        "command": _command(files),
        "drawn": bool(files.comparison.record("knowledge").count("draws")),
        "base": files.base.title(language),
        "spoken": spoken(files, language),
    }
    template = templates().get_template("answer.html")
    words = {"say": say, "source": source, "lang": language}
    page = template.render(**words, **content)
    return page.replace(_IMAGE, _REACHED), content["spoken"]


def _command(files: ComparisonFiles) -> str:
    """Return the command that gives the same answer; a policy alone is simulated."""
    if files.others:
        return comparison_command(files)
    base = files.base_run()
    return command_line(base.run, base.summary.count("seed"))


def answer_figures(files: ComparisonFiles, language: Language) -> list[FigureBlock]:
    """Draw the figures of an answer."""
    last = read_run(files.policies[-1].directory)
    noticed = bool(files.base_run().summary.count("notified"))
    drawn = [
        difference_figure(files, language),
        policy_curves_figure(files, language),
        curves_figure(files.base_run(), language) if noticed else None,
        calls_figure(files, language),
        frontier_figure(files, language),
        group_figure(files, language),
        uninformed_figure(last, language) if last.summary.count("notified") else None,
    ]
    return [figure for figure in drawn if figure is not None]


def _tables(files: ComparisonFiles, sources: Sources, language: Language) -> dict[str, Any]:
    return {
        "differences": difference_table(files, language),
        "measured": comparison_table(files.base_run(), language, sources),
        "hotline": hotline_table(files, language),
        "cost": cost_table(files, language),
        "equity": equity_table(files, language),
        "breakdown": breakdown_table(files, language),
    }


def spoken(files: ComparisonFiles, language: Language) -> str:
    """Say an answer in one sentence: figures of the policy, each beside the reference's."""
    last, said = files.policies[-1], list[str]()
    for name in _SPOKEN:
        measure = files.measures.get(name)
        if measure is None or files.figure(last, name) is None:
            continue
        value = written_value(files.figure(last, name), measure.unit, language)
        before = written_value(files.figure(files.base, name), measure.unit, language)
        told = {"label": measure.label(language), "value": value, "before": before}
        key = "explore.spoken_one" if last is files.base else "explore.spoken"
        said.append(text(key, language, **told))
    return semicolons(said, language)
