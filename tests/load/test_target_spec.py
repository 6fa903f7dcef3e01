"""What workers are told of a target is enough to speak to it, and no secret."""

import base64
import json
import socket
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from etalon_load.http_client import Client, FailedError
from etalon_load.proxying import Through, proof_of
from etalon_load.target_spec import TargetSpec, TargetSpecError, spec_of
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.connecting import Overrides
from etalon_target.profile import read_profile
from etalon_target.profile_sections import FixedToken
from etalon_target.targets import Options, target_of
from etalon_target.tls import TlsFiles, tls_context
from hostile_server import hostile
from secured_scene import Secured, tunnel
from served_town import Town, served

SECRETS = {
    "SECRET": "the-secret-of-a-client",
    "PASSWORD": "the-password-of-a-proxy",
    "TOKEN": "a-token-that-is-fixed",
}
PROFILE = """
[target]
name = "Dossier 4.2"
own_wire = true
[addresses]
fhir = "{address}/fhir"
[limits]
seconds = 7
[tls]
ca_bundle = "authority.pem"
certificate = "client.p12"
password = "env:PASSWORD"
[proxy]
address = "http://proxy.example:3128"
user = "etalon"
password = "env:PASSWORD"
direct = "127.0.0.1"
[authentication.insurer]
source = "client_credentials"
token_endpoint = "{address}/oauth2/token"
client = "etalon"
secret = "env:SECRET"
[authentication.via-psc]
source = "fixed"
token = "env:TOKEN"
[authentication.professional]
source = "token_exchange"
token_endpoint = "{address}/oauth2/token"
client = "etalon"
secret = "env:SECRET"
subject = "via-psc"
[authentication.holder]
source = "command"
command = ["printf", "token-of-{{ident}}"]
[[people]]
name = "Camille"
ins = "289033191000240"
state = "OPEN_ACTIVE"
birth_date = 1989-03-26
sex = "F"
token = {{source = "fixed", token = "env:TOKEN"}}
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Secured:
    """A TLS server that asks for a client certificate, and its files."""
    return Secured(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """A sandbox that listens."""
    with served() as town:
        yield town


def told(spec: TargetSpec) -> str:
    """What `workload.json` holds of it."""
    return json.dumps(spec.plain())


def test_a_worker_of_a_server_with_a_sandbox_has_all_it_needs(town: Town) -> None:
    """Through JSON; tokens come from its sandbox."""
    with target_of(f"{town.address}/fhir") as target:
        spec = TargetSpec.of(target)
    ins = town.person()

    read = spec_of(json.loads(told(spec)))
    opened = read.opened()
    token = opened.tokens.bearer(Who(ActorKind.HOLDER, ins))
    head = f"Authorization: Bearer {token}\r\n".encode()
    answer = opened.client().send(
        "GET", f"/fhir/Patient?identifier=urn:oid:1.2.250.1.213.1.4.10%7C{ins}", head
    )
    opened.close()

    assert read == spec
    assert (read.vintage, read.now[:10], read.own_wire) == ("launch-2022", "2022-09-05", True)
    assert answer.status == 200
    assert ins.encode() in answer.body
    assert token not in opened.redaction.text(f"it was {token}")


def test_no_secret_of_a_profile_is_told_to_workers(secured: Secured, tmp_path: Path) -> None:
    """Where they are is; relative paths are made absolute."""
    file = tmp_path / "target.toml"
    (tmp_path / "authority.pem").write_bytes(secured.bundle.read_bytes())
    (tmp_path / "client.p12").write_bytes(secured.pkcs12.read_bytes())
    file.write_text(PROFILE.format(address="http://dossier.example"), "utf-8")
    environment = SECRETS | {"PASSWORD": "password"}

    spec = TargetSpec.of(target_of(str(file), Options(environment=environment)))
    read = spec_of(json.loads(told(spec)))
    opened = read.opened(environment)

    assert read == spec
    assert read.ca_bundle == str(tmp_path / "authority.pem")
    assert read.seconds == 7
    assert all(one not in told(spec) for one in SECRETS.values())
    assert '"env:SECRET"' in told(spec)
    assert opened.tokens.bearer(Who(ActorKind.HOLDER, "1")) == "token-of-1"
    assert opened.tokens.bearer(Who(ActorKind.HOLDER, "2", label="Camille")) == SECRETS["TOKEN"]


class TokenEndpoint(BaseHTTPRequestHandler):
    """Gives a token that says how it was asked for."""

    def do_POST(self) -> None:
        """Answer one request."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        proof = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        asked = (form["grant_type"][0].rpartition(":")[2], form.get("subject_token", ["-"])[0])
        body = json.dumps({"access_token": "/".join((*asked, proof)), "expires_in": 120}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its base names it)
        """Say nothing."""


def test_workers_are_given_tokens_by_an_endpoint_and_exchange_them(
    secured: Secured, tmp_path: Path
) -> None:
    """Over their own connections, with the secret of the client that their environment holds."""
    (tmp_path / "authority.pem").write_bytes(secured.bundle.read_bytes())
    (tmp_path / "client.p12").write_bytes(secured.pkcs12.read_bytes())
    environment = SECRETS | {"PASSWORD": "password"}
    with ThreadingHTTPServer(("127.0.0.1", 0), TokenEndpoint) as endpoint:
        answering = threading.Thread(target=endpoint.serve_forever)
        answering.start()
        file = tmp_path / "target.toml"
        file.write_text(PROFILE.format(address=f"http://127.0.0.1:{endpoint.server_port}"), "utf-8")
        opened = TargetSpec.of(target_of(str(file), Options(environment=environment))).opened(
            environment
        )
        insurer = opened.tokens.bearer(Who(ActorKind.INSURER))
        professional = opened.tokens.bearer(Who(ActorKind.PROFESSIONAL, "99710000037", "10"))
        opened.close()
        endpoint.shutdown()
        answering.join()

    proof = f"etalon:{SECRETS['SECRET']}"
    assert insurer == f"client_credentials/-/{proof}"
    assert professional == f"token-exchange/{SECRETS['TOKEN']}/{proof}"
    assert SECRETS["SECRET"] not in opened.redaction.text(f"{insurer} {professional}")


def test_a_token_is_renewed_as_much_earlier_as_time_runs_faster(town: Town) -> None:
    """Two minutes of a professional are two seconds, sixty times as fast."""
    with target_of(f"{town.address}/fhir") as target:
        spec = TargetSpec.of(target)
    who = Who(ActorKind.PROFESSIONAL, town.doctor(), "10")

    left: list[float] = []
    for scale in (1.0, 60.0):
        opened = spec.opened(time_scale=scale)
        before = time.monotonic()
        held = opened.tokens.held(who)
        assert held.renewed_at is not None
        left.append(held.renewed_at - before)
        opened.close()

    assert left[0] / left[1] == pytest.approx(60, rel=0.2)


def test_sources_of_a_profile_come_before_pages_and_sandboxes_like_ours() -> None:
    """Whoever names them knows better."""
    ours = TargetSpec(
        "D", "address", "http://d/fhir", "http://d", "http://d/sandbox", own_wire=True
    )
    theirs = replace(ours, authentication={"insurer": FixedToken(source="fixed", token="env:A")})  # noqa: S106

    assert (ours.has_our_pages, ours.opened().sandbox) == (True, "http://d/sandbox")
    assert (theirs.has_our_pages, theirs.opened().sandbox) == (False, "")


def test_a_load_goes_to_whoever_gives_tokens_too(tmp_path: Path) -> None:
    """So that they are asked whether it may."""
    file = tmp_path / "target.toml"
    text = PROFILE.format(address="http://127.0.0.1:1").replace(
        '"http://127.0.0.1:1/oauth2/token"', '"https://identity.example/token"'
    )
    file.write_text(text, "utf-8")

    asked = read_profile(file).asked_addresses

    assert asked[0] == "http://127.0.0.1:1/fhir"
    assert set(asked[1:]) == {"https://identity.example/token"}


def test_the_command_line_says_more_of_tls_than_the_profile(
    secured: Secured, tmp_path: Path
) -> None:
    """And its certificate comes without the password of the profile's."""
    file = tmp_path / "target.toml"
    file.write_text(
        PROFILE.format(address="http://dossier.example").replace("ca_bundle", "#"), "utf-8"
    )
    (tmp_path / "client.p12").write_bytes(secured.pkcs12.read_bytes())
    target = target_of(str(file), Options(environment=SECRETS | {"PASSWORD": "password"}))

    spec = TargetSpec.of(target, Overrides(ca_bundle=secured.bundle, certificate=secured.pem))

    assert (spec.ca_bundle, spec.certificate) == (str(secured.bundle), str(secured.pem))
    assert spec.password == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ca_bundle": "/nowhere/authority.pem"}, "authority.pem"),
        ({"certificate": "client.p12", "password": "env:NOWHERE"}, "NOWHERE"),
    ],
)
def test_a_worker_that_lacks_a_file_or_a_secret_says_which(
    changed: dict[str, str], said: str
) -> None:
    """As one of another machine may."""
    spec = TargetSpec("D", "profile", "https://dossier.example/fhir", "https://dossier.example")

    with pytest.raises(TargetSpecError, match=said):
        replace(spec, **changed).opened({})  # type: ignore[arg-type]


@pytest.mark.parametrize("plain", [None, [], {"name": "D"}, {"name": 1, "kind": "profile"}])
def test_what_is_no_target_is_refused(plain: object) -> None:
    """With the part that is wrong."""
    with pytest.raises(TargetSpecError, match="the target of the workload is none"):
        spec_of(plain)


def test_a_client_shows_its_certificate_and_trusts_the_authority_it_was_given(
    secured: Secured,
) -> None:
    """Without either, there is no answer."""
    with hostile(secured.context) as server:
        spec = TargetSpec("D", "address", f"{server.address}/fhir", server.address)
        trusting = replace(spec, ca_bundle=str(secured.bundle), certificate=str(secured.pem))
        opened = trusting.opened()
        answer = opened.client().send("GET", "/kept")
        opened.close()
        for lacking in (replace(trusting, ca_bundle=""), replace(trusting, certificate="")):
            with pytest.raises(FailedError):
                lacking.opened().client().send("GET", "/kept")

    assert answer.status == 200


def test_tls_goes_through_a_proxy_to_its_end(secured: Secured) -> None:
    """The proxy sees where to, and no more."""
    asked: list[bytes] = []
    with hostile(secured.context) as server, socket.create_server(("127.0.0.1", 0)) as listening:
        carrying = threading.Thread(target=tunnel, args=(listening, asked))
        carrying.start()
        place = server.address.removeprefix("https://")
        context = tls_context(TlsFiles(secured.bundle, secured.pem))
        through = Through("127.0.0.1", listening.getsockname()[1])
        port = int(place.partition(":")[2])
        client = Client("127.0.0.1", port, context, through=through)
        answer = client.send("GET", "/kept")
        client.close()
        carrying.join()

    assert answer.status == 200
    assert asked == [f"CONNECT {place} HTTP/1.1".encode()]


def test_plain_http_is_named_to_a_proxy_with_its_proof() -> None:
    """In absolute form."""
    with hostile() as server:
        port = int(server.address.rpartition(":")[2])
        client = Client(
            "dossier.example", 80, through=Through("127.0.0.1", port, proof_of("a", "b"))
        )
        answer = client.send("GET", "/echo")
        client.close()

    told = json.loads(answer.body)
    assert told["line"] == "GET http://dossier.example:80/echo"
    assert "Proxy-Authorization: Basic YTpi" in told["head"]


@pytest.mark.parametrize("said", [b"HTTP/1.1 407 Who are you?\r\n\r\n", b"", b"SSH-2.0\r\n\r\n"])
def test_a_proxy_that_opens_no_way_is_a_failed_request(said: bytes) -> None:
    """With what it said, where it said something."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(said)

        refusing = threading.Thread(target=refuse)
        refusing.start()
        through = Through("127.0.0.1", listening.getsockname()[1])
        client = Client("dossier.example", 443, tls_context(TlsFiles()), through=through)
        with pytest.raises(FailedError, match="the proxy"):
            client.send("GET", "/")
        refusing.join()
