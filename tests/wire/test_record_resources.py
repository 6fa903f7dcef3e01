"""What goes with documents: people, contents, dates, authors, pages, as others read them too."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.list import List
from fhir.resources.R4B.patient import Patient

from deposit_scene import BASE, empty_record
from etalon_model import CloseSpace, Route, State, vintage
from etalon_model.records.record import Author, Origin
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_wire.bundles import Hit, searchset
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.records.addresses import list_id, person_id, record_key
from etalon_wire.records.binaries import binary_resource, content_of
from etalon_wire.records.codings import act, code_of, codes_of, coding
from etalon_wire.records.document_encoding import Showing, document_bytes
from etalon_wire.records.instants import instant_of, span_of, written
from etalon_wire.records.lists import derived_set, folder_resource
from etalon_wire.records.pages import write_searchset
from etalon_wire.records.parties import (
    parties_of,
    party_of,
    professional_identifiers,
    structure_identifiers,
)
from etalon_wire.records.patients import (
    ATTACHED,
    ATTENDING,
    CLOSING,
    patient_resource,
    standing_of,
)
from etalon_wire.records.related_objects import cxi, kept_reference, related_of
from etalon_wire.validation.reading import part, parts, text
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import write_xml

VALIDATOR: Final = Validator()
UTC_NOON: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)

OPEN: Final = [State.OPEN_ACTIVE, State.OPEN_INACTIVE]
CLOSED: Final = [State.SUSPENDED, State.CLOSED_ARCHIVED, State.DELETION_RUNNING, State.DECEASED]
NONE: Final = [State.NOT_NOTIFIED, State.NOTIFIED, State.OPPOSED, State.PURGED]


@pytest.mark.requirement("W-REC-40", "W-COM-05", "W-COM-06", "W-COM-07")
@pytest.mark.parametrize("state", [*OPEN, *CLOSED, *NONE])
def test_a_record_is_told_open_or_closed_or_not_at_all(state: State) -> None:
    """From the opening of a space until its content is erased; the identity is qualified."""
    place = RecordRehearsal(vintage("launch-2022"))
    ins = place.sandbox.person()
    place.sandbox.bring(ins, state)
    standing = standing_of(place.sandbox.service.person(ins), attending=True)
    if state in NONE:
        assert standing is None
        return
    assert standing is not None
    made = patient_resource(standing)
    assert made["active"] is (state in OPEN)
    assert VALIDATOR.validate(made, "fr-core-patient-ins", "pdsm-strict") == []
    Patient.model_validate_json(write_json(made))
    Patient.model_validate_xml(write_xml(made))
    told = {text(one, "url"): one for one in parts(made, "extension")}
    assert told[ATTENDING]["valueBoolean"] is True
    assert told[ATTACHED]["valueBoolean"] is (state is State.OPEN_ACTIVE)
    assert (CLOSING in told) is (state in CLOSED and state is not State.SUSPENDED)


def test_a_closed_record_says_when_and_why() -> None:
    """The day in Paris, and at whose request."""
    place = RecordRehearsal(vintage("launch-2022"))
    place.sandbox.do(CloseSpace(place.now, place.holder, place.ins, Route.WEB, True))  # noqa: FBT003 (the password was typed again)
    standing = standing_of(place.sandbox.service.person(place.ins))
    assert standing is not None
    closing = [
        one for one in parts(patient_resource(standing), "extension") if one["url"] == CLOSING
    ]
    told = {text(one, "url"): one for one in parts(closing[0], "extension")}
    assert told["dateFermeture"]["valueDate"] == "2022-02-01"
    reason = part(told["motifFermeture"], "valueCodeableConcept")
    assert text(parts(reason, "coding")[0], "code") == "patient-demande"
    assert standing.attending is None


def test_no_patient_of_a_professional_who_did_not_ask_says_attending() -> None:
    """The extension is there only where the question was put."""
    place = empty_record()
    standing = standing_of(place.rehearsal.sandbox.service.person(place.identity.ins))
    assert standing is not None
    assert ATTENDING not in json.dumps(patient_resource(standing))


def test_lists_are_read_by_others() -> None:
    """In JSON and in XML."""
    place = empty_record()
    version = place.rehearsal.put()
    folder = folder_resource(place.identity, "Été", [version], BASE)
    assert folder is not None
    for made in (derived_set(place.identity, version, BASE), folder):
        List.model_validate_json(write_json(made))
        List.model_validate_xml(write_xml(made))


def test_a_content_goes_to_a_binary_and_back() -> None:
    """Its media type and its bytes."""
    made = binary_resource("a", "application/pdf", b"%PDF\x00")
    assert content_of(made) == ("application/pdf", b"%PDF\x00")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "required"),
        ({"data": ""}, "required"),
        ({"data": "%"}, "value"),
        ({"data": 1}, "required"),
    ],
)
def test_a_binary_without_a_content_is_malformed(members: Resource, code: str) -> None:
    """The place is said."""
    with pytest.raises(Malformed) as refused:
        content_of({"resourceType": "Binary", **members}, "Bundle.entry[1].resource")
    assert (refused.value.code, refused.value.expression) == (code, "Bundle.entry[1].resource.data")


SPANS: Final = [
    ("2022", "2021-12-31T23:00:00Z", "2022-12-31T23:00:00Z"),
    ("2024", "2023-12-31T23:00:00Z", "2024-12-31T23:00:00Z"),
    ("2022-02", "2022-01-31T23:00:00Z", "2022-02-28T23:00:00Z"),
    ("2022-03-27", "2022-03-26T23:00:00Z", "2022-03-27T22:00:00Z"),
    ("2022-10-30", "2022-10-29T22:00:00Z", "2022-10-30T23:00:00Z"),
    ("2022-03-02T10:05", "2022-03-02T09:05:00Z", "2022-03-02T09:06:00Z"),
    ("2022-03-02T10:05:00+01:00", "2022-03-02T09:05:00Z", "2022-03-02T09:05:01Z"),
    ("2022-03-02T10:05:00-05:30", "2022-03-02T15:35:00Z", "2022-03-02T15:35:01Z"),
    ("2022-03-02T10:05:00.25Z", "2022-03-02T10:05:00.250000Z", "2022-03-02T10:05:00.260000Z"),
    ("2022-03-02T10:05:00.1234567Z", "2022-03-02T10:05:00.123456Z", "2022-03-02T10:05:00.123457Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"),
    ("9999-12-31", "9999-12-30T23:00:00Z", "9999-12-31T22:59:59.999999Z"),
    ("0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T23:50:39Z"),
]


@pytest.mark.parametrize(("text_of_date", "start", "end"), SPANS, ids=[one[0] for one in SPANS])
def test_a_date_is_a_span_of_instants(text_of_date: str, start: str, end: str) -> None:
    """Days are civil days in Paris; years end where the calendar does."""
    span = span_of(text_of_date)
    assert span is not None
    assert [written(one) for one in span] == [start, end]


@pytest.mark.parametrize(
    "wrong",
    ["", "2022-13", "2022-02-30", "22-01-01", "2022-01-01T25:00Z", "0000", "\u0662022", "2022-"],
)
def test_what_is_no_date_is_none(wrong: str) -> None:
    """And says so where an instant is asked for."""
    assert span_of(wrong) is None
    with pytest.raises(Malformed, match="date"):
        instant_of(wrong, "DocumentReference.date")


IDENTIFIERS: Final[list[tuple[str, list[str]]]] = [
    ("810101201234", ["urn:oid:1.2.250.1.71.4.2.1", "https://rpps.esante.gouv.fr"]),
    ("0123456789", ["urn:oid:1.2.250.1.71.4.2.1"]),
    ("3750712184/42", ["urn:oid:1.2.250.1.71.4.2.1"]),
    ("anything", [""]),
    ("", []),
]


@pytest.mark.rule("ID-03")
@pytest.mark.parametrize(("ident", "systems"), IDENTIFIERS)
def test_a_professional_bears_every_identifier_that_theirs_holds(
    ident: str, systems: list[str]
) -> None:
    """IDNPS, and the RPPS number after the 8; what is neither stands without a system."""
    made = cast("list[Resource]", professional_identifiers(ident))
    assert [text(one, "system") for one in made] == systems


STRUCTURES: Final = [
    ("1750712184", ["urn:oid:1.2.250.1.71.4.2.2", "https://finess.esante.gouv.fr"]),
    ("2264403106", ["urn:oid:1.2.250.1.71.4.2.2", "https://sirene.fr"]),
    ("326440310600012", ["urn:oid:1.2.250.1.71.4.2.2", "https://sirene.fr"]),
    ("410101201234001", ["urn:oid:1.2.250.1.71.4.2.2", "https://rppsrang.esante.gouv.fr"]),
    ("0123456789", ["urn:oid:1.2.250.1.71.4.2.2"]),
    ("anything", [""]),
]


@pytest.mark.rule("ID-04")
@pytest.mark.parametrize(("ident", "systems"), STRUCTURES)
def test_a_structure_bears_every_identifier_that_its_own_holds(
    ident: str, systems: list[str]
) -> None:
    """IDNST, and the number of its register; read back from any of them alone."""
    made = cast("list[Resource]", structure_identifiers(ident))
    assert [text(one, "system") for one in made] == systems
    for one in made:
        reference: Resource = {"identifier": one}
        assert party_of(reference, {})[0].ident == ident


REFERENCES: Final[list[tuple[Resource, Author]]] = [
    ({"reference": "Practitioner/1", "display": "Dr A"}, Author("Practitioner/1", "Dr A")),
    ({"reference": "#nobody"}, Author("", "")),
    ({"identifier": {"system": "https://rpps.esante.gouv.fr", "value": "1"}}, Author("81", "")),
    ({"display": "Dr A"}, Author("", "Dr A")),
    ({"reference": "#device"}, Author("lps", "Logiciel", "", "")),
    ({"reference": "#role"}, Author("p-1", "A", "B C", "10")),
    ({"reference": "#structure"}, Author("1750712184", "Hôpital")),
    ({"reference": "#relative"}, Author("279035121518989", "D", "E")),
    ({"reference": "#named"}, Author("x", "Dr F")),
]
CONTAINED: Final[list[Resource]] = [
    {
        "resourceType": "Device",
        "id": "device",
        "identifier": [{"value": "lps"}],
        "deviceName": [{"name": "Logiciel"}],
    },
    {
        "resourceType": "PractitionerRole",
        "id": "role",
        "practitioner": {"reference": "#practitioner"},
        "code": [{"coding": [{"code": "10"}]}],
    },
    {
        "resourceType": "Practitioner",
        "id": "practitioner",
        "identifier": [{"value": "p-1"}],
        "name": [{"family": "Z"}, {"use": "official", "family": "A", "given": ["B", "C"]}],
    },
    {
        "resourceType": "Organization",
        "id": "structure",
        "identifier": [{"system": "https://finess.esante.gouv.fr", "value": "750712184"}],
        "name": "Hôpital",
    },
    {
        "resourceType": "RelatedPerson",
        "id": "relative",
        "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "279035121518989"}],
        "name": [{"family": "D", "given": ["E"]}],
    },
    {
        "resourceType": "Practitioner",
        "id": "named",
        "identifier": [{"value": "x"}],
        "name": [{"text": "Dr F"}],
    },
]


@pytest.mark.parametrize(("reference", "author"), REFERENCES)
def test_an_author_is_whomever_a_reference_leads_to(reference: Resource, author: Author) -> None:
    """A contained resource of any kind, an identifier, an address that is not ours, a name."""
    held = {f"#{one['id']}": one for one in CONTAINED}
    assert party_of(reference, held)[0] == author


def test_parties_are_made_once_for_one_origin() -> None:
    """A structure that wrote the document is the one that keeps it."""
    origin = Origin(
        (Author("1750712184", "Hôpital", "", "60"),), "1750712184", "1750712184", "", ""
    )
    made = parties_of(origin)
    assert made is parties_of(origin)
    assert [one["resourceType"] for one in made.contained] == ["Organization", "PractitionerRole"]
    assert made.contained[0]["name"] == "Hôpital"
    assert made.authenticator is None


def test_a_code_stands_in_its_system_with_its_label() -> None:
    """Known codes bear both; others stand alone; the first known one is read."""
    assert coding("type", "11488-4")["system"] == "http://loinc.org"
    assert coding("facility", "unknown") == {"code": "unknown"}
    assert codes_of("format").labels["urn:ihe:iti:xds-sd:pdf:2008"].startswith("Document")
    several: Resource = {"coding": [{"code": "local"}, {"code": "34133-9"}]}
    assert code_of("type", several) == "34133-9"
    assert code_of("type", {"coding": [{"code": "local"}]}) == "local"
    assert code_of("type", {}) == ""


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("YYYY001", "urn:oid:1.2.250.1.213.2.5"),
        ("E11.9", "urn:oid:2.16.840.1.113883.6.3"),
        ("x", ""),
    ],
)
def test_the_system_of_an_act_is_told_by_its_shape(code: str, system: str) -> None:
    """CCAM and CIM-10; any other code stands alone."""
    assert text(parts(act(code), "coding")[0], "system") == system


@pytest.mark.parametrize(
    ("system", "value", "kind", "kept"),
    [
        (
            "urn:oid:1.2.3",
            "A-1",
            "urn:ihe:iti:xds:2013:order",
            "A-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order",
        ),
        ("https://a.example", "A^B&C\\D", "", "A\\S\\B\\T\\C\\E\\D^^^&https://a.example&URI^"),
        ("", "A", "", "A^^^^"),
    ],
)
def test_a_related_object_is_kept_as_xds_writes_it(
    system: str, value: str, kind: str, kept: str
) -> None:
    """Signs that part the fields are escaped, and come back."""
    assert cxi(system, value, kind) == kept
    assert kept_reference(related_of(kept)) == kept


def test_a_page_written_from_bytes_is_the_page_built_of_objects() -> None:
    """The same bundle to the letter, with an outcome and without, and read by others."""
    found: list[Resource] = [{"resourceType": "Patient", "id": str(rank)} for rank in range(3)]
    outcome: Resource = {"resourceType": "OperationOutcome", "issue": []}
    links = {"self": f"{BASE}/Patient?name=é&_count=3", "next": f"{BASE}/Patient?_page=x"}
    for said in (None, outcome):
        for shown in (found, []):
            hits = [Hit(f"{BASE}/Patient/{one['id']}", one) for one in shown]
            bodies = [(hit.full_url, write_json(hit.resource)) for hit in hits]
            page = write_searchset(bodies, 7, links, said)
            assert page == write_json(searchset(hits, 7, links, said))
    whole = write_searchset([(f"{BASE}/Patient/1", write_json(found[1]))], 1, links)
    Bundle.model_validate_json(whole)
    assert read_json(whole)["total"] == 1


@pytest.mark.requirement("W-REC-22", "W-REC-26")
def test_pages_of_documents_and_lists_are_what_a_consumer_may_expect() -> None:
    """Searchsets of the two profiles of PDSm, and readable by others in XML."""
    place = empty_record()
    versions = [place.rehearsal.put(), place.rehearsal.put()]
    documents = [document_bytes(place.identity, one, None, Showing(BASE)) for one in versions]
    lists = [write_json(derived_set(place.identity, one, BASE)) for one in versions]
    for profile, kind, bodies in (
        ("pdsm-find-documentreferences-comprehensive-response", "DocumentReference", documents),
        ("pdsm-find-lists-response", "List", lists),
    ):
        found = [(f"{BASE}/{kind}/{json.loads(one)['id']}", one) for one in bodies]
        page = read_json(write_searchset(found, 2, {"self": f"{BASE}/{kind}"}))
        assert VALIDATOR.validate(page, profile, "pdsm-strict") == []
        Bundle.model_validate_xml(write_xml(page))


def test_lists_and_people_have_addresses_of_their_own() -> None:
    """No two alike, and all with the key of their record."""
    names = {person_id("1"), list_id("1", "a"), list_id("1", "b"), list_id("2", "a")}
    assert len(names) == 4
    assert all(one.startswith((record_key("1"), record_key("2"))) for one in names)


def test_a_day_after_is_a_day_later() -> None:
    """Instants of the model are written to the microsecond where they have any."""
    assert written(UTC_NOON + timedelta(microseconds=5)) == "2022-03-02T12:00:00.000005Z"
    assert instant_of("2022-03-02T12:00:00.000005Z", "") == UTC_NOON + timedelta(microseconds=5)
    born: Json = date(1979, 3, 12).isoformat()
    assert span_of(str(born)) is not None


@pytest.mark.parametrize("fraction", ["", ".5", ".123", ".123456", ".1234567"])
@pytest.mark.parametrize("second", ["00", "59", "60"])
@pytest.mark.parametrize("zone", ["Z", "+01:00", "-23:59", "+14:00", ""])
@pytest.mark.parametrize("year", ["0001", "2022", "9999"])
def test_an_instant_is_the_start_of_the_span_it_names(
    year: str, zone: str, second: str, fraction: str
) -> None:
    """Leap seconds, offsets, fractions and the ends of time, read the short way or the long one."""
    text = f"{year}-01-01T00:00:{second}{fraction}{zone}"
    span = span_of(text)

    assert span is not None
    assert instant_of(text, "") == span[0]
