"""Documents to deposit: varied, right by our own validator, the same for the same chance."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

import pytest

from etalon_conformance.deposits import bundle, publication, simplified
from etalon_conformance.record_scene import adding, leading_to, replacing, target_of
from etalon_conformance.specimens import (
    Specimen,
    care_types,
    class_of,
    media_types,
    ordinary_types,
    some_content,
    specimen,
    type_of,
    words,
)
from etalon_conformance.structured import header_of, structured
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import read_json, write_json
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml, write_xml

_NOW = datetime(2026, 11, 22, 10, 30, 15, 250_000, tzinfo=UTC)


class Chance:
    """What a specimen takes from a bench."""

    def __init__(self, seed: int = 1) -> None:
        """Begin."""
        self.random = Random(seed)  # noqa: S311 (tests, no secret)
        self._numbers = count(1)

    def now(self) -> datetime:
        """Return an instant."""
        return _NOW

    def unique_oid(self) -> str:
        """Return an object identifier."""
        return f"urn:oid:2.25.{next(self._numbers)}"

    def unique_uuid(self) -> UUID:
        """Return a UUID."""
        return UUID(int=next(self._numbers), version=4)


PERSON = TestPerson(
    ins="279035121518989",
    oid="1.2.250.1.213.1.4.10",
    patient_id="",
    family="PATTE",
    given="Chloé",
    sex="F",
    birth_date=date(1979, 3, 12),
    department="51",
    state="OPEN_ACTIVE",
    vitale_serial="",
    provisional_code="",
    guardian="",
    tag="t",
)
DOCTOR = TestProfessional("99710000037", "899710000037", "10", "Munoz", "Paul", "0B1000003", "t")


def _one(seed: int = 1, media_type: str = "text/plain") -> Specimen:
    return specimen(Chance(seed), PERSON, DOCTOR, media_type=media_type)


@pytest.fixture(scope="module")
def validator() -> Validator:
    """One validator for all: compiling the profiles takes as long as the tests."""
    return Validator()


def test_the_same_chance_gives_the_same_document() -> None:
    """A run says the same with the same seed."""
    assert _one(3) == _one(3)
    assert _one(3) != _one(4)


def test_every_type_of_care_has_its_class() -> None:
    """Ninety types and more are to be deposited, each in a class of the nomenclature."""
    kinds = care_types()

    assert len(kinds) > 90
    assert len(set(kinds)) == len(kinds)
    assert {class_of(kind).code for kind in kinds} <= {
        *("10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95")
    }
    assert all(type_of(kind).system for kind in kinds)


def test_ordinary_types_are_among_those_of_care() -> None:
    """What any doctor or nurse reads is a good part of them."""
    assert set(ordinary_types()) < set(care_types())
    assert len(ordinary_types()) > 20


@pytest.mark.parametrize("media_type", media_types())
def test_size_and_hash_are_those_of_the_bytes(media_type: str) -> None:
    """Whatever the form."""
    one = _one(media_type=media_type)

    digest = hashlib.sha1(one.content, usedforsecurity=False).digest()
    assert one.size == len(one.content)
    assert base64.b64decode(one.hash) == digest
    assert one.sha256 == hashlib.sha256(one.content).hexdigest()


@pytest.mark.parametrize("media_type", media_types())
@pytest.mark.parametrize("size", [1, 255, 65_537])
def test_a_content_is_as_long_as_asked(media_type: str, size: int) -> None:
    """At least: texts have lines, images a frame."""
    content = some_content(Chance().random, media_type, size)

    assert len(content) >= size
    if media_type == "text/plain":
        assert content.decode("utf-8").encode("utf-8") == content


def test_times_follow_one_another_before_now() -> None:
    """An act begins, ends, is written down, deposited: all before now."""
    for seed in range(20):
        one = _one(seed)

        assert one.started < one.ended < one.created < one.dated < _NOW
        assert one.ended - one.started == timedelta(minutes=30)


def test_words_hold_what_hurried_servers_lose() -> None:
    """Letters out of Latin-1, characters that XML escapes, those beyond the first plane."""
    titles = "".join(words("title"))

    assert any(ord(sign) > 0xFFFF for sign in titles)
    assert set("œ«»≥µ<&\"'%+") <= set(titles + "'")
    assert any(not name.isascii() for name in words("family"))


@pytest.mark.parametrize("kind", ["11488-4", "57833-6", "PRESC-AAT"])
@pytest.mark.parametrize("media_type", media_types())
def test_what_is_sent_is_valid(kind: str, media_type: str, validator: Validator) -> None:
    """By our own validator of FHIR R4 and of PDSm, in both ways of depositing."""
    chance = Chance()
    several = [specimen(chance, PERSON, DOCTOR, kind=kind, media_type=media_type) for _ in "ab"]

    sent = {
        "pdsm-simplified-publish": simplified(several[0]),
        "pdsm-comprehensive-provide-document-bundle": bundle(chance, several, folder_title="Été"),
    }
    for profile, resource in sent.items():
        read = read_json(write_json(resource))
        findings = validator.validate(read, profile, "pdsm-strict", "client")
        assert [one for one in findings if one.severity in {"fatal", "error"}] == []


def test_xml_says_what_json_says() -> None:
    """A bundle written in XML reads as the same resource."""
    whole = bundle(Chance(), [_one(2)])

    assert read_xml(write_xml(read_json(write_json(whole)))) == read_json(write_json(whole))


def test_a_publication_is_as_wanted() -> None:
    """Labels, title and elements are those given; the rest is there."""
    made = publication(
        Chance(), PERSON, DOCTOR, labels=["MASQUE_PS"], title="Note", description=None, status="x"
    )

    assert made["status"] == "x"
    assert "description" not in made
    assert '"MASQUE_PS"' in write_json(made["securityLabel"]).decode()
    assert '"title":"Note"' in write_json(made["content"]).decode()


def test_the_header_of_a_structured_document_says_what_its_reference_says() -> None:
    """Whatever the letters of its title and names."""
    for seed in range(12):
        one = structured(Chance(seed), PERSON, DOCTOR)
        header = header_of(one.content)

        assert header is not None
        assert (header.unique_id, header.kind, header.ins) == (one.unique_id, "96173-0", PERSON.ins)
        assert (header.title, header.family) == (one.title, one.family)
        assert (header.started, header.ended) == (one.started, one.ended)


@pytest.mark.parametrize("content", [b"", b"<a", b"<ClinicalDocument/>", b"%PDF-1.4"])
def test_what_is_no_structured_document_has_no_header(content: bytes) -> None:
    """Nothing is read of it, and nothing is raised."""
    assert header_of(content) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://a/fhir/DocumentReference/1", ("DocumentReference", "1")),
        ("DocumentReference/d.1-a/_history/3", ("DocumentReference", "d.1-a")),
        ("/fhir/Binary/9?x=1", ("Binary", "9")),
        ("urn:uuid:0", ("", "")),
        ("", ("", "")),
    ],
)
def test_an_address_leads_to_a_resource(address: str, expected: tuple[str, str]) -> None:
    """Absolute, relative or of one version, it is the same resource."""
    assert target_of(address) == expected


def test_an_address_is_looked_for_in_whatever_form() -> None:
    """The one that is there is returned, or what it would be."""
    there = ["List/1", "http://a/fhir/DocumentReference/7/_history/2"]

    assert leading_to(there, "DocumentReference", "7") == there[1]
    assert leading_to(there, "DocumentReference", "8") == "DocumentReference/8"


def test_operations_are_said_in_both_languages_of_patches() -> None:
    """A JSON Pointer and a FHIRPath for the same element."""
    assert replacing("/status", "superseded", "valueCode") == {
        "op": "replace",
        "path": "/status",
        "value": "superseded",
        "fhirpath": "DocumentReference.status",
        "kind": "valueCode",
    }
    assert adding("securityLabel", {}, "valueCodeableConcept")["path"] == "/securityLabel/-"
