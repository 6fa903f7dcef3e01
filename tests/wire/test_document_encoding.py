"""A document of a record goes to the wire and comes back; what was received comes back whole."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, cast

import pytest
from fhir.resources.R4B.documentreference import DocumentReference
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model import Actor, ActorKind, identity, rpps
from etalon_model.identities import Traits, finess
from etalon_model.records.confidentiality import ALL
from etalon_model.records.nomenclature import DOCUMENT_CLASSES, DOCUMENT_TYPES
from etalon_model.records.record import (
    Author,
    Document,
    Extras,
    Form,
    Origin,
    Sheet,
    Status,
    entry_id,
    logical_id,
)
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.records.addresses import document_id, id_in, key_of, person_id, record_key
from etalon_wire.records.codings import codes_of
from etalon_wire.records.document_encoding import (
    Showing,
    document_bytes,
    document_entry,
    document_resource,
    keep,
)
from etalon_wire.records.documents import describe, known_subject, named_subject
from etalon_wire.records.pages import resource_in, write_entry
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml, write_xml

EXAMPLES: Final = Path(__file__).parent / "examples"
COMPREHENSIVE: Final = "pdsm-comprehensive-document-reference"
VALIDATOR: Final = Validator()
HOLDER: Final = identity(7, 1, Traits(date(1979, 3, 12), "F", "51", 4))
BASE: Final = "https://etalon.example/fhir"
NOON: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)
DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "8" + rpps(7, 1), "doctor")
DECIDED: Final = {"id", "meta", "identifier", "date", "subject", "securityLabel"}

WORDS: Final = st.from_regex(
    r"[A-Za-zÀ-ÿ0-9'<&\"\\]([A-Za-zÀ-ÿ0-9 '<&\"\\-]{0,20}[A-Z>])?", fullmatch=True
)
NUMBERS: Final = st.integers(1, 9_999)
INSTANTS: Final = st.integers(-(10**9), 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)) | (
    st.just(datetime(2022, 3, 27, 1, 0, 0, 123456, tzinfo=UTC))
)
DOCTORS: Final = st.builds(
    Author,
    NUMBERS.map(lambda number: "8" + rpps(7, number)),
    WORDS,
    st.just("") | WORDS,
    st.sampled_from(["", "10", "21", "SM54"]),
)
STRUCTURES: Final = st.builds(
    Author,
    NUMBERS.map(lambda number: "1" + finess(7, number))
    | st.sampled_from(["2264403106", "326440310600012", "410000000012"]),
    WORDS,
    st.just(""),
    st.sampled_from(["", "60"]),
)
PATIENTS: Final = st.builds(
    Author, NUMBERS.map(lambda number: identity(7, number).ins), WORDS, st.just("") | WORDS
)
DEVICES: Final = st.builds(Author, st.sampled_from(["system", "insurer", "lps-3.1"]), WORDS)
AUTHORS: Final = st.one_of(DOCTORS, STRUCTURES, PATIENTS, DEVICES)


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    """Authors of every kind, each once, in a structure or none."""
    authors = draw(st.lists(AUTHORS, min_size=1, max_size=3, unique_by=lambda author: author.ident))
    structure = st.just("") | NUMBERS.map(lambda number: "1" + finess(7, number))
    idents = [author.ident for author in authors]
    others = NUMBERS.map(lambda number: "8" + rpps(7, number))
    return Origin(
        tuple(authors),
        draw(structure),
        draw(st.sampled_from(idents) | others),
        draw(st.sampled_from(sorted(codes_of("facility").systems)) | st.just("264358009")),
        draw(st.sampled_from(sorted(codes_of("setting").systems))),
        draw(st.sampled_from(["fr-FR", "en"])),
    )


def cxi_of(value: str, assigner: str, kind: str) -> str:
    """An identifier as XDS writes it."""
    return f"{value}^^^{assigner}^{kind}"


REFERENCES: Final = st.builds(
    cxi_of,
    st.from_regex(r"[A-Z0-9-]{1,12}(\\[STE]\\[a-z]{0,3})?", fullmatch=True),
    st.sampled_from(["", "&1.2.250.1.999.2&ISO", "&https://hopital.example/rdv&URI"]),
    st.sampled_from(["", "urn:ihe:iti:xds:2013:order", "urn:ihe:iti:xds:2016:studyInstanceUID"]),
) | st.just("ServiceRequest/prescription-1")
EXTRAS: Final = st.builds(
    Extras,
    st.none(),
    st.lists(st.sampled_from(["YYYY001", "E11.9", "autre"]), max_size=2).map(tuple),
    st.lists(REFERENCES, max_size=2).map(tuple),
    st.just("") | WORDS,
)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Metadata of any type, class, format, author and structure."""
    kind = draw(st.sampled_from(sorted(DOCUMENT_TYPES)))
    classes = st.sampled_from(sorted(DOCUMENT_CLASSES))
    extras, started = draw(EXTRAS), draw(INSTANTS)
    lasts = draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=9)))
    return Sheet(
        draw(st.uuids().map(lambda one: f"urn:uuid:{one}") | st.just("urn:oid:1.2.250.1.999.9")),
        kind,
        DOCUMENT_TYPES[kind].class_code or draw(classes),
        draw(WORDS),
        draw(INSTANTS),
        started,
        draw(st.integers(1, 2**31 - 1)),
        draw(st.binary(min_size=20, max_size=20)).hex(),
        draw(origins()),
        Form(
            draw(st.sampled_from(["application/pdf", "text/plain", "image/png"])),
            draw(st.sampled_from(sorted(filter(None, codes_of("format").systems)))),
        ),
        replace(extras, service_end_at=None if lasts is None else started + lasts),
    )


def document(sheet: Sheet, **changes: object) -> Document:
    """A version of a document with these metadata."""
    made = Document(sheet, DOCTOR, NOON, 3, 2, ALL[0])
    return replace(made, **changes)  # type: ignore[arg-type]


def example(name: str) -> Resource:
    """An example of ours, to be changed freely."""
    return read_json((EXAMPLES / f"{name}.json").read_bytes())


def sheet_of_example() -> Sheet:
    """What the model keeps of the example."""
    return describe(example("document_reference")).sheet


@given(sheet=sheets(), confidentiality=st.sampled_from(ALL), archived=st.booleans())
@settings(max_examples=settings().max_examples // 4)
def test_what_is_written_of_metadata_reads_back_as_they_are(
    sheet: Sheet, confidentiality: object, *, archived: bool
) -> None:
    """Encoding then decoding is the identity; our validator and another reader find no error."""
    version = document(sheet, confidentiality=confidentiality, archived=archived)
    written = document_resource(HOLDER, version, None, Showing(BASE))
    described = describe(written)
    assert described.sheet == sheet
    assert set(described.codes) == set(version.confidentiality.codes)
    assert described.subject == known_subject(HOLDER)
    found = VALIDATOR.validate(written, COMPREHENSIVE, "pdsm-strict")
    assert [one for one in found if one.severity == "error"] == []
    DocumentReference.model_validate_json(write_json(written))
    in_xml = write_xml(written)
    DocumentReference.model_validate_xml(in_xml)
    assert describe(read_xml(in_xml)) == described


@given(sheet=sheets())
@settings(max_examples=settings().max_examples // 5)
def test_what_was_kept_of_metadata_written_is_what_is_written_again(sheet: Sheet) -> None:
    """Keeping what one wrote changes nothing: a server may receive its own documents."""
    version = document(sheet)
    written = document_bytes(HOLDER, version, None, Showing(BASE))
    assert document_bytes(HOLDER, version, keep(read_json(written)), Showing(BASE)) == written
    entry = write_entry(f"{BASE}/DocumentReference/{document_id(HOLDER.ins, version)}", written)
    assert document_entry(HOLDER, version, None, Showing(BASE)) == entry
    assert resource_in(entry) == written


def test_what_was_received_is_read_back_but_for_what_the_service_decides() -> None:
    """Contained resources, names, codings and displays come back to the letter."""
    received = example("document_reference")
    read = document_resource(HOLDER, document(sheet_of_example()), keep(received))
    assert {
        name for name in received.keys() | read.keys() if received.get(name) != read.get(name)
    } == {
        *DECIDED,
        "content",
    }
    held = cast("list[dict[str, Resource]]", received["content"])[0]
    held["attachment"] = {**held["attachment"], "url": f"Binary/{read['id']}"}
    assert read["content"] == received["content"]
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []


def test_further_extensions_and_identifiers_of_the_producer_stay() -> None:
    """The archive flag comes first, as the paths of patches expect; the producer's come after."""
    received = example("document_reference")
    other: Json = {"url": "https://hopital.example/bloc", "valueDecimal": read_number("1.50")}
    local: Json = {"system": "https://hopital.example/ids", "value": "42"}
    received["extension"] = [other, *cast("list[Json]", received["extension"])]
    received["identifier"] = [local, *cast("list[Json]", received["identifier"])]
    read = document_resource(HOLDER, document(sheet_of_example()), keep(received))
    assert cast("list[Resource]", read["extension"])[1:] == [other]
    assert cast("list[Resource]", read["identifier"])[2:] == [local]
    assert b"1.50" in document_bytes(HOLDER, document(sheet_of_example()), keep(received))


def read_number(written: str) -> Json:
    """A decimal with every digit."""
    return read_json(f'{{"resourceType":"A","n":{written}}}'.encode())["n"]


def test_whatever_little_was_received_is_read_back_as_json() -> None:
    """A content without a format, an attachment without anything, nothing at all."""
    version = document(sheet_of_example())
    contents: list[list[Json]] = [[{"attachment": {"title": "a"}}], [{"attachment": {}}], [{}], []]
    for content in contents:
        received: Resource = {"resourceType": "DocumentReference", "content": content}
        read = document_resource(HOLDER, version, keep(received))
        assert describe(read | {"date": "2022"}).url == f"Binary/{read['id']}"


def test_no_data_is_kept_beside_a_document() -> None:
    """The content is kept as such, not in base64."""
    kept = keep(example("simplified_publish"))
    assert b"Tm90ZSBkZSBzdWl2aS4" not in kept
    assert b'"data"' not in kept


@pytest.mark.requirement("W-REC-06")
def test_a_patient_that_only_the_subject_named_is_not_left_alone() -> None:
    """Another subject is written: what nothing refers to any more is not contained (dom-3)."""
    received = example("document_reference")
    lone: Json = {"resourceType": "Patient", "id": "lone", "gender": "female"}
    received["contained"] = [*cast("list[Json]", received["contained"]), lone]
    received["subject"] = {"reference": "#lone"}
    read = document_resource(HOLDER, document(sheet_of_example()), keep(received))
    assert VALIDATOR.validate(read, COMPREHENSIVE, "pdsm-strict") == []
    assert "lone" not in json.dumps(read)
    received["contained"] = [lone]
    received |= {"author": [], "authenticator": None, "custodian": None, "context": {}}
    alone = document_resource(HOLDER, document(sheet_of_example()), keep(received))
    assert "contained" not in alone


@pytest.mark.rule("REC-10", "REC-11")
def test_the_id_stays_and_the_entry_identifier_changes() -> None:
    """One logical identifier, an entry identifier and a version for each revision."""
    first, second = document(sheet_of_example(), revision=1), document(sheet_of_example())
    one, other = document_resource(HOLDER, first, None), document_resource(HOLDER, second, None)
    assert one["id"] == other["id"] == document_id(HOLDER.ins, second)
    assert [part["versionId"] for part in (one["meta"], other["meta"])] == ["1", "2"]  # type: ignore[index,call-overload]
    names = [[one["value"] for one in identifiers(two)] for two in (one, other)]
    assert names[0] == [entry_id(HOLDER.ins, first), logical_id(HOLDER.ins, first)]
    assert names[1] == [entry_id(HOLDER.ins, second), logical_id(HOLDER.ins, first)]
    assert names[0][0] != names[1][0]


def identifiers(resource: Resource) -> list[Resource]:
    """The identifiers of a document."""
    return cast("list[Resource]", resource["identifier"])


@pytest.mark.rule("SEC-04")
def test_no_address_holds_a_matricule() -> None:
    """Addresses begin with the key of the record, and lead back to it."""
    version = document(sheet_of_example())
    for address in (document_id(HOLDER.ins, version), person_id(HOLDER.ins)):
        assert HOLDER.ins not in address
        assert key_of(address) == record_key(HOLDER.ins)
        assert (
            logical_id(HOLDER.ins, version)
            .removeprefix("urn:uuid:")
            .startswith(record_key(HOLDER.ins))
        )


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("Binary/a-1", "a-1"),
        ("Binary/a-1/_history/2", "a-1"),
        (f"{BASE}/Binary/a-1", "a-1"),
        ("List/a-1", ""),
        ("Binary/", ""),
        ("Binary", ""),
        ("Binary/a-1/data", ""),
        ("https://elsewhere.example/fhir/Binary/a-1", ""),
        ("", ""),
    ],
)
def test_a_reference_names_an_id_of_its_kind_here(reference: str, found: str) -> None:
    """Relative or under our address, with or without a version; nothing else."""
    assert id_in(reference, "Binary", BASE) == found


@pytest.mark.parametrize(
    ("changes", "name", "wanted"),
    [
        ({}, "status", "current"),
        ({"status": Status.SUPERSEDED}, "status", "superseded"),
        ({"status": Status.DELETED}, "status", "entered-in-error"),
        ({}, "date", "2022-03-02T12:00:00Z"),
    ],
)
def test_status_and_date_are_those_of_the_version(
    changes: dict[str, object], name: str, wanted: str
) -> None:
    """Of what was received they are not believed."""
    version = document(sheet_of_example(), **changes)
    assert document_resource(HOLDER, version, keep(example("document_reference")))[name] == wanted


@pytest.mark.requirement("W-REC-37")
@pytest.mark.parametrize("confidentiality", ALL, ids=lambda one: "-".join(one.codes))
def test_every_set_of_codes_is_one_label_each_in_its_system(confidentiality: object) -> None:
    """The level under v3-Confidentiality, each code of visibility under TRE_A07."""
    version = document(sheet_of_example(), confidentiality=confidentiality)
    written = document_resource(HOLDER, version, keep(example("document_reference")))
    assert describe(written).codes == version.confidentiality.codes
    assert VALIDATOR.validate(written, COMPREHENSIVE, "pdsm-strict") == []


def test_what_a_document_replaces_is_shown_where_the_reader_sees_it() -> None:
    """An address of ours; nothing of a document that the reader does not see."""
    old, new = document(sheet_of_example(), number=1), document(sheet_of_example(), replaces=1)
    kept = keep(example("document_reference"))
    shown = document_resource(HOLDER, new, kept, Showing(BASE, replaced=old))
    assert describe(shown).replaced == f"{BASE}/DocumentReference/{document_id(HOLDER.ins, old)}"
    assert "relatesTo" not in document_resource(HOLDER, new, kept, Showing(BASE))


def test_the_last_change_and_the_address_are_told_when_known() -> None:
    """`lastUpdated` is when the version came to be; the content stands below the address."""
    changed = document(sheet_of_example(), changed_at=NOON + timedelta(microseconds=1500))
    read = document_resource(HOLDER, changed, None, Showing(BASE))
    assert cast("Resource", read["meta"])["lastUpdated"] == "2022-03-02T12:00:00.001500Z"
    assert describe(read).url == f"{BASE}/Binary/{read['id']}"


def test_words_of_the_model_are_codes_on_the_wire() -> None:
    """What the holder uploads and what the service writes are valid too."""
    for word in ("patient", "service"):
        sheet = sheet_of_example()
        sheet = replace(
            sheet,
            origin=Origin((Author(HOLDER.ins, HOLDER.ins),), "", HOLDER.ins, word, word),
            form=Form("image/png", ""),
        )
        written = document_resource(HOLDER, document(sheet), None)
        found = VALIDATOR.validate(written, COMPREHENSIVE, "pdsm-strict")
        assert {one.severity for one in found} <= {"information"}
        assert describe(written).sheet.origin.facility_type in ("EXP_PATIENT", "SA24")


def test_the_subject_is_named_by_matricule_or_by_our_address() -> None:
    """A logical reference, a conditional one, one of ours, a contained patient."""
    received = example("document_reference")
    matricule = "279035121518989"
    system = "urn:oid:1.2.250.1.213.1.4.10"
    subjects: list[tuple[Json, str, str]] = [
        ({"identifier": {"system": system, "value": matricule}}, matricule, ""),
        ({"reference": f"Patient?identifier={system}|{matricule}"}, matricule, ""),
        ({"reference": f"Patient/{person_id(matricule)}"}, "", record_key(matricule)),
        ({"reference": f"{BASE}/Patient/{person_id(matricule)}"}, "", record_key(matricule)),
        ({"reference": "#patient"}, matricule, ""),
    ]
    logical: Json = {"system": system, "value": matricule}
    both: Json = {"reference": f"Patient/{person_id(matricule)}", "identifier": logical}
    subjects.append((both, matricule, record_key(matricule)))
    for subject, ins, key in subjects:
        received["subject"] = subject
        named = named_subject(received, BASE)
        assert named is not None
        assert (named.ins, named.key) == (ins, key)
    nobody: list[Json] = [
        {"reference": f"Patient/{person_id('somebody else')}", "identifier": logical},
        {"reference": "Patient/42"},
        {"identifier": {"system": "urn:oid:1.2.3", "value": matricule}},
        {
            "identifier": {
                "system": system,
                "value": matricule,
                "type": {"coding": [{"code": "NH"}]},
            }
        },
        {},
    ]
    for subject in nobody:
        received["subject"] = subject
        assert named_subject(received, BASE) is None
