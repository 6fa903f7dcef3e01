"""The history of a document: which versions are asked for, and the bundle that holds them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from etalon_model import Actor, ActorKind
from etalon_model.records.confidentiality import ALL
from etalon_model.records.record import Document, Sheet
from etalon_model.records.rehearsal import PDF, SURGERY
from etalon_wire.json_body import read_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.histories import HistoryAsked, Revision, read_history, write_history

NOON: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)
SHEET: Final = Sheet("urn:oid:1.2", "11488-4", "10", "t", NOON, NOON, 1, "0" * 40, SURGERY, PDF)
FIRST: Final = Document(SHEET, Actor(ActorKind.HOLDER, "1"), NOON, 1, 1, ALL[0])
SECOND: Final = replace(FIRST, revision=2, changed_at=NOON + timedelta(hours=1))
THIRD: Final = replace(FIRST, revision=3, changed_at=NOON + timedelta(days=1))
"""Three versions, of noon, of an hour and of a day later."""


def asked(*query: tuple[str, str], strict: bool = False) -> HistoryAsked:
    """What a history is asked for, which is well."""
    found = read_history(query, strict=strict)
    assert isinstance(found, HistoryAsked)
    return found


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ((), (3, 2, 1)),
        ((("_since", "2022-03-02T12:00:00Z"),), (3, 2, 1)),
        ((("_since", "2022-03-02T12:00:01Z"),), (3, 2)),
        ((("_since", "2022-03-03"),), (3,)),
        ((("_since", "2022-03-04"),), ()),
        ((("_at", "2022-03-02T12:30:00Z"),), (1,)),
        ((("_at", "2022-03-02T13:00:00Z"),), (2,)),
        ((("_at", "2022-03-02"),), (2, 1)),
        ((("_at", "2022-03-01"),), ()),
        ((("_at", "2023"),), (3,)),
        ((("_at", "2022-03-02"), ("_since", "2022-03-02T12:00:01Z")), (2,)),
    ],
)
def test_a_history_tells_the_versions_that_stood_or_came_then(
    query: tuple[tuple[str, str], ...], told: tuple[int, ...]
) -> None:
    """`_since` when a version came, `_at` when it stood; a version stands until the next comes."""
    found = asked(*query).among((THIRD, SECOND, FIRST))

    assert tuple(one.revision for one in found) == told


@pytest.mark.parametrize(
    "query",
    [("_since", "yesterday"), ("_since", "ge2022-03-02"), ("_at", "eq2022"), ("_at", "2022,2023")],
)
def test_a_history_is_asked_for_by_plain_dates(query: tuple[str, str]) -> None:
    """Words, prefixes and alternatives are refused."""
    assert isinstance(read_history((query,), strict=False), Fault)


def test_what_is_not_known_is_passed_over_unless_strictness_was_asked_for() -> None:
    """As in a search."""
    query = (("colour", "blue"), ("_count", "2"))

    assert asked(*query).search.passed_over == ("colour",)
    assert asked(*query).search.page_size == 2
    assert isinstance(read_history(query, strict=True), Fault)


def test_a_bundle_of_history_is_what_fhir_says() -> None:
    """Each version with how it came to be: created first, then patched."""
    body = b'{"resourceType":"DocumentReference","id":"a"}'
    told = [Revision("a", one, body) for one in (SECOND, FIRST)]

    bundle = read_json(write_history(told, 3, {"self": "http://e/fhir/x"}, "http://e/fhir"))

    assert bundle["total"] == 3
    assert bundle["entry"] == [
        {
            "fullUrl": "http://e/fhir/DocumentReference/a",
            "resource": {"resourceType": "DocumentReference", "id": "a"},
            "request": {"method": "PATCH", "url": "DocumentReference/a"},
            "response": {
                "status": "200 OK",
                "etag": 'W/"2"',
                "lastModified": "2022-03-02T13:00:00Z",
            },
        },
        {
            "fullUrl": "http://e/fhir/DocumentReference/a",
            "resource": {"resourceType": "DocumentReference", "id": "a"},
            "request": {"method": "POST", "url": "DocumentReference"},
            "response": {
                "status": "201 Created",
                "etag": 'W/"1"',
                "lastModified": "2022-03-02T12:00:00Z",
            },
        },
    ]
    assert "entry" not in read_json(write_history([], 0, {}, "http://e/fhir"))
