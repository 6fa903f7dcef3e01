"""The two authorisation servers of the sandbox, their addresses and how long their tokens last.

`service` is the service's own: it lets people in, shaped like FranceConnect+ and marked ours, and
exchanges the tokens of professionals for its own. `psc` is shaped like Pro Santé Connect.

Sources: specification of the ANS on Pro Santé Connect and on transport (lifetimes of its tokens and
sessions; an access token of an interface lives an hour); the lifetimes of people's are ours.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from etalon_model.sessions import (
    ACCESS_TOKEN_LIFE,
    REFRESH_TOKEN_LIFE,
    SESSION_IDLE,
    SESSION_LIFE,
)
from etalon_server.identity.keys import Algorithm

RealmName = Literal["service", "psc"]

API_TOKEN_LIFE: Final = timedelta(hours=1)
APP_REFRESH_LIFE: Final = timedelta(days=30)
"""How long a refresh token of a referenced service waits for its next use."""

CODE_LIFE: Final = timedelta(minutes=1)
LOGIN_LIFE: Final = timedelta(minutes=10)
"""How long a login page may stay open."""


@dataclass(frozen=True, slots=True)
class Realm:
    """One authorisation server.

    Attributes:
        name: What it is called here.
        path: Path of its issuer below the root, without a slash at the end.
        endpoints: Path of its endpoints below the root.
        algorithm: With which it signs.
        access_life: How long an access token is good.
        refresh_life: How long a refresh token is.
        session_life: How long a login is.
        session_idle: How long a login outlives its last use.
        acr: Value of `acr` that is asked for, or empty when there is a choice.
    """

    name: RealmName
    path: str
    endpoints: str
    algorithm: Algorithm
    access_life: timedelta
    refresh_life: timedelta
    session_life: timedelta
    session_idle: timedelta
    acr: str = ""

    def issuer(self, address: str) -> str:
        """Return the issuer, given the public address of the server."""
        return address + self.path

    def endpoint(self, address: str, name: str) -> str:
        """Return the address of an endpoint."""
        return f"{address}{self.endpoints}/{name}"


SERVICE: Final = Realm(
    name="service",
    path="",
    endpoints="/oauth2",
    algorithm="ES256",
    access_life=API_TOKEN_LIFE,
    refresh_life=SESSION_LIFE,
    session_life=SESSION_LIFE,
    session_idle=SESSION_LIFE,
)
PSC: Final = Realm(
    name="psc",
    path="/oauth2/psc",
    endpoints="/oauth2/psc",
    algorithm="RS256",
    access_life=ACCESS_TOKEN_LIFE,
    refresh_life=REFRESH_TOKEN_LIFE,
    session_life=SESSION_LIFE,
    session_idle=SESSION_IDLE,
    acr="eidas1",
)
REALMS: Final = (SERVICE, PSC)
