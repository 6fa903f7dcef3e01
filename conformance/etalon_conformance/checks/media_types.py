"""JSON and XML of FHIR alike, and errors that say what is wrong."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import equals, matches, one_of, status
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    NOT_OFFERED,
    UNIQUE_IDS,
    changed,
    content_of,
    deposit,
    page_with,
    place_of,
    query,
    reads_back,
    replacing,
    sent,
)
from etalon_conformance.specimens import Specimen, specimen, words
from etalon_target.actors import Who
from etalon_wire.xml_body import write_xml

_ERRORS: Final = 400
_NOT_IMPLEMENTED: Final = 501


def _said(one: Specimen, path: str) -> dict[str, str]:
    """Return what a document says, by path, from where it stands."""
    return {
        f"{path}.masterIdentifier.value": one.unique_id,
        f"{path}.content.attachment.title": one.title,
        f"{path}.content.attachment.size": str(one.size),
        f"{path}.description": one.comment,
        f"{path}.context.period.start": one.started.isoformat(),
    }


@check(requirements=("W-COM-01",), needs=NEEDS)
def resources_are_read_in_both_forms(bench: Bench) -> Iterator[Assertion]:
    """Documents, pages, lists and statements are returned in JSON or in XML, as asked, the same."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    several = [specimen(bench, person, author, title=title) for title in words("title")]
    deposit(bench, "W-COM-01", several)
    page = page_with(bench, "W-COM-01", reader.who, several[0])
    place = place_of(page, several[0].unique_id)
    lists = f"List?{query(person)}&code=submissionset"
    for form in (FHIR_XML, FHIR_JSON):
        for address in (f"DocumentReference?{query(person)}&_count=20", place, lists, "metadata"):
            answer = bench.call(reader.who, "GET", address, accept=form)
            yield bench.expects("W-COM-01", answer, status(200))
            yield bench.expects("W-COM-01", answer, one_of("type", form))
            yield bench.expects("W-COM-01", answer, matches("resourceType", "[A-Z][A-Za-z]+"))
        read = bench.call(reader.who, "GET", place, accept=form)
        for path, value in _said(several[0], "").items():
            yield bench.expects("W-COM-01", read, equals(path, value))
        yield from _searched(bench, reader.who, several, form)


def _searched(bench: Bench, who: Who, several: list[Specimen], form: str) -> Iterator[Assertion]:
    """Whether a search by POST says the same of each document in that form."""
    for one in several:
        asked = {"patient.identifier": f"{one.person.system}|{one.person.ins}"}
        criteria = {**asked, "status": "current", "identifier": one.unique_id}
        answer = bench.call(who, "POST", "DocumentReference/_search", form=criteria, accept=form)
        if answer.status in NOT_OFFERED:
            return
        yield bench.expects("W-COM-01", answer, one_of("type", form))
        for path, value in _said(one, DOCUMENTS).items():
            yield bench.expects("W-COM-01", answer, equals(path, value))


@check(requirements=("W-COM-01",), needs=NEEDS)
def deposits_are_taken_in_xml(bench: Bench) -> Iterator[Assertion]:
    """What is sent in XML is taken as in JSON, and answered in the form asked."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    first = specimen(bench, person, author)
    deposit(bench, "W-COM-01", [first])
    page = page_with(bench, "W-COM-01", reader.who, first)
    reads_back(bench, "W-COM-01", reader.who, content_of(bench, page, first.unique_id), first)
    for form in (FHIR_XML, FHIR_JSON):
        several = [specimen(bench, person, author) for _ in range(2)]
        whole = write_xml(bundle(bench, several))
        answer = sent(bench, author.who, whole, content_type=FHIR_XML, accept=form)
        yield bench.expects("W-COM-01", answer, status(200))
        yield bench.expects("W-COM-01", answer, one_of("type", form))
        yield bench.expects("W-COM-01", answer, equals(".type", "transaction-response"))
        for one in several:
            page = page_with(bench, "W-COM-01", reader.who, one)
            document = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}]"
            for path, value in _said(one, document).items():
                yield bench.expects("W-COM-01", page, equals(path, value))
            address = content_of(bench, page, one.unique_id)
            read = bench.call(reader.who, "GET", address, accept=one.media_type)
            yield bench.expects("W-COM-01", read, equals("body", one.sha256))
    one = specimen(bench, person, author)
    published = bench.call(
        author.who,
        "POST",
        "DocumentReference",
        body=write_xml(simplified(one)),
        content_type=FHIR_XML,
    )
    if published.status not in NOT_OFFERED:
        yield bench.expects("W-COM-01", published, status(201))
        page = page_with(bench, "W-COM-01", reader.who, one)
        yield bench.expects("W-COM-01", page, matches(UNIQUE_IDS, "urn:.*"))


def _explained(bench: Bench, answer: Exchange) -> Iterator[Assertion]:
    """Whether an error says what is wrong; what is no error needs not."""
    if answer.status < _ERRORS or answer.status == _NOT_IMPLEMENTED:
        return
    yield bench.expects("W-COM-02", answer, matches("status", "4[0-9]{2}"))
    yield bench.expects("W-COM-02", answer, equals("resourceType", "OperationOutcome"))
    severities = matches("issue.severity", "fatal|error|warning|information")
    yield bench.expects("W-COM-02", answer, severities)
    yield bench.expects("W-COM-02", answer, matches("issue.code", "[a-z-]+"))


@check(requirements=("W-COM-02",), needs=NEEDS)
def errors_say_what_is_wrong(bench: Bench) -> Iterator[Assertion]:
    """Each error carries an OperationOutcome with severity and code, in the form asked."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author)
    deposit(bench, "W-COM-02", [one])
    page = page_with(bench, "W-COM-02", author.who, one)
    place = place_of(page, one.unique_id)
    nowhere = f"DocumentReference/{bench.unique_uuid()}"
    asked = query(person)
    addresses = (
        nowhere,
        f"Binary/{bench.unique_uuid()}",
        f"List/{bench.unique_uuid()}",
        "Etalon",
        f"Etalon/{bench.unique_uuid()}",
        f"DocumentReference?{asked}&date=hier",
        f"DocumentReference?{asked}&date=ge2022-13-01",
        f"DocumentReference?{asked}&_count=beaucoup",
        f"DocumentReference?{asked}&isArchived=peut-%C3%AAtre",
        f"DocumentReference?{asked}&type=",
        "DocumentReference?status=inconnu",
        "DocumentReference",
        "List",
    )
    for form in (FHIR_JSON, FHIR_XML):
        for address in addresses:
            yield from _explained(bench, bench.call(author.who, "GET", address, accept=form))
    title = replacing("/description", "Autre", "valueString")
    yield from _explained(bench, changed(bench, author.who, place, title))
    yield from _explained(bench, changed(bench, author.who, nowhere, title))
    unread = bench.call(author.who, "POST", "", body=b"{", content_type=FHIR_JSON)
    yield from _explained(bench, unread)
    strange = bench.call(author.who, "POST", "", body=b"?", content_type="application/x-etalon")
    yield from _explained(bench, strange)
    yield from _explained(bench, bench.call(author.who, "DELETE", "metadata"))
    found = bench.call(author.who, "GET", nowhere)
    yield bench.expects("W-COM-02", found, status(404, 410))
