# pyright: reportUnknownMemberType=false
"""`etalon load run` before anything is sent: each option and each target says what is wrong."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from tests.load.nobodies import write_nobodies

from etalon_cli.command import main
from etalon_load.arrivals import Arrival, Plan
from etalon_load.workload import write_plan

POISSON = ("--profile", "poisson", "--duration", "2s", "--peak", "5")


def run(*options: str) -> int:
    """Carry a load out, in English."""
    return main(["load", "run", *options, "--lang", "en"])


@pytest.fixture(scope="module")
def taken() -> Generator[int]:
    """A port that somebody listens at, and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing says who arrives when"),
        (("--profile", "poisson", "--arrivals", "x.parquet"), "Keep one of the two"),
        (("--window", "2022-02-03T18:00/PT1M", *POISSON), "--window cuts out of --arrivals"),
        (("--profile", "lunch-day"), "no profile 'lunch-day'; there are constant"),
        (("--arrivals", "nothing.parquet"), "nothing.parquet is no file"),
        (("--arrivals", "cut.parquet"), "perhaps it was cut short"),
        ((*POISSON, "--peak", "0"), "--peak '0': it must be a number from 0.01"),
        ((*POISSON, "--peak", "nan"), "--peak 'nan': it must be a number"),
        ((*POISSON, "--duration", "2"), "--duration '2': it must be a number followed by"),
        ((*POISSON, "--workers", "65"), "--workers"),
        ((*POISSON, "--workers", "0"), "--workers '0'"),
        ((*POISSON, "--sample", "2"), "--sample '2': it must be a number from 0 to 1"),
        ((*POISSON, "--max-rate", "1"), "journeys in its busiest second, more than --max-rate 1"),
        ((*POISSON, "--stop-if", "errors"), "--stop-if 'errors': expected one of errors"),
        ((*POISSON, "--fault", "flood:2s"), "--fault 'flood:2s': expected one of"),
        ((*POISSON, "--fault", "stall:2s@9s"), "a beginning before the run ends"),
        ((*POISSON, "--retries", "101"), "--retries"),
        ((*POISSON, "--objectives", "none.toml"), "none.toml"),
        ((*POISSON, "--objectives", "other.toml"), "journey = 'stroll' is no journey"),
        ((*POISSON, "--listen", "here"), "--listen 'here': it must be an address and a port"),
        ((*POISSON, "--target", "inprocess"), "a load is for a server, over the network"),
        ((*POISSON, "--target", "nothing.toml"), "--target"),
        ((*POISSON, "--target", "http://192.0.2.1/fhir"), "--i-own-this-target"),
    ],
)
def test_what_cannot_be_asked_says_so_and_sends_nothing(
    options: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, one message, no directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "other.toml").write_text(
        '[[objective]]\njourney = "stroll"\nwithin = "1 s"\nshare = 99.0\n', encoding="utf-8"
    )
    code = run(*options, "--out", "L")

    assert code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "L").exists()


@pytest.mark.parametrize("option", ["--listen", "--web-port"])
def test_a_port_that_is_taken_is_named(
    option: str, taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the target is started."""
    written = f"127.0.0.1:{taken}" if option == "--listen" else str(taken)
    code = run(*POISSON, option, written, "--out", str(tmp_path / "L"))

    assert code == 2
    assert f"{option} 127.0.0.1:{taken}: this port is taken" in capsys.readouterr().err


class _Resetting(socketserver.BaseRequestHandler):
    """Cuts every connection before a word."""

    def handle(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


PAGE = b"<!doctype html><title>Maintenance</title>"


class _Html(socketserver.StreamRequestHandler):
    """Answers a page of HTML, whatever it was asked for."""

    def handle(self) -> None:
        while (head := self.rfile.readline()) and head != b"\r\n":
            length = 0
            while (line := self.rfile.readline()) not in {b"\r\n", b""}:
                name, _, value = line.lower().partition(b":")
                length = int(value) if name == b"content-length" else length
            self.rfile.read(length)
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b"
                % (len(PAGE), PAGE)
            )


@contextmanager
def serving(
    handler: type[socketserver.BaseRequestHandler], context: ssl.SSLContext | None = None
) -> Generator[int]:
    """The port of a server in this process."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients go when they will."""

    with Server(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


def _unreachable(address: str, folder: Path, *options: str) -> int:
    profile = folder / "profile.toml"
    profile.write_text(
        f'[target]\nname = "theirs"\n[addresses]\nfhir = "{address}"\n[limits]\nseconds = 1\n',
        encoding="utf-8",
    )
    out = folder / "L"
    code = run(*POISSON, "--target", str(profile), "--out", str(out), *options)
    assert not out.exists()
    return code


def test_a_target_that_does_not_answer_is_said_so(
    taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody there, cut at once, silent: exit code 3, and the directory is as it was."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert _unreachable(f"http://127.0.0.1:{free.getsockname()[1]}/fhir", tmp_path) == 3
    assert "the target does not answer" in capsys.readouterr().err
    with serving(_Resetting) as port:
        assert _unreachable(f"http://127.0.0.1:{port}/fhir", tmp_path) == 3
    assert "the target does not answer" in capsys.readouterr().err
    assert _unreachable(f"http://127.0.0.1:{taken}/fhir", tmp_path) == 3
    assert "the target does not answer" in capsys.readouterr().err


def test_a_certificate_of_nobody_known_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is verified without being asked to be, and what to trust can be said."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(_Html, context) as port:
        assert _unreachable(f"https://127.0.0.1:{port}/fhir", tmp_path) == 3
    said = capsys.readouterr().err

    assert "the target does not answer" in said
    assert "certificate" in said.lower()


def _draw_nothing(*_asked: object) -> list[Path]:
    """Draw no report: others test what it shows."""
    return []


def test_html_in_place_of_answers_is_a_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run goes to its end and says FAIL, exit code 1: every answer was wrong."""
    monkeypatch.setattr("etalon_cli.reporting.draw_reports", _draw_nothing)
    people = write_nobodies(tmp_path / "people.ndjson", "open-with-password", 40)
    plan = Plan(tuple(Arrival(rank * 50_000, "glance", rank) for rank in range(40)), 2.0)
    write_plan(plan, tmp_path / "arrivals.parquet")
    objectives = tmp_path / "objectives.toml"
    objectives.write_text(
        '[[objective]]\njourney = "glance"\nwithin = "60 s"\nshare = 99.0\n', encoding="utf-8"
    )
    profile = tmp_path / "profile.toml"
    with serving(_Html) as port:
        profile.write_text(
            '[target]\nname = "theirs"\nown_wire = true\n'
            f'[addresses]\nfhir = "http://127.0.0.1:{port}/fhir"\n',
            encoding="utf-8",
        )
        out = tmp_path / "L"
        code = run(
            *("--target", str(profile), "--people", str(people)),
            *("--arrivals", str(tmp_path / "arrivals.parquet")),
            *("--objectives", str(objectives), "--out", str(out)),
        )
    told = capsys.readouterr()

    assert code == 1, told
    assert told.out.startswith("FAIL\n")
    assert (out / "summary.json").is_file()
