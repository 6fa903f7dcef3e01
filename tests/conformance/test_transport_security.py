"""Versions of TLS, tokens bound to a certificate, and a server that ends with who started it."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counterexample_scene import ran, served
from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Result, Verdict
from etalon_target.old_tls import offered
from etalon_target.targets import target_of
from etalon_target.throwaway_authority import AuthorityFiles, authority_in
from etalon_wire.validation.validator import Validator
from sweep_counterexamples import counterexamples, profile_of

IMPOSTOR = "token-of-another-certificate"
OLD = ("TLS 1.1", "TLS 1.0", "SSL 3.0")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> AuthorityFiles:
    """An authority of one use."""
    return authority_in(tmp_path_factory.mktemp("authority"))


@contextmanager
def speaking(files: AuthorityFiles, least: ssl.TLSVersion) -> Generator[str]:
    """Serve handshakes from a version of TLS on; give the address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = least
    context.load_cert_chain(files.server)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/fhir"
    finally:
        listener.close()


def test_a_server_that_keeps_an_old_version_is_told_from_one_that_does_not(
    files: AuthorityFiles,
) -> None:
    """What is offered by hand is taken by the one, and refused by the other."""
    with speaking(files, ssl.TLSVersion.TLSv1) as old:
        taken = {version: offered(old, version, 5) for version in (*OLD, "TLS 1.2")}
    with speaking(files, ssl.TLSVersion.TLSv1_2) as new:
        refused = {version: offered(new, version, 5) for version in (*OLD, "TLS 1.2")}
    assert [taken[one].said for one in OLD[:2]] == ["TLS 1.1", "TLS 1.0"]
    assert {one: told.is_taken for one, told in taken.items()} == {
        **dict.fromkeys(("TLS 1.1", "TLS 1.0", "TLS 1.2"), True),
        "SSL 3.0": False,
    }
    assert [one for one, told in refused.items() if told.is_taken] == ["TLS 1.2"]


def test_what_speaks_no_tls_takes_no_version() -> None:
    """An answer that is no record is no agreement, and no failure of ours."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    threading.Thread(target=answer, daemon=True).start()
    told = offered(f"https://127.0.0.1:{listener.getsockname()[1]}", "TLS 1.1", 5)
    listener.close()
    assert not told.is_taken


def results(asked: str, *requirements: str) -> dict[str, Result]:
    """What the checks of requirements come to on a target."""
    plan = planned(Choice(requirements=frozenset(requirements)))
    with target_of(asked) as target:
        return {one.requirement: one for one in run(RunOrder(plan=plan), target).results}


def test_a_token_of_another_certificate_is_seen_to_be_taken_or_refused(
    files: AuthorityFiles, tmp_path: Path
) -> None:
    """The impostor fails, by a script that tells it from the reference; the reference passes."""
    validator, clients = Validator(), files.environment
    with served(IMPOSTOR, validator, files) as wrong, served("", validator, files) as right:
        (folder,) = counterexamples(IMPOSTOR, profile_of(tmp_path, wrong, files), tmp_path)
        script = folder / "test_replay.py"
        codes = [ran(script, one, clients)[0] for one in (wrong, right)]
        without = ran(script, wrong, {"SSL_CERT_FILE": clients["SSL_CERT_FILE"]})
        told = results(profile_of(tmp_path, right, files), "W-SEC-01", "W-SEC-03", "ID-12")
    assert codes == [1, 0]
    assert (without[0], "CERT_FIRST" in without[1]) == (2, True)
    assert {one.verdict for one in told.values()} == {Verdict.PASS}


def test_without_tls_or_a_second_certificate_nothing_is_concluded(
    files: AuthorityFiles, tmp_path: Path
) -> None:
    """Neither pass nor fail: the cause says what is missing."""
    validator = Validator()
    with served("", validator) as plain:
        told = results(plain, "W-SEC-01", "W-SEC-03", "ID-12")
    assert {one.cause.key for one in told.values() if one.cause} == {"no_tls"}
    with served("", validator, files) as alone:
        path = Path(profile_of(tmp_path, alone, files))
        text = path.read_text(encoding="utf-8").partition("[tls.second]")[0]
        path.write_text(text, encoding="utf-8")
        told = results(str(path), "W-SEC-03")
    assert told["W-SEC-03"].verdict is Verdict.COULD_NOT_TEST
    assert told["W-SEC-03"].cause is not None
    assert told["W-SEC-03"].cause.key == "target.no_certificates"


PARENT = """
from etalon_target.embedded import EmbeddedServer
server = EmbeddedServer()
server.start()
print(server.process_id, flush=True)
input()
"""


@POSIX
def test_an_embedded_server_ends_with_a_command_that_is_killed() -> None:
    """Nothing can be caught of SIGKILL: the server sees its standard input end."""
    known = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env=known,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        os.kill(server, 0)
        parent.kill()
        parent.wait()
        ends_at = time.monotonic() + 30
        while is_running(server) and time.monotonic() < ends_at:
            time.sleep(0.05)
        assert not is_running(server)


def is_running(process: int) -> bool:
    """Whether a process runs: an orphan that ended may wait to be buried."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not state.exists() or state.read_text(encoding="utf-8").split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
