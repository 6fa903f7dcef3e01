"""Attention: who decides this evening, found without asking everybody.

The people whose notice left on one day and arrived on one day share an attention that grows every
evening. They are sorted once by threshold; those who decide are the next ones in that order, so an
evening costs as much as the decisions it holds.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.ordering import ascending
from etalon_scenarios.law import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import People as Numbers


COHORT_SHIFT: Final = 40
HIGHEST: Final = (1 << COHORT_SHIFT) - 1
"""An attention that nothing reaches: 255 times what a notice leads to."""


_NO_COHORTS: Final = np.empty(0, np.int64)


class Intention(IntEnum):
    """What a person decided; of two on one evening, the first in this order is followed."""

    OPPOSE = 0
    ACTIVATE = 1
    ASK_FOR_RECORD = 2


class Sleepers:
    """People who wait for one intention: cohort after cohort, each by ascending threshold.

    A word holds the rank of the cohort above a threshold, so that words ascend throughout and one
    search finds where the sleepers of every cohort now begin.

    Attributes:
        next: By cohort, the lowest threshold left, or `NEVER`.
    """

    __slots__ = ("_begins", "_ends", "_filled", "_people", "_words", "next")

    def __init__(self) -> None:
        self._people = np.empty(0, np.int32)
        self._words = np.empty(0, np.int64)
        self._filled = 0
        self._begins = np.empty(0, np.int64)
        self._ends = np.empty(0, np.int64)
        self.next = np.empty(0, np.int64)

    def add(self, cohorts: Sequence[Thresholds]) -> None:
        """Put cohorts to sleep, each in order."""
        ends = self._filled + np.cumsum([len(people) for people, _ in cohorts])
        begins = np.concatenate([[self._filled], ends[:-1]])
        self._make_room(int(ends[-1]))
        first = len(self.next)
        for rank, (people, thresholds) in enumerate(cohorts):
            within = slice(int(begins[rank]), int(ends[rank]))
            self._people[within] = people
            np.minimum(thresholds, HIGHEST, out=self._words[within])
            self._words[within] += (first + rank) << COHORT_SHIFT
        self._filled = int(ends[-1])
        self._begins, self._ends = np.append(self._begins, begins), np.append(self._ends, ends)
        self.next = np.append(self.next, self._lowest(begins, ends))

    def wake(self, reached: Numbers) -> tuple[Numbers, list[NDArray[np.int32]]]:
        """Take those whose threshold has been passed off the list.

        Args:
            reached: By cohort, the attention reached.

        Returns:
            The cohorts in which somebody wakes, and who, in each of them.
        """
        if not self._filled:
            return _NO_COHORTS, []
        cohorts = (self.next < reached).nonzero()[0]
        limits = np.minimum(reached[cohorts], HIGHEST) + (cohorts << COHORT_SHIFT)
        stops = np.searchsorted(self._words[: self._filled], limits)
        spans = zip(self._begins[cohorts].tolist(), stops.tolist(), strict=True)
        awake = [self._people[begin:stop] for begin, stop in spans]
        self._begins[cohorts] = stops
        self.next[cohorts] = self._lowest(stops, self._ends[cohorts])
        return cohorts, awake

    def _lowest(self, begins: Numbers, ends: Numbers) -> Numbers:
        """Return the lowest threshold between some places each, `NEVER` where there is none."""
        found = np.full(len(begins), NEVER)
        left = (begins < ends).nonzero()[0]
        found[left] = self._words[begins[left]] & HIGHEST
        return found

    def _make_room(self, number: int) -> None:
        if number <= len(self._words):
            return
        room = 2 * number
        for name in ("_people", "_words"):
            before = getattr(self, name)
            after = np.zeros(room, before.dtype)
            after[: self._filled] = before[: self._filled]
            setattr(self, name, after)


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
        self._sleepers = tuple(Sleepers() for _ in Intention)
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
        """Advance every cohort by one evening; return who wakes, by intention, by number."""
        self._settle_arrivals()
        self._grow(day)
        awake: dict[Intention, Numbers] = {}
        for intention in Intention:
            cohorts, parts = self._sleepers[intention].wake(self._reached[intention])
            if not parts:
                awake[intention] = _NO_COHORTS
                continue
            persons = np.concatenate(parts)
            if self.keep is None:
                awake[intention] = self._by_number(persons).astype(np.int64)
            else:
                began = np.repeat(self._delivered[cohorts], [len(part) for part in parts])
                awake[intention] = self.keep(intention, began, persons.astype(np.int64))
        return awake

    def _by_number(self, persons: NDArray[np.int32]) -> NDArray[np.int32]:
        if self.compiled:
            from etalon_scenarios.cohort.compiled import sleeping  # noqa: PLC0415 (Numba, if used)

            return sleeping.by_number(persons)
        return np.sort(persons)

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
        order = ascending(thresholds)
        return people[order], thresholds[order]

    def _settle_arrivals(self) -> None:
        """Sort the people of cohorts that began today."""
        if not self._arriving:
            return
        reached = np.zeros((len(Intention), len(self._arriving)), np.int64)
        for rank, cohort in enumerate(self._arriving):
            row = self._rows.setdefault(cohort, len(self._sent) + rank)
            if row < len(self._sent):
                reached[:, rank] = self._reached[:, row]
        for wish in Intention:
            arriving = self._arriving.values()
            wishing = (
                [part for intention, part in parts if intention == wish] for parts in arriving
            )
            self._sleepers[wish].add([self._in_order(parts) for parts in wishing])
        sent, delivered = np.array(list(self._arriving), dtype=np.int64).T
        self._sent = np.append(self._sent, sent)
        self._delivered = np.append(self._delivered, delivered)
        self._reached = np.append(self._reached, reached, 1)
        self._arriving.clear()
