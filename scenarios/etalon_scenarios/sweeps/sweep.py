"""A sweep: the points of an experiment run, kept as they end, and told apart.

Order of writing: `sweep.json` (partial), `kept-runs.jsonl` line by line, then `runs.parquet`,
`timing.parquet` and `sweep.json` (complete). A run that fails leaves its reason; the rest stands.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.knowledge import FEWEST_EVENTS
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.sweeps.designs import points_of
from etalon_scenarios.sweeps.experiment import scenario_of
from etalon_scenarios.sweeps.indices import LEVEL, effects, means_by_value
from etalon_scenarios.sweeps.kept import keep, read_kept
from etalon_scenarios.sweeps.run_table import Row, figure_names, write_runs, write_timing
from etalon_scenarios.sweeps.spreading import ExecutorGoneError, spread
from etalon_scenarios.sweeps.tasks import Outcome, scenario_digest, task_of
from etalon_scenarios.trials import Trial
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sweeps.designs import Point
    from etalon_scenarios.sweeps.experiment import Experiment
    from etalon_scenarios.sweeps.spreading import Workers
    from etalon_scenarios.sweeps.tasks import Task

SWEEP_FILE: Final = "sweep.json"
SCHEMA_VERSION: Final = 1
INTERRUPTED: Final = "interrupted"
GONE: Final = "executor gone"


def _unheard(_done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(slots=True, kw_only=True)
class Sweep:
    """What is run, where, by whom.

    Attributes:
        experiment: What is asked for.
        directory: Where it lands.
        workers: Where runs are made.
        engine: Name of the engine; results do not depend on it.
        stop: Asked now and then; yes leaves a partial sweep.
        progress: Told how many runs have ended, and of how many.
        failures: Runs that failed, once it is carried out: row and reason.
    """

    experiment: Experiment
    directory: RunDirectory
    workers: Workers
    engine: str = "cohort"
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[int, int], None] = _unheard
    _tasks: dict[tuple[int, int], Task] = field(default_factory=dict[tuple[int, int], "Task"])
    _refused: dict[int, str] = field(default_factory=dict[int, str])
    _record: dict[str, Json] = field(default_factory=dict[str, "Json"])

    def carry_out(self) -> bool:
        """Make the runs that are missing and write; tell whether all were made.

        Raises:
            ScenarioError: No point gives a scenario that can be used.
            MissingExtraError: The design, or the executor, needs the extra `sweep`.
            ExecutorGoneError: The executor went away; finished runs are kept, and written.
            StorageError: The disk is full or refused a file.
        """
        base = scenario_of(self.experiment)
        seed = base.seed if self.experiment.seed is None else self.experiment.seed
        points = points_of(self.experiment, seed)
        seeds = range(seed, seed + self.experiment.replications)
        self._plan(base, points, seeds)
        self._write(base, points, {}, seeds, "partial", None)
        done = read_kept(self.directory)
        gone: ExecutorGoneError | None = None
        try:
            self._run(done)
        except ExecutorGoneError as error:
            gone = error
        missing = {task.key for task in self._tasks.values()} - done.keys()
        reason = GONE if gone else INTERRUPTED if missing else None
        self._write(base, points, done, seeds, "partial" if reason else "complete", reason)
        if gone is not None:
            raise gone
        return not missing

    @property
    def record(self) -> Mapping[str, Json]:
        """What `sweep.json` holds."""
        return self._record

    def _plan(self, base: Scenario, points: Sequence[Point], seeds: range) -> None:
        """Describe every run; a point that is no scenario is a failure, unless all are."""
        pickled: dict[tuple[str, ...], tuple[Scenario, str, bytes]] = {}
        problem: ScenarioError | None = None
        for point in points:
            made = (point.candidate or "", *(f"{p}={v}" for p, v in point.changes.items()))
            try:
                if made not in pickled:
                    pickled[made] = _prepared(self._scenario(base, point))
            except ScenarioError as error:
                self._refused[point.rank], problem = str(error), error
                continue
            scenario, digest, content = pickled[made]
            for seed in seeds:
                trial = Trial(
                    population=self.experiment.population,
                    seed=seed,
                    until=self.experiment.until,
                    values=dict(point.values),
                )
                task = task_of(scenario, digest, content, self.engine, trial)
                self._tasks[point.rank, seed] = task
        if problem is not None and not self._tasks:
            raise problem

    def _scenario(self, base: Scenario, point: Point) -> Scenario:
        if point.candidate is not None:
            return load_scenario(point.candidate, self.experiment.changes)
        if not point.changes:
            return base
        return scenario_of(self.experiment, [f"{p}={v}" for p, v in point.changes.items()])

    def _run(self, done: dict[str, Outcome]) -> None:
        """Make the runs that are not done; the same key is made once."""
        tasks = {task.key: task for task in self._tasks.values()}
        missing = [task for key, task in tasks.items() if key not in done]
        self.progress(len(tasks) - len(missing), len(tasks))
        if not missing:
            return
        ended = len(tasks) - len(missing)
        for outcome in spread(missing, self.workers, stop=self.stop):
            done[outcome.key] = outcome
            if outcome.failure is None:
                keep(self.directory, outcome)
            ended += 1
            self.progress(ended, len(tasks))

    def _rows(
        self, points: Sequence[Point], done: Mapping[str, Outcome], seeds: range
    ) -> list[Row]:
        rows: list[Row] = []
        for point in points:
            for seed in seeds:
                if point.rank in self._refused:
                    outcome = Outcome("", failure=self._refused[point.rank])
                    rows.append(Row(point, seed, "", outcome))
                else:
                    key = self._tasks[point.rank, seed].key
                    rows.append(Row(point, seed, key, done.get(key)))
        return rows

    def _write(  # noqa: PLR0913, PLR0917 (what the files tell)
        self,
        base: Scenario,
        points: Sequence[Point],
        done: Mapping[str, Outcome],
        seeds: range,
        status: str,
        reason: str | None,
    ) -> None:
        rows = self._rows(points, done, seeds)
        if done:
            paths = [one.path for one in self.experiment.varied]
            write_runs(self.directory, rows, paths)
            made = {row.key: row.outcome for row in rows if row.outcome is not None and row.key}
            write_timing(self.directory, made)
        whole = status == "complete"
        found = [_mean(rows, point, seeds) for point in points] if whole else []
        firm = _firm(rows)
        told = effects(self.experiment, points, found, seeds.start, firm) if whole else []
        self._record = {
            "schema_version": SCHEMA_VERSION,
            "kind": "sweep",
            "etalon_version": installed_version(),
            "status": status,
            "status_reason": reason,
            **_asked(self.experiment, base, seeds),
            "points": len(points),
            "runs": {
                kind: sum(row.status == kind for row in rows)
                for kind in ("done", "failed", "missing")
            },
            "failures": [_failure(row) for row in rows if row.status == "failed"],
            "level": LEVEL,
            "effects": [effect.as_json() for effect in told],
            "by_value": means_by_value(self.experiment, points, found, firm) if whole else [],
            "candidates": _candidates(points, found),
        }
        self.directory.write_json(SWEEP_FILE, self._record)


def _prepared(scenario: Scenario) -> tuple[Scenario, str, bytes]:
    return scenario, scenario_digest(scenario), pickle.dumps(scenario)


def _asked(experiment: Experiment, base: Scenario, seeds: range) -> dict[str, Json]:
    """Give what was asked for, as `sweep.json` holds it."""
    varied: list[Json] = [
        {
            "path": one.path,
            "low": None if one.low is None else float(one.low),
            "high": None if one.high is None else float(one.high),
            "values": [str(value) for value in one.values],
        }
        for one in experiment.varied
    ]
    return {
        "name": experiment.name,
        "title_fr": experiment.title_fr,
        "title_en": experiment.title_en,
        "experiment_sha256": experiment.sha256,
        "scenario": base.name,
        "scenario_title_fr": base.scenario.title_fr,
        "scenario_title_en": base.scenario.title_en,
        "scenario_digest": scenario_digest(base),
        "changes": list(experiment.changes),
        "design": experiment.design,
        "population": experiment.population,
        "seed": seeds.start,
        "replications": len(seeds),
        "until": None if experiment.until is None else experiment.until.isoformat(),
        "varied": varied,
    }


def _mean(rows: Sequence[Row], point: Point, seeds: range) -> Mapping[str, float | None] | None:
    """Give the mean figures of a point over its seeds; None when one of its runs failed."""
    first = point.rank * len(seeds)
    own = [row.outcome for row in rows[first : first + len(seeds)]]
    found = [outcome.figures for outcome in own if outcome is not None and not outcome.failure]
    if len(found) < len(seeds):
        return None
    means: dict[str, float | None] = {}
    for name in figure_names(rows):
        values = [figures.get(name) for figures in found]
        known = [value for value in values if value is not None]
        means[name] = sum(known) / len(known) if len(known) == len(values) else None
    return means


def _firm(rows: Sequence[Row]) -> list[str]:
    """Name the figures that rest on enough events, as a mean over the runs, to be told apart."""
    done = [row.outcome for row in rows if row.outcome is not None and not row.outcome.failure]
    return [
        name
        for name in figure_names(rows)
        if sum(one.events.get(name, 0) for one in done) >= FEWEST_EVENTS * len(done) > 0
    ]


def _failure(row: Row) -> Json:
    outcome = cast("Outcome", row.outcome)
    return {
        "point": row.point.rank,
        "seed": row.seed,
        "run_key": row.key or None,
        "values": {path: float(value) for path, value in row.point.values.items()},
        "changes": dict(row.point.changes),
        "reason": outcome.failure,
    }


def _candidates(
    points: Sequence[Point], found: Sequence[Mapping[str, float | None] | None]
) -> list[Json]:
    """Give the figures of whole scenarios, side by side."""
    return [
        {"scenario": point.candidate, "figures": None if figures is None else dict(figures)}
        for point, figures in zip(points, found, strict=False)
        if point.candidate is not None
    ]
