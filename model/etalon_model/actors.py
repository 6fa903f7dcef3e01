"""Who acts: the holder, those who act for them, professionals, the insurer and the system.

Sources: domain rules TRC-03 (kinds of actor in the access log) and TRC-05; Pro Santé Connect (the
profession and the role of a professional are claims of a token).
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
        profession: Profession of a professional, of `data/professions.csv`: `doctor`, `nurse`;
            empty for everybody else, and for a professional whose profession is unknown.
        role: A role proved beside the profession, of `data/professional_roles.csv`, like
            `regulator`; empty when there is none.
    """

    kind: ActorKind
    ident: str
    profession: str = ""
    role: str = ""


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


def professional(ident: str, profession: str, role: str = "") -> Actor:
    """Return the professional with the national identifier `ident`."""
    return Actor(ActorKind.PROFESSIONAL, ident, profession, role)
