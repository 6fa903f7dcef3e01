# pyright: standard
"""The OpenAPI document: read by a fuzzer of APIs, one operation for each interaction."""

import json
from typing import TYPE_CHECKING, Any, cast

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok

from etalon_wire.consents import consent_kinds
from etalon_wire.interactions import interactions
from etalon_wire.malformed import Malformed
from etalon_wire.openapi import openapi_document
from etalon_wire.operations import read_parameters

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

DOCUMENT = openapi_document("https://reference.example", "1.0")
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(DOCUMENT)))


def test_a_fuzzer_reads_one_operation_for_each_interaction() -> None:
    """Every reference in the document resolves."""
    assert sorted(one["operationId"] for one in operations()) == sorted(interactions())


def operations() -> list[dict[str, Any]]:
    """What the document says of each operation, as the fuzzer reads it."""
    read = (found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok))
    return [one.definition.raw for one in read]


def test_every_refusal_is_described() -> None:
    """A client knows what a 4xx says."""
    for one in operations():
        assert str(interactions()[one["operationId"]].status) in one["responses"]
        assert one["responses"]["4XX"]["content"]


@settings(
    max_examples=settings().max_examples // 3,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(SCHEMA["/fhir/Patient/$mes-suspend"]["POST"].as_strategy())
def test_what_the_document_lets_an_operation_take_is_read_or_named_as_wrong(
    case: schemathesis.Case[Any],
) -> None:
    """Bodies that fit the schema fail only for what a schema cannot say."""
    try:
        found = read_parameters("mes-suspend", cast("Resource", case.body))
    except Malformed as malformed:
        assert malformed.expression.startswith("Parameters.parameter")  # noqa: PT017 (either way)
    else:
        assert found.keys() == {"patient", "reason"}


def test_a_consent_is_described_with_the_kinds_that_it_changes() -> None:
    """What an operation alone changes is not offered."""
    described = json.dumps(DOCUMENT["components"]["schemas"]["Consent"])  # type: ignore[call-overload,index]

    for kind in consent_kinds().values():
        assert (f'"{kind.code}"' in described) is (kind.changed_by == "Consent")
