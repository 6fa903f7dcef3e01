"""Clinical documents deposited: held to their header, and to the kit where there is one."""

import base64
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from etalon_model import Actor, ActorKind
from etalon_model.records.deposit import Subject
from etalon_wire.clinical_kit import ClinicalKit
from etalon_wire.json_body import Json, Resource
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.records.documents import Described, describe
from in_process import Reply
from mail_scene import MailScene
from rights_scene import TEST_INS, RightsScene, treating

SEARCHED = "/fhir/DocumentReference?status=current"
UNIQUE_ID = "urn:oid:1.2.250.1.999.1.1.77"
SCHEMA = etree.XMLSchema(
    etree.fromstring("""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">
  <xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>
    <xs:any namespace="urn:other"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>""")
)
"""A schema that no document of ours keeps to."""

ANY = etree.XMLSchema(
    etree.fromstring("""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">
  <xs:element name="ClinicalDocument"/>
</xs:schema>""")
)
"""A schema that every document keeps to."""


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """One server for the module."""
    opened = RightsScene()
    yield opened
    opened.close()


def resource_of(ins: str, content: bytes, title: str = "Compte rendu") -> Resource:
    """A simplified publication of a clinical document."""
    attachment: Resource = {"contentType": "text/xml", "title": title}
    attachment["data"] = base64.b64encode(content).decode()
    coding: Json = [{"system": "http://loinc.org", "code": "11488-4"}]
    system = "https://rpps.esante.gouv.fr"
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": UNIQUE_ID},
        "status": "current",
        "type": {"coding": coding},
        "subject": {"identifier": {"system": TEST_INS, "value": ins}},
        "date": "2022-01-02T10:05:00+01:00",
        "author": [{"identifier": {"system": system, "value": treating(0).ident[1:]}}],
        "custodian": {
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
        },
        "content": [{"attachment": attachment}],
    }


def clinical(scene: RightsScene, ins: str) -> bytes:
    """The clinical document that the publication describes."""
    identity = scene.service.person(ins).identity
    said = describe(resource_of(ins, b"-"), b"-")
    subject = Subject(ins, identity.oid, identity.birth_on, identity.sex)
    return write_clinical_document(
        Described(said.sheet, subject, ("N",), "", ""), b"%PDF-1.4", "application/pdf"
    )


def published(scene: RightsScene, resource: Resource) -> Reply:
    """What a deposit by a doctor is answered."""
    return scene.send(treating(0), "POST", "/fhir/DocumentReference", resource)


def requirements(reply: Reply) -> set[str]:
    """What a refusal names."""
    return {one["details"]["coding"][0]["code"] for one in reply.json["issue"]}


@pytest.mark.requirement("W-CDA-03")
def test_a_deposit_that_says_other_than_its_document_is_refused_and_nothing_is_kept(
    scene: RightsScene,
) -> None:
    """With the requirement and where it says so; the same one, right, is taken."""
    ins = scene.person()
    resource = resource_of(ins, clinical(scene, ins))
    other: Json = {"coding": [{"system": "http://loinc.org", "code": "11490-0"}]}
    wrong = {**resource, "type": other}

    refused = published(scene, wrong)
    digest = scene.service.digest()
    taken = published(scene, resource)

    assert refused.status == 422
    assert requirements(refused) == {"W-CDA-03"}
    assert refused.json["issue"][0]["expression"] == ["DocumentReference.type"]
    assert taken.status == 201, taken.text
    assert scene.service.digest() != digest


@pytest.mark.requirement("W-CDA-01")
def test_a_document_that_breaks_the_schema_of_the_kit_is_refused(scene: RightsScene) -> None:
    """Where the server has one."""
    ins = scene.person()
    resource = resource_of(ins, clinical(scene, ins))
    desk = scene.desk
    desk.clinical_kit = ClinicalKit(SCHEMA, None)
    try:
        refused = published(scene, resource)
    finally:
        desk.clinical_kit = None

    assert refused.status == 422
    assert requirements(refused) == {"W-CDA-01"}
    assert published(scene, resource).status == 201


class OthersMeanwhile:
    """Schematrons that take so long that the record is searched meanwhile, and find nothing."""

    def __init__(self, scene: RightsScene, ins: str) -> None:
        """Search the record of a person."""
        self.scene, self.ins = scene, ins

    def failures(self, content: bytes, templates: tuple[str, ...]) -> list[str]:
        """Find nothing."""
        del content, templates
        self.scene.wait(timedelta(seconds=1))
        holder = Actor(ActorKind.HOLDER, self.ins)
        path = f"{SEARCHED}&patient.identifier={TEST_INS}|{self.ins}"
        assert self.scene.send(holder, "GET", path).status == 200
        return []


@pytest.mark.requirement("W-CDA-01", "TRC-01")
def test_a_record_that_was_read_while_its_document_was_judged_takes_it_all_the_same(
    scene: RightsScene,
) -> None:
    """A deposit happens once it is judged, after what others did meanwhile."""
    ins = scene.person()
    resource = resource_of(ins, clinical(scene, ins))
    desk = scene.desk
    desk.clinical_kit = ClinicalKit(ANY, OthersMeanwhile(scene, ins))
    try:
        taken = published(scene, resource)
    finally:
        desk.clinical_kit = None

    assert taken.status == 201, taken.text


@pytest.mark.parametrize("content", [b"<a/>", b"%PDF", b"<!DOCTYPE a><a/>"])
def test_what_comes_as_xml_and_is_no_clinical_document_is_refused(
    scene: RightsScene, content: bytes
) -> None:
    """As a body that cannot be read."""
    assert published(scene, resource_of(scene.person(), content)).status == 400


@pytest.mark.requirement("W-CDA-01", "W-MSS-06")
def test_a_lot_whose_document_breaks_the_schema_of_the_kit_is_sent_back(tmp_path: Path) -> None:
    """As any other error, 906, and nothing is stored of it."""
    scene = MailScene(tmp_path / "maildir")
    scene.desk.clinical_kit = ClinicalKit(SCHEMA, None)
    try:
        reply = scene.take(scene.mail(scene.lot("one")))

        assert reply.code == 250
        assert [receipt.code for receipt in scene.receipts()] == [906]
        assert scene.is_untouched()
    finally:
        scene.close()
