# pyright: standard
"""From an experiment to its points: a grid by itself, the other designs drawn by SALib."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_scenarios.knowledge import even_halves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.sweeps.experiment import Experiment, Varied

MORRIS_LEVELS: Final = 4
_KEPT: Final = 9
"""Decimals kept of a drawn place: the same on every machine."""


class MissingExtraError(Exception):
    """A design or an executor needs a library of the extra `sweep`.

    Attributes:
        feature: What needs it.
    """

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str]]:
        """Rebuild across processes."""
        return MissingExtraError, (self.feature,)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an experiment.

    Attributes:
        rank: Its place in the design, from 0.
        values: Parameters at other values, path -> value or factor of a series.
        changes: Other values of a grid, path -> as a `--set` writes them.
        candidate: Scenario file in place of the scenario of the experiment, or None.
    """

    rank: int
    values: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    candidate: str | None = None


def points_of(experiment: Experiment, seed: int) -> list[Point]:
    """Lay out the points of an experiment, in the order that its analysis needs.

    Args:
        experiment: What varies, and how.
        seed: Of the design.

    Raises:
        MissingExtraError: The design needs SALib, which is not installed.
    """
    if experiment.candidates:
        named = enumerate(experiment.candidates)
        return [Point(rank, candidate=file) for rank, file in named]
    if experiment.design == "grid":
        return _grid(experiment.varied)
    places = _drawn(experiment, seed)
    return [
        Point(rank, {v.path: _value(v, at) for v, at in zip(experiment.varied, row, strict=True)})
        for rank, row in enumerate(places)
    ]


def unit_problem(varied: Sequence[Varied]) -> dict[str, object]:
    """Describe what varies as SALib wants it: every value by its place between 0 and 1."""
    names = [one.path for one in varied]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def places_of(experiment: Experiment, seed: int) -> list[list[float]]:
    """Give the place of each point between 0 and 1, as it was drawn.

    Raises:
        MissingExtraError: SALib is not installed.
    """
    return [[float(place) for place in row] for row in _drawn(experiment, seed)]


def _grid(varied: Sequence[Varied]) -> list[Point]:
    axes = [[(one.path, value) for value in _axis(one)] for one in varied]
    points: list[Point] = []
    for rank, chosen in enumerate(itertools.product(*axes)):
        values = {p: v for p, v in chosen if isinstance(v, Decimal)}
        changes = {p: v for p, v in chosen if isinstance(v, str)}
        points.append(Point(rank, values, changes))
    return points


def _axis(one: Varied) -> list[Decimal | str]:
    """Give the values of one axis: those listed, or both ends and the middle of a range."""
    if one.values:
        return [_listed(value) for value in one.values]
    ends = (one.low, one.middle, one.high)
    return list(dict.fromkeys(end for end in ends if end is not None))


def _listed(value: object) -> Decimal | str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return Decimal(value) if isinstance(value, int | Decimal) else str(value)


def _value(one: Varied, place: Decimal) -> Decimal:
    """Give the value at a place between 0 and 1."""
    if one.low is None or one.middle is None or one.high is None:
        message = f"{one.path} has no range"
        raise ValueError(message)
    return even_halves(place, one.low, one.middle, one.high)


def _drawn(experiment: Experiment, seed: int) -> list[list[Decimal]]:
    problem, points = unit_problem(experiment.varied), experiment.points
    at = seed % 2**32
    try:
        if experiment.design == "latin-hypercube":
            from SALib.sample import (  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra)
                latin,
            )

            rows = latin.sample(problem, points, seed=at)
        elif experiment.design == "sobol":
            from SALib.sample import sobol  # noqa: PLC0415 (an extra)

            rows = sobol.sample(problem, points, calc_second_order=False, seed=at)
        else:
            from SALib.sample import morris  # noqa: PLC0415 (an extra)

            rows = morris.sample(problem, points, num_levels=MORRIS_LEVELS, seed=at)
    except ImportError as error:
        raise MissingExtraError(experiment.design) from error
    return [[Decimal(str(round(float(place), _KEPT))) for place in row] for row in rows]
