"""Test people dealt out to the people of a plan: the same however many workers there are.

Whoever arrives in a plan is a number; the test person they are is settled before the run, from the
plan alone. Where a journey leaves its person changed, each arrival has one of its own; elsewhere a
number stays the same person all through the run. Since a number stays with one worker, so do test
people.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from etalon_load.arrivals import Arrival, worker_of
from etalon_load.people.credential import Credential
from etalon_load.people.wanted import kinds_wanted


class PoolDry(LookupError):  # noqa: N818 (what happened to a run, not a fault of the program)
    """Nobody is left of a kind that a journey wants: the run is invalid.

    Attributes:
        wanted: The kind.
        person: Number of who arrived.
    """

    def __init__(self, wanted: str, person: int) -> None:
        """Keep both."""
        super().__init__(f"no test person {wanted!r} is left for arrival of person {person}")
        self.wanted = wanted
        self.person = person


def demand(arrivals: Iterable[Arrival], wanted_of: Mapping[str, str]) -> dict[str, int]:
    """Return how many test people of each kind a plan needs.

    Args:
        arrivals: All of the plan, in their order.
        wanted_of: The kind wanted, by journey; journeys left out want nobody.
    """
    needed: Counter[str] = Counter()
    for _, wanted, rank in _dealt(arrivals, wanted_of):
        needed[wanted] = max(needed[wanted], rank + 1)
    return dict(needed)


def shared_out(
    count: int, mix: Mapping[str, float], wanted_of: Mapping[str, str]
) -> dict[str, int]:
    """Return how many of each kind so many people are, as a mix of journeys wants them.

    Each kind has one at least, so that every journey of the mix finds somebody.

    Args:
        count: How many people in all, at least one of each kind.
        mix: Share of each journey.
        wanted_of: The kind wanted, by journey.

    Raises:
        ValueError: There are fewer people than kinds.
    """
    shares: dict[str, float] = {}
    for journey, share in mix.items():
        if share > 0 and journey in wanted_of:
            wanted = wanted_of[journey]
            shares[wanted] = shares.get(wanted, 0.0) + share
    if count < len(shares):
        message = f"{count} people: there are {len(shares)} kinds of them, and each needs one"
        raise ValueError(message)
    whole, rest = sum(shares.values()), count - len(shares)
    exact = {wanted: share / whole * rest for wanted, share in sorted(shares.items())}
    made = {wanted: 1 + int(part) for wanted, part in exact.items()}
    by_remainder = sorted(exact, key=lambda wanted: int(exact[wanted]) - exact[wanted])
    for wanted in by_remainder[: count - sum(made.values())]:
        made[wanted] += 1
    return made


class Pool:
    """The test people of one worker."""

    def __init__(
        self,
        people: Iterable[Credential],
        arrivals: Iterable[Arrival],
        wanted_of: Mapping[str, str],
        worker: int = 0,
        workers: int = 1,
    ) -> None:
        """Deal out the people of a run, and keep those of one worker.

        Args:
            people: Everybody there is, in the order of their file.
            arrivals: All of the plan, in their order.
            wanted_of: The kind wanted, by journey.
            worker: Rank of the worker, from 0.
            workers: How many there are.
        """
        by_kind: dict[str, list[Credential]] = {}
        for one in people:
            by_kind.setdefault(one.wanted, []).append(one)
        self._held: dict[tuple[int, str], deque[Credential]] = {}
        for person, wanted, rank in _dealt(arrivals, wanted_of):
            alike = by_kind.get(wanted, _NOBODY)
            if worker_of(person, workers) == worker and rank < len(alike):
                self._held.setdefault((person, wanted), deque()).append(alike[rank])

    def take(self, person: int, wanted: str) -> Credential:
        """Return who somebody of the plan is in a journey that wants a kind of person.

        Raises:
            PoolDry: Nobody is left.
        """
        held = self._held.get((person, wanted))
        if not held:
            raise PoolDry(wanted, person)
        return held.popleft() if kinds_wanted()[wanted].once else held[0]

    def __iter__(self) -> Iterator[Credential]:
        """Yield everybody who is still held, by arrival."""
        for held in self._held.values():
            yield from held


_NOBODY: Final[list[Credential]] = []


def _dealt(
    arrivals: Iterable[Arrival], wanted_of: Mapping[str, str]
) -> Iterator[tuple[int, str, int]]:
    """Yield person, kind wanted and rank of the test person, each time one is dealt out."""
    kinds = kinds_wanted()
    ranks: Counter[str] = Counter()
    known: set[tuple[int, str]] = set()
    for _, journey, person in arrivals:
        wanted = wanted_of.get(journey)
        if wanted is None or (person, wanted) in known:
            continue
        if not kinds[wanted].once:
            known.add((person, wanted))
        yield person, wanted, ranks[wanted]
        ranks[wanted] += 1
