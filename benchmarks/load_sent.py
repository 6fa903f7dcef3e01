"""Loads on one address, sent as `etalon load run` sends them: the shell on Locust, its own process.

What is sent is one step whose answer is checked; what comes back is what a run leaves, judged as a
run is judged.
"""

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, cast

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.conduct import WorkerConduct
from etalon_load.histogram import Histogram
from etalon_load.measures import Measured, Measures, Step
from etalon_load.objectives import Objective
from etalon_load.processes import Placing, Processes
from etalon_load.rates import Rate
from etalon_load.verdicts import Conduct, Judged, Verdict, faults_of, judged, overall
from etalon_load.workload import (
    MEASURED_FILE,
    PLAN_FILE,
    WORKLOAD_FILE,
    Workload,
    write_plan,
)

ROOT: Final = Path(__file__).resolve().parent.parent
GET: Final = Step("visit", "get")
OBJECTIVE: Final = Objective("visit", "get", 500_000, 0.99, 0.0, 0.01)
"""99 % of the answers right and within half a second."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one load left.

    Attributes:
        plan: Who arrived when.
        measures: What was measured.
        conduct: How the generator behaved.
        workers: How each of its workers did.
        judgement: Of the objective.
        verdict: Of the run.
        faults: Keys of what makes it invalid.
    """

    plan: Plan
    measures: Measures
    conduct: Conduct
    workers: tuple[WorkerConduct, ...]
    judgement: Judged
    verdict: Verdict
    faults: tuple[str, ...]

    @property
    def step(self) -> Measured:
        """What was measured of the one step."""
        return self.measures.steps[GET]

    @property
    def response(self) -> Histogram:
        """Latencies from the intended start (µs)."""
        return self.step.response

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the workers while they sent."""
        return sum(one.cpu_seconds for one in self.workers)


def visits(rate: Rate, seed: int, *, people: int = 1_000_000) -> Plan:
    """Return a plan of visits at a rate, drawn from a seed."""
    instants = poisson(rate, seed)
    return planned(instants, {"visit": 1.0}, min(people, len(instants)), rate.seconds, seed)


def sent(
    address: str,
    plan: Plan,
    *,
    objective: Objective = OBJECTIVE,
    workers: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> Sent:
    """Send a plan to an address, on the cores of this process, and judge it.

    Args:
        address: Of the target, with its path.
        plan: Who arrives when; every journey is `visit`.
        objective: What is asked.
        workers: How many processes send.
        tick: Called many times a second while the load goes on.

    Raises:
        RuntimeError: The load could not be sent; the message says what was told.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        workload = _workload(address, plan, objective, workers)
        write_plan(plan, folder / PLAN_FILE)
        (folder / WORKLOAD_FILE).write_text(json.dumps(workload.plain()), encoding="utf-8")
        with Processes(folder, Placing(workers=workers)) as processes:
            ended = processes.watched(lambda _line: None, tick)
        if ended.refused or ended.fault or ended.code:
            raise RuntimeError(ended.fault or ended.refused or f"exit code {ended.code}")
        told = cast("dict[str, object]", json.loads((folder / MEASURED_FILE).read_bytes()))
    return _judged(plan, objective, told)


def _workload(address: str, plan: Plan, objective: Objective, workers: int) -> Workload:
    return Workload(
        run_id=uuid.uuid4().hex,
        started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        etalon_version=version("mes-etalon"),
        target={"kind": "address", "name": "benchmark", "address": address},
        speaking={},
        profile={"name": "benchmark", "peak": None, "window": None, "source": None},
        seed=1,
        seconds=plan.seconds,
        workers=workers,
        plan_digest=plan.digest,
        planned=plan.by_second(),
        objectives=(objective,),
        objectives_name="benchmark",
        bounds={str(GET): objective.within},
        journeys="constant_journey:made",
    )


def _judged(plan: Plan, objective: Objective, told: dict[str, object]) -> Sent:
    measures = Measures.from_plain(told["measures"])
    conduct = Conduct(**cast("dict[str, float]", told["conduct"]))  # type: ignore[arg-type]
    workers = tuple(WorkerConduct.from_plain(one) for one in cast("list[object]", told["workers"]))
    judgement = judged(objective, measures, max(1, int(plan.seconds)), 1)
    faults = faults_of(measures, conduct, objective.within)
    verdict = overall(faults, (judgement,))
    keys = tuple(one.key for one in faults)
    return Sent(plan, measures, conduct, workers, judgement, verdict, keys)


def idiom(address: str, *options: str) -> dict[str, float]:
    """Send what an idiom of Locust sends, on the cores of this process; return what it reports."""
    line = [sys.executable, "benchmarks/locust_idioms.py", address, *options]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    return cast("dict[str, float]", json.loads(done.stdout))
