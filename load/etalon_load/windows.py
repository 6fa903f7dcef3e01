"""A stretch of recorded arrivals: `2022-02-03T18:00/PT1M`.

A civil date and time (Europe/Paris), a slash, and an ISO 8601 duration. Days count 24 hours, as in
the arrivals of a simulation.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_load.arrivals import ArrivalsError

_DURATION: Final = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
_UNITS: Final = (86_400, 3_600, 60, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of civil time.

    Attributes:
        starts_at: Its first instant, civil time of Paris.
        seconds: How long it lasts.
    """

    starts_at: datetime
    seconds: int


def window_from(typed: str) -> Window:
    """Read a window.

    Args:
        typed: For example `2022-02-03T18:00/PT1M` or `2022-02-03/P1D`.

    Raises:
        ArrivalsError: It is none; the message says which part.
    """
    start, slash, duration = typed.partition("/")
    if not slash:
        message = f"{typed!r} is no window: a start, a slash and a duration are expected, such as "
        raise ArrivalsError(message + "2022-02-03T18:00/PT1M")
    try:
        starts_at = datetime.fromisoformat(start)
    except ValueError:
        starts_at = None
    if starts_at is None or starts_at.tzinfo is not None:
        message = f"{start!r} is no civil date and time: expected such as 2022-02-03T18:00"
        raise ArrivalsError(message)
    matched = _DURATION.fullmatch(duration)
    parts = matched.groups() if matched else ()
    seconds = sum(int(n) * unit for n, unit in zip(parts, _UNITS, strict=False) if n is not None)
    if not seconds:
        message = f"{duration!r} is no duration above 0: expected such as PT1M, PT2H30M or P1D"
        raise ArrivalsError(message)
    return Window(starts_at, seconds)
