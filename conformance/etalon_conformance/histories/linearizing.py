"""Whether one order of the operations of a history explains every answer.

The search is that of Wing and Gong (1993), with what Lowe (2017) adds: an operation takes its place
no sooner than an answer asks for it, and no state is looked at twice with the same operations done.
An operation takes effect at one instant between its invocation and its return; instants that are
equal count as overlapping, so that a coarse clock accuses nobody.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Generic, Protocol, TypeVar

from etalon_conformance.histories.history import Operation

S = TypeVar("S")
C = TypeVar("C")
A = TypeVar("A")
C_contra = TypeVar("C_contra", contravariant=True)

STATES_MOST: Final = 20_000
"""States that one search looks at unless told."""


class Specification(Protocol[S, C_contra, A]):
    """What one client after the other would be answered."""

    def starts(self) -> Iterable[S]:
        """Return the states before the history: several when texts are read in several ways."""
        ...

    def steps(self, state: S, asked: C_contra) -> Iterable[tuple[A, S]]:
        """Return each answer that is right, with the state it leads to; `state` stays as it is."""
        ...

    def key(self, state: S) -> Hashable:
        """Return what two states share only when nothing that is asked tells them apart."""
        ...

    def agrees(self, observed: A, allowed: A) -> bool:
        """Whether what a client was answered is an answer that is right."""
        ...


class Demand(IntEnum):
    """What an order has to say of an operation."""

    NOTHING = 0
    """It may have happened or not."""
    DONE = 1
    """It happened while it ran, whatever it was answered."""
    ANSWERED = 2
    """It happened while it ran, and was answered so."""


@dataclass(frozen=True, slots=True)
class Linearizable(Generic[C, A]):
    """An order explains every answer.

    Attributes:
        order: It, with those operations without an answer that it needs.
    """

    order: tuple[Operation[C, A], ...]


@dataclass(frozen=True, slots=True)
class Stuck(Generic[C, A]):
    """No order explains every answer.

    Attributes:
        operation: The first to return whose answer no order explains, with those of the operations
            before and beside it.
        order: An order that explains what returned before it.
        allowed: What it might have been answered in one of those orders, each once.
        states: How many states were looked at.
    """

    operation: Operation[C, A]
    order: tuple[Operation[C, A], ...]
    allowed: tuple[A, ...]
    states: int


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The search was given up: no verdict.

    Attributes:
        states: How many states it had looked at.
    """

    states: int


@dataclass(frozen=True, slots=True)
class _Step(Generic[S, A]):
    answer: A | None
    state: S
    key: Hashable


class Remembered(Generic[S, C, A]):
    """A specification whose steps are worked out once, for all the searches in one history."""

    __slots__ = ("_known", "_specification", "agrees")

    def __init__(self, specification: Specification[S, C, A]) -> None:
        """Remember nothing yet."""
        self._specification = specification
        self._known: dict[tuple[Hashable, int], tuple[Operation[C, A], list[_Step[S, A]]]] = {}
        self.agrees = specification.agrees

    def starts(self) -> list[_Step[S, A]]:
        """Return the states before the history."""
        keyed = self._specification.key
        return [_Step(None, state, keyed(state)) for state in self._specification.starts()]

    def steps(self, before: _Step[S, A], operation: Operation[C, A]) -> list[_Step[S, A]]:
        """Return each answer that is right after `before`."""
        place = (before.key, id(operation.asked))
        known = self._known.get(place)
        if known is None:
            found = self._specification.steps(before.state, operation.asked)
            steps = [_Step(answer, state, self._key(before, state)) for answer, state in found]
            # The operation is kept with them: while it lives no other has its identity.
            known = self._known[place] = (operation, steps)
        return known[1]

    def _key(self, before: _Step[S, A], state: S) -> Hashable:
        return before.key if state is before.state else self._specification.key(state)


@dataclass(frozen=True, slots=True)
class _Done:
    """The last operation of an order, and those before."""

    rank: int
    before: "_Done | None"


@dataclass(frozen=True, slots=True)
class _Standing(Generic[S, A]):
    """How far a search has come: the event it waits at, who took their place early, the state."""

    event: int
    early: int
    step: _Step[S, A]
    done: _Done | None


@dataclass(frozen=True, slots=True)
class _Event:
    """An operation returned.

    Attributes:
        rank: Which one.
        pending: Those invoked by then that had not returned before, itself among them, as bits.
        is_due: It has to have happened by then.
    """

    rank: int
    pending: int
    is_due: bool


def linearized(
    history: Sequence[Operation[C, A]],
    specification: Specification[S, C, A] | Remembered[S, C, A],
    *,
    states: int = STATES_MOST,
    demands: Sequence[Demand] | None = None,
) -> Linearizable[C, A] | Stuck[C, A] | NotKnown:
    """Look for an order that explains every answer of `history`.

    Args:
        history: Operations, in any order.
        specification: What would be right if clients came one after the other.
        states: How many states are looked at before the search is given up.
        demands: What the order has to say of each operation, instead of all that is known.
    """
    known = specification if isinstance(specification, Remembered) else Remembered(specification)
    return _Search(history, demands or demands_of(history), known, states).run()


def demands_of(history: Iterable[Operation[C, A]]) -> list[Demand]:
    """Return, for each operation, that its answer be explained where it is known."""
    return [Demand.NOTHING if one.observed is None else Demand.ANSWERED for one in history]


class _Search(Generic[S, C, A]):
    """One search, depth first, without recursion."""

    __slots__ = (
        "_allowed",
        "_demands",
        "_events",
        "_furthest",
        "_history",
        "_known",
        "_looked",
        "_most",
    )

    def __init__(
        self,
        history: Sequence[Operation[C, A]],
        demands: Sequence[Demand],
        known: Remembered[S, C, A],
        most: int,
    ) -> None:
        self._history = history
        self._demands = demands
        self._known = known
        self._most = most
        self._events = _events(history, demands)
        self._looked: set[tuple[int, int, Hashable]] = set()
        self._furthest: _Standing[S, A] | None = None
        self._allowed: list[A] = []

    def run(self) -> Linearizable[C, A] | Stuck[C, A] | NotKnown:
        """Search until an order is found, none is left, or too many states were looked at."""
        ways: list[Iterator[_Standing[S, A]]] = [
            iter([_Standing(0, 0, start, None) for start in self._known.starts()])
        ]
        while ways:
            standing = next(ways[-1], None)
            if standing is None:
                ways.pop()
                continue
            standing = self._waited(standing)
            if standing.event == len(self._events):
                return Linearizable(self._order(standing.done))
            place = (standing.event, standing.early, standing.step.key)
            if place in self._looked:
                continue
            if len(self._looked) == self._most:
                return NotKnown(self._most)
            self._looked.add(place)
            self._note(standing)
            ways.append(self._next(standing))
        return self._stuck()

    def _waited(self, standing: _Standing[S, A]) -> _Standing[S, A]:
        """Let the operations return that took their place already."""
        event, early = standing.event, standing.early
        while event < len(self._events) and early >> self._events[event].rank & 1:
            early &= ~(1 << self._events[event].rank)
            event += 1
        return _Standing(event, early, standing.step, standing.done)

    def _next(self, standing: _Standing[S, A]) -> Iterator[_Standing[S, A]]:
        """Yield where each operation that may come next leads, the one that returns first."""
        event = self._events[standing.event]
        if not event.is_due:
            yield replace(standing, event=standing.event + 1)
        open_ranks = event.pending & ~standing.early
        others = [rank for rank in range(len(self._history)) if open_ranks >> rank & 1]
        others.remove(event.rank)
        for rank in (event.rank, *others):
            operation = self._history[rank]
            for step in self._known.steps(standing.step, operation):
                if rank == event.rank:
                    self._allow(standing.event, step.answer)
                if self._suits(rank, standing.step, step):
                    done = _Done(rank, standing.done)
                    yield _Standing(standing.event, standing.early | 1 << rank, step, done)

    def _suits(self, rank: int, before: _Step[S, A], after: _Step[S, A]) -> bool:
        observed, demand = self._history[rank].observed, self._demands[rank]
        if demand is Demand.NOTHING:
            # What changes nothing and answers nobody may as well never have happened.
            return after.key != before.key
        if demand is Demand.DONE or observed is None or after.answer is None:
            return True
        return self._known.agrees(observed, after.answer)

    def _note(self, standing: _Standing[S, A]) -> None:
        if self._furthest is None or standing.event > self._furthest.event:
            self._furthest = standing
            self._allowed = []

    def _allow(self, event: int, answer: A | None) -> None:
        at_the_furthest = self._furthest is not None and event == self._furthest.event
        if at_the_furthest and answer is not None and answer not in self._allowed:
            self._allowed.append(answer)

    def _stuck(self) -> Stuck[C, A]:
        if self._furthest is None:
            message = "a specification has to start somewhere"
            raise ValueError(message)
        rank = self._events[self._furthest.event].rank
        order = self._order(self._furthest.done)
        return Stuck(self._history[rank], order, tuple(self._allowed), len(self._looked))

    def _order(self, done: _Done | None) -> tuple[Operation[C, A], ...]:
        ranks: list[int] = []
        while done is not None:
            ranks.append(done.rank)
            done = done.before
        return tuple(self._history[rank] for rank in reversed(ranks))


def _events(history: Sequence[Operation[C, A]], demands: Sequence[Demand]) -> list[_Event]:
    """Return the returns of a history in their order, up to the last answer to explain."""
    instants = [
        (instant, is_return, rank)
        for rank, one in enumerate(history)
        for is_return, instant in ((False, one.invoked), (True, one.returned))
        if instant is not None
    ]
    pending = 0
    events: list[_Event] = []
    for _, is_return, rank in sorted(instants):
        if is_return:
            events.append(_Event(rank, pending, demands[rank] is not Demand.NOTHING))
            pending &= ~(1 << rank)
        else:
            pending |= 1 << rank
    while events and demands[events[-1].rank] is not Demand.ANSWERED:
        events.pop()
    return events
