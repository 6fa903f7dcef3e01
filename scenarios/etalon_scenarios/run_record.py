"""`run.json`: how a run directory was made, and whether it is complete.

Schema: `etalon_text/schemas/run.schema.json`. What two equal runs may differ in stands here:
version, machine, times, paths.
"""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Literal, cast

from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.run_directory import RUN_FILE
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.scenario import Scenario

SCHEMA_VERSION: Final = 1
CHECKPOINT: Final = "checkpoint"
"""Role, among the files read, of what a run went on from."""

Status = Literal["complete", "partial", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the results of a study depend on, beside the version and the files read.

    Attributes:
        scenario: Name of a shipped scenario, or path of a file.
        changes: `path=value` assignments, as typed.
        engine: Name of the engine.
        population: People simulated.
        seed: Seed of every draw.
        until: Last day simulated, or None for that of the scenario.
        replications: Runs with the seeds `seed`, `seed + 1`, …; 1 for the run alone.
        knowledge_draws: Draws of the parameters; 0 for none.
        knowledge_population: People simulated in each draw.
    """

    scenario: str
    changes: tuple[str, ...]
    engine: str
    population: int
    seed: int
    until: date | None
    replications: int
    knowledge_draws: int
    knowledge_population: int

    def as_json(self) -> dict[str, Json]:
        """Give the plan as `run.json` holds it."""
        until = None if self.until is None else self.until.isoformat()
        as_it_stands = cast("dict[str, Json]", asdict(self))
        return as_it_stands | {"changes": list(self.changes), "until": until}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPlan:
    """What the results of a comparison depend on, beside the version and the files read.

    Attributes:
        policies: Names of shipped scenarios or paths of files; the first is the one the others
            are compared with.
        changes: `path=value` assignments made to every policy, as typed.
        engine: Name of the engine.
        population: People simulated in each central run.
        seed: Seed of every draw, the same for all.
        until: Last day simulated, or None for that of the scenarios.
        knowledge_draws: Draws of the parameters; 0 for none.
        knowledge_population: People simulated in each draw and each replication.
        replications: Further seeds behind the intervals of chance.
    """

    policies: tuple[str, ...]
    changes: tuple[str, ...]
    engine: str
    population: int
    seed: int
    until: date | None
    knowledge_draws: int
    knowledge_population: int
    replications: int

    def as_json(self) -> dict[str, Json]:
        """Give the plan as `run.json` holds it."""
        until = None if self.until is None else self.until.isoformat()
        as_it_stands = cast("dict[str, Json]", asdict(self))
        lists: dict[str, Json] = {"policies": list(self.policies), "changes": list(self.changes)}
        return as_it_stands | lists | {"until": until}

    def of_policy(self, asked: str) -> Plan:
        """Give the plan of the run of one policy."""
        return Plan(
            scenario=asked,
            changes=self.changes,
            engine=self.engine,
            population=self.population,
            seed=self.seed,
            until=self.until,
            replications=1,
            knowledge_draws=self.knowledge_draws,
            knowledge_population=self.knowledge_population,
        )

    def arguments_of(self, asked: str) -> tuple[str, ...]:
        """Give what follows `etalon simulate` for the run of one policy alone."""
        typed = [asked, "--engine", self.engine, "--population", str(self.population)]
        typed += ["--seed", str(self.seed), "--knowledge", str(self.knowledge_draws)]
        if self.until is not None:
            typed += ["--until", self.until.isoformat()]
        return (*typed, *(part for change in self.changes for part in ("--set", change)))


def plan_from_json(record: Mapping[str, Json]) -> Plan:
    """Read the plan in a `run.json`.

    Raises:
        KeyError: A key is missing.
        ValueError: A value is not of the kind expected.
    """
    found = dict(cast("Mapping[str, Json]", record["plan"]))
    until = found.pop("until")
    changes = cast("list[str]", found.pop("changes"))
    try:
        return Plan(
            **cast("dict[str, int]", found),  # type: ignore[arg-type]
            changes=tuple(changes),
            until=None if until is None else date.fromisoformat(str(until)),
        )
    except TypeError as error:
        raise ValueError(str(error)) from error


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """The record of one run, rewritten whenever its status changes.

    Attributes:
        plan: What was asked for.
        command: The command, such as `simulate`.
        arguments: What followed it, as typed.
        started_at: UTC.
        draws_done: Knowledge draws finished.
        begun_from: The checkpoint that the run went on from, as `run.json` holds it among inputs.
        arrivals: Whose arrivals are written one by one, as typed; None for nobody's.
        compiled: Whether compiled kernels do the costly passes of the run itself.
    """

    plan: Plan
    command: str
    arguments: tuple[str, ...]
    started_at: datetime
    draws_done: int = 0
    begun_from: tuple[dict[str, str], ...] = ()
    arrivals: str | None = None
    compiled: bool = False

    def write(
        self,
        directory: RunDirectory,
        scenario: Scenario,
        status: Status,
        reason: str | None = None,
    ) -> None:
        """Write `run.json`.

        Args:
            directory: Where the run lands.
            scenario: The scenario with its changes.
            status: `partial` until everything is there.
            reason: Why it is not complete.

        Raises:
            StorageError: The disk is full or refused the file.
        """
        record: dict[str, Json] = {
            "command": self.command,
            "arguments": list(self.arguments),
            "plan": self.plan.as_json(),
            **_basis(self.plan, scenario),
            "inputs": [*inputs_of(scenario), *self.begun_from],
            "arrivals": self.arrivals,
            "knowledge": {
                "draws": self.draws_done,
                "population_per_draw": self.plan.knowledge_population,
                **({"none_because": "checkpoint"} if self.begun_from else {}),
            },
        }
        here = machine() | {"compiled": self.compiled}
        _write(directory, {**record, "machine": here}, self.started_at, status, reason)


@dataclass(slots=True, kw_only=True)
class ComparisonRecord:
    """The record of one comparison, rewritten whenever its status changes.

    Attributes:
        plan: What was asked for.
        arguments: What followed the command, as typed.
        started_at: UTC.
        inputs: The files that the policies were read from, each once.
    """

    plan: ComparisonPlan
    arguments: tuple[str, ...]
    started_at: datetime
    inputs: tuple[dict[str, str], ...]

    def write(
        self,
        directory: RunDirectory,
        first: Scenario,
        status: Status,
        reason: str | None = None,
    ) -> None:
        """Write `run.json`.

        Args:
            directory: Where the comparison lands.
            first: The policy that the others are compared with.
            status: `partial` until everything is there.
            reason: Why it is not complete.

        Raises:
            StorageError: The disk is full or refused the file.
        """
        done = self.plan.knowledge_draws if status == "complete" else 0
        record = {
            "command": "compare",
            "arguments": list(self.arguments),
            "plan": None,
            "comparison": self.plan.as_json(),
            **_basis(self.plan, first),
            "inputs": list(self.inputs),
            "knowledge": {"draws": done, "population_per_draw": self.plan.knowledge_population},
        }
        _write(directory, record, self.started_at, status, reason)


def _basis(plan: Plan | ComparisonPlan, scenario: Scenario) -> dict[str, Json]:
    """Give what a reader looks for first: seed, rules, engine, changes, departures."""
    return {
        "seed": plan.seed,
        "vintage": scenario.vintage,
        "engine": plan.engine,
        "policies": {},
        "changes": list(plan.changes),
        "legal_departures": [text.as_json() for text in legal_departures(scenario)],
    }


def _write(
    directory: RunDirectory,
    record: Mapping[str, Json],
    started_at: datetime,
    status: Status,
    reason: str | None,
) -> None:
    """Write `run.json` with version, times, machine and status around what was run."""
    running = status == "partial" and reason is None
    # A clock set back during the run does not make it end before it began.
    ended_at = max(datetime.now(UTC), started_at)
    whole: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "etalon_version": installed_version(),
        "machine": machine(),
        **record,
        "started_at": started_at.isoformat(timespec="seconds"),
        "ended_at": None if running else ended_at.isoformat(timespec="seconds"),
        "status": status,
        "status_reason": reason,
        "directory": str(directory.path),
    }
    directory.write_json(RUN_FILE, whole)


def inputs_of(scenario: Scenario) -> list[dict[str, str]]:
    """Give the files that the scenario was read from, as `run.json` holds them."""
    return [
        {"role": role, "path": path, "sha256": digest} for role, path, digest in scenario.inputs()
    ]


def machine() -> dict[str, Json]:
    """Describe the machine: logical cores, Python, system."""
    return {
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
    }
