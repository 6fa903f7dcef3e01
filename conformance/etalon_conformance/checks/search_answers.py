"""Searches of documents (ITI-67): how they are asked, and the form of their answers."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.corpus import NO_TYPE, Corpus, corpus, finds, is_whole
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    count,
    equals,
    excludes,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    RFC_3986,
    UNIQUE_IDS,
    found,
    matricule,
    query,
    said,
)
from etalon_conformance.specimens import Specimen, type_of
from etalon_wire.labels import V3_CONFIDENTIALITY


@check(requirements=("W-REC-23",), needs=NEEDS)
def every_identifier_finds_its_document(bench: Bench) -> Iterator[Assertion]:
    """A document is found by its unique identifier and by each of its other identifiers."""
    given = corpus(bench, "W-REC-23")
    whole = found(bench, given.reader, given.person)
    bench.expects("W-REC-23", whole, equals(UNIQUE_IDS, *given.everything), control=True)
    for one in given.specimens[:3]:
        chosen = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}]"
        systems = [each for page in whole for each in page.value(f"{chosen}.identifier.system")]
        values = [each for page in whole for each in page.value(f"{chosen}.identifier.value")]
        pairs = list(zip(systems, values, strict=False)) if len(systems) == len(values) else []
        for system, value in [(RFC_3986, one.unique_id), *pairs]:
            for written in (f"{system}|{value}", value):
                criteria = {"identifier": written}
                yield finds(bench, "W-REC-23", given, criteria, one.unique_id)
    first, second, *_ = given.everything
    either = {"identifier": f"{RFC_3986}|{first},{RFC_3986}|{second}"}
    yield finds(bench, "W-REC-23", given, either, first, second)
    for nobody in (bench.unique_oid(), f"urn:uuid:{bench.unique_uuid()}"):
        yield finds(bench, "W-REC-23", given, {"identifier": f"{RFC_3986}|{nobody}"})
    elsewhere = {"identifier": f"{RFC_3986}|{given.others[0].unique_id}"}
    yield finds(bench, "W-REC-23", given, elsewhere)


@check(requirements=("W-REC-21",), needs=NEEDS)
def forms_find_what_addresses_find(bench: Bench) -> Iterator[Assertion]:
    """A search by POST to _search finds what the same search finds by GET."""
    given = corpus(bench, "W-REC-21", of_another=False)
    is_whole(bench, "W-REC-21", given)
    one, other = given.specimens[0], given.specimens[3]
    asked: list[list[tuple[str, str]]] = [
        [],
        [("type", one.kind.token)],
        [("type", f"{one.kind.token},{other.kind.code}")],
        [("category", one.class_.token), ("setting", one.setting.token)],
        [("author.family", one.family)],
        [("author.given", given.specimens[5].given)],
        [("identifier", f"{RFC_3986}|{one.unique_id}")],
        [("facility", one.facility.token), ("type", other.kind.token)],
        [("event", one.act.token)],
        [("format", other.form.token)],
        [("isArchived", "true")],
        [("period-start", f"ge{one.started.isoformat()}")],
        [("creation", f"lt{one.created.isoformat()}")],
        [("security-label", f"{V3_CONFIDENTIALITY}|R")],
        [("type", NO_TYPE.token)],
        [("_count", "2")],
    ]
    for criteria in asked:
        by_address = found(bench, given.reader, given.person, criteria)
        if any(page.status != _FOUND for page in by_address):
            # What is not found by address either is what W-REC-24 is about.
            continue
        by_form = _by_form(bench, given, criteria)
        yield bench.expects("W-REC-21", by_form, status(200))
        expected = [each for page in by_address for each in page.value(UNIQUE_IDS)]
        yield bench.expects(
            "W-REC-21", by_form, equals(UNIQUE_IDS, *expected), likely="form_not_read"
        )


def _by_form(bench: Bench, given: Corpus, criteria: list[tuple[str, str]]) -> tuple[Exchange, ...]:
    asked = [("patient.identifier", matricule(given.person)), ("status", "current"), *criteria]
    first = bench.call(given.reader, "POST", "DocumentReference/_search", form=asked)
    return bench.pages(first, given.reader)


@check(requirements=("W-REC-22",), needs=NEEDS)
def a_search_answers_a_searchset(bench: Bench) -> Iterator[Assertion]:
    """A search answers 200 and a searchset, even when it finds nothing or asks for the number."""
    given = corpus(bench, "W-REC-22")
    nobody = bench.person()
    bench.relate("care_team", nobody, given.reader.ident)
    asked = {
        query(given.person): given.everything,
        query(given.person, {"identifier": f"{RFC_3986}|{bench.unique_oid()}"}): (),
        query(given.person, {"type": NO_TYPE.token}): (),
        query(given.person, {"status": "superseded"}, current=False): (),
        query(nobody): (),
    }
    for address, expected in asked.items():
        first = bench.call(given.reader, "GET", f"DocumentReference?{address}")
        pages = bench.pages(first, given.reader)
        yield bench.expects("W-REC-22", pages, one_of("status", "200"))
        yield bench.expects("W-REC-22", pages, one_of("resourceType", "Bundle"))
        yield bench.expects("W-REC-22", pages, one_of(".type", "searchset"))
        yield bench.expects("W-REC-22", pages, equals(UNIQUE_IDS, *expected))
        if not expected:
            yield bench.expects("W-REC-22", pages, absent(f"{DOCUMENTS}.id"))
        yield from _total_is(bench, pages, len(expected))
    number = bench.call(given.reader, "GET", f"DocumentReference?{query(given.person)}&_count=0")
    yield bench.expects("W-REC-22", number, status(200))
    yield bench.expects("W-REC-22", number, equals(".type", "searchset"))
    yield from _total_is(bench, (number,), len(given.everything))
    others = tuple(one.unique_id for one in given.others)
    yield bench.expects(
        "W-REC-22", found(bench, given.reader, given.person), excludes(UNIQUE_IDS, *others)
    )


def _total_is(bench: Bench, pages: tuple[Exchange, ...], number: int) -> Iterator[Assertion]:
    """Whether the total of a search, where it is told, is that of all its pages."""
    if any(page.value("total") for page in pages):
        yield bench.expects("W-REC-22", pages, one_of("total", str(number)))


_FOUND: Final = 200
_MANDATORY: Final = (
    "id",
    "masterIdentifier.value",
    "status",
    "type",
    "category",
    "subject",
    "date",
    "custodian",
    "context.period.start",
    "context.facilityType",
    "context.practiceSetting",
    "context.sourcePatientInfo",
    "content.format",
    "content.attachment.contentType",
    "content.attachment.language",
    "content.attachment.url",
    "content.attachment.size",
    "content.attachment.hash",
    "content.attachment.title",
    "content.attachment.creation",
)
"""Elements that each document of an answer has once, by the profile of PDSm."""


@check(requirements=("W-REC-22",), needs=NEEDS)
def found_documents_follow_the_profile(bench: Bench) -> Iterator[Assertion]:
    """The documents that a search returns have what the PDSm profile makes mandatory."""
    given = corpus(bench, "W-REC-22", of_another=False)
    pages = found(bench, given.reader, given.person)
    bench.expects("W-REC-22", pages, equals(UNIQUE_IDS, *given.everything), control=True)
    for path in _MANDATORY:
        whole = f"{DOCUMENTS}.{path}"
        yield bench.expects("W-REC-22", pages, count(whole, len(given.specimens)))
    yield bench.expects("W-REC-22", pages, one_of(f"{DOCUMENTS}.status", "current"))
    for one in given.specimens:
        chosen = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}]"
        for path in ("author", "securityLabel"):
            yield bench.expects("W-REC-22", pages, present(f"{chosen}.{path}"))
        for expectation in said(chosen, _said(one)):
            yield bench.expects("W-REC-22", pages, expectation)


def _said(one: Specimen) -> dict[str, str]:
    """Return what a document says, that no server changes."""
    return {
        "type.coding.code": type_of(one.kind.code).code,
        "category.coding.code": one.class_.code,
        "content.attachment.title": one.title,
        "content.attachment.contentType": one.media_type,
        "content.attachment.creation": one.created.isoformat(),
        "content.format.code": one.form.code,
        "context.period.start": one.started.isoformat(),
        "context.facilityType.coding.code": one.facility.code,
        "context.practiceSetting.coding.code": one.setting.code,
        "context.event.coding.code": one.act.code,
        "description": one.comment,
        "masterIdentifier.system": RFC_3986,
    }
