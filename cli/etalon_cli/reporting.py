"""Reports and notes of run directories, drawn by `etalon_reports` from the files alone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import Stopped, because
from etalon_reports import write_note, write_pdf, write_report, write_tables, write_workbook
from etalon_reports.comparison_files import read_comparison
from etalon_reports.comparison_report import remark_of_the_end
from etalon_reports.conformance.run_folder import folder_of, is_signed
from etalon_reports.conformance.verdict_file import is_conformance
from etalon_reports.load.load_files import has_load_page, is_load
from etalon_reports.missing_part import MissingPartError
from etalon_reports.missing_pdf import NoPdfError
from etalon_reports.record import RunFileError
from etalon_reports.study.study_files import kind_of
from etalon_reports.tour_file import is_tour

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from etalon_text.language import Language

    Writer = Callable[[Path, Language], list[Path]]


def _html(directory: Path, language: Language) -> list[Path]:
    return [write_report(directory, language)]


def _pdf(directory: Path, language: Language) -> list[Path]:
    return [write_pdf(directory, language)]


def _xlsx(directory: Path, language: Language) -> list[Path]:
    return [write_workbook(directory, language)]


WRITERS: Final = {"html": _html, "pdf": _pdf, "csv": write_tables, "xlsx": _xlsx}
"""Format -> what writes it of a simulation or a comparison, and gives the files written."""
_OF_A_CONFORMANCE_RUN: Final = ("html", "pdf", "junit", "testreport", "csv", "xlsx", "attestation")
_PAGES: Final = {"html": _html, "pdf": _pdf}
FORMATS: Final = tuple(dict.fromkeys([*WRITERS, *_OF_A_CONFORMANCE_RUN]))
"""Formats that some kind of run has."""


def draw_reports(directory: Path, language: Language, formats: Sequence[str]) -> list[Path]:
    """Draw the reports of one run or comparison; give the files written.

    Args:
        directory: A run directory.
        language: Of the report.
        formats: Of `FORMATS`, in the order wanted.

    Raises:
        Stopped: The directory holds no readable run, that kind of run has no such format, it is
            signed and would change, or a report could not be written.
    """
    if is_conformance(directory):
        return _draw_conformance(directory, language, formats)
    writers = _writers(directory)
    for name in formats:
        if name not in writers:
            raise unknown_format(name, writers)
    if is_signed(directory):
        raise because(reason="signed_run", file=directory)
    with drawing(directory):
        return [path for name in formats for path in writers[name](directory, language)]


def _writers(directory: Path) -> Mapping[str, Writer]:
    """Return what can be written of a directory that holds no conformance run."""
    if is_load(directory):
        return _PAGES | {"junit": _load_junit}
    has_page_alone = has_load_page(directory) or kind_of(directory) or is_tour(directory)
    return _PAGES if has_page_alone else WRITERS


def _load_junit(directory: Path, language: Language) -> list[Path]:
    # Loaded here because junitparser is of an extra.
    from etalon_reports.load.junit_file import write_load_junit  # noqa: PLC0415

    return [write_load_junit(directory, language)]


def unknown_format(found: str, known: Iterable[str]) -> Stopped:
    """Return the refusal of a format."""
    accepted = ", ".join(known)
    return because(reason="unknown_option_value", option="--format", found=found, accepted=accepted)


def _draw_conformance(directory: Path, language: Language, formats: Sequence[str]) -> list[Path]:
    # Loaded here because it takes spreadsheets and PDF with it.
    from etalon_reports.conformance.formats import CONFORMANCE_WRITERS  # noqa: PLC0415

    for name in formats:
        if name not in CONFORMANCE_WRITERS:
            raise unknown_format(name, CONFORMANCE_WRITERS)
    with drawing(directory):
        out = folder_of(directory)
        return [
            path for name in formats for path in CONFORMANCE_WRITERS[name](directory, language, out)
        ]


def write_notes(directories: Sequence[Path], language: Language, out: Path | None) -> list[Path]:
    """Write the note of one comparison or of runs; give the files written.

    Args:
        directories: Run directories, or one comparison.
        language: Of the note.
        out: Where it lands; the first directory when not given.

    Raises:
        Stopped: A directory holds no readable run, or the note could not be written.
    """
    with drawing(directories[0]):
        return write_note(directories, language, out)


def comparison_remarks(directory: Path, language: Language) -> list[str]:
    """Say what the reader of a comparison must know of its last day.

    Raises:
        Stopped: The directory holds no readable comparison.
    """
    with drawing(directory):
        return remark_of_the_end(read_comparison(directory), language)


@contextmanager
def drawing(directory: Path) -> Generator[None]:
    """Stop the command with a reason of the catalogue when `directory` cannot be drawn."""
    try:
        yield
    except RunFileError as error:
        raise because(reason="run_directory_invalid", file=directory, problem=str(error)) from error
    except MissingPartError as error:
        raise because(reason="extra_missing", feature=error.feature, extra=error.extra) from error
    except NoPdfError as error:
        raise because(reason="no_pdf", file=directory) from error
    except OSError as error:
        raise because(
            reason="report_failed", file=directory, problem=error.strerror or str(error)
        ) from error
