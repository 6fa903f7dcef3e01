"""One run of a sweep: what it depends on, its key, and what it gave.

A key is a digest of everything that the result depends on, so that a run is never made twice: by
whom, where, in which order and as part of which experiment it is made, is not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import platform
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.comparisons import simulate_target
from etalon_scenarios.engine import engine_named, for_so_many
from etalon_scenarios.headlines import names_of, swept_figures
from etalon_scenarios.life.following import counts_lives, follow
from etalon_scenarios.tally import Tally
from etalon_scenarios.trials import Trial, days_planned
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.targets import Target

_KEY_LETTERS: Final = 32
_BESIDE: Final = frozenset({"scenario", "targets"})
"""Roles of files that no run depends on once its scenario is read."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run, as it travels to a worker.

    Attributes:
        key: Digest of all that its result depends on.
        scenario: The scenario, pickled.
        digest: Digest of the scenario.
        engine: Name of the engine; results do not depend on it.
        trial: People, seed, last day and values.
        version: Version of Étalon that asks, and must make it.
        targets: Figures that it is told by, in place of headlines; none for headlines.
        among: People of all runs made with it; results do not depend on it.
    """

    key: str
    scenario: bytes = field(repr=False)
    digest: str
    engine: str
    trial: Trial
    version: str = field(default_factory=installed_version)
    targets: tuple[Target, ...] = ()
    among: int = 0

    def measured_by(self, targets: Sequence[Target]) -> Task:
        """Give the same run, told by measured figures in place of headlines."""
        names = [[target.id, target.quantity, target.day, str(target.on)] for target in targets]
        key = hashlib.sha256(json.dumps([self.key, names]).encode()).hexdigest()[:_KEY_LETTERS]
        return replace(self, key=key, targets=tuple(targets))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run gave, or why it gave nothing.

    Attributes:
        key: Its key.
        figures: Headline -> value, None where the run cannot tell; empty for a failure.
        events: Headline -> events it rests on.
        ledger_digest: Digest of everything that happened; empty for a failure.
        failure: Why it failed, or None.
        timing: Beginning (UTC), seconds and place, which differ from one day to another.
    """

    key: str
    figures: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    events: Mapping[str, int] = field(default_factory=dict[str, int])
    ledger_digest: str = ""
    failure: str | None = None
    timing: Mapping[str, Json] = field(default_factory=dict[str, "Json"])

    def as_json(self) -> dict[str, Json]:
        """Give the outcome as a line of the kept runs holds it."""
        return {
            "key": self.key,
            "figures": dict(self.figures),
            "events": dict(self.events),
            "ledger_digest": self.ledger_digest,
            "timing": dict(self.timing),
        }


def outcome_from_json(line: Mapping[str, Json]) -> Outcome:
    """Read an outcome that was kept.

    Raises:
        KeyError: A key is missing.
    """
    return Outcome(
        key=str(line["key"]),
        figures=cast("Mapping[str, float | None]", line["figures"]),
        events=cast("Mapping[str, int]", line["events"]),
        ledger_digest=str(line["ledger_digest"]),
        timing=cast("Mapping[str, Json]", line["timing"]),
    )


def scenario_digest(scenario: Scenario) -> str:
    """Digest what a scenario says, and the tables of the user's own that it read."""
    inputs = [[role, sha] for role, _, sha in scenario.inputs() if role not in _BESIDE]
    said = scenario.model_dump_json(by_alias=True, exclude={"targets_file", "parameters_file"})
    return hashlib.sha256(json.dumps([said, inputs]).encode()).hexdigest()


def task_of(scenario: Scenario, digest: str, pickled: bytes, engine: str, trial: Trial) -> Task:
    """Describe one run.

    Args:
        scenario: As loaded; its values are changed by the worker.
        digest: Its digest.
        pickled: The same scenario, pickled once for many runs.
        engine: Name of the engine.
        trial: People, seed, last day and values.
    """
    until: date = trial.until or scenario.ends_on
    values = {path: str(_plain(value)) for path, value in sorted(trial.values.items())}
    told = [installed_version(), digest, trial.population, trial.seed, until.isoformat(), values]
    key = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:_KEY_LETTERS]
    return Task(key, pickled, digest, engine, trial)


def _plain(value: Decimal) -> Decimal:
    """Give one spelling to equal numbers: 1, 1.0 and 1.00."""
    return value.normalize() + 0


@lru_cache(maxsize=8)
def _scenario(_digest: str, pickled: bytes) -> Scenario:
    return cast("Scenario", pickle.loads(pickled))  # noqa: S301 (made by the sweep itself)


def run_task(task: Task, stop: Callable[[], bool] = lambda: False) -> Outcome | None:
    """Make one run; None when `stop` asked for it before the last day.

    Whatever goes wrong in a run is its outcome: one bad point does not end a sweep.
    """
    began, clock, cpu = datetime.now(UTC), time.perf_counter(), time.process_time()
    try:
        found = _simulated(task, stop)
    except Exception as error:  # noqa: BLE001 (told with the run, see above)
        found = Outcome(task.key, failure=f"{type(error).__name__}: {error}")
    if found is None:
        return None
    timing: dict[str, Json] = {
        "began_at": began.isoformat(timespec="milliseconds"),
        "seconds": round(time.perf_counter() - clock, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
        "worker": f"{platform.node()}/{os.getpid()}",
    }
    return Outcome(
        found.key, found.figures, found.events, found.ledger_digest, found.failure, timing
    )


def _simulated(task: Task, stop: Callable[[], bool]) -> Outcome | None:
    if task.version != installed_version():
        message = f"this worker has version {installed_version()}, the sweep {task.version}"
        raise RuntimeError(message)
    scenario, trial = _scenario(task.digest, task.scenario), task.trial
    changed = scenario.with_values(trial.values) if trial.values else scenario
    engine = for_so_many(engine_named(task.engine), max(task.among, trial.population))
    lives = counts_lives(changed) and not task.targets
    attendance = Attendance(hears_lives=True) if lives else None
    run = engine.simulate(
        changed,
        population=trial.population,
        seed=trial.seed,
        until=trial.until,
        on_day=None,
        stop=stop,
        observer=attendance,
    )
    if run.days_done < days_planned(changed, trial.until):
        return None
    if task.targets:
        tally = Tally(cast("Run", run))
        told = {target.id: simulate_target(changed, target, tally) for target in task.targets}
        return Outcome(task.key, told, {}, cast("Run", run).ledger.digest())
    if attendance is not None:
        run = follow(cast("Run", run), changed, attendance, engine=engine.name)
    summary = engine.summarise(run, changed)
    figures = swept_figures(summary)
    return Outcome(
        task.key,
        {name: figures[name].value for name in names_of(figures)},
        {name: figures[name].events for name in names_of(figures)},
        str(summary["ledger_digest"]),
    )
