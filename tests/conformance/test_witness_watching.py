# pyright: reportUnknownMemberType=false
"""What goes by between two products is passed on unharmed, kept whole, and judged on both sides."""

import http.client
import json
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from etalon_cli.command import main
from etalon_conformance.evidence.traces import Trace
from etalon_conformance.exchanges import Exchange
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.witness.judging import NOT_COVERED
from etalon_conformance.witness.watch_verdicts import SIDES, unshown, watched_results
from etalon_conformance.witness.watching import BODY_MOST, Upstream, Watching
from etalon_text.schema_files import schema

HERE = str(Path(__file__).parent)
PDF = b"%%PDF-1.4 http://%s/fhir \x00\xff"


class Behind(BaseHTTPRequestHandler):
    """A server that says its own address, in JSON and inside a document."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with what was asked, and where."""
        host = self.headers["Host"]
        if self.path.endswith("/Binary/1"):
            self.answer(200, "application/pdf", PDF % host.encode())
        elif self.path.endswith("/gone"):
            self.close_connection = True
        elif self.path.endswith("/nothing"):
            self.answer(204, "", b"")
        else:
            told = {
                "resourceType": "Bundle",
                "type": "searchset",
                "url": f"http://{host}/fhir/next",
            }
            self.answer(200, "application/fhir+json", json.dumps(told).encode())

    do_HEAD = do_GET  # noqa: N815 (the name that http.server calls)

    def do_POST(self) -> None:
        """Answer with what came."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, "application/json", body)

    def answer(self, status: int, kind: str, body: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", f"http://{self.headers['Host']}/fhir/made")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
        """Say nothing."""


@contextmanager
def serving(server: ThreadingHTTPServer) -> Generator[int]:
    """Serve on a thread while the block lasts; give the port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def behind() -> Generator[str]:
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    server.daemon_threads = True
    with serving(server) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def watch(behind: str) -> Generator[tuple[Watching, list[Exchange]]]:
    """The proxy, and what it kept."""
    kept: list[Exchange] = []
    proxy = Watching(("127.0.0.1", 0), Upstream(behind, 5), kept.append)
    with serving(proxy):
        yield proxy, kept


def ask(
    origin: str, verb: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, bytes]:
    """The status of an answer, its location and its body."""
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    connection.request(verb, path, body, headers)
    answer = connection.getresponse()
    found = answer.status, answer.headers.get("Location", ""), answer.read()
    connection.close()
    return found


def test_addresses_are_written_anew_and_documents_are_not(
    watch: tuple[Watching, list[Exchange]], behind: str
) -> None:
    """The client stays on this side, and the bytes of a document keep their digest."""
    origin = watch[0].origin

    status, location, body = ask(origin, "GET", "/fhir/DocumentReference?a=b")
    assert (status, location) == (200, f"{origin}/fhir/made")
    assert json.loads(body)["url"] == f"{origin}/fhir/next"

    host = behind.removeprefix("http://")
    assert ask(origin, "GET", "/fhir/Binary/1")[2] == PDF % host.encode()


def test_what_is_kept_is_what_the_client_saw(watch: tuple[Watching, list[Exchange]]) -> None:
    """Address, headers and both bodies."""
    proxy, kept = watch
    body = json.dumps({"url": f"{proxy.origin}/fhir"}).encode()

    status, _, answered = ask(
        proxy.origin, "POST", "/fhir", body, **{"Content-Type": "application/json"}
    )

    last = kept[-1]
    assert (status, answered) == (201, body), "the server was told its own address, and said it"
    assert last.request.url == f"{proxy.origin}/fhir"
    assert (last.request.body, last.body, last.status) == (body, body, 201)
    assert last.number == len(kept)


@pytest.mark.parametrize(
    ("verb", "path", "status"), [("HEAD", "/fhir", 200), ("GET", "/nothing", 204)]
)
def test_answers_without_a_body_are_passed_on(
    verb: str, path: str, status: int, watch: tuple[Watching, list[Exchange]]
) -> None:
    """Nothing is waited for after their head."""
    found = ask(watch[0].origin, verb, path)

    assert (found[0], found[2]) == (status, b"")


def test_a_body_in_chunks_is_passed_on_whole(watch: tuple[Watching, list[Exchange]]) -> None:
    """With its length known, as one piece."""
    where = watch[0].origin.removeprefix("http://").split(":")
    with socket.create_connection((where[0], int(where[1])), timeout=10) as connection:
        connection.sendall(
            b"POST /fhir HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
            b'5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
        )
        answered = b""
        while part := connection.recv(65_536):
            answered += part

    assert answered.startswith(b"HTTP/1.1 201")
    assert answered.endswith(b'{"a":1}')


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b""),
        (b"EHLO client.test\r\n", b""),
        (b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (f"POST / HTTP/1.1\r\nContent-Length: {BODY_MOST + 1}\r\n\r\n".encode(), b"413"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b""),
        (b"", b""),
    ],
)
def test_a_client_that_speaks_otherwise_harms_nobody(
    sent: bytes, status: bytes, watch: tuple[Watching, list[Exchange]]
) -> None:
    """TLS, mail, lengths that are none, bodies and lines without end, silence: others go on."""
    proxy, kept = watch
    before = len(kept)
    where = proxy.origin.removeprefix("http://").split(":")
    with socket.create_connection((where[0], int(where[1])), timeout=10) as connection:
        connection.sendall(sent)
        if status:
            assert status in connection.recv(200)

    assert len(kept) == before
    assert ask(proxy.origin, "GET", "/fhir")[0] == 200


def test_a_server_that_does_not_answer_is_told_and_not_held_against_the_client(
    watch: tuple[Watching, list[Exchange]],
) -> None:
    """The client hears 502; what is kept says that no answer came."""
    proxy, kept = watch

    assert ask(proxy.origin, "GET", "/fhir/gone")[0] == 502
    assert kept[-1].status == 0


@pytest.fixture(scope="module")
def watched(behind: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The directory of a watch that one search went by and that Ctrl-C ended, and its exit code."""
    folder, port = tmp_path_factory.mktemp("watch") / "W", free_port()
    options = ["--upstream", f"{behind}/fhir", "--out", str(folder), "--port", str(port)]
    client = threading.Thread(target=_search_and_stop, args=(port,))
    client.start()
    code = main(["conformance", "watch", *options, "--seconds", "120", "--lang", "en"])
    client.join()
    return folder, code


def _search_and_stop(port: int) -> None:
    path = "/fhir/DocumentReference?patient.identifier=urn:oid:1.2|1&status=current"
    for _ in range(1200):
        try:
            ask(f"http://127.0.0.1:{port}", "GET", path, Authorization="Bearer T0P5ECRET")
        except OSError:
            threading.Event().wait(0.05)
        else:
            signal.raise_signal(signal.SIGINT)
            return


def read(file: Path) -> Any:  # noqa: ANN401 (whatever it holds)
    """What a file of JSON holds."""
    return json.loads(file.read_text(encoding="utf-8"))


def test_a_watch_judges_both_sides_and_says_which(watched: tuple[Path, int]) -> None:
    """One traffic, one file of verdicts; interfaces that nobody here speaks are said so."""
    folder, code = watched
    verdicts = read(folder / "verdicts.json")

    Draft202012Validator(schema("verdicts")).validate(verdicts)
    assert (verdicts["role"], verdicts["run"]["exchanges"]) == ("both", 1)
    assert verdicts["exit_code"] == code
    assert {one["check"] for one in verdicts["results"]} == {*SIDES.values(), NOT_COVERED}
    assert read(folder / "run.json")["status"] == "complete"


def test_a_watch_draws_the_report_of_any_run(watched: tuple[Path, int]) -> None:
    """In both languages, with each side named, what shows it, and no token."""
    folder, _ = watched
    one = next(
        one
        for one in read(folder / "verdicts.json")["results"]
        if one["check"] == SIDES["client"] and one["exchanges"]
    )

    english = (folder / "report.html").read_text(encoding="utf-8")
    assert "What the client sent." in english
    assert "etalon conformance watch --upstream" in english
    assert "What does this traffic show of the client and of the server?" in english
    assert "Ce que le serveur a répondu." in (folder / "report.fr.html").read_text("utf-8")
    shown = folder / "requirements" / one["requirement"] / "exchanges.ndjson"
    assert "DocumentReference" in shown.read_text(encoding="utf-8")
    for file in (folder / "exchanges-redacted.ndjson", shown):
        assert "T0P5ECRET" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("role", ["", "client", "server"])
def test_the_directory_of_a_watch_is_judged_again_alike(
    role: str, watched: tuple[Path, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sides, or the one that was asked for."""
    told = read(watched[0] / "verdicts.json")["results"]
    chosen = ["--role", role] if role else []

    main(["conformance", "judge", str(watched[0]), *chosen, "--lang", "en", "--json"])

    judged = json.loads(capsys.readouterr().out)["results"]
    before = [one for one in told if not role or one["check"] == SIDES[role]]
    assert judged
    assert [(one["requirement"], one["verdict"]) for one in judged] == [
        (one["requirement"], one["verdict"]) for one in before
    ]


def test_a_side_that_shows_nothing_is_not_said_to_conform() -> None:
    """What one side shows is no verdict on the other."""
    shown = watched_results(Trace("http://127.0.0.1/fhir", ()), requirement_set(CURRENT))

    assert [one.key for one in unshown(shown)] == [f"{one}-not-shown" for one in SIDES.values()]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "--upstream '-'"),
        (("--upstream", "ftp://a.test"), 2, "ftp://a.test"),
        (("--upstream", "http://127.0.0.1:9/fhir"), 2, "--out is missing"),
        (("--upstream", "http://127.0.0.1:9/fhir", "--out", HERE), 2, "not empty"),
        (("--upstream", "http://127.0.0.1:9", "--out", "NEW", "--kit", "none"), 2, "kit"),
        (
            ("--upstream", "http://127.0.0.1:9", "--out", "NEW", "--seconds", "1"),
            3,
            "nothing went by",
        ),
        (("--upstream", "http://127.0.0.1:9", "--out", "NEW", "--port", "x"), 2, "--port 'x'"),
    ],
)
def test_a_watch_that_cannot_be_is_refused_in_one_line(
    options: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No server, no directory, no kit; nothing that went by leaves no verdict."""
    typed = [str(tmp_path / "new") if one == "NEW" else one for one in options]

    found = main(["conformance", "watch", "--lang", "en", "--port", "0", *typed])

    captured = capsys.readouterr()
    assert (found, captured.out) == (code, "")
    assert said in captured.err.splitlines()[-1]
    assert "Traceback" not in captured.err
