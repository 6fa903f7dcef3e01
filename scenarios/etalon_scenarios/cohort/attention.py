"""Attention: who decides this evening, found without asking everybody.

The people whose notice left on one day and arrived on one day share an attention that grows every
evening. They are sorted once by threshold; those who decide are the next ones in that order, so an
evening costs as much as the decisions it holds.
"""

from __future__ import annotations

from bisect import bisect_left
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.law import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import People as Numbers


class Intention(IntEnum):
    """What a person decided; of two on one evening, the first in this order is followed."""

    OPPOSE = 0
    ACTIVATE = 1
    ASK_FOR_RECORD = 2


class Sleepers:
    """People of one cohort who wait for one intention, by ascending threshold.

    Attributes:
        next: Lowest threshold left, or `NEVER`.
    """

    __slots__ = ("_asleep", "_people", "_thresholds", "next")

    def __init__(self, people: NDArray[np.int32], thresholds: NDArray[np.int64]) -> None:
        self._people = people
        self._thresholds = np.append(thresholds, NEVER)
        self._asleep = 0
        self.next = int(self._thresholds[0])

    def wake(self, reached: int) -> NDArray[np.int32]:
        """Take those whose threshold has been passed off the list."""
        # A few wake of a few hundred: Python's own search begins sooner than NumPy's.
        before, thresholds = self._asleep, self._thresholds.data
        self._asleep = after = bisect_left(thresholds, reached, before)
        self.next = thresholds[after]
        return self._people[before:after]


Thresholds = tuple["NDArray[np.int32]", "NDArray[np.int64]"]
"""People and the attention at which each decides."""

_NOBODY: Final = (np.empty(0, np.int32), np.empty(0, np.int64))


class Attention:
    """The cohorts of one run: (day the notice left, day it arrived).

    Attributes:
        keep: Keeps those for whom a threshold still holds, of people whose threshold is passed,
            given the day on which their attention began; None where every one holds.
        compiled: Whether a compiled kernel sorts.
    """

    def __init__(self, law: Law, *, compiled: bool = False) -> None:
        self.compiled = compiled
        self.keep: Callable[[Intention, Numbers, Numbers], Numbers] | None = None
        self._law = law
        self._rows: dict[tuple[int, int], int] = {}
        self._shock_day: int | None = None
        self._arriving: dict[tuple[int, int], list[tuple[Intention, Thresholds]]] = {}
        self._sent = np.empty(0, np.int64)
        self._delivered = np.empty(0, np.int64)
        self._reached = np.empty((len(Intention), 0), np.int64)
        self._next = np.empty((len(Intention), 0), np.int64)
        self._sleepers: list[tuple[Sleepers, ...]] = []
        self._oppose = np.array(law.response.oppose_steps, dtype=np.int64)
        self._activate = np.array(law.response.activate_steps, dtype=np.int64)
        self._window_ends = np.array(law.opening.window_ends, dtype=np.int64)

    def await_threshold(
        self, intention: Intention, thresholds: Thresholds, sent: int, delivered: int
    ) -> None:
        """Put people to sleep until the attention of their cohort passes their threshold.

        The cohort may have begun before: its attention is then what it has grown to.
        """
        if len(thresholds[0]):
            self._arriving.setdefault((sent, delivered), []).append((intention, thresholds))

    def start_shock(self, day: int) -> None:
        """Begin the media shock; a second one is not modelled."""
        if self._shock_day is None:
            self._shock_day = day

    def shock_step(self, day: int) -> int:
        """Return what the media add to the attention of opposition on one evening."""
        if self._shock_day is None:
            return 0
        age, steps = day - self._shock_day, self._law.media.steps
        return steps[age] if 0 <= age < len(steps) else 0

    def advance(self, day: int) -> dict[Intention, Numbers]:
        """Advance every cohort by one evening; return who wakes, by intention, in any order."""
        self._settle_arrivals()
        self._grow(day)
        awake: dict[Intention, Numbers] = {}
        for intention in Intention:
            reached, following = self._reached[intention], self._next[intention]
            passed = np.flatnonzero(following < reached)
            woken = [self._sleepers[cohort][intention] for cohort in passed.tolist()]
            parts = [np.empty(0, np.int32), *map(Sleepers.wake, woken, reached[passed].tolist())]
            following[passed] = [sleepers.next for sleepers in woken]
            awake[intention] = np.concatenate(parts).astype(np.int64)
            if self.keep is not None:
                began = np.repeat(self._delivered[passed], [len(part) for part in parts[1:]])
                awake[intention] = self.keep(intention, began, awake[intention])
        return awake

    def _grow(self, day: int) -> None:
        if not len(self._sent):
            return
        if self._law.opt_in:
            self._reached[Intention.ASK_FOR_RECORD] += self._law.opening.opt_in_steps[day]
            return
        age, response = day - self._delivered, self._law.response
        ends = self._window_ends[self._sent]
        surge = (ends - response.surge_days <= day) & (day < ends)
        oppose = self._reached[Intention.OPPOSE]
        oppose += self._oppose[age] + surge * response.surge_step + self.shock_step(day)
        self._reached[Intention.ACTIVATE] += self._activate[age]

    def _in_order(self, parts: list[Thresholds]) -> Thresholds:
        if not parts:
            return _NOBODY
        people, thresholds = parts[0]
        if len(parts) > 1:
            people = np.concatenate([part[0] for part in parts])
            thresholds = np.concatenate([part[1] for part in parts])
        if self.compiled:
            from etalon_scenarios.cohort.compiled import sleeping  # noqa: PLC0415 (Numba, if used)

            return sleeping.in_order(people, thresholds)
        order = np.argsort(thresholds)
        return people[order], thresholds[order]

    def _settle_arrivals(self) -> None:
        """Sort the people of cohorts that began today."""
        if not self._arriving:
            return
        following: list[list[int]] = []
        reached = np.zeros((len(Intention), len(self._arriving)), np.int64)
        for rank, (cohort, parts) in enumerate(self._arriving.items()):
            sleepers = tuple(
                Sleepers(*self._in_order([part for intention, part in parts if intention == wish]))
                for wish in Intention
            )
            row = self._rows.setdefault(cohort, len(self._sleepers))
            if row < len(self._sent):
                reached[:, rank] = self._reached[:, row]
            following.append([group.next for group in sleepers])
            self._sleepers.append(sleepers)
        sent, delivered = np.array(list(self._arriving), dtype=np.int64).T
        self._sent = np.append(self._sent, sent)
        self._delivered = np.append(self._delivered, delivered)
        self._reached = np.append(self._reached, reached, 1)
        self._next = np.append(self._next, np.array(following, dtype=np.int64).T, 1)
        self._arriving.clear()
