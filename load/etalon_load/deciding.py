"""Go, no-go, or not enough known: a simulated launch against a measured capacity.

A launch holds when its busiest minute stays within what the platform carries. Three things are not
known of that: which minute chance makes the busiest, what the people will do (the draws of the
parameters), and where between what held and what did not the capacity lies. The first two give the
probability that the launch holds, with an interval for the number of draws; the third is kept
apart: the answer is *go* only when it holds at the lower end of the capacity, *no-go* only when it
does not at the upper end, and whatever lies between is *not known*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np

from etalon_load.capacity_file import MeasuredCapacity
from etalon_load.demand import Demand, Draw, Floats

CHANCES: Final = 20
"""Lots that chance draws of each draw of the parameters; ten times as many of their values."""

QUANTILES: Final = (0.05, 0.5, 0.95)
LEVEL: Final = 0.9
FEWEST_DRAWS: Final = 8
_MINUTE: Final = 60
_SEED: Final = 7_129
_WIDTHS: Final = 5.0
_SHUFFLES: Final = 400
_RISK: Final = 0.05
_BELIEFS: Final = 20_000
_EVEN: Final = 1.02
Lots: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float64]]"


class Answer(StrEnum):
    """What may be said of a launch."""

    GO = "go"
    NO_GO = "no-go"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class Belief:
    """The probability that a launch holds.

    Attributes:
        value: Share of the lots in which it does.
        low: Lower end of its interval (5 %), for the number of draws.
        high: Upper end (95 %).
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Deciding:
    """The assumption on which the busiest minute depends most.

    Attributes:
        path: Of the parameter.
        share: Of the variance of the busiest minute over the draws that it explains.
        holds_below: Probability of holding in the half of the draws where it is smaller.
        holds_above: In the other half.
        middle: The value between the halves.
    """

    path: str
    share: float
    holds_below: float
    holds_above: float
    middle: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of one launch, and why.

    Attributes:
        answer: Go, no-go or not known.
        reason: A key of `decision.reason.KEY`.
        asked: The probability asked for.
        holds: The probability of holding, the capacity lying evenly in its interval.
        at_held: The same at its lower end.
        at_missed: The same at its upper end.
        busiest: Arrivals in the busiest minute, at `QUANTILES`, chance and knowledge together.
        busiest_by_chance: The same with every parameter at its value.
        busiest_at: First minute of the busiest stretch, civil time of Paris.
        mix: Kind -> its share of that stretch.
        minutes_over: Minutes above capacity, at `QUANTILES`.
        turned_away: Arrivals above capacity in them, at `QUANTILES`.
        deciding: The assumption that decides, None where none stands out.
    """

    answer: Answer
    reason: str
    asked: float
    holds: Belief
    at_held: Belief
    at_missed: Belief
    busiest: tuple[float, ...]
    busiest_by_chance: tuple[float, ...]
    busiest_at: datetime
    mix: dict[str, float]
    minutes_over: tuple[float, ...]
    turned_away: tuple[float, ...]
    deciding: Deciding | None


def decide(demand: Demand, capacity: MeasuredCapacity, asked: float) -> Decision:
    """Hold a launch against a capacity.

    Args:
        demand: Of the launch.
        capacity: Of the platform.
        asked: How probable it has to be that the launch holds, above 0 and below 1.
    """
    chance = np.random.Generator(np.random.PCG64(_SEED))
    draws: Sequence[Draw | None] = demand.draws or (None,)
    courses = [demand.of_draw(draw) for draw in draws]
    by_chance = _busiest(chance, demand, demand.of_draw(None), 10 * CHANCES)
    lots = np.stack([_busiest(chance, demand, course, CHANCES) for course in courses])
    drawn = len(demand.draws)
    at_held = _belief(chance, _holding(lots, capacity.held, capacity.held), drawn)
    upper = float("inf") if capacity.missed is None else capacity.missed
    at_missed = _belief(chance, _holding(lots, upper, upper), drawn)
    holding = _holding(lots, capacity.held, capacity.missed or capacity.held)
    over = np.stack([_overload(chance, demand, one, capacity.rate * _MINUTE) for one in courses])
    answer, reason = _concluded(demand, asked, at_held, at_missed)
    block = int(demand.of_draw(None).argmax())
    return Decision(
        answer=answer,
        reason=reason,
        asked=asked,
        holds=_belief(chance, holding, drawn),
        at_held=at_held,
        at_missed=at_missed,
        busiest=_quantiles(lots.ravel()),
        busiest_by_chance=_quantiles(by_chance),
        busiest_at=demand.begins(block),
        mix=_mix(demand, block),
        minutes_over=_quantiles(over[:, 0]),
        turned_away=_quantiles(over[:, 1]),
        deciding=_deciding(chance, demand.draws, lots, holding.mean(axis=1)),
    )


def _busiest(
    chance: np.random.Generator, demand: Demand, course: Floats, lots: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Draw the busiest minute of a course, so many times."""
    reach = course + _WIDTHS * np.sqrt(demand.dispersion * course)
    contenders = course[(reach >= course.max()) & (course > 0)]
    if not len(contenders):
        return np.zeros(lots)
    minutes = np.repeat(contenders, demand.block_minutes)
    return np.array([_counts(chance, minutes, demand.dispersion).max() for _ in range(lots)])


def _overload(
    chance: np.random.Generator, demand: Demand, course: Floats, most: float
) -> tuple[float, float]:
    """Return the minutes with more than `most` arrivals, and how many arrive above it."""
    width = _WIDTHS * np.sqrt(demand.dispersion * course)
    minutes = np.repeat(course[course + width > most], demand.block_minutes)
    if not len(minutes):
        return 0.0, 0.0
    above = np.maximum(_counts(chance, minutes, demand.dispersion) - most, 0.0)
    return float((above > 0).sum()), float(above.sum())


def _counts(chance: np.random.Generator, expected: Floats, dispersion: float) -> Floats:
    """Draw counts of that mean, and of that variance over it: Poisson, or wider."""
    if dispersion < _EVEN:
        return chance.poisson(expected).astype(np.float64)
    return chance.negative_binomial(expected / (dispersion - 1), 1 / dispersion).astype(np.float64)


def _holding(lots: Lots, held: float, missed: float) -> Lots:
    """Return, lot by lot, how probable it is that a capacity evenly between the two carries it."""
    busiest = lots / _MINUTE
    if missed <= held or missed == float("inf"):
        return (busiest <= missed).astype(np.float64)
    return np.clip((missed - busiest) / (missed - held), 0.0, 1.0)


def _belief(chance: np.random.Generator, holding: Lots, draws: int) -> Belief:
    """Return the share that holds, and where it may lie with so many draws (Jeffreys).

    Without draws nothing is known of the parameters: the interval is everything.
    """
    value = float(holding.mean())
    if not draws:
        return Belief(value, 0.0, 1.0)
    good = value * draws
    drawn = chance.beta(good + 0.5, draws - good + 0.5, _BELIEFS)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Belief(value, min(float(low), value), max(float(high), value))


def _concluded(
    demand: Demand, asked: float, at_held: Belief, at_missed: Belief
) -> tuple[Answer, str]:
    """Return the answer and the key of its reason."""
    if not demand.known:
        return Answer.NOT_KNOWN, "sample-small"
    if not demand.draws:
        exceeds = at_missed.value < _RISK
        return (Answer.NO_GO, "exceeds-at-values") if exceeds else (Answer.NOT_KNOWN, "no-draws")
    if at_held.low >= asked:
        return Answer.GO, "holds"
    if at_missed.high < asked:
        return Answer.NO_GO, "exceeds"
    wide = at_held.value < asked <= at_missed.value
    if wide:
        return Answer.NOT_KNOWN, "capacity-wide"
    return Answer.NOT_KNOWN, "few-draws-held" if at_held.value == 1 else "few-draws"


def _quantiles(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, ...]:
    return tuple(float(one) for one in np.quantile(values, QUANTILES))


def _mix(demand: Demand, block: int) -> dict[str, float]:
    here = {kind: float(column[block]) for kind, column in sorted(demand.expected.items())}
    whole = sum(here.values()) or 1.0
    return {kind: count / whole for kind, count in here.items()}


def _deciding(
    chance: np.random.Generator, draws: Sequence[Draw], lots: Lots, holding: Floats
) -> Deciding | None:
    """Find the parameter that explains most of the busiest minute, if chance would not do as well.

    The best of all parameters is held against the best of all when draws are dealt out anew.
    """
    if len(draws) < FEWEST_DRAWS or not lots.min() > 0:
        return None
    paths = sorted(draws[0].parameters)
    values = np.array([[draw.parameters[path] for path in paths] for draw in draws])
    busiest = np.log(lots.mean(axis=1))
    if busiest.std() == 0:
        return None
    spread = np.maximum(values.std(axis=0), np.finfo(np.float64).tiny)
    columns = (values - values.mean(axis=0)) / spread
    target = (busiest - busiest.mean()) / busiest.std()
    shares = (columns.T @ target / len(draws)) ** 2
    dealt = [((columns.T @ chance.permutation(target)) / len(draws)) ** 2 for _ in range(_SHUFFLES)]
    best = int(shares.argmax())
    if shares[best] <= np.quantile([one.max() for one in dealt], 1 - _RISK):
        return None
    middle = float(np.median(values[:, best]))
    below = values[:, best] <= middle
    return Deciding(
        path=paths[best],
        share=float(shares[best]),
        holds_below=float(holding[below].mean()),
        holds_above=float(holding[~below].mean()),
        middle=middle,
    )


def worst(answers: Sequence[Answer]) -> Answer:
    """Return what may be said of several launches together."""
    for answer in (Answer.NO_GO, Answer.NOT_KNOWN):
        if answer in answers:
            return answer
    return Answer.GO
