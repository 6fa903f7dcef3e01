"""Reports drawn from the files of a run directory, and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_text.language import Language


def write_report(run_directory: Path, language: Language) -> Path:
    """Draw `report.html` of a simulation in its run directory, and return its path.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    from etalon_reports.html_report import draw_report  # noqa: PLC0415 (loads matplotlib: 0.5 s)

    return draw_report(run_directory, language)


def write_workbook(directory: Path, language: Language) -> Path:
    """Write every table of a run as `tables.xlsx` in its directory, and return its path.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    from etalon_reports.tables_of_run import write_run_workbook  # noqa: PLC0415 (as above)

    return write_run_workbook(directory, language)


def write_tables(directory: Path, language: Language) -> list[Path]:
    """Write every table of a run as CSV in its directory, and return their paths.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    from etalon_reports.tables_of_run import write_run_csv  # noqa: PLC0415 (as above)

    return write_run_csv(directory, language)
