"""What workers are told is what was planned, or they say that it is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from etalon_load.arrivals import Plan
from etalon_load.profiles import named
from etalon_load.workload import (
    PLAN_FILE,
    WORKLOAD_FILE,
    PlanDiffersError,
    Workload,
    WorkloadError,
    read_plan,
    read_workload,
    write_plan,
)

PLAN = named("launch-day", peak=20, seconds=20, seed=3).plan
WORKLOAD = Workload(
    run_id="0" * 32,
    started_at="2026-11-22T09:30:00.000+00:00",
    etalon_version="of tests",
    target={"kind": "embedded", "name": "embedded", "address": None},
    speaking={},
    profile={"name": "launch-day", "peak": 20.0, "window": None, "source": None},
    seed=3,
    seconds=PLAN.seconds,
    workers=2,
    plan_digest=PLAN.digest,
    planned=PLAN.by_second(),
    objectives=(),
    objectives_name="none",
    bounds={},
)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Arrival by arrival, those of the same instant too."""
    write_plan(PLAN, tmp_path / PLAN_FILE)

    assert read_plan(tmp_path, WORKLOAD) == PLAN


@pytest.mark.parametrize(
    "other",
    [
        Plan(PLAN.arrivals[:-1], PLAN.seconds),
        Plan((PLAN.arrivals[0]._replace(person=10**6), *PLAN.arrivals[1:]), PLAN.seconds),
    ],
)
def test_other_arrivals_than_those_planned_are_refused(other: Plan, tmp_path: Path) -> None:
    """One that is missing, one of somebody else: the digest tells."""
    write_plan(other, tmp_path / PLAN_FILE)

    with pytest.raises(PlanDiffersError, match=PLAN.digest):
        read_plan(tmp_path, WORKLOAD)


def test_files_that_are_missing_or_cut_are_named(tmp_path: Path) -> None:
    """Whichever it is."""
    with pytest.raises(WorkloadError, match=PLAN_FILE):
        read_plan(tmp_path, WORKLOAD)
    with pytest.raises(WorkloadError, match=WORKLOAD_FILE):
        read_workload(tmp_path)
    (tmp_path / WORKLOAD_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(WorkloadError, match=WORKLOAD_FILE):
        read_workload(tmp_path)
    assert replace(WORKLOAD, seed=4) == Workload.from_plain(replace(WORKLOAD, seed=4).plain())
