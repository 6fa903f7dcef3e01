# pyright: standard
"""The fit: least squares over simulations of the same people with the same luck.

Each trial of the parameters is the mean of a few runs, always by the same seeds (common random
numbers): a step of a parameter then shows its effect and next to nothing else, and an optimiser
sees a smooth course. Figures are weighed by the inverse of their covariance: what the measurement
leaves open, and the luck of the people measured and of those simulated, seen by further seeds.

What the figures leave open of the parameters follows from the slopes at the fit: a parameter that
moves no figure, or only as another one does, is told as not identified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.sweeps.designs import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Simulate = Callable[[Sequence[Floats]], list[Floats]]

LEVEL: Final = 0.95
STEP: Final = 0.1
"""Step of a parameter, relative to its start, by which its effect is seen."""

MOST_TRIALS: Final = 12
_CONVERGED: Final = 1e-3
_SMALLEST: Final = 1e-12
MOST_CORRELATED: Final = 0.95
_LEAST_PROBABLE: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a fit found.

    Attributes:
        values: Parameters, relative to their starts.
        low: Lower ends of their 95 % intervals, relative to their starts.
        high: Upper ends.
        correlations: Of the estimates, one by one.
        simulated: Figures at the fit.
        left_open: Standard deviation of each figure: measurement and luck together.
        slopes: Of the figures, by relative step of each parameter.
        misfit: Sum of squared misses over their covariance.
        probability: Of so large a misfit by luck alone; None without a figure to spare.
        identified: Whether the figures tell each parameter.
        trials: Trials of the parameters.
    """

    values: Floats
    low: Floats
    high: Floats
    correlations: Floats
    simulated: Floats
    left_open: Floats
    slopes: Floats
    misfit: float
    probability: float | None
    identified: tuple[bool, ...]
    trials: int

    @property
    def contradictory(self) -> bool:
        """Whether no value of the parameters gives all figures, luck and error allowed for."""
        return self.probability is not None and self.probability < _LEAST_PROBABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures to fit.

    Attributes:
        measured: Their values.
        error: Standard deviation that each measurement leaves open.
        luck: Covariance between seeds, of runs with as many people as those simulated.
        seeds_of_luck: Seeds that it was seen by.
        simulated_share: Part of that covariance in the mean of the runs of a trial.
        measured_share: Part of it in the figures measured: fewer when more people were.
    """

    measured: Floats
    error: Floats
    luck: Floats
    seeds_of_luck: int
    simulated_share: float
    measured_share: float

    def covariance(self) -> Floats:
        """Return what measurement and luck leave open."""
        share = self.simulated_share + self.measured_share
        floor = np.square(np.abs(self.measured) * _SMALLEST + _SMALLEST)
        return np.diag(np.square(self.error) + floor) + self.luck * share


def fit(figures: Figures, simulate: Simulate, bounds: tuple[Floats, Floats]) -> Fit:
    """Fit parameters, all relative to their starts, to figures.

    Args:
        figures: What is fitted to.
        simulate: Gives the mean figures at each of several trials of the parameters.
        bounds: Smallest and largest values accepted.

    Raises:
        MissingExtraError: SciPy (extra `sweep`) is not installed.
    """
    try:
        from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # noqa: PLC0415
        from scipy.optimize import least_squares  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        feature = "etalon calibrate"
        raise MissingExtraError(feature) from error
    trials = _Trials(simulate)
    root = np.linalg.cholesky(figures.covariance())

    def misses(values: Floats) -> Floats:
        missed = trials.at(values) - figures.measured
        return np.asarray(solve_triangular(root, missed, lower=True))

    def slopes(values: Floats) -> Floats:
        return np.asarray(solve_triangular(root, trials.slopes(values, bounds), lower=True))

    start = np.ones(len(bounds[0]))
    # SciPy's own signature says that slopes are a text; its documentation, that they may be called.
    found = least_squares(
        misses,
        start,
        slopes,  # pyright: ignore[reportArgumentType]
        bounds,
        max_nfev=MOST_TRIALS,
        xtol=_CONVERGED,
        ftol=_CONVERGED,
    )
    return _told(figures, trials, np.asarray(found.x, dtype=np.float64), bounds)


def both_sides(values: Floats, bounds: tuple[Floats, Floats]) -> list[tuple[Floats, Floats]]:
    """Give the trials below and above some values, by a step of each parameter, where accepted."""
    pairs: list[tuple[Floats, Floats]] = []
    for rank in range(len(values)):
        step = np.zeros(len(values))
        step[rank] = STEP * max(abs(values[rank]), STEP)
        pairs.append((np.maximum(values - step, bounds[0]), np.minimum(values + step, bounds[1])))
    return pairs


def slopes_between(steps: Sequence[tuple[Floats, Floats]], found: Sequence[Floats]) -> Floats:
    """Give the slopes of the figures, a column each parameter, from both ends of its step.

    Args:
        steps: Trials of `both_sides`.
        found: Figures at these trials, one after the other.
    """
    columns = [
        (found[2 * rank + 1] - found[2 * rank]) / (above[rank] - below[rank])
        for rank, (below, above) in enumerate(steps)
    ]
    return np.array(columns).T


class _Trials:
    """Trials already simulated, so that none is twice."""

    def __init__(self, simulate: Simulate) -> None:
        self._simulate = simulate
        self._known: dict[tuple[float, ...], Floats] = {}

    def __len__(self) -> int:
        return len(self._known)

    def at(self, values: Floats) -> Floats:
        return self._all([values])[0]

    def slopes(self, values: Floats, bounds: tuple[Floats, Floats]) -> Floats:
        """Give the effect of each parameter by steps to both sides, where they are accepted."""
        steps = both_sides(values, bounds)
        return slopes_between(steps, self._all([end for pair in steps for end in pair]))

    def _all(self, wanted: Sequence[Floats]) -> list[Floats]:
        keys = [tuple(float(value) for value in values) for values in wanted]
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        found = self._simulate([np.array(key) for key in missing]) if missing else []
        self._known.update(zip(missing, found, strict=True))
        return [self._known[key] for key in keys]


def _told(figures: Figures, trials: _Trials, values: Floats, bounds: tuple[Floats, Floats]) -> Fit:
    """Say what the figures leave open, from the slopes at the fit."""
    from scipy import stats  # type: ignore[import-untyped]  # noqa: PLC0415 (as above)

    covariance = figures.covariance()
    simulated, slopes = trials.at(values), trials.slopes(values, bounds)
    weights = np.linalg.inv(covariance)
    told = np.linalg.pinv(slopes.T @ weights @ slopes, rcond=_SMALLEST, hermitian=True)
    spread = np.sqrt(np.diag(told))
    # What moves no figure is left open as far as its key accepts.
    spread[np.abs(slopes).max(axis=0) <= _SMALLEST * np.abs(simulated).max()] = np.inf
    # With few seeds the luck itself is known roughly: Student's law is wider than the bell curve.
    width = float(stats.t.ppf((1 + LEVEL) / 2, max(figures.seeds_of_luck - 1, 1)))
    misses = simulated - figures.measured
    misfit = float(misses @ weights @ misses)
    spare = len(figures.measured) - len(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = np.nan_to_num(told / np.outer(spread, spread))
    return Fit(
        values=values,
        low=np.maximum(values - width * spread, bounds[0]),
        high=np.minimum(values + width * spread, bounds[1]),
        correlations=correlations,
        simulated=simulated,
        left_open=np.sqrt(np.diag(covariance)),
        slopes=slopes,
        misfit=misfit,
        probability=float(stats.chi2.sf(misfit, spare)) if spare > 0 else None,
        identified=_identified(slopes, covariance, spread, correlations),
        trials=len(trials),
    )


def _identified(
    slopes: Floats, covariance: Floats, spread: Floats, correlations: Floats
) -> tuple[bool, ...]:
    """Tell which parameters the figures tell: they move a figure, and not only as another does."""
    moved = np.abs(slopes) / np.sqrt(np.diag(covariance))[:, None]
    apart = np.abs(correlations - np.diag(np.diag(correlations)))
    return tuple(
        bool(moved[:, rank].max() > 1 and spread[rank] < 1 and apart[rank].max() < MOST_CORRELATED)
        for rank in range(len(spread))
    )
