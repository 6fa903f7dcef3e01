"""The smallest part of a history that no order explains.

Operations cannot just be left out: without a write, whoever read it seems wrong. What is left out
instead is an answer: the operation may then have happened or not while it ran, and nobody is held
to what it said. A history that no order explains even so is contradicted by the answers that are
left (decision 0120).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from etalon_conformance.histories.history import Operation
from etalon_conformance.histories.linearizing import (
    STATES_MOST,
    Linearizable,
    NotKnown,
    Remembered,
    Specification,
    Stuck,
    linearized,
)

S = TypeVar("S")
C = TypeVar("C")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Violation(Generic[C, A]):
    """Answers that no order explains; each of them is needed for that.

    Attributes:
        kept: The operations that were answered so, in the order of their invocations.
        aside: The others: the rest contradicts itself whatever they answered, done or not.
        stuck: Where a search through them comes to its end.
    """

    kept: tuple[Operation[C, A], ...]
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
        states: How many states each search looks at before it is given up.
    """
    known = Remembered(specification)
    found = linearized(history, known, states=states)
    return _smallest(history, found, known, states) if isinstance(found, Stuck) else found


def _smallest(
    history: Sequence[Operation[C, A]],
    stuck: Stuck[C, A],
    known: Remembered[S, C, A],
    states: int,
) -> Violation[C, A]:
    end = stuck.operation.returned or stuck.operation.invoked
    # The contradiction was there before anything else was asked.
    recorded = sorted((one for one in history if one.invoked <= end), key=_invoked)
    left = recorded
    # Once round is enough: what an order explains, it explains with fewer answers too. The last
    # asked is left out first, so that what was done stays rather than what tells of it.
    for rank, one in reversed([*enumerate(recorded)]):
        if left[rank].observed is None:
            continue
        without = [*left]
        without[rank] = replace(one, observed=None)
        found = linearized(without, known, states=states)
        if isinstance(found, Stuck):
            left, stuck = without, found
    kept = [one for one, now in zip(recorded, left, strict=True) if now.observed is not None]
    named = {id(one) for one in kept}
    aside = [one for one in sorted(history, key=_invoked) if id(one) not in named]
    before = {id(now): one for one, now in zip(recorded, left, strict=True)}
    order = tuple(before.get(id(one), one) for one in stuck.order)
    return Violation(tuple(kept), tuple(aside), replace(stuck, order=order))


def _invoked(one: Operation[C, A]) -> int:
    return one.invoked
