# pyright: standard
"""The fit: least squares over simulations of the same people with the same luck.

Each trial of the parameters is the mean of a few runs, always by the same seeds (common random
numbers): a step of a parameter then shows its effect and next to nothing else, and an optimiser
sees a smooth course. Figures are weighed by the inverse of their covariance: what the measurement
leaves open, and the luck of the people measured and of those simulated, seen by further seeds.

Slopes cost two trials a parameter. They are seen by steps where a search begins; each longer move
then mends them by what it showed (Broyden's update), and the search begins again from where it
ended while that is more than a step away.

What the figures leave open of the parameters follows from the slopes at the fit: a parameter that
moves no figure, or only as another one does, is told as not identified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.sweeps.designs import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.targets import Target

    Floats = NDArray[np.float64]
    Simulate = Callable[[Sequence[Floats]], list[Floats]]

LEVEL: Final = 0.95
BELL_WIDTH: Final = 2 * 1.959964
STEP: Final = 0.2
"""Step of a parameter, relative to its value, by which its effect is seen.

People who cross a threshold are counted: twice the step halves what their luck adds to a slope's
square, and steps to both sides leave only effects of the third order out.
"""

MOST_TRIALS: Final = 12
_MOST_SEARCHES: Final = 5
_SETTLED: Final = 0.1
"""Part of what the figures leave open of a parameter: a search does not look for less."""

_NO_BETTER: Final = 1e-3
"""Part of the misfit that a search no longer looks for."""

_NEAR: Final = 2e-2
_ROUGH: Final = 0.1
"""Part of a figure that a first, rough search takes for its error."""

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
        slopes_at: Values at which they were seen, within a step of the fit.
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
    slopes_at: Floats
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


def approach(
    figures: Sequence[Target], simulate: Simulate, bounds: tuple[Floats, Floats]
) -> Floats:
    """Find roughly where the parameters, all relative to their starts, give the figures.

    Luck is not known yet: each figure is weighed by its own error, a tenth of it added.

    Raises:
        MissingExtraError: SciPy (extra `sweep`) is not installed.
    """
    measured = np.array([float(target.value) for target in figures])
    error = measurement_errors(figures)
    rough = np.square(error) + np.square(_ROUGH * measured) + _SMALLEST**2
    trials = _Trials(simulate)
    search = _Search(trials, measured, np.diag(np.sqrt(rough)), bounds)
    start = np.ones(len(bounds[0]))
    return search.ended(start, trials.slopes(one_side(start, bounds)), _NEAR * start)


def measurement_errors(figures: Sequence[Target]) -> Floats:
    """Give the standard deviation that each measurement leaves open: 95 % of a bell, its range."""
    return np.array([float(target.high - target.low) / BELL_WIDTH for target in figures])


def fit(
    figures: Figures,
    simulate: Simulate,
    bounds: tuple[Floats, Floats],
    start: Floats | None = None,
) -> Fit:
    """Fit parameters, all relative to their starts, to figures.

    Args:
        figures: What is fitted to.
        simulate: Gives the mean figures at each of several trials of the parameters.
        bounds: Smallest and largest values accepted.
        start: Where the fit begins; at the starts themselves when None.

    Raises:
        MissingExtraError: SciPy (extra `sweep`) is not installed.
    """
    trials = _Trials(simulate)
    root = np.asarray(np.linalg.cholesky(figures.covariance()), dtype=np.float64)
    search = _Search(trials, figures.measured, root, bounds)
    begun = np.ones(len(bounds[0])) if start is None else start
    slopes, values = search.settled(begun)
    for _ in range(_MOST_SEARCHES - 1):
        if (np.abs(values - begun) <= STEP * np.maximum(np.abs(begun), STEP)).all():
            break
        begun = values
        slopes, values = search.settled(begun)
    told = _told(figures, trials.at(values), values, slopes, bounds)
    return replace(told, slopes_at=begun, trials=len(trials))


def both_sides(values: Floats, bounds: tuple[Floats, Floats]) -> list[tuple[Floats, Floats]]:
    """Give the trials below and above some values, by a step of each parameter, where accepted."""
    pairs: list[tuple[Floats, Floats]] = []
    for rank in range(len(values)):
        step = np.zeros(len(values))
        step[rank] = STEP * max(abs(values[rank]), STEP)
        pairs.append((np.maximum(values - step, bounds[0]), np.minimum(values + step, bounds[1])))
    return pairs


def one_side(values: Floats, bounds: tuple[Floats, Floats]) -> list[tuple[Floats, Floats]]:
    """Give the trials of the values themselves and above, or below where no more is accepted."""
    return [
        (values, above) if above[rank] > values[rank] else (below, values)
        for rank, (below, above) in enumerate(both_sides(values, bounds))
    ]


def slopes_between(steps: Sequence[tuple[Floats, Floats]], found: Sequence[Floats]) -> Floats:
    """Give the slopes of the figures, a column each parameter, from both ends of its step.

    Args:
        steps: Trials of `both_sides` or `one_side`.
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

    def slopes(self, steps: Sequence[tuple[Floats, Floats]]) -> Floats:
        """Give the effect of each parameter by its step."""
        return slopes_between(steps, self._all([end for pair in steps for end in pair]))

    def _all(self, wanted: Sequence[Floats]) -> list[Floats]:
        keys = [tuple(float(value) for value in values) for values in wanted]
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        found = self._simulate([np.array(key) for key in missing]) if missing else []
        self._known.update(zip(missing, found, strict=True))
        return [self._known[key] for key in keys]


@dataclass(frozen=True, slots=True)
class _Search:
    """Least squares from some values, with slopes seen there and mended on the way.

    Attributes:
        trials: What was simulated.
        measured: The figures.
        root: Of their covariance, lower triangular.
        bounds: Smallest and largest values accepted.
    """

    trials: _Trials
    measured: Floats
    root: Floats
    bounds: tuple[Floats, Floats]

    def settled(self, start: Floats) -> tuple[Floats, Floats]:
        """Give the slopes seen on both sides of `start`, and where a search with them ends.

        It ends at moves that are small beside what the figures leave open of each parameter.
        """
        slopes = self.trials.slopes(both_sides(start, self.bounds))
        told = np.linalg.norm(np.linalg.solve(self.root, slopes), axis=0)
        # What moves no figure has no such move: its own value stands for it.
        least = _SETTLED / np.maximum(np.abs(start), _SETTLED)
        return slopes, self.ended(start, slopes, _SETTLED / np.maximum(told, least))

    def ended(self, start: Floats, seen: Floats, settled: Floats) -> Floats:
        """Give the values that a search ends at.

        Args:
            start: Where it begins.
            seen: The slopes there.
            settled: Move of each parameter that ends it; it is what the search counts in.

        Raises:
            MissingExtraError: SciPy (extra `sweep`) is not installed.
        """
        try:
            from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # noqa: PLC0415
            from scipy.optimize import least_squares  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError as error:
            feature = "etalon calibrate"
            raise MissingExtraError(feature) from error
        known = _MendedSlopes(self.trials, start, seen)

        def misses(moves: Floats) -> Floats:
            missed = self.trials.at(moves * settled) - self.measured
            return np.asarray(solve_triangular(self.root, missed, lower=True))

        def slopes(moves: Floats) -> Floats:
            shown = known.at(moves * settled) * settled
            return np.asarray(solve_triangular(self.root, shown, lower=True))

        # SciPy's own signature says that slopes are a text; its documentation, that they may be
        # called.
        found = least_squares(
            misses,
            start / settled,
            slopes,  # pyright: ignore[reportArgumentType]
            (self.bounds[0] / settled, self.bounds[1] / settled),
            max_nfev=MOST_TRIALS,
            xtol=1 / float(np.linalg.norm(start / settled)),
            ftol=_NO_BETTER,
        )
        return np.clip(np.asarray(found.x) * settled, *self.bounds)


class _MendedSlopes:
    """Slopes seen by steps at the beginning, then mended by what each longer move showed."""

    def __init__(self, trials: _Trials, start: Floats, slopes: Floats) -> None:
        self._trials = trials
        self._values = start
        self._slopes = slopes

    def at(self, values: Floats) -> Floats:
        moved = values - self._values
        length = float(moved @ moved)
        # A shorter move shows the luck of a few people more than it shows a slope.
        if length >= (STEP / 2) ** 2:
            shown = self._trials.at(values) - self._trials.at(self._values)
            self._slopes = self._slopes + np.outer(shown - self._slopes @ moved, moved) / length
            self._values = values
        return self._slopes


def _told(
    figures: Figures,
    simulated: Floats,
    values: Floats,
    slopes: Floats,
    bounds: tuple[Floats, Floats],
) -> Fit:
    """Say what the figures leave open, from the slopes near the fit."""
    from scipy import stats  # type: ignore[import-untyped]  # noqa: PLC0415 (as above)

    covariance = figures.covariance()
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
        slopes_at=values,
        misfit=misfit,
        probability=float(stats.chi2.sf(misfit, spare)) if spare > 0 else None,
        identified=_identified(slopes, covariance, spread, correlations),
        trials=0,
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
