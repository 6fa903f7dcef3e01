"""Latencies at half the rate that a server carries, under arrivals that wait for nobody.

`etalon load` sends them, from a core of its own, and counts from the instant at which each was to
begin: an answer that holds others back is counted for each of them.
"""

import json
import tempfile
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, cast

from etalon_load.measures import Measures, Step
from etalon_load.objectives import Objective
from etalon_load.processes import Placing, Processes
from etalon_load.rates import constant
from etalon_load.verdicts import Conduct, faults_of
from etalon_load.workload import MEASURED_FILE, PLAN_FILE, WORKLOAD_FILE, Workload, write_plan
from load_sent import visits
from stopwatch import Figure

GET: Final = Step("visit", "get")
WITHIN: Final = Objective("visit", "get", 500_000, 0.99, 0.0, 0.01)
SEED: Final = 11


def at_half(
    root: str, token: str, paths: Sequence[str], rate: float, seconds: float
) -> dict[str, Figure]:
    """Return what reading addresses takes at half a rate.

    Args:
        root: Address of the server, without a slash at its end.
        token: Bearer token of whoever reads.
        paths: What is read, in turn.
        rate: How many answers a second the server carries at the most.
        seconds: How long.

    Raises:
        RuntimeError: The load could not be sent; the message says what was told.
    """
    plan = visits(constant(rate / 2, seconds), SEED)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        asked = folder / "asked.json"
        said = {"root": root, "token": token, "paths": "\n".join(paths)}
        asked.write_text(json.dumps(said), encoding="utf-8")
        workload = Workload(
            run_id=uuid.uuid4().hex,
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            etalon_version=version("mes-etalon"),
            target={"kind": "address", "name": "benchmark", "address": str(asked)},
            speaking={},
            profile={"name": "benchmark", "peak": None, "window": None, "source": None},
            seed=SEED,
            seconds=plan.seconds,
            workers=1,
            plan_digest=plan.digest,
            planned=plan.by_second(),
            objectives=(WITHIN,),
            objectives_name="benchmark",
            bounds={str(GET): WITHIN.within},
            journeys="known_paths:made",
        )
        write_plan(plan, folder / PLAN_FILE)
        (folder / WORKLOAD_FILE).write_text(json.dumps(workload.plain()), encoding="utf-8")
        with Processes(folder, Placing(workers=1)) as processes:
            ended = processes.watched(lambda _line: None, lambda: None)
        if ended.refused or ended.fault or ended.code:
            raise RuntimeError(ended.fault or ended.refused or f"exit code {ended.code}")
        told = cast("dict[str, object]", json.loads((folder / MEASURED_FILE).read_bytes()))
    return _figures(told, plan.seconds)


def _figures(told: dict[str, object], seconds: float) -> dict[str, Figure]:
    measures = Measures.from_plain(told["measures"])
    conduct = Conduct(**cast("dict[str, float]", told["conduct"]))  # type: ignore[arg-type]
    step = measures.steps[GET]
    return {
        "offered_a_second": round(step.response.total / seconds),
        "milliseconds_p50": step.response.percentile(50) / 1000,
        "milliseconds_p99": step.response.percentile(99) / 1000,
        "milliseconds_p99_that_the_generator_was_late": measures.lag.percentile(99) / 1000,
        "generator_busy": round(conduct.busiest, 2),
        "what_makes_it_invalid": [one.key for one in faults_of(measures, conduct, WITHIN.within)],
    }
