"""Which page a directory of load has: a run, two compared, a decision, a search for capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_reports.load.capacity_page import capacity_page, capacity_source
from etalon_reports.load.comparison_page import comparison_page, comparison_source
from etalon_reports.load.decision_page import draw_decision
from etalon_reports.load.load_files import is_decision, is_load, is_load_comparison
from etalon_reports.load.load_page import draw_load, write_in_both

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_text.language import Language


def draw_load_page(directory: Path, language: Language) -> Path:
    """Write the page of a directory of load in both languages and return `report.html`.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    if is_load(directory):
        return draw_load(directory, language)
    if is_decision(directory):
        return draw_decision(directory, language)
    if is_load_comparison(directory):
        return write_in_both(
            directory,
            "load_comparison.html",
            language,
            lambda spoken: comparison_page(directory, spoken),
            lambda spoken: comparison_source(directory, spoken),
        )
    return write_in_both(
        directory,
        "load_capacity.html",
        language,
        lambda spoken: capacity_page(directory, spoken),
        lambda spoken: capacity_source(directory, spoken),
    )
