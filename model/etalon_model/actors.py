"""Who acts: the holder, those who act for them, professionals, the insurer and the system.

Sources: domain rules TRC-03 (kinds of actor in the access log) and TRC-05.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ActorKind(StrEnum):
    """In which capacity somebody acts on a space."""

    HOLDER = "holder"
    REPRESENTATIVE = "representative"
    CAREGIVER = "caregiver"
    PROFESSIONAL = "professional"
    STRUCTURE = "structure"
    APP = "app"
    SUPPORT = "support"
    INSURER = "insurer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who issues a command.

    Attributes:
        kind: The capacity in which they act.
        ident: The matricule INS of a person, the national identifier of a professional or a
            structure, a name for the insurer, the system, an app or a support desk.
    """

    kind: ActorKind
    ident: str


INSURER: Final = Actor(ActorKind.INSURER, "insurer")
SYSTEM: Final = Actor(ActorKind.SYSTEM, "system")


def holder(ins: str) -> Actor:
    """Return the person `ins` acting on their own space."""
    return Actor(ActorKind.HOLDER, ins)


def representative(ins: str) -> Actor:
    """Return the person `ins` acting for somebody they represent."""
    return Actor(ActorKind.REPRESENTATIVE, ins)


def caregiver(ins: str) -> Actor:
    """Return the person `ins` acting as a caregiver (aidant)."""
    return Actor(ActorKind.CAREGIVER, ins)
