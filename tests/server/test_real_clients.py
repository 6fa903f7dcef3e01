# pyright: standard
"""Clients that others wrote deposit, search, read and patch; none is told anything of this server.

curl as a developer types it, fhirpy and fhirclient as their own documentation uses them.
"""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Generator
from typing import Any, Final

import pytest
from fhirclient.auth import FHIRAuth  # type: ignore[import-untyped]
from fhirclient.models.documentreference import DocumentReference  # type: ignore[import-untyped]
from fhirclient.models.patient import Patient  # type: ignore[import-untyped]
from fhirclient.server import FHIRNotFoundException, FHIRServer  # type: ignore[import-untyped]
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome, ResourceNotFound

from hostile_scene import deposit
from served_town import INS_SYSTEM, Town, served

CONTENT: Final = b"Compte rendu de la visite du matin."
ARCHIVED: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
)
MASKED: Final = {
    "coding": [
        {
            "system": "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/"
            "TRE-A07-StatutVisibiliteDocument",
            "code": "MASQUE_PS",
        }
    ]
}
CURL: Final = shutil.which("curl") or "curl"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="curl as a POSIX shell has it")


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """One server for the module."""
    with served() as one:
        yield one


class Visit:
    """Somebody and a doctor who treats them.

    Attributes:
        ins: Matricule of the person.
        rpps: Number of the doctor.
        doctor: Token of the doctor.
        holder: Token of the person.
    """

    def __init__(self, town: Town) -> None:
        self.ins = town.person()
        self.rpps = town.doctor(self.ins)
        self.doctor = town.token("professional", rpps=self.rpps)
        self.holder = town.token("holder", ins=self.ins)

    def publication(self, unique_id: str) -> dict[str, Any]:
        """A simplified publication (ITI-105) by the doctor."""
        return deposit(self.ins, unique_id, self.rpps, "Visite", CONTENT)

    @property
    def current(self) -> dict[str, str]:
        """Parameters of a search for the current documents."""
        return {"patient.identifier": f"{INS_SYSTEM}|{self.ins}", "status": "current"}


@pytest.fixture
def visit(town: Town) -> Visit:
    """A visit of its own for each test."""
    return Visit(town)


def archive_patch() -> dict[str, Any]:
    """A FHIRPath Patch that archives."""
    path = f"DocumentReference.extension('{ARCHIVED}').value"
    part = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": path},
        {"name": "value", "valueBoolean": True},
    ]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}


def is_archived(document: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether a document bears the flag of the archive."""
    return any(one["url"] == ARCHIVED and one["valueBoolean"] for one in document["extension"])


def curl(*arguments: str) -> tuple[int, Any]:
    """The status and the answer that curl gets."""
    ran = subprocess.run(
        [CURL, "-sS", "-w", "\n%{http_code}", *arguments],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    body, _, status = ran.stdout.rpartition("\n")
    return int(status), json.loads(body) if body.startswith("{") else body


@POSIX
def test_curl_deposits_searches_reads_and_patches(town: Town, visit: Visit) -> None:
    """With the options that a developer types."""
    documents = f"{town.address}/fhir/DocumentReference"
    doctor = ("-H", f"Authorization: Bearer {visit.doctor}")
    sent = json.dumps(visit.publication("urn:uuid:00000000-0000-4000-8000-000000000001"))

    status, made = curl(*doctor, "-H", "Content-Type: application/fhir+json", "-d", sent, documents)
    assert (status, made["resourceType"]) == (201, "DocumentReference")

    wanted = [part for item in visit.current.items() for part in ("-d", "=".join(item))]
    status, found = curl("-G", *doctor, *wanted, documents)
    assert (status, found["total"], found["entry"][0]["resource"]["id"]) == (200, 1, made["id"])

    url = made["content"][0]["attachment"]["url"]
    assert curl(*doctor, "-H", "Accept: text/plain", url) == (200, CONTENT.decode())

    patch = json.dumps([{"op": "add", "path": "/securityLabel/-", "value": MASKED}])
    headers = ("-H", "Content-Type: application/json-patch+json")
    holder = ("-H", f"Authorization: Bearer {visit.holder}")
    status, changed = curl(
        "-X", "PATCH", *holder, *headers, "-d", patch, f"{documents}/{made['id']}"
    )
    codes = [label["coding"][0]["code"] for label in changed["securityLabel"]]
    assert (status, sorted(codes)) == (200, ["MASQUE_PS", "N"])


@POSIX
def test_curl_is_told_what_is_wrong(town: Town, visit: Visit) -> None:
    """Without a token, and with a body that is cut short."""
    documents = f"{town.address}/fhir/DocumentReference"
    headers = ("-H", "Content-Type: application/fhir+json", "-d", '{"resourceType":')

    status, told = curl(*headers, documents)
    assert (status, told["issue"][0]["code"]) == (401, "login")

    status, told = curl("-H", f"Authorization: Bearer {visit.doctor}", *headers, documents)
    assert (status, told["issue"][0]["code"]) == (400, "structure")


def test_fhirpy_deposits_searches_reads_and_patches(town: Town, visit: Visit) -> None:
    """Its own search sets and errors."""
    client = SyncFHIRClient(f"{town.address}/fhir", authorization=f"Bearer {visit.doctor}")
    sent = visit.publication("urn:uuid:00000000-0000-4000-8000-000000000002")

    document = client.resource("DocumentReference", **sent)
    document.save()
    found = client.resources("DocumentReference").search(**visit.current)
    assert [one["id"] for one in found.fetch()] == [document["id"]]
    assert found.count() == 1

    read = client.reference("DocumentReference", document["id"]).to_resource()
    binary = client.execute(read["content"][0]["attachment"]["url"], "get")
    assert base64.b64decode(binary["data"]) == CONTENT

    changed = client.execute(f"DocumentReference/{document['id']}", "patch", data=archive_patch())
    assert is_archived(changed)
    assert changed["meta"]["versionId"] == "2"


def test_fhirpy_raises_its_own_errors(town: Town, visit: Visit) -> None:
    """An unknown document, a token that is none, a resource without its type of document."""
    client = SyncFHIRClient(f"{town.address}/fhir", authorization=f"Bearer {visit.doctor}")
    unknown = SyncFHIRClient(f"{town.address}/fhir", authorization="Bearer none")

    with pytest.raises(ResourceNotFound):
        client.reference("DocumentReference", "0-0-0-0-0").to_resource()
    with pytest.raises(AuthorizationError):
        unknown.resources("DocumentReference").search(**visit.current).fetch()
    with pytest.raises(OperationOutcome):
        client.resource("DocumentReference", status="current").save()


def test_fhirclient_deposits_searches_reads_and_patches(town: Town, visit: Visit) -> None:
    """Its models read strictly what the server writes: an element it does not know would fail."""
    server = FHIRServer(None, f"{town.address}/fhir")
    known = {"access_token": visit.doctor, "authorize_uri": f"{town.address}/oauth2/authorize"}
    server.auth = FHIRAuth.create("oauth2", known)
    sent = visit.publication("urn:uuid:00000000-0000-4000-8000-000000000003")

    made = DocumentReference(DocumentReference(sent).create(server))
    found = DocumentReference.where(visit.current).perform_resources_iter(server)
    assert [one.id for one in found if isinstance(one, DocumentReference)] == [made.id]

    read = DocumentReference.read(made.id, server)
    assert read.as_json() == made.as_json()
    binary = server.request_json(read.as_json()["content"][0]["attachment"]["url"])
    assert base64.b64decode(binary["data"]) == CONTENT
    people = Patient.where({"identifier": f"{INS_SYSTEM}|{visit.ins}"}).perform_resources_iter(
        server
    )
    assert [one.active for one in people if isinstance(one, Patient)] == [True]

    headers = server.auth.signed_headers({"Content-Type": "application/fhir+json"})
    url = f"{town.address}/fhir/DocumentReference/{made.id}"
    changed = server.session.patch(url, json=archive_patch(), headers=headers)
    assert changed.status_code == 200
    assert is_archived(DocumentReference(changed.json()).as_json())


def test_fhirclient_reads_the_capability_statement(town: Town) -> None:
    """Its own model of it, and what it takes from there for the authorisation."""
    server = FHIRServer(None, f"{town.address}/fhir")

    statement = server.capabilityStatement

    assert statement is not None
    told = statement.as_json()
    assert told["fhirVersion"] == "4.0.1"
    offered = {one["type"] for one in told["rest"][0]["resource"]}
    assert {"DocumentReference", "List", "Binary", "Patient", "Consent", "AuditEvent"} <= offered


def test_fhirclient_raises_its_own_errors(town: Town, visit: Visit) -> None:
    """An unknown document."""
    server = FHIRServer(None, f"{town.address}/fhir")
    known = {"access_token": visit.doctor, "authorize_uri": f"{town.address}/oauth2/authorize"}
    server.auth = FHIRAuth.create("oauth2", known)

    with pytest.raises(FHIRNotFoundException):
        DocumentReference.read("0-0-0-0-0", server)
