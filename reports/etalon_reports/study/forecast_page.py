"""The page of a forecast: what is known, what should follow, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_reports.cover import Cover, Fact
from etalon_reports.parameters import unit_words
from etalon_reports.study.calibration_page import plain
from etalon_reports.study.effects_figure import path_label
from etalon_reports.study.study_pages import Page, Part
from etalon_reports.study.weeks_figure import group_label, groups_figure, weeks_figure
from etalon_reports.tables import Group, Table
from etalon_text.certainty import certainty_text
from etalon_text.number_formats import EN_DASH, long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.record import Record
    from etalon_text.language import Language


def forecast_page(found: Record, language: Language) -> Page:
    """Return what the page of a forecast shows."""
    groups = found.rows("groups")
    whole = next(group for group in groups if group.text("group") == "All")
    of_scheme = any(row.text("path").startswith("course.") for row in found.rows("parameters"))
    told = ("method", *(("level", "worth") if of_scheme else ("untried",)))
    lines = [text(f"forecast.{key}", language) for key in told]
    if not found.flag("conditioned"):
        lines.insert(0, text("forecast.unlike", language))
    parts = [
        Part(
            "weeks", text("forecast.weeks", language), lines, [weeks_figure(found, whole, language)]
        ),
        Part(
            "groups",
            text("forecast.groups", language),
            (),
            [groups_figure(found, groups, language)] if len(groups) > 1 else (),
            [_groups(found, language)],
        ),
        Part("drawn", text("forecast.drawn", language), (), (), [_parameters(found, language)]),
    ]
    digests = {
        found.text("name"): found.text("digest"),
        text("forecast.series", language): found.text("observed_sha256"),
    }
    return Page(_cover(found, language), parts, digests)


def _cover(found: Record, language: Language) -> Cover:
    known = found.days("observed_weeks")
    facts = {
        "known": text(
            "forecast.known",
            language,
            first=long_day(known[0], language),
            last=long_day(known[-1], language),
        ),
        "draws": number(found.count("draws"), language),
        "worth": number(found.figure("draws_worth"), language),
        "source": found.text("observed_source") if "observed_source" in found.values else EN_DASH,
        "version": found.text("etalon_version"),
    }
    said = "conditioned" if found.flag("conditioned") else "unlike"
    return Cover(
        kind=text("forecast.kind", language),
        title=found.sentence("title", language),
        question=text("forecast.question", language),
        status="complete",
        status_text=text(f"forecast.{said}", language),
        facts=[Fact(text(f"forecast.fact_{key}", language), [one]) for key, one in facts.items()],
        changes=(),
    )


def _groups(found: Record, language: Language) -> Table:
    rows: list[list[str]] = []
    for group in found.rows("groups"):
        last = group.rows("weeks")[-1]
        people = group.count("population")
        rows.append(
            [
                group_label(group, language),
                number(people, language),
                number(group.figures("observed")[-1], language),
                *(number(last.count(key), language) for key in ("low", "middle", "high")),
                percent(last.count("middle") / people, language, 2),
            ]
        )
    keys = ("group", "population", "observed", "low", "middle", "high", "share")
    return Table(
        title=text("forecast.groups", language),
        headings=[text(f"forecast.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=text("forecast.groups_note", language),
        kinds=["text", *("figure" for _ in keys[1:])],
    )


def _parameters(found: Record, language: Language) -> Table:
    rows = [
        [
            path_label(row.text("path"), language),
            *(plain(row.figure(key), language) for key in ("low", "value", "high")),
            unit_words(row.text("unit"), language),
            certainty_text(row.text("certainty"), language),
        ]
        for row in found.rows("parameters")
    ]
    keys = ("parameter", "lowest", "value", "highest", "unit", "certainty")
    return Table(
        title=text("forecast.drawn", language),
        headings=[text(f"forecast.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note="",
        kinds=["text", "figure", "figure", "figure", "text", "text"],
    )
