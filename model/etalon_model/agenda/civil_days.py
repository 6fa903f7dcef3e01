"""Days a civil period apart: ages, intervals between two items, campaigns.

Reading: somebody born on 29 February reaches an age on 1 March of a common year, as elsewhere
in the model; months end on their last day when they have no such day.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from etalon_model.periods import Period, birthday

_SHORTEST_MONTH: Final = 28


def months_later(day: date, months: int) -> date:
    """Return the day `months` calendar months after `day`, or before it when negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= _SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    if months >= 0 and months % 12 == 0:
        return birthday(day, months // 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(day: date, period: Period) -> date:
    """Return the day one period after `day`."""
    moved = months_later(day, period.months)
    return moved + timedelta(days=period.days) if period.days else moved


def earlier(day: date, period: Period) -> date:
    """Return the day one period before `day`."""
    return months_later(day, -period.months) - timedelta(days=period.days)
