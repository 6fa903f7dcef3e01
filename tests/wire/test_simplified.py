"""One document with its content becomes a deposit that the comprehensive profile reads."""

import json
from dataclasses import replace
from typing import Final, cast

import pytest

from deposit_scene import BASE, MATRICULE, Place, at
from etalon_model import SYSTEM, Actor, Refusal
from etalon_model.identifiers import InsOid
from etalon_model.records.deposit import Subject
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL
from etalon_model.records.uploads import UploadDocument
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.labels import VISIBILITY
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.documents import describe
from etalon_wire.records.lists import (
    PROFILES,
    derived_set,
    folder_resource,
)
from etalon_wire.records.plans import Plan
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan
from etalon_wire.validation.validator import Validator

TEST: Final = InsOid.TEST.value
VALIDATOR: Final = Validator()
COMPREHENSIVE: Final = "pdsm-comprehensive-document-reference"


@pytest.mark.requirement("W-REC-12", "W-REC-13")
def test_a_simplified_deposit_is_read_back_by_the_comprehensive_profile(place: Place) -> None:
    """Author and structure become contained; what was sent stays; a submission set follows."""
    plan = simplified_plan(place.example("simplified_publish"), place.who())
    read = place.carry_out(plan)[0]
    assert isinstance(plan, Plan)
    stored = plan.steps[0].stored
    assert stored is not None
    assert (stored.media_type, stored.content) == ("text/plain", b"Note de suivi.")
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []
    sent = place.example("simplified_publish")
    for name in ("type", "category", "text", "masterIdentifier"):
        assert read[name] == sent[name]
    derived = derived_set(place.identity, place.documents[stored.unique_id], BASE)
    assert VALIDATOR.validate(derived, PROFILES["submissionset"], "pdsm-strict") == []
    assert derived["entry"] == [{"item": {"reference": f"{BASE}/DocumentReference/{read['id']}"}}]


RPPS: Final[Json] = {"system": "https://rpps.esante.gouv.fr", "value": "10100000017"}


def test_a_simplified_deposit_keeps_the_parties_that_it_contains(place: Place) -> None:
    """Only what is missing is worked out: here the patient."""
    sent = place.example("simplified_publish")
    author: Json = {"resourceType": "Practitioner", "id": "patient-0", "identifier": [RPPS]}
    sent["contained"] = [author]
    sent["author"] = [{"reference": "#patient-0"}]
    read = place.carry_out(simplified_plan(sent, place.who()))[0]
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []
    assert cast("list[Json]", read["contained"])[0] == author
    assert at(read, "context", "sourcePatientInfo")["reference"] == "#patient-1"


def test_what_follows_from_the_rest_is_worked_out(place: Place) -> None:
    """Class from the type, format from the media type, the act from the writing."""
    sent = place.example("simplified_publish")
    del sent["category"]
    read = place.carry_out(simplified_plan(sent, place.who()))[0]
    assert at(read, "category", 0, "coding", 0)["code"] == "10"
    assert at(read, "content", 0, "format")["code"] == "urn:ihe:iti:xds-sd:text:2008"
    creation = at(read, "content", 0, "attachment")["creation"]
    assert at(read, "context", "period") == {"start": creation}


@pytest.mark.parametrize(("reference", "is_kept"), [("#a", True), ("Practitioner/1", False)])
def test_parties_are_kept_where_all_of_them_are_contained(
    place: Place, reference: str, *, is_kept: bool
) -> None:
    """One outside, and all are written anew from what is known of them."""
    sent = place.example("simplified_publish")
    author: Json = {"resourceType": "Practitioner", "id": "a", "identifier": [RPPS]}
    sent |= {"contained": [author], "author": [{"reference": "#a"}]}
    sent["authenticator"] = {"reference": reference}
    read = place.carry_out(simplified_plan(sent, place.who()))[0]
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []
    assert (author in cast("list[Json]", read["contained"])) is is_kept
    assert (read["authenticator"] == sent["authenticator"]) is is_kept


def uploaded(place: Place, **changes: Json) -> Plan | list[Finding]:
    """What a deposit of the holder becomes."""
    sent = place.example("simplified_publish", **{"11488-4": "DOCPAT03"})
    sent.update(changes)
    return simplified_plan(sent, replace(place.who(), actor=place.rehearsal.holder))


def test_what_the_holder_deposits_is_an_upload_from_the_space(place: Place) -> None:
    """Under the category whose uploads have that type; read back as the space says."""
    plan = uploaded(place)
    read = place.carry_out(plan)[0]
    assert isinstance(plan, Plan)
    command = cast("UploadDocument", plan.steps[0].command)
    assert (command.category, command.extension) == ("CPT_REND", "txt")
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []
    assert place.identity.ins not in json.dumps(at(read, "author", 0))
    category: Json = [{"coding": [{"code": "BIOLOGIE"}]}]
    named = uploaded(place, category=category, masterIdentifier={"value": "urn:oid:1.2.3"})
    assert isinstance(named, Plan)
    assert cast("UploadDocument", named.steps[0].command).category == "BIOLOGIE"


def test_what_no_category_of_the_space_holds_is_refused_by_the_model(place: Place) -> None:
    """A holder uploads no report of a consultation under its own type."""
    plan = uploaded(place, type=at(place.example("simplified_publish"), "type"))
    assert isinstance(plan, Plan)
    command = cast("UploadDocument", plan.steps[0].command)
    assert command.category == ""
    outcome = place.rehearsal.sandbox.service.apply(command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "UNKNOWN_CATEGORY"


def test_a_bundle_of_the_holder_is_uploads_too(place: Place) -> None:
    """One for each document, and its submission set is kept."""
    who = replace(place.who(), actor=place.rehearsal.holder)
    words = {"11488-4": "DOCPAT03", "11502-2": "DOCPAT05", "34133-9": "DOCPAT01"}
    plan = plan_of(place.example("deposit", **words), who)
    place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert [type(step.command) for step in plan.steps] == [UploadDocument] * 3
    assert len(plan.lists[0].documents) == 3


MASKED: Final[Json] = [{"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}]
OLDER: Final[Json] = [{"code": "replaces", "target": {"reference": "DocumentReference/1"}}]
SET_ASIDE: Final[Json] = [{"url": IS_ARCHIVED, "valueBoolean": True}]


@pytest.mark.parametrize(
    ("name", "value"),
    [("securityLabel", MASKED), ("relatesTo", OLDER), ("extension", SET_ASIDE)],
)
def test_an_upload_bears_no_more_than_the_space_says(place: Place, name: str, value: Json) -> None:
    """What would be lost is refused, in a bundle too."""
    found = uploaded(place, **{name: value})
    assert isinstance(found, list)
    assert [one.expression for one in found] == [f"DocumentReference.{name}"]
    bundle = place.example("deposit")
    at(bundle, "entry", 1, "resource")[name] = value
    found = plan_of(bundle, replace(place.who(), actor=place.rehearsal.holder))
    assert isinstance(found, list)
    assert [one.expression for one in found] == [f"Bundle.entry[1].resource.{name}"]


@pytest.mark.requirement("W-REC-14")
def test_a_matricule_under_the_identifier_of_another_kind_is_refused(place: Place) -> None:
    """A test matricule under the OID of production is nobody's, whatever traits are worked out."""
    sent = place.example("simplified_publish", **{TEST: InsOid.NIR.value})
    plan = simplified_plan(sent, place.who())
    assert isinstance(plan, Plan)
    outcome = place.rehearsal.sandbox.service.apply(plan.steps[0].command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "INS_DIFFERS"


def test_an_unknown_type_without_its_class_is_what_is_wrong(place: Place) -> None:
    """The class follows from the type: it is not said to be missing."""
    sent = place.example("simplified_publish", **{"11488-4": "NO-SUCH-TYPE"})
    del sent["category"]
    found = simplified_plan(sent, place.who())
    assert isinstance(found, list)
    assert [(one.expression, one.requirement) for one in found] == [
        ("DocumentReference.type", "REC-03")
    ]


def test_a_content_that_no_record_holds_is_refused_by_its_form(place: Place) -> None:
    """Its format cannot be worked out: it is not said to be missing."""
    plan = simplified_plan(
        place.example("simplified_publish", **{"text/plain": "application/zip"}), place.who()
    )
    assert isinstance(plan, Plan)
    outcome = place.rehearsal.sandbox.service.apply(plan.steps[0].command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "FORMAT_NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("removed", "code"),
    [
        ("type", "METADATA_MISSING"),
        ("author", "METADATA_MISSING"),
        ("masterIdentifier", "METADATA_MISSING"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_by_the_model(
    place: Place, removed: str, code: str
) -> None:
    """No type, no author, no identifier is made up."""
    sent = place.example("simplified_publish")
    del sent[removed]
    plan = simplified_plan(sent, place.who())
    assert isinstance(plan, Plan)
    outcome = place.rehearsal.sandbox.service.apply(plan.steps[0].command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


def test_for_a_matricule_that_nobody_bears_nothing_is_kept(place: Place) -> None:
    """Whether there is such a person is for the model to say."""
    sent = place.example("simplified_publish")
    sent["subject"] = {"identifier": {"system": f"urn:oid:{TEST}", "value": MATRICULE}}
    plan = simplified_plan(sent, place.who())
    assert isinstance(plan, Plan)
    assert plan.ins == MATRICULE
    assert plan.steps[0].stored is not None
    assert plan.steps[0].stored.kept is None


def test_a_simplified_deposit_for_nobody_known_is_refused(place: Place) -> None:
    """The place is said; no matricule is repeated."""
    sent = place.example("simplified_publish")
    sent["subject"] = {"reference": "Patient/1"}
    found = simplified_plan(sent, place.who())
    assert isinstance(found, list)
    assert [one.expression for one in found] == ["DocumentReference.subject"]


@pytest.mark.parametrize("depositor", [DOCTOR, HOSPITAL], ids=["doctor", "hospital"])
def test_whoever_deposited_is_the_source_of_a_set_that_follows(
    place: Place, depositor: Actor
) -> None:
    """A professional, a structure; and the holder for what they uploaded."""
    version = place.rehearsal.put(by=depositor)
    for actor in (depositor, place.rehearsal.holder, SYSTEM):
        made = derived_set(place.identity, replace(version, depositor=actor), BASE)
        assert VALIDATOR.validate(made, PROFILES["submissionset"], "pdsm-strict") == []


def test_a_folder_of_the_holder_is_a_list_while_something_is_seen_in_it(place: Place) -> None:
    """Named by the holder, empty it is not there."""
    version = place.rehearsal.put()
    made = folder_resource(place.identity, "Diabète", [version], BASE)
    assert made is not None
    assert VALIDATOR.validate(made, PROFILES["folder"], "pdsm-strict") == []
    assert made["title"] == "Diabète"
    assert folder_resource(place.identity, "Diabète", [], BASE) is None


def test_a_simplified_deposit_may_be_set_aside_from_the_start(place: Place) -> None:
    """The archive flag becomes a second command here too."""
    sent = place.example("simplified_publish")
    sent["extension"] = SET_ASIDE
    read = place.carry_out(simplified_plan(sent, place.who()))[0]
    assert at(read, "extension", 0)["valueBoolean"] is True
    assert at(read, "meta")["versionId"] == "2"


def test_a_simplified_deposit_of_several_contents_is_refused(place: Place) -> None:
    """A record keeps one."""
    sent = place.example("simplified_publish")
    sent["content"] = cast("list[Json]", sent["content"]) * 2
    found = simplified_plan(sent, place.who())
    assert isinstance(found, list)
    assert [one.expression for one in found] == ["DocumentReference.content[1]"]


@pytest.mark.parametrize(
    ("patient", "subject"),
    [
        ({"birthDate": "1979-03"}, Subject(MATRICULE, TEST, None, "")),
        ({"gender": "unknown"}, Subject(MATRICULE, TEST, None, "")),
        ({"identifier": [], "birthDate": "1979-03-12"}, None),
    ],
)
def test_an_identity_without_its_traits_is_read_as_it_is(
    patient: Resource, subject: Subject | None
) -> None:
    """The model refuses what lacks a trait; nothing is made up of half a date."""
    identifier: Json = {"system": f"urn:oid:{TEST}", "value": MATRICULE}
    held: Json = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [identifier],
        **patient,
    }
    source: Json = {"sourcePatientInfo": {"reference": "#p"}}
    resource: Resource = {"contained": [held], "context": source, "date": "2022-03-02"}
    described = describe(resource)
    assert described.subject == subject
    assert described.sheet.origin.authenticator == ""
    assert described.sheet.origin.authors == ()
