"""Whose a document is: who replaces, deletes or changes it, what can be changed, what never is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle, labels_of
from etalon_conformance.expectations import (
    equals,
    excludes,
    includes,
    status,
)
from etalon_conformance.record_scene import (
    NEEDS,
    REFUSED,
    RFC_3986,
    UNIQUE_IDS,
    adding,
    changed,
    deposit,
    found,
    replacing,
    sent,
)
from etalon_conformance.rights_scene import REGULATOR, SAMU, breaking_glass, in_role
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    Kept,
    kept,
    misses,
    sees,
    shown_too,
)
from etalon_conformance.specimens import (
    HIDDEN,
    MASKED,
    Specimen,
    specimen,
)
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_wire.patching import IS_ARCHIVED

if TYPE_CHECKING:
    from etalon_target.people import TestPerson, TestProfessional
    from etalon_wire.json_body import Json, Resource

_DONE: Final = (200, 204)
_DOCTOR: Final = "10"
_NOT_DONE: Final = (400, 401, 403, 404, 405, 409, 410, 412, 415, 422)
_NOT_SERVED: Final = (*_NOT_DONE, 501)
_WITHDRAWAL: Final = replacing("/status", "entered-in-error", "valueCode")
_FLAG: Final = f"extension[url={IS_ARCHIVED}].valueBoolean"
_LABELS: Final = "securityLabel.coding.code"


def _ident(one: Kept) -> str:
    return one.place.rpartition("/")[2]


def _newer(bench: Bench, former: Kept, author: "TestProfessional") -> Specimen:
    """Return a document that replaces another, in the words of somebody."""
    return specimen(bench, former.person, author, kind=SEEN_BY_ALL, replaces=_ident(former))


def _stays(
    bench: Bench, named: Sequence[str], who: Who, one: Kept, *never: Specimen
) -> Iterator[Assertion]:
    """A document is current, as it was, and what was to take its place is not there."""
    pages = found(bench, who, one.person)
    read = bench.call(who, "GET", one.place)
    for requirement in named:
        there = includes(UNIQUE_IDS, one.one.unique_id)
        yield bench.expects(requirement, pages, there)
        yield bench.expects(requirement, pages, excludes(UNIQUE_IDS, *(e.unique_id for e in never)))
        yield bench.expects(requirement, read, equals(".status", "current"))
        yield bench.expects(requirement, read, equals("description", one.one.comment))


@check(requirements=("W-REC-11", "REC-14", "W-REC-10", "W-REC-44"), needs=(*NEEDS, "consent"))
def only_the_author_replaces(bench: Bench) -> Iterator[Assertion]:
    """Nobody replaces the document of another, reader or not; its author does."""
    person = bench.person(age=53)
    author, consented = bench.treating(person), bench.professional()
    bench.relate("consent", person, consented)
    one = kept(bench, person, author)
    others = [bench.treating(person, code) for code in ("10", "60", "21")]
    named = ("W-REC-11", "W-REC-10")
    for other in (*others, consented, bench.professional()):
        newer = _newer(bench, one, other)
        answer = sent(bench, other.who, bundle(bench, [newer]))
        for requirement in named:
            yield bench.expects(requirement, answer, status(*_NOT_DONE))
        withdrawal = changed(bench, other.who, one.place, _WITHDRAWAL)
        for requirement in ("REC-14", "W-REC-11", "W-REC-44"):
            yield bench.expects(requirement, withdrawal, status(*_NOT_DONE))
        yield from _stays(bench, (*named, "REC-14", "W-REC-44"), author.who, one, newer)
    newer = _newer(bench, one, author)
    answer = sent(bench, author.who, bundle(bench, [newer]))
    yield bench.expects("W-REC-11", answer, status(200))


@check(requirements=("W-REC-11",), needs=(*NEEDS, "consent"))
def no_standing_makes_one_the_author(bench: Bench) -> Iterator[Assertion]:
    """Attending, trusted, in an emergency, of any profession: who is not the author is refused."""
    parent = bench.person(age=47)
    person, child = bench.person(age=58), bench.person(age=11, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for subject, decides in ((person, person.who), (child, parental)):
        author = bench.treating(subject)
        one = kept(bench, subject, author)
        for other in _who_else(bench, subject, decides):
            # What they deposited themselves is no title to what another did.
            kept(bench, subject, other)
            newer = _newer(bench, one, other)
            for who in _as_they_come(other):
                answer = sent(bench, who, bundle(bench, [newer]))
                yield bench.expects("W-REC-11", answer, status(*_NOT_DONE))
                yield from _withdrawn(bench, who, one)
            yield from _stays(bench, ("W-REC-11",), author.who, one, newer)
        yield from _withdrawn(bench, decides, one)
        yield from _stays(bench, ("W-REC-11",), author.who, one)
        done = changed(bench, author.who, one.place, _WITHDRAWAL)
        yield bench.expects("W-REC-11", done, status(*_DONE))


def _who_else(bench: Bench, subject: "TestPerson", decides: Who) -> "Sequence[TestProfessional]":
    """Return professionals who read a record, each on another ground."""
    consented, attending, trusted = (bench.professional() for _ in range(3))
    for each in (consented, attending, trusted):
        bench.relate("consent", subject, each)
    if bench.target.operations.can("attending_doctor"):
        bench.relate("attending_doctor", subject, attending)
    if bench.target.operations.can("set_administrator"):
        made = {"patient": subject.ins, "professional": trusted.rpps}
        bench.operation("set_administrator", decides, **made, administrator=True)
    carers = [bench.treating(subject, code) for code in ("10", "21", "40", "50", "60", "70")]
    return (attending, trusted, consented, *carers)


def _as_they_come(one: "TestProfessional") -> tuple[Who, ...]:
    """Return a professional as such and, a doctor, in the roles and modes of an emergency."""
    if one.profession != _DOCTOR:
        return (one.who,)
    return one.who, breaking_glass(one), in_role(one, REGULATOR, SAMU)


def _withdrawn(bench: Bench, who: Who, one: Kept) -> Iterator[Assertion]:
    """Somebody deletes a document by no verb, whether it is named or found."""
    condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
    for place in (one.place, f"DocumentReference?{condition}"):
        answer = changed(bench, who, place, _WITHDRAWAL)
        yield bench.expects("W-REC-11", answer, status(*_NOT_DONE))
        erased = bench.call(who, "DELETE", place)
        yield bench.expects("W-REC-11", erased, status(*_NOT_SERVED))


@check(requirements=("REC-14", "W-REC-38", "REC-16"), needs=NEEDS)
def deletion_is_asked_for_by_nobody_else(bench: Bench) -> Iterator[Assertion]:
    """Neither patients, parents, strangers nor whoever has no token delete, by any verb."""
    parent, stranger = bench.person(age=45), bench.person(age=49)
    child, person = bench.person(age=16, guardian=parent), bench.person(age=72)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    false = bench.acting(ActorKind.REPRESENTATIVE, stranger, child)
    cases = ((person, (person.who, stranger.who)), (child, (child.who, parental, false)))
    for subject, people in cases:
        author, reader = bench.treating(subject), bench.treating(subject)
        one = kept(bench, subject, author)
        condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
        for who in (*people, reader.who, None):
            for place in (one.place, f"DocumentReference?{condition}"):
                # A patch without a token is sent as it is: no other form of it says more.
                body: Json = [{k: _WITHDRAWAL[k] for k in ("op", "path", "value")}]
                answer = bench.call(
                    who, "PATCH", place, body=body, content_type="application/json-patch+json"
                )
                erased = bench.call(who, "DELETE", place)
                for named in ("REC-14", "W-REC-38", *(("REC-16",) if who in people else ())):
                    yield bench.expects(named, answer, status(*_NOT_SERVED))
                    yield bench.expects(named, erased, status(*_NOT_SERVED))
        yield from _stays(bench, ("REC-14", "W-REC-38", "REC-16"), author.who, one)
        yield from sees(bench, ("REC-14", "REC-16"), reader.who, one)


@check(requirements=("REC-14", "W-REC-38", "W-REC-28"), needs=NEEDS)
def deleted_document_does_not_come_back(bench: Bench) -> Iterator[Assertion]:
    """Deleted by its author, of any profession, a document is nowhere, whatever is done then."""
    person = bench.person(age=67)
    reader = bench.treating(person)
    for code in ("10", "60", "21"):
        author = bench.treating(person, code)
        one, other = (kept(bench, person, author) for _ in range(2))
        shown_too(bench, reader.who, one, other)
        answer = changed(bench, author.who, one.place, _WITHDRAWAL)
        for named in ("REC-14", "W-REC-38"):
            yield bench.expects(named, answer, status(*_DONE))
        for operation in (
            replacing("/status", "current", "valueCode"),
            adding("securityLabel", labels_of("N", [MASKED])[1], "valueCodeableConcept"),
            _WITHDRAWAL,
        ):
            changed(bench, author.who, one.place, operation)
        newer = _newer(bench, one, author)
        sent(bench, author.who, bundle(bench, [newer]))
        deposit(bench, "REC-14", [specimen(bench, person, author)])
        for who in (author.who, reader.who, person.who):
            yield from misses(bench, ("REC-14", "W-REC-38"), who, one)
            for address in filter(None, (one.place, one.content)):
                gone = bench.call(who, "GET", address, accept="*/*")
                yield bench.expects("W-REC-38", gone, status(404, 410))
            content = bench.call(who, "GET", one.content or one.place, accept="*/*")
            yield bench.expects("W-REC-28", content, status(404, 410), certain=False)
            yield from sees(bench, ("REC-14", "W-REC-38"), who, other)


@check(requirements=("W-REC-38", "REC-14"), needs=(*NEEDS, "block"))
def author_deletes_what_they_do_not_read(bench: Bench) -> Iterator[Assertion]:
    """Published, masked, hidden or by a stranger: what somebody deposited they delete."""
    person = bench.person(age=55)
    stranger, reader = bench.professional(), bench.treating(person)
    author = bench.treating(person)
    cases: list[tuple[TestProfessional, Specimen]] = [
        (stranger, specimen(bench, person, stranger, kind=SEEN_BY_ALL)),
        (author, specimen(bench, person, author, kind=SEEN_BY_ALL, labels=(MASKED,))),
        (author, specimen(bench, person, author, kind=SEEN_BY_ALL, labels=(HIDDEN,))),
        (author, specimen(bench, person, author, kind=SEEN_BY_ALL, archived=True)),
    ]
    plain = kept(bench, person, author)
    for depositor, one in cases:
        deposit(bench, "W-REC-38", [one])
        condition = urlencode({"identifier": f"{RFC_3986}|{one.unique_id}"})
        answer = changed(bench, depositor.who, f"DocumentReference?{condition}", _WITHDRAWAL)
        for named in ("W-REC-38", "REC-14"):
            yield bench.expects(named, answer, status(*_DONE))
        for who in (author.who, reader.who, person.who):
            pages = found(bench, who, person)
            for named in ("W-REC-38", "REC-14"):
                yield bench.expects(named, pages, excludes(UNIQUE_IDS, one.unique_id))
                yield bench.expects(named, pages, includes(UNIQUE_IDS, plain.one.unique_id))


@check(requirements=("REC-16",), needs=(*NEEDS, "caregiver"))
def people_rewrite_nothing_of_professionals(bench: Bench) -> Iterator[Assertion]:
    """Title, type, date, bytes or successor: patients, parents and carers change none of them."""
    parent, helper = bench.person(age=46), bench.person(age=50)
    child, person = bench.person(age=16, guardian=parent), bench.person(age=76)
    bench.relate("caregiver", person, helper)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    for subject, people in ((person, (person.who, caring)), (child, (child.who, parental))):
        author = bench.treating(subject)
        one = kept(bench, subject, author)
        read = bench.call(author.who, "GET", one.place)
        for who in people:
            for element, value, kind in _ELEMENTS:
                path = _fhirpath(element)
                answer = changed(bench, who, one.place, replacing(element, value, kind, path))
                yield bench.expects("REC-16", answer, status(*_NOT_DONE))
            for verb, place in (("PUT", one.place), ("PUT", one.content), ("DELETE", one.content)):
                if place:
                    answer = bench.call(who, verb, place, body=_BINARY)
                    yield bench.expects("REC-16", answer, status(*_NOT_SERVED))
            newer = replace(_newer(bench, one, author), unique_id=bench.unique_oid())
            answer = sent(bench, who, bundle(bench, [newer]))
            yield bench.expects("REC-16", answer, status(*_NOT_DONE))
            yield from _stays(bench, ("REC-16",), author.who, one, newer)
        after = bench.call(author.who, "GET", one.place)
        for path in _SAID:
            yield bench.expects("REC-16", after, equals(path, *read.value(path)))
        yield from sees(bench, "REC-16", author.who, one)


_BINARY: Final["Json"] = {"resourceType": "Binary", "contentType": "text/plain", "data": "QQ=="}
_CODED: Final["Json"] = {"coding": [{"system": "http://loinc.org", "code": "74207-2"}]}
_ELEMENTS: Final[Sequence[tuple[str, "Json", str]]] = (
    ("/masterIdentifier/value", "urn:oid:1.2.250.1.999.9.9", "valueUri"),
    ("/identifier/0/value", "urn:uuid:0b6c1d7e-5a3f-4c58-9f0e-2f4d5c6b7a89", "valueUri"),
    ("/type", _CODED, "valueCodeableConcept"),
    ("/type/coding/0/code", "74207-2", "valueCode"),
    ("/category/0/coding/0/code", "60", "valueCode"),
    ("/subject/identifier/value", "279035121518989", "valueString"),
    ("/date", "2020-01-01T00:00:00Z", "valueInstant"),
    ("/author/0/reference", "#practitioner", "valueString"),
    ("/authenticator/reference", "#author", "valueString"),
    ("/custodian/reference", "#practitioner", "valueString"),
    ("/description", "Autre commentaire", "valueString"),
    ("/content/0/attachment/contentType", "image/png", "valueCode"),
    ("/content/0/attachment/language", "en-GB", "valueCode"),
    ("/content/0/attachment/url", "https://example.org/autre", "valueUrl"),
    ("/content/0/attachment/size", 1, "valueUnsignedInt"),
    ("/content/0/attachment/hash", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "valueBase64Binary"),
    ("/content/0/attachment/title", "Autre titre", "valueString"),
    ("/content/0/attachment/creation", "2020-01-01T00:00:00Z", "valueDateTime"),
    ("/content/0/format/code", "urn:ihe:iti:xds-sd:pdf:2008", "valueCode"),
    ("/context/event/0/coding/0/code", "ZZLP054", "valueCode"),
    ("/context/period/start", "2020-01-01T00:00:00Z", "valueDateTime"),
    ("/context/period/end", "2030-01-01T00:00:00Z", "valueDateTime"),
    ("/context/facilityType/coding/0/code", "SA99", "valueCode"),
    ("/context/practiceSetting/coding/0/code", "ETABLISSEMENT", "valueCode"),
    ("/context/related/0/identifier/value", "PRES-0", "valueString"),
    ("/contained/0/birthDate", "1901-01-01", "valueDate"),
    ("/contained/1/name/0/family", "Autre", "valueString"),
)
"""Elements of a reference beside its status, its labels and its archive flag; another value."""

_SAID: Final = (
    "id",
    "masterIdentifier.value",
    "type.coding.code",
    "category.coding.code",
    "subject.identifier.value",
    "date",
    "description",
    "author.reference",
    "authenticator.reference",
    "custodian.reference",
    "content.attachment.title",
    "content.attachment.hash",
    "content.attachment.size",
    "content.attachment.url",
    "content.attachment.contentType",
    "content.attachment.language",
    "content.attachment.creation",
    "content.format.code",
    "context.period.start",
    "context.period.end",
    "context.event.coding.code",
    "context.facilityType.coding.code",
    "context.practiceSetting.coding.code",
    "context.related.identifier.value",
    "contained.birthDate",
    "contained.name.family",
    "securityLabel.coding.code",
)
"""What a reference says of a document, that a refused change leaves as it was."""


def _fhirpath(element: str) -> str:
    """Return the FHIRPath of the element at a JSON Pointer."""
    parts = element.strip("/").split("/")
    path = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)
    return f"DocumentReference{path}"


@check(requirements=("W-REC-31", "REC-13", "REC-12"), needs=NEEDS)
def no_other_element_changes(bench: Bench) -> Iterator[Assertion]:
    """Every other element, replaced or removed, by address or by condition, stays as it was."""
    person = bench.person(age=43)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    first = bench.call(author.who, "GET", one.place)
    condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
    for element, value, kind in _ELEMENTS:
        path = _fhirpath(element)
        replaced = replacing(element, value, kind, path)
        removed: Resource = {"op": "remove", "path": element, "fhirpath": path}
        for place, operation in (
            (one.place, replaced),
            (one.place, removed),
            (f"DocumentReference?{condition}", replaced),
        ):
            answer = changed(bench, author.who, place, operation)
            for named in ("W-REC-31", "REC-13"):
                yield bench.expects(named, answer, status(*REFUSED), likely="refusal_hidden")
    read = bench.call(author.who, "GET", one.place)
    for path in ("meta.versionId", ".status", *_SAID):
        for named in ("W-REC-31", "REC-13"):
            yield bench.expects(named, read, equals(path, *first.value(path)))
    for verb, place in (("PUT", one.place), ("PUT", one.content), ("PATCH", one.content)):
        if place:
            answer = bench.call(author.who, verb, place, body=_BINARY)
            yield bench.expects("REC-12", answer, status(*_NOT_SERVED))
    for verb in ("DELETE", "POST"):
        if one.content:
            answer = bench.call(author.who, verb, one.content, body=_BINARY)
            yield bench.expects("REC-12", answer, status(*_NOT_SERVED))
    yield from sees(bench, ("W-REC-31", "REC-13", "REC-12"), reader.who, one)
