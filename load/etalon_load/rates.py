"""Rates of arrival over time: straight pieces between points.

A rate is inverted in closed form, so that arrivals follow from the area under it: the time at which
so many were expected.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import isfinite, sqrt
from typing import Final

_FLAT: Final = 1e-12
_TWO: Final = 2


class RateError(ValueError):
    """Points that are no rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Arrivals a second over time, straight between points.

    Attributes:
        points: Seconds from the start, ascending from 0, and arrivals a second there. Two points of
            one second make a jump.
    """

    points: tuple[tuple[float, float], ...]
    _seconds: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _areas: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse points that are no rate.

        Raises:
            RateError: Fewer than two, not from 0, not ascending, a rate below 0, or all of them 0.
        """
        seconds = tuple(second for second, _ in self.points)
        if len(seconds) < _TWO or seconds[0] != 0 or not seconds[-1] > 0:
            message = "a rate has two points at least, the first at second 0, the last later"
            raise RateError(message)
        if any(later < earlier for earlier, later in pairwise(seconds)):
            message = "the points of a rate follow each other in time"
            raise RateError(message)
        if not all(isfinite(value) and value >= 0 for point in self.points for value in point):
            message = "seconds and arrivals a second are finite numbers from 0"
            raise RateError(message)
        areas = (
            (end - start) * (first + last) / 2
            for (start, first), (end, last) in pairwise(self.points)
        )
        object.__setattr__(self, "_seconds", seconds)
        object.__setattr__(self, "_areas", (0.0, *accumulate(areas)))
        if not self.expected > 0:
            message = "nobody arrives at such a rate: it is 0 throughout"
            raise RateError(message)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self._seconds[-1]

    @property
    def expected(self) -> float:
        """How many arrivals are expected in all."""
        return self._areas[-1]

    @property
    def peak(self) -> float:
        """The greatest number of arrivals a second."""
        return max(rate for _, rate in self.points)

    def scaled(self, factor: float) -> "Rate":
        """Return the same course with so many times the arrivals."""
        return Rate(tuple((second, rate * factor) for second, rate in self.points))

    def time_of(self, area: float) -> float:
        """Return when so many arrivals were expected (seconds), from 0 to `expected`."""
        last = len(self.points) - _TWO
        piece = min(max(bisect_right(self._areas, area) - 1, 0), last)
        (start, first), (end, rate) = self.points[piece], self.points[piece + 1]
        left = area - self._areas[piece]
        length = end - start
        slope = (rate - first) / length if length else 0.0
        if abs(slope) < _FLAT:
            return min(start + (left / first if first else 0.0), end)
        root = sqrt(max(first * first + 2 * slope * left, 0.0))
        return min(start + (root - first) / slope, end)

    def expected_until(self, second: float) -> float:
        """Return how many arrivals are expected before a second."""
        if second <= 0:
            return 0.0
        if second >= self.seconds:
            return self.expected
        piece = bisect_right(self._seconds, second) - 1
        (start, first), (end, last) = self.points[piece], self.points[piece + 1]
        part = second - start
        here = first + (last - first) * part / (end - start)
        return self._areas[piece] + part * (first + here) / 2


def constant(rate: float, seconds: float) -> Rate:
    """Return the rate that stays the same."""
    return Rate(((0.0, rate), (seconds, rate)))


def ramp(first: float, last: float, seconds: float) -> Rate:
    """Return the rate that goes straight from one value to another."""
    return Rate(((0.0, first), (seconds, last)))


def surge(usual: float, peak: float, seconds: float) -> Rate:
    """Return a rate that stays, rises within a twelfth of the time, holds, and falls back."""
    twelfth = seconds / 12
    points = ((0, usual), (3, usual), (4, peak), (8, peak), (10, usual), (12, usual))
    return Rate(tuple((part * twelfth, rate) for part, rate in points))


def of_counts(counts: Sequence[float], seconds_each: float) -> Rate:
    """Return the rate by which so many arrive in each of some equal stretches of time."""
    points: list[tuple[float, float]] = []
    for rank, count in enumerate(counts):
        rate = count / seconds_each
        points += [(rank * seconds_each, rate), ((rank + 1) * seconds_each, rate)]
    return Rate(tuple(points))
