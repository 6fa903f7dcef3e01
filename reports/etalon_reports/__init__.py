"""Reports drawn from the files of a run directory, and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_text.language import Language


def write_report(run_directory: Path, language: Language) -> Path:
    """Draw `report.html` of a simulation or a comparison in its directory, and return its path.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    # Loaded here because matplotlib takes half a second.
    from etalon_reports.comparison_files import is_comparison  # noqa: PLC0415
    from etalon_reports.comparison_report import draw_comparison  # noqa: PLC0415
    from etalon_reports.html_report import draw_report  # noqa: PLC0415

    draw = draw_comparison if is_comparison(run_directory) else draw_report
    return draw(run_directory, language)


def write_workbook(directory: Path, language: Language) -> Path:
    """Write every table of a run or a comparison as `tables.xlsx`, and return its path.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    from etalon_reports.table_files import write_tables_workbook  # noqa: PLC0415 (as above)

    return write_tables_workbook(directory, language)


def write_tables(directory: Path, language: Language) -> list[Path]:
    """Write every table of a run or a comparison as CSV, and return their paths.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    from etalon_reports.table_files import write_tables_csv  # noqa: PLC0415 (as above)

    return write_tables_csv(directory, language)
