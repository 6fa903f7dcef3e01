# pyright: standard
"""Creations that make nothing twice: `If-None-Exist` is heard or refused, never passed over."""

import json
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import pytest

from in_process import Reply
from record_town import (
    MASK,
    NORMAL,
    Scene,
    example,
    ids,
    place,
    scene_served,
    simplified,
)
from served_town import INS_SYSTEM


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with scene_served() as made:
        yield made


def named(number: str) -> dict[str, Any]:
    """A unique identifier."""
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.250.1.999.8.{number}"}


def condition(*numbers: str) -> str:
    """The condition that no document has one of these."""
    values = ",".join(f"urn:ietf:rfc:3986|{named(number)['value']}" for number in numbers)
    return f"identifier={quote(values, safe=':,')}"


def create(
    scene: Scene, number: str, when: str, token: str = "", prefer: str = "", **changed: object
) -> Reply:
    """Deposit one document unless there is one already."""
    body = json.dumps(simplified(scene, masterIdentifier=named(number), **changed)).encode()
    headers = {"If-None-Exist": when, **({"Prefer": prefer} if prefer else {})}
    path, token = "/fhir/DocumentReference", token or scene.author
    return scene.town.ask("POST", path, body, token=token, headers=headers)


def test_a_document_that_is_there_is_answered_and_not_made_again(scene: Scene) -> None:
    """200 with its address, its version and itself as it stands; 409 without the condition."""
    first = create(scene, "1", condition("1"))
    address = place(first)
    masked = {"op": "replace", "path": "/securityLabel", "value": [NORMAL, MASK]}
    assert scene.patch(address, masked).status == 200

    again = create(scene, "1", condition("1"))
    minimal = create(scene, "1", f"?{condition('1')}", prefer="return=minimal")
    without = scene.publish(masterIdentifier=named("1"))

    assert (again.status, place_of(again), again.headers["etag"]) == (200, address, 'W/"2"')
    assert again.json == scene.town.ask("GET", address, token=scene.author).json
    assert (minimal.status, minimal.body, place_of(minimal)) == (200, b"", address)
    assert without.status == 409
    assert ids(scene.found(scene.author, identifier=named("1")["value"])) == [first.json["id"]]


def place_of(reply: Reply) -> str:
    """Where an answer leads, below the root."""
    return "/" + reply.headers["location"].split("/", 3)[3]


def test_several_documents_that_meet_a_condition_stop_the_creation(scene: Scene) -> None:
    """412, and nothing is made."""
    for number in ("2", "3"):
        place(create(scene, number, condition(number)))

    both = create(scene, "4", condition("2", "3"))

    assert both.status == 412
    assert ids(scene.found(scene.author, identifier=named("4")["value"])) == []


@pytest.mark.requirement("W-COM-04")
def test_a_condition_tells_nothing_of_what_is_hidden_nor_of_another_record(scene: Scene) -> None:
    """A document that the caller does not see meets no condition; nor does another person's."""
    place(create(scene, "5", condition("5"), securityLabel=[NORMAL, MASK]))
    other = scene.town.person()
    subject = {"identifier": {"system": INS_SYSTEM, "value": other}}
    elsewhere = place(create(scene, "6", condition("6"), subject=subject))

    hidden = create(scene, "7", condition("5"), token=scene.other)
    apart = create(scene, "6", condition("6"))

    assert hidden.status == apart.status == 201
    assert place(apart) != elsewhere


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("", 400),
        ("identifier=", 400),
        ("status=current", 400),
        ("identifier=urn:oid:1.2&type=11488-4", 400),
        ("identifier=urn:oid:1.2&colour=blue", 400),
        ("identifier=%ff", 400),
        (f"identifier=urn:oid:1.2&patient.identifier={INS_SYSTEM}|180017500000134", 400),
        ("identifier=" + "a," * 300, 400),
    ],
)
def test_a_condition_that_is_none_is_refused_and_nothing_made(
    scene: Scene, when: str, status: int
) -> None:
    """Rather than passed over: the client would believe that it was heard."""
    before = scene.town.desk.host.service.digest()

    reply = create(scene, "8", when)

    assert reply.status == status, reply.body
    assert reply.json["resourceType"] == "OperationOutcome"
    assert scene.town.desk.host.service.digest() == before


@pytest.mark.parametrize("name", ["ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince"])
def test_a_condition_within_a_transaction_is_refused_whole(scene: Scene, name: str) -> None:
    """It says which entry; nothing is made."""
    bundle = json.loads(example(scene, "deposit"))
    value = "2022-01-01T00:00:00Z" if name == "ifModifiedSince" else 'W/"1"'
    bundle["entry"][1]["request"][name] = value
    before = scene.town.desk.host.service.digest()

    reply = scene.town.ask("POST", "/fhir", json.dumps(bundle).encode(), token=scene.author)

    assert reply.status == 422, reply.body
    expressions = [one for issue in reply.json["issue"] for one in issue.get("expression", [])]
    assert expressions == [f"Bundle.entry[1].request.{name}"]
    assert scene.town.desk.host.service.digest() == before


def test_a_condition_on_anything_else_is_refused(scene: Scene) -> None:
    """A wish is one of its kind by itself."""
    headers = {"If-None-Exist": "identifier=urn:oid:1.2"}
    reply = scene.town.ask("POST", "/fhir/Consent", b"{}", token=scene.holder, headers=headers)

    assert (reply.status, reply.json["issue"][0]["code"]) == (400, "not-supported")
