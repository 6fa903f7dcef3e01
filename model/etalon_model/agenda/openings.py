"""When a schedule is open, and the slots that follow from it.

A schedule says when its actors are there (free) and when they are not (busy-unavailable), once or
by a rule that repeats; the services it offers have a length. What is free, cut into those lengths
and without what is busy, is its slots: nothing of them is kept.

Sources: guide of the ANS on shared agendas 3.0.0 (availability of a schedule, length of a service),
RFC 5545 (RRULE). Reading: a rule repeats by days or by weeks, in civil time of Paris, so that eight
o'clock stays eight o'clock when the hour changes; other rules are refused, not guessed.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from etalon_model.agenda.agenda import LIMITS
from etalon_model.periods import PARIS

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK: Final = 7
_DAY: Final = timedelta(days=1)
_STEPS: Final = {"DAILY": 1, "WEEKLY": _WEEK}
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_RULE: Final = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(?:;[A-Z]+=[A-Z0-9,+-]+)*")
_UNTIL: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?", re.ASCII)
_REMEMBERED: Final = 4096
_SEARCHES: Final = 64
_YEARS: Final = (1900, 2200)


@dataclass(frozen=True, slots=True)
class ServiceType:
    """What is done in a slot, and how long it takes.

    Attributes:
        code: `system|code`, as its editor has it.
        minutes: How long it takes.
    """

    code: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A time when the actors of a schedule are there, or are not.

    Attributes:
        starts_at: When it starts, the first time (UTC).
        ends_at: When it ends, the first time (UTC).
        is_free: They are there; else they are not, whatever else says that they are.
        rule: How it repeats (RRULE), or an empty string.
    """

    starts_at: datetime
    ends_at: datetime
    is_free: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that somebody may be given.

    Attributes:
        starts_at: When it starts (UTC).
        ends_at: When it ends (UTC).
        service: Rank of the service in the schedule, from 0; -1 where the schedule names none.
    """

    starts_at: datetime
    ends_at: datetime
    service: int


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that was read.

    Attributes:
        step: Days from one round to the next.
        places: Days of a round, from its first; none for the day on which it began.
        count: How many times, or None.
        until: Last instant at which a time may start, or None.
    """

    step: int
    places: tuple[int, ...]
    count: int | None
    until: datetime | None


@lru_cache(_REMEMBERED)
def recurrence_of(rule: str) -> Recurrence | None:
    """Return what a rule says, None when it is not read: neither of days nor of weeks."""
    if _RULE.fullmatch(rule) is None:
        return None
    pairs = [part.split("=") for part in rule.split(";")]
    given = dict(pairs)
    step = _STEPS.get(given.get("FREQ", ""))
    if step is None or len(given) < len(pairs) or not given.keys() <= _PARTS:
        return None
    every = _number(given.get("INTERVAL", "1"))
    count = _number(given["COUNT"]) if "COUNT" in given else None
    until = _until(given["UNTIL"]) if "UNTIL" in given else None
    places = _places(given.get("BYDAY", ""))
    wrong = (
        every is None
        or ("COUNT" in given and count is None)
        or ("UNTIL" in given and until is None)
        or places is None
        or (places and step != _WEEK)
        or {"COUNT", "UNTIL"} <= given.keys()
        or given.get("WKST", "MO") != "MO"
    )
    return None if wrong else Recurrence(step * (every or 1), places or (), count, until)


def _number(text: str) -> int | None:
    most = LIMITS["rule_number"]
    found = int(text) if text.isdecimal() and text.isascii() and len(text) <= len(str(most)) else 0
    return found if 1 <= found <= most else None


def _places(text: str) -> tuple[int, ...] | None:
    named = text.split(",") if text else []
    if not set(named) <= set(_DAYS):
        return None
    return tuple(sorted({_DAYS.index(day) for day in named}))


def _until(text: str) -> datetime | None:
    match = _UNTIL.fullmatch(text)
    if match is None:
        return None
    year, month, day, *clock = (None if part is None else int(part) for part in match.groups())
    with suppress(ValueError):
        first = date(year or 0, month or 0, day or 0)
        if clock[0] is None:
            return datetime(first.year, first.month, first.day, 23, 59, 59, tzinfo=PARIS)
        hour, minute, second = (part or 0 for part in clock)
        return datetime(first.year, first.month, first.day, hour, minute, second, tzinfo=UTC)
    return None


def wrong_in(opening: Opening) -> str:
    """Return what is wrong with an opening, empty when it can be kept."""
    if not _YEARS[0] <= opening.starts_at.year <= _YEARS[1]:
        return f"it starts in a year from {_YEARS[0]} to {_YEARS[1]}"
    if not opening.starts_at < opening.ends_at <= opening.starts_at + _DAY:
        return "it starts before it ends, a day apart at most"
    if opening.rule and recurrence_of(opening.rule) is None:
        return "its rule repeats by days or by weeks: FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20231231"
    return ""


def occurrences(
    opening: Opening, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end of each time of an opening that touches a span (UTC), in order."""
    rule = recurrence_of(opening.rule) if opening.rule else None
    length = opening.ends_at - opening.starts_at
    if rule is None:
        if opening.starts_at < until and opening.ends_at > since:
            yield opening.starts_at, opening.ends_at
        return
    first = opening.starts_at.astimezone(PARIS)
    day, places = first.date(), rule.places
    # A rule of days begins its rounds on its first day, one of weeks on Monday.
    weekly = rule.step % _WEEK == 0 and bool(places)
    origin = day - timedelta(days=day.weekday()) if weekly else day
    places = places if weekly else (0,)
    before = sum(origin + timedelta(days=place) < day for place in places)
    passed = ((since - length).astimezone(PARIS).date() - origin).days // rule.step
    rank = max(0, passed - 1)
    while True:
        for index, place in enumerate(places):
            number = rank * len(places) + index - before
            if rule.count is not None and number >= rule.count:
                return
            on = origin + timedelta(days=rank * rule.step + place)
            start = datetime.combine(on, first.timetz()).astimezone(UTC)
            if start >= until or (rule.until is not None and start > rule.until):
                return
            if number >= 0 and start + length > since:
                yield start, start + length
        rank += 1


def slots_between(
    openings: tuple[Opening, ...],
    services: tuple[ServiceType, ...],
    since: datetime,
    until: datetime,
) -> Iterator[Slot]:
    """Yield the slots that start in a span (UTC), opening after opening."""
    busy = [
        span
        for opening in openings
        if not opening.is_free
        for span in occurrences(opening, since - _DAY, until + _DAY)
    ]
    for opening in openings:
        if opening.is_free:
            for start, end in occurrences(opening, since, until):
                for slot in _cut(start, end, services, since):
                    if slot.starts_at >= until:
                        continue
                    if not any(a < slot.ends_at and slot.starts_at < b for a, b in busy):
                        yield slot


@lru_cache(_SEARCHES)
def some_slots(
    openings: tuple[Opening, ...],
    services: tuple[ServiceType, ...],
    since: datetime,
    until: datetime,
) -> tuple[Slot, ...]:
    """Return the slots that start in a span by time, of too many for one search one too many."""
    most = LIMITS["slots_found"] + 1
    found = islice(slots_between(openings, services, since, until), most)
    return tuple(sorted(found, key=lambda slot: (slot.starts_at, slot.service)))


def _cut(
    start: datetime, end: datetime, services: tuple[ServiceType, ...], since: datetime
) -> Iterator[Slot]:
    """Cut a free time into slots, for each service; the whole of it where there is none."""
    if not services:
        if start >= since:
            yield Slot(start, end, -1)
        return
    for rank, service in enumerate(services):
        length = timedelta(minutes=service.minutes)
        at = start
        while at + length <= end:
            if at >= since:
                yield Slot(at, at + length, rank)
            at += length
