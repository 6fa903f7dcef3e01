# pyright: standard
"""A calibration: trials simulated, the fit, its check on figures held out, and what is written."""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.calibrations.fitting import (
    BELL_WIDTH,
    LEVEL,
    Figures,
    approach,
    both_sides,
    fit,
    measurement_errors,
    slopes_between,
)
from etalon_scenarios.parameters import Number
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_errors import StudyFileError
from etalon_scenarios.scenario_keys import expected_at
from etalon_scenarios.sweeps.tasks import run_task, scenario_digest, task_of
from etalon_scenarios.trials import Trial
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.calibrations.fitting import Fit
    from etalon_scenarios.calibrations.plan import Plan
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.sweeps.tasks import Outcome, Task
    from etalon_scenarios.targets import Target

    Floats = NDArray[np.float64]
    Work = Callable[[Iterable[Task]], Iterator[Outcome | None]]

SCHEMA_VERSION: Final = 1
CALIBRATION_FILE: Final = "calibration.json"
SEEDS_OF_LUCK: Final = 12
_KEPT: Final = Context(prec=4)
_LARGEST_RELATIVE: Final = 20.0
"""A parameter is looked for up to so many times its start, within what its key accepts."""


class CalibrationStoppedError(Exception):
    """The user asked to stop before the fit was found."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a calibration found.

    Attributes:
        plan: What was asked.
        starts: Value of each parameter that the fit began at.
        fit: The fit, relative to the starts.
        checked: Figure held out -> what the fit gives, and its standard deviation.
    """

    plan: Plan
    starts: tuple[Decimal, ...]
    fit: Fit
    checked: Mapping[str, tuple[float, float]]

    def values(self) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        """Give each parameter: value and both ends of its 95 % interval, four digits."""
        rows = zip(self.plan.parameters, self.starts, strict=True)
        return {
            fitted.path: (
                _times(start, self.fit.values[rank]),
                _times(start, self.fit.low[rank]),
                _times(start, self.fit.high[rank]),
            )
            for rank, (fitted, start) in enumerate(rows)
        }


def calibrate(plan: Plan, engine: str = "cohort", work: Work | None = None) -> Result:
    """Fit the parameters of a plan.

    Args:
        plan: What is fitted to what.
        engine: Name of the engine.
        work: Makes runs, in the order given; in this process when None.

    Raises:
        StudyFileError: A run cannot tell one of the figures.
        CalibrationStoppedError: `work` gave no outcome for a run.
        MissingExtraError: SciPy (extra `sweep`) is not installed.
    """
    simulation = _Simulation(plan, engine, work or _here)
    bounds = simulation.bounds()
    near = approach(plan.fit, simulation.fitted_means, bounds)
    luck = simulation.luck(near)
    full = population_table(plan.scenario).full
    figures = Figures(
        measured=np.array([float(target.value) for target in plan.fit]),
        error=measurement_errors(plan.fit),
        luck=luck[: len(plan.fit), : len(plan.fit)],
        seeds_of_luck=SEEDS_OF_LUCK,
        simulated_share=1 / (plan.seeds + SEEDS_OF_LUCK),
        measured_share=plan.population / (plan.observed or full),
    )
    found = fit(figures, simulation.fitted_means, bounds, near)
    found = replace(found, trials=simulation.trials)
    share = figures.simulated_share + figures.measured_share
    checked = simulation.checked(found, luck * share)
    return Result(plan, simulation.starts, found, checked)


def _here(tasks: Iterable[Task]) -> Iterator[Outcome | None]:
    return (run_task(task) for task in tasks)


def _times(start: Decimal, factor: float) -> Decimal:
    return _KEPT.multiply(start, Decimal(repr(float(factor))))


class _Simulation:
    """Trials of the parameters of a plan, simulated."""

    def __init__(self, plan: Plan, engine: str, work: Work) -> None:
        self.plan = plan
        self.starts = tuple(_start(plan, rank) for rank in range(len(plan.parameters)))
        self._targets = (*plan.fit, *plan.held_out)
        self._engine = engine
        self._work = work
        self._digest = scenario_digest(plan.scenario)
        self._pickled = pickle.dumps(plan.scenario)
        self._known: dict[tuple[float, ...], Floats] = {}
        self._shift = np.zeros(len(self._targets))

    def bounds(self) -> tuple[Floats, Floats]:
        """Give the smallest and largest values accepted, relative to the starts."""
        low: list[float] = []
        high: list[float] = []
        for fitted, start in zip(self.plan.parameters, self.starts, strict=True):
            expected = expected_at(Scenario, fitted.path)
            series = not isinstance(dict(self.plan.scenario.parameters())[fitted.path], Number)
            low.append(0.0 if series else float(expected.low / start))
            high.append(
                _LARGEST_RELATIVE
                if series
                else min(float(expected.high / start), _LARGEST_RELATIVE)
            )
        return np.array(low), np.array(high)

    def fitted_means(self, trials: Sequence[Floats]) -> list[Floats]:
        """Give the mean of the figures fitted, at each trial."""
        return [mean[: len(self.plan.fit)] for mean in self._means(trials)]

    def luck(self, near: Floats) -> Floats:
        """See the covariance of all figures between further seeds, near the fit.

        What these seeds give on average also moves every mean given from here on: a trial is then
        told by all seeds, those of its own runs and, for what does not depend on it, the others.
        """
        first = self.plan.seed + self.plan.seeds
        rows = np.array(
            self._figures([(near, seed) for seed in range(first, first + SEEDS_OF_LUCK)])
        )
        further = SEEDS_OF_LUCK / (SEEDS_OF_LUCK + self.plan.seeds)
        self._shift = further * (rows.mean(axis=0) - self._means([near])[0])
        return np.atleast_2d(np.cov(rows, rowvar=False))

    @property
    def trials(self) -> int:
        """How many trials of the parameters were simulated."""
        return len(self._known)

    def checked(self, found: Fit, luck: Floats) -> dict[str, tuple[float, float]]:
        """Give the figures held out at the fit, with what the fit leaves open of them."""
        if not self.plan.held_out:
            return {}
        steps = both_sides(found.slopes_at, self.bounds())
        at, *ends = self._means([found.values, *(end for pair in steps for end in pair)])
        slopes = slopes_between(steps, ends)
        # An end that the key of a parameter sets is nearer than what the figures leave open.
        within = (found.high - found.low) / BELL_WIDTH
        together = found.correlations * np.outer(within, within)
        np.fill_diagonal(together, np.square(within))
        spread = np.sqrt(np.diag(slopes @ together @ slopes.T + luck))
        fitted = len(self.plan.fit)
        return {
            target.id: (float(at[fitted + rank]), float(spread[fitted + rank]))
            for rank, target in enumerate(self.plan.held_out)
        }

    def _means(self, trials: Sequence[Floats]) -> list[Floats]:
        """Give the mean of all figures at each trial; the slopes of the fit are not made again."""
        seeds = range(self.plan.seed, self.plan.seed + self.plan.seeds)
        keys = [tuple(float(value) for value in trial) for trial in trials]
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        rows = self._figures([(np.array(key), seed) for key in missing for seed in seeds])
        means = np.array(rows).reshape(len(missing), len(seeds), len(self._targets)).mean(axis=1)
        self._known.update(zip(missing, means, strict=True))
        return [self._known[key] + self._shift for key in keys]

    def _figures(self, wanted: Sequence[tuple[Floats, int]]) -> list[list[float]]:
        tasks = [self._task(trial, seed) for trial, seed in wanted]
        return [self._row(outcome) for outcome in self._work(tasks)]

    def _task(self, trial: Floats, seed: int) -> Task:
        values = {
            fitted.path: _KEPT_LONG.multiply(start, Decimal(repr(float(factor))))
            for fitted, start, factor in zip(self.plan.parameters, self.starts, trial, strict=True)
        }
        one = Trial(population=self.plan.population, seed=seed, values=values)
        task = task_of(self.plan.scenario, self._digest, self._pickled, self._engine, one)
        return task.measured_by(self._targets)

    def _row(self, outcome: Outcome | None) -> list[float]:
        if outcome is None:
            raise CalibrationStoppedError
        if outcome.failure is not None:
            raise RuntimeError(outcome.failure)
        row: list[float] = []
        for target in self._targets:
            value = outcome.figures[target.id]
            if value is None:
                raise StudyFileError(
                    self.plan.file,
                    target.id,
                    found="nothing that a run of the scenario tells",
                    accepted="a figure within the days of the scenario",
                )
            row.append(value)
        return row


_KEPT_LONG: Final = Context(prec=10)


def _start(plan: Plan, rank: int) -> Decimal:
    """Give the value that a fit begins at: that of the plan, of the scenario, or 1 for a series."""
    fitted = plan.parameters[rank]
    parameter = dict(plan.scenario.parameters())[fitted.path]
    start = fitted.start
    if start is None:
        start = parameter.value if isinstance(parameter, Number) else Decimal(1)
    if start == 0:
        raise StudyFileError(
            plan.file, fitted.path, found="a start of 0", accepted="a start that is not 0"
        )
    return start


def calibration_record(result: Result) -> dict[str, Json]:
    """Give what `calibration.json` holds."""
    plan, found = result.plan, result.fit
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "calibration",
        "etalon_version": installed_version(),
        "scenario": plan.scenario.name,
        "title_fr": plan.scenario.scenario.title_fr,
        "title_en": plan.scenario.scenario.title_en,
        "scenario_digest": scenario_digest(plan.scenario),
        "plan_sha256": plan.sha256,
        "population": plan.population,
        "seed": plan.seed,
        "seeds": plan.seeds,
        "observed": plan.observed or population_table(plan.scenario).full,
        "level": LEVEL,
        "trials": found.trials,
        "misfit": round(found.misfit, 4),
        "probability": None if found.probability is None else round(found.probability, 4),
        "contradictory": found.contradictory,
        "parameters": _parameters(result),
        "fitted": [
            _figure(target, float(found.simulated[rank]), float(found.left_open[rank]))
            for rank, target in enumerate(plan.fit)
        ],
        "held_out": [_figure(target, *result.checked[target.id]) for target in plan.held_out],
    }


def _parameters(result: Result) -> list[Json]:
    """Give each parameter fitted, as `calibration.json` holds it."""
    plan, found = result.plan, result.fit
    parameters: list[Json] = []
    for rank, (path, (value, low, high)) in enumerate(result.values().items()):
        before = dict(plan.scenario.parameters())[path]
        parameters.append(
            {
                "path": path,
                "figure": plan.parameters[rank].figure,
                "unit": before.unit,
                "kind": "number" if isinstance(before, Number) else "series",
                "before": float(before.value) if isinstance(before, Number) else 1.0,
                "value": float(value),
                "low": float(low),
                "high": float(high),
                "identified": found.identified[rank],
                "correlations": [round(float(c), 4) for c in found.correlations[rank]],
            }
        )
    return parameters


def _figure(target: Target, simulated: float, spread: float) -> Json:
    """Give one figure beside what was measured; a hit when both intervals meet."""
    most = 1.0 if target.unit == "share" else math.inf
    low = max(simulated - BELL_WIDTH / 2 * spread, 0.0)
    high = min(simulated + BELL_WIDTH / 2 * spread, most)
    return {
        "figure": target.id,
        "quantity": target.quantity,
        "day": target.day,
        "on": None if target.on is None else target.on.isoformat(),
        "unit": target.unit,
        "measured": float(target.value),
        "measured_low": float(target.low),
        "measured_high": float(target.high),
        "simulated": float(f"{simulated:.6g}"),
        "low": float(f"{low:.6g}"),
        "high": float(f"{high:.6g}"),
        "hit": bool(low <= float(target.high) and high >= float(target.low)),
        "source": target.source,
    }
