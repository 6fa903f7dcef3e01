"""Bundles of answers: order, totals, links, and statuses another reader understands."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from hypothesis import strategies as st

from etalon_wire.bundles import (
    EntryAnswer,
    Hit,
    batch_response,
    etag,
    links_of,
    searchset,
    transaction_response,
)
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.operation_outcomes import Fault, operation_outcome
from etalon_wire.xml_body import read_xml, write_xml

ADDRESS = "https://record.example/fhir/DocumentReference"
NAMES = st.sampled_from(["patient.identifier", "status", "date", "_count", "type"])


def entries(bundle: Resource) -> list[Resource]:
    """The entries of a bundle."""
    return cast("list[Resource]", bundle.get("entry", []))


def patient(number: int) -> Hit:
    """A hit whose resource bears a number."""
    resource: Resource = {"resourceType": "Patient", "id": str(number)}
    return Hit(f"{ADDRESS}/{number}", resource)


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_page_holds_its_resources_in_order_and_says_the_total(count: int) -> None:
    """The total is of all that match, whatever the page; an empty page has no entry at all."""
    bundle = searchset(map(patient, range(count)), 57, {"self": ADDRESS})

    assert bundle["total"] == 57
    assert [one["fullUrl"] for one in entries(bundle)] == [f"{ADDRESS}/{n}" for n in range(count)]
    assert ("entry" in bundle) == bool(count)
    Bundle.model_validate_json(write_json(bundle))


def test_a_page_says_what_was_searched_what_was_included_and_what_is_to_be_known() -> None:
    """By the mode of each entry; the outcome comes last and counts for nothing."""
    outcome = operation_outcome(Fault("PARAMETER_UNKNOWN", "colour is passed over", "colour"))
    included = Hit("urn:x", {"resourceType": "Organization", "id": "o"}, included=True)

    bundle = searchset([patient(1), included], 1, {"self": ADDRESS}, outcome)

    modes = [cast("Resource", one["search"])["mode"] for one in entries(bundle)]
    assert modes == ["match", "include", "outcome"]
    assert bundle["total"] == 1
    Bundle.model_validate_json(write_json(bundle))


@given(
    query=st.lists(st.tuples(NAMES, st.text(max_size=6)), max_size=5), cursor=st.text(max_size=9)
)
def test_the_next_link_asks_the_same_from_further_on(
    query: list[tuple[str, str]], cursor: str
) -> None:
    """Every parameter stays, in its order, and no other page of the same search is meant."""
    links = links_of(ADDRESS, [*query, ("_page", "1")], {"_page": cursor})

    assert list(links) == ["self", "next"]
    asked = parse_qsl(urlsplit(links["next"]).query, keep_blank_values=True)
    assert asked == [*query, ("_page", cursor)]
    asked = parse_qsl(urlsplit(links["self"]).query, keep_blank_values=True)
    assert asked == [*query, ("_page", "1")]


def test_the_last_page_has_no_next_link() -> None:
    """And a search without parameters has an address without a question mark."""
    assert links_of(ADDRESS, [], None) == {"self": ADDRESS}


def test_a_token_is_written_as_addresses_allow() -> None:
    """Its colons stay readable; the bar is no character of an address, and is escaped."""
    query = [("patient.identifier", "urn:oid:1.2.250.1.213.1.4.10|231042A94593971")]

    assert links_of(ADDRESS, query, None)["self"] == (
        f"{ADDRESS}?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C231042A94593971"
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(transaction_response, "transaction-response"), (batch_response, "batch-response")],
)
def test_each_entry_is_answered_in_the_order_of_the_request(
    answer: Callable[[list[EntryAnswer]], Resource], kind: str
) -> None:
    """With status, place and version of what was made."""
    at = datetime(2023, 11, 6, 9, tzinfo=UTC)
    outcome = operation_outcome(Fault("NO_MATCH", "no document matches"))
    answers = [
        EntryAnswer(201, "List/1/_history/1", "1", at),
        EntryAnswer(200, "DocumentReference/0/_history/3", "3"),
        EntryAnswer(404, outcome=outcome),
    ]

    bundle = answer(answers)

    assert bundle["type"] == kind
    assert [one["response"] for one in entries(bundle)] == [
        {
            "status": "201 Created",
            "location": "List/1/_history/1",
            "etag": 'W/"1"',
            "lastModified": "2023-11-06T09:00:00.000+00:00",
        },
        {"status": "200 OK", "location": "DocumentReference/0/_history/3", "etag": 'W/"3"'},
        {"status": "404 Not Found", "outcome": outcome},
    ]
    Bundle.model_validate_json(write_json(bundle))


def test_bundles_of_answers_are_written_in_xml_too() -> None:
    """A client that asks for XML reads the same."""
    outcome: Json = operation_outcome(Fault("NO_MATCH", "no document matches"))
    bundle = batch_response([EntryAnswer(404, outcome=cast("Resource", outcome))])

    assert read_xml(write_xml(bundle)) == bundle


def test_an_entity_tag_is_weak() -> None:
    """As FHIR asks."""
    assert etag("12") == 'W/"12"'
