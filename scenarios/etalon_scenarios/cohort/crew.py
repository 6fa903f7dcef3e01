"""Processes that share a run: each looks after people of its own, and all live the same days.

People are dealt out in turn by stretches of neighbours. Every process goes through the whole of
each day for its own people and keeps what follows from it; where people stand is memory that all
see. What an institution must know of everybody, a queue or a quota, the processes tell each other.
Threads would not do: calls of NumPy are so short that two of them hand the interpreter's lock to
each other more often than they work.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np

from etalon_scenarios.cohort.freed_memory import keep_freed_memory
from etalon_scenarios.cohort.shared_memory import SharedMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from numpy.typing import NDArray

    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

    Lines = Sequence[tuple["Connection[Any, Any]", "Connection[Any, Any]"]]

Value = TypeVar("Value")
Scalar = TypeVar("Scalar", bound=np.generic)

CHUNK: Final = 1 << 17
"""Neighbours that belong to one process, unless told otherwise; worked on at a time."""

PART: Final = 1 << 15
"""People who act that are worked on at a time: there are fewer of them than of notices."""

MOST_PROCESSES: Final = 4
WORTH_SHARING: Final = 5_000_000
"""People from which a second process gains more than it costs."""

EVERYBODY: Final = (1 << 63) - 1
"""Last number served where there are places for all."""


class CrewError(RuntimeError):
    """A process of the crew failed; the message holds its traceback: a fault of ours."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a process that failed sends in place of an answer."""

    trace: str


def processes_for(asked: int | None, people: int) -> int:
    """Return how many processes share a run.

    Args:
        asked: How many, or None for one a processor, `MOST_PROCESSES` at most, where they pay.
        people: Residents at the start.

    Raises:
        ValueError: Fewer than one.
    """
    if asked is not None and asked < 1:
        message = f"{asked} processes: at least 1"
        raise ValueError(message)
    if sys.platform != "linux":  # elsewhere a copy of a process may not go on, or does not exist
        return 1
    if asked is not None:
        return asked
    # A copy of a process has but the thread that made it: what others held stays locked.
    alone = threading.active_count() == 1 and not multiprocessing.current_process().daemon
    pays = people >= WORTH_SHARING and alone
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0))) if pays else 1


class Crew:
    """The processes of one run, seen from one of them; how many there are changes no result.

    Attributes:
        size: Processes at work.
        rank: Of this one; the first alone writes the ledger and talks to who asked for the run.
        chunk: Neighbours that belong to one process.
    """

    def __init__(self, size: int, chunk: int) -> None:
        """Plan the work; `together` begins it.

        Args:
            size: Processes at work.
            chunk: Neighbours that belong to one process.

        Raises:
            ValueError: Fewer than one process or one person.
        """
        if size < 1 or chunk < 1:
            message = f"{size} processes, stretches of {chunk} people: at least 1 of each"
            raise ValueError(message)
        self.size, self.rank, self.chunk = size, 0, chunk
        self._lines: list[Connection[Any, Any]] = []
        self._rooms: list[SharedMemory] = []
        keep_freed_memory()

    def room(self, count: int, kind: type[Scalar], certain: int = 0) -> NDArray[Scalar]:
        """Return zeros that every process of the crew sees and may write.

        Args:
            count: How many; those never touched take no memory.
            kind: Type of each.
            certain: How many at the beginning are sure to be used.
        """
        if self.size == 1:
            return np.zeros(count, kind)
        width = np.dtype(kind).itemsize
        self._rooms.append(SharedMemory(count * width, certain * width))
        return np.frombuffer(self._rooms[-1].memory, kind, count)

    def together(self, live: Callable[[], Value]) -> Value:
        """Let every process of the crew live the same days; return what the first found.

        Raises:
            CrewError: Another process failed.
        """
        if self.size == 1:
            return live()
        context = multiprocessing.get_context("fork")
        lines = [context.Pipe() for _ in range(1, self.size)]
        others = [
            context.Process(target=self._follow, args=(rank, lines, live), daemon=True)
            for rank in range(1, self.size)
        ]
        with warnings.catch_warnings():
            # Python 3.12 warns of other threads; `processes_for` takes care unless told otherwise.
            warnings.simplefilter("ignore", DeprecationWarning)
            for other in others:
                other.start()
        self._lines = [ours for ours, _ in lines]
        for _, theirs in lines:
            theirs.close()
        try:
            self._move_in()
            return live()
        finally:
            for line in self._lines:
                line.close()
            for other in others:
                other.join()

    def _follow(self, rank: int, lines: Lines, live: Callable[[], object]) -> None:
        """Live the same days as another process of the crew; leave when the first has left."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for other, (ours, theirs) in enumerate(lines, start=1):
            ours.close()
            if other != rank:
                theirs.close()
        self.rank, self._lines = rank, [lines[rank - 1][1]]
        try:
            self._move_in()
            live()
        except (EOFError, ConnectionError):
            return
        except BaseException:  # noqa: BLE001 (the first process raises it)
            self._lines[0].send(_Failure(traceback.format_exc()))

    def _move_in(self) -> None:
        """Prepare this process's part of the memory that all see."""
        for room in self._rooms:
            room.gather_pages(self.rank, self.size)

    def gather(self, value: Value) -> list[Value]:
        """Return the value of every process, by rank; each waits for all others."""
        if self.size == 1:
            return [value]
        if self.rank:
            self._lines[0].send(value)
            told = cast("list[Value]", self._lines[0].recv())
            told[self.rank] = value
            return told
        found: list[Value] = [value, *self.hear()]
        for rank, line in enumerate(self._lines, start=1):
            line.send([None if rank == other else one for other, one in enumerate(found)])
        return found

    def meet(self) -> None:
        """Wait until every process has come here."""
        self.gather(None)

    def report(self, value: object) -> None:
        """Tell the first process something, without waiting: it must `hear` it."""
        self._lines[0].send(value)

    def hear(self) -> Iterator[Any]:
        """Yield, to the first process, what each of the others reports; nothing to these.

        Raises:
            CrewError: One of them failed.
        """
        for line in () if self.rank else self._lines:
            try:
                found = line.recv()
            except (EOFError, ConnectionError):
                message = "a process of the run was ended from outside"
                raise CrewError(message) from None
            if isinstance(found, _Failure):
                raise CrewError(found.trace)
            yield found

    def join(self, *columns: Numbers) -> tuple[list[Numbers], slice]:
        """Return the columns of every process, one after the other, and where those of this are."""
        if self.size == 1:
            return list(columns), slice(0, len(columns[0]))
        parts = self.gather(columns)
        before = sum(len(part[0]) for part in parts[: self.rank])
        together = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return together, slice(before, before + len(columns[0]))

    def entrust(self, work: Callable[..., Numbers], *columns: Numbers) -> Numbers:
        """Let the first process alone work on what all have; return what it finds for this one.

        Args:
            work: Takes the columns of every process, one after the other; finds a value a line.
            columns: Those of this process.
        """
        if self.size == 1:
            return work(*columns)
        if self.rank:
            self._lines[0].send(columns)
            return cast("Numbers", self._lines[0].recv())
        parts = [columns, *self.hear()]
        found = work(*map(np.concatenate, zip(*parts, strict=True)))
        stops = np.cumsum([len(part[0]) for part in parts])
        own, *others = np.split(found, stops[:-1])
        for line, other in zip(self._lines, others, strict=True):
            line.send(other)
        return own

    def ration(self, numbers: Numbers, places: int) -> tuple[int, int]:
        """Give places to the numbers of every process, the lowest first.

        Args:
            numbers: Those of this process, ascending.
            places: How many there are, at least one.

        Returns:
            The places left, and the last number served, or `EVERYBODY` while places are left.
        """
        largest = int(numbers[-1]) if len(numbers) else 0
        told = self.gather((len(numbers), largest))
        asking = sum(number for number, _ in told)
        if asking < places:
            return places - asking, EVERYBODY
        # Counts of neighbours show among whom the last one served is.
        edges: Numbers = np.arange(0, max(most for _, most in told) + CHUNK + 1, CHUNK)
        counts: Numbers = np.diff(numbers.searchsorted(edges))
        reached: Numbers = np.cumsum(np.sum(self.gather(counts), axis=0))
        block = int(reached.searchsorted(places))
        before = int(reached[block - 1]) if block else 0
        within = slice(*numbers.searchsorted(edges[block : block + 2]).tolist())
        (some,), _ = self.join(numbers[within])
        # Each process gave an ascending part: a sort that looks for runs takes a tenth.
        return 0, int(np.sort(some, kind="stable")[places - before - 1])

    def owns(self, person: int) -> bool:
        """Tell whether somebody belongs to this process."""
        return person // self.chunk % self.size == self.rank

    def own(self, persons: Numbers) -> Numbers:
        """Return which people belong to this process."""
        if self.size == 1:
            return persons
        mine: Mask = persons // self.chunk % self.size == self.rank
        return persons[mine]

    def spans(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the stretches of this process, of a range of people."""
        begun = first // self.chunk * self.chunk if first < last else last
        return [
            (max(start, first), min(start + self.chunk, last))
            for start in range(begun, last, self.chunk)
            if self.owns(start)
        ]

    def parts(self, number: int, step: int = PART) -> list[tuple[int, int]]:
        """Part so many people of this process, to be worked on one part after the other."""
        step = min(self.chunk, step)
        return [(start, min(start + step, number)) for start in range(0, number, step)]
