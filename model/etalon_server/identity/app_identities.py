"""Identity tokens as referenced services send them back with every call.

One that was verified is known by its digest until it ends. It says who, and opens nothing: what a
login opened ends with its access tokens.

Source: measures API v1.5.2 (an identity token in every call, 400 when it is not valid).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from etalon_model.catalogue.exchange import IdToken
from etalon_server.identity.failures import TokenError
from etalon_server.identity.grants import Ledger
from etalon_server.identity.keys import IDENTITY, KeyRing, check_life, check_parties
from etalon_server.identity.realms import SERVICE
from etalon_server.identity.tokens import KNOWN_MOST


@dataclass(frozen=True, slots=True)
class _Known:
    said: IdToken
    ends_at: float


class AppIdentities:
    """The identity tokens that referenced services hold."""

    __slots__ = ("_keys", "_known", "_ledger")

    def __init__(self, keys: KeyRing, ledger: Ledger) -> None:
        """Know no token."""
        self._keys = keys
        self._ledger = ledger
        self._known: dict[bytes, _Known] = {}

    def said_by(self, token: str, now: datetime) -> IdToken | None:
        """Return what a token says; None when it is none of ours, or no longer good."""
        name = sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(name)
        if known is None:
            try:
                known = self._recognised(token, now)
            except TokenError:
                return None
            if known is None:
                return None
            if len(self._known) >= KNOWN_MOST:
                del self._known[next(iter(self._known))]
            self._known[name] = known
        if now.timestamp() >= known.ends_at:
            del self._known[name]
            return None
        return known.said

    def forget(self) -> None:
        """Know no token."""
        self._known.clear()

    def _recognised(self, token: str, now: datetime) -> _Known | None:
        """Verify a token that is not known yet; one of a person's own login names no service."""
        claims = self._keys.claims_of(token, IDENTITY)
        check_life(claims, now)
        grant = self._ledger.opened_by(claims)
        if grant is None or not grant.bearer.id_pe:
            return None
        check_parties(claims, SERVICE.issuer(grant.address), grant.client)
        said = IdToken(grant.bearer.id_pe, grant.bearer.actor.ident)
        return _Known(said, float(str(claims["exp"])))
