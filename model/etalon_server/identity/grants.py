"""What logins opened: codes to fetch once, refresh tokens to turn over, and what was revoked.

Secrets are random and kept by their digest only. A code or a refresh token that comes twice was
taken by somebody: everything its login opened ends at once.

Sources: RFC 6749 (4.1.2: a code is used once), RFC 9700 (refresh tokens turn over), RFC 7009
(revocation); rule ID-10 for the lives of a session of Pro Santé Connect.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from etalon_model import Actor
from etalon_model.sessions import ProfessionalSession, SessionNeed, session_need
from etalon_server.identity.failures import MisusedError, refuse_grant, refuse_token
from etalon_server.identity.realms import CODE_LIFE, PSC, SERVICE, Realm, RealmName
from etalon_server.identity.scopes import OFFLINE
from etalon_wire.claims import Level
from etalon_wire.json_body import Json

REVOKED: Final = "the access token was revoked: log in again"
SWEPT_EVERY: Final = timedelta(minutes=1)
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who logged in, and for whose space.

    Attributes:
        actor: Who acts, in which capacity.
        patient: Matricule of the person whose space they act on, or empty for a professional.
        means: How they proved who they are.
        level: Level of assurance of that.
        id_pe: Opaque identifier under which a referenced service knows the person, or empty.
        paired_at: When the pairing that lets the service act was made; None for everybody else.
    """

    actor: Actor
    patient: str = ""
    means: str = ""
    level: Level = "substantial"
    id_pe: str = ""
    paired_at: datetime | None = None

    @property
    def subject(self) -> str:
        """Who a client is told the person is: no matricule for a referenced service (CAT-15)."""
        return self.id_pe or self.actor.ident


@dataclass(slots=True, eq=False)
class Grant:
    """What one login opened, until it ends.

    Attributes:
        ident: Its identifier, the claim `sid` of its tokens.
        realm: Where they logged in.
        address: Public address of the server that they used; its tokens are issued under it.
        client: Identifier of the software they logged in with.
        bearer: Who they are.
        scopes: What was granted.
        opened_at: When they logged in (UTC).
        used_at: When the session was last used (UTC).
        access_at: When the last access token was issued (UTC).
        refresh_at: When the last refresh token was (UTC).
        lasts_until: When the last token of it ends (UTC).
        ended: It was revoked, or what it opened came twice.
    """

    ident: str
    realm: RealmName
    address: str
    client: str
    bearer: Bearer
    scopes: frozenset[str]
    opened_at: datetime
    used_at: datetime
    access_at: datetime
    refresh_at: datetime
    lasts_until: datetime
    ended: bool = False

    @property
    def is_lasting(self) -> bool:
        """It lasts as long as a pairing does, its refresh tokens used in time."""
        return self.bearer.paired_at is not None and OFFLINE in self.scopes

    def cover(self, until: datetime) -> None:
        """Remember that a token of this login is good until then."""
        self.lasts_until = max(self.lasts_until, until)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for when it sent somebody to log in.

    Attributes:
        client: Identifier of the client.
        redirect_uri: Where the answer goes, as it was sent.
        scopes: What was asked for.
        state: Given back as it came.
        nonce: Goes into the identity token.
        challenge: Challenge of PKCE (S256), or empty.
    """

    client: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str = ""
    nonce: str = ""
    challenge: str = ""


@dataclass(slots=True)
class _Code:
    grant: Grant
    asked: Asked
    ends_at: datetime
    used: bool = False


@dataclass(slots=True)
class _Refresh:
    grant: Grant
    ends_at: datetime
    used: bool = False


def _is_always(_bearer: Bearer) -> bool:
    return True


@dataclass(slots=True)
class Ledger:
    """Every login of this process that may still matter.

    Attributes:
        revoked: Identifiers (`jti`) of access tokens revoked, and when each would have ended.
        is_paired: Whether the pairing that a referenced service acts under still stands.
        is_open: Whether that service gets tokens now.
    """

    revoked: dict[str, datetime] = field(default_factory=dict[str, datetime])
    is_paired: Callable[[Bearer], bool] = _is_always
    is_open: Callable[[Bearer], bool] = _is_always
    _grants: dict[str, Grant] = field(default_factory=dict[str, Grant])
    _codes: dict[bytes, _Code] = field(default_factory=dict[bytes, _Code])
    _refreshes: dict[bytes, _Refresh] = field(default_factory=dict[bytes, _Refresh])
    _swept_at: datetime | None = None

    def begin(
        self, realm: Realm, address: str, asked: Asked, bearer: Bearer, now: datetime
    ) -> Grant:
        """Open what a login opens.

        Args:
            realm: Where they logged in.
            address: Public address of the server that they used.
            asked: The client, and the scopes that are granted.
            bearer: Who they are.
            now: The present instant (UTC).
        """
        self._sweep(now)
        grant = Grant(
            ident=secrets.token_urlsafe(12),
            realm=realm.name,
            address=address,
            client=asked.client,
            bearer=bearer,
            scopes=asked.scopes,
            opened_at=now,
            used_at=now,
            access_at=now,
            refresh_at=now,
            lasts_until=now + CODE_LIFE + realm.access_life,
        )
        self._grants[grant.ident] = grant
        return grant

    def login_of(self, claims: Mapping[str, Json]) -> Grant:
        """Return the login that a verified token is part of.

        Raises:
            TokenError: It, or the token, was revoked.
        """
        grant = self._grants.get(str(claims.get("sid")))
        if grant is None or self.is_over(grant) or claims.get("jti") in self.revoked:
            refuse_token(REVOKED)
        return grant

    def opened_by(self, claims: Mapping[str, Json]) -> Grant | None:
        """Return the login that a token was part of, over or not, or None when it is forgotten."""
        return self._grants.get(str(claims.get("sid")))

    def is_over(self, grant: Grant) -> bool:
        """Tell whether nothing of a login is good any more; the end of a pairing ends it."""
        bearer = grant.bearer
        return grant.ended or (bearer.paired_at is not None and not self.is_paired(bearer))

    def new_code(self, grant: Grant, asked: Asked, now: datetime) -> str:
        """Return a code to be fetched once, soon."""
        code = secrets.token_urlsafe(_SECRET_BYTES)
        self._codes[digest(code)] = _Code(grant, asked, now + CODE_LIFE)
        return code

    def take_code(self, code: str, client: str, now: datetime) -> tuple[Grant, Asked]:
        """Take a code, for good.

        Raises:
            OAuthError: It is unknown.
            MisusedError: It is another client's, late, or taken before: then everything its login
                opened ends.
        """
        found = self._codes.get(digest(code))
        unknown = "no such code was given to this client: send the person to log in"
        if found is None:
            refuse_grant(unknown)
        grant = found.grant
        if found.asked.client != client:
            raise MisusedError(unknown, grant.bearer, grant.scopes)
        if found.used:
            grant.ended = True
            used = "the code was used before: the tokens it gave are revoked"
            raise MisusedError(used, grant.bearer, grant.scopes)
        self._check_open(grant)
        found.used = True
        if self.is_over(grant) or now >= found.ends_at:
            late = "the code is no longer good: send the person to log in again"
            raise MisusedError(late, grant.bearer, grant.scopes)
        return grant, found.asked

    def new_refresh(self, grant: Grant, life: timedelta, now: datetime) -> str:
        """Return the refresh token that takes the place of the one before."""
        refresh = secrets.token_urlsafe(_SECRET_BYTES)
        grant.refresh_at = now
        grant.cover(now + life)
        self._refreshes[digest(refresh)] = _Refresh(grant, now + life)
        return refresh

    def take_refresh(self, refresh: str, client: str, now: datetime) -> Grant:
        """Take a refresh token, for good, and count it as a use of the session.

        Raises:
            OAuthError: It is unknown.
            MisusedError: It is another client's, its life or its session is over, or it was taken
                before: then everything its login opened ends.
        """
        found = self._refreshes.get(digest(refresh))
        unknown = "no such refresh token was given to this client"
        if found is None:
            refuse_grant(unknown)
        grant = found.grant
        if grant.client != client:
            raise MisusedError(unknown, grant.bearer, grant.scopes)
        if found.used:
            grant.ended = True
            used = "the refresh token was used before: its session is revoked"
            raise MisusedError(used, grant.bearer, grant.scopes)
        if self.is_over(grant) or now >= found.ends_at or _session_over(grant, now):
            over = "the session is over: send the person to log in again"
            raise MisusedError(over, grant.bearer, grant.scopes)
        self._check_open(grant)
        found.used = True
        grant.used_at = now
        return grant

    def refresh_of(self, refresh: str, now: datetime) -> Grant | None:
        """Return the login of a refresh token that is good now, or None."""
        found = self._refreshes.get(digest(refresh))
        if found is None or found.used or self.is_over(found.grant) or now >= found.ends_at:
            return None
        return None if _session_over(found.grant, now) else found.grant

    def _check_open(self, grant: Grant) -> None:
        """Refuse a service that gets no token now; what it holds is good again when it does.

        Raises:
            MisusedError: It is suspended, off line or delisted.
        """
        if grant.bearer.paired_at is not None and not self.is_open(grant.bearer):
            closed = "the service exchanges nothing now: it is suspended, off line or delisted"
            raise MisusedError(closed, grant.bearer, grant.scopes)

    def forget(self) -> None:
        """Forget every login: no token of before is good any more."""
        for grant in self._grants.values():
            grant.ended = True
        for kept in (self.revoked, self._grants, self._codes, self._refreshes):
            kept.clear()

    def _sweep(self, now: datetime) -> None:
        """Let go, now and then, of what can no longer matter."""
        if self._swept_at is not None and now - self._swept_at < SWEPT_EVERY:
            return
        self._swept_at = now
        for ident in [ident for ident, one in self._grants.items() if now >= one.lasts_until]:
            del self._grants[ident]
        alive = self._grants
        self._codes = {k: one for k, one in self._codes.items() if one.grant.ident in alive}
        self._refreshes = {
            k: one
            for k, one in self._refreshes.items()
            if one.grant.ident in alive and now < one.ends_at
        }
        self.revoked = {ident: until for ident, until in self.revoked.items() if now < until}


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return sha256(secret.encode("utf-8", "replace")).digest()


def _session_over(grant: Grant, now: datetime) -> bool:
    """Tell whether a session needs its bearer again; that of a professional by ID-10."""
    if grant.realm == PSC.name:
        lives = ProfessionalSession(
            grant.opened_at, grant.used_at, grant.access_at, grant.refresh_at
        )
        return session_need(lives, now) is SessionNeed.LOG_IN
    return not grant.is_lasting and now - grant.opened_at >= SERVICE.session_life
