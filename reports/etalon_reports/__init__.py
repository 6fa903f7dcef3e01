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
