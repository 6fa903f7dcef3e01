"""A comparison: each policy a study of its own, all of them on the same people and luck.

The directory of a comparison holds `run.json`, one run directory a policy, and `comparison.json`,
written once everything is known. One that is stopped is marked partial; the run directories of the
policies done so far stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, cast

from etalon_scenarios.draws_file import CENTRAL
from etalon_scenarios.policies.pairing import Sample
from etalon_scenarios.policies.record import Policy, comparison_record
from etalon_scenarios.run_directory import RunDirectory, StorageError
from etalon_scenarios.run_record import ComparisonRecord, RunRecord
from etalon_scenarios.study import INTERRUPTED, Study
from etalon_scenarios.trials import Trial, run_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etalon_scenarios.engine import Engine
    from etalon_scenarios.policies.measuring import Figure, Key, Measured
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.trials import TrialResult

COMPARISON_FILE: Final = "comparison.json"
Stage = Literal["days", "draws", "replications"]


def _no_report(policy: str, stage: str, done: int, total: int, detail: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class _Runs:
    """What the runs of one policy gave so far."""

    centre: Measured | None = None
    central: Mapping[Key, Figure] | None = None
    draws: dict[int, Mapping[Key, Figure]] = field(
        default_factory=dict[int, "Mapping[Key, Figure]"]
    )
    replications: dict[int, Mapping[Key, Figure]] = field(
        default_factory=dict[int, "Mapping[Key, Figure]"]
    )
    summary: Mapping[str, Json] = field(default_factory=dict[str, "Json"])


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

    def carry_out(self) -> bool:
        """Simulate every policy and write; tell whether it is complete, or was stopped.

        Raises:
            StorageError: The disk is full or refused a file; the comparison stays partial.
        """
        first = self.scenarios[0][1]
        self.record.write(self.directory, first, "partial")
        try:
            complete = self._policies()
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

    def _policies(self) -> bool:
        policies: list[Policy] = []
        for asked, scenario in self.scenarios:
            runs = _Runs()
            if not self._study(asked, scenario, runs) or not self._replicate(scenario, runs):
                return False
            policies.append(_policy(asked, scenario, runs))
        self._result = comparison_record(self.record.plan, policies)
        self.directory.write_json(COMPARISON_FILE, self._result)
        return True

    def _study(self, asked: str, scenario: Scenario, runs: _Runs) -> bool:
        """Carry out the study of one policy in its sub-directory."""
        path = self.directory.path / scenario.name
        path.mkdir()
        plan = self.record.plan
        started = datetime.now(UTC)

        def keep_run(measured: Measured) -> None:
            runs.centre = measured
            if scenario is self.scenarios[0][1]:
                self.after_first((datetime.now(UTC) - started).total_seconds())

        def keep_draw(draw: int, result: TrialResult) -> None:
            if draw == CENTRAL:
                runs.central = result.measured.figures
            else:
                runs.draws[draw] = result.measured.figures

        study = Study(
            record=RunRecord(
                plan=plan.of_policy(asked),
                command="simulate",
                arguments=plan.arguments_of(asked),
                started_at=started,
            ),
            scenario=scenario,
            directory=RunDirectory(path),
            engine=self.engine,
            workers=self.workers,
            stop=self.stop,
            progress=lambda stage, done, total, detail: self.progress(
                scenario.name, stage, done, total, detail
            ),
            on_run=keep_run,
            on_draw=keep_draw,
        )
        complete = study.carry_out()
        runs.summary = study.summary
        return complete

    def _replicate(self, scenario: Scenario, runs: _Runs) -> bool:
        """Simulate one policy under the further seeds that all share."""
        plan = self.record.plan
        trial = Trial(population=plan.knowledge_population, seed=plan.seed, until=plan.until)
        ranks = range(1, plan.replications + 1)
        trials = {rank: replace(trial, seed=plan.seed + rank) for rank in ranks}
        results = run_trials(scenario, self.engine, trials, workers=self.workers, stop=self.stop)
        for rank, result in results:
            runs.replications[rank] = result.measured.figures
            done = len(runs.replications)
            self.progress(scenario.name, "replications", done, len(trials), "")
        return len(runs.replications) == len(trials)


def _policy(asked: str, scenario: Scenario, runs: _Runs) -> Policy:
    """Gather all that was found of one policy."""
    measured = cast("Measured", runs.centre)
    return Policy(
        asked=asked,
        scenario=scenario,
        measured=measured,
        sample=Sample(
            centre=measured.figures,
            central=runs.central,
            draws=[runs.draws[draw] for draw in sorted(runs.draws)],
            replications=[runs.replications[rank] for rank in sorted(runs.replications)],
        ),
        ledger_digest=str(runs.summary["ledger_digest"]),
        law_digest=str(runs.summary["law_digest"]),
    )
