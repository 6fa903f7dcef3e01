"""The words of a note, and sentences that notes of runs and of comparisons share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.headlines import main_drivers
from etalon_reports.parameters import parameter_label
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.run_files import RunFiles
    from etalon_reports.tables import Table
    from etalon_text.language import Language

_MOST_DRIVERS: Final = 3
_MOST_STATEMENTS: Final = 2


class NoteWords(NamedTuple):
    """What a note says.

    Attributes:
        title: Its title.
        question: The question it answers.
        answer: The answer, one sentence with its range.
        warnings: What the reader must know before using it; most often empty.
        table: Its table.
        rests_on: What the answer rests on, a paragraph each.
        law: What it supposes of the law, a line each.
        cost: The cost with its range, a paragraph each.
        commands: What to type to do it again.
        made_by: Version, seed and digest.
    """

    title: str
    question: str
    answer: str
    warnings: Sequence[str]
    table: Table
    rests_on: Sequence[str]
    law: Sequence[str]
    cost: Sequence[str]
    commands: Sequence[str]
    made_by: str


def assumed(files: RunFiles, language: Language) -> list[str]:
    """Say how many parameters are assumed, which weigh most, and what was calibrated on what."""
    certainties = [row.text("certainty") for row in files.scenario.rows("parameters")]
    counts = {"total": len(certainties), "assumed": certainties.count("assumption")}
    written = {name: number(count, language) for name, count in counts.items()}
    lines = [text("note.assumed", language, **written)]
    drivers = _drivers(files, language)
    if drivers:
        lines.append(text("note.drivers", language, drivers=drivers))
    calibrated = files.scenario.rows("calibrated_on")[:_MOST_STATEMENTS]
    statements = [row.sentence("", language).rstrip(".") for row in calibrated]
    if statements:
        lines.append(text("note.calibrated", language, statements=semicolons(statements, language)))
    lines.append(text("note.shapes", language))
    return lines


def _drivers(files: RunFiles, language: Language) -> str:
    rows = {row.text("path"): row for row in files.scenario.rows("parameters")}
    return ", ".join(
        text(
            "note.driver",
            language,
            parameter=parameter_label(rows[driver.path], language),
            certainty=text(f"certainty.{driver.certainty}", language).partition(" ")[2],
        )
        for driver in main_drivers(files, "opt_out_rate")[:_MOST_DRIVERS]
        if driver.path in rows
    )


def law_lines(departures: Sequence[str] | None, language: Language) -> list[str]:
    """Say which texts are supposed changed, or that none is."""
    if departures is None:
        return [text("note.law_unsaid", language)]
    said = [sentence(departure) for departure in departures]
    return said or [text("law.current", language)]


def sentence(words: str) -> str:
    """Return words as a sentence: a capital first, a point last."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
