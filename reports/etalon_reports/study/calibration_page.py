"""The page of a calibration: what was fitted on what, how sure it is, and what checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.cover import Cover, Fact
from etalon_reports.study.effects_figure import path_label
from etalon_reports.study.study_pages import Page, Part
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import number, percent
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language

_DIGITS: Final = 4
_DECIMALS: Final = 2


def calibration_page(found: Record, language: Language) -> Page:
    """Return what the page of a calibration shows."""
    said = "contradictory" if found.flag("contradictory") else "agrees"
    lines = [text(f"calibration.{said}", language), text("calibration.method", language)]
    parts = [
        Part(
            "parameters",
            text("calibration.parameters", language),
            lines,
            (),
            [_parameters(found, language), _correlations(found, language)],
        ),
        Part(
            "figures",
            text("calibration.figures", language),
            (),
            (),
            [_figures(found.rows("fitted"), "fitted", language)],
        ),
    ]
    if found.rows("held_out"):
        table = _figures(found.rows("held_out"), "held_out", language)
        parts.append(Part("held-out", text("calibration.held_out", language), (), (), [table]))
    digests = {
        found.text("scenario"): found.text("scenario_digest"),
        text("calibration.plan", language): found.text("plan_sha256"),
    }
    return Page(_cover(found, language), parts, digests)


def _cover(found: Record, language: Language) -> Cover:
    said = "contradictory" if found.flag("contradictory") else "agrees"
    facts = {
        "people": number(found.count("population"), language),
        "seeds": text(
            "sweep.seeds",
            language,
            first=found.count("seed"),
            count=number(found.count("seeds"), language),
        ),
        "version": found.text("etalon_version"),
    }
    return Cover(
        kind=text("calibration.kind", language),
        title=found.sentence("title", language),
        question=text("calibration.question", language),
        status="complete",
        status_text=text(f"calibration.{said}", language),
        facts=[Fact(text(f"sweep.fact_{key}", language), [value]) for key, value in facts.items()],
        changes=(),
    )


def _parameters(found: Record, language: Language) -> Table:
    rows = [
        [
            path_label(row.text("path"), language),
            row.text("figure"),
            *(plain(row.figure(key), language) for key in ("before", "value", "low", "high")),
            text("outcome.yes" if row.flag("identified") else "outcome.no", language),
        ]
        for row in found.rows("parameters")
    ]
    keys = ("parameter", "fitted_to", "before", "value", "low", "high", "identified")
    return Table(
        title=text("calibration.parameters", language),
        headings=[text(f"calibration.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=text("calibration.identified_note", language),
        kinds=["text", "text", "figure", "figure", "figure", "figure", "text"],
    )


def _correlations(found: Record, language: Language) -> Table:
    parameters = found.rows("parameters")
    names = [path_label(row.text("path"), language) for row in parameters]
    rows = [
        [name, *(number(value, language, _DECIMALS) for value in row.figures("correlations"))]
        for name, row in zip(names, parameters, strict=True)
    ]
    return Table(
        title=text("calibration.correlations", language),
        headings=["", *names],
        groups=[Group("", rows)],
        note=text("calibration.correlations_note", language),
        kinds=["text", *("figure" for _ in names)],
    )


def _figures(figures: Sequence[Record], kind: str, language: Language) -> Table:
    rows = [
        [
            f"{row.text('figure')} {_quantity(row, language)}",
            *(_value(row, key, language) for key in ("simulated", "low", "high", "measured")),
            text("outcome.yes" if row.flag("hit") else "outcome.no", language),
        ]
        for row in figures
    ]
    keys = ("figure", "simulated", "low", "high", "measured", "hit")
    return Table(
        title=text(f"calibration.{kind}", language),
        headings=[text(f"calibration.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=text(f"calibration.{kind}_note", language),
        kinds=["text", "figure", "figure", "figure", "figure", "text"],
    )


def _quantity(row: Record, language: Language) -> str:
    for prefix in ("rate", "measure"):
        key = f"{prefix}.{row.text('quantity')}"
        if has_text(key):
            return text(key, language)
    return row.text("quantity")


def _value(row: Record, key: str, language: Language) -> str:
    value = row.figure(key)
    return percent(value, language, 3) if row.text("unit") == "share" else number(value, language)


def plain(value: float, language: Language) -> str:
    """Return a number with four digits."""
    written = f"{value:.{_DIGITS}g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004
    return written.replace(".", ",") if language == "fr" else written
