"""What no client should send: odd bodies and odd questions are refused, never a failure."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import equals, includes, matches, one_of, status
from etalon_conformance.record_scene import (
    NEEDS,
    REFUSED,
    UNIQUE_IDS,
    deposit,
    found,
    page_with,
    query,
)
from etalon_conformance.specimens import specimen
from etalon_wire.json_body import write_json

_DEEP: Final = 5_000
_ACCEPTED: Final = (200, 201)
_BODIES: Final[tuple[tuple[str, bytes], ...]] = (
    (FHIR_JSON, b""),
    (FHIR_JSON, b" \n "),
    (FHIR_JSON, b"\x00"),
    (FHIR_JSON, b'{"resourceType":"Bundle","type":"transaction","entry":'),
    (FHIR_JSON, b"[" * _DEEP + b"]" * _DEEP),
    (FHIR_JSON, b'{"a":' * _DEEP + b"1" + b"}" * _DEEP),
    (FHIR_JSON, b'{"resourceType":"Bundle","type":"transaction","entry":"\xc3\x28"}'),
    (FHIR_JSON, b'{"resourceType":"Bundle","type":"transaction","total":1e999999999}'),
    (FHIR_JSON, b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":null}]}'),
    (FHIR_JSON, b'{"resourceType":"\\ud800","type":"transaction"}'),
    (FHIR_JSON, b'{"resourceType":"Bundle","type":"toutafait"}'),
    (FHIR_XML, b"<Bundle"),
    (FHIR_XML, b"<html><body>non</body></html>"),
    (FHIR_XML, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'),
)
"""Bodies that are no bundle, and what they say they are."""


@check(requirements=("W-REC-05a",), needs=NEEDS)
def odd_bodies_are_refused(bench: Bench) -> Iterator[Assertion]:
    """A body that is cut, nested without end, badly encoded or no resource is refused, and said."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author)
    deposit(bench, "W-REC-05a", [one])
    cut = write_json(bundle(bench, [specimen(bench, person, author)]))
    bodies = [*_BODIES, (FHIR_JSON, cut[: len(cut) // 2]), (FHIR_JSON, cut[:-1])]
    for media_type, body in bodies:
        answer = bench.call(author.who, "POST", "", body=body, content_type=media_type)
        yield bench.expects("W-REC-05a", answer, status(*REFUSED))
        severities = matches("issue.severity", "fatal|error|warning|information")
        yield bench.expects("W-REC-05a", answer, severities)
    kept = found(bench, author.who, person)
    yield bench.expects("W-REC-05a", kept, equals(UNIQUE_IDS, one.unique_id))


@check(requirements=("W-COM-02",), needs=NEEDS)
def odd_questions_are_answered(bench: Bench) -> Iterator[Assertion]:
    """A search with odd values is answered or refused with a reason; it is never a failure."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author)
    deposit(bench, "W-COM-02", [one])
    page_with(bench, "W-COM-02", author.who, one)
    asked = query(person)
    odd = (
        "_count=0",
        "_count=-1",
        "_count=99999999999999999999",
        "_count=1.5",
        "type=%7C",
        "type=" + quote("http://loinc.org|11488-4|x|y"),
        "type=%00",
        "type=" + "a" * 3_000,
        "author.family=%FF%FE",
        "author.family=" + quote("'; DROP TABLE documents; --"),
        "author.family=" + quote("\u202e👩‍⚕️ %_\\"),
        "date=ge0000-00-00",
        "date=ge9999-12-31T23:59:60Z",
        "date=xx2022",
        "period=",
        "identifier=" + quote("|||"),
        "_sort=inconnu",
        "inconnu=1",
        "&&&=",
        "_format=pdf",
        "isArchived=TRUE,false",
        "type:inconnu=1",
    )
    for more in odd:
        answer = bench.call(author.who, "GET", f"DocumentReference?{asked}&{more}")
        if answer.status not in _ACCEPTED:
            yield bench.expects("W-COM-02", answer, status(*REFUSED, 414))
            yield bench.expects("W-COM-02", answer, includes("resourceType", "OperationOutcome"))
        else:
            yield bench.expects("W-COM-02", answer, equals(".type", "searchset"))
            if answer.value("entry.resource[resourceType=DocumentReference].id"):
                yield bench.expects("W-COM-02", answer, one_of(UNIQUE_IDS, one.unique_id))
