"""The page of a sweep: what each value that varies does to each figure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from etalon_reports.cover import Cover, Fact
from etalon_reports.study.effects_figure import (
    morris_figure,
    path_label,
    sobol_figure,
    tornado_of_sweep,
)
from etalon_reports.study.figures_of_a_run import AMOUNTS, figure_label, written
from etalon_reports.study.study_pages import Page, Part, shortened
from etalon_reports.tables import Group, Table
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, fewest_decimals, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language

_FAILURES_SHOWN: Final = 50
_SHARES_OF_LIVES: Final = ("with_one_document", "with_five_documents", "entered")
_RATES: Final = ("opt_out_rate", "activation_rate", "closure_rate", "opened_uninformed_rate")


def sweep_page(found: Record, language: Language) -> Page:
    """Return what the page of a sweep shows."""
    effects = found.rows("effects")
    drawings = (tornado_of_sweep, sobol_figure, morris_figure)
    drawn = (drawing(effects, language) for drawing in drawings)
    figures = [figure for figure in drawn if figure is not None]
    parts = [
        Part("effects", text("sweep.part_effects", language), _remarks(found, language), figures),
    ]
    if found.values.get("by_value"):
        table = _by_value(found.rows("by_value"), language)
        parts.append(Part("by-value", text("sweep.part_by_value", language), (), (), [table]))
    if found.rows("candidates"):
        table = _candidates(found.rows("candidates"), language)
        parts.append(Part("plans", text("sweep.part_plans", language), (), (), [table]))
    parts.append(
        Part("varied", text("sweep.part_varied", language), (), (), [_varied(found, language)])
    )
    if found.rows("failures"):
        failures = _failures(found.rows("failures"), language)
        parts.append(Part("failures", text("sweep.part_failures", language), (), (), [failures]))
    digests = {
        found.text("scenario"): found.text("scenario_digest"),
        text("sweep.fact_experiment", language): found.text("experiment_sha256"),
    }
    return Page(_cover(found, language), parts, digests)


def _cover(found: Record, language: Language) -> Cover:
    runs = found.record("runs")
    counts = {kind: number(runs.count(kind), language) for kind in ("done", "failed", "missing")}
    status = found.text("status")
    facts = {
        "scenario": found.sentence("scenario_title", language),
        "design": text(f"sweep.design_{found.text('design').replace('-', '_')}", language),
        "points": number(found.count("points"), language),
        "people": number(found.count("population"), language),
        "seeds": text(
            "sweep.seeds",
            language,
            first=found.count("seed"),
            count=number(found.count("replications"), language),
        ),
        "experiment": shortened(found.text("experiment_sha256")),
        "version": found.text("etalon_version"),
    }
    return Cover(
        kind=text("sweep.kind", language),
        title=found.sentence("title", language),
        question=text("sweep.question", language),
        status=status,
        status_text=text(f"sweep.status_{status}", language, **counts),
        facts=[Fact(text(f"sweep.fact_{key}", language), [said]) for key, said in facts.items()],
        changes=found.texts("changes"),
    )


def _remarks(found: Record, language: Language) -> list[str]:
    if found.rows("candidates"):
        return [text("sweep.remark_plans", language)]
    people = number(found.count("population"), language)
    remarks = [text("sweep.remark_effects", language, people=people)]
    if found.text("design") in {"sobol", "morris"} and found.record("runs").count("failed"):
        remarks.append(text("sweep.remark_failed", language))
    if not found.rows("effects"):
        remarks.append(text("sweep.remark_none", language))
    return remarks


def _by_value(rows: Sequence[Record], language: Language) -> Table:
    listed = [
        [
            figure_label(row.text("figure"), language),
            path_label(row.text("path"), language),
            row.text("value"),
            written(row.text("figure"), row.optional_figure("mean"), language),
        ]
        for row in rows
    ]
    keys = ("column.indicator", "column.parameter", "sweep.column_value", "sweep.column_mean")
    return Table(
        title=text("sweep.part_by_value", language),
        headings=[text(key, language) for key in keys],
        groups=[Group("", listed)],
        note=text("sweep.by_value_note", language),
        kinds=["text", "text", "text", "figure"],
    )


def _candidates(candidates: Sequence[Record], language: Language) -> Table:
    names = _names(candidates)
    rows = [
        [
            candidate.text("scenario"),
            *_figures(candidate.optional_record("figures"), names, language),
        ]
        for candidate in candidates
    ]
    return Table(
        title=text("sweep.part_plans", language),
        headings=[text("sweep.plan", language), *(figure_label(name, language) for name in names)],
        groups=[Group("", rows)],
        note="",
        kinds=["text", *("figure" for _ in names)],
    )


def _names(candidates: Sequence[Record]) -> list[str]:
    """Name the figures that a candidate has: those of lives are not in every sweep."""
    found = [candidate.optional_record("figures") for candidate in candidates]
    had = {name for figures in found if figures is not None for name in figures.values}
    return [name for name in (*_RATES, *AMOUNTS, *_SHARES_OF_LIVES) if name in had]


def _figures(figures: Record | None, names: Sequence[str], language: Language) -> list[str]:
    if figures is None:
        return [EN_DASH for _ in names]
    return [written(name, figures.optional_figure(name), language) for name in names]


def _varied(found: Record, language: Language) -> Table:
    rows = [
        [
            path_label(row.text("path"), language),
            row.text("path"),
            _span(row, language),
        ]
        for row in found.rows("varied")
    ]
    return Table(
        title=text("sweep.part_varied", language),
        headings=[text(f"column.{key}", language) for key in ("parameter", "path", "range")],
        groups=[Group("", rows)],
        note=text("sweep.varied_note", language),
        kinds=["text", "text", "figure"],
    )


def _span(row: Record, language: Language) -> str:
    low, high = row.optional_figure("low"), row.optional_figure("high")
    if low is None or high is None:
        return semicolons((_listed(value, language) for value in row.texts("values")), language)
    ends = {
        name: number(end, language, fewest_decimals(end))
        for name, end in (("low", low), ("high", high))
    }
    return text("assumptions.span", language, **ends)


def _listed(value: str, language: Language) -> str:
    """Return a value of a grid: a number as the language writes it, anything else as typed."""
    try:
        listed = Decimal(value)
    except InvalidOperation:
        return value
    return number(listed, language, fewest_decimals(listed))


def _failures(failures: Sequence[Record], language: Language) -> Table:
    rows = [
        [number(row.count("point"), language), str(row.count("seed")), row.text("reason")]
        for row in failures[:_FAILURES_SHOWN]
    ]
    return Table(
        title=text("sweep.part_failures", language),
        headings=[text(f"sweep.column_{key}", language) for key in ("point", "seed", "reason")],
        groups=[Group("", rows)],
        note=text("sweep.failures_note", language, count=number(len(failures), language)),
        kinds=["figure", "figure", "text"],
    )
