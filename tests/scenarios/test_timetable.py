"""Days and instants of a run, across the change of the hour."""

from datetime import UTC, date, datetime

import pytest

from etalon_scenarios.timetable import DAY, HOUR, Timetable

AUTUMN = Timetable(date(2021, 10, 29), 5)
SPRING = Timetable(date(2022, 3, 25), 5)


@pytest.mark.parametrize(
    ("timetable", "day", "hour", "instant"),
    [
        (AUTUMN, 0, 0, datetime(2021, 10, 28, 22, tzinfo=UTC)),
        (AUTUMN, 1, 6, datetime(2021, 10, 30, 4, tzinfo=UTC)),
        (AUTUMN, 2, 6, datetime(2021, 10, 31, 5, tzinfo=UTC)),
        (AUTUMN, 3, 22, datetime(2021, 11, 1, 21, tzinfo=UTC)),
        (SPRING, 1, 6, datetime(2022, 3, 26, 5, tzinfo=UTC)),
        (SPRING, 2, 6, datetime(2022, 3, 27, 4, tzinfo=UTC)),
    ],
)
def test_an_hour_of_the_day_is_that_of_a_clock_in_paris(
    timetable: Timetable, day: int, hour: int, instant: datetime
) -> None:
    """The same place in the day keeps its wall-clock hour before and after the change."""
    assert timetable.instant(day * DAY + hour * HOUR) == instant


def test_instants_ascend_through_the_change_of_the_hour() -> None:
    """Between 04:00 of one day and 24:00, hour after hour, no instant goes back."""
    for timetable in (AUTUMN, SPRING):
        instants = [
            timetable.instant(day * DAY + hour * HOUR) for day in range(5) for hour in range(4, 24)
        ]
        assert instants == sorted(instants)


def test_day_and_date_are_inverse() -> None:
    """Day 0 is the first; a date before it is negative."""
    assert [AUTUMN.day(AUTUMN.date(day)) for day in range(5)] == list(range(5))
    assert AUTUMN.day(date(2021, 10, 28)) == -1
    assert AUTUMN.civil_date(AUTUMN.instant(2 * DAY + 23 * HOUR)) == date(2021, 10, 31)
