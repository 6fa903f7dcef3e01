"""Arrivals of a simulation become planned journeys: cut to a window, thinned, never made up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import pytest

from etalon_load.arrivals import Arrival, ArrivalsError, Plan, compressed
from etalon_load.recorded_arrivals import read_minutes, read_plan
from etalon_load.windows import window_from
from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.arrivals_files import arrivals_of, write_run_arrivals
from etalon_scenarios.engine import engine_named
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.windows import wanted_arrivals

if TYPE_CHECKING:
    from etalon_scenarios.runs import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of the pilot, of whom everybody who came on its second Tuesday is recorded."""
    scenario = load_scenario("pilot-2021", ("scenario.ends_on=2021-09-19",))
    attendance = Attendance()
    simulated = engine_named("agents").simulate(
        scenario,
        population=3000,
        seed=5,
        until=None,
        on_day=None,
        stop=lambda: False,
        observer=attendance,
    )
    directory = new_run_directory(
        tmp_path_factory.mktemp("run") / "N", command="simulate", name="pilot-2021", seed=5
    )
    arrivals = arrivals_of(attendance, scenario, seed=5, days=simulated.days_done)
    wanted = wanted_arrivals("2021-09-07/P1D", scenario.starts_on, simulated.days_done)
    write_run_arrivals(directory, scenario, cast("Run", simulated), arrivals, wanted)
    summary = {"starts_on": scenario.starts_on.isoformat()}
    (directory.path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return directory.path


def test_every_recorded_arrival_is_planned_once(run: Path) -> None:
    """A day of recorded arrivals: as many as the minutes of that day count, by journey."""
    plan = read_plan(run / "arrivals.parquet", "2021-09-07/P1D")
    minutes = read_minutes(run / "arrivals_minute.parquet", window_from("2021-09-07/P1D"))
    by_journey = {kind: round(sum(column)) for kind, column in minutes.counts.items()}

    assert plan.seconds == 86_400
    assert by_journey
    assert {
        kind: sum(arrival.kind == kind for arrival in plan.arrivals) for kind in by_journey
    } == by_journey
    assert sum(by_journey.values()) == len(plan.arrivals)


def test_a_window_holds_what_it_cuts_out(run: Path) -> None:
    """Quarters of a day, one after the other, hold the arrivals of the day."""
    whole = read_plan(run / "arrivals.parquet", "2021-09-07/P1D")
    cut: list[Arrival] = []
    for hour in (6, 12, 18):
        part = read_plan(run / "arrivals.parquet", f"2021-09-07T{hour:02d}:00/PT6H")
        first = hour * 3_600_000_000
        assert part.seconds == 21_600
        cut += [Arrival(at + first, kind, person) for at, kind, person in part.arrivals]

    assert cut == list(whole.arrivals)


def test_without_a_window_a_plan_begins_with_its_first_arrival(run: Path) -> None:
    """Whole seconds around what is recorded."""
    plan = read_plan(run / "arrivals.parquet")

    assert plan.arrivals[0].at_microsecond < 1_000_000
    assert plan.arrivals[-1].at_microsecond < plan.seconds * 1_000_000


def test_recorded_arrivals_are_thinned_and_never_made_up(run: Path) -> None:
    """Time goes by a thousand times faster; a peak below keeps some, a peak above keeps all."""
    file, day = run / "arrivals.parquet", "2021-09-07/P1D"
    fast = read_plan(file, day, time_scale=1000)
    thin = read_plan(file, day, time_scale=1000, peak=max(fast.by_second()) / 2, seed=3)

    assert fast.seconds == pytest.approx(86.4)
    assert set(thin.arrivals) < set(fast.arrivals)
    assert read_plan(file, day, time_scale=1000, peak=1e6).arrivals == fast.arrivals


def test_counts_by_minute_are_scaled_to_a_peak(run: Path) -> None:
    """A day in two minutes whose busiest minute makes fifty arrivals a second."""
    file = run / "arrivals_minute.parquet"
    plan = read_plan(file, "2021-09-07/P1D", peak=50, time_scale=720, seed=3)

    assert plan.seconds == 120
    totals = read_minutes(file, window_from("2021-09-07/P1D")).totals
    expected = sum(totals) / max(totals) * 50 * 120 / 1440
    assert abs(len(plan.arrivals) - expected) < 5 * expected**0.5
    assert len({arrival.person for arrival in plan.arrivals}) == len(plan.arrivals)
    assert read_plan(file, "2021-09-07/P1D", peak=50, time_scale=720, seed=3) == plan


def test_some_journeys_of_a_recording_are_planned_alone(run: Path) -> None:
    """The others are left out; a journey that nobody came for is refused."""
    file, day = run / "arrivals.parquet", "2021-09-07/P1D"
    whole = read_plan(file, day)
    kept = read_plan(file, day, among={"activate"})

    assert list(kept.arrivals) == [one for one in whole.arrivals if one.kind == "activate"]
    with pytest.raises(ArrivalsError, match="none of consult arrives there, but activate"):
        read_plan(file, day, among={"consult"})


def _cut_short(run: Path, folder: Path) -> Path:
    file = folder / "arrivals.parquet"
    file.write_bytes((run / "arrivals.parquet").read_bytes()[:-40])
    return file


def _alone(run: Path, folder: Path) -> Path:
    file = folder / "arrivals.parquet"
    file.write_bytes((run / "arrivals.parquet").read_bytes())
    return file


def _other(_: Path, folder: Path) -> Path:
    file = folder / "other.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT 1 AS person) TO '{file}' (FORMAT parquet)")
    return file


def _empty(run: Path, folder: Path) -> Path:
    file = folder / "arrivals.parquet"
    source = run / "arrivals.parquet"
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT * FROM '{source}' WHERE person < 0) TO '{file}' (FORMAT parquet)"  # noqa: S608 (our own files)
        )
    return file


def _missing(_: Path, folder: Path) -> Path:
    return folder / "none.parquet"


def _folder(_: Path, folder: Path) -> Path:
    return folder


def _whole(run: Path, _: Path) -> Path:
    return run / "arrivals.parquet"


def _minutes(run: Path, _: Path) -> Path:
    return run / "arrivals_minute.parquet"


@pytest.mark.parametrize(
    ("file", "window", "words"),
    [
        (_cut_short, None, "cut short"),
        (_other, None, "has the columns person; expected at_microsecond"),
        (_empty, None, "holds no arrival"),
        (_missing, None, "is no file"),
        (_folder, None, "is no file"),
        (_alone, "2021-09-07/P1D", "does not say when the simulation starts"),
        (_whole, "2021-09-08/P1D", "nobody arrives from 2021-09-08T00:00 for 86400 s; it covers"),
        (_whole, "1999-01-01/P1D", "nobody arrives"),
        (_minutes, "1999-01-01/P1D", "nobody arrives .* it covers 2021-0"),
        (_minutes, "2021-09-07T18:00/PT30S", "whole minutes"),
        (_whole, "2021-09-07", "a slash and a duration"),
        (_whole, "tomorrow/PT1M", "no civil date"),
        (_whole, "2021-09-07T18:00Z/PT1M", "no civil date"),
        (_whole, "2021-09-07T18:00/1 minute", "no duration"),
        (_whole, "2021-09-07T18:00/PT0S", "no duration above 0"),
    ],
)
def test_arrivals_that_cannot_be_used_are_refused_in_one_sentence(
    run: Path, tmp_path: Path, file: Callable[[Path, Path], Path], window: str | None, words: str
) -> None:
    """The message says which file or which part of the window, and what is there."""
    with pytest.raises(ArrivalsError, match=words):
        read_plan(file(run, tmp_path), window)


def test_time_goes_faster_and_never_slower() -> None:
    """Instants and length are divided; a factor below one is refused."""
    plan = Plan((Arrival(600_000_000, "visit", 1),), 1200.0)

    assert compressed(plan, 60) == Plan((Arrival(10_000_000, "visit", 1),), 20.0)
    with pytest.raises(ArrivalsError, match="1 at least"):
        compressed(plan, 0.5)
