"""The token endpoint: codes, refresh tokens, tokens of professionals and structures' own demands.

Sources: RFC 6749 (4.1.3, 4.4, 6), RFC 7636 (4.6), RFC 8693 (exchange), RFC 8705 (3, bound tokens),
OpenID Connect Core (3.1.3); specification of the ANS on interfaces under Pro Santé Connect
(W-SEC-02 to W-SEC-04).
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from etalon_model import AccessMode, ActorKind
from etalon_server.identity.clients import Client
from etalon_server.identity.failures import (
    MisusedError,
    OAuthError,
    TokenError,
    refuse,
    refuse_grant,
    refuse_request,
    refuse_scope,
)
from etalon_server.identity.grants import Asked, Bearer, Grant, Ledger
from etalon_server.identity.keys import (
    ACCESS,
    IDENTITY,
    KeyRing,
    check_life,
    check_parties,
    verified_claims,
)
from etalon_server.identity.professional_login import professional_claims
from etalon_server.identity.realms import API_TOKEN_LIFE, APP_REFRESH_LIFE, PSC, SERVICE, Realm
from etalon_server.identity.scopes import granted_scopes, resource_scopes
from etalon_server.identity.tokens import AccessTokens, Issued, audience_of
from etalon_wire.app_scopes import PURPOSE_SCOPES
from etalon_wire.claims import LEVELS, THUMBPRINT, Caller, actor_of
from etalon_wire.json_body import Json

Form = Mapping[str, str]

EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (a name)
JWT_TYPE: Final = "urn:ietf:params:oauth:token-type:jwt"
ACTOR_ALGORITHMS: Final = ("ES256", "RS256", "PS256")
GRANT_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    SERVICE.name: ("authorization_code", "refresh_token", "client_credentials", EXCHANGE),
    PSC.name: ("authorization_code", "refresh_token"),
}
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for tokens from a client that proved which one it is.

    Attributes:
        realm: Which server is asked.
        address: Public address of the server.
        client: Who asks.
        form: What for.
        certificate: Thumbprint of the certificate of the connection, or empty.
        now: The present instant (UTC).
    """

    realm: Realm
    address: str
    client: Client
    form: Form
    certificate: str
    now: datetime


class Issuing:
    """Issues the tokens of both realms."""

    __slots__ = ("_ledger", "_psc_keys", "_seed", "_service_keys", "_tokens")

    def __init__(
        self,
        ledger: Ledger,
        tokens: AccessTokens,
        service_keys: KeyRing,
        psc_keys: KeyRing,
        seed: int,
    ) -> None:
        """Issue under two rings of keys, for logins of one ledger."""
        self._ledger = ledger
        self._tokens = tokens
        self._service_keys = service_keys
        self._psc_keys = psc_keys
        self._seed = seed

    def answer(self, asked: TokenRequest) -> dict[str, Json]:
        """Answer a request for tokens.

        Raises:
            OAuthError: It is refused.
        """
        kind = asked.form.get("grant_type", "")
        if kind not in GRANT_TYPES[asked.realm.name]:
            known = ", ".join(GRANT_TYPES[asked.realm.name])
            refuse("unsupported_grant_type", f"grant_type is one of {known}")
        if kind == EXCHANGE:
            return self._exchange(asked)
        if kind == "client_credentials":
            return self._act_alone(asked)
        return self._refresh(asked) if kind == "refresh_token" else self._redeem(asked)

    def _redeem(self, asked: TokenRequest) -> dict[str, Json]:
        """Give tokens for a code."""
        form, now = asked.form, asked.now
        grant, wanted = self._ledger.take_code(_needed(form, "code"), asked.client.ident, now)
        if grant.realm != asked.realm.name:
            refuse_grant("the code was given by the other authorisation server")
        try:
            if form.get("redirect_uri", "") != wanted.redirect_uri:
                refuse_grant("redirect_uri is not the one that the code was sent to")
            _check_verifier(wanted.challenge, form.get("code_verifier", ""))
        except OAuthError as error:
            raise MisusedError(error.description, grant.bearer, grant.scopes) from None
        told = self._tokens_of(asked, grant, grant.scopes)
        return {**told, "id_token": self.identity_token(asked.realm, grant, now, wanted.nonce)}

    def _refresh(self, asked: TokenRequest) -> dict[str, Json]:
        """Give new tokens for a refresh token, which turns over."""
        token = _needed(asked.form, "refresh_token")
        grant = self._ledger.take_refresh(token, asked.client.ident, asked.now)
        if grant.realm != asked.realm.name:
            refuse_grant("the refresh token was given by the other authorisation server")
        scopes = frozenset(asked.form.get("scope", "").split())
        if scopes and scopes.isdisjoint(PURPOSE_SCOPES):
            # Fewer scopes never mean more purposes.
            scopes |= grant.scopes & PURPOSE_SCOPES.keys()
        if not scopes <= grant.scopes:
            refuse_scope("a refresh grants no scope that the login did not")
        told = self._tokens_of(asked, grant, scopes or grant.scopes)
        if grant.bearer.id_pe:
            told["id_token"] = self.identity_token(asked.realm, grant, asked.now)
        return told

    def _act_alone(self, asked: TokenRequest) -> dict[str, Json]:
        """Give a token to a structure whose software acts without anybody logged in."""
        client = asked.client
        if not client.structure:
            refuse("unauthorized_client", "the client registered no structure that it acts for")
        kind = ActorKind.STRUCTURE
        scopes = resource_scopes(granted_scopes(_needed(asked.form, "scope").split(), kind))
        if not scopes:
            refuse_scope("nothing that was asked for opens anything to a structure")
        means = "certificate" if asked.certificate else "secret"
        bearer = Bearer(actor_of(kind, client.structure), means=means)
        opened = Asked(client.ident, "", scopes)
        grant = self._ledger.begin(SERVICE, asked.address, opened, bearer, asked.now)
        return _told(self._tokens.issue(_caller(asked, grant, scopes), grant, asked.now))

    def _exchange(self, asked: TokenRequest) -> dict[str, Json]:
        """Give a token of the service for one of a professional (RFC 8693)."""
        if asked.client.is_public or asked.client.solution:
            message = "neither a public client nor a referenced service exchanges a token"
            refuse("unauthorized_client", message)
        grant = self._subject(asked)
        bearer = grant.bearer
        scopes = granted_scopes(_needed(asked.form, "scope").split(), bearer.actor.kind)
        if not resource_scopes(scopes):
            refuse_scope("nothing that was asked for opens anything to a professional")
        _check_target(asked)
        caller = Caller(
            actor=bearer.actor,
            patient=bearer.patient,
            scopes=resource_scopes(scopes),
            client=asked.client.ident,
            thumbprint=asked.certificate,
            expires_at=asked.now + API_TOKEN_LIFE,
            means=bearer.means,
            level=bearer.level,
            mode=_declared_mode(asked),
        )
        issued = self._tokens.issue(caller, grant, asked.now)
        return {**_told(issued), "issued_token_type": ACCESS_TOKEN_TYPE}

    def _subject(self, asked: TokenRequest) -> Grant:
        """Return the login of the professional in whose name a token is asked for."""
        if _needed(asked.form, "subject_token_type") not in {ACCESS_TOKEN_TYPE, JWT_TYPE}:
            refuse_request(f"subject_token_type is {ACCESS_TOKEN_TYPE} or {JWT_TYPE}")
        token = _needed(asked.form, "subject_token")
        try:
            claims, grant = self.professional_claims(token, asked.now)
        except TokenError as error:
            advice = ": refresh it and exchange again" if error.expired else ""
            refuse_grant(f"subject_token: {error.reason}{advice}")
        bound = claims.get("cnf")
        if isinstance(bound, dict) and bound.get(THUMBPRINT) != asked.certificate:
            refuse_grant("the subject_token is bound to another client certificate")
        return grant

    def professional_claims(self, token: str, now: datetime) -> tuple[dict[str, Json], Grant]:
        """Return the claims of an access token of Pro Santé Connect that is good now, its login.

        Raises:
            TokenError: It is not good.
        """
        claims = self._psc_keys.claims_of(token, ACCESS)
        check_life(claims, now)
        grant = self._ledger.login_of(claims)
        issuer = PSC.issuer(grant.address)
        check_parties(claims, issuer, issuer)
        return claims, grant

    def _tokens_of(
        self, asked: TokenRequest, grant: Grant, scopes: frozenset[str]
    ) -> dict[str, Json]:
        """Return an access token and the refresh token that goes with it."""
        grant.access_at = asked.now
        if asked.realm is SERVICE:
            caller = _caller(asked, grant, scopes)
            issued = self._tokens.issue(caller, grant, asked.now)
        else:
            issued = self._professional_token(asked, grant, scopes)
        life = APP_REFRESH_LIFE if grant.is_lasting else asked.realm.refresh_life
        refresh = self._ledger.new_refresh(grant, life, asked.now)
        lasting = int(life.total_seconds())
        told = {**_told(issued), "refresh_token": refresh, "refresh_expires_in": lasting}
        return told | {"patient": grant.bearer.id_pe} if grant.bearer.id_pe else told

    def _professional_token(
        self, asked: TokenRequest, grant: Grant, scopes: frozenset[str]
    ) -> Issued:
        """Return an access token of Pro Santé Connect, good for two minutes (ID-10)."""
        issuer = PSC.issuer(grant.address)
        lasting = int(PSC.access_life.total_seconds())
        issued_at = int(asked.now.timestamp())
        scope = " ".join(sorted(scopes))
        claims: dict[str, Json] = {
            **_about(grant, issuer, issuer),
            "iat": issued_at,
            "exp": issued_at + lasting,
            "jti": secrets.token_urlsafe(12),
            "scope": scope,
            "acr": PSC.acr,
            "preferred_username": grant.bearer.actor.ident,
            "SubjectNameID": grant.bearer.actor.ident,
        }
        if asked.certificate:
            claims["cnf"] = {THUMBPRINT: asked.certificate}
        grant.cover(asked.now + PSC.access_life)
        return Issued(self._psc_keys.sign(claims, ACCESS, asked.now), lasting, scope)

    def identity_token(self, realm: Realm, grant: Grant, now: datetime, nonce: str = "") -> str:
        """Return the token that says who logged in, for the client to read.

        A referenced service reads an opaque identifier in it, and sends it back with every call.
        """
        bearer, issued_at = grant.bearer, int(now.timestamp())
        claims: dict[str, Json] = {
            **_about(grant, realm.issuer(grant.address), grant.client),
            "iat": issued_at,
            "exp": issued_at + int(realm.access_life.total_seconds()),
            "auth_time": int(grant.opened_at.timestamp()),
            "acr": next(name for name, level in LEVELS.items() if level == bearer.level),
            "amr": [bearer.means],
            "idp": "sandbox",
        }
        if nonce:
            claims["nonce"] = nonce
        if realm is PSC:
            claims |= professional_claims(self._seed, bearer)
            return self._psc_keys.sign(claims, IDENTITY, now)
        claims |= {"act_as": bearer.actor.kind.value, "patient": bearer.id_pe or bearer.patient}
        if bearer.id_pe:
            claims |= {"idPe": bearer.id_pe, "solution": bearer.actor.ident}
        return self._service_keys.sign(claims, IDENTITY, now)


def _about(grant: Grant, issuer: str, audience: str) -> dict[str, Json]:
    return {
        "iss": issuer,
        "sub": grant.bearer.subject,
        "aud": audience,
        "azp": grant.client,
        "sid": grant.ident,
    }


def _caller(asked: TokenRequest, grant: Grant, scopes: frozenset[str]) -> Caller:
    bearer = grant.bearer
    return Caller(
        actor=bearer.actor,
        patient=bearer.patient,
        scopes=scopes,
        client=grant.client,
        thumbprint=asked.certificate,
        expires_at=asked.now + SERVICE.access_life,
        means=bearer.means,
        level=bearer.level,
    )


def _told(issued: Issued) -> dict[str, Json]:
    return {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }


def _needed(form: Form, name: str) -> str:
    value = form.get(name, "")
    if not value:
        refuse_request(f"the parameter {name} is missing")
    return value


def _check_verifier(challenge: str, verifier: str) -> None:
    """Check the verifier against the challenge that came before (PKCE, S256)."""
    if not challenge:
        if verifier:
            refuse_grant("a code_verifier came without a code_challenge before")
        return
    if _VERIFIER.fullmatch(verifier) is None:
        refuse_grant("code_verifier is missing, or is not 43 to 128 unreserved characters")
    made = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(made, challenge):
        refuse_grant("code_verifier is not the one of the code_challenge")


def _check_target(asked: TokenRequest) -> None:
    """Check what an exchange is for: this service's interface, or nothing said."""
    own = audience_of(asked.address)
    for name in ("audience", "resource"):
        if asked.form.get(name, own) not in {asked.address, own}:
            refuse("invalid_target", f"{name} is {own}")
    if asked.form.get("requested_token_type", ACCESS_TOKEN_TYPE) != ACCESS_TOKEN_TYPE:
        refuse_request(f"requested_token_type is {ACCESS_TOKEN_TYPE}")


def _declared_mode(asked: TokenRequest) -> AccessMode:
    """Return how the professional declares to come to records: a claim of the `actor_token`.

    The token is signed by the client under a key that it registered; what it says is the client's
    word, as the specification of the ANS has it of business data.
    """
    token = asked.form.get("actor_token")
    if token is None:
        return AccessMode.NORMAL
    if asked.form.get("actor_token_type") != JWT_TYPE:
        refuse_request(f"actor_token_type is {JWT_TYPE}")
    if asked.client.keys is None:
        refuse_request("an actor_token is signed under a key that the client registered")
    try:
        claims = verified_claims(token, asked.client.keys, ACTOR_ALGORITHMS, IDENTITY)
        check_life(claims, asked.now)
        check_parties(claims, asked.client.ident, asked.address)
    except TokenError as error:
        refuse_grant(f"actor_token: {error.reason}")
    mode = claims.get("access_mode", AccessMode.NORMAL.value)
    if not isinstance(mode, str) or mode not in set(AccessMode):
        refuse_grant(f"access_mode is one of {', '.join(AccessMode)}")
    return AccessMode(mode)
