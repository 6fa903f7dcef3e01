"""Logging a professional in as their software does, on the page where one is picked.

Sources: RFC 6749 (4.1), RFC 7591, RFC 7636 (PKCE), RFC 8693; specification of the ANS on Pro Santé
Connect.
"""

import base64
import re
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from etalon_conformance.witness.connecting.asking import Asking, Reply
from etalon_model.actors import ActorKind
from etalon_wire.claims import scopes_for

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

PSC: Final = "/oauth2/psc"
_BACK: Final = "http://127.0.0.1:4321/callback"
_PENDING: Final = re.compile(r'name="pending" value="([^"]*)"')
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
_OK: Final = 200
_CREATED: Final = 201
_ASIDE: Final = 303


class LoginFailedError(Exception):
    """A login that did not lead to a token.

    Attributes:
        step: Where it ended: `register`, `page`, `pick`, `token` or `exchange`.
        problem: What was answered.
    """

    def __init__(self, *, step: str, reply: Reply) -> None:
        """Keep both."""
        super().__init__(step)
        self.step = step
        self.problem = f"HTTP {reply.status} {reply.told}".rstrip()


def log_in(asking: Asking, rpps: str) -> str:
    """Register a client, log a professional in, and return a token of the service.

    Raises:
        LoginFailedError: Something on the way was refused.
        NotAnsweredError: Something was not answered.
    """
    client = _registered(asking)
    verifier = secrets.token_urlsafe(48)
    code = _code(asking, client["client_id"], rpps, verifier)
    grant = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _BACK,
        "code_verifier": verifier,
    }
    subject = _granted(asking, f"{PSC}/token", {**grant, **client}, "token")
    exchange = {
        "grant_type": _EXCHANGE,
        "subject_token": subject,
        "subject_token_type": _ACCESS,
        "scope": " ".join(scopes_for(ActorKind.PROFESSIONAL)),
    }
    return _granted(asking, "/oauth2/token", {**exchange, **client}, "exchange")


def _registered(asking: Asking) -> dict[str, str]:
    """Return what a new client says who it is with."""
    asked: Resource = {
        "client_name": "etalon witness ping",
        "redirect_uris": [_BACK],
        "token_endpoint_auth_method": "client_secret_post",
    }
    answer = asking.ask("POST", "/oauth2/register", asked)
    client = {name: answer.first(name) for name in ("client_id", "client_secret")}
    if answer.status not in {_OK, _CREATED} or not all(client.values()):
        raise LoginFailedError(step="register", reply=answer)
    return client


def _code(asking: Asking, client: str, rpps: str, verifier: str) -> str:
    """Return the code that picking a professional on the page leads to."""
    digest = sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": _BACK,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": secrets.token_urlsafe(12),
        "nonce": secrets.token_urlsafe(12),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page = asking.ask("GET", f"{PSC}/authorize?{urlencode(asked)}")
    pending = _PENDING.search(page.body.decode("utf-8", "replace"))
    if page.status != _OK or pending is None:
        raise LoginFailedError(step="page", reply=page)
    form = {"pending": pending[1], "step": "professional", "professional": rpps}
    picked = asking.ask("POST", f"{PSC}/authorize", form, form=True)
    brought = parse_qs(urlsplit(picked.location).query)
    if picked.status != _ASIDE or "code" not in brought or brought.get("state") != [asked["state"]]:
        raise LoginFailedError(step="pick", reply=picked)
    return brought["code"][0]


def _granted(asking: Asking, path: str, form: dict[str, str], step: str) -> str:
    answer = asking.ask("POST", path, form, form=True)
    token = answer.first("access_token")
    if answer.status != _OK or not token:
        raise LoginFailedError(step=step, reply=answer)
    return token
