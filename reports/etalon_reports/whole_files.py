"""Files of a report: whole, or not there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def named_when_whole(target: Path) -> Generator[Path]:
    """Give a path to write to, which becomes `target` once the block succeeds, else is removed.

    Raises:
        OSError: The storage refuses it.
    """
    unfinished = target.with_name(f"{target.name}.part")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
