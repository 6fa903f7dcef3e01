"""The note of a run, or of several runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.calendar_figure import calendar_figure
from etalon_reports.cover import simulation_cover
from etalon_reports.curves_figure import curves_figure
from etalon_reports.daily_counts import daily_counts
from etalon_reports.fan_figure import fan_figure
from etalon_reports.headlines import headlines, written_interval
from etalon_reports.note_words import NoteWords, assumed, law_lines
from etalon_reports.rounding import about, short_euros
from etalon_reports.run_answer import run_answer
from etalon_reports.run_files import read_run
from etalon_reports.simulation_text import command_line
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import EN_DASH, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.headlines import Headline
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_DIGEST_SHOWN: Final = 16
_AMOUNTS: Final = ("calls", "cost_eur")


def run_words(directories: Sequence[Path], language: Language) -> NoteWords:
    """Return the words of the note; the first run gives question and answer.

    Raises:
        RunFileError: A result file is missing or not as published.
    """
    every = [read_run(directory) for directory in directories]
    first = every[0]
    cover = simulation_cover(first, language)
    return NoteWords(
        title=cover.title,
        question=cover.question,
        answer=run_answer(first, language),
        warnings=_warnings(every, language),
        table=_table(every, language),
        rests_on=[_people(first, language), *assumed(first, language)],
        law=law_lines(first.departures(language), language),
        cost=_cost(first, language),
        commands=[_command(files) for files in every],
        made_by=text(
            "note.made_by",
            language,
            version=first.run.text("etalon_version"),
            seed=str(first.summary.count("seed")),
            digest=first.summary.text("ledger_digest")[:_DIGEST_SHOWN],
        ),
    )


def run_figure(directory: Path, language: Language) -> FigureBlock:
    """Return the figure of the note: the fans where draws told of dates, else the curves.

    Raises:
        RunFileError: A result file is missing or not as published.
    """
    files = read_run(directory)
    if not files.summary.count("notified"):
        return calendar_figure(files, daily_counts(files.daily), language)
    return fan_figure(files, language) or curves_figure(files, language)


def _command(files: RunFiles) -> str:
    return command_line(files.run, files.summary.count("seed"))


def _warnings(every: Sequence[RunFiles], language: Language) -> list[str]:
    found = [
        simulation_cover(files, language).status_text
        for files in every
        if files.run.text("status") != "complete"
    ]
    if any(files.run.texts("changes") for files in every):
        found.append(text("cover.changed_note", language))
    if len(every) > 1:
        found.append(text("note.not_paired", language))
    return found


def _table(every: Sequence[RunFiles], language: Language) -> Table:
    if len(every) == 1:
        return _one(every[0], language)
    rates = [{found.key: found for found in headlines(files)} for files in every]
    keys = list(dict.fromkeys(key for found in rates for key in found))
    rows = [
        [
            text(f"rate.{key}", language),
            *(_with_range(found[key], language) if key in found else EN_DASH for found in rates),
        ]
        for key in keys
    ]
    rows += [
        [text(f"rate.{key}", language), *(_amount(files, key, language) for files in every)]
        for key in _AMOUNTS
    ]
    return Table(
        title=text("headlines.table", language),
        headings=[
            text("column.indicator", language),
            *(files.summary.sentence("title", language) for files in every),
        ],
        groups=[Group("", rows)],
        note=text("note.table_note", language),
        kinds=["text", *("figure" for _ in every)],
    )


def _one(files: RunFiles, language: Language) -> Table:
    rows = [_row(found, files, language) for found in headlines(files)]
    rows += [
        [
            text(f"rate.{key}", language),
            _central(files, key, language),
            _span(files, key, language),
            EN_DASH,
            text("note.full_scope", language),
        ]
        for key in _AMOUNTS
    ]
    levels = [percent(files.level(kind), language, 0) for kind in ("knowledge", "chance")]
    knowledge, chance = levels
    return Table(
        title=text("headlines.table", language),
        headings=[
            text("column.indicator", language),
            text("column.simulated", language),
            text("column.knowledge", language, level=knowledge),
            text("column.chance", language, level=chance),
            text("note.out_of", language),
        ],
        groups=[Group("", rows)],
        note=text("note.table_note", language),
        kinds=["text", "figure", "figure", "figure", "text"],
    )


def _row(found: Headline, files: RunFiles, language: Language) -> list[str]:
    of = text(found.denominator_name, language)
    people = number(about(found.denominator / files.scope), language)
    return [
        text(f"rate.{found.key}", language),
        found.written(language),
        *(
            written_interval(found.intervals[kind], language)
            if kind in found.intervals
            else EN_DASH
            for kind in ("knowledge", "chance")
        ),
        f"{people} {of}",
    ]


def _with_range(found: Headline, language: Language) -> str:
    bounds = found.intervals.get("knowledge")
    value = found.written(language)
    return f"{value} ({written_interval(bounds, language)})" if bounds else value


def _central(files: RunFiles, key: str, language: Language) -> str:
    if key == "calls":
        calls = files.summary.record("hotline").figure("calls") / files.scope
        return number(about(calls), language)
    return short_euros(files.summary.record("cost_eur").figure("total") / files.scope, language)


def _span(files: RunFiles, key: str, language: Language) -> str:
    bounds = files.knowledge_bounds(key)
    if bounds is None:
        return EN_DASH
    low, high = (
        number(about(end / files.scope, 2), language)
        if key == "calls"
        else short_euros(end / files.scope, language)
        for end in bounds
    )
    return text("difference.span", language, low=low, high=high)


def _amount(files: RunFiles, key: str, language: Language) -> str:
    value, span = _central(files, key, language), _span(files, key, language)
    return value if span == EN_DASH else f"{value} ({span})"


def _people(files: RunFiles, language: Language) -> str:
    summary = files.summary
    values = {
        "people": number(summary.count("population"), language),
        "full": number(summary.count("full_population"), language),
        "draws": number(files.draws, language),
    }
    return text("note.people" if files.draws else "note.people_only", language, **values)


def _cost(files: RunFiles, language: Language) -> list[str]:
    cost = files.summary.record("cost_eur")
    items = {
        item: short_euros(cost.figure(item) / files.scope, language)
        for item in ("letters", "emails", "calls")
    }
    said = text("note.cost", language, total=_amount(files, "cost_eur", language), **items)
    return [said, text("note.prices", language)]
