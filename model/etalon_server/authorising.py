"""Who may ask for an interaction at all: a token that is good, a capacity, scopes.

Whether somebody may, for one person at one moment, is what the model decides.

Sources: RFC 6750 (bearer tokens), RFC 8705 (tokens bound to a certificate), SMART App Launch; ANS,
Annuaire Santé (header `ESANTE-API-KEY`). Reading: the key of the directory is a token of ours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from etalon_model import ActorKind
from etalon_server.exchange import Identity, Refused
from etalon_wire.claims import Caller, missing_scopes
from etalon_wire.interactions import Interaction
from etalon_wire.operation_outcomes import Fault

_GRANTS_MOST: Final = 65_536
_DIRECTORY: Final = "directory"
_KEY: Final = "esante-api-key"
_Grant = tuple[str, ActorKind, frozenset[str]]


class Gate:
    """Lets callers through; remembers which scopes open which interaction."""

    __slots__ = ("_granted",)

    def __init__(self) -> None:
        self._granted: set[_Grant] = set()

    def caller(
        self,
        interaction: Interaction,
        headers: Mapping[str, str],
        certificate: str,
        identity: Identity | None,
        now: datetime,
    ) -> Caller | None:
        """Return who asks, or None where nobody is asked.

        Args:
            interaction: What is asked for.
            headers: Headers of the request, names in lower case.
            certificate: Thumbprint of the client's certificate, or an empty string.
            identity: Who knows callers, or None.
            now: The present instant (UTC).

        Raises:
            Refused: The token is missing or no good, or opens something else.
        """
        if interaction.is_open:
            return None
        scheme, _, token = _authorization(interaction, headers).partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or identity is None:
            message = "this needs a token: send Authorization: Bearer, see /fhir/metadata"
            raise Refused(Fault("TOKEN_MISSING", message, "Authorization"))
        caller = identity.caller_of(token, certificate, now)
        if isinstance(caller, Fault):
            raise Refused(caller)
        grant = (interaction.name, caller.actor.kind, caller.scopes)
        if grant not in self._granted:
            _check(caller, interaction)
            if len(self._granted) >= _GRANTS_MOST:
                self._granted.clear()
            self._granted.add(grant)
        return caller


def _authorization(interaction: Interaction, headers: Mapping[str, str]) -> str:
    """Return what says who asks; the directory also takes its token as its key (W-DIR-01)."""
    key = headers.get(_KEY, "") if interaction.family == _DIRECTORY else ""
    return headers.get("authorization", "") or (f"Bearer {key}" if key else "")


def _check(caller: Caller, interaction: Interaction) -> None:
    """Refuse a capacity or scopes that never open an interaction."""
    kind = caller.actor.kind
    if kind not in interaction.actors:
        able = ", ".join(sorted(interaction.actors))
        message = f"{interaction.name} is for {able}, and the token is of a {kind}"
        raise Refused(Fault("NOT_ALLOWED", message))
    missing = missing_scopes(caller, interaction)
    if missing:
        message = f"the token lacks {' '.join(missing)}: ask for it when you log in"
        raise Refused(Fault("SCOPE_MISSING", message))
