"""The examples, ours and the official ones where they are, are taken by a server and read back."""

import base64
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from import_table import ROOT
from served_town import FHIR_JSON, INS_SYSTEM, Town, served

OWN: Final = ROOT / "tests" / "wire" / "examples"
OFFICIAL: Final = ROOT.parent / "shared" / "samples" / "pdsm" / "examples"
MATRICULE: Final = "279035121518989"
BORN: Final = "1979-03-12"
"""The person of our examples; the official ones name theirs by a reference alone."""

DECIDED: Final = frozenset(
    {"id", "meta", "identifier", "date", "subject", "securityLabel", "extension", "relatesTo"}
)
"""What the service decides of a document that it takes, whatever was sent."""

COMPLETED: Final = DECIDED | {
    "author",
    "custodian",
    "contained",
    "context",
    "text",
    "authenticator",
}
"""What it completes in a simplified publication besides."""

SIMPLIFIED: Final = (
    OWN / "simplified_publish.json",
    OWN / "wrong_bytes.json",
    OFFICIAL / "DocumentReference-PDSmSimplifiedExample.json",
)


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """A server whose clock stands after the last of the examples was written."""
    with served(mode="pdsm4dmp") as one:
        one.control("clock", {"set": "2025-06-01T09:00:00+02:00"})
        yield one


class Visit:
    """Somebody as old as the person of the examples, and a doctor."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.person: dict[str, Any] = town.control("people", {"age": 46, "sex": "F"})[0]
        self.token = town.token("professional", rpps=town.doctor(self.person["ins"]))

    def example(self, file: Path) -> Any:  # noqa: ANN401 (JSON)
        """An example about this person."""
        text = file.read_text(encoding="utf-8").replace(MATRICULE, self.person["ins"])
        return json.loads(text.replace(BORN, self.person["birth_date"]))

    def about(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document whose subject is this person, by their matricule."""
        subject = {"identifier": {"system": INS_SYSTEM, "value": self.person["ins"]}}
        return {**document, "subject": subject}

    def post(self, path: str, resource: object, status: int) -> Any:  # noqa: ANN401 (JSON)
        """Send a resource; return the answer, which has a status."""
        reply = self.town.ask("POST", path, json.dumps(resource).encode(), token=self.token)
        assert reply.status == status, reply.body
        return reply.json

    def read(self, address: str) -> Any:  # noqa: ANN401 (JSON)
        """Read what an answer leads to."""
        path = urlsplit(address).path
        path = path if path.startswith("/fhir") else f"/fhir/{path}"
        as_resource = {"Accept": FHIR_JSON}
        reply = self.town.ask("GET", path, token=self.token, headers=as_resource)
        assert reply.status == 200, reply.body
        return reply.json


@pytest.fixture
def visit(town: Town) -> Visit:
    """A visit of its own for each test."""
    return Visit(town)


def check_read_back(
    visit: Visit, sent: dict[str, Any], read: dict[str, Any], left_out: frozenset[str] = DECIDED
) -> None:
    """Everything that was sent and is not decided by the service, and the bytes, are there."""
    kept = {key: value for key, value in sent.items() if key not in {*left_out, "content"}}
    assert {key: read.get(key) for key in kept} == kept
    before, after = sent["content"][0]["attachment"], read["content"][0]["attachment"]
    named = {key: before[key] for key in ("contentType", "language", "title") if key in before}
    assert {key: after.get(key) for key in named} == named
    if "data" in before:
        assert visit.read(after["url"])["data"] == before["data"]


def test_our_examples_are_here_whatever_the_folder_of_samples() -> None:
    """So that the tests below cover the same ground everywhere."""
    assert all(file.exists() for file in SIMPLIFIED if file.parent == OWN)
    assert all(file.exists() for file in DOCUMENTS if file.parent == OWN)
    present = {file.exists() for file in (*SIMPLIFIED, *DOCUMENTS) if file.parent == OFFICIAL}
    assert present == {OFFICIAL.exists()}


@pytest.mark.parametrize(
    "file", [one for one in SIMPLIFIED if one.exists()], ids=lambda file: file.stem
)
def test_a_simplified_publication_is_taken_and_read_back(visit: Visit, file: Path) -> None:
    """Sizes and digests that were wrong are those of the content."""
    sent = visit.about(visit.example(file))

    made = visit.post("/fhir/DocumentReference", sent, 201)

    read = visit.read(f"DocumentReference/{made['id']}")
    assert read == made
    check_read_back(visit, sent, read, COMPLETED)
    size = len(base64.b64decode(sent["content"][0]["attachment"].get("data", "")))
    assert read["content"][0]["attachment"]["size"] == size


@pytest.mark.parametrize("name", ["deposit", "replacement"])
def test_a_transaction_is_taken_and_each_document_of_it_read_back(visit: Visit, name: str) -> None:
    """A replacement after what it replaces."""
    bundle = visit.example(OWN / f"{name}.json")
    if name == "replacement":
        old = visit.about(visit.example(OWN / "simplified_publish.json"))
        made = visit.post("/fhir/DocumentReference", old, 201)
        named = bundle["entry"][1]["resource"]["relatesTo"][0]["target"]["reference"]
        place = f"DocumentReference/{made['id']}"
        bundle = json.loads(json.dumps(bundle).replace(named, place))

    answer = visit.post("/fhir", bundle, 200)

    assert len(answer["entry"]) == len(bundle["entry"])
    for sent, made in zip(bundle["entry"], answer["entry"], strict=True):
        wanted = "200" if sent["request"]["method"] == "PATCH" else "201"
        assert made["response"]["status"].startswith(wanted)
        if sent["resource"]["resourceType"] == "DocumentReference":
            location = made["response"]["location"].partition("/_history")[0]
            check_read_back(visit, sent["resource"], visit.read(location))


def in_transaction(visit: Visit, document: dict[str, Any], binary: object) -> dict[str, Any]:
    """A transaction with our submission set, a document and its bytes."""
    bundle = visit.example(OWN / "deposit.json")
    submission = next(one for one in bundle["entry"] if one["resource"]["resourceType"] == "List")
    place, content = (f"urn:uuid:aaaaaaaa-0000-4000-8000-0000000000{end}" for end in ("d1", "b1"))
    submission["resource"]["entry"] = [{"item": {"reference": place}}]
    document["content"][0]["attachment"]["url"] = content
    sent = [("DocumentReference", place, document), ("Binary", content, binary)]
    entries = [
        {"fullUrl": address, "resource": resource, "request": {"method": "POST", "url": kind}}
        for kind, address, resource in sent
    ]
    return {**bundle, "entry": [submission, *entries]}


def mended(visit: Visit, document: dict[str, Any]) -> dict[str, Any]:
    """The official document without what keeps it out, four things.

    Its contained resource has a version and is named by nobody (dom-3, dom-4); an INS comes with
    its traits (REC-28), and this document names its patient elsewhere; no type 34133-9 stands in
    the class 10 (REC-03, ASS_X04); its label is of a code system that does not exist (VIS-07).
    """
    contained = document["contained"][0]
    del contained["meta"]
    ours = visit.example(OWN / "document_reference.json")
    patient = next(one for one in ours["contained"] if one["resourceType"] == "Patient")
    context = {**document["context"], "sourcePatientInfo": {"reference": f"#{patient['id']}"}}
    return {
        **document,
        "author": [{"reference": f"#{contained['id']}"}],
        "contained": [contained, patient],
        "context": context,
        "securityLabel": ours["securityLabel"],
        "category": [{"coding": [{**document["category"][0]["coding"][0], "code": "11"}]}],
    }


DOCUMENTS: Final = {
    OWN / "document_reference.json": [],
    OFFICIAL / "DocumentReference-exemple-pdsm-documentreference.json": ["dom-3", "dom-4"],
}
"""What is wrong with each, as it is."""


@pytest.mark.parametrize(
    "file", [one for one in DOCUMENTS if one.exists()], ids=lambda file: file.stem
)
def test_a_document_is_taken_in_a_transaction_once_it_is_valid(visit: Visit, file: Path) -> None:
    """As it is where nothing is wrong; else it is refused with what is, and taken once mended."""
    document = visit.about(visit.example(file))
    binary = visit.example(OWN / "deposit.json")["entry"][2]["resource"]
    if DOCUMENTS[file]:
        binary = visit.example(OFFICIAL / "Binary-6789.json")
        before = visit.town.desk.host.service.digest()
        refused = visit.post("/fhir", in_transaction(visit, document, binary), 422)
        errors = [one["diagnostics"] for one in refused["issue"] if one["severity"] == "error"]
        assert sorted(error.partition(":")[0] for error in errors) == DOCUMENTS[file]
        assert visit.town.desk.host.service.digest() == before
        document = mended(visit, document)

    answer = visit.post("/fhir", in_transaction(visit, document, binary), 200)

    read = visit.read(answer["entry"][1]["response"]["location"].partition("/_history")[0])
    check_read_back(visit, document, read)
    assert visit.read(read["content"][0]["attachment"]["url"])["data"] == binary["data"]
