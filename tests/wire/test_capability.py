"""The CapabilityStatement: another reader parses it, and it is the union of two official lists."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from etalon_wire.capability import STANDING, capability_statement, search_parameters
from etalon_wire.interactions import CATALOGUE, FHIR, MEASURES, interactions, of_family
from etalon_wire.json_body import Resource, write_json
from etalon_wire.xml_body import read_xml, write_xml
from import_table import ROOT

PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/SearchParameter/"
STATEMENT = (
    ROOT.parent / "shared/samples/pdsm/conformance"
    "/CapabilityStatement-PDSm-GestionnaireDePartageDeDocuments.json"
)
OWN_STATEMENT = ROOT / "tests/wire/statement.json"
"""Of our own, written from the tables: what a manager of documents is to declare."""
BASE = "https://reference.example/fhir"
AT = datetime(2022, 2, 3, 9, tzinfo=UTC)


def statement() -> Resource:
    """What the whole server declares."""
    return capability_statement(BASE, "1.0", AT)


def resources(declared: Resource) -> dict[str, Resource]:
    """What is declared, by type."""
    rest = cast("list[Resource]", declared["rest"])[0]
    return {str(one["type"]): one for one in cast("list[Resource]", rest["resource"])}


def listed(resource: Resource, name: str) -> list[Resource]:
    """The parts of a resource under a name."""
    return cast("list[Resource]", resource.get(name, []))


def test_another_reader_parses_it_in_both_forms() -> None:
    """JSON and XML say the same."""
    declared = statement()

    CapabilityStatement.model_validate_json(write_json(declared))

    assert read_xml(write_xml(declared)) == declared


def test_it_declares_what_the_text_asks_for_and_the_official_statement_leaves_out() -> None:
    """Creation, `facility`, `date` and `related` are in the text alone."""
    document = resources(statement())["DocumentReference"]

    codes = {str(part["code"]) for part in listed(document, "interaction")}
    names = {str(part["name"]) for part in listed(document, "searchParam")}

    assert codes == {"create", "search-type", "read", "patch", "vread", "history-instance"}
    assert {"facility", "date", "related"} <= names
    assert document["conditionalUpdate"] is True
    assert document["versioning"] == "versioned"


@pytest.mark.parametrize("file", [OWN_STATEMENT, *(f for f in [STATEMENT] if f.exists())])
def test_it_declares_all_that_a_statement_of_pdsm_lists(file: Path) -> None:
    """Types, interactions and definitions of parameters, but for a page given as a definition."""
    official = resources(cast("Resource", json.loads(file.read_text(encoding="utf-8"))))
    ours = resources(statement())

    for kind, resource in official.items():
        asked = {str(part["code"]) for part in listed(resource, "interaction")}
        assert asked <= {str(part["code"]) for part in listed(ours[kind], "interaction")}
        wanted = {str(part["definition"]) for part in listed(resource, "searchParam")}
        known = {str(part["definition"]) for part in listed(ours[kind], "searchParam")}
        assert wanted - known <= {
            "https://hl7.org/fhir/R4/searchparameter-registry.html#clinical-patient",
            "http://hl7.org/fhir/SearchParameter/DocumentReference-subject",
            PDSM + "PDSm-List-PatientAsSource",
            PDSM + "PDSm-List-PractitionerRoleAsSource",
        }


def test_what_no_text_describes_says_that_it_is_ours() -> None:
    """Operations and Consent bear the mark; ITI-67 does not."""
    declared = resources(statement())

    mark = [{"url": STANDING, "valueCode": "own"}]
    assert all(part["extension"] == mark for part in listed(declared["Patient"], "operation"))
    assert declared["Consent"]["extension"] == mark
    search = next(
        part
        for part in listed(declared["DocumentReference"], "interaction")
        if part["code"] == "search-type"
    )
    assert "extension" not in search


def test_a_chained_parameter_is_no_parameter_of_its_own() -> None:
    """Names with a dot go through a reference."""
    for kind, resource in resources(statement()).items():
        names = [str(part["name"]) for part in listed(resource, "searchParam")]
        assert len(names) == len(set(names))
        assert not any("." in name for name in names)
        searched = any(part["code"] == "search-type" for part in listed(resource, "interaction"))
        declared = search_parameters().get(kind, ()) if searched else ()
        assert len(names) == sum(not one.is_chained for one in declared)


@pytest.mark.parametrize(
    ("under", "types"),
    [(MEASURES, {"Observation"}), (CATALOGUE, {"Device", "Organization", "Endpoint"})],
)
def test_each_base_tells_of_itself_alone(under: str, types: set[str]) -> None:
    """Its resources, the addresses of the login, and no guide that it does not follow."""
    root = BASE.removesuffix(FHIR)
    declared = capability_statement(f"{root}{under}", "1.0", AT, under=under)
    CapabilityStatement.model_validate_json(write_json(declared))
    assert set(resources(declared)) == types
    assert "instantiates" not in declared
    assert f"{root}/oauth2/token" in write_json(declared).decode()


def test_a_server_declares_no_more_than_it_offers() -> None:
    """Only the rows it is given."""
    declared = capability_statement(BASE, "1.0", AT, of_family("audit"))

    assert set(resources(declared)) == {"AuditEvent"}
    assert "interaction" not in cast("list[Resource]", declared["rest"])[0]
    assert len(interactions()) > len(of_family("audit"))
