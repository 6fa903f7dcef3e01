"""Which study a directory holds, and its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.record import RunFileError, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_reports.record import Record

KINDS: Final = ("sweep", "calibration", "forecast")


def kind_of(directory: Path) -> str | None:
    """Return the kind of study that a directory holds, or None."""
    return next((kind for kind in KINDS if (directory / f"{kind}.json").is_file()), None)


def read_study(directory: Path, kind: str) -> Record:
    """Read the record of a study.

    Raises:
        RunFileError: It is missing, truncated, or of another kind.
    """
    found = read_record(directory / f"{kind}.json")
    if found.optional_text("kind") != kind:
        raise RunFileError(found.file, "kind", "another kind of file", kind)
    return found
