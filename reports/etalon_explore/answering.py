"""Answering a view: its policies studied once each, compared, and drawn for the page.

Every answer is the directory of a comparison, as `etalon compare` writes it: what the page shows
and what it hands out are drawn from the same files. A policy that was studied is not run again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from etalon_scenarios.cohort import compiled
from etalon_scenarios.engine import engine_named
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.comparison import COMPARISON_FILE, Comparison
from etalon_scenarios.policies.kept_runs import KeptRuns
from etalon_scenarios.policies.pairing import REPLICATIONS
from etalon_scenarios.run_directory import RUN_FILE, RunDirectory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord, RunRecord, inputs_of
from etalon_scenarios.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from etalon_scenarios.scenario import Scenario

    Told = Callable[[str, int, int], None]

ENGINE: Final = "cohort"
DRAWN: Final = 200_000
"""Most people simulated in a draw of the parameters."""

_STUDIES: Final = "studies"
_ANSWERS: Final = "answers"
_UNFINISHED: Final = ".unfinished"
_NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the engine.

    Attributes:
        policies: The reference, then the policy where it is another one: names of scenarios, or
            files of the folder that all answers stand in.
        people: People simulated.
        draws: Draws of the parameters; 0 for no interval.
        seed: Seed of every draw.
    """

    policies: tuple[str, ...]
    people: int
    draws: int
    seed: int

    @property
    def plan(self) -> ComparisonPlan:
        """The comparison that answers it."""
        return ComparisonPlan(
            policies=self.policies,
            changes=(),
            engine=ENGINE,
            population=self.people,
            seed=self.seed,
            until=None,
            knowledge_draws=self.draws,
            knowledge_population=min(self.people, DRAWN),
            replications=REPLICATIONS if self.draws else 0,
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """Where answers are made, and who is asked and told meanwhile.

    Attributes:
        folder: Holds the files of the policies; paths of a question are relative to it.
        workers: Processes for draws.
        stop: Asked after each simulated day.
        told: Told (stage, done, total) as work goes on.
    """

    folder: Path
    workers: int
    stop: Callable[[], bool]
    told: Told


def answered(question: Question, bench: Bench) -> Path | None:
    """Answer a question; None when it was stopped.

    Returns:
        The directory of the comparison; one that stands there already is returned as it is.

    Raises:
        ScenarioError: A policy cannot be used.
        StorageError: The disk is full or refused a file.
    """
    policies = tuple((asked, load_scenario(asked)) for asked in question.policies)
    place = bench.folder / _ANSWERS / _named(question, [scenario for _, scenario in policies])
    if (place / COMPARISON_FILE).is_file():
        return place
    studies = [_studied(question, asked, scenario, bench) for asked, scenario in policies]
    unfinished = place.with_name(place.name + _UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for (_, scenario), study in zip(policies, studies, strict=True):
        if study is None:
            return None
        shutil.copytree(study, unfinished / scenario.name)
    if not _compared(question, policies, unfinished, bench):
        return None
    return unfinished.rename(place)


def _compared(
    question: Question, policies: tuple[tuple[str, Scenario], ...], directory: Path, bench: Bench
) -> bool:
    """Compare policies that were studied, and draw the parameters where that is asked for."""
    inputs = {
        (entry["role"], entry["path"]): entry
        for _, scenario in policies
        for entry in inputs_of(scenario)
    }
    plan = question.plan
    sizes = ("--engine", ENGINE, "--population", str(plan.population))
    comparison = Comparison(
        record=ComparisonRecord(
            plan=plan,
            arguments=(*question.policies, *sizes, "--knowledge", str(plan.knowledge_draws)),
            started_at=datetime.now(UTC),
            inputs=tuple(inputs.values()),
        ),
        scenarios=policies,
        directory=RunDirectory(directory),
        engine=engine_named(ENGINE),
        workers=bench.workers,
        stop=bench.stop,
        progress=lambda _policy, stage, done, total, _detail: bench.told(stage, done, total),
    )
    return comparison.carry_out(resume=True)


def _studied(question: Question, asked: str, scenario: Scenario, bench: Bench) -> Path | None:
    """Run one policy, unless it stands there already; None when it was stopped."""
    alone = Question(policies=(asked,), people=question.people, draws=0, seed=question.seed)
    place = bench.folder / _STUDIES / _named(alone, [scenario])
    if place.is_dir():
        return place
    directory = RunDirectory(place.with_name(place.name + _UNFINISHED))
    shutil.rmtree(directory.path, ignore_errors=True)
    directory.path.mkdir(parents=True)
    plan = alone.plan
    study = Study(
        record=RunRecord(
            plan=plan.of_policy(asked),
            command="simulate",
            arguments=plan.arguments_of(asked),
            started_at=datetime.now(UTC),
            compiled=compiled.are_used(None, plan.population),
        ),
        scenario=scenario,
        directory=directory,
        engine=engine_named(ENGINE),
        stop=bench.stop,
        progress=lambda stage, done, total, _detail: bench.told(stage, done, total),
        on_run=KeptRuns(directory).add_centre,
    )
    return directory.path.rename(place) if study.carry_out() else None


def _named(question: Question, scenarios: list[Scenario]) -> str:
    """Name an answer by all that it depends on."""
    read = [scenario.inputs() for scenario in scenarios]
    asked = [question.policies, question.people, question.draws, question.seed, read]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:_NAME_DIGITS]


def forget_oldest(folder: Path, kept: int) -> None:
    """Remove answers and studies beyond the most recent ones, so that the disk does not fill."""
    for kind in (_ANSWERS, _STUDIES):
        made = sorted((folder / kind).glob(f"*/{RUN_FILE}"), key=lambda file: file.stat().st_mtime)
        for file in made[:-kept]:
            shutil.rmtree(file.parent, ignore_errors=True)
