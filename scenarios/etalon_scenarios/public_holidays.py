"""Working days in France: Monday to Friday, national public holidays excepted.

Holidays are dates, never names, so that nothing depends on a language. The table covers the years
that `FIRST_DAY` and `LAST_DAY` bound; holidays that exist in some départements only are left out.

Sources: Code du travail, art. L. 3133-1.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources

TABLE = "data/public_holidays.csv"
FIRST_DAY = dt.date(2010, 1, 1)
LAST_DAY = dt.date(2040, 12, 31)
SATURDAY = 5


@cache
def public_holidays() -> frozenset[dt.date]:
    """The national public holidays of the years covered."""
    file = resources.files("etalon_scenarios").joinpath(TABLE)
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(dt.date.fromisoformat(line) for line in lines if line[:1].isdigit())


def is_working_day(day: dt.date) -> bool:
    """Whether letters are posted and the hotline answers on this day.

    Raises:
        ValueError: The day is outside the years covered.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"{day} is outside the calendar, which covers {FIRST_DAY} to {LAST_DAY}"
        raise ValueError(message)
    return day.weekday() < SATURDAY and day not in public_holidays()


def working_days(first_on: dt.date, last_on: dt.date) -> list[dt.date]:
    """The working days from one day to another, both included, in order."""
    days = (last_on - first_on).days + 1
    calendar = (first_on + dt.timedelta(days=offset) for offset in range(days))
    return [day for day in calendar if is_working_day(day)]


def is_mail_day(day: dt.date) -> bool:
    """Whether the post delivers on this day: Monday to Saturday, holidays excepted.

    Raises:
        ValueError: The day is outside the years covered.
    """
    return is_working_day(day) or (day.weekday() == SATURDAY and day not in public_holidays())
