"""The order of a day: at which moment each thing happens, and what precedes what.

Two engines give the same ledger only if they agree on this table. Calls carry microseconds and
visits carry minutes; everything else has one place. At the same instant people are served by
their number, never by the order in which a program met them. The web closes before the evening's
decisions, so that a visit and the opening of a space never compete within a day.

Unit: microseconds of a civil day in Europe/Paris.
"""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

BIRTHS_AND_DEATHS: Final = 4 * HOUR
NEWCOMERS: Final = 5 * HOUR
WAVES: Final = 6 * HOUR
REMINDERS: Final = 6 * HOUR + 30 * MINUTE
PRINTER: Final = 7 * HOUR
DELIVERY: Final = 8 * HOUR
WEB_OPENS_MINUTE: Final = 8 * 60
WEB_CLOSES_MINUTE: Final = 22 * 60
DECISIONS: Final = 22 * HOUR + 10 * MINUTE
LATE_DECISIONS: Final = 22 * HOUR + 20 * MINUTE
REGENERATED_CODES: Final = 22 * HOUR + 30 * MINUTE
CREATION: Final = 22 * HOUR + 40 * MINUTE
EXPIRY: Final = 22 * HOUR + 50 * MINUTE
MEDIA: Final = 23 * HOUR + 59 * MINUTE

ORDER: Final = (
    ("births and deaths", BIRTHS_AND_DEATHS),
    ("newcomers of the week", NEWCOMERS),
    ("waves", WAVES),
    ("reminders", REMINDERS),
    ("printer", PRINTER),
    ("delivery and bounces", DELIVERY),
    ("web minutes", WEB_OPENS_MINUTE * MINUTE),
    ("telephone", DELIVERY),
    ("decisions", DECISIONS),
    ("late decisions", LATE_DECISIONS),
    ("regenerated codes", REGENERATED_CODES),
    ("creation", CREATION),
    ("expiry", EXPIRY),
    ("media", MEDIA),
)
"""The places of a day, in the order in which both engines visit them."""


class Timetable:
    """Days and instants of one run; day 0 is the scenario's first.

    Attributes:
        starts_on: Civil date of day 0.
        days: Number of days of the run.
    """

    def __init__(self, starts_on: dt.date, days: int) -> None:
        self.starts_on = starts_on
        self.days = days
        self._noons = [self._noon(day) for day in range(days + 2)]

    def _noon(self, day: int) -> datetime:
        local = datetime.combine(self.date(day), time(12), PARIS)
        return local.astimezone(UTC)

    def date(self, day: int) -> dt.date:
        """Return the civil date of a day of the run."""
        return self.starts_on + timedelta(days=day)

    def day(self, on: dt.date) -> int:
        """Return the day of the run of a civil date; negative before the start."""
        return (on - self.starts_on).days

    def instant(self, microsecond: int) -> datetime:
        """Return the UTC instant of a clock that counts civil days of 24 hours.

        The night hours in which summer time ends or begins hold no event.
        """
        day, within = divmod(microsecond, DAY)
        return self._noons[day] + timedelta(microseconds=within - 12 * HOUR)

    @staticmethod
    def civil_date(instant: datetime) -> dt.date:
        """Return the civil date of an instant in Europe/Paris."""
        return instant.astimezone(PARIS).date()
