"""Where the reports of a conformance run are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_REDRAWN: Final = "redrawn"


def folder_of(directory: Path) -> Path:
    """Return the folder that reports are written to; it is made where need be.

    A signature covers every file of the run directory: once signed, reports are drawn into the
    folder `redrawn`.

    Raises:
        OSError: It cannot be made.
    """
    if not is_signed(directory):
        return directory
    folder = directory / _REDRAWN
    folder.mkdir(exist_ok=True)
    return folder


def is_signed(directory: Path) -> bool:
    """Tell whether somebody signed a run."""
    return any((directory / "signatures").glob("*.json"))
