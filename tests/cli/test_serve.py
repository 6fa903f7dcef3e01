"""`etalon serve` says where it answers, what to try, and in one message what it cannot serve."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from etalon_cli.command import main
from etalon_cli.serve_mail import MailAsked
from etalon_cli.serve_options import asked_for, is_loopback
from etalon_cli.stopping import Stopped
from etalon_cli.usage import parse

ROOT = Path(__file__).parents[2]
FOLDERS = ("model", "scenarios", "conformance", "reports", "cli")
PATHS = os.pathsep.join(str(ROOT / name) for name in FOLDERS)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and shells of POSIX systems")


@contextmanager
def serving(*options: str) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """The command in a process of its own, and the lines it printed by the time it answers."""
    command = [sys.executable, "-m", "etalon_cli", "serve", "--port", "0", "--lang", "en", *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONUTF8": "1"},
    )
    assert process.stdout is not None
    lines: list[str] = []
    last = "{" if "--json" in options else "curl"
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.strip().startswith(last) and (last == "{" or "AuditEvent" in line):
                break
        yield process, lines
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Path, dict[str, object]]]:
    """A server on a directory, with ten people, and what it said as JSON."""
    directory = tmp_path_factory.mktemp("held") / "data"
    options = ("--json", "--data", str(directory), "--people", "10", "--vintage", "launch-2022")
    with serving(*options) as (_, lines):
        yield directory, json.loads(lines[0])


def told(*options: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The one message of a command line that cannot be served.

    Were it served after all, it would stop at a port that is taken, and not run for ever.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code = main(["serve", "--lang", "en", "--port", port, *options])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "Traceback" not in captured.err
    return captured.err


def with_certificates(folder: Path) -> tuple[str, ...]:
    """A certificate for this machine, and an authority of clients."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    both, clients = str(folder / "both.pem"), str(folder / "ca.pem")
    return ("--tls-cert", both, "--tls-key", both, "--client-ca", clients)


@POSIX
@pytest.mark.parametrize("over_tls", [False, True])
def test_the_lines_that_it_prints_work_when_they_are_pasted(
    tmp_path: Path, *, over_tls: bool
) -> None:
    """One after the other in one shell; each answers what it asks for."""
    assert shutil.which("curl")
    options = with_certificates(tmp_path) if over_tls else ()
    with serving("--sandbox", *options) as (process, lines):
        pasted = [line.strip() for line in lines if line.startswith("  ")]
        script = "\n".join(f"{line}; echo" for line in pasted)
        ran = subprocess.run(
            ["/bin/sh", "-c", script], capture_output=True, check=False, encoding="utf-8"
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0

    scheme = "https" if over_tls else "http"
    assert lines[0].startswith(f"Étalon answers at {scheme}://127.0.0.1:")
    assert (ran.returncode, ran.stderr) == (0, "")
    answers = [line for line in ran.stdout.splitlines() if line]
    assert json.loads(answers[0])["resourceType"] == "CapabilityStatement"
    assert answers[1].isdecimal()
    documents, accesses = (json.loads(line) for line in answers[2:])
    assert (documents["resourceType"], documents["total"]) == ("Bundle", 0)
    assert accesses["resourceType"] == "Bundle"


@POSIX
def test_what_was_answered_is_there_when_it_starts_again(tmp_path: Path) -> None:
    """With its people; nobody is added to those who are there."""
    for people in ("5", "5"):
        with serving("--json", "--data", str(tmp_path), "--people", people) as (process, lines):
            said = json.loads(lines[0])
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert said["people"] == int(people)


def test_as_json_it_says_where_it_answers(held: tuple[Path, dict[str, object]]) -> None:
    """For whatever starts it, on a port that was free."""
    _, said = held

    assert said.keys() == {"address", "fhir", "sandbox", "vintage", "people", "smtp", "maildir"}
    assert (said["smtp"], said["maildir"]) == (None, None)
    assert said["fhir"] == f"{said['address']}/fhir"
    assert (said["sandbox"], said["vintage"], said["people"]) == (None, "launch-2022", 10)


@pytest.mark.parametrize(
    ("options", "is_manual"),
    [
        ((), False),
        (("--clock", "manual"), True),
        (("--impostor", "hidden-for-ever"), True),
        (("--impostor", "hidden-for-ever", "--clock", "real"), False),
    ],
)
def test_a_server_known_to_be_wrong_has_a_clock_that_can_be_moved(
    options: Sequence[str], *, is_manual: bool
) -> None:
    """Some show once days go by; whoever asks for the real clock has it."""
    _, parsed = parse(["serve", "--sandbox", *options])
    assert asked_for(parsed).is_manual is is_manual


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--port", "65536"), "65536"),
        (("--port", "eighty"), "eighty"),
        (("--vintage", "launch-2023"), "launch-2022"),
        (("--clock", "slow"), "manual"),
        (("--seed", "-1"), "-1"),
        (("--people", "many"), "many"),
        (("--mode", "strict"), "pdsm-strict"),
        (("--sandbox", "--host", "0.0.0.0"), "--force"),  # noqa: S104 (it is refused)
        (("--force",), "--sandbox"),
        (("--impostor", "masked-found"), "--sandbox"),
        (("--sandbox", "--impostor", "maskd-found"), "nearest: masked-found"),
        (("--host", "no.such.host.invalid"), "no.such.host.invalid"),
        (("--host", "192.0.2.1"), "192.0.2.1"),
        (("--public-address", "etalon.example.org"), "https://"),
        (("--public-address", "https://etalon.example.org/fhir"), "nothing after"),
        (("--tls-cert", "here.pem"), "--tls-key"),
        (("--tls-key", "here.pem"), "--tls-cert"),
        (("--client-ca", "here.pem"), "--tls-cert"),
        (("--tls-cert", "no.pem", "--tls-key", "no.key"), "no.pem"),
        (("--ig", "no.tgz"), "no.tgz"),
        (("--cda-kit", "no-kit"), "no CDA_extended.xsd in it"),
        (("--smtp-port", "65536"), "65536"),
        (("--maildir", "mail"), "--smtp-port"),
        (("--relay", "mail.example.org:25"), "--smtp-port"),
        (("--smtp-port", "0", "--allow-real-domains"), "--relay"),
        (("--smtp-port", "0", "--relay", "mail.example.org"), "mail.example.org:25"),
        (("--smtp-port", "0", "--relay", "mail.example.org:0"), "mail.example.org:25"),
        (("--port", "0", "--smtp-port", "0", "--maildir", "/dev/null/mail"), "/dev/null/mail"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_message(
    options: Sequence[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, with what was found or what to do."""
    assert expected in told(*options, capsys=capsys)


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out."""
    said = told(capsys=capsys)

    assert "the port cannot be had" in said
    assert "--port 0" in said


def test_a_mail_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """As that of HTTP, under its own name."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = told("--port", "0", "--smtp-port", str(port), capsys=capsys)

    assert f"--smtp-port {port}" in said
    assert "the port cannot be had" in said


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), None),
        (("--smtp-port", "0"), MailAsked(0, None, None, real_domains=False)),
        (
            ("--smtp-port", "25", "--data", "here", "--relay", "[::1]:26", "--allow-real-domains"),
            MailAsked(25, Path("here", "maildir"), ("::1", 26), real_domains=True),
        ),
        (
            ("--smtp-port", "25", "--data", "here", "--maildir", "there"),
            MailAsked(25, Path("there"), None, real_domains=False),
        ),
    ],
)
def test_what_is_asked_of_mail(options: Sequence[str], expected: MailAsked | None) -> None:
    """What leaves stands beside what is kept, unless it is to stand elsewhere."""
    _, parsed = parse(["serve", *options])
    assert asked_for(parsed).mail == expected


def with_another_key(folder: Path) -> tuple[str, ...]:
    """A certificate and the key of another one."""
    authority = trustme.CA()
    one, other = (authority.issue_cert("localhost") for _ in range(2))
    one.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    other.private_key_pem.write_to_path(folder / "key.pem")
    return ("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem"))


def with_a_text(folder: Path) -> tuple[str, ...]:
    """A text that is no certificate."""
    (folder / "text").write_text("text", encoding="utf-8")
    return ("--tls-cert", str(folder / "text"), "--tls-key", str(folder / "text"))


def with_a_bad_authority(folder: Path) -> tuple[str, ...]:
    """A certificate that serves, and an authority that is none."""
    options = with_certificates(folder)
    (folder / "ca.pem").write_text("text", encoding="utf-8")
    return options


def with_a_package_cut_short(folder: Path) -> tuple[str, ...]:
    """A file that begins like a package."""
    (folder / "package.tgz").write_bytes(b"\x1f\x8b\x08\x00")
    return ("--ig", str(folder / "package.tgz"))


def with_damaged_credentials(folder: Path) -> tuple[str, ...]:
    """A directory whose file of clients and credentials is no database."""
    (folder / "data").mkdir()
    (folder / "data" / "identity.sqlite").write_bytes(b"no database at all" * 100)
    return ("--data", str(folder / "data"))


def with_a_file_for_a_directory(folder: Path) -> tuple[str, ...]:
    """A file where a directory is asked for."""
    (folder / "data").write_text("text", encoding="utf-8")
    return ("--data", str(folder / "data"))


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (with_another_key, "key.pem"),
        (with_a_text, "text"),
        (with_a_bad_authority, "ca.pem"),
        (with_a_package_cut_short, "package.tgz"),
        (with_a_file_for_a_directory, "data"),
        (with_damaged_credentials, "data/identity.sqlite"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named(
    made: Callable[[Path], tuple[str, ...]],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message has its path."""
    assert str(tmp_path / named) in told(*made(tmp_path), capsys=capsys)


def test_a_directory_in_use_or_made_for_another_service_is_refused(
    held: tuple[Path, dict[str, object]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One server at a time; the vintage and the seed are those it was made with."""
    directory, _ = held
    options = ("--data", str(directory), "--vintage", "launch-2022")

    assert "another server runs" in told(*options, capsys=capsys)

    copy = shutil.copytree(directory, tmp_path / "copy")
    (copy / "lock").unlink()
    for changed in (("--vintage", "steady-2023"), ("--vintage", "launch-2022", "--seed", "2")):
        said = told("--data", str(copy), *changed, capsys=capsys)
        assert "made for" in said
        assert "launch-2022" in said or "seed 1" in said


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_an_address_is_loopback_when_only_this_machine_reaches_it(
    host: str, *, alone: bool
) -> None:
    """Every address that a name has."""
    assert is_loopback(host) is alone


def test_a_name_without_address_is_refused() -> None:
    """Before anything is opened."""
    with pytest.raises(Stopped):
        is_loopback("no.such.host.invalid")
