"""What every command shares: the instant, the actor and the person concerned."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from etalon_model.access_log import Deed, Family, deed_of
from etalon_model.actors import Actor

# What accepted commands did, by their type and what they add to its name.
_DEEDS: Final[dict[tuple[type, str], Deed]] = {}


@dataclass(frozen=True, slots=True)
class Command:
    """An operation of the service, as data.

    Attributes:
        at: When it is asked for (aware, UTC).
        actor: Who asks.
        ins: Matricule of the person whose space it concerns.
    """

    family: ClassVar[Family] = Family.GENERAL

    at: datetime
    actor: Actor
    ins: str

    def detail(self) -> str:
        """Return what the log adds to the name of the command: a channel, a route, nothing."""
        return ""

    def deed(self) -> Deed:
        """Return what the log says when the command is accepted."""
        said = (type(self), self.detail())
        deed = _DEEDS.get(said)
        if deed is None:
            deed = _DEEDS[said] = deed_of(type(self).__name__, self.family, said[1])
        return deed
