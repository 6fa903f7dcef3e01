"""Dates of FHIR and instants of the model.

Reading: a date without a time zone is a civil date in Paris, as everywhere in the model; where an
instant is asked for and only a day is said, it is the first instant of that day.

Sources: FHIR R4, `date`, `dateTime`, `instant`, and 3.1.1.4.4 (a date in a search is a span).
"""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, cast

from etalon_model.periods import PARIS
from etalon_wire.malformed import REQUIRED, VALUE, Malformed

SHORTEST: Final = timedelta(microseconds=1)
"""The difference between two instants of the model that follow one another."""

_DATED: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,32}))?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_USUAL: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
"""What nearly every date is, and Python reads as FHIR does."""
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_DIGITS: Final = 6
_BEFORE_ZONE: Final = -len("+00:00")
_LEAP: Final = 60
_REMEMBERED: Final = 1024


def span_of(text: str) -> tuple[datetime, datetime] | None:
    """Return the first instant (UTC) that a date names, and the first one after it.

    Returns:
        None when `text` is no date. Beyond the years 1 to 9999 the last instant stands for any.
    """
    match = _DATED.fullmatch(text)
    if match is None:
        return None
    try:
        return _span(match)
    except ValueError:
        return None


def instant_of(text: str, at: str) -> datetime:
    """Return the first instant (UTC) that a date of FHIR names.

    Args:
        text: `date`, `dateTime` or `instant`.
        at: Where it stands, as FHIRPath.

    Raises:
        Malformed: `required` for an empty text, `value` for one that names no instant.
    """
    if not text:
        raise Malformed(REQUIRED, at, "a date is missing: say when")
    if _USUAL.fullmatch(text) is not None:
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(text).astimezone(UTC)
    span = span_of(text)
    if span is None:
        message = "not a date that can be kept: write one like 2022-03-02T10:05:00+01:00"
        raise Malformed(VALUE, at, message)
    return span[0]


@lru_cache(_REMEMBERED)
def stamp_of(instant: datetime) -> str:
    """Return an instant (UTC) as ISO 8601 with its offset; one is asked for several times."""
    return instant.isoformat()


def written(instant: datetime) -> str:
    """Return an instant (UTC) as FHIR writes it, to the microsecond where it has any."""
    return f"{stamp_of(instant)[:_BEFORE_ZONE]}Z"


def _span(match: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if hour is not None:
        return _moment(match, cast("str", minute), second, fraction, zone)
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=PARIS)
    if day is not None:
        days = 1
    elif month is not None:
        days = monthrange(start.year, start.month)[1]
    else:
        days = 365 + (monthrange(start.year, 2)[1] == 29)  # noqa: PLR2004 (a leap year)
    # Civil days: the wall clock moves on, whatever the change of the hour.
    return _utc(start), _utc(_later(start, timedelta(days=days)))


def _moment(
    match: re.Match[str], minute: str, second: str | None, fraction: str | None, zone: str | None
) -> tuple[datetime, datetime]:
    leap = second is not None and int(second) == _LEAP
    year, month, day, hour = (int(match[part]) for part in (1, 2, 3, 4))
    seconds = _LEAP - 1 if leap else int(second or 0)
    microseconds = int((fraction or "0")[:_DIGITS].ljust(_DIGITS, "0"))
    wall = datetime(year, month, day, hour, int(minute), seconds, microseconds, tzinfo=_zone(zone))
    start = _later(_utc(wall), timedelta(seconds=1 if leap else 0))
    if second is None:
        return start, _later(start, timedelta(minutes=1))
    if fraction is None:
        return start, _later(start, timedelta(seconds=1))
    return start, _later(start, timedelta(microseconds=10 ** max(0, _DIGITS - len(fraction))))


def _later(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return datetime.max.replace(tzinfo=instant.tzinfo)


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return _FIRST if instant.year == 1 else _LAST


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return PARIS
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
