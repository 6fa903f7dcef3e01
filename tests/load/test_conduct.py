"""What workers tell is put together: sums, the busiest, the lost, the slowest of all."""

from typing import cast

from etalon_load.arrivals import Arrival, Plan, worker_of
from etalon_load.conduct import WorkerConduct, conduct_of
from etalon_load.gathering import SLOWEST, Listed, gathered_for
from etalon_load.objectives import Objective
from etalon_load.verdicts import Fault, faults_of
from etalon_load.workload import Workload

PLAN = Plan(tuple(Arrival(at * 1000, "visit", at) for at in range(100)), 1.0)


def workload(workers: int = 2) -> Workload:
    """A workload of the plan."""
    return Workload(
        run_id="0" * 32,
        started_at="2026-11-22T09:30:00+00:00",
        etalon_version="1",
        target={},
        speaking={},
        profile={},
        seed=1,
        seconds=1.0,
        workers=workers,
        plan_digest=PLAN.digest,
        planned=PLAN.by_second(),
        objectives=(Objective("visit", "", 500_000, 0.99, 0.0, 0.01),),
        objectives_name="default",
        bounds={"visit/get": 500_000},
    )


def slow(count: int, first: int) -> Listed:
    """Slow steps of a worker, none as slow as another."""
    rows: list[dict[str, object]] = [
        {"response_us": first + 2 * rank, "at": rank} for rank in range(count)
    ]
    failed: list[dict[str, object]] = [
        {"journey": "visit", "step": "get", "reason": "refused", "count": first}
    ]
    return {"slowest": rows, "wrong": [], "failed": failed, "retried": failed[:1]}


def test_workers_behave_together_as_the_sum_of_each() -> None:
    """Journeys under way add up over the whole run, the busiest core is that of one."""
    one = WorkerConduct(0, "a", 30, 30, 30, 0.4, 3.0, 2_000_000, 2_000_000, 900_000)
    other = WorkerConduct(1, "b", 70, 70, 69, 0.6, 4.0, 6_000_000, 6_000_000, 2_000_000)
    found = conduct_of([one, other], 1.0)

    assert (found.planned, found.workers_lost, found.busiest) == (100, 0, 0.6)
    assert found.seconds == 2.0
    assert found.in_flight == 4.0
    assert found.journey_seconds == 8 / 99
    assert WorkerConduct.from_plain(other.plain()) == other


def test_a_lost_worker_and_a_late_one_make_a_run_invalid() -> None:
    """All that a lost one was to send counts as planned."""
    gathered = gathered_for(workload())
    gathered.ended(WorkerConduct(0, late_ms=12.0), slow(0, 1), [])
    gathered.lost(1, PLAN)
    own = sum(worker_of(one.person, 2) == 1 for one in PLAN.arrivals)
    conduct = conduct_of(list(gathered.conducts.values()), 1.0)

    assert gathered.is_whole
    assert conduct.workers_lost == 2
    assert conduct.planned == own > 0
    faults = faults_of(gathered.measures, conduct, None)
    assert Fault("workers-lost", {"count": 2}) in faults


def test_the_slowest_of_all_workers_are_listed() -> None:
    """A hundred of them, the slowest first; failures and retries are counted by reason."""
    gathered = gathered_for(workload())
    gathered.ended(WorkerConduct(0), slow(80, 1), [])
    gathered.ended(WorkerConduct(1), slow(80, 2), ["a fault"])
    measured = gathered.measured("complete", None)
    rows = cast("list[dict[str, int]]", measured["slowest"])
    slowest = [row["response_us"] for row in rows]

    assert len(slowest) == SLOWEST
    assert slowest == sorted(slowest, reverse=True)
    assert slowest[0] == 160
    assert measured["failed"] == [
        {"journey": "visit", "step": "get", "reason": "refused", "count": 3}
    ]
    assert measured["retried"] == measured["failed"]
    assert measured["faults"] == ["a fault"]


def test_a_workload_survives_its_file() -> None:
    """Whatever tells it, a worker reads what was written."""
    assert Workload.from_plain(workload().plain()) == workload()
