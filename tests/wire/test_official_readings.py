"""The official examples, and ours on the same ground: what the model keeps of each, and why."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposit_scene import BASE, Place, empty_record
from etalon_wire.json_body import Json, Resource, read_json
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import Described, describe
from etalon_wire.records.instants import written
from etalon_wire.records.lists import keep_list, kept_list_resource, kind_of_list
from etalon_wire.records.plans import Plan
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan
from etalon_wire.validation.reading import parts
from etalon_wire.validation.validator import Validator
from import_table import ROOT
from spots import Spot, put, spots

HERE: Final = Path(__file__).parent
FOLDERS: Final = {
    "own": HERE / "examples",
    "pdsm": ROOT.parent / "shared" / "samples" / "pdsm" / "examples",
}
VALIDATOR: Final = Validator()


@cache
def rows() -> list[dict[str, str]]:
    """What is expected of each example."""
    with (HERE / "official_readings.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def example(folder: str, name: str) -> Resource:
    """An example, to be changed freely."""
    return read_json((FOLDERS[folder] / f"{name}.json").read_bytes())


PRESENT: Final = [
    row for row in rows() if (FOLDERS[row["folder"]] / f"{row['example']}.json").exists()
]

READERS: Final[dict[str, Callable[[Described], str]]] = {
    "unique_id": lambda one: one.sheet.unique_id,
    "type_code": lambda one: one.sheet.type_code,
    "class_code": lambda one: one.sheet.class_code,
    "created_at": lambda one: written(one.sheet.created_at),
    "sha1": lambda one: one.sheet.sha1,
    "size_bytes": lambda one: str(one.sheet.size_bytes),
    "author": lambda one: one.sheet.origin.authors[0].ident,
    "authenticator": lambda one: one.sheet.origin.authenticator,
    "organisation": lambda one: one.sheet.origin.organisation,
    "facility_type": lambda one: one.sheet.origin.facility_type,
    "practice_setting": lambda one: one.sheet.origin.practice_setting,
    "format_code": lambda one: one.sheet.form.format_code,
    "event_codes": lambda one: " ".join(one.sheet.extras.event_codes),
    "references": lambda one: " ".join(one.sheet.extras.references),
    "codes": lambda one: " ".join(code or "?" for code in one.codes).replace(" ?", "?"),
    "subject": lambda one: one.subject.ins if one.subject else "",
}


@pytest.mark.parametrize(
    "row", PRESENT, ids=lambda row: f"{row['folder']}/{row['example']}/{row['field']}"
)
def test_each_field_of_an_example_is_read_as_the_table_says(row: dict[str, str]) -> None:
    """Ours everywhere, the official ones where they are."""
    described = describe(example(row["folder"], row["example"]))
    assert READERS[row["field"]](described) == row["value"]


def test_every_official_document_is_read() -> None:
    """Where the folder of samples is, no DocumentReference of it is passed over."""
    told = {row["example"] for row in rows() if row["folder"] == "pdsm"}
    present = {file.stem for file in FOLDERS["pdsm"].glob("DocumentReference-*.json")}
    assert present in (set(), told)


LISTS: Final = [
    (folder, name)
    for folder, name in (
        ("own", "submission_set"),
        ("own", "folder"),
        ("pdsm", "List-ExampleSubmissionSet"),
        ("pdsm", "List-ExampleFolder"),
    )
    if (FOLDERS[folder] / f"{name}.json").exists()
]


@pytest.mark.parametrize(("folder", "name"), LISTS)
def test_a_list_received_is_read_back_but_for_what_the_service_decides(
    folder: str, name: str
) -> None:
    """Contained resources, extensions, identifiers, titles and notes to the letter."""
    place = empty_record()
    version = place.rehearsal.put()
    received = example(folder, name)
    kept = keep_list(received, place.identity.ins, [version.unique_id], place.rehearsal.now)
    assert kept.kind == kind_of_list(received)
    read = kept_list_resource(place.identity, kept, place.documents, BASE)
    assert read is not None
    differ = {one for one in received.keys() | read.keys() if received.get(one) != read.get(one)}
    assert differ <= {"id", "meta", "date", "subject", "entry"}
    assert parts(read, "contained") == parts(received, "contained")


SIMPLIFIED: Final = [
    (folder, name)
    for folder, name in (
        ("own", "wrong_bytes"),
        ("pdsm", "DocumentReference-PDSmSimplifiedExample"),
    )
    if (FOLDERS[folder] / f"{name}.json").exists()
]


@pytest.mark.parametrize(("folder", "name"), SIMPLIFIED)
def test_what_passes_with_warnings_is_taken_in_and_read_without(folder: str, name: str) -> None:
    """Size and digest of an example are wrong: read back they are those of its content."""
    place = empty_record()
    sent = example(folder, name)
    system = f"urn:oid:{place.identity.oid}"
    sent["subject"] = {"identifier": {"system": system, "value": place.identity.ins}}
    _before_now(sent)
    read = place.carry_out(simplified_plan(sent, place.who("pdsm4dmp")))[0]
    found = VALIDATOR.validate(read, "pdsm-comprehensive-document-reference", "pdsm4dmp")
    assert {one.expression for one in found if one.severity != "information"} <= {
        "DocumentReference.masterIdentifier.value"
    }


def _before_now(sent: Resource) -> None:
    """Date an example before the day of the test: a document is no younger than its deposit."""
    for one in parts(sent, "content"):
        attachment = cast("Resource", one["attachment"])
        attachment["creation"] = "2022-01-05T09:00:00+01:00"


ANYTHING: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=5)
    | st.just("#patient"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@cache
def scene() -> tuple[Place, list[Spot], list[Spot]]:
    """A record, and the places of a bundle and of a simplified deposit."""
    place = empty_record()
    return place, spots(place.example("deposit")), spots(place.example("simplified_publish"))


@given(data=st.data(), value=ANYTHING, is_bundle=st.booleans())
def test_whatever_stands_anywhere_a_deposit_is_a_plan_or_is_refused(
    data: st.DataObject, value: Json, *, is_bundle: bool
) -> None:
    """Even what no validator saw: a plan, findings or a malformed body, never anything else."""
    place, in_bundle, in_document = scene()
    sent = place.example("deposit" if is_bundle else "simplified_publish")
    where = data.draw(st.sampled_from(in_bundle if is_bundle else in_document))
    put(sent, where, value)
    plan = plan_of if is_bundle else simplified_plan
    try:
        made = plan(sent, place.who("lenient"))
    except Malformed:
        return
    assert isinstance(made, Plan) or made
