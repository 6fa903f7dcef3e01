"""The printer and the post office: so many letters a working day."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final

NOTICE: Final = 0
"""Kind of a letter that is a notice; the reminder of rank r is of kind 1 + r."""


class Printer:
    """Letters waiting to be printed, in the order (day asked, person, kind)."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, int]] = []

    def ask(self, day: int, person: int, kind: int = NOTICE) -> None:
        """Add a letter to the pile."""
        heappush(self._waiting, (day, person, kind))

    def take(self) -> tuple[int, int] | None:
        """Take the next letter off the pile: its (person, kind), or None."""
        return heappop(self._waiting)[1:] if self._waiting else None
