"""A study: one simulation, its replications and its knowledge draws, written as they end.

Order of writing: `run.json` (partial), `scenario.json`, `daily.parquet`, `usage.parquet` where the
life of spaces is counted, `arrivals_minute.parquet` and, where asked for, `arrivals.parquet`,
`summary.json`, the arrivals by minute again with what the replications say, `knowledge.json` after
each draw, `summary.json` again with what the draws say, and last `run.json` (complete). A study
that is stopped keeps all days simulated so far and every draw that ended.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast

from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.arrivals_files import (
    MINUTES_FILE,
    MinuteCounts,
    Wanted,
    arrivals_of,
    read_minutes,
    write_minutes,
    write_run_arrivals,
)
from etalon_scenarios.daily_file import DAILY_FILE, write_daily
from etalon_scenarios.draws_file import KNOWLEDGE_FILE, Draws, draws_from_json
from etalon_scenarios.headlines import Headline, headlines_of
from etalon_scenarios.knowledge import LEVEL
from etalon_scenarios.life.following import counts_lives, follow
from etalon_scenarios.peak_memory import peak_memory_bytes
from etalon_scenarios.run_directory import StorageError
from etalon_scenarios.scenario_record import scenario_record
from etalon_scenarios.trials import Trial, TrialResult, days_planned, run_trials
from etalon_scenarios.usage_file import USAGE_FILE, write_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from etalon_scenarios.draws_file import Weeks
    from etalon_scenarios.engine import Engine, Progress, Simulate
    from etalon_scenarios.policies.measuring import Measured
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.run_record import RunRecord
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

SUMMARY_FILE: Final = "summary.json"
SCENARIO_FILE: Final = "scenario.json"
INTERRUPTED: Final = "interrupted"
Stage = Literal["days", "replications", "draws"]


def _no_report(stage: Stage, done: int, total: int, detail: str) -> None:
    """Say nothing."""


@dataclass(slots=True, kw_only=True)
class Study:
    """What is simulated, where it lands, and who is told.

    Attributes:
        record: What was asked for.
        scenario: The scenario with its changes.
        directory: Where the run lands.
        engine: What simulates.
        workers: Processes for replications and draws.
        stop: Asked after each simulated day; yes leaves a partial run.
        progress: Told (stage, done, total, detail) as parts end.
        on_run: Told what the run itself gave, once its days are simulated.
        on_draw: Told of each draw as it ends (-1 is their central run).
        arrivals: Whose arrivals are written one by one.
        simulate: Simulates the run itself in place of the engine, as from a checkpoint.
    """

    record: RunRecord
    scenario: Scenario
    directory: RunDirectory
    engine: Engine
    workers: int = 1
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[Stage, int, int, str], None] = _no_report
    on_run: Callable[[Measured], None] = lambda _measured: None
    on_draw: Callable[[int, TrialResult], None] = lambda _draw, _result: None
    arrivals: Wanted = None
    simulate: Simulate | None = None
    _minutes: MinuteCounts = field(default_factory=MinuteCounts)
    _summary: dict[str, Json] = field(default_factory=dict[str, "Json"])

    def carry_out(self, *, resume: bool = False) -> bool:
        """Simulate and write; tell whether the study is complete, or was stopped.

        Args:
            resume: Take over what an earlier run of the same plan left in the directory.

        Raises:
            StorageError: The disk is full or refused a file; the run stays partial.
        """
        self.record.write(self.directory, self.scenario, "partial")
        self.directory.write_json(SCENARIO_FILE, scenario_record(self.scenario))
        try:
            complete = self._parts(resume=resume)
        except StorageError:
            raise
        except Exception as error:
            self.record.write(self.directory, self.scenario, "failed", type(error).__name__)
            raise
        if complete:
            self.record.write(self.directory, self.scenario, "complete")
        else:
            self.record.write(self.directory, self.scenario, "partial", INTERRUPTED)
        return complete

    def _parts(self, *, resume: bool) -> bool:
        """Carry out the three parts in order, until one is stopped."""
        earlier = self._earlier() if resume else None
        if earlier is not None:
            self._summary = earlier
        elif not self._simulate():
            return False
        return self._replicate() and self._draw(resume=resume)

    @property
    def summary(self) -> Mapping[str, Json]:
        """What `summary.json` holds."""
        return self._summary

    def _earlier(self) -> dict[str, Json] | None:
        """Give the summary of an earlier run that simulated all its days, if it is there."""
        try:
            summary = dict(cast("Mapping[str, Json]", self.directory.read_json(SUMMARY_FILE)))
            days = cast("Mapping[str, Json]", summary["run"])["all_days"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        files = [DAILY_FILE, MINUTES_FILE, *([USAGE_FILE] if "usage" in summary else [])]
        whole = days is True and all((self.directory.path / name).is_file() for name in files)
        return summary if whole else None

    def _simulate(self) -> bool:
        """Simulate the run itself and write it; tell whether all its days were simulated."""
        started, cpu = time.perf_counter(), _cpu_seconds()
        plan = self.record.plan
        attendance = Attendance(hears_lives=counts_lives(self.scenario))
        simulate = self.simulate or self.engine.simulate
        run = simulate(
            self.scenario,
            population=plan.population,
            seed=plan.seed,
            until=plan.until,
            on_day=self._tell_day,
            stop=self.stop,
            observer=attendance,
        )
        whole = run.days_done == days_planned(self.scenario, plan.until)
        run = self._follow(cast("Run", run), attendance)
        measured = self.engine.measure(run, self.scenario)
        self.on_run(measured)
        cpu = _cpu_seconds() - cpu
        write_daily(self.directory, run.ledger, self.scenario.starts_on)
        arrivals = arrivals_of(attendance, self.scenario, seed=plan.seed, days=run.days_done)
        self._minutes = write_run_arrivals(
            self.directory, self.scenario, run, arrivals, self.arrivals
        )
        self._summary = dict(self.engine.summarise(run, self.scenario))
        self._summary["engine"] = plan.engine
        self._summary["weeks"] = dict(measured.weeks)
        self._summary["run"] = {
            "all_days": whole,
            "days_done": run.days_done,
            "wall_seconds": round(time.perf_counter() - started, 2),
            "cpu_seconds": round(cpu, 2),
            "people_per_cpu_second": round(plan.population / max(cpu, 1e-9)),
            "peak_memory_bytes": peak_memory_bytes(),
            "workers": self.workers,
            "directory": str(self.directory.path),
            "started_at": self.record.started_at.isoformat(timespec="seconds"),
        }
        self._write_summary()
        return whole

    def _follow(self, run: Run, attendance: Attendance) -> Run:
        """Let the spaces live, where that is counted, and write what happened in them."""
        compiled = self.record.compiled if self.engine.name == "cohort" else None
        lived = follow(run, self.scenario, attendance, engine=self.engine.name, compiled=compiled)
        if lived.lives is not None:
            write_usage(self.directory, lived.lives.account, self.scenario.starts_on)
        return lived

    def _tell_day(self, progress: Progress) -> None:
        self.progress("days", progress.days_done, progress.days, progress.day.isoformat())

    def _replicate(self) -> bool:
        """Simulate with the seeds that follow; tell whether all of them ended."""
        plan = self.record.plan
        further = range(1, plan.replications)
        trials = {
            rank: Trial(
                population=plan.population, seed=plan.seed + rank, until=plan.until, watched=True
            )
            for rank in further
        }
        if not trials or "replications" in self._summary:
            return True
        results: dict[int, dict[str, Json]] = {0: self._replication(0, self._headlines(), None)}
        self.progress("replications", 0, len(trials), "")
        minutes = self._minutes_of_the_run()
        for rank, result in self._trials(trials):
            if result.minutes is not None:
                minutes.add(result.minutes)
            results[rank] = self._replication(rank, result.headlines, result.ledger_digest)
            self.progress("replications", len(results) - 1, len(trials), "")
        if len(results) <= len(trials):
            return False
        self._summary["replications"] = [results[rank] for rank in sorted(results)]
        write_minutes(self.directory, minutes, self.scenario.starts_on)
        self._write_summary()
        return True

    def _minutes_of_the_run(self) -> MinuteCounts:
        """Count the arrivals of the run itself; read them when an earlier process ran it."""
        if not self._minutes.replications:
            path, days = (
                self.directory.path / MINUTES_FILE,
                days_planned(self.scenario, self.record.plan.until),
            )
            self._minutes.add(read_minutes(path, self.scenario.starts_on, days))
        return self._minutes

    def _replication(
        self, rank: int, headlines: Mapping[str, Headline], digest: str | None
    ) -> dict[str, Json]:
        return {
            "seed": self.record.plan.seed + rank,
            "headlines": {name: headline.value for name, headline in headlines.items()},
            "ledger_digest": self._summary["ledger_digest"] if digest is None else digest,
        }

    def _draw(self, *, resume: bool) -> bool:
        """Simulate the knowledge draws; tell whether all of them ended."""
        plan = self.record.plan
        if plan.knowledge_draws == 0:
            return True
        draws = self._earlier_draws() if resume else Draws(plan, self.scenario)
        missing, headlines = draws.missing(), self._headlines()
        weeks = cast("Weeks", self._summary.get("weeks", {}))
        total = plan.knowledge_draws + 1
        self.progress("draws", total - len(missing), total, "")
        for key, result in self._trials(missing):
            draws.add(key, result)
            self.on_draw(key, result)
            self.record.draws_done = len(draws.done)
            draws.write(self.directory, headlines, weeks)
            self.progress("draws", total - len(draws.missing()), total, "")
        self.record.draws_done = len(draws.done)
        if not draws.complete:
            return False
        draws.write(self.directory, headlines, weeks)
        self._tell_knowledge(draws.intervals(headlines))
        return True

    def _earlier_draws(self) -> Draws:
        try:
            record = cast("Mapping[str, Json]", self.directory.read_json(KNOWLEDGE_FILE))
            return draws_from_json(self.record.plan, self.scenario, record)
        except (OSError, ValueError, KeyError, TypeError):
            return Draws(self.record.plan, self.scenario)

    def _tell_knowledge(self, found: Mapping[str, Json]) -> None:
        """Write the intervals of knowledge into the summary, beside those of chance."""
        intervals = dict(cast("Mapping[str, Mapping[str, Json]]", self._summary["intervals"]))
        for name in [name for name in intervals if name in found]:
            intervals[name] = {**intervals[name], "knowledge": found[name]}
        levels = cast("Mapping[str, Json]", self._summary["interval_levels"])
        self._summary["intervals"] = intervals
        self._summary["opt_out_rate_interval"] = intervals["opt_out_rate"]
        self._summary["interval_levels"] = {**levels, "knowledge": LEVEL}
        self._write_summary()

    def _headlines(self) -> dict[str, Headline]:
        return headlines_of(self._summary)

    def _trials(self, trials: Mapping[int, Trial]) -> Iterator[tuple[int, TrialResult]]:
        return run_trials(self.scenario, self.engine, trials, workers=self.workers, stop=self.stop)

    def _write_summary(self) -> None:
        self.directory.write_json(SUMMARY_FILE, self._summary)


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process, and of those that have ended: they share runs."""
    return sum(os.times()[:4])
