"""Arrivals: what comes by the minute is what the ledger counts; windows are cut from one run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_scenarios import cohort, logins
from etalon_scenarios.arrivals import KINDS, Arrivals, Attendance, Window, busiest_hour
from etalon_scenarios.arrivals_files import (
    MinuteCounts,
    arrivals_of,
    read_minutes,
    write_minutes,
    write_run_arrivals,
)
from etalon_scenarios.layout import CELLS
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.tally import Tally
from etalon_scenarios.timetable import DAY, HOUR, MINUTE
from etalon_scenarios.window_error import WindowError
from etalon_scenarios.windows import window_from
from etalon_text.schema_files import arrival_columns

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from etalon_scenarios.runs import Run

SCENARIO = load_scenario(
    "launch-2022", ["usage.login_days=5", "closing.per_year=0.9", "intent.activation=0.5"]
)
SEED = 4
STARTS_ON = date(2022, 1, 31)


@cache
def watched() -> tuple[Run, Attendance]:
    """Run once, for all the tests of this file."""
    attendance = Attendance()
    return cohort.simulate(SCENARIO, population=20_000, seed=SEED, observer=attendance), attendance


@cache
def arrivals() -> Arrivals:
    """Return the arrivals of the run."""
    run, attendance = watched()
    return arrivals_of(attendance, SCENARIO, seed=SEED, days=run.days_done)


@cache
def counted() -> NDArray[np.int64]:
    """Count them by kind and minute."""
    return arrivals().by_minute()


def by_day(*kinds: str) -> list[int]:
    """Sum the arrivals of some kinds by day."""
    rows = counted()[[KINDS.index(kind) for kind in kinds]]
    found: list[int] = rows.reshape(len(kinds), -1, DAY // MINUTE).sum(axis=(0, 2)).tolist()
    return found


def test_minutes_add_up_to_the_visits_and_calls_of_the_ledger() -> None:
    """Each visit and each call is one arrival, on its day."""
    tally, days = Tally(watched()[0]), range(watched()[0].days_done)

    assert by_day("activation", "opposition") == [tally.of_day("web_visits", d) for d in days]
    assert by_day("call") == [tally.of_day("calls", d) for d in days]
    assert all(counted().sum(axis=1) > 0)


def test_the_web_is_visited_while_it_is_open() -> None:
    """From 08:00 to 22:00; a reading may follow the last login by minutes."""
    hours = counted().reshape(len(KINDS), watched()[0].days_done, 24, 60).sum(axis=(1, 3))

    assert hours[:, :8].sum() == 0
    assert hours[[k for k, kind in enumerate(KINDS) if kind != "reading"], 22:].sum() == 0


def test_processes_that_share_the_logins_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes and blocks of 1,000 people, against one process and one block."""

    def two(_asked: int | None, _people: int) -> int:
        return 2

    monkeypatch.setattr(logins, "processes_for", two)
    monkeypatch.setattr(logins, "_BLOCK", 1_000)

    assert (arrivals().by_minute() == counted()).all()


def test_only_who_entered_and_stayed_logs_in() -> None:
    """No login before the day after the activation, none from the day of the closing on."""
    stays = watched()[1].stays(watched()[0].days_done)
    between = {
        person: (entered, left)
        for person, entered, left in zip(
            stays.people.tolist(), stays.entered.tolist(), stays.left.tolist(), strict=True
        )
    }
    at, kinds, people = arrivals().between(Window(0, watched()[0].days_done * DAY))
    coming = [
        (instant // DAY, person)
        for instant, kind, person in zip(at.tolist(), kinds.tolist(), people.tolist(), strict=True)
        if KINDS[kind] == "login"
    ]

    assert all(between[person][0] < day < between[person][1] for day, person in coming)
    assert any(left < watched()[0].days_done for _, left in between.values())
    assert len(between) == Tally(watched()[0]).totals["activated"]


def test_people_come_back_as_often_as_the_scenario_says() -> None:
    """Person-days of use over logins is `usage.login_days`; a quarter of the logins reads."""
    stays = watched()[1].stays(watched()[0].days_done)
    person_days = int((stays.left - stays.entered).sum())
    logins, readings = sum(by_day("login")), sum(by_day("reading"))

    assert logins > 10_000
    assert person_days / logins == pytest.approx(5, rel=0.06)
    assert readings / logins == pytest.approx(0.25, rel=0.06)


def test_a_week_has_its_shape() -> None:
    """Mondays see more logins than Sundays, in the proportion of the table."""
    logins = np.array(by_day("login"))
    weeks = logins[-35:].reshape(5, 7).sum(axis=0)
    first = (SCENARIO.starts_on + timedelta(days=watched()[0].days_done - 35)).weekday()
    monday, sunday = weeks[-first % 7], weeks[(6 - first) % 7]

    assert sunday / monday == pytest.approx(0.6, rel=0.15)


@settings(max_examples=settings().max_examples // 4)
@given(st.data())
def test_overlapping_windows_hold_the_same_rows(data: st.DataObject) -> None:
    """What two windows share is the same in both, and sorted."""
    instants = st.integers(20 * DAY, 24 * DAY)
    one, other = (Window(*sorted(data.draw(st.tuples(instants, instants)))) for _ in range(2))
    first = max(one.first, other.first)
    common = Window(first, max(first, min(one.end, other.end)))
    rows = [np.stack(arrivals().between(window)) for window in (one, other, common)]
    parts = [part[:, (common.first <= part[0]) & (part[0] < common.end)] for part in rows]

    for part, whole in zip(parts[:2], rows[:2], strict=True):
        np.testing.assert_array_equal(part, rows[2])
        assert (np.diff(whole[0]) >= 0).all()


def test_the_rows_of_a_window_are_those_of_its_minutes(tmp_path: Path) -> None:
    """The busiest hour, written one by one, has as many of each kind as its minutes say."""
    directory = RunDirectory(tmp_path)
    write_run_arrivals(directory, SCENARIO, watched()[0], arrivals(), "busiest")
    window = busiest_hour(counted())
    minutes = counted()[:, window.first // MINUTE : window.end // MINUTE]
    with duckdb.connect() as database:
        rows = database.execute(
            "SELECT * FROM read_parquet(?)", [str(tmp_path / "arrivals.parquet")]
        ).fetchall()

    assert [sum(row[1] == kind for row in rows) for kind in KINDS] == minutes.sum(axis=1).tolist()
    assert rows == sorted(rows, key=lambda row: (row[0], KINDS.index(row[1]), row[2]))
    assert all(window.first <= row[0] < window.end for row in rows)
    assert window.end - window.first == HOUR
    assert minutes.sum() == counted().sum(axis=0).reshape(-1, 60).sum(axis=1).max()


def test_each_row_names_the_departement_of_its_person() -> None:
    """By the layout for residents, by the place of birth for children of the run."""
    residents = np.arange(0, watched()[0].layout.size, 37)
    found = watched()[1].departments(residents, watched()[0].layout).tolist()
    assert found == [watched()[0].layout.cell(person) // CELLS for person in residents.tolist()]

    attendance = Attendance()
    attendance.births(np.array([20_000, 20_001]), np.array([3 * CELLS, 5 * CELLS + 1]))
    assert attendance.departments(np.array([20_001, 20_000]), watched()[0].layout).tolist() == [
        5,
        3,
    ]


def test_the_file_of_minutes_holds_mean_and_spread_of_replications(tmp_path: Path) -> None:
    """Two replications of 3 and 5 calls in one minute: mean 4, spread the square root of 2."""
    counts, one, two = MinuteCounts(), *(np.zeros((len(KINDS), 2880), np.int64) for _ in "ab")
    one[4, 1441], two[4, 1441], two[0, 0] = 3, 5, 1
    counts.add(one)
    counts.add(two)
    write_minutes(RunDirectory(tmp_path), counts, STARTS_ON)
    with duckdb.connect() as database:
        path = str(tmp_path / "arrivals_minute.parquet")
        rows = database.execute("SELECT * FROM read_parquet(?)", [path]).fetchall()

    assert [row[:3] for row in rows] == [
        (datetime(2022, 1, 31), "activation", 0.5),  # noqa: DTZ001 (civil time in Paris)
        (datetime(2022, 2, 1, 0, 1), "call", 4.0),  # noqa: DTZ001 (likewise)
    ]
    assert rows[1][3] == pytest.approx(2**0.5)


def test_the_file_of_one_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A study that goes on adds its replications to what an earlier process counted."""
    counts = MinuteCounts()
    counts.add(counted())
    write_minutes(RunDirectory(tmp_path), counts, SCENARIO.starts_on)
    path = tmp_path / "arrivals_minute.parquet"

    np.testing.assert_array_equal(
        read_minutes(path, SCENARIO.starts_on, watched()[0].days_done), counted()
    )
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="arrivals_minute"):
        read_minutes(path, SCENARIO.starts_on, watched()[0].days_done)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("2022-02-03T18:00/PT1H", Window(3 * DAY + 18 * HOUR, 3 * DAY + 19 * HOUR)),
        ("2022-01-31/P1D", Window(0, DAY)),
        ("2022-01-31T08:00:30/PT90S", Window(8 * HOUR + MINUTE // 2, 8 * HOUR + 2 * MINUTE)),
        ("2022-01-31/P1DT12H30M", Window(0, 36 * HOUR + 30 * MINUTE)),
        ("2022-02-09/P1D", Window(9 * DAY, 10 * DAY)),
    ],
)
def test_a_window_is_a_civil_time_and_a_duration(text: str, window: Window) -> None:
    """Of a run of ten days that begins on 31 January 2022."""
    assert window_from(text, STARTS_ON, 10) == window


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2022-02-03T18:00", "form"),
        ("3 février/PT1H", "start"),
        ("2022-02-03T18:00+01:00/PT1H", "start"),
        ("2022-02-03T18:00/1H", "duration"),
        ("2022-02-03T18:00/PT", "duration"),
        ("2022-02-03T18:00/PT0S", "duration"),
        ("2022-02-03T18:00/P", "duration"),
        ("2022-01-30T23:59/PT1H", "outside"),
        ("2022-02-09T23:30/PT1H", "outside"),
    ],
)
def test_a_window_that_cannot_be_is_refused(text: str, reason: str) -> None:
    """With what is wrong: form, start, duration, or days the run does not hold."""
    with pytest.raises(WindowError) as refused:
        window_from(text, STARTS_ON, 10)

    assert refused.value.reason == reason


def test_the_tables_of_arrivals_are_described() -> None:
    """Each column has its type, unit and meaning in both languages; no third table is known."""
    for file in ("arrivals_minute.parquet", "arrivals.parquet"):
        assert all(all(column) for column in arrival_columns(file))
    with pytest.raises(LookupError):
        arrival_columns("departures.parquet")
