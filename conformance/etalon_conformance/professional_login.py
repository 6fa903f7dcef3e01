"""Logging a professional in where the target stands in for Pro Santé Connect.

Sources: RFC 6749 (4.1, 6), RFC 7591, RFC 8693; specification of the ANS on Pro Santé Connect.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_target.cannot import CannotTest
from etalon_target.people import TestProfessional

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

PSC: Final = "root:/oauth2/psc"
_BACK: Final = "http://127.0.0.1:4321/callback"
_PENDING: Final = re.compile(r'name="pending" value="([^"]*)"')
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
_OK: Final = 200
_CREATED: Final = 201
_ASIDE: Final = 303


@dataclass(frozen=True, slots=True)
class Client:
    """A client that was registered.

    Attributes:
        ident: Its identifier.
        secret: What it proves who it is with, in the form of each request.
    """

    ident: str
    secret: str


def registered(bench: Bench) -> Client:
    """Register a client.

    Raises:
        CannotTest: The target has no login of professionals like ours.
    """
    body: Json = {
        "client_name": bench.tag,
        "redirect_uris": [_BACK],
        "token_endpoint_auth_method": "client_secret_post",
    }
    answer = bench.call(
        None,
        "POST",
        "root:/oauth2/register",
        body=body,
        accept="application/json",
        content_type="application/json",
    )
    ident, secret = answer.first("client_id"), answer.first("client_secret")
    if answer.status not in {_OK, _CREATED} or not ident or not secret:
        raise CannotTest(key="cause.no_professional_login")
    bench.target.redaction.add(secret)
    return Client(ident, secret)


def logged_in(bench: Bench, client: Client, one: TestProfessional) -> Exchange:
    """Log a professional in; return what the token endpoint answers.

    Raises:
        CannotTest: The pages of login are others than ours.
    """
    asked = urlencode(
        {
            "response_type": "code",
            "client_id": client.ident,
            "redirect_uri": _BACK,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "state": "s1",
            "nonce": "n1",
        }
    )
    page = bench.call(None, "GET", f"{PSC}/authorize?{asked}", accept="text/html")
    pending = _PENDING.search(page.body.decode("utf-8", "replace"))
    if page.status != _OK or pending is None:
        raise CannotTest(key="cause.no_professional_login")
    form = {"pending": pending[1], "step": "professional", "professional": one.rpps}
    told = bench.call(None, "POST", f"{PSC}/authorize", form=form, accept="text/html")
    brought = parse_qs(urlsplit(told.header("location")).query)
    if told.status != _ASIDE or "code" not in brought:
        raise CannotTest(key="cause.no_professional_login")
    grant = {"grant_type": "authorization_code", "code": brought["code"][0], "redirect_uri": _BACK}
    return _granted(bench, client, f"{PSC}/token", grant)


def refreshed(bench: Bench, client: Client, refresh: str) -> Exchange:
    """Ask for a new token with a refresh token."""
    grant = {"grant_type": "refresh_token", "refresh_token": refresh}
    return _granted(bench, client, f"{PSC}/token", grant)


def exchanged(bench: Bench, client: Client, subject: str, scope: str) -> Exchange:
    """Exchange a token of the login for one of the service (RFC 8693)."""
    grant = {
        "grant_type": _EXCHANGE,
        "subject_token": subject,
        "subject_token_type": _ACCESS,
        "scope": scope,
    }
    return _granted(bench, client, "root:/oauth2/token", grant)


def introspected(bench: Bench, client: Client, token: str) -> Exchange:
    """Ask whether a token is good (RFC 7662)."""
    return _granted(bench, client, f"{PSC}/introspect", {"token": token})


def told_who(bench: Bench, token: str) -> Exchange:
    """Ask who a token says (OpenID Connect)."""
    bearing = (("Authorization", f"Bearer {token}"),)
    return bench.call(None, "GET", f"{PSC}/userinfo", headers=bearing, accept="application/json")


def _granted(bench: Bench, client: Client, address: str, form: dict[str, str]) -> Exchange:
    whole = {**form, "client_id": client.ident, "client_secret": client.secret}
    answer = bench.call(None, "POST", address, form=whole, accept="application/json")
    for name in ("access_token", "refresh_token", "id_token"):
        if token := answer.first(name):
            bench.target.redaction.add(token)
    return answer
