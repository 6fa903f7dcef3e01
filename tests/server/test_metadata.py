"""What the server says of itself is what it offers."""

from collections.abc import Generator
from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from etalon_wire.interactions import interactions
from etalon_wire.xml_body import read_xml
from rights_scene import RightsScene


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """A server without sandbox controls."""
    opened = RightsScene()
    yield opened
    opened.close()


@pytest.mark.requirement("W-COM-01", "W-COM-03")
def test_anybody_reads_the_capability_statement_in_both_forms(scene: RightsScene) -> None:
    """Under the address the client used, for R4."""
    as_json = scene.ask(None, "GET", "/fhir/metadata")
    as_xml = scene.ask(None, "GET", "/fhir/metadata", accept="application/fhir+xml")

    CapabilityStatement.model_validate_json(as_json.body)
    assert as_json.json["fhirVersion"] == "4.0.1"
    assert as_json.json["implementation"]["url"] == "http://etalon.test/fhir"
    assert read_xml(as_xml.body) == as_json.json


def test_the_openapi_document_has_what_this_server_offers_and_no_more(scene: RightsScene) -> None:
    """The controls of a sandbox only where there is one."""
    sandbox = RightsScene(sandbox=True)
    everywhere = described(sandbox)
    sandbox.close()

    here = described(scene)

    assert everywhere == set(interactions())
    assert here == {name for name, row in interactions().items() if row.family != "sandbox"}


def described(scene: RightsScene) -> set[str]:
    """The interactions that a document describes."""
    paths: dict[str, dict[str, Any]] = scene.ask(None, "GET", "/openapi.json").json["paths"]
    return {one["operationId"] for path in paths.values() for one in path.values()}


def test_every_interaction_offered_answers_at_its_address(scene: RightsScene) -> None:
    """None is unknown to the router: what asks for a token says so, the rest answers."""
    for name, row in interactions().items():
        if row.family == "sandbox":
            continue
        address = row.path.replace("{id}", "00000000-0000-8000-8000-000000000000")
        address = address.replace("{version}", "1")
        reply = scene.ask(None, row.verb, address)
        if row.is_open:
            assert reply.status not in {401, 405}, name
        else:
            assert reply.status == 401, name
            assert reply.json["resourceType"] == "OperationOutcome"
