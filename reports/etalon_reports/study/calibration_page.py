"""The page of a calibration: what was fitted on what, how sure it is, and what checks it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_reports.cover import Cover, Fact
from etalon_reports.parameters import unit_words
from etalon_reports.study.effects_figure import path_label
from etalon_reports.study.measured_figures import in_its_unit, quantity_words
from etalon_reports.study.study_pages import Page, Part
from etalon_reports.tables import Group, Table
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language

_DIGITS: Final = 4
_DECIMALS: Final = 2
_THOUSAND: Final = 1000


def calibration_page(found: Record, language: Language) -> Page:
    """Return what the page of a calibration shows."""
    lines = [text("calibration.method", language), _spare(found, language)]
    untold = [row.text("path") for row in found.rows("parameters") if not row.flag("identified")]
    if untold:
        named = semicolons((path_label(path, language) for path in untold), language)
        lines.append(text("calibration.untold", language, parameters=named))
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
    parts.append(Part("sources", text("sources.title", language), _sources(found)))
    digests = {
        found.text("scenario"): found.text("scenario_digest"),
        text("calibration.plan", language): found.text("plan_sha256"),
    }
    return Page(_cover(found, language), parts, digests)


def _spare(found: Record, language: Language) -> str:
    """Say whether agreement could have failed: not with as many parameters as figures."""
    probability = found.optional_figure("probability")
    if probability is None:
        return text("calibration.none_spare", language)
    return text("calibration.some_spare", language, chance=percent(probability, language, 1))


def _sources(found: Record) -> list[str]:
    """Name the figures that each source gives."""
    named: dict[str, list[str]] = {}
    for kind in ("fitted", "held_out"):
        for row in found.rows(kind):
            named.setdefault(row.text("source"), []).append(row.text("figure"))
    return [f"{', '.join(figures)} — {source}" for source, figures in named.items()]


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
            unit_words("ratio" if row.text("kind") == "series" else row.text("unit"), language),
            row.text("figure"),
            *(plain(row.figure(key), language) for key in ("before", "value", "low", "high")),
            text("outcome.yes" if row.flag("identified") else "outcome.no", language),
        ]
        for row in found.rows("parameters")
    ]
    keys = ("parameter", "unit", "fitted_to", "before", "value", "low", "high", "identified")
    return Table(
        title=text("calibration.parameters", language),
        headings=[text(f"calibration.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=text("calibration.identified_note", language),
        kinds=["text", "text", "text", "figure", "figure", "figure", "figure", "text"],
    )


def _correlations(found: Record, language: Language) -> Table:
    parameters = found.rows("parameters")
    names = [path_label(row.text("path"), language) for row in parameters]
    listed = [row.figures("correlations") for row in parameters]
    told = [values[rank] != 0 for rank, values in enumerate(listed)]
    rows = [
        [
            name,
            *(
                number(value, language, _DECIMALS) if told[rank] and told[other] else EN_DASH
                for other, value in enumerate(listed[rank])
            ),
        ]
        for rank, name in enumerate(names)
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
            f"{row.text('figure')} {quantity_words(row.values, language)}",
            *(
                in_its_unit(row.figure(key), row.text("unit"), language)
                for key in ("simulated", "low", "high", "measured", "measured_low", "measured_high")
            ),
            text("outcome.yes" if row.flag("hit") else "outcome.no", language),
        ]
        for row in figures
    ]
    keys = ("figure", "simulated", "low", "high", "measured", "least", "most", "hit")
    note = text(f"calibration.{kind}_note", language)
    return Table(
        title=text(f"calibration.{kind}", language),
        headings=[text(f"calibration.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=f"{note} {text('calibration.hit_note', language)}",
        kinds=["text", *("figure" for _ in keys[2:]), "text"],
    )


def plain(value: float, language: Language) -> str:
    """Return a number with four digits, thousands whole, never with an exponent."""
    if abs(value) >= _THOUSAND:
        return number(value, language)
    written = f"{Decimal(f'{value:.{_DIGITS}g}'):f}"
    return written.replace(".", ",") if language == "fr" else written
