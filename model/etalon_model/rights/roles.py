"""Roles proved beside a profession, and what each changes in the right to read.

They stand in `data/professional_roles.csv`: regulator (SAMU), doctor of a fire brigade,
coordinating doctor of a nursing home, occupational doctor, whoever acts for an insurer, a bank
or an employer.

Sources: CSP art. L. 1111-16, L. 1111-17 I, IV and V.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from etalon_model.actors import Actor
from etalon_model.tables import rows_of


class Basis(StrEnum):
    """On what the right to read in the course of care rests."""

    TEAM = "team"
    AGREEMENT = "agreement"
    CONSENT = "consent"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Role:
    """What a role changes.

    Attributes:
        profession: The profession it goes with, or an empty string.
        basis: Care team or consent; the agreement of the person, once for all; a consent each
            time; nothing whatever.
        break_glass: May read in an emergency, after saying that the person cannot express a will.
        samu: May read as a regulator does.
    """

    profession: str
    basis: Basis
    break_glass: bool
    samu: bool


ROLES: Final = {
    row["role"]: Role(
        profession=row["profession"],
        basis=Basis(row["normal"]),
        break_glass=row["break_glass"] == "yes",
        samu=row["samu"] == "yes",
    )
    for row in rows_of("professional_roles.csv")
}

_NO_ROLE: Final = Role("", Basis.TEAM, break_glass=True, samu=False)
_UNKNOWN_ROLE: Final = Role("", Basis.NEVER, break_glass=False, samu=False)


def role_of(actor: Actor) -> Role:
    """Return what the role of `actor` changes; nothing is allowed to a role nobody knows."""
    if not actor.role:
        return _NO_ROLE
    role = ROLES.get(actor.role, _UNKNOWN_ROLE)
    needed = role.profession
    return role if not needed or needed == actor.profession else _UNKNOWN_ROLE
