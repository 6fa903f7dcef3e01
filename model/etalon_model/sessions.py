"""Sessions of professionals and the transport under them: lifetimes, versions of TLS.

Pure functions of instants that the caller keeps; nothing here opens or closes anything.

Sources: specification of the ANS on Pro Santé Connect and on transport (access token 2 minutes,
refresh token 30, session 4 hours or 30 minutes without use; TLS 1.2 at least, 1.3 advised).
Reading: at the very end of its life a token is no longer good.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from etalon_model.rules import enforces

ACCESS_TOKEN_LIFE: Final = timedelta(minutes=2)
REFRESH_TOKEN_LIFE: Final = timedelta(minutes=30)
SESSION_LIFE: Final = timedelta(hours=4)
SESSION_IDLE: Final = timedelta(minutes=30)

_FORBIDDEN: Final = frozenset({"SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1"})
_TOLERATED: Final = "TLS 1.2"
_ADVISED: Final = "TLS 1.3"


class SessionNeed(StrEnum):
    """What a professional's software must do before its next call."""

    NOTHING = "nothing"
    REFRESH = "refresh"
    LOG_IN = "log in"


class TransportStanding(StrEnum):
    """What the specification says of a version of TLS."""

    ADVISED = "advised"
    TOLERATED = "tolerated"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class ProfessionalSession:
    """A session of Pro Santé Connect, by its instants (UTC).

    Attributes:
        opened_at: When the professional logged in.
        used_at: When the session was last used.
        access_at: When the access token was issued.
        refresh_at: When the refresh token was issued.
    """

    opened_at: datetime
    used_at: datetime
    access_at: datetime
    refresh_at: datetime


@enforces("ID-10")
def session_need(session: ProfessionalSession, at: datetime) -> SessionNeed:
    """Return what is needed at `at`: nothing, a new access token, or the professional again.

    Where a new access token is needed, a call with the old one is answered 401.
    """
    if at - session.opened_at >= SESSION_LIFE or at - session.used_at >= SESSION_IDLE:
        return SessionNeed.LOG_IN
    if at - session.access_at < ACCESS_TOKEN_LIFE:
        return SessionNeed.NOTHING
    if at - session.refresh_at < REFRESH_TOKEN_LIFE:
        return SessionNeed.REFRESH
    return SessionNeed.LOG_IN


@enforces("ID-12")
def transport_standing(version: str) -> TransportStanding:
    """Return what is said of `version`, like `TLS 1.2`.

    Raises:
        LookupError: The specification does not speak of that version.
    """
    if version == _ADVISED:
        return TransportStanding.ADVISED
    if version == _TOLERATED:
        return TransportStanding.TOLERATED
    if version in _FORBIDDEN:
        return TransportStanding.FORBIDDEN
    known = ", ".join((_ADVISED, _TOLERATED, *sorted(_FORBIDDEN)))
    message = f"no version {version!r} of TLS; versions are {known} (ID-12)"
    raise LookupError(message)
