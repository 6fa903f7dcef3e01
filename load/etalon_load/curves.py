"""Arrivals by kind over stretches of equal length, and the plans drawn from them.

All kinds together arrive as one Poisson process whose rate steps from stretch to stretch; which
kind an arrival is of is drawn from what its stretch holds. That is the same as one process a kind.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from etalon_load.arrivals import MICROSECONDS, Arrival, ArrivalsError, Plan, poisson
from etalon_load.rates import Rate, of_counts


@dataclass(frozen=True, slots=True)
class Curve:
    """How many arrive in each stretch, by kind.

    Attributes:
        counts: Kind -> arrivals expected in each stretch; every kind has as many.
        seconds_each: How long a stretch lasts.
    """

    counts: Mapping[str, Sequence[float]]
    seconds_each: float

    @property
    def totals(self) -> list[float]:
        """Arrivals of all kinds in each stretch."""
        return [sum(column) for column in zip(*self.counts.values(), strict=True)]

    @property
    def peak(self) -> float:
        """Arrivals a second in the busiest stretch."""
        return max(self.totals) / self.seconds_each

    def among(self, kinds: Collection[str]) -> "Curve":
        """Return the same with these kinds alone; all of them where none is named.

        Raises:
            ArrivalsError: It holds none of them.
        """
        if not kinds:
            return self
        kept = {kind: column for kind, column in self.counts.items() if kind in kinds}
        if not any(sum(column) for column in kept.values()):
            message = (
                f"none of {', '.join(sorted(kinds))} arrives: {', '.join(sorted(self.counts))} do"
            )
            raise ArrivalsError(message)
        return Curve(kept, self.seconds_each)

    def shares(self) -> dict[str, float]:
        """Return the share of all arrivals that each kind has."""
        whole = sum(self.totals)
        return {kind: sum(column) / whole for kind, column in sorted(self.counts.items())}


def plan_of_curve(
    curve: Curve, *, peak: float | None, seconds: float, seed: int, people: int | None = None
) -> Plan:
    """Draw a plan whose arrivals follow a curve.

    Args:
        curve: What is expected.
        peak: Arrivals a second in the busiest stretch of the run; None keeps those of the curve.
        seconds: How long the run lasts: the whole curve goes by in it.
        seed: What chance starts from.
        people: How many people come, again and again; None for another one each time.

    Raises:
        ArrivalsError: Nobody arrives, or the peak is none.
    """
    wanted = curve.peak if peak is None else peak
    if not 0 < wanted < float("inf") or not seconds > 0 or not curve.peak > 0:
        message = f"peak {wanted:g}/s over {seconds:g} s: both have to be above 0"
        raise ArrivalsError(message)
    scale = wanted / curve.peak / curve.seconds_each
    totals, stretch = curve.totals, seconds / len(curve.totals)
    rate = of_counts([total * scale * stretch for total in totals], stretch)
    return _drawn(curve, rate, poisson(rate, seed), seed, people)


def _drawn(
    curve: Curve, rate: Rate, instants: Sequence[int], seed: int, people: int | None
) -> Plan:
    """Give each instant its kind and its person."""
    chance = random.Random(f"kinds/{seed}")  # noqa: S311 (arrivals are no secret)
    kinds = sorted(curve.counts)
    weights = [list(accumulate(one)) for one in zip(*(curve.counts[k] for k in kinds), strict=True)]
    stretch = rate.seconds / len(weights) * MICROSECONDS
    made: list[Arrival] = []
    for rank, at in enumerate(instants):
        here = weights[min(int(at / stretch), len(weights) - 1)]
        kind = chance.choices(kinds, cum_weights=here)[0]
        made.append(Arrival(at, kind, rank if people is None else rank % people))
    if not made:
        message = f"nobody arrives within {rate.seconds:g} s at such a rate: raise the peak"
        raise ArrivalsError(message)
    return Plan(tuple(sorted(made)), rate.seconds)
