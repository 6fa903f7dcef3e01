"""Deposits of clinical documents: what a DocumentReference says is what the document says."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from deposit_scene import Place, at, empty_record
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import describe
from etalon_wire.records.plans import Plan
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan

AT: Final = "Bundle.entry[1].resource"
PDF: Final = b"%PDF-1.4 compte rendu"


def bundle_of(place: Place, written: Callable[[Resource], bytes] | None = None) -> Resource:
    """A transaction whose first document is a clinical one that says what its metadata say."""
    bundle = place.example("deposit")
    document, held = (at(bundle, "entry", rank, "resource") for rank in (1, 2))
    content = (written or clinical)(document)
    at(document, "content", 0, "attachment")["contentType"] = "text/xml"
    held["contentType"] = "text/xml"
    held["data"] = base64.b64encode(content).decode()
    return bundle


def clinical(document: Resource) -> bytes:
    """The clinical document that a DocumentReference describes, a page in it."""
    return write_clinical_document(describe(document, PDF), PDF, "application/pdf")


def found_in(plan: Plan | list[Finding]) -> list[str]:
    """Where a plan was refused because a document says otherwise."""
    assert isinstance(plan, list), plan
    assert {(one.severity, one.requirement) for one in plan} == {("error", "W-CDA-03")}
    return [one.expression.removeprefix(f"{AT}.") for one in plan]


@pytest.fixture
def place() -> Place:
    """A record that is open, and empty."""
    return empty_record()


@pytest.mark.requirement("W-CDA-03")
def test_a_clinical_document_is_deposited_when_its_metadata_agree(place: Place) -> None:
    """And carried out."""
    assert len(place.carry_out(plan_of(bundle_of(place), place.who()))) == 3


def coded(code: str) -> Json:
    """A concept of one code."""
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


CHANGES: Final[dict[str, Callable[[Resource], object]]] = {
    "masterIdentifier": lambda one: at(one, "masterIdentifier").update(value="urn:oid:1.2.9"),
    "type": lambda one: one.update(type=coded("11490-0")),
    "securityLabel": lambda one: at(one, "securityLabel", 0, "coding", 0).update(code="R"),
    "content[0].format": lambda one: at(one, "content", 0, "format").update(code="urn:a"),
    "content[0].attachment.language": lambda one: at(one, "content", 0, "attachment").update(
        language="en"
    ),
    "content[0].attachment.creation": lambda one: at(one, "content", 0, "attachment").update(
        creation="2022-03-01T00:00:00Z"
    ),
    "context.period.start": lambda one: at(one, "context", "period").update(
        start="2022-03-01T00:00:00Z"
    ),
    "context.facilityType": lambda one: at(one, "context", "facilityType", "coding", 0).update(
        code="SA99"
    ),
    "context.practiceSetting": lambda one: at(
        one, "context", "practiceSetting", "coding", 0
    ).update(code="ETABLISSEMENT2"),
}


@pytest.mark.requirement("W-CDA-03")
@pytest.mark.parametrize(("element", "change"), CHANGES.items(), ids=CHANGES)
def test_what_says_other_than_the_document_is_refused_where_it_says_so(
    place: Place, element: str, change: Callable[[Resource], object]
) -> None:
    """Each element that the dossier names; in the lenient mode it is told and taken."""
    bundle = bundle_of(place)
    change(at(bundle, "entry", 1, "resource"))

    found = found_in(plan_of(bundle, place.who()))
    lenient = plan_of(bundle, place.who("lenient"))

    assert element in found
    assert isinstance(lenient, Plan)
    assert {one.severity for one in lenient.warnings} == {"warning"}


@pytest.mark.requirement("W-CDA-03")
def test_a_document_of_another_patient_is_refused_and_names_nobody(place: Place) -> None:
    """Or of none."""

    def of_another(document: Resource) -> bytes:
        described = describe(document, PDF)
        assert described.subject is not None
        other = replace(described.subject, ins="279035121518989")
        return write_clinical_document(replace(described, subject=other), PDF, "application/pdf")

    def of_none(document: Resource) -> bytes:
        return of_another(document).replace(b"1.2.250.1.213.1.4.10", b"1.2.3")

    for written in (of_another, of_none):
        plan = plan_of(bundle_of(place, written), place.who())
        assert "subject" in found_in(plan)
        assert isinstance(plan, list)
        assert "279035121518989" not in "".join(one.message for one in plan)


HOSTILE: Final = {
    "no XML": b"%PDF-1.4",
    "another root": b"<Patient xmlns='http://hl7.org/fhir'/>",
    "a document type": b"<!DOCTYPE a [<!ENTITY b 'c'>]><ClinicalDocument xmlns='urn:hl7-org:v3'/>",
    "no identifier": b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>",
    "too deep": b"<a>" * 3000 + b"</a>" * 3000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_comes_as_xml_and_is_no_clinical_document_is_refused(
    place: Place, content: bytes
) -> None:
    """As what it is, in every mode."""
    bundle = bundle_of(place, lambda _: content)

    for mode in ("pdsm-strict", "lenient"):
        with pytest.raises(Malformed):
            plan_of(bundle, place.who(mode))


def test_a_simplified_deposit_is_held_to_its_document_too(place: Place) -> None:
    """What it leaves out is not held against it."""
    document = at(bundle_of(place), "entry", 1, "resource")
    content = clinical(document)
    published = place.example("simplified_publish")
    published["masterIdentifier"] = document["masterIdentifier"]
    attachment = at(published, "content", 0, "attachment")
    attachment |= {"contentType": "text/xml", "data": base64.b64encode(content).decode()}
    del attachment["size"], attachment["hash"]

    taken = simplified_plan(published, place.who())
    system = "urn:oid:1.2.250.1.71.4.2.1"
    published["author"] = [{"identifier": {"system": system, "value": "899700000009"}}]
    refused = simplified_plan(published, place.who())

    assert isinstance(taken, Plan), taken
    assert isinstance(refused, list)
    assert [one.expression for one in refused] == ["DocumentReference.author"]
