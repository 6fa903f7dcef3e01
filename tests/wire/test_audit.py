"""Rows of the log as AuditEvent: valid, addressed, and found by what is searched."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Actor, ActorKind, Family, LogRow, identity
from etalon_model.access_log import deed_of
from etalon_model.command_codec import command_types
from etalon_wire.audit import DICOM, LOG_KINDS, event_kinds, event_resource, events_of
from etalon_wire.event_searching import EventSearch, read_event_search
from etalon_wire.json_body import Resource, write_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import key_of, record_key
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml, write_xml

WHO = identity(7, 1)
AT = datetime(2023, 3, 2, 10, 5, 7, 123456, tzinfo=UTC)
DOCTOR, COLLEAGUE = "810101010101", "810101010202"
VALIDATOR = Validator()


def row(action: str, actor: Actor | None = None, at: datetime = AT, refused: str = "") -> LogRow:
    """A row of the log."""
    who = actor or Actor(ActorKind.PROFESSIONAL, DOCTOR, "doctor")
    return LogRow(at, WHO.ins, who, deed_of(action, Family.GENERAL, "", refused))


def resource(one: LogRow) -> Resource:
    """The AuditEvent of a row."""
    return event_resource(WHO, events_of([one])[0])


@given(
    st.sampled_from(sorted(command_types())),
    st.sampled_from(list(ActorKind)),
    st.sampled_from([WHO.ins, DOCTOR, "10B0172805", "insurer", "1.2.250.1.999.4"]),
    st.sampled_from(["", "NO_CONSENT"]),
    st.sampled_from(["", COLLEAGUE, "email"]),
)
def test_every_row_is_a_valid_event_that_others_read(
    action: str, kind: ActorKind, ident: str, refused: str, detail: str
) -> None:
    """TDE finds nothing wrong with what any command of any actor leaves (W-AUD-02)."""
    deed = deed_of(action, Family.DOCUMENTS, detail, refused)
    event = event_resource(WHO, events_of([LogRow(AT, WHO.ins, Actor(kind, ident), deed)])[0])

    assert VALIDATOR.validate(event, "tde-auditevent", "pdsm-strict") == []
    AuditEvent.model_validate_json(write_json(event))
    assert read_xml(write_xml(event)) == event
    assert event["outcome"] == ("4" if refused else "0")


@pytest.mark.parametrize(
    ("action", "code", "subtype", "roles"),
    [
        ("DepositDocument", "110107", "ITI-65", ["110153", "110152"]),
        ("SearchDocuments", "110112", "ITI-67", ["110153", "110152"]),
        ("ReadDocument", "110106", "ITI-68", ["110152", "110153"]),
    ],
)
def test_a_transaction_of_ihe_has_the_codes_of_its_audit_profile(
    action: str, code: str, subtype: str, roles: list[str]
) -> None:
    """Type, subtype, source and destination, and whose space it was."""
    event = resource(row(action))

    agents = cast("list[Resource]", event["agent"])
    entity = cast("list[Resource]", event["entity"])[0]
    assert event["type"] == {"system": DICOM, "code": code}
    assert event["subtype"] == [{"system": "urn:ihe:event-type-code", "code": subtype}]
    assert [one["type"] for one in agents] == [
        {"coding": [{"system": DICOM, "code": role}]} for role in roles
    ]
    assert [one["requestor"] for one in agents] == [True, False]
    assert (entity["type"], entity["role"]) == (
        {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1"},
        {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1"},
    )


def test_every_command_in_the_table_is_one_of_the_model() -> None:
    """The table names what the log names."""
    assert event_kinds().keys() <= command_types().keys()


def test_equal_rows_of_one_instant_have_addresses_of_their_own_that_stay() -> None:
    """Addresses lead back to the record, and later rows change none."""
    rows = [row("ReadDocument"), row("ReadDocument"), row("SearchDocuments")]

    before = [one.event_id for one in events_of(rows)]
    later = [one.event_id for one in events_of([*rows, row("ReadDocument")])]

    assert later[:3] == before
    assert len(set(later)) == 4
    assert {key_of(one) for one in later} == {record_key(WHO.ins)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ([("date", "ge2023-03-02")], True),
        ([("date", "gt2023-03-02")], False),
        ([("date", "le2023-03-02")], True),
        ([("date", "lt2023-03-02")], False),
        ([("date", "2023-03")], True),
        ([("date", "sa2023-03-01")], True),
        ([("date", "eb2023-03-02")], False),
        ([("date", "ge2023-03-02T11:05:07+01:00")], True),
        ([("date", "ge2023"), ("outcome", "0,4")], True),
        ([("date", "ge2023-03-02"), ("date", "lt2023-03-02T10:00:00Z")], False),
        ([("date", "ge2023"), ("type", "110106")], True),
        ([("date", "ge2023"), ("type", f"{DICOM}|110106")], True),
        ([("date", "ge2023"), ("type", "rest")], False),
        ([("date", "ge2023"), ("subtype", "ITI-67,ITI-68")], True),
        ([("date", "ge2023"), ("subtype", "ITI-65")], False),
        ([("date", "ge2023"), ("agent.identifier", f"urn:oid:1.2.250.1.71.4.2.1|{DOCTOR}")], True),
        ([("date", "ge2023"), ("agent", f"Practitioner/{COLLEAGUE}")], False),
        ([("date", "ge2023"), ("agent-role", f"{LOG_KINDS}|professional")], True),
        ([("date", "ge2023"), ("agent-role", "patient,professional")], True),
        ([("date", "ge2023"), ("agent-role", "patient")], False),
        ([("date", "ge2023"), ("agent-name", "mor")], False),
        ([("date", "ge2023"), ("altId", DOCTOR)], False),
        ([("date", "ge2023"), ("outcome", "0")], True),
        ([("date", "ge2023"), ("outcome", "4")], False),
        ([("date", "ge2023"), ("period-start", "le2022")], False),
    ],
)
def test_a_row_is_found_by_what_is_searched(query: list[tuple[str, str]], found: bool) -> None:  # noqa: FBT001 (a case)
    """A reading at 10:05 UTC, on 2 March 2023."""
    search = read_event_search(query, strict=True)

    assert isinstance(search, EventSearch)
    assert search.search.matches(events_of([row("ReadDocument")])[0]) is found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ([], "PARAMETER_MISSING"),
        ([("type", "rest")], "PARAMETER_MISSING"),
        ([("period-start", "ge2023")], "PARAMETER_MISSING"),
        ([("date", "yesterday")], "PARAMETER_WRONG"),
        ([("date", "ge2023"), ("colour", "red")], "PARAMETER_UNKNOWN"),
    ],
)
def test_a_search_without_a_date_or_with_an_unknown_parameter_is_refused(
    query: list[tuple[str, str]], code: str
) -> None:
    """A date is asked for (W-AUD-01); unknown parameters are refused where that was asked."""
    refused = read_event_search(query, strict=True)

    assert isinstance(refused, Fault)
    assert refused.code == code


def test_an_unknown_parameter_is_passed_over_and_said_where_nobody_is_strict() -> None:
    """The search says what it did not look at."""
    search = read_event_search([("date", "ge2023"), ("colour", "red")], strict=False)

    assert isinstance(search, EventSearch)
    assert search.search.passed_over == ("colour",)


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_a_bound_and_its_opposite_part_every_instant(days: int, hours: int) -> None:
    """What is not at or after an instant is before it."""
    at = AT + timedelta(days=days, hours=hours)
    bound = (AT + timedelta(days=1)).isoformat()
    found = [
        cast("EventSearch", read_event_search([("date", f"{prefix}{bound}")], strict=True)).search
        for prefix in ("ge", "lt")
    ]

    event = events_of([row("ReadLog", at=at)])[0]
    assert found[0].matches(event) is not found[1].matches(event)
