"""The printer and the post office: so many letters a working day."""

from __future__ import annotations

from heapq import heappop, heappush


class Printer:
    """Letters waiting to be printed, in the order (day asked, person)."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int]] = []

    def ask(self, day: int, person: int) -> None:
        """Add a letter to the pile."""
        heappush(self._waiting, (day, person))

    def take(self) -> int | None:
        """Take the next letter off the pile: the number of its person, or None."""
        return heappop(self._waiting)[1] if self._waiting else None
