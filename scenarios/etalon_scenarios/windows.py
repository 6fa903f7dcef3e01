"""`--arrivals 2022-02-03T18:00/PT1H`: the window of a run whose arrivals are written one by one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from etalon_scenarios.arrivals import Window
from etalon_scenarios.timetable import DAY, HOUR, MINUTE, SECOND
from etalon_scenarios.window_error import WindowError

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.arrivals_files import Wanted

_DURATION: Final = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
_UNITS: Final = (DAY, HOUR, MINUTE, SECOND)


def wanted_arrivals(typed: str | None, starts_on: date, days: int) -> Wanted:
    """Read whose arrivals are written one by one, as typed after `--arrivals`.

    Args:
        typed: A window, `busiest` for the busiest hour, or None for nobody's.
        starts_on: Day 0 of the run.
        days: Days of the run.

    Raises:
        WindowError: It cannot be read, is empty, or does not lie within the run.
    """
    if typed is None:
        return None
    return "busiest" if typed == "busiest" else window_from(typed, starts_on, days)


def window_from(text: str, starts_on: date, days: int) -> Window:
    """Read a window: a civil date and time (Europe/Paris), a slash, an ISO 8601 duration.

    Args:
        text: For example `2022-02-03T18:00/PT1H` or `2022-02-03/P1D`.
        starts_on: Day 0 of the run.
        days: Days of the run.

    Raises:
        WindowError: It cannot be read, is empty, or does not lie within the run.
    """
    start, slash, duration = text.partition("/")
    if not slash:
        raise WindowError(text, reason="form")
    try:
        begins_at = datetime.fromisoformat(start)
    except ValueError as error:
        raise WindowError(start, reason="start") from error
    if begins_at.tzinfo is not None:
        raise WindowError(start, reason="start")
    midnight = datetime.combine(starts_on, datetime.min.time())
    first = (begins_at - midnight) // timedelta(microseconds=1)
    end = first + _microseconds(duration)
    if first < 0 or end > days * DAY:
        raise WindowError(text, reason="outside")
    return Window(first, end)


def _microseconds(duration: str) -> int:
    matched = _DURATION.fullmatch(duration)
    if matched is None:
        raise WindowError(duration, reason="duration")
    parts = zip(matched.groups(), _UNITS, strict=True)
    length = sum(int(number) * unit for number, unit in parts if number is not None)
    if not length:
        raise WindowError(duration, reason="duration")
    return length
