"""Who arrives when: planned before the run, dealt out to workers, the same whatever their number.

An arrival is an instant, the kind of journey and a person. A plan is drawn whole from its seed, or
read from the arrivals of a simulation; workers take the arrivals of their people, so that a person
stays with one worker and the plan does not depend on how many there are.

Sources: B. Schroeder, A. Wierman, M. Harchol-Balter, "Open versus closed" (NSDI 2006), for journeys
that arrive openly; the change of time for a Poisson process whose rate varies.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from etalon_load.rates import Rate

MICROSECONDS: Final = 1_000_000
_MIXER: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1


class Arrival(NamedTuple):
    """One arrival.

    Attributes:
        at_microsecond: When, from the start of the run.
        kind: Which journey.
        person: Who, by number.
    """

    at_microsecond: int
    kind: str
    person: int


class ArrivalsError(ValueError):
    """Arrivals that are none, or a mix of journeys that is none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The arrivals of a run, in their order.

    Attributes:
        arrivals: All of them, by instant, then person.
        seconds: How long the run lasts.
    """

    arrivals: tuple[Arrival, ...]
    seconds: float

    @property
    def digest(self) -> str:
        """A digest (SHA-256) of the arrivals: two runs of one digest may be compared."""
        written = hashlib.sha256()
        for at, kind, person in self.arrivals:
            written.update(f"{at};{kind};{person}\n".encode())
        return written.hexdigest()

    def of_worker(self, worker: int, workers: int) -> Iterator[Arrival]:
        """Yield the arrivals of one worker, in their order.

        Args:
            worker: Its rank, from 0.
            workers: How many there are.
        """
        return (one for one in self.arrivals if worker_of(one.person, workers) == worker)

    def by_second(self) -> tuple[int, ...]:
        """Return how many arrivals each second of the run has."""
        counts = [0] * max(1, -int(-self.seconds // 1))
        for arrival in self.arrivals:
            counts[min(arrival.at_microsecond // MICROSECONDS, len(counts) - 1)] += 1
        return tuple(counts)


def worker_of(person: int, workers: int) -> int:
    """Return the rank of the worker whom a person stays with."""
    mixed = (person + 1) * _MIXER & _WORD
    return (mixed >> 32) % workers


def regular(rate: Rate) -> list[int]:
    """Return instants (µs) as even as the rate allows: the middle of each arrival's share."""
    expected = int(rate.expected + 0.5)
    return [_microsecond(rate.time_of(rank + 0.5)) for rank in range(expected)]


def poisson(rate: Rate, seed: int) -> list[int]:
    """Return the instants (µs) of a Poisson process of that rate."""
    chance = random.Random(f"arrivals/{seed}")  # noqa: S311 (arrivals are no secret)
    instants: list[int] = []
    area = chance.expovariate(1.0)
    while area < rate.expected:
        instants.append(_microsecond(rate.time_of(area)))
        area += chance.expovariate(1.0)
    return instants


def _microsecond(second: float) -> int:
    return int(second * MICROSECONDS)


def planned(
    instants: Sequence[int], mix: Mapping[str, float], people: int, seconds: float, seed: int
) -> Plan:
    """Return the plan of arrivals at some instants.

    Args:
        instants: When somebody arrives (µs from the start), ascending.
        mix: How much of the arrivals each journey has, in any unit.
        people: How many people there are; each comes in turn, in an order drawn from the seed.
        seconds: How long the run lasts.
        seed: What chance starts from.

    Raises:
        ArrivalsError: No journey has a share, or there is nobody.
    """
    if not mix or not all(weight >= 0 for weight in mix.values()) or not sum(mix.values()) > 0:
        message = f"a mix of journeys gives at least one a share above 0, not {dict(mix)}"
        raise ArrivalsError(message)
    if people < 1:
        message = f"{people} people: at least one has to arrive"
        raise ArrivalsError(message)
    pick = _picker(mix, random.Random(f"journeys/{seed}"))  # noqa: S311 (no secret)
    order = _in_turn(people, seed)
    made = sorted(Arrival(at, pick(), next(order)) for at in instants)
    return Plan(tuple(made), seconds)


def _picker(mix: Mapping[str, float], chance: random.Random) -> Callable[[], str]:
    kinds = sorted(kind for kind in mix if mix[kind] > 0)
    weights = list(accumulate(mix[kind] for kind in kinds))
    return lambda: chance.choices(kinds, cum_weights=weights)[0]


def _in_turn(people: int, seed: int) -> Iterator[int]:
    """Yield everybody once before anybody comes again, each round in another order."""
    chance = random.Random(f"people/{seed}")  # noqa: S311 (no secret)
    everybody = list(range(people))
    while True:
        chance.shuffle(everybody)
        yield from everybody


def recorded(rows: Sequence[Arrival], first: int, seconds: float) -> Plan:
    """Return the plan of arrivals that a simulation wrote, a window of them.

    Args:
        rows: Its arrivals, instants counted from its own start.
        first: Where the window begins (µs from the start of the simulation).
        seconds: How long it lasts.

    Raises:
        ArrivalsError: Nobody arrives in the window.
    """
    last = first + _microsecond(seconds)
    kept = sorted(
        Arrival(at - first, kind, person) for at, kind, person in rows if first <= at < last
    )
    if not kept:
        message = f"nobody arrives between {first} and {last} µs: name another window"
        raise ArrivalsError(message)
    return Plan(tuple(kept), seconds)


def thinned(plan: Plan, peak: float, seed: int) -> Plan:
    """Return a plan whose busiest second has about `peak` arrivals, each kept by chance.

    A plan that is quieter already is returned as it is: arrivals are never made up.
    """
    busiest = max(plan.by_second())
    if busiest <= peak:
        return plan
    share = peak / busiest
    chance = random.Random(f"thinning/{seed}")  # noqa: S311 (no secret)
    kept = tuple(one for one in plan.arrivals if chance.random() < share)
    return Plan(kept, plan.seconds)


def compressed(plan: Plan, factor: float) -> Plan:
    """Return a plan that goes by so many times faster, with the same arrivals.

    Args:
        plan: As it was.
        factor: At least 1.

    Raises:
        ArrivalsError: Time would stand still, or go slower.
    """
    if not factor >= 1:
        message = f"time goes by {factor:g} times as fast: 1 at least is expected"
        raise ArrivalsError(message)
    if factor == 1:
        return plan
    made = (Arrival(int(at / factor), kind, person) for at, kind, person in plan.arrivals)
    return Plan(tuple(sorted(made)), plan.seconds / factor)
