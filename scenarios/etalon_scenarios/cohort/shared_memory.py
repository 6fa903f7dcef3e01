"""Memory that the processes of a run share, in large pages where the system grants them.

Linux gives shared memory out in pages of 4 KiB, each at its first touch in each process; a run
touches a hundred thousand. It gathers them into pages of 2 MiB when it is asked to, whatever
its setting for memory nobody asked about.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from typing import Final

import numpy as np

LARGE_PAGE: Final = 1 << 21
_COLLAPSE: Final = 25
"""`MADV_COLLAPSE` of Linux 6.1, which Python does not name: gather pages into large ones."""

_TRIES: Final = 4


class SharedMemory:
    """Zeros that a process and its copies share.

    Attributes:
        memory: The bytes; those never touched take no memory.
    """

    def __init__(self, size: int, certain: int) -> None:
        """Make room.

        Args:
            size: Bytes.
            certain: Bytes at the beginning that are sure to be used.
        """
        if certain < LARGE_PAGE or not hasattr(os, "memfd_create"):
            self.memory = mmap.mmap(-1, max(1, size))
            self._pages = range(0)
        else:
            self.memory, begins = _in_line(size)
            self._pages = range(begins, certain - LARGE_PAGE + 1, LARGE_PAGE)

    def gather_pages(self, rank: int, among: int) -> None:
        """Ask for large pages for one part of what is sure to be used, of so many parts."""
        parts = len(self._pages) * rank // among, len(self._pages) * (rank + 1) // among
        pages = self._pages[slice(*parts)]
        if not pages:
            return
        for page in pages:
            self.memory[page] = 0
        # An older kernel knows no such request, a busy one has no large page left: as good, slower.
        with contextlib.suppress(OSError):
            self.memory.madvise(_COLLAPSE, pages[0], len(pages) * LARGE_PAGE)


def _in_line(size: int) -> tuple[mmap.mmap, int]:
    """Map a file in memory so that its large pages fall on those of the addresses.

    Returns:
        The memory, and the first byte of a large page of it.
    """
    file = os.memfd_create("people")
    try:
        os.ftruncate(file, size + LARGE_PAGE)
        shared, offset = mmap.mmap(file, size), 0
        for _ in range(_TRIES):
            if (_address(shared) - offset) % LARGE_PAGE == 0:
                break
            # The next memory of this size is likely to be found at the same address.
            offset = _address(shared) % LARGE_PAGE
            shared.close()
            shared = mmap.mmap(file, size, offset=offset)
    finally:
        os.close(file)
    return shared, -_address(shared) % LARGE_PAGE


def _address(shared: mmap.mmap) -> int:
    return np.frombuffer(shared, np.uint8).ctypes.data
