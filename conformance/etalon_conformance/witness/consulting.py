"""How a client searches and reads: the etiquette of consultation.

Sources: PDSm4DMP (examples of use), PDSm 3.1.1 (search), FHIR R4 (search.html, paging).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from etalon_conformance.witness.seeing_traffic import (
    LISTS,
    MEASURES,
    SEARCHES,
    Point,
    Read,
    Scene,
    point,
)
from etalon_conformance.witness.traffic import Witnessed, documents_in

_PATIENTS: Final = ("patient.identifier", "patient", "subject.identifier", "subject")
_DATES: Final = ("date", "creation", "period", "_lastUpdated")
_LOWER: Final = ("ge", "gt", "sa")
_PAGING: Final = frozenset({"page", "_page", "offset", "_offset", "_getpagesoffset", "_skip"})
_TWO_YEARS: Final = timedelta(days=2 * 365 + 8)
_SINCE: Final = timedelta(days=1)
_SURPRISES: Final = ("other-order", "unknown-extension", "unknown-code", "oversize")
_SMALL: Final = ("small-pages", "small-measure-pages")
_SUPERSEDED: Final = "superseded"
Address = tuple[str, tuple[tuple[str, str], ...]]


def searches(scene: Scene) -> Iterator[Point]:
    """Yield what searches say (W-REC-20, W-REC-42)."""
    offered = _offered(scene)
    for read in scene.reads:
        one = read.one
        if one.interaction not in SEARCHES or _address(one.exchange.request.url) in offered:
            continue
        named = any(any(one.asked(name)) for name in _PATIENTS)
        yield point("W-REC-20", "unbounded", one, holds=named and any(one.asked("status")))
        if scene.step is None or scene.asks("W-REC-42"):
            yield from _etiquette(scene, read)


def _etiquette(scene: Scene, read: Read) -> Iterator[Point]:
    one = read.one
    earlier = [
        each
        for each in (*scene.before, *scene.reads)
        if each.one.number < one.number
        and each.one.interaction in SEARCHES
        and each.one.is_accepted
        and each.patient == read.patient
    ]
    from_ = _lower_bound(one)
    if not earlier:
        recent = from_ is not None and one.now - from_ <= _TWO_YEARS
        current = set(",".join(one.asked("status")).split(",")) == {"current"}
        yield point("W-REC-42", "first_search", one, holds=recent and current)
    elif scene.asks("W-REC-42") and earlier[0].one.step != one.step:
        changed = from_ is not None and asks_for_changes(from_, earlier[-1].one.now)
        yield point("W-REC-42", "later_search", one, holds=changed)


def asks_for_changes(bound: datetime, last: datetime) -> bool:
    """Tell whether a search asks for what changed, a day back at most (W-REC-42).

    A bound is often a day: it is that of a day back, at any hour of it.

    Args:
        bound: From when on is asked (UTC).
        last: When was searched before (UTC).
    """
    return bound >= (last - _SINCE).replace(hour=0, minute=0, second=0, microsecond=0)


def _lower_bound(one: Witnessed) -> datetime | None:
    bounds = [
        found
        for name in _DATES
        for value in one.asked(name)
        if value.startswith(_LOWER) and (found := _instant(value[2:])) is not None
    ]
    return max(bounds) if bounds else None


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written.replace(" ", "+"))
    except ValueError:
        try:
            day = date.fromisoformat(f"{written}-01-01"[:10])
        except ValueError:
            return None
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def pages(scene: Scene) -> Iterator[Point]:
    """Yield how pages are followed (W-CLI-07, W-CLI-08)."""
    offered = _offered(scene)
    for read in scene.reads:
        one = read.one
        if one.interaction not in LISTS:
            continue
        if any(name in _PAGING for name, _ in one.query):
            yield point(
                "W-CLI-07", "own_link", one, holds=_address(one.exchange.request.url) in offered
            )
    if not scene.asks("W-CLI-08"):
        return
    found = [read.one for read in scene.reads if read.one.interaction in LISTS]
    whole = [one for one in found if one.is_accepted]
    if whole and scene.plays(*_SMALL):
        asked = {_address(one.exchange.request.url) for one in whole}
        left = [one for one in whole if (link := _next(one)) and _address(link) not in asked]
        yield point("W-CLI-08", "pages_left", *left or whole[-1:], holds=not left)


def _offered(scene: Scene) -> frozenset[Address]:
    return frozenset(
        _address(urljoin(f"{read.one.base}/", url))
        for read in (*scene.before, *scene.reads)
        if read.one.interaction in LISTS
        for url in read.one.told("link.url")
        if "link" in read.one.answered and url not in read.one.told("link[relation=self].url")
    )


def _next(one: Witnessed) -> str:
    found = one.told("link[relation=next].url")
    return urljoin(f"{one.base}/", found[0]) if found else ""


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def readings(scene: Scene) -> Iterator[Point]:
    """Yield which contents are read (W-CLI-09, 10, 11)."""
    read_contents = [read for read in scene.reads if read.one.interaction == "read_content"]
    if scene.asks("W-CLI-09") and (met := _surprises(scene)):
        onward = [read for read in scene.reads if read.one.interaction in MEASURES]
        later = [read.one for read in (*read_contents, *onward) if read.one.number > met[0].number]
        got = any(one.is_accepted for one in later)
        yield point("W-CLI-09", "gave_up", met[0], *later[:1], holds=got, played=met[0].played)
    old = [read.one for read in read_contents if read.status == _SUPERSEDED]
    if old or any(_holds_superseded(read.one) for read in scene.reads):
        asked_for = [read.one for read in scene.reads if _asks_superseded(read.one)]
        yield point("W-CLI-10", "superseded_read", *old, holds=not old or bool(asked_for))
    about = scene.about
    if about and scene.plays("another-person"):
        theirs = [read.one for read in read_contents if read.patient not in {"", about}]
        yield point("W-CLI-11", "stranger_read", *theirs, holds=not theirs)


def _surprises(scene: Scene) -> list[Witnessed]:
    """Return the answers that were not as expected, and behind which there was more to read."""
    return [
        one for one in scene.plays(*_SURPRISES) if one.interaction not in MEASURES or _next(one)
    ]


def _holds_superseded(one: Witnessed) -> bool:
    return one.interaction in SEARCHES and any(
        document.get("status") == _SUPERSEDED for document in documents_in(one.answered)
    )


def _asks_superseded(one: Witnessed) -> bool:
    return one.interaction in SEARCHES and any(
        _SUPERSEDED in value for value in one.asked("status")
    )
