"""What a run asks of its generator: written before it, read by every worker, kept beside its files.

`workload.json` says whom the load is for, what is planned and what is asked of it; `plan.parquet`
holds the planned arrivals, and `private/people.ndjson`, for its owner alone, the test people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, cast

import duckdb
import numpy as np
from pydantic import TypeAdapter, ValidationError

from etalon_load.arrivals import Arrival, Plan
from etalon_load.objectives import Objective

WORKLOAD_FILE: Final = "workload.json"
PLAN_FILE: Final = "plan.parquet"
PEOPLE_FILE: Final = "private/people.ndjson"
MEASURED_FILE: Final = "measured.json"
LONGEST_SECONDS: Final = 60.0
"""Nobody who is refused for now waits longer than this for one try."""

OWN_JOURNEYS: Final = "etalon_load.own_journeys:made"


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked of the generator.

    Attributes:
        run_id: Identifier of the run (32 hexadecimal digits).
        started_at: When it was asked for (UTC, ISO 8601).
        etalon_version: Of who plans; a worker of another one is refused.
        target: What the target is: kind, name, address.
        speaking: How workers speak to it, without secrets (`TargetSpec.plain`).
        profile: Whose arrivals these are: name, peak, window, source.
        seed: What chance starts from.
        seconds: How long journeys arrive.
        workers: How many send.
        plan_digest: Of the planned arrivals.
        planned: How many arrivals each second has.
        objectives: What is asked of the target.
        objectives_name: Name or path they came from.
        bounds: The bound of each step (µs), by journey and step.
        sample: Share of people whose answers are held against the model.
        time_scale: What times of thinking and of tokens are divided by.
        pace: What times of thinking are multiplied by, the scale of time included.
        fault: Faults of the target, as they were typed, or None.
        max_rate: The most journeys a second that may be planned, or None.
        stop_if: Rules that end the run, as they were typed, or None.
        stop_rules: The same, one by one.
        drain_seconds: How long journeys under way are waited for at the end.
        retries: How often a request that is refused for now is sent again.
        is_steady: Latency and memory that rise make the run fail.
        memory_each: What the target may keep of what it is sent, for each answer (bytes).
        journeys: `module:function` that makes the journeys.
        command: What was typed.
    """

    run_id: str
    started_at: str
    etalon_version: str
    target: Mapping[str, str | None]
    speaking: Mapping[str, object]
    profile: Mapping[str, str | float | None]
    seed: int
    seconds: float
    workers: int
    plan_digest: str
    planned: tuple[int, ...]
    objectives: tuple[Objective, ...]
    objectives_name: str
    bounds: Mapping[str, int]
    sample: float = 0.05
    time_scale: float = 1.0
    pace: float = 1.0
    fault: str | None = None
    max_rate: float | None = None
    stop_if: str | None = None
    stop_rules: tuple[str, ...] = ()
    drain_seconds: float = 60.0
    retries: int = 0
    is_steady: bool = False
    memory_each: float = 0.0
    journeys: str = OWN_JOURNEYS
    command: tuple[str, ...] = field(default=())

    @property
    def arrivals(self) -> int:
        """How many journeys are planned."""
        return sum(self.planned)

    def plain(self) -> dict[str, object]:
        """Return it as JSON and messages between workers hold it."""
        return cast("dict[str, object]", _WORKLOAD.dump_python(self, mode="json"))

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """Return the workload that `plain` wrote.

        Raises:
            ValueError: It is no such object; the message says which part.
        """
        return cast("Self", _WORKLOAD.validate_python(plain, strict=False))


_WORKLOAD: Final = TypeAdapter(Workload)


class WorkloadError(ValueError):
    """Files of a workload that cannot be read; the message says which and why."""


class PlanDiffersError(WorkloadError):
    """Planned arrivals are not those whose digest the workload tells."""


def read_workload(folder: Path) -> Workload:
    """Read `workload.json`.

    Raises:
        WorkloadError: It is missing or broken.
    """
    file = folder / WORKLOAD_FILE
    try:
        return _WORKLOAD.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        message = f"{file}: {error}"
        raise WorkloadError(message) from error


def write_plan(plan: Plan, file: Path) -> None:
    """Write planned arrivals: `at_microsecond`, `kind` (a journey) and `person`.

    Raises:
        OSError: The disk refused it.
    """
    kinds = sorted({one.kind for one in plan.arrivals})
    rank_of = {kind: rank for rank, kind in enumerate(kinds)}
    rows = plan.arrivals
    columns = {
        "at_microsecond": np.fromiter((one.at_microsecond for one in rows), np.int64, len(rows)),
        "rank": np.fromiter((rank_of[one.kind] for one in rows), np.int64, len(rows)),
        "person": np.fromiter((one.person for one in rows), np.int64, len(rows)),
    }
    try:
        with duckdb.connect() as database:
            database.register("planned", columns)
            database.execute(
                "COPY (SELECT at_microsecond, list_extract(?, rank + 1) AS kind, person "
                "FROM planned) TO '" + str(file).replace("'", "''") + "' (FORMAT parquet)",
                [kinds],
            )
    except duckdb.Error as error:
        message = f"{file}: {error}"
        raise OSError(message) from error


def read_plan(folder: Path, workload: Workload) -> Plan:
    """Read the planned arrivals of a run, in their order.

    Args:
        folder: With `plan.parquet`, as `write_plan` wrote it.
        workload: Which names their digest.

    Raises:
        WorkloadError: It is missing or cut short.
        PlanDiffersError: It holds other arrivals.
    """
    file = folder / PLAN_FILE
    query = (
        "SELECT at_microsecond, kind, person FROM read_parquet(?) "
        "ORDER BY at_microsecond, kind, person"
    )
    try:
        with duckdb.connect() as database:
            rows = database.execute(query, [str(file)]).fetchall()
    except duckdb.Error as error:
        message = f"{file}: {str(error).splitlines()[0]}"
        raise WorkloadError(message) from error
    plan = Plan(tuple(Arrival(*row) for row in rows), workload.seconds)
    if plan.digest != workload.plan_digest:
        message = f"{file}: digest {plan.digest}; expected {workload.plan_digest}"
        raise PlanDiffersError(message)
    return plan
