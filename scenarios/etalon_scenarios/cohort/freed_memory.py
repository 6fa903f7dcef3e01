"""Memory that arrays give back stays with the process.

A pass over people makes and drops some forty arrays of half a megabyte. The GNU C library hands
such memory back to the system at once and asks for it again, page by page, which costs a large part
of the processor's time of a national run.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1, 1 << 28
_MMAP_THRESHOLD: Final = -3, 1 << 25
"""Options of `mallopt`, and bytes: 32 MiB is the most that it takes."""


def keep_freed_memory() -> None:
    """Ask the allocator to keep what it gets back, where it is that of the GNU C library."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, size in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(option, size)
