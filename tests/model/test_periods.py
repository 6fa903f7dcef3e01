"""Windows are civil arithmetic in Paris."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import PARIS, Period
from etalon_model.periods import birthday, is_younger

FIRST = datetime.fromisoformat("2021-01-01")
LAST = datetime.fromisoformat("2030-01-01")


def paris(text: str) -> datetime:
    """Return the UTC instant of a wall-clock time in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


@pytest.mark.rule("LIF-04")
@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("P6W", "2022-01-31T09:00", "2022-03-14T09:00"),
        ("P6W", "2022-02-28T09:00", "2022-04-11T09:00"),
        ("P6W", "2021-09-15T23:59", "2021-10-27T23:59"),
        ("P30D", "2022-02-28T09:00", "2022-03-30T09:00"),
        ("P1M", "2021-08-30T09:00", "2021-09-30T09:00"),
        ("P1M", "2021-08-31T09:00", "2021-09-30T09:00"),
        ("P1M", "2022-01-31T09:00", "2022-02-28T09:00"),
        ("P3M", "2023-11-30T09:00", "2024-02-29T09:00"),
        ("P10Y", "2024-02-29T09:00", "2034-02-28T09:00"),
        ("P1Y2M1W3D", "2022-01-01T00:00", "2023-03-11T00:00"),
    ],
)
def test_a_period_ends_at_the_same_hour_of_its_last_day(period: str, start: str, end: str) -> None:
    """Weeks, months and years are counted on the calendar, across the change of the hour."""
    assert Period(period).after(paris(start)) == paris(end)


def test_an_hour_that_spring_skips_is_read_as_the_later_instant() -> None:
    """02:30 does not exist on 27 March 2022: the window ends at 03:30, in favour of the person."""
    assert Period("P1D").after(paris("2022-03-26T02:30")) == datetime(
        2022, 3, 27, 1, 30, tzinfo=UTC
    )


def test_an_hour_that_autumn_repeats_is_read_as_the_later_instant() -> None:
    """02:30 comes twice on 30 October 2022: the window ends at the second."""
    ends_at = Period("P1D").after(paris("2022-10-29T02:30"))

    assert ends_at == datetime(2022, 10, 30, 1, 30, tzinfo=UTC)


@given(st.datetimes(FIRST, LAST), st.integers(min_value=1, max_value=99))
def test_days_keep_the_wall_clock_or_move_it_by_the_skipped_hour(wall: datetime, days: int) -> None:
    """Whatever the start, the end shows the same time, or an hour more where it is skipped."""
    start = wall.replace(tzinfo=PARIS).astimezone(UTC)

    end = Period(f"P{days}D").after(start).astimezone(PARIS).replace(tzinfo=None)

    expected = start.astimezone(PARIS).replace(tzinfo=None) + timedelta(days=days)
    assert end - expected in (timedelta(0), timedelta(hours=1))


@pytest.mark.parametrize("text", ["", "P", "6W", "P6", "P-6W", "PT6H", "P1.5M", "p6w"])
def test_a_period_that_is_not_understood_says_what_is(text: str) -> None:
    """The message shows what was found and how to write it."""
    with pytest.raises(ValueError, match="write years, months, weeks or days"):
        Period(text)


def test_ends_remembered_do_not_pile_up() -> None:
    """Thousands of instants later, the answers are the same."""
    period = Period("P6W")
    instants = [datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(5000)]

    first = [period.after(instant) for instant in instants]

    assert [period.after(instant) for instant in instants] == first


@pytest.mark.parametrize(
    ("born", "age", "on"),
    [
        (date(2004, 2, 29), 18, date(2022, 3, 1)),
        (date(2004, 2, 29), 16, date(2020, 2, 29)),
        (date(2004, 3, 1), 18, date(2022, 3, 1)),
    ],
)
def test_a_birthday_of_29_february_falls_on_1_march(born: date, age: int, on: date) -> None:
    """Only in common years."""
    assert birthday(born, age) == on


@pytest.mark.rule("REP-04")
@pytest.mark.parametrize(
    ("at", "younger"),
    [
        ("2020-06-01T00:00", True),
        ("2021-12-31T23:59", True),
        ("2022-06-14T23:59", True),
        ("2022-06-15T00:00", False),
        ("2023-01-01T00:00", False),
        ("2029-01-01T00:00", False),
    ],
)
def test_age_is_reached_at_midnight_in_paris(at: str, *, younger: bool) -> None:
    """Somebody born on 15 June 2004 is eighteen from the first minute of 15 June 2022 in Paris."""
    assert is_younger(date(2004, 6, 15), 18, paris(at)) is younger


def test_age_is_reached_on_new_year_in_paris_before_it_is_in_utc() -> None:
    """Born on 1 January 2004, one is eighteen while UTC still says 31 December 2021."""
    assert not is_younger(date(2004, 1, 1), 18, datetime(2021, 12, 31, 23, 0, tzinfo=UTC))
