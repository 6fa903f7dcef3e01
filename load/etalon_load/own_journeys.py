"""The journeys of our own users, for a worker of a run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from etalon_load.arrivals import Plan
from etalon_load.calling import Caller, Settings
from etalon_load.journeys.repertoire import journeys_of
from etalon_load.journeys.table import wanted_of
from etalon_load.people.people_file import people_of_lines
from etalon_load.people.pool import Pool
from etalon_load.target_spec import spec_of
from etalon_load.workload import PEOPLE_FILE, Workload

if TYPE_CHECKING:
    from etalon_load.dispatching import Journey


def made(
    workload: Workload, plan: Plan, people: Sequence[str], rank: int
) -> "Mapping[str, Journey]":
    """Return the journeys of a worker, by name.

    Args:
        workload: What is asked.
        plan: All arrivals of the run.
        people: Lines of the file of test people.
        rank: Of the worker.

    Raises:
        TargetSpecError: The target cannot be spoken to.
        PeopleError: A line tells of nobody.
        FailedError: The software of the professionals cannot be registered.
    """
    held = people_of_lines(PEOPLE_FILE, people).people
    pool = Pool(held, plan.arrivals, wanted_of(), rank, workload.workers)
    planned = {arrival.kind for arrival in plan.arrivals}
    return journeys_of(caller_of(workload), pool, planned)


def caller_of(workload: Workload) -> Caller:
    """Return who sends the requests of a worker.

    What this process and a target load only when they are first asked is asked for now, before
    anybody arrives.

    Raises:
        TargetSpecError: The target cannot be spoken to.
    """
    spec = spec_of(workload.speaking)
    settings = Settings(
        run_id=workload.run_id,
        seed=workload.seed,
        sample=workload.sample,
        time_scale=workload.time_scale,
        pace=workload.pace,
        by_pages=spec.has_our_pages,
        vintage=spec.vintage,
        now=datetime.fromisoformat(spec.now) if spec.now else datetime.now(UTC),
    )
    caller = Caller(spec.opened(time_scale=workload.time_scale), settings)
    caller.warm()
    return caller
