# pyright: standard
"""What each value that varies does to each figure: means at its ends, Sobol and Morris indices."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.headlines import HEADLINE_NAMES
from etalon_scenarios.sweeps.designs import MORRIS_LEVELS, places_of, unit_problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.sweeps.designs import Point
    from etalon_scenarios.sweeps.experiment import Experiment

LEVEL: Final = 0.95
_FEWEST: Final = 3
_THIRD: Final = 3
_SAME_AS_ALL: Final = 1e-12
_BELL: Final = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one value does to one figure.

    Attributes:
        figure: Name of the figure.
        path: What varies.
        low: Mean of the figure over the third of the points with the lowest values.
        high: The same over the third with the highest.
        apart_within: Half-width of the 95 % interval of the difference of both; None for a grid,
            whose thirds hold the same values of all else.
        first: Sobol index of the first order, or None for another design.
        first_within: Half-width of its 95 % interval.
        total: Sobol index of all orders.
        total_within: Half-width of its 95 % interval.
        elementary: Mean absolute elementary effect (Morris), over the whole range.
        elementary_within: Half-width of its 95 % interval.
        elementary_spread: Standard deviation of the elementary effects: curvature, interplay.
    """

    figure: str
    path: str
    low: float | None = None
    high: float | None = None
    apart_within: float | None = None
    first: float | None = None
    first_within: float | None = None
    total: float | None = None
    total_within: float | None = None
    elementary: float | None = None
    elementary_within: float | None = None
    elementary_spread: float | None = None

    def as_json(self) -> dict[str, Json]:
        """Give the effect as `sweep.json` holds it."""
        return {name: _rounded(getattr(self, name)) for name in self.__dataclass_fields__}


def _rounded(value: str | float | None) -> str | float | None:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def effects(
    experiment: Experiment,
    points: Sequence[Point],
    found: Sequence[Mapping[str, float | None] | None],
    seed: int,
    figures: Sequence[str] = HEADLINE_NAMES,
) -> list[Effect]:
    """Give the effects, figure by figure, the largest first.

    Args:
        experiment: What varied, and how.
        points: Its points.
        found: Figures of each point, mean over its seeds; None where a run failed.
        seed: Of the design.
        figures: Those that rest on enough events.

    Raises:
        MissingExtraError: The design needs SALib, which is not installed.
    """
    if experiment.candidates:
        return []
    listed: list[Effect] = []
    for figure in figures:
        values = [None if row is None else row[figure] for row in found]
        known = [value for value in values if value is not None]
        if len(known) < _FEWEST or max(known) - min(known) <= _SAME_AS_ALL * abs(max(known)):
            continue
        indices = _indices(experiment, values, seed)
        of_figure = [
            Effect(
                figure=figure,
                path=one.path,
                **_ends(experiment.design, one.path, points, values),
                **indices.get(one.path, {}),
            )
            for one in experiment.varied
            if one.middle is not None or any(one.path in point.values for point in points)
        ]
        listed += sorted(of_figure, key=_size, reverse=True)
    return listed


def _size(effect: Effect) -> float:
    """Give what effects are ordered by."""
    for index in (effect.total, effect.elementary):
        if index is not None:
            return index
    if effect.low is None or effect.high is None:
        return 0.0
    return abs(effect.high - effect.low)


def _ends(
    design: str, path: str, points: Sequence[Point], values: Sequence[float | None]
) -> dict[str, float | None]:
    """Give the mean of a figure over both outer thirds; None where they tell nothing.

    Along the trajectories of Morris values change one by one: with few of them a third holds some
    values of the others more often than not, and its mean would be theirs.
    """
    pairs = [
        (point.values[path], value)
        for point, value in zip(points, values, strict=True)
        if path in point.values and value is not None
    ]
    if design == "morris" or len(pairs) < _FEWEST or len({at for at, _ in pairs}) == 1:
        return {}
    ordered = sorted(at for at, _ in pairs)
    third = max(1, len(ordered) // _THIRD)
    lowest, highest = ordered[third - 1], ordered[-third]
    low = [value for at, value in pairs if at <= lowest]
    high = [value for at, value in pairs if at >= highest]
    within = None if design == "grid" else _apart_within(low, high)
    return {"low": fmean(low), "high": fmean(high), "apart_within": within}


def _apart_within(low: Sequence[float], high: Sequence[float]) -> float | None:
    """Give the half-width of the 95 % interval of a difference of means (Welch, bell curve)."""
    if len(low) < _FEWEST or len(high) < _FEWEST:
        return None
    return _BELL * sqrt(variance(low) / len(low) + variance(high) / len(high))


def means_by_value(
    experiment: Experiment,
    points: Sequence[Point],
    found: Sequence[Mapping[str, float | None] | None],
    figures: Sequence[str] = HEADLINE_NAMES,
) -> list[Json]:
    """Give the mean of each figure at each value that has no order, as a window or a calendar.

    Args:
        experiment: What varied, and how.
        points: Its points.
        found: Figures of each point; None where a run failed.
        figures: Those that rest on enough events.
    """
    pairs = [(point, row) for point, row in zip(points, found, strict=True) if row is not None]
    rows: list[Json] = []
    for figure in figures:
        for one in experiment.varied:
            for value in dict.fromkeys(
                p.changes[one.path] for p, _ in pairs if one.path in p.changes
            ):
                at = [row[figure] for p, row in pairs if p.changes.get(one.path) == value]
                known = [number for number in at if number is not None]
                mean = _rounded(fmean(known)) if known else None
                rows.append({"figure": figure, "path": one.path, "value": value, "mean": mean})
    return rows


def _indices(
    experiment: Experiment, values: Sequence[float | None], seed: int
) -> dict[str, dict[str, float | None]]:
    """Give the indices of the design; none when a run failed or a figure is unknown somewhere."""
    whole = [value for value in values if value is not None]
    if len(whole) < len(values) or experiment.design not in {"sobol", "morris"}:
        return {}
    problem = unit_problem(experiment.varied)
    found = np.array(whole, dtype=np.float64)
    with warnings.catch_warnings():
        # Resampling divides by a variance that may be none: its interval is then not a number.
        warnings.simplefilter("ignore", RuntimeWarning)
        if experiment.design == "sobol":
            return _sobol(problem, found, experiment, seed)
        return _morris(problem, found, experiment, seed)


def _sobol(
    problem: dict[str, object], found: np.ndarray, experiment: Experiment, seed: int
) -> dict[str, dict[str, float | None]]:
    from SALib.analyze import sobol  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra)

    said = sobol.analyze(
        problem, found, calc_second_order=False, conf_level=LEVEL, seed=seed % 2**32
    )
    columns = {"first": "S1", "first_within": "S1_conf", "total": "ST", "total_within": "ST_conf"}
    return _by_path(experiment, {ours: said[theirs] for ours, theirs in columns.items()})


def _morris(
    problem: dict[str, object], found: np.ndarray, experiment: Experiment, seed: int
) -> dict[str, dict[str, float | None]]:
    from SALib.analyze import morris  # noqa: PLC0415 (likewise)

    places = np.array(places_of(experiment, seed))
    said = morris.analyze(
        problem, places, found, num_levels=MORRIS_LEVELS, conf_level=LEVEL, seed=seed % 2**32
    )
    columns = {
        "elementary": "mu_star",
        "elementary_within": "mu_star_conf",
        "elementary_spread": "sigma",
    }
    return _by_path(experiment, {ours: said[theirs] for ours, theirs in columns.items()})


def _by_path(
    experiment: Experiment, columns: Mapping[str, Sequence[float]]
) -> dict[str, dict[str, float | None]]:
    return {
        one.path: {
            name: float(values[rank]) if np.isfinite(values[rank]) else None
            for name, values in columns.items()
        }
        for rank, one in enumerate(experiment.varied)
    }
