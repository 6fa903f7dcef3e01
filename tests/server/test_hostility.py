"""Whatever a client does, the answer is sober, nothing is stored, and the server goes on."""

import base64
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from etalon_server.identity.clients import SANDBOX_CLIENT
from etalon_server.routes import HANDLERS
from etalon_server.settings import Bounds
from etalon_wire.interactions import interactions
from etalon_wire.records.addresses import person_id
from hostile_scene import (
    CONTENT,
    TITLE,
    Scene,
    check_refused,
    check_sober,
    deposit,
    hostile_scene,
    path_of,
    uuid_of,
)
from in_process import Reply
from served_town import FHIR_JSON, INS_SYSTEM, Town, served


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with hostile_scene() as one:
        yield one


def tampered(token: str) -> dict[str, str]:
    """Tokens made from a good one, none of them good."""
    head, claims, signature = token.split(".")

    def written(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    own_key = {**header, "jwk": {"kty": "oct", "k": "AA"}}
    far_key = {**header, "jku": "http://127.0.0.1:1/"}
    later = {**said, "exp": said["exp"] + 1_000_000}
    return {
        "empty": "",
        "a word": "secret",
        "three dots": "...",
        "no signature": f"{head}.{claims}.",
        "half a signature": f"{head}.{claims}.{signature[: len(signature) // 2]}",
        "signature of nothing": f"{head}.{claims}.{'A' * len(signature)}",
        "none": f"{written({**header, 'alg': 'none'})}.{claims}.",
        "NONE": f"{written({**header, 'alg': 'NoNe'})}.{claims}.",
        "another algorithm": f"{written({**header, 'alg': 'HS256'})}.{claims}.{signature}",
        "a key of its own": f"{written(own_key)}.{claims}.{signature}",
        "a key from elsewhere": f"{written(far_key)}.{claims}.{signature}",
        "another kid": f"{written({**header, 'kid': '../../etc'})}.{claims}.{signature}",
        "later": f"{head}.{written(later)}.{signature}",
        "another person": f"{head}.{written({**said, 'sub': '1' * 15})}.{signature}",
        "insurer": f"{head}.{written({**said, 'act_as': 'insurer'})}.{signature}",
        "twice": f"{token}, {token}",
        "a list": f"{written([])}.{written([])}.{signature}",
        "binary": "\xff\xfe\xfd",
        "long": "a" * 8_000,
    }


def test_no_bad_token_opens_any_interaction(scene: Scene) -> None:
    """401 on each row that asks for one, for a token of every bad kind and for none."""
    before = scene.digest()
    with served() as elsewhere:
        foreign = elsewhere.token("holder", ins=elsewhere.person())
    bad = {**tampered(scene.token), "of another server": foreign}
    offered = [interactions()[name] for name in HANDLERS]
    guarded = [row for row in offered if not row.is_open]

    for row in guarded:
        reply = scene.town.ask(row.verb, path_of(row, scene.document), b"{}")
        assert reply.status == 401, (row.name, reply.body)
        check_sober(reply)
    for row in guarded[:: len(guarded) // 4]:
        for name, token in bad.items():
            headers = {"Authorization": f"Bearer {token}"}
            reply = scene.town.ask(row.verb, path_of(row, scene.document), b"{}", headers=headers)
            assert reply.status == 401, (name, reply.status, reply.body)
            check_sober(reply)
            assert "www-authenticate" in reply.headers
    for scheme in ("Basic", "bearer2", "", "Bearer"):
        headers = {"Authorization": f"{scheme} {'' if scheme == 'Bearer' else scene.token}".strip()}
        check_refused(scene.town.ask("GET", "/fhir/Patient", headers=headers), 401)

    assert scene.digest() == before


def test_a_token_that_ended_or_was_revoked_opens_nothing() -> None:
    """To the second, by the clock of the service; a revocation counts from the next call."""
    form = "application/x-www-form-urlencoded"
    with served() as town:
        ins = town.person()
        revoked, ended = (town.token("holder", ins=ins) for _ in range(2))
        assert town.ask("GET", "/fhir/Patient", token=revoked).status != 401
        asked = f"token={revoked}&client_id={SANDBOX_CLIENT}".encode()
        assert town.ask("POST", "/oauth2/revoke", asked, media_type=form).status == 200
        check_refused(town.ask("GET", "/fhir/Patient", token=revoked), 401)

        town.control("clock", {"advance": "PT59M59S"})
        assert town.ask("GET", "/fhir/Patient", token=ended).status != 401
        town.control("clock", {"advance": "PT1S"})
        reply = town.ask("GET", "/fhir/Patient", token=ended)
        check_refused(reply, 401)
        assert reply.json["issue"][0]["code"] == "expired"


def parameters(ins: str, **more: object) -> bytes:
    """The Parameters of an operation on somebody's space."""
    named: list[dict[str, object]] = [
        {"name": "patient", "valueIdentifier": {"system": INS_SYSTEM, "value": ins}}
    ]
    named += [{"name": name, "valueString": value} for name, value in more.items()]
    return json.dumps({"resourceType": "Parameters", "parameter": named}).encode()


def searches(other: str) -> Iterable[str]:
    """Searches for somebody's record, under every name that a parameter has."""
    written = quote(f"{INS_SYSTEM}|{other}", safe="")
    for resource in ("DocumentReference", "List", "Consent", "AuditEvent", "Patient"):
        for name in ("patient.identifier", "patient:identifier", "subject.identifier"):
            yield f"/fhir/{resource}?{name}={written}&date=ge2021-01-01&status=current"
            yield f"/fhir/{resource}?{name}={other}&date=ge2021-01-01&status=current"
        for name in ("patient", "subject", "entity"):
            yield f"/fhir/{resource}?{name}=Patient/{person_id(other)}&date=ge2021-01-01"
        yield f"/fhir/{resource}?identifier={written}&date=ge2021-01-01"


def secrets_of(scene: Scene) -> list[bytes]:
    """What shows that something of the other person leaked."""
    who = scene.town.desk.host.service.person(scene.other).identity
    names = [TITLE, base64.b64encode(CONTENT).decode(), who.family, who.given, who.vitale_serial]
    return [name.encode() for name in names if len(name) > 3]


def check_nothing_leaks(scene: Scene, reply: Reply, asked: str) -> None:
    """The answer holds nothing that only the other person's record holds."""
    check_sober(reply)
    for secret in secrets_of(scene):
        assert secret not in reply.body, (asked, secret, reply.body)
    if reply.status == 200 and b'"Bundle"' in reply.body:
        # A parameter that is not known is passed over: what is found is the asker's own.
        found = [one["resource"] for one in reply.json.get("entry", [])]
        assert scene.other not in json.dumps(found), (asked, reply.body)
        assert person_id(scene.other) not in json.dumps(found), (asked, reply.body)


def test_nobody_reads_another_patients_record_by_any_address(scene: Scene) -> None:
    """Searches, reads by identifier and contents, for a holder and for a doctor without consent."""
    before = scene.digest()
    idents = (
        scene.document,
        person_id(scene.other),
        scene.other,
        scene.unique_id.rpartition(":")[2],
    )
    kinds = ("DocumentReference", "Binary", "List", "Patient", "Consent", "AuditEvent")
    paths = [*searches(scene.other), *(f"/fhir/{kind}/{one}" for kind in kinds for one in idents)]
    versions = (f"/fhir/DocumentReference/{one}/_history" for one in idents)
    paths += [f"{one}{version}" for one in versions for version in ("", "/1", "?_since=2022")]

    for path in paths:
        check_nothing_leaks(scene, scene.town.ask("GET", path, token=scene.token), path)
        # TD0.2 tells a professional who somebody is, and nothing of what the record holds.
        if not path.startswith("/fhir/Patient"):
            check_nothing_leaks(scene, scene.town.ask("GET", path, token=scene.doctors_token), path)
        address, _, query = path.partition("?")
        if query:
            form = "application/x-www-form-urlencoded"
            reply = scene.town.ask(
                "POST", f"{address}/_search", query.encode(), token=scene.token, media_type=form
            )
            check_nothing_leaks(scene, reply, path)

    assert scene.digest() == before


def test_nobody_changes_another_patients_record_by_any_address(scene: Scene) -> None:
    """Deposits, replacements, patches, operations and consents under a holder's own token."""
    before = scene.digest()
    patch = json.dumps([{"op": "replace", "path": "/status", "value": "superseded"}]).encode()
    patch_type = "application/json-patch+json"
    published = deposit(scene.other, uuid_of(3), "99700000000")
    replacing = deposit(scene.holder, uuid_of(4), "99700000000")
    replacing["relatesTo"] = [
        {"code": "replaces", "target": {"reference": f"DocumentReference/{scene.document}"}}
    ]
    mixed = deposit(scene.holder, uuid_of(5), "99700000000")
    mixed["subject"]["reference"] = f"Patient/{person_id(scene.other)}"
    consent = {
        "resourceType": "Consent",
        "status": "active",
        "patient": {"identifier": {"system": INS_SYSTEM, "value": scene.other}},
    }
    asked: list[tuple[str, str, bytes, str]] = [
        ("PATCH", f"/fhir/DocumentReference/{scene.document}", patch, patch_type),
        ("PATCH", f"/fhir/DocumentReference?identifier={scene.unique_id}", patch, patch_type),
        *(
            ("POST", path, json.dumps(body).encode(), FHIR_JSON)
            for path in ("/fhir/DocumentReference", "/fhir", "/fhir/Consent")
            for body in (published, replacing, mixed, consent)
        ),
        ("PUT", f"/fhir/Consent/{person_id(scene.other)}", json.dumps(consent).encode(), FHIR_JSON),
    ]
    trace = {"resourceType": "AuditEvent", "entity": [{"what": consent["patient"]}]}
    asked.append(("POST", "/fhir/AuditEvent", json.dumps(trace).encode(), FHIR_JSON))
    operations = [row for row in interactions().values() if row.operation]
    asked += [(row.verb, row.path, parameters(scene.other), FHIR_JSON) for row in operations]

    for verb, path, body, media_type in asked:
        reply = scene.town.ask(verb, path, body, token=scene.token, media_type=media_type)
        check_refused(reply)
        check_nothing_leaks(scene, reply, path)

    assert scene.digest() == before


def test_a_header_or_an_address_too_long_is_refused(scene: Scene) -> None:
    """431, or 400 where nothing of the request can be read."""
    long = "a" * 40_000
    check_refused(scene.town.ask("GET", "/health", headers={"X-Long": long}), 431)
    check_refused(scene.town.ask("GET", f"/fhir/Patient?identifier={long}", token=scene.token), 431)
    longer = f"/fhir/Patient?identifier={'a' * 70_000}"
    check_refused(raw_ask(scene.town, head("GET", longer)), 431)
    many = {f"X-{rank}": "a" * 100 for rank in range(400)}
    check_refused(raw_ask(scene.town, head("GET", "/health", **many)), 431)
    check_sober(scene.town.ask("GET", "/health"))


def head(verb: str, path: str, **headers: str) -> bytes:
    """The head of a request."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: here", *(f"{n}: {v}" for n, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def connected(town: Town) -> socket.socket:
    """A connection."""
    where = urlsplit(town.address)
    assert where.hostname
    assert where.port
    return socket.create_connection((where.hostname, where.port), timeout=20)


def raw_ask(town: Town, sent: bytes) -> Reply:
    """Send bytes; read what comes until the connection is closed or an answer is whole."""
    with connected(town) as connection:
        with suppress(OSError):
            connection.sendall(sent)
        return read_reply(connection)


def read_reply(connection: socket.socket) -> Reply:
    """Read one answer."""
    got = b""
    while True:
        try:
            more = connection.recv(65_536)
        except ConnectionError:
            break
        if not more:
            break
        got += more
        top, found, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", top)
        if found and length and len(body) >= int(length[1]):
            break
    top, _, body = got.partition(b"\r\n\r\n")
    status = int(top.split(b" ", 2)[1]) if top else 0
    return Reply(status, {}, body)


def test_a_body_longer_than_it_may_be_is_not_read_to_its_end(scene: Scene) -> None:
    """By the length it says, and by what comes when it says none."""
    said = head(
        "POST",
        "/fhir",
        Authorization=f"Bearer {scene.token}",
        **{
            "Content-Type": FHIR_JSON,
            "Content-Length": "999999999999",
        },
    )
    check_refused(raw_ask(scene.town, said), 413)
    chunked = head(
        "POST",
        "/fhir",
        Authorization=f"Bearer {scene.token}",
        **{
            "Content-Type": FHIR_JSON,
            "Transfer-Encoding": "chunked",
        },
    )
    chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
    check_refused(raw_ask(scene.town, chunked + chunk * 8), 413)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /fhir HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /health HTTP/1.1\r\nX: \x00\r\n\r\n",
        b"POST /fhir HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_ends(scene: Scene, sent: bytes) -> None:
    """Handshakes of TLS, versions, lengths that contradict each other."""
    with connected(scene.town) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        reply = read_reply(connection)

    assert reply.status in {0, 400, 401, 505}, reply
    check_sober(reply)


@pytest.mark.parametrize(
    "path",
    [
        "/fhir/../../etc/passwd",
        "/fhir/%2e%2e/%2e%2e/etc/passwd",
        "//fhir//metadata",
        "/fhir/DocumentReference/%00",
        "/fhir/DocumentReference/" + "a" * 200,
        "/fhir/DocumentReference/a%2Fb",
        "/fhir/Patient/$mes-nothing",
        "/fhir/Dragon",
        "/%ff",
        "/fhir/DocumentReference?%ff=%ff",
        "/fhir/DocumentReference?" + "a=b&" * 2000,
        "/fhir/DocumentReference?_count=99999999999999999999",
        "/fhir/DocumentReference?_count=-1",
        "/fhir/DocumentReference?_count=1e9",
        "/fhir/DocumentReference?date=" + "9" * 500,
        "/fhir/DocumentReference?date=ge99999-01-01",
        "/fhir/DocumentReference?_page=AAAA",
        "/fhir/DocumentReference?_page=" + "A" * 3000,
        "/fhir/DocumentReference?_format=exe",
        "/fhir/DocumentReference?patient.identifier=%7C%7C%7C",
        "/fhir/DocumentReference?patient.identifier=" + "%7C".join("a" * 50),
        "/fhir/AuditEvent?date=ge0000-00-00",
        "/oauth2/authorize?response_type=code&client_id=%00&redirect_uri=javascript:alert(1)",
    ],
)
def test_no_address_stops_the_server(scene: Scene, path: str) -> None:
    """Nor shows anything of it."""
    for token in ("", scene.token):
        check_sober(scene.town.ask("GET", path, token=token))


@pytest.mark.parametrize(
    "verb", ["TRACE", "CONNECT", "PROPFIND", "get", "OPTIONS", "DELETE", "X" * 50]
)
def test_verbs_that_nothing_has_are_refused(scene: Scene, verb: str) -> None:
    """405 with what the address takes, or 400."""
    reply = scene.town.ask(verb, "/fhir/DocumentReference", token=scene.token)

    check_refused(reply, 400, 405, 501)


def test_half_open_connections_are_let_go_and_the_others_answered() -> None:
    """Silent, in the middle of a head, of a body, and gone without a word."""
    bounds = Bounds(idle_seconds=1.0, request_seconds=0.5, connections=60)
    with served(bounds) as town, ExitStack() as opened:
        known = {"Authorization": f"Bearer {town.token('insurer')}"}
        chunked = head("POST", "/fhir", **known, **{"Transfer-Encoding": "chunked"})
        # What is sent, and what may come before the connection ends: nothing (0) or a refusal.
        beginnings: Sequence[tuple[bytes, frozenset[int]]] = (
            (b"", frozenset({0})),
            (b"POST /fhir HT", frozenset({0, 408})),
            (head("POST", "/fhir", **{"Content-Length": "9"}) + b"{", frozenset({401})),
            (head("POST", "/fhir", **known, **{"Content-Length": "9"}) + b"{", frozenset({408})),
            (chunked + b"5\r\n{", frozenset({408})),
        )
        before = town.desk.host.service.digest(traces=True)
        halves = [opened.enter_context(connected(town)) for _ in range(40)]
        for rank, connection in enumerate(halves):
            connection.sendall(beginnings[rank % len(beginnings)][0])
        for _ in range(10):
            gone = connected(town)
            gone.sendall(beginnings[3][0])
            gone.close()

        assert town.ask("GET", "/health").status == 200

        for rank, connection in enumerate(halves):
            reply = read_reply(connection)
            assert reply.status in beginnings[rank % len(beginnings)][1], reply
            check_sober(reply)
        assert town.ask("GET", "/health").status == 200
        assert town.desk.host.service.digest(traces=True) == before


def test_a_client_that_trickles_is_let_go() -> None:
    """A byte at a time does not keep a connection for ever."""
    with served(Bounds(idle_seconds=1.0, request_seconds=0.5)) as town, connected(town) as one:
        request = b"POST /fhir HTTP/1.1\r\nHost: somebody who is in no hurry at all"
        sent = 0
        with contextlib.suppress(OSError):
            for byte in request:
                one.send(bytes([byte]))
                sent += 1
                time.sleep(0.05)

        assert sent < len(request)


def resident_kilobytes(process: int) -> int:
    """How much memory a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="where /proc tells how much a process holds")
def test_memory_stays_flat_whatever_is_sent() -> None:
    """After a first round, three hundred hostile requests leave less than two megabytes behind."""
    options = ("--sandbox", "--port", "0", "--json", "--people", "1")
    with subprocess.Popen(
        [sys.executable, "-m", "etalon_cli", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as server:
        assert server.stdout is not None
        told: dict[str, str] = json.loads(server.stdout.readline())
        address = urlsplit(told["address"]).netloc
        connection = HTTPConnection(address, timeout=20)
        nested = b'{"resourceType": "Bundle", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"

        def send(rounds: int) -> None:
            for rank in range(rounds):
                who = {"actor": {"kind": "insurer", "scope": f"system/Patient.r x{rank}"}}
                for verb, path, body, token in (
                    ("POST", "/fhir", nested, f"forged.{rank}.token"),
                    ("GET", f"/fhir/Patient/{rank}?_format=x{rank}", None, ""),
                    ("GET", f"/nowhere/{rank}?{rank}={'a' * 5000}", None, f"token{rank}"),
                    ("POST", "/sandbox/tokens", json.dumps(who).encode(), ""),
                    ("POST", "/oauth2/token", b"grant_type=authorization_code&code=%d" % rank, ""),
                ):
                    headers = {"Content-Type": "application/json", "Accept": f"x/{rank}"}
                    headers |= {"Authorization": f"Bearer {token}"} if token else {}
                    connection.request(verb, path, body, headers)
                    reply = connection.getresponse()
                    reply.read()
                    assert 400 <= reply.status < 500

        send(30)
        before = resident_kilobytes(server.pid)
        send(60)
        after = resident_kilobytes(server.pid)
        connection.close()
        server.terminate()

    assert after - before < 2048
