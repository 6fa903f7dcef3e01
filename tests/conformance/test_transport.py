"""Whatever a target does to a connection, an exchange ends in time, in memory, and with a value."""

import socket
import threading
import tracemalloc
from collections.abc import Generator
from pathlib import Path

import pytest

from etalon_target.messages import (
    Answer,
    FailureKind,
    HttpRequest,
    HttpResponse,
    NotJson,
    TransportFailure,
)
from etalon_target.proxies import (
    Proxy,
    ProxyRefusedError,
    Route,
    proxy_of,
    route_from_environment,
    route_through,
)
from etalon_target.tls import TlsError, TlsFiles, tls_context
from etalon_target.transport import Bounds, Transport
from hostile_server import HostileServer, hostile
from secured_scene import Secured, ThroughLoopback, tunnel

BOUNDS = Bounds(seconds=20, bytes=200_000, redirects=2)
HASTY = Bounds(seconds=0.25, bytes=200_000, redirects=2)
ENDLESS = {"/hang", "/drip", "/informed"}
ROOM = 16 * 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    """One server for the module."""
    with hostile() as one:
        yield one


@pytest.fixture
def transport() -> Generator[Transport]:
    """A way to it with narrow bounds."""
    one = Transport(BOUNDS)
    yield one
    one.close()


def got(transport: Transport, server: HostileServer, path: str, verb: str = "GET") -> Answer:
    """What comes back from a path."""
    return transport.send(HttpRequest(verb, f"{server.address}{path}"))


SURPRISES = {
    "/hang": FailureKind.TIMEOUT,
    "/drip": FailureKind.TIMEOUT,
    "/drop": FailureKind.DROPPED,
    "/short": FailureKind.CUT_SHORT,
    "/short-chunks": FailureKind.CUT_SHORT,
    "/endless": FailureKind.TOO_LARGE,
    "/gigabyte": FailureKind.TOO_LARGE,
    "/bomb": FailureKind.TOO_LARGE,
    "/not-gzip": FailureKind.MALFORMED,
    "/garbage": FailureKind.MALFORMED,
    "/headers": FailureKind.MALFORMED,
    "/loop": FailureKind.REDIRECTS,
}


@pytest.mark.parametrize(("path", "kind"), SURPRISES.items())
def test_a_surprise_is_a_value_within_the_bounds(
    transport: Transport, server: HostileServer, path: str, kind: FailureKind
) -> None:
    """Its kind says what happened; memory stays far below what is sent."""
    transport.bounds = HASTY if path in ENDLESS else BOUNDS
    tracemalloc.start()
    try:
        answer = got(transport, server, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(answer, TransportFailure), answer
    assert answer.kind is kind, answer
    # The server's own copy of what it sends stands in the same process.
    assert path == "/bomb" or peak < ROOM
    assert answer.maybe_applied


def test_interim_answers_without_end_are_given_up(
    transport: Transport, server: HostileServer
) -> None:
    """Each is an answer of HTTP, none is the last."""
    transport.bounds = HASTY
    answer = got(transport, server, "/informed")
    assert isinstance(answer, TransportFailure)
    assert answer.kind in {FailureKind.TIMEOUT, FailureKind.MALFORMED}


@pytest.mark.parametrize(
    ("path", "status"), [("/html", 200), ("/fault", 500), ("/invalid", 200), ("/wrong-type", 200)]
)
def test_a_wrong_answer_is_an_answer(
    transport: Transport, server: HostileServer, path: str, status: int
) -> None:
    """Judging it is not for the transport; reading it as JSON never raises."""
    answer = got(transport, server, path)
    assert isinstance(answer, HttpResponse)
    assert answer.status == status
    assert isinstance(answer.json(), NotJson) or path == "/wrong-type"


def test_nobody_listening_is_a_refusal_that_changed_nothing(transport: Transport) -> None:
    """Certain: no byte left."""
    with hostile() as gone:
        address = gone.address
    answer = transport.send(HttpRequest("POST", address, body=b"{}"))
    assert isinstance(answer, TransportFailure)
    assert (answer.kind, answer.maybe_applied) == (FailureKind.REFUSED, False)


@pytest.mark.parametrize("url", ["http://\u2028/", "ftp://127.0.0.1/", "http://[::x/", "/relative"])
def test_an_address_that_cannot_be_reached_is_a_value(transport: Transport, url: str) -> None:
    """Whatever is wrong with it."""
    answer = transport.send(HttpRequest("GET", url))
    assert isinstance(answer, TransportFailure)
    assert not answer.maybe_applied


def test_a_name_without_address_is_unresolved(transport: Transport) -> None:
    """The names under .invalid never have one (RFC 6761)."""
    transport.bounds = HASTY
    answer = transport.send(HttpRequest("GET", "http://etalon.invalid/"))
    assert isinstance(answer, TransportFailure)
    # A resolver that does not answer at all is given up in time.
    assert answer.kind in {FailureKind.UNRESOLVED, FailureKind.TIMEOUT}


@pytest.mark.parametrize(("verb", "times"), [("GET", 2), ("HEAD", 2), ("POST", 1), ("DELETE", 1)])
def test_a_dropped_kept_connection_is_tried_again_only_where_that_changes_nothing(
    transport: Transport, server: HostileServer, verb: str, times: int
) -> None:
    """The second request of a connection is dropped before any answer."""
    got(transport, server, "/kept")
    before = len(server.asked)
    answer = got(transport, server, "/once", verb)
    tried = server.asked[before:]
    if verb in {"POST", "DELETE"}:
        assert isinstance(answer, TransportFailure)
        assert (answer.kind, answer.maybe_applied) == (FailureKind.DROPPED, True)
    else:
        assert isinstance(answer, HttpResponse)
    assert tried == [f"{verb} /once"] * times


def test_redirections_are_followed_and_told(transport: Transport, server: HostileServer) -> None:
    """Every exchange reaches the observers."""
    told: list[str] = []
    transport.observers.append(lambda request, _: told.append(request.url))
    answer = got(transport, server, "/away?to=%2Fecho")
    assert isinstance(answer, HttpResponse)
    assert answer.redirects == (f"{server.address}/echo",)
    assert told == [f"{server.address}/away?to=%2Fecho", f"{server.address}/echo"]


def test_a_post_is_never_redirected(transport: Transport, server: HostileServer) -> None:
    """Nor what asks not to be."""
    answer = got(transport, server, "/away?to=%2Fecho", "POST")
    stays = transport.send(HttpRequest("GET", f"{server.address}/loop", follows=False))
    assert isinstance(answer, HttpResponse)
    assert isinstance(stays, HttpResponse)
    assert (answer.status, stays.status) == (307, 302)


def test_a_redirection_that_is_no_address_is_the_answer(
    transport: Transport, server: HostileServer
) -> None:
    """It is for a check to judge."""
    answer = got(transport, server, "/nowhere")
    assert isinstance(answer, HttpResponse)
    assert answer.status == 302


def test_a_token_never_follows_to_another_origin(
    transport: Transport, server: HostileServer
) -> None:
    """The same host on another port is another origin."""
    with hostile() as other:
        for to, kept in ((f"{other.address}/echo", False), (f"{server.address}/echo", True)):
            url = f"{server.address}/away?to={to}"
            headers = (("Authorization", "Bearer secret-token"),)
            answer = transport.send(HttpRequest("GET", url, headers))
            assert isinstance(answer, HttpResponse)
            assert (b"secret-token" in answer.body) is kept


OID = "1.2.250.1.213.1.4.8"
PRODUCTION = {
    "an address": HttpRequest("GET", f"http://127.0.0.1/P?identifier=urn:oid:{OID}|1"),
    "an address, percent-encoded": HttpRequest(
        "GET", f"http://127.0.0.1/P?identifier=urn%3Aoid%3A{OID.replace('.', '%2E')}%7C1"
    ),
    "a header": HttpRequest("GET", "http://127.0.0.1/", (("X-Patient", f"{OID}^1"),)),
    "a body": HttpRequest(
        "POST", "http://127.0.0.1/", body=f'{{"system": "urn:oid:{OID}"}}'.encode()
    ),
    "a document in base64": HttpRequest(
        "POST",
        "http://127.0.0.1/",
        body=b'{"data":"PENsaW5pY2FsRG9jdW1lbnQ+PGlkIHJvb3Q9IjEuMi4yNTAuMS4yMTMuMS40LjgiLz4="}',
    ),
    "the NIA": HttpRequest("GET", "http://127.0.0.1/P?identifier=urn:oid:1.2.250.1.213.1.4.9|1"),
}


@pytest.mark.parametrize("request_", PRODUCTION.values(), ids=PRODUCTION)
def test_a_matricule_of_production_never_leaves(
    transport: Transport, request_: HttpRequest
) -> None:
    """Wherever its OID stands."""
    answer = transport.send(request_)
    assert isinstance(answer, TransportFailure)
    assert (answer.kind, answer.maybe_applied) == (FailureKind.WITHHELD, False)


@pytest.mark.parametrize("oid", ["1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.80", "9.1.2.250.1"])
def test_other_oids_are_sent(transport: Transport, server: HostileServer, oid: str) -> None:
    """Those of tests begin like those of production."""
    assert isinstance(got(transport, server, f"/echo?identifier=urn:oid:{oid}|1"), HttpResponse)


def test_several_threads_share_a_transport(transport: Transport, server: HostileServer) -> None:
    """Each has its own time."""
    answers: list[tuple[str, Answer]] = []

    def ask(path: str) -> None:
        answers.append((path, got(transport, server, path)))

    paths = ("/endless", *["/kept"] * 8, "/drop")
    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path for path, one in answers if isinstance(one, HttpResponse)] == ["/kept"] * 8


def test_loopback_is_direct_whatever_the_environment_says(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of a company does not reach this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    transport = Transport(BOUNDS, route=route_from_environment())
    assert isinstance(got(transport, server, "/kept"), HttpResponse)
    answer = transport.send(HttpRequest("GET", "http://etalon.test/"))
    transport.close()
    assert isinstance(answer, TransportFailure)
    assert (answer.kind, answer.maybe_applied) == (FailureKind.PROXY, False)


def test_a_proxy_carries_what_is_not_spared(server: HostileServer) -> None:
    """With its credentials; hosts spared by `no_proxy` go direct."""
    proxy = Proxy(server.address, "user", "password")
    transport = Transport(BOUNDS, route=route_through(proxy, "spared.test"))
    answer = transport.send(HttpRequest("GET", "http://etalon.test/echo"))
    transport.close()
    # A proxy is asked by the absolute address.
    assert isinstance(answer, HttpResponse)
    assert b'"GET http://etalon.test/echo"' in answer.body
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==" in answer.body
    assert Route({"http": proxy}, "spared.test").proxy_for("http://a.spared.test/") is None


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://", "http://h:port"])
def test_a_proxy_that_cannot_be_used_is_refused(address: str) -> None:
    """Nothing of its password is said."""
    with pytest.raises(ProxyRefusedError):
        proxy_of(address)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Secured:
    """Its files."""
    return Secured(tmp_path_factory.mktemp("tls"))


def test_client_certificates_are_shown_from_pem_and_from_pkcs12(secured: Secured) -> None:
    """Without one, or without trust in the server, TLS is what failed."""
    files = {
        "pem": TlsFiles(secured.bundle, secured.pem),
        "pkcs12": TlsFiles(secured.bundle, secured.pkcs12, password="password"),  # noqa: S106 (of a test)
        "no certificate": TlsFiles(secured.bundle),
        "no trust": TlsFiles(certificate=secured.pem),
    }
    said: dict[str, object] = {}
    with hostile(secured.context) as server:
        for name, one in files.items():
            transport = Transport(BOUNDS, tls_context(one))
            answer = got(transport, server, "/kept")
            transport.close()
            said[name] = answer.status if isinstance(answer, HttpResponse) else answer.kind
    tls = FailureKind.TLS
    assert said == {"pem": 200, "pkcs12": 200, "no certificate": tls, "no trust": tls}


def test_tls_goes_through_a_proxy_to_its_end(secured: Secured) -> None:
    """The proxy sees where to, and no more."""
    asked: list[bytes] = []
    files = TlsFiles(secured.bundle, secured.pem)
    with hostile(secured.context) as server, socket.create_server(("127.0.0.1", 0)) as listening:
        carrying = threading.Thread(target=tunnel, args=(listening, asked))
        carrying.start()
        proxy = Proxy(f"http://127.0.0.1:{listening.getsockname()[1]}")
        transport = Transport(BOUNDS, tls_context(files), ThroughLoopback({"https": proxy}))
        answer = got(transport, server, "/kept")
        transport.close()
        carrying.join()
    assert isinstance(answer, HttpResponse), answer
    assert asked == [f"CONNECT {server.address.removeprefix('https://')} HTTP/1.1".encode()]


def test_files_of_tls_that_cannot_be_used_are_named(secured: Secured, tmp_path: Path) -> None:
    """Missing, wrong password, no certificate at all."""
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"rubbish")
    wrong = (
        TlsFiles(ca_bundle=tmp_path / "none.pem"),
        TlsFiles(ca_bundle=rubbish),
        TlsFiles(certificate=secured.pkcs12, password="other"),  # noqa: S106 (of a test)
        TlsFiles(certificate=rubbish),
        TlsFiles(certificate=secured.bundle),
    )
    for files in wrong:
        with pytest.raises(TlsError) as refused:
            tls_context(files)
        assert refused.value.path in {files.ca_bundle, files.certificate}
