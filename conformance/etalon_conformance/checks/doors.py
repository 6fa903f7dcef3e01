"""Every door at once: what is kept from somebody is kept whatever they ask, and however.

The criteria that a document meets, the controls of a search, lists, histories and conditions: each
is a way of its own through a server, and each is tried. What a server does not offer lets nothing
through.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import ORDERS, instant
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import excludes, one_of, status
from etalon_conformance.record_scene import (
    LISTS,
    NEEDS,
    RFC_3986,
    UNIQUE_IDS,
    adding,
    changed,
    found,
    leading_to,
    target_of,
)
from etalon_conformance.seeing import (
    NOT_SHOWN,
    Kept,
    counted_only,
    kept,
    labelled,
    lists_found,
    misses,
    nothing_counted,
    published,
    sees,
    shown_too,
)
from etalon_conformance.specimens import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES, Specimen
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

_REFUSED: Final = (*NOT_SHOWN, 400, 405, 406, 409, 412, 415, 422, 501)
_LIST: Final = "entry[resource.resourceType=List]"
_ITEMS: Final = "entry.item.reference"
_CONTROLS: Final = (
    ("_sort", "-date"),
    ("_total", "accurate"),
    ("_count", "0"),
    ("_summary", "count"),
    ("_elements", "masterIdentifier"),
    ("_include", "*"),
    ("_revinclude", "List:item"),
    ("_lastUpdated", "ge2000-01-01"),
)
"""Parameters of a search that say how it is answered, where they are known."""


def _criteria(one: Specimen) -> Iterator[tuple[str, str]]:
    """Yield the criteria that a document meets."""
    coded = {
        "category": one.class_,
        "setting": one.setting,
        "facility": one.facility,
        "event": one.act,
        "format": one.form,
    }
    yield from ((name, code.token) for name, code in coded.items())
    yield from (("author.family", one.family), ("author.given", one.given))
    yield ("related:identifier", f"{ORDERS}|{one.order}")
    day = f"ge{one.started.date()}"
    yield from (("period", day), ("period-start", day), ("period-end", day))
    yield from (("creation", instant(one.created)), ("date", "ge2000-01-01"))
    yield from (("isArchived", "false"), ("status", "current"))
    yield ("security-label", f"{V3_CONFIDENTIALITY}|{one.level}")
    yield from (("security-label", f"{VISIBILITY}|{code}") for code in one.labels)


def _by_criteria(
    bench: Bench, requirements: Sequence[str], who: Who, those: Sequence[Kept]
) -> Iterator[Assertion]:
    """Whatever is asked for, those documents are not among what is found, nor counted."""
    person = those[0].person
    hidden = excludes(UNIQUE_IDS, *(each.one.unique_id for each in those))
    asked = (*_criteria(those[0].one), *_CONTROLS)
    answers = [found(bench, who, person, [one]) for one in asked]
    for more in ("", "&status=current"):
        name = urlencode({"identifier": f"{RFC_3986}|{those[0].one.unique_id}"})
        address = f"DocumentReference?{name}{more}"
        answers.append(bench.pages(bench.call(who, "GET", address), who))
    if person.patient_id:
        address = f"DocumentReference?patient=Patient/{person.patient_id}&status=current"
        answers.append(bench.pages(bench.call(who, "GET", address), who))
    for pages in answers:
        for requirement in requirements:
            yield bench.expects(requirement, pages, hidden)
        if pages[0].value("entry.resource.id"):
            yield from nothing_counted(bench, pages)
    for one in those:
        named = found(bench, who, person, {"identifier": f"{RFC_3986}|{one.one.unique_id}"})
        if named[0].value("total"):
            yield bench.expects("W-COM-04", named, one_of("total", "0"))


def _by_address(
    bench: Bench, requirements: Sequence[str], who: Who, those: Sequence[Kept]
) -> Iterator[Assertion]:
    """Histories, versions, conditions and lists give nothing of those documents away."""
    concept: Resource = {"coding": [{"system": VISIBILITY, "code": MASKED}]}
    masking = adding("securityLabel", concept, "valueCodeableConcept")
    sets = lists_found(bench, those[0].author, those[0].person)
    for one in those:
        condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
        changing = changed(bench, who, f"DocumentReference?{condition}", masking)
        history = bench.call(who, "GET", f"{one.place}/_history")
        version = bench.call(who, "GET", f"{one.place}/_history/1")
        lists = tuple(_lists_with(bench, who, sets, one))
        leads = [each for page in lists for each in page.value(_ITEMS)]
        lead = leading_to(leads, *target_of(one.place))
        for requirement in requirements:
            yield bench.expects(requirement, changing, status(*_REFUSED))
            yield bench.expects(requirement, history, excludes(UNIQUE_IDS, one.one.unique_id))
            yield bench.expects(requirement, version, status(*_REFUSED))
            for page in lists:
                yield bench.expects(requirement, page, excludes(_ITEMS, lead))


def _lists_with(bench: Bench, who: Who, sets: Sequence[Exchange], one: Kept) -> Iterator[Exchange]:
    """Yield what somebody reads of the lists that lead to a document."""
    for page in sets:
        for rank, ident in enumerate(page.value(f"{LISTS}.id")):
            leads = page.value(f"{_LIST}[{rank}].resource.{_ITEMS}")
            if target_of(one.place) in {target_of(each) for each in leads}:
                for accept in (FHIR_JSON, FHIR_XML):
                    yield bench.call(who, "GET", f"List/{ident}", accept=accept)


def _in_three_ways(
    bench: Bench, person: TestPerson, author: TestProfessional, label: str
) -> tuple[Kept, ...]:
    """Deposit documents that bear a code: by a transaction, a publication, a later change."""
    later = kept(bench, person, author)
    changing = labelled(bench, author.who, later, label)
    bench.expects(bench.check.requirements[0], changing, status(200, 204), control=True)
    return (kept(bench, person, author, label), later, *published(bench, person, author, label))


def _behind_every_door(
    bench: Bench, requirements: Sequence[str], who: Who, *those: Kept
) -> Iterator[Assertion]:
    every = (*requirements, "W-COM-04")
    yield from _by_criteria(bench, every, who, those)
    yield from _by_address(bench, every, who, those)
    yield from misses(bench, tuple(requirements), who, *those)
    yield from counted_only(bench, every, who, those[0].person)


@check(requirements=("VIS-01", "W-REC-34", "W-REC-37", "W-COM-04"), needs=NEEDS)
def masked_document_is_behind_every_door(bench: Bench) -> Iterator[Assertion]:
    """However it was masked, a document shows to no other professional, whatever they ask."""
    person = bench.person(age=45)
    author, reader, nurse = (
        bench.treating(person),
        bench.treating(person),
        bench.treating(person, "60"),
    )
    plain = kept(bench, person, author)
    masked = _in_three_ways(bench, person, author, MASKED)
    for who in (reader.who, nurse.who):
        shown_too(bench, who, plain)
    yield from _behind_every_door(bench, ("VIS-01", "W-REC-34", "W-REC-37"), reader.who, *masked)
    yield from misses(bench, ("VIS-01", "W-REC-34", "W-REC-37"), nurse.who, *masked)
    yield from counted_only(bench, ("W-REC-34", "W-COM-04"), nurse.who, person)
    for who in (author.who, person.who):
        yield from sees(bench, ("VIS-01", "W-REC-34"), who, plain, *masked)


@check(requirements=("VIS-04", "W-REC-35", "W-REC-37", "W-COM-04"), needs=NEEDS)
def hidden_document_is_behind_every_door(bench: Bench) -> Iterator[Assertion]:
    """However it was hidden, a document shows nowhere to the patient until it is announced."""
    person = bench.person(age=33)
    author, reader = bench.treating(person), bench.treating(person, "60")
    plain = kept(bench, person, author)
    hidden = _in_three_ways(bench, person, author, HIDDEN)
    shown_too(bench, person.who, plain)
    named = ("VIS-04", "W-REC-35", "W-REC-37")
    yield from _behind_every_door(bench, named, person.who, *hidden)
    for who in (author.who, reader.who):
        yield from sees(bench, ("VIS-04", "W-REC-35"), who, plain, *hidden)


@check(requirements=("VIS-06", "W-REC-36", "W-REC-37", "W-COM-04"), needs=NEEDS)
def secret_document_is_behind_every_door(bench: Bench) -> Iterator[Assertion]:
    """However it was kept from them, a document shows nowhere to representatives of a minor."""
    parent = bench.person(age=39)
    for age in (12, 17):
        child = bench.person(age=age, guardian=parent)
        parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        author, reader = bench.treating(child), bench.treating(child, "60")
        plain = kept(bench, child, author)
        secret = _in_three_ways(bench, child, author, NOT_FOR_REPRESENTATIVES)
        shown_too(bench, parental, plain)
        named = ("VIS-06", "W-REC-36", "W-REC-37")
        yield from _behind_every_door(bench, named, parental, *secret)
        for who in (author.who, reader.who, child.who):
            yield from sees(bench, ("VIS-06", "W-REC-36"), who, plain, *secret)


@check(
    requirements=("W-REC-43", "ACC-04", "REC-08", "W-COM-04"),
    needs=(*NEEDS, "block"),
)
def blocked_professional_is_behind_every_door(bench: Bench) -> Iterator[Assertion]:
    """A professional who is blocked finds nothing of the record, whatever they ask."""
    person = bench.person(age=57)
    author, other = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    for code in ("10", "60"):
        blocked = bench.treating(person, code)
        shown_too(bench, blocked.who, one)
        bench.relate("block", person, blocked)
        yield from _behind_every_door(bench, ("W-REC-43", "ACC-04", "REC-08"), blocked.who, one)
        shown_too(bench, other.who, one)
