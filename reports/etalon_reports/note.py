"""What a note of two pages says, whatever document it is written in.

A note answers one question: the answer in one sentence with its range, one figure, one table,
what it rests on, what it supposes of the law, its cost, how to do it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from etalon_reports.comparison_files import COMPARISON_FILE, is_comparison
from etalon_reports.drawing import pictures
from etalon_reports.note_of_comparison import comparison_figure, comparison_words
from etalon_reports.note_of_runs import run_figure, run_words
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.note_words import NoteWords
    from etalon_text.language import Language


class Note(NamedTuple):
    """A note.

    Attributes:
        language: Of its words.
        words: Title, question, answer, table and paragraphs.
        figure: Its figure, as vectors.
        picture: The same figure as a PNG image.
    """

    language: Language
    words: NoteWords
    figure: FigureBlock
    picture: bytes


def read_note(directories: Sequence[Path], language: Language) -> Note:
    """Read the note of a comparison, of a run, or of several runs.

    Raises:
        RunFileError: A file is missing or not as published, or a comparison is not alone.
    """
    with pictures() as drawn:
        if not any(is_comparison(directory) for directory in directories):
            words = run_words(directories, language)
            figure = run_figure(directories[0], language)
        elif len(directories) == 1:
            words = comparison_words(directories[0], language)
            figure = comparison_figure(directories[0], language)
        else:
            found = "found among several directories"
            raise RunFileError(COMPARISON_FILE, "", found, "one comparison alone")
    return Note(language, words, figure, drawn[figure.name])
