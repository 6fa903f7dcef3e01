"""Requests that send people to log in: checked before any page is shown.

A request whose client or address to go back to is wrong is answered here and leads nowhere; any
other fault goes back to the client.

Sources: RFC 6749 (4.1.1), OpenID Connect Core (3.1.2), RFC 7636 (PKCE), RFC 9207 (`iss`), RFC 9700;
Pro Santé Connect (`acr_values=eidas1`, `nonce` and `state` with every request).
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from etalon_model import Use
from etalon_server.identity.clients import Client, Clients
from etalon_server.identity.failures import OAuthError, refuse, refuse_request
from etalon_server.identity.grants import Asked, Bearer
from etalon_server.identity.realms import LOGIN_LIFE, PSC, Realm
from etalon_server.identity.scopes import asked_scopes
from etalon_wire.bundles import Query

PENDING_MOST: Final = 4096
"""How many logins may be under way; one more takes the place of the oldest."""

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_TEXT_MOST: Final = 2000


@dataclass(slots=True, eq=False)
class Pending:
    """A login that somebody has begun and not finished.

    Attributes:
        ident: Its identifier, known to the page alone.
        realm: Where they log in.
        address: Public address of the server that they use.
        client: With which software.
        asked: What it asked for.
        started_at: When (UTC).
        account: Matricule of who proved who they are, or empty.
        means: How they did.
        name: Under which name, for counting failures.
        code: The one-time code that was sent, or empty.
        code_given: They gave it.
        proved: They proved all that is asked of them.
        bearer: Who logged in, while they choose what a referenced service may do; or None.
        uses: The uses that they choose among, in the order of the page.
    """

    ident: str
    realm: Realm
    address: str
    client: Client
    asked: Asked
    started_at: datetime
    account: str = ""
    means: str = ""
    name: str = ""
    code: str = ""
    code_given: bool = False
    proved: bool = False
    bearer: Bearer | None = None
    uses: tuple[Use, ...] = ()


class RedirectedError(Exception):
    """A request that is refused to its client: the person goes back with the fault.

    Attributes:
        address: Where to.
    """

    def __init__(self, address: str) -> None:
        """Keep the address."""
        super().__init__()
        self.address = address


@dataclass(slots=True)
class Logins:
    """Logins that are not finished; the oldest gives way when there are too many."""

    _pending: dict[str, Pending] = field(default_factory=dict[str, Pending])

    def begin(
        self, realm: Realm, address: str, client: Client, asked: Asked, now: datetime
    ) -> Pending:
        """Begin a login."""
        pending = Pending(secrets.token_urlsafe(24), realm, address, client, asked, now)
        self._pending[pending.ident] = pending
        while len(self._pending) > PENDING_MOST or _is_over(self._oldest(), now):
            del self._pending[self._oldest().ident]
        return pending

    def find(self, ident: str, realm: Realm, now: datetime) -> Pending:
        """Return a login that is under way.

        Raises:
            OAuthError: There is none, or it took too long.
        """
        pending = self._pending.get(ident)
        if pending is None or pending.realm is not realm or _is_over(pending, now):
            refuse_request("this login is over: go back to the application and begin again")
        return pending

    def finish(self, pending: Pending) -> None:
        """Let a login go."""
        self._pending.pop(pending.ident, None)

    def forget(self) -> None:
        """Let every login go."""
        self._pending.clear()

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._pending)

    def _oldest(self) -> Pending:
        return next(iter(self._pending.values()))


def _is_over(pending: Pending, now: datetime) -> bool:
    return now - pending.started_at >= LOGIN_LIFE


def asked_of(realm: Realm, address: str, clients: Clients, query: Query) -> tuple[Client, Asked]:
    """Return what a request to log in asks for.

    Args:
        realm: Where.
        address: Public address of the server.
        clients: Who may send people.
        query: Parameters of the request, in order.

    Raises:
        OAuthError: The client or the address to go back to is wrong: nobody is sent there.
        RedirectedError: Something else is.
    """
    values = single_values(query)
    client = clients.find(values.get("client_id", ""))
    if client is None:
        refuse_request("client_id names no client: register it (/oauth2/register)")
    redirect = values.get("redirect_uri", "")
    if not client.may_be_sent_to(redirect):
        refuse_request("redirect_uri is none of those this client registered")
    asked = Asked(client.ident, redirect, frozenset(), values.get("state", ""))
    try:
        scopes = _checked(realm, client, values)
    except OAuthError as error:
        raise RedirectedError(refused_address(realm, address, asked, error)) from None
    nonce, challenge = values.get("nonce", ""), values.get("code_challenge", "")
    return client, Asked(client.ident, redirect, scopes, asked.state, nonce, challenge)


def single_values(pairs: Query) -> dict[str, str]:
    """Return parameters by name; each may stand once, and an empty one does not stand.

    Raises:
        OAuthError: One stands twice, or is too long.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            refuse_request(f"the parameter {name[:40]!r} stands twice")
        if len(value) > _TEXT_MOST and not name.endswith("_token"):
            refuse_request(f"the parameter {name[:40]!r} is too long")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def refused_address(realm: Realm, address: str, asked: Asked, error: OAuthError) -> str:
    """Return the address that tells a client why a login was refused."""
    told = {"error": error.code, "error_description": error.description}
    return _answer_address(realm, address, asked, told)


def code_address(realm: Realm, address: str, asked: Asked, code: str) -> str:
    """Return the address that brings a client its code."""
    return _answer_address(realm, address, asked, {"code": code})


def _answer_address(realm: Realm, address: str, asked: Asked, told: Mapping[str, str]) -> str:
    answer = dict(told)
    if asked.state:
        answer["state"] = asked.state
    answer["iss"] = realm.issuer(address)
    parts = urlsplit(asked.redirect_uri)
    query = f"{parts.query}&{urlencode(answer)}" if parts.query else urlencode(answer)
    return urlunsplit(parts._replace(query=query))


def _checked(realm: Realm, client: Client, values: Mapping[str, str]) -> frozenset[str]:
    """Check what a client that may send people asks for; return the scopes."""
    for name in ("request", "request_uri", "registration"):
        if name in values:
            refuse(f"{name}_not_supported", f"{name} is not supported")
    if values.get("response_type") != "code":
        refuse("unsupported_response_type", "response_type must be code")
    if values.get("response_mode", "query") != "query":
        refuse_request("response_mode must be query")
    if values.get("prompt") == "none":
        refuse("login_required", "nobody is logged in: ask without prompt=none")
    _check_challenge(client, values)
    if realm is PSC:
        if client.solution:
            refuse("unauthorized_client", "a referenced service logs no professional in")
        _check_professional(values)
    return asked_scopes(realm, values.get("scope", ""))


def _check_challenge(client: Client, values: Mapping[str, str]) -> None:
    challenge = values.get("code_challenge", "")
    if not challenge:
        if client.is_public or client.solution:
            refuse_request("this client sends a code_challenge (PKCE, S256)")
        return
    if values.get("code_challenge_method", "plain") != "S256":
        refuse_request("code_challenge_method must be S256")
    if _CHALLENGE.fullmatch(challenge) is None:
        refuse_request("code_challenge is the SHA-256 of the verifier in base64url")


def _check_professional(values: Mapping[str, str]) -> None:
    for name in ("state", "nonce"):
        if name not in values:
            refuse_request(f"a login of Pro Santé Connect sends a {name}")
    if values.get("acr_values") != PSC.acr:
        refuse_request(f"a login of Pro Santé Connect sends acr_values={PSC.acr}")
