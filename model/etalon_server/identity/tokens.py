"""Access tokens of the service: issued, verified once, then known until they end.

A token that was verified is known by its digest; its end, its revocation and its certificate are
looked at in every call.

The token of a referenced service names the person by the opaque identifier alone (CAT-15).

Sources: RFC 9068 (claims of an access token), RFC 8705 (`cnf`, `x5t#S256`), RFC 6750.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from etalon_server.identity.failures import TokenError
from etalon_server.identity.grants import REVOKED, Grant, Ledger
from etalon_server.identity.keys import ACCESS, KeyRing, check_life, check_parties
from etalon_wire.claims import Caller, ClaimsError, caller_of, claims_of
from etalon_wire.json_body import Json
from etalon_wire.operation_outcomes import Fault

KNOWN_MOST: Final = 65_536
"""How many tokens are known at once; one more takes the place of the oldest."""

_EXPIRED: Final = Fault("TOKEN_EXPIRED", "the access token has expired: ask for another")
_REVOKED: Final = Fault("TOKEN_REFUSED", REVOKED)
_OTHER_CERTIFICATE: Final = Fault(
    "CERTIFICATE_MISMATCH",
    "the access token is bound to a client certificate (cnf.x5t#S256) and this connection does not "
    "present it: call with that certificate",
)


@dataclass(frozen=True, slots=True)
class Issued:
    """An access token that was issued.

    Attributes:
        access_token: The token.
        expires_in: How many seconds it is good for.
        scope: What it grants, parted by spaces.
        identity: The identity token that a referenced service calls with, or empty.
        patient: The opaque identifier that it is told, or empty.
    """

    access_token: str
    expires_in: int
    scope: str
    identity: str = ""
    patient: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    ident: str
    grant: Grant


class AccessTokens:
    """The access tokens of the service's own interfaces."""

    __slots__ = ("_keys", "_known", "_ledger")

    def __init__(self, keys: KeyRing, ledger: Ledger) -> None:
        """Know no token."""
        self._keys = keys
        self._ledger = ledger
        self._known: dict[bytes, _Known] = {}

    def issue(self, caller: Caller, grant: Grant, now: datetime) -> Issued:
        """Issue a token that says `caller`, as part of a login.

        Args:
            caller: Who it is for, and until when.
            grant: The login it is part of, which ends it when it ends.
            now: The present instant (UTC).
        """
        grant.cover(caller.expires_at)
        issued_at = int(now.timestamp())
        claims: dict[str, Json] = {
            "iss": grant.address,
            "aud": audience_of(grant.address),
            "iat": issued_at,
            "jti": secrets.token_urlsafe(12),
            "sid": grant.ident,
            **claims_of(caller),
            **_claims_of_app(grant),
        }
        token = self._keys.sign(claims, ACCESS, now)
        lasting = int(caller.expires_at.timestamp()) - issued_at
        return Issued(token, lasting, " ".join(sorted(caller.scopes)))

    def claims_of(self, token: str, now: datetime) -> tuple[dict[str, Json], Grant]:
        """Return the claims of a token that is good now, and the login it is part of.

        Whoever asks looks at the certificate it is bound to.

        Raises:
            TokenError: It is not good.
        """
        claims = self._keys.claims_of(token, ACCESS)
        check_life(claims, now)
        grant = self._ledger.login_of(claims)
        check_parties(claims, grant.address, audience_of(grant.address))
        return claims, grant

    def caller_of(self, token: str, certificate: str, now: datetime) -> Caller | Fault:
        """Return who a token says, or why it says nothing.

        Args:
            token: The token.
            certificate: Thumbprint of the client's certificate, or an empty string.
            now: The present instant (UTC).
        """
        name = sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(name)
        if known is None:
            try:
                known = self._known[name] = self._recognised(token, now)
            except TokenError as error:
                return _EXPIRED if error.expired else Fault("TOKEN_REFUSED", error.reason)
        caller = known.caller
        if now >= caller.expires_at:
            del self._known[name]
            return _EXPIRED
        if self._ledger.is_over(known.grant) or known.ident in self._ledger.revoked:
            return _REVOKED
        if caller.thumbprint and caller.thumbprint != certificate:
            return _OTHER_CERTIFICATE
        return caller

    def grant_of(self, token: str) -> Grant | None:
        """Return the login that a token of ours was part of, though it is no longer good, or None.

        Nothing is opened by it: it serves to keep the trace of a call that is refused.
        """
        try:
            return self._ledger.opened_by(self._keys.claims_of(token, ACCESS))
        except TokenError:
            return None

    def forget(self) -> None:
        """Know no token."""
        self._known.clear()

    def _recognised(self, token: str, now: datetime) -> _Known:
        """Verify a token that is not known yet, and make room for it."""
        claims, grant = self.claims_of(token, now)
        try:
            caller = caller_of(claims)
        except ClaimsError as error:
            raise TokenError(str(error)) from None
        if grant.bearer.id_pe:
            # Whose space the token of a referenced service opens, this server alone knows.
            caller = replace(caller, actor=grant.bearer.actor, patient=grant.bearer.patient)
        if len(self._known) >= KNOWN_MOST:
            del self._known[next(iter(self._known))]
        return _Known(caller, str(claims["jti"]), grant)


def _claims_of_app(grant: Grant) -> dict[str, Json]:
    """Return the claims that take the place of a matricule for a referenced service (CAT-15)."""
    bearer = grant.bearer
    if not bearer.id_pe:
        return {}
    return {"sub": bearer.id_pe, "patient": bearer.id_pe, "solution": bearer.actor.ident}


def audience_of(address: str) -> str:
    """Return for whom the service issues its tokens: its FHIR interface."""
    return f"{address}/fhir"
