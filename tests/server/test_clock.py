"""The clocks of the server go forward only."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from etalon_server.clock import ClockError, ManualClock, RealClock

NOON = datetime(2022, 2, 1, 12, tzinfo=UTC)


def test_a_clock_set_by_hand_stands_still_until_moved() -> None:
    """Two looks show the same instant; an hour later it shows that."""
    clock = ManualClock(NOON)

    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)


def test_a_clock_set_by_hand_tells_utc_whatever_zone_it_was_set_in() -> None:
    """One o'clock in Paris is noon in UTC."""
    clock = ManualClock(NOON - timedelta(days=1))

    clock.set(NOON.astimezone(timezone(timedelta(hours=1))))

    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (NOON - timedelta(seconds=1), "cannot go back"),
        (timedelta(seconds=-1), "cannot go back"),
        (timedelta(days=9_000_000), "no instant lies"),
        (NOON.replace(tzinfo=None), "no time zone"),
    ],
)
def test_a_clock_set_by_hand_refuses_what_it_cannot_tell(
    move: datetime | timedelta, said: str
) -> None:
    """Going back, leaving the calendar, times without a zone; it stands where it stood."""
    clock = ManualClock(NOON)

    with pytest.raises(ClockError, match=said):
        clock.set(move) if isinstance(move, datetime) else clock.advance(move)

    assert clock.now() == NOON


def test_the_real_clock_never_tells_an_instant_before_the_last_command() -> None:
    """A directory whose commands are of tomorrow goes on tomorrow."""
    clock = RealClock()
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    clock.start_at(tomorrow)

    assert clock.now() == tomorrow
