"""Reports of run directories, drawn by `etalon_reports` from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_reports import write_report
from etalon_reports.daily_csv import write_daily_csv
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_text.language import Language

WRITERS: Final = {"html": write_report, "csv": write_daily_csv}
"""Format -> what writes it."""


def draw_reports(directory: Path, language: Language, formats: Sequence[str]) -> list[Path]:
    """Draw the reports of one run; give the files written.

    Args:
        directory: A run directory.
        language: Of the report.
        formats: `html` or `csv`, in the order wanted.

    Raises:
        Stopped: The directory holds no readable run, or a report could not be written.
    """
    try:
        return [WRITERS[name](directory, language) for name in formats]
    except RunFileError as error:
        raise because(reason="run_directory_invalid", file=directory, problem=str(error)) from error
    except OSError as error:
        raise because(
            reason="report_failed", file=directory, problem=error.strerror or str(error)
        ) from error
