"""Which directory holds a tour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

TOUR_FILE: Final = "tour.json"


def is_tour(directory: Path) -> bool:
    """Tell whether a directory is that of a tour."""
    return (directory / TOUR_FILE).is_file()
