"""Reports of run directories, drawn by `etalon_reports` from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_reports import write_report, write_tables, write_workbook
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_text.language import Language


def _html(directory: Path, language: Language) -> list[Path]:
    return [write_report(directory, language)]


def _xlsx(directory: Path, language: Language) -> list[Path]:
    return [write_workbook(directory, language)]


WRITERS: Final = {"html": _html, "csv": write_tables, "xlsx": _xlsx}
"""Format -> what writes it, and gives the files written."""


def draw_reports(directory: Path, language: Language, formats: Sequence[str]) -> list[Path]:
    """Draw the reports of one run; give the files written.

    Args:
        directory: A run directory.
        language: Of the report.
        formats: Keys of `WRITERS`, in the order wanted.

    Raises:
        Stopped: The directory holds no readable run, or a report could not be written.
    """
    try:
        return [path for name in formats for path in WRITERS[name](directory, language)]
    except RunFileError as error:
        raise because(reason="run_directory_invalid", file=directory, problem=str(error)) from error
    except OSError as error:
        raise because(
            reason="report_failed", file=directory, problem=error.strerror or str(error)
        ) from error
