"""The folders that may keep compiled kernels; told without loading Numba."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = "NUMBA_CACHE_DIR"
"""Variable by which a user names the folder."""


def places(asked: str | None) -> Iterator[Path]:
    """Yield the folders that may hold those of kernels, the best first.

    An account without a home has one less.

    Args:
        asked: The folder that the user names, which is then the only one.
    """
    if asked:
        yield Path(asked)
        return
    yield Path(__file__).parent / "__pycache__"
    own = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        yield (Path(own) if own else Path.home() / ".cache") / "etalon"
    except RuntimeError:
        return
