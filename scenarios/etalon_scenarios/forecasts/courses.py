"""Courses of a weekly flow: drawn within the ranges of a scheme, weighed by the weeks known.

A week's flow is its course, times a level, times what moves that week alone. The course grows while
the press tells of a change, turns and halves, down to a background. The level moves for good from
week to week by a shock (a random walk of its logarithm): courses are simple and campaigns are not,
so that what a course misses in one week it misses in the next ones too. What the weeks known say of
the level follows exactly for each course drawn (a Kalman filter), and with it how likely they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.forecasts.observed import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.forecasts.scheme import Scheme
    from etalon_scenarios.parameters import Number

    Floats = NDArray[np.float64]

DRAWS: Final = 200_000
KEPT: Final = 20_000
"""Draws, by their weights, of which the weeks to come are drawn."""

DRAWN: Final = (
    *("growth", "reach", "turn_weeks", "half_life_weeks", "background", "weekly_shock"),
)
SURELY_COUNTED: Final = 10
"""After a week of so many people, a total that does not move was not counted again."""

_IMPOSSIBLE: Final = 1e6
"""Taken from the logarithm of a likelihood; where all draws are so, it takes from none."""


@dataclass(frozen=True, slots=True)
class Courses:
    """Flows to come, after the weeks known.

    Attributes:
        flows: Flow of each week to come, by draw; all draws weigh the same.
        weights: Of the courses that these were drawn from; they sum to one.
    """

    flows: Floats
    weights: Floats


def weekly_flows(totals: Sequence[int]) -> tuple[Floats, int]:
    """Give the weekly flows of cumulative totals, and how many last weeks still wait for theirs.

    A total repeated after weeks of many people was not counted again: the flow of the next count is
    shared among the weeks that waited for it.
    """
    flows: list[float] = []
    waiting = 0
    for flow in np.diff(np.array(totals, dtype=np.float64)):
        if flow == 0 and flows and flows[-1] >= SURELY_COUNTED:
            waiting += 1
        else:
            flows += [float(flow) / (waiting + 1)] * (waiting + 1)
            waiting = 0
    return np.array(flows), waiting


def drawn_courses(scheme: Scheme, observed: Observed, weeks: int, seed: int) -> Courses:
    """Draw courses of the weekly flow, weigh them by the weeks known, and let them go on.

    Args:
        scheme: Its ranges.
        observed: The weeks known.
        weeks: Weeks to come.
        seed: Of the draws.
    """
    random = np.random.default_rng(seed)
    seen, waiting = weekly_flows(observed.totals[ALL])
    noise = float(scheme.course["weekly_noise"].value)
    drawn = {name: _draws(scheme.course[name], random) for name in DRAWN}
    people = observed.population[ALL] * drawn["reach"]
    course = _Course(drawn, people, np.maximum(seen, 1))
    level = _Level.before(float(course.seen[0]), noise)
    for week in range(1, len(seen)):
        course.pass_week(course.seen[week - 1])
        level.see(course.seen[week], course.flow, drawn["weekly_shock"], noise)
    course.pass_week(course.seen[-1])
    level.likeness[course.overdrawn()] -= _IMPOSSIBLE
    weights = np.exp(level.likeness - level.likeness.max())
    weights /= weights.sum()
    # Draws at even distances along the weights: each as often as it weighs, give or take one.
    places = (np.arange(KEPT) + random.random()) / KEPT
    kept = np.minimum(np.searchsorted(np.cumsum(weights), places), DRAWS - 1)
    flows = _flows_to_come(course.of(kept), level.of(kept), weeks + waiting, noise, random)
    # A count that was left out comes with the next one.
    flows[waiting] += flows[:waiting].sum(axis=0)
    return Courses(flows[waiting:], weights)


def _flows_to_come(
    course: _Course, level: _Level, weeks: int, noise: float, random: np.random.Generator
) -> Floats:
    """Draw the flows of the weeks to come: course, level, noise, and the luck of people counted."""
    count = len(course.flow)
    flows = np.empty((weeks, count))
    at = level.mean + np.sqrt(level.variance) * random.standard_normal(count)
    for week in range(weeks):
        at += course.drawn["weekly_shock"] * random.standard_normal(count)
        expected = course.flow * np.exp(at + noise * random.standard_normal(count))
        flows[week] = random.poisson(np.minimum(expected, course.most()))
        course.pass_week(flows[week])
    return flows


def _draws(number: Number, random: np.random.Generator) -> Floats:
    """Draw half of the values on either side of the central one, evenly in logarithm."""
    low, middle, high = (math.log(end) for end in (number.low, number.value, number.high))
    at = random.random(DRAWS)
    below = low + 2 * at * (middle - low)
    above = middle + (2 * at - 1) * (high - middle)
    chosen: Floats = np.where(at < 0.5, below, above)  # noqa: PLR2004 (the median)
    return np.exp(chosen)


class _Course:
    """Courses under way, one a draw.

    Attributes:
        drawn: Name -> value, by draw.
        people: Whom the news can move at most.
        seen: The flows known, none below one.
        flow: Flow of this week, were the level one.
        floor: Background flow.
    """

    def __init__(self, drawn: dict[str, Floats], people: Floats, seen: Floats) -> None:
        self.drawn = drawn
        self.people = people
        self.seen = seen
        self.flow = np.full(len(people), seen[0])
        self.floor = drawn["background"] * seen.min()
        self._weeks = 0
        self._moved = np.zeros(len(people))

    def pass_week(self, moved: Floats | float) -> None:
        """Go on to the next week, in which so many people moved."""
        self._weeks += 1
        self._moved += moved
        left = self._left()
        rising = self.drawn["growth"] ** (left / self.people)
        falling = 2 ** (-1 / self.drawn["half_life_weeks"])
        turned = self._weeks >= self.drawn["turn_weeks"]
        self.flow = np.minimum(self.flow * np.where(turned, falling, rising), left)
        self.flow = np.maximum(self.flow, self.floor)

    def most(self) -> Floats:
        """Give how many may move this week: those left, or the background that always goes on."""
        most: Floats = np.maximum(self._left(), self.floor)
        return most

    def overdrawn(self) -> NDArray[np.bool_]:
        """Tell the draws by which more people moved than the news could reach."""
        overdrawn: NDArray[np.bool_] = self._moved > self.people + self.floor * self._weeks
        return overdrawn

    def of(self, kept: NDArray[np.int64]) -> _Course:
        """Give the courses of some draws."""
        chosen = {name: values[kept] for name, values in self.drawn.items()}
        found = _Course(chosen, self.people[kept], self.seen)
        found.flow, found._moved, found._weeks = self.flow[kept], self._moved[kept], self._weeks
        return found

    def _left(self) -> Floats:
        left: Floats = np.maximum(self.people - self._moved, 0)
        return left


@dataclass(slots=True)
class _Level:
    """What is known of the logarithm of the level, by draw, and how likely the weeks seen were."""

    mean: Floats
    variance: Floats
    likeness: Floats

    @classmethod
    def before(cls, first: float, noise: float) -> _Level:
        """Give the level in the first week: courses begin at its flow, as far as that is known."""
        unknown = np.full(DRAWS, noise**2 + 1 / first)
        return cls(np.zeros(DRAWS), unknown, np.zeros(DRAWS))

    def see(self, seen: float, flow: Floats, shock: Floats, noise: float) -> None:
        """Learn from one more week: its flow, that of the course, and what may lie between them."""
        self.variance = self.variance + np.square(shock)
        missed = math.log(seen) - np.log(flow) - self.mean
        left_open = self.variance + noise**2 + 1 / seen
        self.likeness -= (np.square(missed) / left_open + np.log(left_open)) / 2
        believed = self.variance / left_open
        self.mean = self.mean + believed * missed
        self.variance = self.variance * (1 - believed)

    def of(self, kept: NDArray[np.int64]) -> _Level:
        """Give the levels of some draws."""
        return _Level(self.mean[kept], self.variance[kept], self.likeness[kept])
