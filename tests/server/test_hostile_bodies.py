"""No broken body is believed: the answer is sober, and nothing is stored."""

import gzip
import json
from collections.abc import Callable, Generator
from typing import Final

import pytest

from etalon_wire.interactions import Interaction
from hostile_scene import (
    BODY_BYTES,
    TITLE,
    Scene,
    check_refused,
    check_sober,
    deposit,
    hostile_scene,
    path_of,
    rows,
    uuid_of,
)

FHIR_XML: Final = "application/fhir+xml"
DEEP: Final = 10_000
OUTCOME: Final = b"OperationOutcome"


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with hostile_scene() as one:
        yield one


Broken = Callable[[bytes], bytes]

JSON_BODIES: Final[dict[str, Broken]] = {
    "empty": lambda _: b"",
    "blank": lambda _: b" \n\t ",
    "a quarter": lambda body: body[: len(body) // 4],
    "half": lambda body: body[: len(body) // 2],
    "all but the last byte": lambda body: body[:-1],
    "two bodies": lambda body: body + body,
    "byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "utf-16": lambda body: body.decode().encode("utf-16"),
    "a byte that is no utf-8": lambda body: body.replace(b"Note", b"N\xff\xfete"),
    "an overlong slash": lambda body: body.replace(b"Note", b"N\xc0\xafte"),
    "half a surrogate pair": lambda body: body.replace(b"Note", rb"N\ud800te"),
    "a null character": lambda body: body.replace(b"Note", rb"N\u0000te"),
    "a key twice": lambda body: body[:-1] + b', "status": "current"}',
    "a key twice, once escaped": lambda body: body[:-1] + rb', "st\u0061tus": "current"}',
    "arrays 10 000 deep": lambda body: body[:-1] + b', "x": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "objects 10 000 deep": lambda _: b'{"resourceType":"List","a":' * DEEP + b"1" + b"}" * DEEP,
    "brackets that never close": lambda _: b"[" * (BODY_BYTES - 1),
    "an integer of 4 000 digits": lambda body: body[:-1] + b', "x": ' + b"9" * 4000 + b"}",
    "a power of a million": lambda body: body[:-1] + b', "x": 1e1000000}',
    "a decimal of 4 000 digits": lambda body: body[:-1] + b', "x": 0.' + b"1" * 4000 + b"}",
    "not a number": lambda body: body[:-1] + b', "x": NaN}',
    "a comment": lambda body: b"/* */" + body,
    "a trailing comma": lambda body: body[:-1] + b",}",
    "a list": lambda body: b"[" + body + b"]",
    "a word": lambda _: b'"DocumentReference"',
    "null": lambda _: b"null",
    "no type": lambda _: b"{}",
    "a type that is none": lambda _: b'{"resourceType": "Dragon"}',
    "a type that is a list": lambda _: b'{"resourceType": ["DocumentReference"]}',
    "another type": lambda _: b'{"resourceType": "Observation", "status": "final"}',
    "xml": lambda _: b'<DocumentReference xmlns="http://hl7.org/fhir"/>',
    "65 537 bytes": lambda body: body[:-1] + b" " * (BODY_BYTES + 1 - len(body)) + b"}",
}

GOOD_JSON: Final = frozenset(
    {"empty", "no type", "a type that is none", "a type that is a list", "another type"}
)
"""The bodies among them that are no resource and yet good JSON, or none."""

_ENTITIES: Final = b"".join(
    b'<!ENTITY e%d "%s">' % (rank, b"&e%d;" % (rank - 1) * 10 if rank else b"ha")
    for rank in range(12)
)
_OPEN: Final = b'<DocumentReference xmlns="http://hl7.org/fhir">'
_CLOSE: Final = b"</DocumentReference>"

XML_BODIES: Final[dict[str, bytes]] = {
    "empty": b"",
    "truncated": _OPEN + b'<status value="curr',
    "unclosed": _OPEN + b'<status value="current"/>',
    "entity bomb": b"<!DOCTYPE x [" + _ENTITIES + b"]>" + _OPEN + b"<id>&e11;</id>" + _CLOSE,
    "a file as entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    + _OPEN
    + b'<description value="&e;"/>'
    + _CLOSE,
    "an address as entity": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + _OPEN + _CLOSE,
    "parameter entities": b"<!DOCTYPE x [<!ENTITY % p \"<!ENTITY e 'x'>\"> %p;]>" + _OPEN + _CLOSE,
    "a document type alone": b"<!DOCTYPE DocumentReference>" + _OPEN + _CLOSE,
    "10 000 deep": _OPEN + b"<a>" * DEEP + b"</a>" * DEEP + _CLOSE,
    "no namespace": b"<DocumentReference><status value='current'/></DocumentReference>",
    "another namespace": b'<DocumentReference xmlns="urn:x"/>',
    "an attribute twice": _OPEN + b'<status value="current" value="current"/>' + _CLOSE,
    "a byte that is no utf-8": _OPEN + b'<description value="\xff"/>' + _CLOSE,
    "utf-16": (_OPEN + _CLOSE).decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + _OPEN + _CLOSE,
    "a control character": _OPEN + b'<description value="&#1;"/>' + _CLOSE,
    "text between elements": _OPEN + b"text" + _CLOSE,
    "an include": _OPEN
    + b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'
    + _CLOSE,
    "json": b'{"resourceType": "DocumentReference"}',
    "too long": _OPEN + b" " * BODY_BYTES + _CLOSE,
}


@pytest.mark.parametrize("row", rows("fhir", "patch"), ids=lambda row: row.name)
def test_no_broken_body_of_json_is_believed(scene: Scene, row: Interaction) -> None:
    """On every interaction that takes a resource or a patch, for whoever may use it."""
    before, good = scene.digest(), json.dumps(deposit(scene.holder, uuid_of(1), "99700000000"))
    kind = "insurer" if not scene_may(row, "holder") else "holder"
    token = scene.token if kind == "holder" else scene.town.token(kind)

    for name, broken in JSON_BODIES.items():
        reply = scene.town.ask(
            row.verb, path_of(row, scene.document), broken(good.encode()), token=token
        )
        check_refused(reply)
        assert OUTCOME in reply.body, name
        assert TITLE.encode() not in reply.body

    assert scene.digest() == before


def scene_may(row: Interaction, kind: str) -> bool:
    """Whether somebody of a kind may ever be accepted."""
    return any(actor.value == kind for actor in row.actors)


@pytest.mark.parametrize("row", rows("fhir"), ids=lambda row: row.name)
def test_no_broken_body_of_xml_is_believed(scene: Scene, row: Interaction) -> None:
    """Entities are refused unread, whatever they would hold."""
    before = scene.digest()
    kind = "insurer" if not scene_may(row, "holder") else "holder"
    token = scene.token if kind == "holder" else scene.town.token(kind)

    for name, body in XML_BODIES.items():
        path = path_of(row, scene.document)
        reply = scene.town.ask(row.verb, path, body, token=token, media_type=FHIR_XML)
        check_refused(reply)
        assert OUTCOME in reply.body, name

    assert scene.digest() == before


@pytest.mark.parametrize("row", rows("json", "form", "hl7"), ids=lambda row: row.name)
def test_no_broken_body_of_another_kind_stops_the_server(scene: Scene, row: Interaction) -> None:
    """Forms, controls of the sandbox and messages of HL7 v2."""
    media_type = {
        "json": "application/json",
        "form": "application/x-www-form-urlencoded",
        "hl7": "application/hl7-v2",
    }[row.body]
    bodies = [
        broken(b'{"status": 1, "Note": "Note"}')
        for name, broken in JSON_BODIES.items()
        if row.body != "json" or name not in GOOD_JSON
    ]
    bodies += [b"a=" + b"%ff" * 500, b"%zz=%", b"&" * 5000, b"MSH|^~\\&|" + b"|" * 5000, b"\x0bMSH"]
    if row.name == "sandbox_reset":
        return
    before = scene.digest()

    for body in bodies:
        reply = scene.town.ask(row.verb, row.path, body, token=scene.token, media_type=media_type)
        check_sober(reply)
        assert row.body == "form" or reply.status >= 400, body

    assert scene.digest() == before


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "image/png",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/json-patch+json;x",
        "*/*",
        "application/",
        "fhir+json",
        "application/fhir+json, text/plain",
        "é",
    ],
)
def test_a_body_of_another_media_type_is_not_read(scene: Scene, media_type: str) -> None:
    """415, before the body is looked at."""
    body = json.dumps(deposit(scene.holder, uuid_of(2), "99700000000")).encode()
    before = scene.digest()

    for path in ("/fhir", "/fhir/DocumentReference", "/fhir/Consent"):
        sent = media_type.encode("utf-8").decode("latin-1")
        reply = scene.town.ask("POST", path, body, token=scene.token, media_type=sent)
        check_refused(reply, 415)

    assert scene.digest() == before


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "x"])
def test_a_compressed_body_is_not_read(scene: Scene, coding: str) -> None:
    """415: what a few bytes unfold to is nobody's wish; as it is, it may say so."""
    body = json.dumps(deposit(scene.holder, uuid_of(6), "99700000000")).encode()
    before = scene.digest()
    headers = {"Content-Encoding": coding}

    for path in ("/fhir", "/fhir/DocumentReference", "/fhir/Consent", "/fhir/AuditEvent"):
        reply = scene.town.ask(
            "POST", path, gzip.compress(body), token=scene.doctors_token, headers=headers
        )
        check_refused(reply, 415)
    assert scene.digest() == before
    plain = {"Content-Encoding": "identity"}
    reply = scene.town.ask("POST", "/fhir/Consent", b"{}", token=scene.token, headers=plain)
    check_refused(reply, 400)
