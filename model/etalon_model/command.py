"""What every command shares: the instant, the actor and the person concerned."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from etalon_model.access_log import Deed, Family, deed_of
from etalon_model.actors import Actor


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
        return deed_of(type(self).__name__, self.family, self.detail())
