# pyright: standard
"""A server listens, knows clients by their certificates, bounds them, and finishes on a stop."""

import asyncio
import base64
import gc
import hashlib
import json
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, redirect_stdout, suppress
from http.client import HTTPConnection, HTTPSConnection
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import trustme

from durable_town import SEED, parameters
from etalon_server import application
from etalon_server.disturbances import Disturbance
from etalon_server.exchange import Answer, Desk, Handler, Request
from etalon_server.listening import Endpoint, Running, Tls, TlsRefusedError, running, start
from etalon_server.log import Log
from etalon_server.routes import HANDLERS
from etalon_server.service_host import Host
from etalon_server.settings import Bounds, Settings
from etalon_wire.validation.validator import Validator
from import_table import ROOT

VALIDATOR: Final = Validator()
OUTCOME: Final = b'"resourceType":"OperationOutcome"'


def desk_of(directory: Path | None = None, **bounds: float) -> Desk:
    """A desk of an empty service."""
    host = Host(parameters(), seed=SEED, directory=directory)
    return Desk(host, Settings(bounds=Bounds(**bounds)), VALIDATOR)  # type: ignore[arg-type]


def connected(server: Running) -> socket.socket:
    """A bare connection."""
    parts = urlsplit(server.address)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def answered(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts: list[bytes] = []
    try:
        while part := connection.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Handler]], None]:
    """Put handlers in the place of those of the server."""

    def put(other: Mapping[str, Handler]) -> None:
        monkeypatch.setattr(application.create_app, "__defaults__", (None, {**HANDLERS, **other}))

    return put


@pytest.mark.requirement("W-SEC-03")
def test_the_thumbprint_of_a_clients_certificate_reaches_the_handler(
    tmp_path: Path, handlers: Callable[[Mapping[str, Handler]], None]
) -> None:
    """By a real handshake; without a certificate there is none, and another authority's is cut."""

    async def whose(desk: Desk, request: Request) -> Answer:
        del desk
        return Answer(200, request.certificate.encode(), "text/plain")

    handlers({"health": whose})
    authority, stranger = trustme.CA(), trustme.CA()
    endpoint = Endpoint(tls=certificates(authority, tmp_path))
    with running(desk_of(), endpoint) as server:
        parts = urlsplit(server.address)

        def asked(context: ssl.SSLContext) -> bytes:
            with closing(HTTPSConnection("127.0.0.1", parts.port, context=context)) as connection:
                connection.request("GET", "/health")
                return connection.getresponse().read()

        mine = authority.issue_cert("client@example.org")
        trusting = client_context(authority)
        assert asked(trusting) == b""
        mine.configure_cert(trusting)
        der = ssl.PEM_cert_to_DER_cert(mine.cert_chain_pems[0].bytes().decode())
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=")
        assert asked(trusting) == thumbprint
        other = client_context(authority)
        stranger.issue_cert("client@example.org").configure_cert(other)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            asked(other)


@pytest.mark.requirement("W-SEC-01")
def test_an_old_version_of_tls_is_not_spoken(tmp_path: Path) -> None:
    """1.2 and 1.3 are, 1.1 is not."""
    authority = trustme.CA()
    spoken: list[str] = []
    with running(desk_of(), Endpoint(tls=certificates(authority, tmp_path))) as server:
        for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(authority)
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():
                # Python deprecates the old version, which is what is asked for here.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = version
            with (
                connected(server) as plain,
                suppress(ssl.SSLError, ConnectionError),
                context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
            ):
                spoken.append(str(secured.version()))

    assert spoken == ["TLSv1.2", "TLSv1.3"]


def certificates(authority: trustme.CA, folder: Path) -> Tls:
    """The certificate of a server, and the authority of its clients."""
    issued = authority.issue_cert("127.0.0.1")
    names = [folder / name for name in ("server.pem", "server.key", "authority.pem")]
    names[0].write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    names[1].write_bytes(issued.private_key_pem.bytes())
    names[2].write_bytes(authority.cert_pem.bytes())
    return Tls(*names)


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """What a client trusts."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_what_is_no_certificate_is_refused_by_name(tmp_path: Path) -> None:
    """Before anything listens."""
    file = tmp_path / "nothing.pem"
    file.write_bytes(b"nothing")

    with pytest.raises(TlsRefusedError, match=r"nothing\.pem"):
        start(desk_of(), Endpoint(tls=Tls(file, file)), lambda _: None)


def test_a_port_that_is_taken_is_refused() -> None:
    """The error is the system's own."""
    with running(desk_of()) as server, pytest.raises(OSError, match="in use"):
        start(desk_of(), Endpoint(port=urlsplit(server.address).port or 0), lambda _: None)


def test_a_server_on_a_thread_leaves_the_collector_of_its_process_alone() -> None:
    """The memory that it would look at less often is also that of others."""
    before = gc.get_threshold(), gc.get_freeze_count()
    with running(desk_of()):
        assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_stop_finishes_what_was_accepted(
    tmp_path: Path, handlers: Callable[[Mapping[str, Handler]], None]
) -> None:
    """A request on its way is answered, an idle connection is closed, the host is closed last."""
    begun = threading.Event()
    seen: list[bool] = []

    async def slow(desk: Desk, request: Request) -> Answer:
        del request
        begun.set()
        await asyncio.sleep(0.3)
        seen.append(desk.host.failure is None)
        return Answer(200, b"done", "text/plain")

    handlers({"health": slow})
    with (
        running(desk_of(tmp_path)) as server,
        connected(server) as idle,
        connected(server) as busy,
    ):
        busy.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        begun.wait(10)
        server.stop()
        assert answered(busy).endswith(b"done")
        assert answered(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        connected(server)
    assert seen == [True]


def test_one_connection_more_than_may_be_is_told_to_come_back() -> None:
    """It hears 503; those that are there go on."""
    with running(desk_of(connections=2)) as server, ExitStack() as stack:
        first, _, third = (stack.enter_context(connected(server)) for _ in range(3))
        time.sleep(0.05)
        third.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        refused = answered(third)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in refused.lower()
        assert OUTCOME in refused
        first.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answered(first).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_takes_no_answer_is_let_go(
    handlers: Callable[[Mapping[str, Handler]], None],
) -> None:
    """An answer larger than what the system holds for nobody who reads it is cut."""
    whole = bytes(32 << 20)

    async def large(desk: Desk, request: Request) -> Answer:
        del desk, request
        return Answer(200, whole, "text/plain")

    handlers({"health": large})
    with running(desk_of(answer_seconds=0.2)) as server, connected(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.6)
        taken = answered(connection)

    assert 0 < len(taken) < len(whole)


def test_a_fault_switch_cuts_slows_and_refuses() -> None:
    """As the sandbox asks, without the handler or after it."""

    class Switches:
        """One disturbance for each path."""

        def of(self, path: str) -> Disturbance | None:
            return {
                "/health": Disturbance(resets=True),
                "/health/ready": Disturbance(status=429, retry_after_seconds=7),
                "/metrics": Disturbance(wait_seconds=0.05, slow_body_seconds=0.05),
            }.get(path)

    desk = desk_of()
    desk.faults = Switches()
    with running(desk) as server:
        with connected(server) as cut:
            cut.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answered(cut) == b""
        with closing(HTTPConnection(urlsplit(server.address).netloc)) as connection:
            connection.request("GET", "/health/ready")
            refused = connection.getresponse()
            assert (refused.status, refused.headers["retry-after"]) == (429, "7")
            assert OUTCOME in refused.read()
            started = time.monotonic()
            connection.request("GET", "/metrics")
            assert b"etalon_answers_total" in connection.getresponse().read()
            assert time.monotonic() - started >= 0.1


def test_a_fault_of_ours_is_told_soberly_and_logged_without_its_words(
    handlers: Callable[[Mapping[str, Handler]], None],
) -> None:
    """The client hears the identifier of the request; the log, the kind and the place."""

    async def broken(desk: Desk, request: Request) -> Answer:
        del desk, request
        message = "279035121518989 has a secret"
        raise RuntimeError(message)

    handlers({"health": broken})
    written = BytesIO()
    with (
        running(desk_of(), log=Log(written)) as server,
        closing(HTTPConnection(urlsplit(server.address).netloc)) as connection,
    ):
        connection.request(
            "GET", "/health?patient=279035121518989", headers={"X-Request-Id": "r-1"}
        )
        answer = connection.getresponse()
        body = answer.read()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]

    assert (answer.status, answer.headers["x-request-id"]) == (500, "r-1")
    assert json.loads(body)["id"] == "r-1"
    assert b"secret" not in body
    assert b"Traceback" not in body
    lines = [line for line in lines if line["event"] != "listener"]
    assert [line["event"] for line in lines] == ["fault", "answer"]
    assert {line["request"] for line in lines} == {"r-1"}
    assert lines[0]["kind"] == "RuntimeError"
    assert any("test_listening" in place for place in lines[0]["where"])
    assert b"279035121518989" not in written.getvalue()


def test_the_example_of_the_readme_listens() -> None:
    """It prints an address, and is gone after its block."""
    readme = (ROOT / "model" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme.partition("## etalon_server")[2], re.DOTALL)
    said = StringIO()

    with redirect_stdout(said):
        exec(blocks[0], {})  # noqa: S102 (our own text)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", said.getvalue())


def test_what_the_listener_says_is_in_the_log_and_nowhere_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its words with no more than numbers, from the start to the stop."""
    written = BytesIO()
    with running(desk_of(), log=Log(written)) as server, connected(server) as connection:
        connection.sendall(b"279035121518989 is no HTTP\r\n\r\n")
        assert answered(connection).startswith(b"HTTP/1.1 400 ")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]

    assert {"event": "listener", "level": "WARNING", "words": "Invalid HTTP request received."} in [
        {name: value for name, value in line.items() if name != "at"} for line in lines
    ]
    assert b"279035121518989" not in written.getvalue()
    assert not re.search(rb"%[sd]", written.getvalue())
    assert capfd.readouterr() == ("", "")


def test_metrics_count_answers_by_interaction_and_status() -> None:
    """In the text format of Prometheus: every sample has its type, buckets add up."""
    with (
        running(desk_of()) as server,
        closing(HTTPConnection(urlsplit(server.address).netloc)) as connection,
    ):
        for path in ("/health", "/health", "/nowhere", "/metrics"):
            connection.request("GET", path)
            text = connection.getresponse().read().decode()

    assert 'etalon_answers_total{interaction="health",status="200"} 2' in text
    assert 'etalon_answers_total{interaction="",status="404"} 1' in text
    assert 'etalon_answer_seconds_bucket{interaction="health",le="+Inf"} 2' in text
    typed = set(re.findall(r"^# TYPE (\w+) (?:counter|gauge|histogram)$", text, re.MULTILINE))
    samples = set(re.findall(r"^(\w+?)(?:_bucket|_sum|_count)?(?:\{|\s\d)", text, re.MULTILINE))
    assert samples == typed
