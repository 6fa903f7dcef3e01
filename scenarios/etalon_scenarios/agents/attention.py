"""Attention: who decides this evening.

A cohort is the people whose notice left on one day and arrived on one day. Its attention grows
every evening; a person sleeps until it passes their threshold. Institutions advance the
attention, so a media shock or a deadline can change it while people sleep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_scenarios.law import Law


class Intention(IntEnum):
    """What a person decided; of two on one evening, the first in this order is followed."""

    OPPOSE = 0
    ACTIVATE = 1
    ASK_FOR_RECORD = 2


@dataclass(slots=True, eq=False)
class Cohort:
    """People who received their notice together.

    Attributes:
        sent: Day the notice left.
        delivered: Day it arrived.
        reached: Cumulative attention by intention, over 2 ** 32.
        waiting: By intention, heap of (threshold, person).
    """

    sent: int
    delivered: int
    reached: list[int] = field(default_factory=lambda: [0, 0, 0])
    waiting: list[list[tuple[int, int]]] = field(default_factory=lambda: [[], [], []])

    def deciders(self) -> Iterator[tuple[int, Intention, int]]:
        """Yield (person, intention, threshold) as passed, and take them off the list."""
        for intention in Intention:
            heap, reached = self.waiting[intention], self.reached[intention]
            while heap and heap[0][0] < reached:
                passed, person = heappop(heap)
                yield person, intention, passed


class Attention:
    """The cohorts of one run."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._cohorts: dict[tuple[int, int], Cohort] = {}
        # Where each person waits now: what an older entry of a heap says no longer holds.
        self._places: dict[tuple[int, Intention], tuple[int, Cohort]] = {}
        self._shock_day: int | None = None

    def await_threshold(
        self, person: int, intention: Intention, threshold: int, sent: int, delivered: int
    ) -> None:
        """Put a person to sleep until the attention of their cohort passes their threshold."""
        cohort = self._cohorts.get((sent, delivered))
        if cohort is None:
            cohort = self._cohorts[sent, delivered] = Cohort(sent, delivered)
        self._place(person, intention, threshold, cohort)

    def _place(self, person: int, intention: Intention, threshold: int, cohort: Cohort) -> None:
        heappush(cohort.waiting[intention], (threshold, person))
        self._places[person, intention] = (threshold, cohort)

    def forget(self, person: int) -> None:
        """Let nothing that a person waits for ripen any more."""
        for intention in (Intention.OPPOSE, Intention.ACTIVATE):
            self._places.pop((person, intention), None)

    def bring_forward(self, person: int, attention: int) -> None:
        """Lower the thresholds that a person still waits for."""
        for intention in (Intention.OPPOSE, Intention.ACTIVATE):
            place = self._places.get((person, intention))
            if place is not None:
                self._place(person, intention, max(0, place[0] - attention), place[1])

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

    def advance(self, day: int) -> list[tuple[int, Intention]]:
        """Advance every cohort by one evening; return who decides, by person, one each."""
        shock = self.shock_step(day)
        decided: dict[int, Intention] = {}
        for cohort in self._cohorts.values():
            if cohort.delivered <= day:
                self._advance_cohort(cohort, day, shock)
                for person, intention, passed in cohort.deciders():
                    if self._places.get((person, intention)) == (passed, cohort):
                        del self._places[person, intention]
                        decided[person] = min(intention, decided.get(person, intention))
        return sorted(decided.items())

    def _advance_cohort(self, cohort: Cohort, day: int, shock: int) -> None:
        law, age = self._law, day - cohort.delivered
        if law.opt_in:
            cohort.reached[Intention.ASK_FOR_RECORD] += law.opening.opt_in_steps[day]
            return
        response = law.response
        ends = law.opening.window_ends[cohort.sent]
        surge = response.surge_step if ends - response.surge_days <= day < ends else 0
        cohort.reached[Intention.OPPOSE] += response.oppose_steps[age] + surge + shock
        cohort.reached[Intention.ACTIVATE] += response.activate_steps[age]
