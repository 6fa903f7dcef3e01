"""A kit connects a client: its certificates serve, its names lead, a ping tells what fails."""

import csv
import json
import re
import shutil
import socket
import ssl
import sys
import threading
from collections.abc import Generator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from etalon_cli.command import main
from etalon_cli.witness_running import serving
from etalon_cli.witness_running import witness as make_witness
from etalon_conformance.structured import header_of
from etalon_conformance.witness.connecting.asking import Asking
from etalon_conformance.witness.connecting.identities import read_identities
from etalon_conformance.witness.connecting.kit import (
    IDENTITIES,
    PKCS12_PASSWORD,
    Kit,
    KitError,
    read_kit,
    write_kit,
)
from etalon_conformance.witness.connecting.pinging import PROBES, Probe, ping
from etalon_conformance.witness.connecting.trusting import hosts_lines, trust_commands
from etalon_conformance.witness.players.connection import BACK
from etalon_conformance.witness.scenario import profiles
from etalon_model.identifiers import InsOid
from etalon_server.listening import Endpoint, Tls
from etalon_target.throwaway_authority import MAIL_DOMAINS
from etalon_text.language import LANGUAGES

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

SEED = 3
DAY = datetime(2023, 1, 2, 8, tzinfo=UTC)
REST = 'profile = "lps"\nseed = 1\nday = 2023-01-02T08:00:00+00:00'
REAL = socket.getaddrinfo
Addresses = list[tuple[Any, Any, int, str, Any]]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A kit for this machine, made as a user makes it."""
    folder = tmp_path_factory.mktemp("kit") / "kit"
    typed = ["--seed", str(SEED), "--port", str(free_port()), "--lang", "fr", "--json"]
    assert main(["witness", "setup", str(folder), *typed]) == 0
    return read_kit(folder)


@pytest.fixture(scope="module")
def witness(kit: Kit) -> Generator[Kit]:
    """The kit, while the witness runs with it."""
    files = kit.certificates
    tls = Tls(files.server, files.server, files.authority)
    one = make_witness(profiles()[kit.profile], kit.seed, lambda _: None, day=kit.day)
    with serving(one, Endpoint(port=kit.port, tls=tls)) as running:
        running.set_stage([BACK])
        yield kit


def pinged(kit: Kit) -> list[Probe]:
    """What a ping finds."""
    return ping(kit, 5)


def states(found: Sequence[Probe]) -> dict[str, str]:
    """The state of each thing."""
    return {one.name: one.state for one in found}


def first_failing(found: Sequence[Probe]) -> Probe:
    """The thing that fails; what stands after it is not tried."""
    rank = next(rank for rank, one in enumerate(found) if one.state == "fails")
    assert {one.state for one in found[rank + 1 :]} <= {"not-tried"}
    assert {one.state for one in found[:rank]} <= {"works"}
    return found[rank]


def test_all_six_work_when_the_witness_runs_with_the_kit(witness: Kit) -> None:
    """Name, port, TLS, client certificate, login on the page, and a call with the token."""
    found = pinged(witness)

    assert [one.name for one in found] == list(PROBES)
    assert set(states(found).values()) == {"works"}
    assert all(one.told(language) for one in found for language in LANGUAGES)


def test_a_ping_says_what_does_not_work(
    witness: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name unknown or leading elsewhere, a closed port, another authority, a name not signed."""
    monkeypatch.setattr(socket, "getaddrinfo", _names_leading_elsewhere)
    other = replace(witness, folder=tmp_path)
    write_kit(other)
    stranger = replace(witness, folder=tmp_path / "stranger")
    shutil.copytree(witness.folder, stranger.folder)
    for one in (other, stranger):
        table = (witness.folder / IDENTITIES).read_text("utf-8")
        (one.folder / IDENTITIES).write_text(table.replace(",997", ",117"), encoding="utf-8")
    unfit = [
        (replace(witness, names=("nowhere.test",)), "name", "name_unknown"),
        (replace(witness, names=("elsewhere.test",)), "name", "name_elsewhere"),
        (replace(witness, port=free_port()), "port", "port_refused"),
        (other, "tls", "tls_untrusted"),
        (replace(witness, names=("unsigned.test",)), "tls", "tls_misnamed"),
        (stranger, "login", "login_failed"),
    ]

    found = [first_failing(pinged(one)) for one, _, _ in unfit]

    assert [(one.name, one.key) for one in found] == [(name, key) for _, name, key in unfit]
    assert all(";" in one.told("en") for one in found), "each says what to do"


def _names_leading_elsewhere(host: str, port: int, family: int = 0, type: int = 0) -> Addresses:  # noqa: A002 (the library's name)
    """Where names lead, on a machine with a hosts file of its own."""
    if host == "nowhere.test":
        raise socket.gaierror
    leads = {"elsewhere.test": "192.0.2.1", "unsigned.test": "127.0.0.1"}
    return REAL(leads.get(host, host), port, family, type)


def test_a_port_that_speaks_no_tls_is_told_from_one_that_does(kit: Kit) -> None:
    """Plain HTTP on the port is named as such."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener,))
        thread.start()
        found = first_failing(pinged(replace(kit, port=listener.getsockname()[1])))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()

    assert (found.name, found.key) == ("tls", "tls_none")


def _greet(listener: socket.socket) -> None:
    try:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    except OSError:
        return


@pytest.mark.parametrize(
    ("names", "permitted"),
    [
        (("localhost",), {"localhost"}),
        (("dmp.test", "192.0.2.7"), {"dmp.test", "192.0.2.7/32"}),
        (("::1",), {"::1/128"}),
    ],
)
def test_the_authority_signs_for_the_names_of_the_kit_alone(
    names: tuple[str, ...], permitted: set[str], tmp_path: Path
) -> None:
    """And for the domains of test mailboxes; without an address no address is permitted."""
    made = Kit(folder=tmp_path, names=names, address="::1", port=1, profile="lps", seed=1, day=DAY)
    write_kit(made)

    read = x509.load_pem_x509_certificate(made.certificates.authority.read_bytes())
    constraint = read.extensions.get_extension_for_class(x509.NameConstraints)

    assert constraint.critical
    signed = {str(one.value) for one in constraint.value.permitted_subtrees or ()}
    assert signed == permitted | set(MAIL_DOMAINS)
    has_address = any("/" in one for one in permitted)
    assert (constraint.value.excluded_subtrees is None) == has_address
    assert read_kit(tmp_path) == made


def test_no_key_of_the_authority_is_left(kit: Kit) -> None:
    """Whoever trusts it trusts no certificate but those of the kit."""
    assert b"PRIVATE" not in kit.certificates.authority.read_bytes()
    public = x509.load_pem_x509_certificate(kit.certificates.authority.read_bytes()).public_key()
    for file in (kit.certificates.server, kit.certificates.first, kit.certificates.second):
        context = ssl.create_default_context()
        context.load_cert_chain(file)
        assert x509.load_pem_x509_certificate(file.read_bytes()).public_key() != public


def test_client_certificates_open_with_the_password_of_the_sheets(kit: Kit) -> None:
    """In PKCS#12 they hold the key, the certificate and the authority."""
    content = kit.certificates.first.with_suffix(".p12").read_bytes()

    key, own, others = pkcs12.load_key_and_certificates(content, PKCS12_PASSWORD.encode())

    assert key is not None
    assert own is not None
    assert len(others) == 1


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (("localhost", "192.0.2.7"), []),
        (("a.test", "b.test"), ["192.0.2.7 a.test", "192.0.2.7 b.test"]),
    ],
)
def test_hosts_lines_are_those_that_are_needed(names: tuple[str, ...], lines: list[str]) -> None:
    """An address and the name of this machine need none."""
    assert hosts_lines(names, "192.0.2.7") == lines


def test_every_system_is_told_how_to_trust_and_how_to_undo() -> None:
    """Windows, macOS and Linux; only what installs nothing needs no undoing."""
    commands = {one.system: one for one in trust_commands("ca.pem")}

    assert {"windows", "macos", "debian", "fedora", "java"} <= set(commands)
    assert [one.system for one in commands.values() if not one.undo] == ["one_process"]
    assert all("ca.pem" in one.trust for one in commands.values())


def test_a_kit_holds_the_identities_of_its_session_and_they_are_of_tests(kit: Kit) -> None:
    """In a table and on the sheets; the CDA sample names the first holder."""
    rows = list(csv.DictReader((kit.folder / IDENTITIES).read_text("utf-8").splitlines()))
    people = [row for row in rows if row["kind"] == "person"]
    professionals = [row for row in rows if row["kind"] == "professional"]
    assert [row["name"] for row in rows] == list(profiles()[kit.profile].people)
    assert {row["oid"] for row in people} == {InsOid.TEST}
    assert all(row["idnps"] == f"8{row['ident']}" for row in professionals)
    header = header_of((kit.folder / "documents" / "structured-document.xml").read_bytes())
    assert header is not None
    assert header.ins == people[0]["ident"]
    sheets = (kit.folder / "sheets.html").read_text(encoding="utf-8")
    assert all(row["ident"] in sheets for row in rows)
    assert "http://" not in sheets


def test_without_pdf_the_sheets_are_a_page_and_what_to_do_is_said(
    kit: Kit, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kit is whole, and one line says what is missing."""
    people = [asdict(one) for one in read_identities((kit.folder / IDENTITIES).read_text("utf-8"))]

    def told(*_: object) -> list[dict[str, str]]:
        return people

    monkeypatch.setattr("etalon_cli.witness_setup_command.identities_for", told)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    folder = tmp_path / "kit"
    typed = ["--seed", str(SEED), "--lang", "en", "--json"]

    assert main(["witness", "setup", str(folder), *typed]) == 0

    captured = capsys.readouterr()
    assert json.loads(captured.out)["printed"] is None
    assert "Pango" in captured.err
    assert str(folder / "sheets.html") in captured.err
    assert (folder / "sheets.html").is_file()
    assert not (folder / "sheets.pdf").exists()


def test_the_login_page_offers_the_professionals_of_the_session_first(witness: Kit) -> None:
    """Each is picked from the list, none is typed."""
    told = read_identities((witness.folder / IDENTITIES).read_text("utf-8"))
    numbers = [one.ident for one in told if one.kind == "professional"]
    asking = Asking(witness.root, witness.certificates, 5)
    body: Resource = {"client_name": "a client", "redirect_uris": [BACK]}
    client = asking.ask("POST", "/oauth2/register", body)
    asked = {
        "response_type": "code",
        "client_id": client.first("client_id"),
        "redirect_uri": BACK,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": "s",
        "nonce": "n",
    }

    page = asking.ask("GET", f"/oauth2/psc/authorize?{urlencode(asked)}").body.decode()

    offered = re.findall(r'<option value="(\d+)"', page)
    assert len(numbers) > 1
    assert offered[: len(numbers)] == numbers
    assert len(set(offered)) == len(offered)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--name", "no such name"), "no such name is neither"),
        (("--name=-a.test",), "-a.test is neither"),
        (("--address", "here"), "here is no IP address"),
        (("--port", "0"), "--port '0'"),
        (("--seed", "many"), "--seed 'many'"),
        (("--profile", "none"), "--profile"),
    ],
)
def test_a_kit_that_cannot_be_made_is_refused_in_one_line(
    options: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and nothing is written."""
    folder = tmp_path / "kit"

    code = main(["witness", "setup", str(folder), "--lang", "en", *options])

    captured = capsys.readouterr()
    assert (code, captured.out, len(captured.err.splitlines())) == (2, "", 1)
    assert said in captured.err
    assert not folder.exists()


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (None, "none"),
        ("names = [", "unreadable"),
        ("format = 2", "unreadable"),
        (f'format = 1\nnames = ["a b"]\naddress = "::1"\nport = 1\n{REST}', "name"),
        (f'format = 1\nnames = ["a"]\naddress = "x"\nport = 1\n{REST}', "address"),
        (
            f'format = 1\nnames = ["a"]\naddress = "::1"\nport = 1\n{REST}',
            "certificate",
        ),
        (f'format = 1\nnames = []\naddress = "::1"\nport = 1\n{REST}', "unreadable"),
    ],
)
def test_a_kit_that_cannot_be_used_says_why(settings: str | None, key: str, tmp_path: Path) -> None:
    """Missing, malformed, of another format, with names that are none, without certificates."""
    if settings is not None:
        (tmp_path / "kit.toml").write_text(settings, encoding="utf-8")

    with pytest.raises(KitError) as caught:
        read_kit(tmp_path)

    assert caught.value.key == key
    assert all(caught.value.told(language) for language in LANGUAGES)


def test_ping_without_a_kit_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and exit code 2."""
    code = main(["witness", "ping", str(tmp_path), "--lang", "en"])

    assert (code, len(capsys.readouterr().err.splitlines())) == (2, 1)


def test_ping_prints_a_line_for_each_thing(kit: Kit, capsys: pytest.CaptureFixture[str]) -> None:
    """With nobody listening, the exit code is 1 and what mends it is said."""
    closed = replace(kit, port=free_port())
    (kit.folder / "kit.toml").write_text(
        (kit.folder / "kit.toml")
        .read_text("utf-8")
        .replace(f"port = {kit.port}", f"port = {closed.port}"),
        encoding="utf-8",
    )

    code = main(["witness", "ping", str(kit.folder), "--lang", "en"])

    lines = capsys.readouterr().out.splitlines()
    assert (code, len(lines)) == (1, len(PROBES))
    assert lines[1].startswith("NO     port")
    assert "start the witness" in lines[1]
