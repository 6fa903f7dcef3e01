"""Threads that share the work on ranges of people; NumPy lets them run at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Self, TypeVar

from etalon_scenarios.cohort.freed_memory import keep_freed_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

Item = TypeVar("Item")
Found = TypeVar("Found")

CHUNK: Final = 1 << 16
"""People a thread works on at a time, unless told otherwise."""

PART: Final = 1 << 14
"""People who act that a thread takes at a time: there are fewer of them than of notices."""


class Crew:
    """Threads, and how many people each takes at a time; neither changes a result.

    Attributes:
        threads: Threads at work.
        chunk: People a thread takes at a time.
    """

    def __init__(self, threads: int | None, chunk: int) -> None:
        """Hire the threads.

        Args:
            threads: How many, or None for one: calls of NumPy are so short that two threads hand
                the interpreter's lock to each other more often than they work.
            chunk: People a thread takes at a time.

        Raises:
            ValueError: Fewer than one thread or one person.
        """
        self.threads = 1 if threads is None else threads
        self.chunk = chunk
        if self.threads < 1 or chunk < 1:
            message = f"{self.threads} threads of {chunk} people: at least 1 of each"
            raise ValueError(message)
        keep_freed_memory()
        self._pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def __enter__(self) -> Self:
        """Start work."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()

    def spans(self, first: int, last: int) -> list[tuple[int, int]]:
        """Part a range of people into chunks."""
        step = self.chunk
        return [(start, min(start + step, last)) for start in range(first, last, step)]

    def parts(self, number: int) -> list[tuple[int, int]]:
        """Part so many people who act."""
        step = min(self.chunk, PART)
        return [(start, min(start + step, number)) for start in range(0, number, step)]

    def share(self, work: Callable[[Item], Found], items: Sequence[Item]) -> Iterable[Found]:
        """Give each item to a thread; yield what they found, in the order of the items."""
        if self._pool is None or len(items) < 2:  # noqa: PLR2004 (one item needs no second thread)
            return [work(item) for item in items]
        return self._pool.map(work, items)
