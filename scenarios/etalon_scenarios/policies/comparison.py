"""A comparison: each policy a study of its own, all of them on the same people and luck.

The directory of a comparison holds `run.json`, one run directory a policy, and `comparison.json`,
written once everything is known. One that is stopped is marked partial; the run directories of the
policies done so far stay, each with what its runs gave (`kept-runs.jsonl`), from which it goes on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, cast

from etalon_scenarios.draws_file import CENTRAL
from etalon_scenarios.policies.kept_runs import KeptRuns, read_kept_runs
from etalon_scenarios.policies.pairing import Sample
from etalon_scenarios.policies.record import Policy, comparison_record
from etalon_scenarios.run_directory import RUN_FILE, RunDirectory, StorageError
from etalon_scenarios.run_record import ComparisonRecord, RunRecord
from etalon_scenarios.study import INTERRUPTED, Study
from etalon_scenarios.trials import Trial, run_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etalon_scenarios.engine import Engine
    from etalon_scenarios.policies.measuring import Measured
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario

COMPARISON_FILE: Final = "comparison.json"
Stage = Literal["days", "draws", "replications"]


def _no_report(policy: str, stage: str, done: int, total: int, detail: str) -> None:
    """Say nothing."""


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What is compared, where it lands, and who is told.

    Attributes:
        record: What was asked for.
        scenarios: The policies, as asked for and loaded, in order.
        directory: Where the comparison lands.
        engine: What simulates.
        workers: Processes for draws and replications.
        stop: Asked after each simulated day; yes leaves a partial comparison.
        progress: Told (policy, stage, done, total, detail) as parts end.
        after_first: Told, once the first policy's own run is done, how many seconds it took.
    """

    record: ComparisonRecord
    scenarios: tuple[tuple[str, Scenario], ...]
    directory: RunDirectory
    engine: Engine
    workers: int = 1
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[str, str, int, int, str], None] = _no_report
    after_first: Callable[[float], None] = lambda _seconds: None
    _result: dict[str, Json] = field(default_factory=dict[str, "Json"])

    @property
    def result(self) -> Mapping[str, Json]:
        """What `comparison.json` holds; empty until everything is done."""
        return self._result

    def carry_out(self, *, resume: bool = False) -> bool:
        """Simulate every policy and write; tell whether it is complete, or was stopped.

        Args:
            resume: Take over what an earlier comparison of the same plan left in the directory.

        Raises:
            StorageError: The disk is full or refused a file; the comparison stays partial.
        """
        if resume and self._is_complete():
            return True
        first = self.scenarios[0][1]
        self.record.write(self.directory, first, "partial")
        try:
            complete = self._policies(resume=resume)
        except StorageError:
            raise
        except Exception as error:
            self.record.write(self.directory, first, "failed", type(error).__name__)
            raise
        if complete:
            self.record.write(self.directory, first, "complete")
        else:
            self.record.write(self.directory, first, "partial", INTERRUPTED)
        return complete

    def _is_complete(self) -> bool:
        """Take up the result of an earlier comparison that came to its end, if there is one."""
        try:
            record = cast("Mapping[str, Json]", self.directory.read_json(RUN_FILE))
            result = cast("Mapping[str, Json]", self.directory.read_json(COMPARISON_FILE))
        except (OSError, ValueError):
            return False
        if record.get("status") != "complete":
            return False
        self._result = dict(result)
        return True

    def _policies(self, *, resume: bool) -> bool:
        policies: list[Policy] = []
        every: list[KeptRuns] = []
        for asked, scenario in self.scenarios:
            runs = self._kept(scenario, resume=resume)
            every.append(runs)
            summary = self._study(asked, scenario, runs)
            if summary is None or not self._replicate(scenario, runs):
                return False
            policies.append(_policy(asked, scenario, runs, summary))
        self._result = comparison_record(self.record.plan, policies)
        self.directory.write_json(COMPARISON_FILE, self._result)
        for runs in every:
            runs.forget()
        return True

    def _kept(self, scenario: Scenario, *, resume: bool) -> KeptRuns:
        """Take up what was kept of a policy; begin it where nothing can be gone on from."""
        directory = RunDirectory(self.directory.path / scenario.name)
        directory.path.mkdir(exist_ok=resume)
        runs = read_kept_runs(directory)
        if runs.serve():
            return runs
        runs.forget()
        return KeptRuns(directory)

    def _study(self, asked: str, scenario: Scenario, runs: KeptRuns) -> Mapping[str, Json] | None:
        """Carry out the study of one policy in its sub-directory; None when it was stopped."""
        plan = self.record.plan
        started, began = datetime.now(UTC), time.monotonic()

        def keep_run(measured: Measured) -> None:
            runs.add_centre(measured)
            if scenario is self.scenarios[0][1]:
                self.after_first(time.monotonic() - began)

        study = Study(
            record=RunRecord(
                plan=plan.of_policy(asked),
                command="simulate",
                arguments=plan.arguments_of(asked),
                started_at=started,
            ),
            scenario=scenario,
            directory=runs.directory,
            engine=self.engine,
            workers=self.workers,
            stop=self.stop,
            progress=lambda stage, done, total, detail: self.progress(
                scenario.name, stage, done, total, detail
            ),
            on_run=keep_run,
            on_draw=lambda draw, result: runs.add_draw(draw, result.measured.figures),
        )
        return study.summary if study.carry_out(resume=runs.centre is not None) else None

    def _replicate(self, scenario: Scenario, runs: KeptRuns) -> bool:
        """Simulate one policy under the further seeds that all share."""
        plan = self.record.plan
        trial = Trial(population=plan.knowledge_population, seed=plan.seed, until=plan.until)
        missing = [
            rank for rank in range(1, plan.replications + 1) if rank not in runs.replications
        ]
        trials = {rank: replace(trial, seed=plan.seed + rank) for rank in missing}
        results = run_trials(scenario, self.engine, trials, workers=self.workers, stop=self.stop)
        for rank, result in results:
            runs.add_replication(rank, result.measured.figures)
            done = len(runs.replications)
            self.progress(scenario.name, "replications", done, plan.replications, "")
        return len(runs.replications) == plan.replications


def _policy(asked: str, scenario: Scenario, runs: KeptRuns, summary: Mapping[str, Json]) -> Policy:
    """Gather all that was found of one policy."""
    measured = cast("Measured", runs.centre)
    return Policy(
        asked=asked,
        scenario=scenario,
        measured=measured,
        sample=Sample(
            centre=measured.figures,
            central=runs.draws.get(CENTRAL),
            draws=[runs.draws[draw] for draw in sorted(runs.draws) if draw != CENTRAL],
            replications=[runs.replications[rank] for rank in sorted(runs.replications)],
        ),
        ledger_digest=str(summary["ledger_digest"]),
        law_digest=str(summary["law_digest"]),
    )
