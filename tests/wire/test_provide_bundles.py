"""A transaction becomes a plan: commands in order, what is kept, what each entry becomes."""

import json
from collections.abc import Callable
from typing import Final, cast

import pytest
from fhir.resources.R4B.bundle import Bundle

from deposit_scene import BASE, Place, at
from etalon_model import Refusal
from etalon_model.records.changes import ArchiveDocument, ReplaceDocument
from etalon_model.records.deposit import DepositDocument
from etalon_model.records.record import Document, Status
from etalon_wire.bundles import transaction_response
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.records.addresses import document_id, person_id
from etalon_wire.records.lists import (
    PROFILES,
    kept_list_from,
    kept_list_resource,
)
from etalon_wire.records.plans import Plan, answers_of
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan
from etalon_wire.validation.validator import Validator

VALIDATOR: Final = Validator()
COMPREHENSIVE: Final = "pdsm-comprehensive-document-reference"


@pytest.mark.requirement("W-REC-01")
def test_a_bundle_becomes_one_command_each_document_and_one_answer_each_entry(
    place: Place,
) -> None:
    """Three documents with their contents and a submission set, answered in their order."""
    who = place.who()
    bundle = place.example("deposit")
    plan = plan_of(bundle, who)
    read = place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert [type(step.command) for step in plan.steps] == [DepositDocument] * 3
    answers = answers_of(plan, place.documents, who.at)
    response = transaction_response(answers)
    profile = "IHE.MHD.ProvideDocumentBundleResponse"
    assert VALIDATOR.validate(response, profile, "pdsm-strict") == []
    Bundle.model_validate_json(write_json(response))
    entries = cast("list[Resource]", response["entry"])
    assert len(entries) == len(cast("list[Json]", bundle["entry"]))
    told = [cast("Resource", entry["response"]) for entry in entries]
    assert [one["status"] for one in told] == ["201 Created"] * 7
    kinds = ["List", *["DocumentReference", "Binary"] * 3]
    assert [str(one["location"]).partition("/")[0] for one in told] == kinds
    contents = [step.stored.content for step in plan.steps if step.stored]
    assert contents[0] == b"Compte rendu de consultation."
    assert [VALIDATOR.validate(one, COMPREHENSIVE, "pdsm-strict") for one in read] == [[], [], []]


@pytest.mark.requirement("W-REC-13", "W-REC-26")
def test_the_submission_set_lists_what_its_reader_sees(place: Place) -> None:
    """Kept as received, read with addresses of ours; gone when nothing of it is seen."""
    plan = plan_of(place.example("deposit"), place.who())
    place.carry_out(plan)
    assert isinstance(plan, Plan)
    kept = plan.lists[0]
    assert kept_list_from(kept.to_bytes()) == kept
    read = kept_list_resource(place.identity, kept, place.documents, BASE)
    assert read is not None
    assert VALIDATOR.validate(read, PROFILES["submissionset"], "pdsm-strict") == []
    assert len(cast("list[Json]", read["entry"])) == 3
    one = {name: place.documents[name] for name in kept.documents[1:2]}
    partly = kept_list_resource(place.identity, kept, one, BASE)
    address = f"{BASE}/DocumentReference/{document_id(place.identity.ins, *one.values())}"
    assert partly is not None
    assert partly["entry"] == [{"item": {"reference": address}}]
    assert kept_list_resource(place.identity, kept, {}, BASE) is None


def test_the_name_of_a_document_may_stand_among_its_identifiers(place: Place) -> None:
    """As PDSm4DMP also writes it; it is read back where the profile wants it."""
    bundle = place.example("deposit")
    document = at(bundle, "entry", 1, "resource")
    name: Json = {**cast("Resource", document.pop("masterIdentifier")), "use": "usual"}
    document["identifier"] = [name]
    read = place.carry_out(plan_of(bundle, place.who("pdsm4dmp")))[0]
    assert read["masterIdentifier"] == name
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []


def test_no_list_takes_the_place_of_another(place: Place) -> None:
    """Two deposits whose submission sets bear the same identifiers keep two sets."""
    first = plan_of(place.example("deposit"), place.who())
    place.carry_out(first)
    second = plan_of(place.example("deposit", **{"1.1.900": "1.1.600"}), place.who())
    place.carry_out(second)
    assert isinstance(first, Plan)
    assert isinstance(second, Plan)
    assert first.lists[0].list_id != second.lists[0].list_id
    assert first.lists[0].resource == second.lists[0].resource


def replacing(place: Place, old: Document) -> Resource:
    """The example of a replacement, of a document of this record."""
    return place.example("replacement", **{
        "DocumentReference/41": f"DocumentReference/{document_id(place.identity.ins, old)}",
        "urn:oid:1.2.250.1.999.1.1.9003": "urn:oid:1.2.250.1.999.1.1.9004",
    })  # fmt: skip


@pytest.mark.requirement("W-REC-10")
def test_a_replacement_supersedes_and_its_patch_is_answered(place: Place) -> None:
    """One command puts the new version in and sets the old one aside."""
    place.carry_out(plan_of(place.example("deposit"), place.who()))
    old = place.documents["urn:oid:1.2.250.1.999.1.1.9003"]
    who = place.who()
    plan = plan_of(replacing(place, old), who)
    place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert [type(step.command) for step in plan.steps] == [ReplaceDocument]
    assert place.documents[old.unique_id].status is Status.SUPERSEDED
    answers = answers_of(plan, place.documents, who.at)
    patched = f"DocumentReference/{document_id(place.identity.ins, old)}"
    assert (answers[-1].status, answers[-1].location, answers[-1].version) == (200, patched, "2")


@pytest.mark.requirement("W-REC-10")
def test_a_replacement_may_name_documents_by_their_unique_identifier(place: Place) -> None:
    """A logical target and a conditional PATCH, as TD2.1 writes them."""
    place.carry_out(plan_of(place.example("deposit"), place.who()))
    name = "urn:oid:1.2.250.1.999.1.1.9003"
    bundle = replacing(place, place.documents[name])
    relation = at(bundle, "entry", 1, "resource", "relatesTo", 0)
    relation["target"] = {"identifier": {"system": "urn:ietf:rfc:3986", "value": name}}
    asked = f"DocumentReference?identifier=urn:ietf:rfc:3986%7C{name}"
    at(bundle, "entry", 3, "request")["url"] = asked
    place.carry_out(plan_of(bundle, place.who()))
    assert place.documents[name].status is Status.SUPERSEDED


def test_a_document_may_be_set_aside_from_the_start(place: Place) -> None:
    """The archive flag of a deposit becomes a second command."""
    bundle = place.example("deposit")
    at(bundle, "entry", 1, "resource", "extension", 0)["valueBoolean"] = True
    plan = plan_of(bundle, place.who())
    place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert [type(step.command) for step in plan.steps][:2] == [DepositDocument, ArchiveDocument]
    assert place.documents["urn:oid:1.2.250.1.999.1.1.9001"].archived


def test_references_into_the_bundle_lead_to_what_its_entries_became(place: Place) -> None:
    """A patient of the bundle is the Patient here; another document is named logically."""
    bundle = place.example("deposit")
    patient: Json = {
        "fullUrl": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000099",
        "resource": place.example("patient"),
        "request": {"method": "POST", "url": "Patient"},
    }
    entries = cast("list[Json]", bundle["entry"])
    entries.append(patient)
    for rank in (0, 1, 3, 5):
        at(bundle, "entry", rank, "resource")["subject"] = {
            "reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000099"
        }
    at(bundle, "entry", 3, "resource", "context")["related"] = [
        {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000010", "display": "avant"}
    ]
    who = place.who()
    plan = plan_of(bundle, who)
    read = place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert answers_of(plan, place.documents, who.at)[-1].location == (
        f"Patient/{person_id(place.identity.ins)}"
    )
    assert "urn:uuid:aaaaaaaa" not in json.dumps(read)
    assert at(read[1], "context")["related"] == [
        {
            "display": "avant",
            "identifier": {
                "system": "urn:ietf:rfc:3986",
                "value": "urn:oid:1.2.250.1.999.1.1.9001",
            },
        }
    ]


def test_a_folder_is_kept_with_the_documents_that_it_lists(place: Place) -> None:
    """A list of its own kind, of documents of the bundle and of the record."""
    place.carry_out(plan_of(place.example("deposit"), place.who()))
    old = place.documents["urn:oid:1.2.250.1.999.1.1.9001"]
    bundle = replacing(place, place.documents["urn:oid:1.2.250.1.999.1.1.9003"])
    folder = place.example("folder")
    folder["entry"] = [
        {"item": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000012"}},
        {"item": {"reference": f"DocumentReference/{document_id(place.identity.ins, old)}"}},
    ]
    cast("list[Json]", bundle["entry"]).append(
        {
            "fullUrl": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000077",
            "resource": folder,
            "request": {"method": "POST", "url": "List"},
        }
    )
    in_set: Json = {"item": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000077"}}
    cast("list[Json]", at(bundle, "entry", 0, "resource")["entry"]).append(in_set)
    plan = plan_of(bundle, place.who())
    place.carry_out(plan)
    assert isinstance(plan, Plan)
    assert len(plan.lists[0].documents) == 1
    kept = plan.lists[1]
    assert (kept.kind, len(kept.documents)) == ("folder", 2)
    read = kept_list_resource(place.identity, kept, place.documents, BASE)
    assert read is not None
    assert VALIDATOR.validate(read, PROFILES["folder"], "pdsm-strict") == []


Spoil = Callable[[Resource], None]


def _entry(rank: int, **members: Json) -> Spoil:
    def spoil(bundle: Resource) -> None:
        at(bundle, "entry", rank, "resource").update(members)

    return spoil


def _request(rank: int, method: str, url: str) -> Spoil:
    def spoil(bundle: Resource) -> None:
        at(bundle, "entry", rank)["request"] = {"method": method, "url": url}

    return spoil


def _second_content(bundle: Resource) -> None:
    content = cast("list[Json]", at(bundle, "entry", 1, "resource")["content"])
    content.append(content[0])


def _second_replaced(bundle: Resource) -> None:
    relations: list[Json] = [
        {"code": "replaces", "target": {"reference": f"DocumentReference/{rank}"}}
        for rank in range(2)
    ]
    at(bundle, "entry", 1, "resource")["relatesTo"] = relations


def _patch_of_nothing(bundle: Resource) -> None:
    value: list[Json] = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "value", "valueCode": "superseded"},
    ]
    parameters: Json = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": value}],
    }
    request: Json = {"method": "PATCH", "url": "DocumentReference/41"}
    cast("list[Json]", bundle["entry"]).append({"resource": parameters, "request": request})


def _patch_of_labels(bundle: Resource) -> None:
    _patch_of_nothing(bundle)
    part = at(bundle, "entry", 7, "resource", "parameter", 0, "part", 1)
    part["valueString"] = "DocumentReference.securityLabel"


def _lost_content(bundle: Resource) -> None:
    lost: Json = {"resourceType": "Binary", "contentType": "text/plain", "data": "QUJD"}
    cast("list[Json]", bundle["entry"]).append(
        {"fullUrl": "urn:uuid:0", "resource": lost, "request": {"method": "POST", "url": "Binary"}}
    )


def _of_somebody_else(bundle: Resource) -> None:
    subject: Json = {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "146026322000196"}
    at(bundle, "entry", 3, "resource")["subject"] = {"identifier": subject}


ELSEWHERE: Final[Json] = [{"item": {"reference": "DocumentReference/elsewhere"}}]
REFUSED: Final[list[tuple[Spoil, str, str]]] = [
    (_entry(1, resourceType="Bundle"), "FHIRDocumentNotSupported", "Bundle.entry[1].resource"),
    (_request(0, "PUT", "List/1"), "PUT of List", "Bundle.entry[0].resource"),
    (_request(1, "DELETE", "DocumentReference/1"), "DELETE of", "Bundle.entry[1].resource"),
    (_entry(2, resourceType="Observation"), "of Observation", "Bundle.entry[2].resource"),
    (_entry(0, code={}), "submission set or a folder", "Bundle.entry[0].resource.code"),
    (_entry(0, entry=ELSEWHERE), "no document", "Bundle.entry[0].resource.entry[0].item"),
    (_entry(1, status="superseded"), "is current", "Bundle.entry[1].resource.status"),
    (_entry(1, subject={}), "nobody is known", "Bundle.entry[1].resource.subject"),
    (_entry(1, subject={"reference": "Patient/1"}), "nobody", "Bundle.entry[1].resource.subject"),
    (_entry(1, content=[]), "nothing is no Binary", "attachment.url"),
    (_second_content, "one content", "Bundle.entry[1].resource.content[1]"),
    (_second_replaced, "replaces one document", "Bundle.entry[1].resource.relatesTo[1]"),
    (_patch_of_nothing, "no such document", "Bundle.entry[7].resource"),
    (_patch_of_labels, "to supersede it", "Bundle.entry[7].resource"),
    (_lost_content, "no document of the bundle has this content", "Bundle.entry[7].resource"),
    (_of_somebody_else, "several people", "Bundle.entry[3].resource.subject"),
]


REQUIREMENTS: Final = {f"W-REC-{number}" for number in ("03", "04", "08", "09", "10")}


@pytest.mark.requirement("W-REC-02")
@pytest.mark.parametrize(("spoil", "said", "where"), REFUSED, ids=[one[1] for one in REFUSED])
def test_a_bundle_of_which_one_entry_becomes_nothing_is_refused_whole(
    place: Place, spoil: Spoil, said: str, where: str
) -> None:
    """Each entry becomes something or nothing does; the place and the reason are said."""
    bundle = place.example("deposit")
    spoil(bundle)
    found = plan_of(bundle, place.who())
    assert isinstance(found, list)
    assert said in found[0].message
    assert found[0].expression.endswith(where)
    assert {one.severity for one in found} == {"error"}
    assert found[0].requirement in REQUIREMENTS


@pytest.mark.parametrize("data", ["", "not base64", None])
def test_a_content_that_is_none_is_malformed(place: Place, data: Json) -> None:
    """Missing or not base64."""
    bundle = place.example("deposit")
    at(bundle, "entry", 2, "resource")["data"] = data
    with pytest.raises(Malformed, match=r"data|base64"):
        plan_of(bundle, place.who())
    document = place.example("simplified_publish")
    at(document, "content", 0, "attachment")["data"] = data
    with pytest.raises(Malformed, match="base64"):
        simplified_plan(document, place.who())


def test_relations_that_a_record_does_not_keep_are_warned_of(place: Place) -> None:
    """The words of MHD, and the document is taken in."""
    bundle = place.example("deposit")
    appended: Json = {"code": "appends", "target": {"reference": "DocumentReference/1"}}
    at(bundle, "entry", 1, "resource")["relatesTo"] = [appended]
    plan = plan_of(bundle, place.who())
    assert isinstance(plan, Plan)
    assert [one.message.partition(":")[0] for one in plan.warnings] == [
        "PartialAppendContentNotProcessed"
    ]


@pytest.mark.requirement("W-REC-16")
def test_the_same_document_twice_is_refused_by_the_model(place: Place) -> None:
    """Its unique identifier is taken."""
    place.carry_out(plan_of(place.example("deposit"), place.who()))
    again = plan_of(place.example("deposit"), place.who())
    assert isinstance(again, Plan)
    outcome = place.rehearsal.sandbox.service.apply(again.steps[0].command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "DUPLICATE_DOCUMENT"


@pytest.mark.requirement("W-REC-07")
def test_size_and_digest_are_those_of_the_content_whatever_is_said(place: Place) -> None:
    """A mode that lets a wrong digest pass does not repeat it."""
    bundle = place.example("deposit")
    at(bundle, "entry", 1, "resource", "content", 0, "attachment").update(
        {"size": 3, "hash": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    )
    read = place.carry_out(plan_of(bundle, place.who("lenient")))[0]
    attachment = at(read, "content", 0, "attachment")
    assert (attachment["size"], attachment["hash"]) == (29, "6H39BpLD+PD1ou9I4NQmuy2BW2c=")


def test_a_code_under_a_wrong_system_hides_nothing_unless_that_is_asked(place: Place) -> None:
    """The official example mistypes the system: lenient takes the code, strict leaves it wrong."""
    wrong = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument"
    bundle = place.example("deposit")
    label: Json = {"coding": [{"system": wrong, "code": "N"}]}
    at(bundle, "entry", 1, "resource")["securityLabel"] = [label]
    for who, codes in (
        (place.who("lenient"), ("N",)),
        (place.who("pdsm-strict"), ("N", "")),
    ):
        plan = plan_of(bundle, who)
        assert isinstance(plan, Plan)
        assert cast("DepositDocument", plan.steps[0].command).codes == codes


def test_a_bundle_without_a_document_is_refused(place: Place) -> None:
    """A submission set alone deposits nothing."""
    bundle = place.example("deposit")
    bundle["entry"] = cast("list[Json]", bundle["entry"])[:1]
    found = plan_of(bundle, place.who("lenient"))
    assert isinstance(found, list)
    assert "one document or more" in found[0].message
