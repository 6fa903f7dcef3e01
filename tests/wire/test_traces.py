"""Traces that a source sends: what they tell, what is refused of them, how they are told again."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from etalon_model import Actor, ActorKind, LogRow, identity
from etalon_model.access_log import Family, deed_of
from etalon_wire.audit import DICOM, events_of
from etalon_wire.event_searching import EventSearch, read_event_search
from etalon_wire.json_body import Resource
from etalon_wire.malformed import Malformed
from etalon_wire.records.addresses import Named, key_of, person_id, record_key
from etalon_wire.traces import BYTES_MOST, Sent, keep_trace, kept_trace_from, read_trace
from etalon_wire.validation.validator import Validator

BASE: Final = "https://etalon.test/fhir"
NOW: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)
WHO: Final = identity(7, 1)
RPPS: Final = "10100000017"
DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, f"8{RPPS}", "doctor")
HOSPITAL: Final = Actor(ActorKind.STRUCTURE, "1750712184")
ROLES: Final = "http://terminology.hl7.org/CodeSystem/object-role"
MATRICULE: Final[Resource] = {"system": f"urn:oid:{WHO.oid}", "value": WHO.ins}
PATIENT: Final[Resource] = {
    "what": {"identifier": MATRICULE},
    "role": {"system": ROLES, "code": "1"},
}
TRACE: Final[dict[str, Any]] = {
    "resourceType": "AuditEvent",
    "type": {"system": DICOM, "code": "110106"},
    "subtype": [{"system": "urn:ihe:event-type-code", "code": "ITI-68"}],
    "action": "R",
    "period": {"start": "2022-03-02T11:58:00Z"},
    "recorded": "2022-03-02T11:59:00Z",
    "outcome": "0",
    "agent": [
        {
            "who": {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": RPPS}},
            "role": [{"coding": [{"system": "urn:roles", "code": "doctor"}]}],
            "altId": "am42",
            "name": "Alix Moreau",
            "requestor": True,
        }
    ],
    "source": {
        "observer": {
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
        }
    },
    "entity": [PATIENT],
}


def trace(**changed: object) -> dict[str, Any]:
    """A trace of one reading, changed."""
    return {**deepcopy(TRACE), **changed}


def read(resource: Resource, sender: Actor = DOCTOR) -> Sent:
    """What a trace tells, which is well."""
    sent = read_trace(resource, sender, NOW, BASE)
    assert isinstance(sent, Sent), sent
    return sent


def test_a_trace_tells_whose_space_and_of_which_transaction() -> None:
    """By matricule, by an address of ours, by a patient that it holds; valid as TDE asks."""
    by_address = {**PATIENT, "what": {"reference": f"{BASE}/Patient/{person_id(WHO.ins)}"}}
    held: Resource = {"resourceType": "Patient", "id": "p", "identifier": [MATRICULE]}
    by_part = {**PATIENT, "what": {"reference": "#p"}}

    findings = Validator().validate(trace(), "tde-auditevent", "pdsm-strict")
    assert [one.code for one in findings if one.severity != "warning"] == []
    assert read(trace())[:2] == (Named(WHO.ins), "ITI-68")
    assert read(trace(entity=[by_address])).who == Named(key=record_key(WHO.ins))
    assert read(trace(entity=[by_part], contained=[held])).who == Named(WHO.ins)
    assert read(trace(subtype=[{"system": "urn:other", "code": "ITI-68"}])).transaction == ""
    assert read(trace(entity=[{"what": {"reference": "DocumentReference/1"}}, PATIENT])).who


@pytest.mark.parametrize(
    ("sender", "changed"),
    [
        (DOCTOR, {}),
        (HOSPITAL, {}),
        (DOCTOR, {"agent": [{"who": {"reference": f"Practitioner/8{RPPS}"}, "requestor": True}]}),
        (
            DOCTOR,
            {
                "agent": [{"who": {"reference": "#d"}, "requestor": False}],
                "contained": [
                    {
                        "resourceType": "Practitioner",
                        "id": "d",
                        "identifier": [
                            {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": f"8{RPPS}"}
                        ],
                    }
                ],
            },
        ),
    ],
)
def test_who_sends_a_trace_is_in_it(sender: Actor, changed: dict[str, object]) -> None:
    """An agent or the observer, by any of their identifiers."""
    assert read(trace(**changed), sender).who == Named(WHO.ins)


@pytest.mark.parametrize(
    ("changed", "element"),
    [
        ({"entity": []}, "entity"),
        ({"entity": [{"what": {"reference": "DocumentReference/1"}}]}, "entity"),
        ({"entity": [{**PATIENT, "what": {"display": "someone"}}]}, "entity"),
        (
            {"entity": [PATIENT, {**PATIENT, "what": {"reference": f"Patient/{person_id('1')}"}}]},
            "entity",
        ),
        ({"recorded": "2022-03-02T12:05:01Z"}, "recorded"),
        ({"period": {"start": "2022-03-02T11:59:01Z"}}, "period.start"),
        (
            {
                "agent": [{"who": {"display": "A doctor"}, "requestor": True}],
                "source": {"observer": {"reference": "Device/1"}},
            },
            "agent",
        ),
    ],
)
def test_what_a_trace_may_not_say_is_refused_where_it_says_it(
    changed: dict[str, object], element: str
) -> None:
    """Nobody's space or two people's, a time to come, what somebody else did."""
    found = read_trace(trace(**changed), DOCTOR, NOW, BASE)

    assert isinstance(found, list)
    assert [one.expression for one in found] == [f"AuditEvent.{element}"]


def test_clocks_may_differ_by_five_minutes() -> None:
    """The source's may be ahead of ours."""
    assert read(trace(recorded="2022-03-02T12:05:00Z")).who == Named(WHO.ins)


def test_a_trace_that_is_too_long_is_refused() -> None:
    """The log of a space is read as a whole."""
    long = trace(outcomeDesc="x" * BYTES_MOST)
    with pytest.raises(Malformed):
        read_trace(long, DOCTOR, NOW, BASE)


def test_a_trace_is_told_as_it_was_sent_under_an_address_of_ours() -> None:
    """Whatever address and version it came with; kept and read again it is the same."""
    came = trace(id="mine", meta={"versionId": "7", "source": "urn:software", "profile": ["urn:p"]})
    kept = keep_trace(read(came), WHO.ins, NOW)
    again = kept_trace_from(kept.to_bytes())

    assert again == kept
    told = again.resource()
    assert key_of(kept.event_id) == record_key(WHO.ins)
    assert told["id"] == kept.event_id
    assert told["meta"] == {
        "versionId": "1",
        "lastUpdated": "2022-03-02T12:00:00Z",
        "source": "urn:software",
        "profile": ["urn:p"],
    }
    assert {k: v for k, v in told.items() if k not in {"id", "meta"}} == trace()
    assert keep_trace(read(came), WHO.ins, NOW).event_id != kept.event_id


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("date=ge2022-03-02", True),
        ("date=ge2022-03-02T11:59:30Z", False),
        ("date=ge2022&period-start=le2022-03-02T11:58:00Z", True),
        ("date=ge2022&TDE_AuditEvent_period-start=gt2022-03-02T11:58:00Z", False),
        ("date=ge2022&type=110106", True),
        ("date=ge2022&type=rest", False),
        ("date=ge2022&subtype=urn:ihe:event-type-code|ITI-68", True),
        ("date=ge2022&subtype=ITI-67", False),
        ("date=ge2022&outcome=0", True),
        ("date=ge2022&outcome=4", False),
        (f"date=ge2022&agent.identifier=https://rpps.esante.gouv.fr|{RPPS}", True),
        (f"date=ge2022&agent=Practitioner/8{RPPS}", True),
        ("date=ge2022&agent=Practitioner/899700366240", False),
        ("date=ge2022&agent-role=doctor", True),
        ("date=ge2022&agent-role=urn:other|doctor", False),
        ("date=ge2022&agent-name=alìx", True),
        ("date=ge2022&agent-name=moreau,dupont", False),
        ("date=ge2022&altId=am42", True),
        ("date=ge2022&altId=am4", False),
    ],
)
def test_a_trace_is_found_by_what_it_says(query: str, found: bool) -> None:  # noqa: FBT001 (a case)
    """By its own dates, codes and agents."""
    asked = [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]
    search = read_event_search(asked, strict=True)

    assert isinstance(search, EventSearch)
    assert search.search.matches(keep_trace(read(trace()), WHO.ins, NOW)) is found


def test_the_newest_come_first_and_what_comes_between_two_pages_moves_nothing() -> None:
    """A trace that came late about an early event stands where it belongs, in the next search."""
    row = LogRow(NOW, WHO.ins, DOCTOR, deed_of("ReadDocument", Family.DOCUMENTS))
    rows = events_of([row])
    late = keep_trace(read(trace()), WHO.ins, NOW + timedelta(minutes=1))

    def found(newest: str = "") -> list[str]:
        more = [("_newest", newest)] if newest else []
        search = read_event_search([("date", "ge2022"), *more], strict=True)
        assert isinstance(search, EventSearch)
        return [one.event_id for one in search.among([*rows, late])]

    assert found() == [rows[0].event_id, late.event_id]
    assert found(rows[0].event_id) == [rows[0].event_id]
