"""What is not known: parameters drawn within their ranges, and what that does to the headlines.

Each draw gives every parameter that has a range a value on that range: one time in two evenly
between its low end and its central value, the other evenly between the central value and its high
end; for a series the common factor is drawn, around 1. Parameters are drawn independently of each
other, by Latin hypercubes of sixteen draws. A draw is a pure function of (seed, draw, path), so
adding a parameter or a draw changes no other.

Each draw is a simulation of a smaller population with one and the same seed: the same people,
with the same luck, under other parameters. What counts is the ratio of its headline to that of
the central run of the same size; the interval is the spread of that ratio, from its 10th to its
90th percentile, applied to the headline of the run itself.

Reading: the ratio keeps some chance, since a changed parameter makes other people act. A headline
that rests on fewer than `FEWEST_EVENTS` events in the central run gets no interval.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from decimal import Context, Decimal
from statistics import NormalDist, quantiles
from typing import TYPE_CHECKING, Final

from etalon_scenarios.parameters import Number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.headlines import Headline
    from etalon_scenarios.parameters import Series

DEFAULT_DRAWS: Final = 64
DEFAULT_POPULATION: Final = 20_000
"""People simulated in each draw (decision 0034 says what fewer would cost)."""

STRATA: Final = 16
"""Draws that together cover the range of every parameter evenly."""

LEVEL: Final = 0.8
"""Share of the draws inside the interval: from the 10th to the 90th percentile."""

FAN_QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
FEWEST_EVENTS: Final = 30
FEWEST_DRAWS: Final = 8
EXPLAINED_ENOUGH: Final = 0.8
METHOD: Final = (
    "independent draws on [low, high] by Latin hypercubes of 16, even on either side of the "
    "central value, which is the median; ratio to the central run of the same people and seed; "
    "10th to 90th percentile; drivers by forward selection of a linear regression, until 80 % of "
    "the variance or until chance alone would do as well"
)
_HALF: Final = Decimal("0.5")
_ARITHMETIC: Final = Context(prec=28)
_KEPT: Final = Context(prec=6)
_WORD: Final = 2**64
_NOTHING_LEFT: Final = 1e-9
"""Squared length, of a column of length 1, under which it repeats the parameters chosen before."""

_RISK: Final = 0.05
"""Chance of naming a driver that is none, over all candidates of one step."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A parameter and its part in the spread of a headline.

    Attributes:
        path: Dotted path of the parameter.
        share: Part of the variance of the headline over the draws, between 0 and 1.
    """

    path: str
    share: float


def drawn_values(
    parameters: Sequence[tuple[str, Number | Series]], seed: int, draw: int
) -> dict[str, Decimal]:
    """Draw every parameter that has a range, in the order given.

    Args:
        parameters: Dotted path and parameter, as `Scenario.parameters` gives them.
        seed: Seed of the run.
        draw: Number of the draw, from 0.

    Returns:
        Path -> value of a number, or factor of a series, with six significant digits.
    """
    ranges = ((path, range_of(parameter)) for path, parameter in parameters)
    return {
        path: even_halves(uniform(seed, draw, path), low, middle, high)
        for path, (low, middle, high) in ranges
        if low < high
    }


def range_of(parameter: Number | Series) -> tuple[Decimal, Decimal, Decimal]:
    """Give the smallest, central and largest value of a number, or factor of a series."""
    if isinstance(parameter, Number):
        return parameter.low, parameter.value, parameter.high
    return parameter.low_factor, Decimal(1), parameter.high_factor


def uniform(seed: int, draw: int, path: str) -> Decimal:
    """Give the number in [0, 1) that belongs to a seed, a draw and a parameter.

    Each block of `STRATA` draws puts one number of each parameter into every sixteenth of [0, 1),
    in an order of its own (Latin hypercube): sixteen draws already cover every range.
    """
    block, place = divmod(draw, STRATA)
    order = sorted(range(STRATA), key=lambda rank: _word(f"{seed}/{path}/block {block}/{rank}"))
    within = _ARITHMETIC.divide(Decimal(_word(f"{seed}/{path}/{draw}")), Decimal(_WORD))
    return _ARITHMETIC.divide(order[place] + within, Decimal(STRATA))


def _word(name: str) -> int:
    """Give the 64 bits that belong to a name."""
    return int.from_bytes(hashlib.blake2b(f"knowledge/{name}".encode(), digest_size=8).digest())


def even_halves(share: Decimal, low: Decimal, middle: Decimal, high: Decimal) -> Decimal:
    """Give the value below which a law of two even halves has `share` of its mass.

    Half of the mass lies evenly between `low` and `middle`, half between `middle` and `high`, so
    that the central value is the median: as many draws fall on either side of it, however lopsided
    the range. A middle outside the range (a user's own value) is brought to its nearest end.
    """
    middle = min(max(middle, low), high)
    if share < _HALF:
        value = low + 2 * share * (middle - low)
    else:
        value = middle + (2 * share - 1) * (high - middle)
    return _KEPT.plus(min(max(value, low), high))


def ratios(
    name: str, central: Mapping[str, Headline], draws: Sequence[Mapping[str, Headline]]
) -> list[float] | None:
    """Give a headline of each draw over that of the central run, in the order of the draws.

    None when the central run has too few events, or a draw has no value.
    """
    middle = central[name]
    values = [draw[name].value for draw in draws]
    if middle.events < FEWEST_EVENTS or not middle.value:
        return None
    known = [value / middle.value for value in values if value is not None]
    return known if len(known) == len(values) else None


def interval(headline: float | None, spread: Sequence[float] | None) -> list[float] | None:
    """Apply the spread of the ratio to a headline; None when too little is known.

    Args:
        headline: The figure of the run itself.
        spread: Ratios of the draws to their central run.

    Returns:
        Lower and upper bound, in the unit of the headline, four significant digits.
    """
    if headline is None or spread is None or len(spread) < FEWEST_DRAWS:
        return None
    deciles = quantiles(spread, n=10, method="inclusive")
    return [float(f"{headline * bound:.4g}") for bound in (deciles[0], deciles[-1])]


def fan(
    course: Sequence[int], central: Sequence[int], draws: Sequence[Sequence[int]]
) -> list[list[float]]:
    """Give the quantiles of a cumulative count over the draws, day by day.

    As for a headline, each draw moves the run by its ratio to the central run of the same people;
    where that one counts nothing yet, the run stands.

    Args:
        course: Cumulative counts of the run itself.
        central: Those of the central run of the draws.
        draws: Those of each draw.

    Returns:
        One list a quantile of `FAN_QUANTILES`, as long as `course`.
    """
    columns: list[list[float]] = []
    for place, count in enumerate(course):
        middle = central[place]
        spread = sorted(draw[place] / middle if middle else 1.0 for draw in draws)
        columns.append([count * _quantile(spread, at) for at in FAN_QUANTILES])
    return [[round(column[rank], 2) for column in columns] for rank in range(len(FAN_QUANTILES))]


def _quantile(ordered: Sequence[float], at: float) -> float:
    """Give a quantile of numbers in order, between the two nearest."""
    place = at * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def drivers(draws: Sequence[Mapping[str, Decimal]], spread: Sequence[float]) -> list[Driver]:
    """Rank the parameters that explain the variance of a headline over the draws.

    Forward selection in a linear regression: at each step the parameter that takes the largest
    part of what is left, until `EXPLAINED_ENOUGH` is reached, or until the best candidate does no
    better than the best of as many parameters without effect would by chance.

    Args:
        draws: Values of the parameters, path -> value, one mapping a draw.
        spread: What is explained, in the same order.
    """
    rest = _centred(spread)
    total = math.fsum(part * part for part in rest)
    if len(spread) < FEWEST_DRAWS or total == 0:
        return []
    candidates: dict[str, list[float]] = {
        path: _scaled([float(draw[path]) for draw in draws]) for path in draws[0]
    }
    chosen: list[Driver] = []
    explained = 0.0
    while explained < EXPLAINED_ENOUGH and candidates:
        gains = [(_explained(values, rest), path) for path, values in candidates.items()]
        gain, path = max(gains)
        left = math.fsum(part * part for part in rest)
        if not _beyond_chance(gain / left, len(spread) - len(chosen), len(candidates)):
            break
        values = candidates.pop(path)
        rest = _without(rest, values)
        candidates = {other: _without(column, values) for other, column in candidates.items()}
        explained += gain / total
        chosen.append(Driver(path, round(gain / total, 4)))
    return chosen


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    return [value - mean for value in values]


def _scaled(values: Sequence[float]) -> list[float]:
    """Centre a column and bring its length to 1."""
    centred = _centred(values)
    length = math.sqrt(_product(centred, centred))
    return [value / length for value in centred] if length > 0 else centred


def _product(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _explained(values: Sequence[float], rest: Sequence[float]) -> float:
    """Give the sum of squares that one parameter takes off what is left."""
    own = _product(values, values)
    return _product(values, rest) ** 2 / own if own > _NOTHING_LEFT else 0.0


def _without(column: Sequence[float], values: Sequence[float]) -> list[float]:
    """Take out of a column what goes with `values`."""
    own = _product(values, values)
    slope = _product(column, values) / own if own > _NOTHING_LEFT else 0.0
    return [a - slope * b for a, b in zip(column, values, strict=True)]


def _beyond_chance(part: float, draws: int, candidates: int) -> bool:
    """Tell whether a squared correlation exceeds the largest that chance would give.

    Fisher's transformation of the correlation, with Bonferroni's bound over the candidates.
    """
    freedom = draws - 3
    if freedom < 1:
        return False
    correlation = min(math.sqrt(part), 1 - 1e-12)
    threshold = NormalDist().inv_cdf(1 - _RISK / (2 * candidates))
    return math.atanh(correlation) * math.sqrt(freedom) > threshold
