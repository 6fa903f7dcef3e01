"""Where the instants of commands come from: the real clock, or one set by hand."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; it never goes back."""

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        ...

    def start_at(self, at: datetime) -> None:
        """Never again tell an instant before `at` (UTC)."""
        ...


class ClockError(ValueError):
    """A clock set by hand was asked to go back, or to a time without a zone."""


class RealClock:
    """The time of the machine; where that goes back, it stands still until caught up."""

    __slots__ = ("_latest",)

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def start_at(self, at: datetime) -> None:
        """Never again tell an instant before `at` (UTC)."""
        self._latest = max(self._latest, at)


class ManualClock:
    """A clock that moves when told to, and only forward."""

    __slots__ = ("_now",)

    def __init__(self, now: datetime) -> None:
        """Start at an instant that has a time zone.

        Raises:
            ClockError: It has none.
        """
        self._now = _in_utc(now)

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        return self._now

    def start_at(self, at: datetime) -> None:
        """Move to `at` (UTC) unless it is past."""
        self._now = max(self._now, at)

    def set(self, now: datetime) -> None:
        """Move to an instant.

        Raises:
            ClockError: It is before the present one, or has no time zone.
        """
        asked = _in_utc(now)
        if asked < self._now:
            message = (
                f"the clock stands at {self._now.isoformat()} and cannot go back to "
                f"{asked.isoformat()}: ask for a later instant"
            )
            raise ClockError(message)
        self._now = asked

    def advance(self, period: timedelta) -> None:
        """Move forward by a duration.

        Raises:
            ClockError: It is negative, or leads beyond the year 9999.
        """
        try:
            self.set(self._now + period)
        except OverflowError:
            message = f"no instant lies {period} after {self._now.isoformat()}"
            raise ClockError(message) from None


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone: write it like 2022-02-03T09:00:00+01:00"
        raise ClockError(message)
    return at.astimezone(UTC)
