"""The simplified publication of one document (ITI-105)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    equals,
    excludes,
    includes,
    matches,
    present,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    LISTS,
    NEEDS,
    NOT_OFFERED,
    UNIQUE_IDS,
    colleague,
    content_of,
    found,
    leading_to,
    matricule,
    offers_publishing,
    page_with,
    publish,
    said,
    target_of,
)
from etalon_conformance.specimens import Specimen, class_of, media_types, specimen, words
from etalon_model.identifiers import nir_key
from etalon_wire.json_body import Json, Resource

_UNPROCESSABLE: Final = 422
_SEVERITIES: Final = "fatal|error|warning|information"


@check(requirements=("W-REC-12",), needs=NEEDS)
def publish_answers_what_was_made(bench: Bench) -> Iterator[Assertion]:
    """A simplified publish answers 201, where the document is, and the resource as it was made."""
    person = bench.person()
    titles = cycle(words("title"))
    for author in (bench.treating(person), colleague(bench, person)):
        for media_type in media_types():
            title = next(titles)
            one = specimen(bench, person, author, media_type=media_type, title=title)
            answer = publish(bench, one)
            if answer.status in NOT_OFFERED and not _declared(bench, one):
                bench.expects("W-REC-12", answer, status(201), control=True)
            yield bench.expects("W-REC-12", answer, status(201))
            yield bench.expects("W-REC-12", answer, present("header:location"))
            yield bench.expects("W-REC-12", answer, matches("id", r"[A-Za-z0-9.-]{1,64}"))
            yield bench.expects("W-REC-12", answer, present("meta.versionId"))
            yield bench.expects("W-REC-12", answer, present("meta.lastUpdated"))
            yield from _is_the_document(bench, answer, one)
            place = "/".join(target_of(answer.header("location")))
            read = bench.call(one.author.who, "GET", place if place != "/" else "DocumentReference")
            yield bench.expects("W-REC-12", read, status(200))
            yield bench.expects("W-REC-12", read, equals("id", answer.first("id")))
            yield from _is_the_document(bench, read, one)


def _declared(bench: Bench, one: Specimen) -> bool:
    """Whether the server declares that it creates documents: who declares it owes it."""
    statement = bench.call(one.author.who, "GET", "metadata")
    declared = "rest.resource[type=DocumentReference].interaction.code"
    return "create" in statement.value(declared)


def _is_the_document(bench: Bench, answer: Exchange, one: Specimen) -> Iterator[Assertion]:
    """Whether a resource says what was published."""
    values = {
        "resourceType": "DocumentReference",
        "masterIdentifier.value": one.unique_id,
        "content.attachment.title": one.title,
        "description": one.comment,
        "type.coding.code": one.kind.code,
    }
    for expectation in said("", values):
        yield bench.expects("W-REC-12", answer, expectation)


@check(requirements=("W-REC-13",), needs=NEEDS)
def published_document_is_read_and_listed(bench: Bench) -> Iterator[Assertion]:
    """What was published can be read, and a submission set that a search finds leads to it."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    for who in (author.who, reader.who):
        one = specimen(bench, person, author, media_type=bench.random.choice(media_types()))
        answer = offers_publishing(bench, "W-REC-13", one)
        bench.expects("W-REC-13", answer, status(201), control=True)
        pages = found(bench, who, person)
        yield bench.expects("W-REC-13", pages, includes(UNIQUE_IDS, one.unique_id))
        page = page_with(bench, "W-REC-13", who, one)
        url = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].content.attachment.url"
        yield bench.expects("W-REC-13", page, present(url))
        if address := content_of(bench, page, one.unique_id):
            content = bench.call(who, "GET", address, accept=one.media_type)
            yield bench.expects("W-REC-13", content, status(200))
            yield bench.expects("W-REC-13", content, matches("size", "[1-9][0-9]*"))
        asked = f"patient.identifier={matricule(person)}&code=submissionset&status=current"
        lists = bench.pages(bench.call(who, "GET", f"List?{asked}"), who)
        leads = f"{LISTS}.entry.item.reference"
        addresses = [each for page in lists for each in page.value(leads)]
        ident = answer.first("id") or target_of(answer.header("location"))[1]
        listed = leading_to(addresses, "DocumentReference", ident)
        yield bench.expects("W-REC-13", lists, includes(leads, listed), likely="list_not_made")


def _without(name: str) -> Callable[[Resource], Json]:
    return lambda made: {key: value for key, value in made.items() if key != name}


def _with(name: str, value: Json) -> Callable[[Resource], Json]:
    return lambda made: {**made, name: value}


def _attached(**changed: Json) -> Callable[[Resource], Json]:
    def change(made: Resource) -> Json:
        attachment: dict[str, Json] = {
            "contentType": "text/plain",
            "language": "fr-FR",
            "title": "Note",
            "data": "Tm90ZQ==",
            **changed,
        }
        kept: Json = {name: value for name, value in attachment.items() if value is not None}
        contents: list[Json] = [{"attachment": kept}]
        return {**made, "content": contents}

    return change


INVALID: Final[tuple[Callable[[Resource], Json], ...]] = (
    _without("status"),
    _without("content"),
    _with("status", "preliminary"),
    _with("content", []),
    _with("date", "2022-13-45T25:00:00Z"),
    _with("type", "11488-4"),
    _with("masterIdentifier", "urn:oid:1.2.3"),
    _attached(data=None),
    _attached(data="€€€"),
    _attached(size=-1),
    lambda made: {**made, "resourceType": "Observation"},
    lambda made: [made],
)
"""Publications that cannot be taken: what FHIR R4 forbids, or what makes no document."""

_OWED: Final = ("masterIdentifier", "subject", "date", "author", "custodian")
"""Elements that a simplified publication has, by the profile of PDSm."""


def _another_ins(ins: str) -> str:
    """Return a matricule, right in its key, that nobody has."""
    body = f"{ins[:10]}{(int(ins[10:13]) + 503) % 999:03}"
    return f"{body}{nir_key(body):02}"


UNREADABLE: Final = (b"{", b"<DocumentReference", b"\xff\xfe{}", b'{"resourceType": }', b"null")


@check(requirements=("W-REC-14",), needs=NEEDS)
def invalid_publish_is_refused(bench: Bench) -> Iterator[Assertion]:
    """An invalid simplified publish is refused with 400, 404 or 422, and nothing is kept."""
    person = bench.person()
    author = bench.treating(person)
    valid = specimen(bench, person, author)
    yield bench.expects(
        "W-REC-14", offers_publishing(bench, "W-REC-14", valid), status(201), control=True
    )
    refused = status(400, 404, _UNPROCESSABLE)
    tried: list[str] = []
    for invalid in INVALID:
        one = specimen(bench, person, author)
        tried.append(one.unique_id)
        answer = publish(bench, one, invalid(simplified(one)))
        yield bench.expects("W-REC-14", answer, refused)
    for body in UNREADABLE:
        answer = bench.call(author.who, "POST", "DocumentReference", body=body)
        yield bench.expects("W-REC-14", answer, refused)
    nobody = replace(person, ins=_another_ins(person.ins), patient_id="")
    for one, certain in (
        (specimen(bench, nobody, author), True),
        (specimen(bench, person, author, unique_id=valid.unique_id), False),
        (specimen(bench, person, author, kind="57833-6", class_=class_of("11488-4")), False),
        (replace(specimen(bench, person, author), media_type="video/mp4"), False),
    ):
        answer = publish(bench, one)
        taken_as = status(400, 404, 409, 415, _UNPROCESSABLE)
        expected = refused if certain else taken_as
        yield bench.expects("W-REC-14", answer, expected, certain=certain)
        if one.unique_id != valid.unique_id:
            tried.append(one.unique_id)
    for name in _OWED:
        one = specimen(bench, person, author)
        tried.append(one.unique_id)
        answer = publish(bench, one, _without(name)(simplified(one)))
        yield bench.expects("W-REC-14", answer, refused, certain=False)
    kept = found(bench, author.who, person)
    yield bench.expects("W-REC-14", kept, includes(UNIQUE_IDS, valid.unique_id), control=True)
    yield bench.expects("W-REC-14", kept, excludes(UNIQUE_IDS, *tried))


@check(requirements=("W-REC-15",), needs=NEEDS)
def unprocessable_publish_is_explained(bench: Bench) -> Iterator[Assertion]:
    """A simplified publish that is refused with 422 carries an OperationOutcome."""
    person = bench.person()
    author = bench.treating(person)
    valid = specimen(bench, person, author)
    answer = offers_publishing(bench, "W-REC-15", valid)
    bench.expects("W-REC-15", answer, status(201), control=True)
    misfiled = specimen(bench, person, author, kind="57833-6", class_=class_of("11488-4"))
    answers = [publish(bench, misfiled)]
    for invalid in (*INVALID, *(_without(name) for name in ("type", *_OWED))):
        one = specimen(bench, person, author)
        answers.append(publish(bench, one, invalid(simplified(one))))
    for answer in answers:
        if answer.status == _UNPROCESSABLE:
            yield bench.expects("W-REC-15", answer, equals("resourceType", "OperationOutcome"))
            yield bench.expects("W-REC-15", answer, matches("issue.severity", _SEVERITIES))
            yield bench.expects("W-REC-15", answer, matches("issue.code", "[a-z-]+"))
    if not any(one.requirement == "W-REC-15" and not one.control for one in bench.asserted):
        bench.expects("W-REC-15", answer, status(_UNPROCESSABLE), control=True)
