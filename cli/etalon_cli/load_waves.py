"""`--find-waves`: the command line simulates notification plans, and reads which one holds."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.console import say
from etalon_cli.explanations import explained
from etalon_cli.stopping import because
from etalon_load.deciding import decide
from etalon_load.demand import DemandError, read_demand
from etalon_load.finding_waves import (
    Wave,
    WavesError,
    candidates,
    experiment_text,
    fastest,
    scenario_text,
)
from etalon_model.periods import Period
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.waves import last_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from etalon_load.capacity_file import MeasuredCapacity
    from etalon_load.deciding import Decision
    from etalon_load.decision_file import Case
    from etalon_load.finding_waves import Candidate, Found
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

EXPERIMENT_FILE: Final = "experiment.toml"
_DRAWS: Final = 64
"""Draws of a plan when the run decided on had none."""

_FILE, _DIR = "FILE", "DIR"
_MONTH_DAYS: Final = 31


def fastest_plan(
    case: Case,
    capacity: MeasuredCapacity,
    asked: float,
    directory: RunDirectory,
    language: Language,
) -> Found:
    """Look for the fastest notification plan that holds.

    Scenario files, run directories and the experiment file land in the directory of the decision.

    Args:
        case: The launch that the plans change.
        capacity: What the platform carries.
        asked: The probability with which a plan has to hold.
        directory: Of the decision.
        language: Of what is said meanwhile.

    Raises:
        Stopped: The scenario has no waves, or a plan could not be simulated.
        StorageError: The disk is full or refused a file.
    """
    record = cast("Mapping[str, Json]", _json(Path(case.run) / "run.json"))
    plan = cast("Mapping[str, Json]", record["plan"])
    changes = [str(change) for change in cast("Sequence[Json]", plan["changes"])]
    base = _base(str(plan["scenario"]))
    with explained(language):
        scenario = load_scenario(base, tuple(changes))
    try:
        plans = candidates(_waves(scenario), _latest(scenario))
    except WavesError as error:
        raise because(reason="load_decide", problem=error) from error
    command = _command(plan, changes)
    directory.write_text(EXPERIMENT_FILE, experiment_text(base, plans, command, asked))

    def judged(candidate: Candidate) -> Decision:
        file = directory.write_text(f"{candidate.name}.toml", scenario_text(base, candidate))
        say(text("decision.simulating", language, weeks=candidate.weeks))
        out = directory.path / candidate.name
        places = {_FILE: str(file), _DIR: str(out)}
        _simulate([places.get(word, word) for word in command], candidate.name)
        try:
            return decide(read_demand(out), capacity, asked)
        except DemandError as error:
            raise because(reason="load_decide", problem=error) from error

    return fastest(plans, judged)


def _json(file: Path) -> Json:
    return cast("Json", json.loads(file.read_text(encoding="utf-8")))


def _base(named: str) -> str:
    """Return a scenario as a file of another folder may extend it."""
    return str(Path(named).resolve()) if named.endswith(".toml") else named


def _waves(scenario: Scenario) -> tuple[Wave, ...]:
    return tuple(
        Wave(
            wave.first_on,
            last_day(wave, scenario),
            () if wave.departments == "all" else tuple(wave.departments),
            wave.order,
        )
        for wave in scenario.waves
    )


def _latest(scenario: Scenario) -> date:
    """Return the last day on which notices may leave and their window still ends in the run."""
    window = Period(scenario.enrolment.opposition_window)
    return scenario.ends_on - timedelta(days=window.days + _MONTH_DAYS * window.months)


def _command(plan: Mapping[str, Json], changes: Sequence[str]) -> list[str]:
    """Return what simulates a plan as the launch was: as many people, the same seed, draws."""
    kept = [change for change in changes if not change.startswith(("waves", "creation.starts_on"))]
    draws = plan["knowledge_draws"] or _DRAWS
    return [
        "simulate",
        _FILE,
        *("--engine", str(plan["engine"])),
        *("--population", str(plan["population"])),
        *("--seed", str(plan["seed"])),
        *("--knowledge", str(draws)),
        *(word for change in kept for word in ("--set", change)),
        *("--out", _DIR),
    ]


def _simulate(arguments: Sequence[str], name: str) -> None:
    """Have the command line simulate; what it prints as result is not ours to print.

    Raises:
        Stopped: It did not end well.
    """
    command = [sys.executable, "-m", "etalon_cli", *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 (our own)
    if done.returncode:
        raise because(reason="load_waves_failed", name=name, code=done.returncode)
