"""A run saved at a date and resumed is the run that was never interrupted; a policy may branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from etalon_scenarios import cohort
from etalon_scenarios.arrivals import Attendance, Window
from etalon_scenarios.arrivals_files import arrivals_of
from etalon_scenarios.checkpointed import CheckpointedSimulation
from etalon_scenarios.checkpoints import CheckpointError, read_checkpoint, write_checkpoint
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.ledger import Ledger
    from etalon_scenarios.scenario import Scenario

PEOPLE = 3_000
SEED = 6
CROWDED = ("intent.activation=0.6", "closing.per_year=0.3", "hotline.agents=2000")


@cache
def whole(name: str, changes: tuple[str, ...] = ()) -> Ledger:
    """Run without interruption."""
    return cohort.simulate(load_scenario(name, changes), population=PEOPLE, seed=SEED).ledger


def run(
    scenario: Scenario, folder: Path, *, save: date | None = None, start: Path | None = None
) -> Ledger:
    """Run with a checkpoint to write or to go on from."""
    simulation = CheckpointedSimulation(RunDirectory(folder), save, start)
    return simulation(
        scenario, population=PEOPLE, seed=SEED, until=None, on_day=None, stop=lambda: False
    ).ledger


def saved(scenario: Scenario, folder: Path, on: date) -> Path:
    """Save the state at the beginning of a day, and run no further."""
    path = folder / f"checkpoint-{on.isoformat()}.npz"
    CheckpointedSimulation(RunDirectory(folder), on, None)(
        scenario, population=PEOPLE, seed=SEED, until=None, on_day=None, stop=path.exists
    )
    return path


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The launch of 2022 as it stands on the morning of 1 March."""
    folder = tmp_path_factory.mktemp("march")
    return saved(load_scenario("launch-2022"), folder, date(2022, 3, 1))


def evidence(ledger: Ledger) -> tuple[object, ...]:
    """Everything a ledger holds, what its digest leaves out included."""
    return (
        ledger.digest(),
        ledger.waits.tolist(),
        ledger.notices.tolist(),
        {name: days.tolist() for name, days in ledger.since_notice.items()},
        ledger.excluded.tolist(),
    )


@pytest.mark.parametrize(
    ("name", "changes", "day"),
    [
        ("launch-2022", CROWDED, 0),
        ("launch-2022", CROWDED, 37),
        ("launch-2022", CROWDED, 98),
        ("pilot-2021", ("media.shock_on=2021-09-20", "population.protected_share=0.3"), 25),
        ("reminder-day-28", (), 40),
        ("opt-in", (), 50),
    ],
)
def test_a_resumed_run_is_the_run_without_interruption(
    name: str, changes: tuple[str, ...], day: int, tmp_path: Path
) -> None:
    """Whatever the day."""
    scenario = load_scenario(name, changes)
    uninterrupted = evidence(whole(name, changes))
    on = scenario.starts_on + timedelta(days=day)

    path = saved(scenario, tmp_path, on)

    assert evidence(run(scenario, tmp_path, start=path)) == uninterrupted


def test_to_write_a_checkpoint_changes_nothing(tmp_path: Path) -> None:
    """Although more is kept for policies that may branch off."""
    saving = run(load_scenario("launch-2022", CROWDED), tmp_path, save=date(2022, 3, 9))

    assert evidence(saving) == evidence(whole("launch-2022", CROWDED))


def test_a_checkpoint_may_be_made_of_a_resumed_run(tmp_path: Path) -> None:
    """Saved, resumed and saved again: the second checkpoint serves like the first."""
    scenario = load_scenario("launch-2022", CROWDED)
    first = saved(scenario, tmp_path, date(2022, 2, 20))
    second = tmp_path / "checkpoint-2022-04-02.npz"
    CheckpointedSimulation(RunDirectory(tmp_path), date(2022, 4, 2), first)(
        scenario, population=PEOPLE, seed=SEED, until=None, on_day=None, stop=second.exists
    )

    again = run(scenario, tmp_path, start=second)

    assert again.digest() == whole("launch-2022", CROWDED).digest()


BRANCHES = {
    "a media shock after the date": "media.shock_on=2022-03-20",
    "a media shock on the date": "media.shock_on=2022-03-01",
    "slower openings": "creation.per_day=100000",
    "later openings": "creation.starts_on=2022-06-01",
    "a reminder after the date": "reminders=[{after_days=35, channel='same', to='silent'}]",
    "openings that fail": "creation.impossible_share=0.4",
}


@pytest.mark.parametrize("change", BRANCHES.values(), ids=BRANCHES.keys())
def test_a_policy_without_effect_before_the_date_branches_off_exactly(
    change: str, march: Path, tmp_path: Path
) -> None:
    """Branched off at the date or run from the first day: the same ledger."""
    branched = run(load_scenario("launch-2022", [change]), tmp_path, start=march)

    assert evidence(branched) == evidence(whole("launch-2022", (change,)))
    assert branched.digest() != whole("launch-2022").digest()


def test_a_policy_that_extends_the_scenario_holds_from_the_date_on(
    march: Path, tmp_path: Path
) -> None:
    """Days before the date are those of the parent; days after are not."""
    branched = run(load_scenario("letters-to-seniors"), tmp_path, start=march)
    parent = whole("launch-2022")

    for day in range(parent.days):
        same = all(
            np.array_equal(one, other)
            for one, other in zip(branched.day_cells(day), parent.day_cells(day), strict=True)
        )
        assert same or day >= 29
    assert branched.digest() not in (parent.digest(), whole("letters-to-seniors").digest())


def test_arrivals_of_a_resumed_run_are_all_there(tmp_path: Path) -> None:
    """Who came before the checkpoint is remembered, and logs in after it."""
    scenario = load_scenario("launch-2022", [*CROWDED, "usage.login_days=10"])
    path = saved_with_attendance(scenario, tmp_path)
    found: list[Any] = []
    for start in (None, path):
        attendance = Attendance()
        simulation = CheckpointedSimulation(RunDirectory(tmp_path), None, start)
        simulation(
            scenario,
            population=PEOPLE,
            seed=SEED,
            until=None,
            on_day=None,
            stop=lambda: False,
            observer=attendance,
        )
        arrivals = arrivals_of(attendance, scenario, seed=SEED, days=151)
        found.append(np.stack(arrivals.between(Window(0, 151 * DAY))))

    np.testing.assert_array_equal(*found)


def saved_with_attendance(scenario: Scenario, folder: Path) -> Path:
    """Save the state of a watched run."""
    on = date(2022, 3, 15)
    simulation = CheckpointedSimulation(RunDirectory(folder), on, None)
    simulation(
        scenario,
        population=PEOPLE,
        seed=SEED,
        until=None,
        on_day=None,
        stop=lambda: False,
        observer=Attendance(),
    )
    return folder / f"checkpoint-{on.isoformat()}.npz"


def test_a_checkpoint_of_another_scenario_is_refused_with_both_digests(tmp_path: Path) -> None:
    """A scenario that does not extend the one saved, or loses one of its changes."""
    path = saved(load_scenario("launch-2022", ["hotline.agents=500"]), tmp_path, date(2022, 3, 1))

    for other in (load_scenario("pilot-2021"), load_scenario("launch-2022")):
        with pytest.raises(CheckpointError) as refused:
            run(other, tmp_path, start=path)
        assert refused.value.reason == "scenario"
        assert {len(refused.value.found), len(refused.value.expected)} == {64}
        assert refused.value.found != refused.value.expected


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("version", {"version": "0.0.0"}),
        ("seed", {"seed": 7}),
        ("population", {"population": 4_000}),
        ("days", {"days": 150}),
        ("attention", {"reach": 1}),
        ("people", {"people_digest": "0" * 64}),
        ("unreadable", {"format": 0}),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(
    reason: str, change: dict[str, Any], march: Path, tmp_path: Path
) -> None:
    """Another version, seed, population, length, people, or layout of the file."""
    scenario = load_scenario("launch-2022")
    checkpoint = read_checkpoint(march)
    altered = replace(checkpoint, seal=replace(checkpoint.seal, **change))
    write_checkpoint(RunDirectory(tmp_path), "altered.npz", altered)

    with pytest.raises(CheckpointError) as refused:
        run(scenario, tmp_path, start=tmp_path / "altered.npz")

    assert refused.value.reason == reason


def test_a_file_that_is_no_checkpoint_is_refused(march: Path, tmp_path: Path) -> None:
    """Missing, cut short, or something else; nothing in it is ever run."""
    scenario = load_scenario("launch-2022")
    cut, other, objects = (tmp_path / f"{name}.npz" for name in ("cut", "other", "objects"))
    cut.write_bytes(march.read_bytes()[:500])
    other.write_bytes(b"notes")
    np.savez(objects, seal=np.array([{"format": 1}], dtype=object))

    for file in (cut, other, objects, tmp_path / "absent.npz"):
        with pytest.raises(CheckpointError) as refused:
            run(scenario, tmp_path, start=file)
        assert refused.value.reason == "unreadable"


@pytest.mark.parametrize("on", [date(2022, 1, 30), date(2022, 7, 1)])
def test_a_date_outside_the_run_is_refused(on: date, tmp_path: Path) -> None:
    """The message gives the first and the last day that serve."""
    with pytest.raises(CheckpointError) as refused:
        run(load_scenario("launch-2022"), tmp_path, save=on)

    assert (refused.value.reason, refused.value.found) == ("date", on.isoformat())
    assert refused.value.expected == "2022-01-31/2022-06-30"
