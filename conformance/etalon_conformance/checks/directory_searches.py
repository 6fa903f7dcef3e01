"""The directory by every criterion, door and page; mailboxes that change, and those that do not."""

from collections.abc import Iterator
from math import ceil
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.directory import NEEDS, NUMBERS, entry_of
from etalon_conformance.directory_scene import ADDRESSES, MATCHES, RPPS, mailbox_of, searched
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    at_most,
    count,
    distinct,
    equals,
    excludes,
    includes,
    matches,
    status,
)
from etalon_conformance.forgeries import claims_of
from etalon_conformance.mailbox_changes import METADATA, element_of, patched, replaced
from etalon_conformance.several import under
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestProfessional
from etalon_wire.json_body import Resource

_NATIONAL: Final = "urn:oid:1.2.250.1.71.4.2.1"
_SHUT: Final = (401, 403)
_KINDS: Final = ("Practitioner", "PractitionerRole", "Organization")
_NOT_CHANGED: Final = (400, 403, 404, 405, 409, 412, 422)
_PROFESSIONS: Final = ("10", "21", "60", "50", "40", "70")


@check(requirements=("W-DIR-01",), needs=NEEDS)
def every_door_of_the_directory_is_shut_without_a_key(bench: Bench) -> Iterator[Assertion]:
    """Searches of both forms and reads, of each type; a key elsewhere is no key."""
    doctor = bench.professional()
    page = entry_of(bench, "W-DIR-01", doctor)
    ident = page.first(f"{MATCHES}.id")
    doors: list[tuple[str, str]] = [
        ("GET", f"Practitioner/{ident}"),
        ("GET", f"Practitioner?{urlencode({'identifier': f'{RPPS}|{doctor.rpps}'})}"),
        *(("GET", kind) for kind in _KINDS),
        *(("POST", f"{kind}/_search") for kind in _KINDS),
    ]
    for verb, address in doors:
        form = {"_count": "1"} if verb == "POST" else None
        for headers in (
            (),
            (("ESANTE-API-KEY", ""),),
            (("ESANTE-API-KEY", "00000000-0000-4000-8000-000000000000"),),
            (("X-API-KEY", "any"),),
        ):
            answer = bench.call(None, verb, address, form=form, headers=headers)
            yield bench.expects("W-DIR-01", answer, status(*_SHUT))
            yield bench.expects("W-DIR-01", answer, excludes("identifier.value", doctor.rpps))
    again = searched(bench, doctor.who, "Practitioner", ("identifier", f"{RPPS}|{doctor.rpps}"))
    yield bench.expects("W-DIR-01", again, includes(NUMBERS, doctor.rpps))


@check(requirements=("W-DIR-01",), needs=(*NEEDS, "advance_clock"), alone=True)
def ended_key_opens_no_door_of_the_directory(bench: Bench) -> Iterator[Assertion]:
    """A key that opened the directory opens none of its doors after its end; a new one does."""
    doctor = bench.professional()
    page = entry_of(bench, "W-DIR-01", doctor)
    token = bench.token(doctor.who)
    ways = ((("ESANTE-API-KEY", token),), (("Authorization", f"Bearer {token}"),))
    mine = ("identifier", f"{RPPS}|{doctor.rpps}")
    doors: list[tuple[str, str, tuple[tuple[str, str], ...]]] = [
        ("GET", f"Practitioner/{page.first(f'{MATCHES}.id')}", ()),
        ("GET", f"Practitioner?{urlencode([mine])}", ()),
        *(("GET", f"{kind}?_count=1", ()) for kind in _KINDS),
        *(("POST", f"{kind}/_search", (("_count", "1"),)) for kind in _KINDS),
    ]
    taken = [headers for headers in ways if _opens(bench, headers, mine)]
    ends = claims_of(token).get("exp")
    if not taken or not isinstance(ends, int):
        raise CannotTest(key="cause.no_end_of_token")
    left = max(0, ceil(ends - bench.now().timestamp()))
    late: list[Exchange] = []
    for period in (f"PT{left + 1}S", "P1D"):
        bench.advance(period)
        late += [
            bench.call(None, verb, address, form=form or None, headers=headers)
            for headers in taken
            for verb, address, form in doors
        ]
    now = bench.now().timestamp()
    # A new login may end what is left of the old one: it comes after what is asked with the key.
    bench.target.tokens.forget(doctor.who)
    later = claims_of(bench.token(doctor.who)).get("exp")
    if not isinstance(later, int) or not ends < now < later:
        raise CannotTest(key="cause.no_end_of_token")
    for answer in late:
        likely = "end_not_checked"
        yield bench.expects("W-DIR-01", answer, status(*_SHUT), likely=likely)
        yield bench.expects("W-DIR-01", answer, absent("entry.resource.id"), likely=likely)
    again = searched(bench, doctor.who, "Practitioner", mine)
    yield bench.expects("W-DIR-01", again, includes(NUMBERS, doctor.rpps))


def _opens(bench: Bench, headers: tuple[tuple[str, str], ...], mine: tuple[str, str]) -> bool:
    """Whether a header opens the directory."""
    answer = bench.call(None, "GET", f"Practitioner?{urlencode([mine])}", headers=headers)
    return bool(answer.value(NUMBERS))


@check(requirements=("W-DIR-02",), needs=NEEDS)
def each_criterion_of_the_directory_is_read(bench: Bench) -> Iterator[Assertion]:
    """Lists of identifiers, both systems, names whole and begun, both forms of a search."""
    several = [bench.professional(code) for code in ("10", "60", "21")]
    for one in several:
        entry_of(bench, "W-DIR-02", one)
    one, other, third = several
    numbers = [each.rpps for each in several]
    lists = [f"{RPPS}|{number}" for number in numbers]
    cases: list[tuple[tuple[tuple[str, str], ...], tuple[str, ...]]] = [
        ((("identifier", lists[0]),), (one.rpps,)),
        ((("identifier", ",".join(lists[:2])),), (one.rpps, other.rpps)),
        ((("identifier", ",".join(lists)),), tuple(numbers)),
        ((("identifier", f"{_NATIONAL}|8{third.rpps}"),), (third.rpps,)),
        ((("identifier", f"{_NATIONAL}|{third.rpps}"),), ()),
        ((("identifier", f"{RPPS}|8{third.rpps}"),), ()),
        ((("identifier", lists[0]), ("identifier", lists[1])), ()),
        ((("identifier", ",".join(lists[:2])), ("identifier", lists[1])), (other.rpps,)),
        ((("mailbox-mss", mailbox_of(bench, other)),), (other.rpps,)),
        ((("mailbox-mss:exact", mailbox_of(bench, third)),), (third.rpps,)),
    ]
    if one.family and one.given:
        named = ("identifier", ",".join(lists))
        cases += [
            ((("family", one.family), ("identifier", lists[0])), (one.rpps,)),
            ((("family", one.family[:3]), ("identifier", lists[0])), (one.rpps,)),
            ((("family", one.family.lower()), ("identifier", lists[0])), (one.rpps,)),
            ((("given", one.given), ("identifier", lists[0])), (one.rpps,)),
            ((("name", one.family), ("identifier", lists[0])), (one.rpps,)),
            ((("name", one.given), ("identifier", lists[0])), (one.rpps,)),
            ((("family", "Zzyzx"), named), ()),
            ((("given", "Zzyzx"), named), ()),
            ((("name", "Zzyzx"), named), ()),
        ]
    for criteria, expected in cases:
        pages = [
            searched(bench, third.who, "Practitioner", *criteria),
            bench.call(third.who, "POST", "Practitioner/_search", form=criteria),
        ]
        for page in pages:
            yield bench.expects("W-DIR-02", page, status(200))
            found = equals(NUMBERS, *expected) if expected else absent(NUMBERS)
            yield bench.expects("W-DIR-02", page, found)


@check(requirements=("W-DIR-02",), needs=NEEDS)
def pages_of_the_directory_hold_everybody_once(bench: Bench) -> Iterator[Assertion]:
    """Of five, by one, two and four: each once, and none more than asked."""
    several = [bench.professional() for _ in range(5)]
    for one in several:
        entry_of(bench, "W-DIR-02", one)
    asked = ("identifier", ",".join(f"{RPPS}|{one.rpps}" for one in several))
    for size in (1, 2, 4, 5, 50):
        first = searched(bench, several[0].who, "Practitioner", asked, ("_count", str(size)))
        pages = bench.pages(first, several[0].who)
        for page in pages:
            yield bench.expects("W-DIR-02", page, at_most(f"{MATCHES}.id", size))
        yield bench.expects("W-DIR-02", pages, equals(NUMBERS, *(one.rpps for one in several)))
        yield bench.expects("W-DIR-02", pages, distinct("url"))


@check(requirements=("W-DIR-03",), needs=NEEDS)
def every_profession_bears_its_identifiers(bench: Bench) -> Iterator[Assertion]:
    """By search and by address: both numbers, each under its own system."""
    for code in _PROFESSIONS:
        one = bench.professional(code)
        page = entry_of(bench, "W-DIR-03", one)
        national = "identifier[system={}].value"
        for path, looked in (
            (f"{MATCHES}.", page),
            ("", bench.call(one.who, "GET", f"Practitioner/{page.first(f'{MATCHES}.id')}")),
        ):
            rpps, whole = (path + national.format(system) for system in (RPPS, _NATIONAL))
            yield bench.expects("W-DIR-03", looked, equals(rpps, one.rpps))
            yield bench.expects("W-DIR-03", looked, equals(whole, f"8{one.rpps}"))
            yield bench.expects("W-DIR-03", looked, matches(rpps, "[0-9]{11}"))
        by_national = searched(
            bench, one.who, "Practitioner", ("identifier", f"{_NATIONAL}|8{one.rpps}")
        )
        yield bench.expects("W-DIR-03", by_national, equals(NUMBERS, one.rpps))


@check(requirements=("W-MSS-12",), needs=NEEDS)
def parts_of_an_address_find_it_anywhere(bench: Bench) -> Iterator[Assertion]:
    """Beginning, middle and end are contained; the exact search takes none, nor a letter more."""
    one, other = bench.professional(), bench.professional()
    entry_of(bench, "W-MSS-12", one)
    address, theirs = mailbox_of(bench, one), mailbox_of(bench, other)
    kept = ("identifier", f"{RPPS}|{one.rpps}")
    for kind in _KINDS[:2]:
        of_one = (kept,) if kind == "Practitioner" else ()
        begun = (address, address[:11], address.partition("@")[0])
        for name, parts in (
            ("mailbox-mss:contains", (*begun, address[2:14])),
            ("mailbox-mss", begun),
        ):
            for part in parts:
                page = searched(bench, other.who, kind, (name, part))
                yield bench.expects("W-MSS-12", page, status(200))
                yield bench.expects("W-MSS-12", page, includes(ADDRESSES, address))
        ending = searched(bench, other.who, kind, ("mailbox-mss:contains", address[4:]), *of_one)
        yield bench.expects("W-MSS-12", ending, includes(ADDRESSES, address))
        exact = searched(bench, other.who, kind, ("mailbox-mss:exact", address))
        yield bench.expects("W-MSS-12", exact, equals(ADDRESSES, address))
        for wrong in (address[:-1], address[1:], f"{address}x", f"x{address}", address[:11]):
            page = searched(bench, other.who, kind, ("mailbox-mss:exact", wrong))
            yield bench.expects("W-MSS-12", page, status(200))
            yield bench.expects("W-MSS-12", page, absent(ADDRESSES))
        for name in ("mailbox-mss", "mailbox-mss:contains"):
            page = searched(bench, other.who, kind, (name, f"{address[:11]}-nobody"))
            yield bench.expects("W-MSS-12", page, absent(ADDRESSES))
        form = [("mailbox-mss:exact", theirs)]
        posted = bench.call(one.who, "POST", f"{kind}/_search", form=form)
        yield bench.expects("W-MSS-12", posted, equals(ADDRESSES, theirs))
    for name in ("mailbox-mss", "mailbox-mss:contains", "mailbox-mss:exact"):
        nowhere = searched(bench, other.who, "Organization", (name, address))
        yield bench.expects("W-MSS-12", nowhere, status(200))
        yield bench.expects("W-MSS-12", nowhere, excludes(ADDRESSES, address))


@check(requirements=("MSG-12", "W-MSS-11", "W-MSS-12"), needs=NEEDS)
def red_listed_mailbox_is_found_by_nobody_else(bench: Bench) -> Iterator[Assertion]:
    """By no search, until its bearer takes it off the list; they see it themselves."""
    one, other = bench.professional(), bench.professional()
    page = entry_of(bench, "MSG-12", one)
    address, ident = mailbox_of(bench, one), page.first(f"{MATCHES}.id")
    mine = f"identifier={RPPS}|{one.rpps}"
    listed = replaced(
        element_of(address, f".extension('{METADATA}').extension('listeRouge').value")
    )
    for hidden in (True, True, False, True, False):
        changed = patched(bench, one.who, mine, {**listed, "valueBoolean": hidden})
        yield bench.expects("W-MSS-11", changed, status(200))
        for looked in _doors(bench, other.who, address, one.rpps):
            seen = excludes(ADDRESSES, address) if hidden else includes(ADDRESSES, address)
            for requirement in ("MSG-12", "W-MSS-12"):
                yield bench.expects(requirement, looked, seen)
        read = bench.call(other.who, "GET", f"Practitioner/{ident}")
        own = "telecom.value"
        there = excludes(own, address) if hidden else includes(own, address)
        yield bench.expects("MSG-12", read, there)
        bearer = searched(bench, one.who, "Practitioner", ("identifier", f"{RPPS}|{one.rpps}"))
        yield bench.expects("MSG-12", bearer, includes(ADDRESSES, address))


def _doors(bench: Bench, who: Who, address: str, rpps: str) -> Iterator[Exchange]:
    """Search a mailbox in every way that would show it."""
    for kind in _KINDS[:2]:
        yield searched(bench, who, kind, ("mailbox-mss:exact", address))
        yield searched(bench, who, kind, ("mailbox-mss:contains", address[:11]))
        yield searched(bench, who, kind, ("mailbox-mss", address))
        yield bench.call(who, "POST", f"{kind}/_search", form={"mailbox-mss:exact": address})
    yield searched(bench, who, "Practitioner", ("identifier", f"{RPPS}|{rpps}"))


@check(requirements=("W-MSS-11", "MSG-12"), needs=NEEDS)
def address_and_type_of_a_mailbox_stay(bench: Bench) -> Iterator[Assertion]:
    """By condition or by address, alone or beside a change that may be made: neither changes."""
    one, other = bench.professional(), bench.professional()
    page = entry_of(bench, "W-MSS-11", one)
    address, ident = mailbox_of(bench, one), page.first(f"{MATCHES}.id")
    theirs = mailbox_of(bench, other)
    mine = f"identifier={RPPS}|{one.rpps}"
    kind = _of_another_type(address)
    described: Resource = {
        **replaced(element_of(address, f".extension('{METADATA}').extension('listeRouge').value")),
        "valueBoolean": False,
    }
    renamed = [
        {**replaced(element_of(address, ".value")), "valueString": value}
        for value in (f"x{address}", theirs, address.upper() + "x", "")
    ]
    for where in (mine, f"/{ident}"):
        for changes in (
            *((one_,) for one_ in renamed),
            (kind,),
            (described, kind),
            (described, renamed[0]),
        ):
            refused = patched(bench, one.who, where, *changes)
            yield from under(bench, ("W-MSS-11", "MSG-12"), refused, status(*_NOT_CHANGED))
            after = searched(bench, one.who, "Practitioner", ("identifier", f"{RPPS}|{one.rpps}"))
            for requirement in ("W-MSS-11", "MSG-12"):
                yield bench.expects(requirement, after, equals(ADDRESSES, address))
                yield bench.expects(requirement, after, excludes(_TYPES, "CAB"))
        allowed = patched(bench, one.who, where, described)
        yield bench.expects("W-MSS-11", allowed, status(200))
    yield from _others_stay(bench, one, other, described)


def _of_another_type(address: str) -> Resource:
    """Return the change that makes a mailbox one of a practice."""
    return {
        **replaced(element_of(address, f".extension('{METADATA}').extension('type').value")),
        "valueCodeableConcept": {
            "coding": [
                {
                    "system": "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL",
                    "code": "CAB",
                }
            ]
        },
    }


def _others_stay(
    bench: Bench, one: TestProfessional, other: TestProfessional, described: Resource
) -> Iterator[Assertion]:
    """A mailbox of somebody else is not changed, nor are two at once, nor none."""
    address, theirs = mailbox_of(bench, one), mailbox_of(bench, other)
    beside = entry_of(bench, "W-MSS-11", other)
    foreign = {
        **replaced(element_of(theirs, f".extension('{METADATA}').extension('listeRouge').value")),
        "valueBoolean": True,
    }
    for where in (f"identifier={RPPS}|{other.rpps}", f"/{beside.first(f'{MATCHES}.id')}"):
        stolen = patched(bench, one.who, where, foreign)
        yield bench.expects("MSG-12", stolen, status(401, *_NOT_CHANGED), certain=False)
    several = f"identifier={RPPS}|{one.rpps},{RPPS}|{other.rpps}"
    nobody = f"identifier={RPPS}|99999999998"
    for where, expected in ((several, 412), (nobody, 404)):
        answer = patched(bench, one.who, where, {**described, "valueBoolean": True})
        yield bench.expects("W-MSS-11", answer, status(expected))
    for each, whose in ((one, address), (other, theirs)):
        shown = searched(bench, other.who, "Practitioner", ("identifier", f"{RPPS}|{each.rpps}"))
        yield bench.expects("W-MSS-11", shown, equals(ADDRESSES, whose))
        yield bench.expects("W-MSS-11", shown, count(f"{MATCHES}.id", 1))


_TYPES: Final = f"{MATCHES}.telecom.extension.extension.valueCodeableConcept.coding.code"
