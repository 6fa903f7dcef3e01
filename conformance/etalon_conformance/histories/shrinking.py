"""The smallest part of a history that no order explains.

Operations cannot just be left out: without a write, whoever read it seems wrong. What is left out
instead is what is known of them: first what they answered, then whether they happened at all. A
history that no order explains even so is contradicted by what is left (decision 0125).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from etalon_conformance.histories.history import Operation
from etalon_conformance.histories.linearizing import (
    STATES_MOST,
    Demand,
    Linearizable,
    NotKnown,
    Remembered,
    Specification,
    Stuck,
    demands_of,
    linearized,
)

S = TypeVar("S")
C = TypeVar("C")
A = TypeVar("A")

STATES_TO_SHRINK: Final = 200
"""States that a search looks at to do without one operation more, or as many as the contradiction
takes: each that may have happened or not may double them. One that takes more is taken as done."""


@dataclass(frozen=True, slots=True)
class Violation(Generic[C, A]):
    """Answers that no order explains.

    Attributes:
        kept: The operations that contradict one another; without any of them an order is found.
        done: Those taken to have happened while they ran, whatever they answered: that they may
            not have is more than was looked at.
        aside: The others: the contradiction is there whether they happened or not.
        stuck: Where a search through them comes to its end.
    """

    kept: tuple[Operation[C, A], ...]
    done: tuple[Operation[C, A], ...]
    aside: tuple[Operation[C, A], ...]
    stuck: Stuck[C, A]


def checked(
    history: Sequence[Operation[C, A]],
    specification: Specification[S, C, A],
    *,
    states: int = STATES_MOST,
) -> Linearizable[C, A] | Violation[C, A] | NotKnown:
    """Return an order that explains `history`, or the smallest part that none explains.

    Args:
        history: Operations, in any order.
        specification: What would be right if clients came one after the other.
        states: How many states the search looks at before it is given up.
    """
    known = Remembered(specification)
    found = linearized(history, known, states=states)
    if not isinstance(found, Stuck):
        return found
    end = found.operation.returned or found.operation.invoked
    in_order = sorted(history, key=lambda one: one.invoked)
    # The contradiction was there before anything else was asked.
    late = tuple(one for one in in_order if one.invoked > end)
    before = [one for one in in_order if one.invoked <= end]
    return _Shrinking(before, found, known, states).violation(late)


class _Shrinking(Generic[S, C, A]):
    """A history without an order, and what is still demanded of its operations."""

    __slots__ = ("_demands", "_history", "_known", "_needed", "_states", "_stuck")

    def __init__(
        self,
        history: Sequence[Operation[C, A]],
        stuck: Stuck[C, A],
        known: Remembered[S, C, A],
        states: int,
    ) -> None:
        self._history = history
        self._demands = demands_of(history)
        self._known = known
        self._states = states
        self._stuck = stuck
        self._needed: set[int] = set()

    def violation(self, late: tuple[Operation[C, A], ...]) -> Violation[C, A]:
        """Demand less and less; `late` are those asked when the contradiction was there."""
        # Once round is enough each time: what an order explains, it explains with less demanded.
        # The last asked goes first, so that what was done stays rather than what tells of it.
        ranks = [rank for rank, demand in enumerate(self._demands) if demand][::-1]
        for rank in ranks:
            self._lower(rank, Demand.DONE, self._states)
        most = max(self._stuck.states, STATES_TO_SHRINK)
        for rank in ranks:
            if self._demands[rank] is Demand.DONE:
                self._lower(rank, Demand.NOTHING, most)
        done = {rank for rank in ranks if self._demands[rank] is Demand.DONE} - self._needed
        aside = {*range(len(self._history))} - self._needed - done
        kept = self._of(self._needed)
        return Violation(kept, self._of(done), (*self._of(aside), *late), self._stuck)

    def _lower(self, rank: int, demand: Demand, states: int) -> None:
        """Demand no more than that of an operation, if there still is no order."""
        demands = [*self._demands]
        demands[rank] = demand
        found = linearized(self._history, self._known, states=states, demands=demands)
        if isinstance(found, Stuck):
            self._demands, self._stuck = demands, found
        elif demand is Demand.DONE or isinstance(found, Linearizable):
            self._needed.add(rank)

    def _of(self, ranks: set[int]) -> tuple[Operation[C, A], ...]:
        return tuple(self._history[rank] for rank in sorted(ranks))
