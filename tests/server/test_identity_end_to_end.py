"""A client that knows nothing but discovery walks both logins against a server that listens."""

import base64
import json
import re
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from joserfc.jwt import JWTClaimsRegistry

from etalon_model.professionals import professional_numbered
from etalon_model.sandbox import Sandbox
from etalon_model.states import State
from etalon_server.exchange import Desk
from etalon_server.identity.provider import Identity
from etalon_server.listening import Endpoint, Tls, running
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from identity_scene import LAUNCH, SEED, VALIDATOR, Reply, challenge_of

CALLBACK: Final = "http://127.0.0.1:4321/callback"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Served:
    """A server that listens with TLS, and who calls it.

    Attributes:
        address: Where it is reached.
        ins: A holder with an activated space.
        known: TLS of a client that presents its certificate.
        unknown: TLS of a client that presents none.
        jwks: The key of that certificate, with the certificate.
    """

    address: str
    ins: str
    known: ssl.SSLContext
    unknown: ssl.SSLContext
    jwks: dict[str, Any]

    def ask(
        self,
        verb: str,
        address: str,
        body: Mapping[str, str] | str = "",
        headers: Mapping[str, str] | None = None,
        *,
        certified: bool = True,
    ) -> Reply:
        """Ask the server something over a connection of its own."""
        where = urlsplit(address)
        context = self.known if certified else self.unknown
        connection = HTTPSConnection(where.netloc, context=context, timeout=20)
        sent = body if isinstance(body, str) else urlencode(body)
        path = f"{where.path}?{where.query}" if where.query else where.path
        connection.request(verb, path, sent, {**FORM, **(headers or {})})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        reply = Reply(answer.status, found, answer.read())
        connection.close()
        return reply

    def discover(self, path: str) -> dict[str, Any]:
        """What an authorisation server says of itself."""
        return self.ask("GET", f"{self.address}{path}").json

    def code(self, said: Mapping[str, Any], asked: Mapping[str, str], **form: str) -> str:
        """Log somebody in with the first page alone; return the code."""
        page = self.ask("GET", f"{said['authorization_endpoint']}?{urlencode(asked)}")
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action is not None
        sent = {"pending": page.field("pending"), **form}
        answer = self.ask("POST", f"{self.address}{action[1]}", sent).answer
        assert (answer["state"], answer["iss"]) == (asked["state"], said["issuer"])
        return answer["code"]

    def identity(self, said: Mapping[str, Any], token: str, client: str) -> dict[str, Any]:
        """The claims of an identity token, checked as OpenID Connect has a client check them."""
        keys = KeySet.import_key_set(self.ask("GET", said["jwks_uri"]).json)  # type: ignore[arg-type]
        [algorithm] = said["id_token_signing_alg_values_supported"]
        claims = jwt.decode(token, keys, algorithms=[algorithm]).claims
        registry = JWTClaimsRegistry(
            iss={"essential": True, "value": said["issuer"]},
            aud={"essential": True, "value": client},
            nonce={"essential": True, "value": "n-9"},
            exp={"essential": True},
        )
        registry.validate(claims)
        return claims


def public_jwk(certificate: bytes) -> dict[str, Any]:
    """The key of a certificate in PEM, with the certificate itself."""
    read = x509.load_pem_x509_certificate(certificate)
    pem = read.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    x5c = base64.b64encode(read.public_bytes(Encoding.DER)).decode()
    return {**ECKey.import_key(pem).as_dict(private=False), "x5c": [x5c]}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over TLS with the real clock, and one holder."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    mine, theirs = authority.issue_cert("127.0.0.1"), authority.issue_cert("software.etalon.test")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    mine.cert_chain_pems[0].write_to_path(folder / "server.pem")
    mine.private_key_pem.write_to_path(folder / "server.key")
    contexts = [ssl.create_default_context(cafile=folder / "ca.pem") for _ in range(2)]
    theirs.private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    contexts[0].load_cert_chain(folder / "client.pem")

    people = Sandbox(LAUNCH, seed=SEED)
    ins = people.person()
    people.bring(ins, State.OPEN_ACTIVE)
    host = Host(LAUNCH, seed=SEED)
    host.service = people.service
    desk = Desk(host, Settings(), VALIDATOR, Identity(host))
    tls = Tls(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    with running(desk, Endpoint(tls=tls)) as server:
        jwks = {"keys": [public_jwk(theirs.cert_chain_pems[0].bytes())]}
        yield Served(server.address, ins, contexts[0], contexts[1], jwks)


def opened(served: Served, token: str, *, certified: bool) -> int:
    """The status of a call with a token."""
    address = f"{served.address}/fhir/DocumentReference"
    headers = {"Authorization": f"Bearer {token}"}
    return served.ask("GET", address, headers=headers, certified=certified).status


def test_a_holder_logs_in_and_out(served: Served) -> None:
    """Discovery, PKCE, code, identity token, user information, refresh, revocation."""
    said = served.discover("/.well-known/openid-configuration")
    verifier = secrets.token_urlsafe(48)
    asked = {
        "client_id": "sandbox-app",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid patient/DocumentReference.rs",
        "state": "s-9",
        "nonce": "n-9",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    code = served.code(said, asked, step="franceconnect", ins=served.ins)
    form = {
        "grant_type": "authorization_code",
        "client_id": "sandbox-app",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    told = served.ask("POST", said["token_endpoint"], form, certified=False).json

    claims = served.identity(said, told["id_token"], "sandbox-app")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    who = served.ask("GET", said["userinfo_endpoint"], headers=bearer).json
    form = {"grant_type": "refresh_token", "client_id": "sandbox-app"}
    form["refresh_token"] = told["refresh_token"]
    again = served.ask("POST", said["token_endpoint"], form).json["access_token"]

    assert claims["sub"] == who["sub"] == served.ins
    assert claims["acr"] == "eidas2"
    assert opened(served, told["access_token"], certified=False) != 401
    # The refresh came over a connection with a certificate: the new token is bound to it.
    assert opened(served, again, certified=False) == 401
    assert opened(served, again, certified=True) != 401
    served.ask("POST", said["revocation_endpoint"], {"client_id": "sandbox-app", "token": again})
    assert opened(served, again, certified=True) == 401


def registered(served: Served, said: Mapping[str, Any]) -> str:
    """The identifier of a client that registers its certificate."""
    metadata = {
        "client_name": "Logiciel",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": served.jwks,
    }
    sent = {"Content-Type": "application/json"}
    reply = served.ask("POST", said["registration_endpoint"], json.dumps(metadata), sent)
    ident: str = reply.json["client_id"]
    return ident


@pytest.mark.requirement("W-SEC-02", "W-SEC-03")
def test_a_professional_logs_in_and_calls_with_a_bound_token(served: Served) -> None:
    """The client proves which one it is by its certificate alone, in a real handshake."""
    there = served.discover("/oauth2/psc/.well-known/openid-configuration")
    here = served.discover("/.well-known/oauth-authorization-server")
    client = registered(served, here)
    asked = {
        "client_id": client,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": "s-9",
        "nonce": "n-9",
    }
    who = professional_numbered(SEED, "10", 0)
    code = served.code(there, asked, step="professional", professional=who.rpps)
    form = {
        "grant_type": "authorization_code",
        "client_id": client,
        "code": code,
        "redirect_uri": CALLBACK,
    }
    refused = served.ask("POST", there["token_endpoint"], form, certified=False)
    told = served.ask("POST", there["token_endpoint"], form).json
    exchange = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "client_id": client,
        "subject_token": told["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "user/DocumentReference.rs",
    }
    token = served.ask("POST", here["token_endpoint"], exchange).json["access_token"]

    assert (refused.status, refused.json["error"]) == (401, "invalid_client")
    assert served.identity(there, told["id_token"], client)["SubjectNameID"] == who.idnps
    assert opened(served, token, certified=True) != 401
    assert opened(served, token, certified=False) == 401
    assert opened(served, told["access_token"], certified=True) == 401
