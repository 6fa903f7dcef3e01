"""What services read of measures: every kind, devices once, both ways of asking, days and pages."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from etalon_conformance.app_scene import (
    NEEDS,
    READ,
    WRITE,
    Paired,
    between,
    device,
    entry,
    fed,
    found_of,
    joined,
    paired,
    referenced,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    count,
    distinct,
    equals,
    includes,
    matches,
    present,
    status,
)
from etalon_conformance.measure_scene import KINDS, MATCHES, TAKEN, VALUES, bundled, right
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

_LAST: Final = (("_sort", "-date"), ("_count", "1"))
_BOTH: Final = ("MEA-06", "W-MEA-05")
_SERIAL: Final = "AA-BB-CC-FF-FE-00-33-55"
_MOST: Final = 100
_DEVICES: Final = "entry[search.mode=include].resource[resourceType=Device]"


@check(requirements=("CAT-14", "MEA-01"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def every_kind_of_measure_is_taken_and_found(bench: Bench) -> Iterator[Assertion]:
    """Each is found under its own code alone, with its value, unit, instant, person and source."""
    who = paired(bench, READ, WRITE)
    at = (bench.now() - timedelta(days=2)).replace(microsecond=0)
    for code in KINDS:
        sent = fed(bench, who, right(who, at, code))
        yield from under(bench, ("CAT-14", "MEA-01"), sent, status(*TAKEN))
        made = "entry.response.status"
        yield bench.expects("MEA-01", sent, matches(made, "201.*"))
    for code, kind in KINDS.items():
        found = found_of(bench, who, code, *between(bench))
        for path, value in {
            "code.coding.code": code,
            "valueQuantity.value": f"{kind.value:g}",
            "valueQuantity.code": kind.unit,
            "effectiveDateTime": at.isoformat(timespec="seconds"),
            "meta.source": f"urn:oid:{who.solution}.1",
            "subject.identifier.value": who.patient,
        }.items():
            yield bench.expects("CAT-14", found, includes(f"{MATCHES}.{path}", value))
        yield bench.expects("CAT-14", found, count(f"{MATCHES}.id", 1))


@check(requirements=("MEA-02",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def device_is_one_for_each_identifier(bench: Bench) -> Iterator[Assertion]:
    """Named again it is found, another number is another device; measures lead to their own."""
    solution = referenced(bench, (READ, WRITE))
    who, other = (joined(bench, solution, bench.person()) for _ in range(2))
    at = bench.now()
    second = f"{_SERIAL}-2"
    serials = (_SERIAL, second, _SERIAL, second, _SERIAL)
    for rank, serial in enumerate(serials):
        answer = _with_device(bench, who, serial, at - timedelta(minutes=rank), 70.25 + rank / 2)
        yield bench.expects("MEA-02", answer, status(*TAKEN))
        made = r"200.*" if serial in serials[:rank] else r"201.*"
        yield bench.expects("MEA-02", answer, matches("entry[1].response.status", made))
        yield bench.expects("MEA-02", answer, matches("entry[0].response.status", r"201.*"))
    page = searched(bench, who, *between(bench), ("_include", "Observation:device"))
    yield bench.expects("MEA-02", page, count(f"{_DEVICES}.id", 2))
    numbers = f"{_DEVICES}.identifier.value"
    yield bench.expects("MEA-02", page, equals(numbers, _SERIAL, second))
    for rank, serial in enumerate(serials):
        ident = page.first(f"{_DEVICES}[identifier.value={serial}].id") or "-"
        leads = f"{MATCHES}[valueQuantity.value={70.25 + rank / 2:g}].device.reference"
        yield bench.expects("MEA-02", page, matches(leads, rf"(.*/)?{re.escape(ident)}"))
    theirs = _with_device(bench, other, _SERIAL, at, 77.5)
    yield bench.expects("MEA-02", theirs, status(*TAKEN))
    again = searched(bench, who, *between(bench), ("_include", "Observation:device"))
    yield bench.expects("MEA-02", again, count(f"{MATCHES}.id", len(serials)))
    yield bench.expects("MEA-02", again, count(f"{_DEVICES}.id", 2))


def _with_device(bench: Bench, who: Paired, serial: str, at: datetime, value: float) -> Exchange:
    """Send a weight with the device that took it."""
    full = str(bench.unique_uuid())
    one: Resource = {**weight(who, at, value), "device": {"reference": f"urn:uuid:{full}"}}
    named = entry(bench, {**device(who, serial), "id": full})
    return bundled(bench, who, entry(bench, one), named)


@check(requirements=("MEA-06", "W-MEA-05", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def measures_are_asked_for_in_one_of_two_ways(bench: Bench) -> Iterator[Assertion]:
    """Both dates, or the last one alone; anything else, and both at once, is 400."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    for days, value in ((5, 61.5), (1, 62.5), (3, 63.5)):
        sent = fed(bench, who, weight(who, at - timedelta(days=days), value))
        bench.expects("MEA-06", sent, status(*TAKEN), control=True)
    low, high = between(bench)
    sort, one = _LAST
    for criteria in (
        (),
        (low,),
        (high,),
        (one,),
        (sort,),
        (("_sort", "date"), one),
        (("_sort", "code"), one),
        (sort, ("_count", "2")),
        (sort, ("_count", "50")),
        (low, high, sort, one),
        (low, sort, one),
        (high, sort, one),
        (low, high, sort),
    ):
        refused = searched(bench, who, *criteria)
        yield from under(bench, (*_BOTH, "W-MEA-03"), refused, status(400))
        yield bench.expects("MEA-06", refused, absent(VALUES))
    for asked, values in (((low, high), ("61.5", "62.5", "63.5")), (_LAST, ("62.5",))):
        found = searched(bench, who, *asked)
        yield from under(bench, (*_BOTH, "W-MEA-03"), found, status(200))
        yield from under(bench, _BOTH, found, equals(VALUES, *values))
    newer = fed(bench, who, weight(who, at, 64.5))
    bench.expects("MEA-06", newer, status(*TAKEN), control=True)
    yield from under(bench, _BOTH, searched(bench, who, *_LAST), equals(VALUES, "64.5"))
    nothing = found_of(bench, who, "8867-4", *_LAST)
    yield from under(bench, _BOTH, nothing, status(200))
    yield from under(bench, _BOTH, nothing, absent(VALUES))


@check(requirements=("MEA-06", "W-MEA-05"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def both_dates_bound_what_is_found(bench: Bench) -> Iterator[Assertion]:
    """Days are found from the first to the last, both included, and of one kind alone."""
    who = paired(bench, READ, WRITE)
    noon = bench.now().replace(hour=12, minute=0, second=0, microsecond=0)
    days = {10: "70.5", 9: "71.5", 8: "72.5", 7: "73.5", 6: "74.5"}
    for before, value in days.items():
        at = noon - timedelta(days=before)
        for sent in (
            fed(bench, who, weight(who, at, float(value))),
            fed(bench, who, right(who, at, "8867-4", 60 + before)),
        ):
            bench.expects("MEA-06", sent, status(*TAKEN), control=True)
    for first, last in (
        (9, 7),
        (10, 6),
        (8, 8),
        (10, 10),
        (6, 6),
        (20, 11),
        (5, 1),
        (20, 9),
        (7, 1),
    ):
        bounds = [
            ("date", f"{prefix}{(noon - timedelta(days=before)).date().isoformat()}")
            for prefix, before in (("ge", first), ("le", last))
        ]
        found = searched(bench, who, *bounds)
        expected = [value for before, value in days.items() if last <= before <= first]
        yield from under(bench, _BOTH, found, status(200))
        yield from under(bench, _BOTH, found, equals(VALUES, *expected))
        reverse = searched(bench, who, *reversed(bounds))
        yield from under(bench, _BOTH, reverse, equals(VALUES, *expected))


@check(requirements=("MEA-07", "W-MEA-05"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def pages_hold_what_is_asked_up_to_a_hundred(bench: Bench) -> Iterator[Assertion]:
    """One, a few, forty-nine to fifty-one, a hundred; more than that is 400, fifty the usual."""
    who = paired(bench, READ, WRITE)
    now = bench.now()
    for rank in range(_MOST + 1):
        sent = fed(bench, who, weight(who, now - timedelta(hours=rank), 60 + rank / 4))
        bench.expects("MEA-07", sent, status(*TAKEN), control=True)
    dates, named = between(bench), ("MEA-07", "W-MEA-05")
    for asked, held in (
        ("", 50),
        ("1", 1),
        ("7", 7),
        ("49", 49),
        ("51", 51),
        ("99", 99),
        ("100", 100),
    ):
        size = (("_count", asked),) if asked else ()
        page = searched(bench, who, *dates, *size)
        yield from under(bench, named, page, status(200))
        yield from under(bench, named, page, count(VALUES, held))
        yield from under(bench, named, page, present("link[relation=next].url"))
    for asked in ("101", "102", "150", "1000", "-1", "many"):
        refused = searched(bench, who, *dates, ("_count", asked))
        yield from under(bench, named, refused, status(400))
        yield from under(bench, named, refused, absent(VALUES))
    for most in ("40", "100"):
        pages = _followed(bench, who, searched(bench, who, *dates, ("_count", most)))
        yield from under(bench, named, pages, count(VALUES, _MOST + 1))
        yield from under(bench, named, pages, distinct(f"{MATCHES}.id"))
        for page in pages[:-1]:
            yield from under(bench, named, page, count(VALUES, int(most)))


def _followed(bench: Bench, who: Paired, page: Exchange) -> list[Exchange]:
    """Return the pages that follow one, with it, as a service that has its own tokens."""
    pages = [page]
    while (link := pages[-1].first("link[relation=next].url")) and len(pages) <= _MOST:
        pages.append(bench.call(None, "GET", link, headers=who.headers))
    return pages
