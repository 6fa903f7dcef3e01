"""Days a civil period apart: ages, intervals between two items, campaigns.

Reading: somebody born on 29 February reaches an age on 1 March of a common year, as elsewhere
in the model; months end on their last day when they have no such day.
"""

from calendar import monthrange
from datetime import date, timedelta

from etalon_model.periods import Period, birthday


def later(day: date, period: Period) -> date:
    """Return the day one period after `day`."""
    years, months = divmod(period.months, 12)
    if months == 0:
        return birthday(day, years) + timedelta(days=period.days) if years else _plus(day, period)
    return _months(day, period.months) + timedelta(days=period.days)


def earlier(day: date, period: Period) -> date:
    """Return the day one period before `day`."""
    return _months(day, -period.months) - timedelta(days=period.days)


def _plus(day: date, period: Period) -> date:
    return day + timedelta(days=period.days)


def _months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
