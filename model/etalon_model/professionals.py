"""Test professionals: people who exist nowhere, the same whoever asks.

A test professional is a pure function of a seed, a role code and a rank, and the RPPS number alone
leads back to them: whoever meets it in a token needs no register to know the profession.

Sources: PSCPOC (JDV_J65, role codes of professions); wire dossier (identifier systems, IDNPS is
`8` then the RPPS number, IDNST is `1` then the FINESS number).
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.actors import Actor
from etalon_model.actors import professional as acting
from etalon_model.identities import finess, finess_number, rpps, rpps_number
from etalon_model.names import family_of, given_of
from etalon_model.rights.matrix import PROFESSION_OF_ROLE

PER_ROLE: Final = 100_000
"""How many test professionals a seed has of each role code."""

ROLES: Final = tuple(sorted(PROFESSION_OF_ROLE))
"""The role codes of professions, in ascending order."""


@dataclass(frozen=True, slots=True)
class Professional:
    """One test professional.

    Attributes:
        rpps: RPPS number, eleven digits, in the range of test cards.
        role: Role code of the profession in JDV_J65, like `10`.
        profession: Profession of `data/professions.csv`, like `doctor`.
        family: Birth name, drawn from the table of names.
        given: First name, drawn from the table of names.
        structure: FINESS number of the structure they work in.
    """

    rpps: str
    role: str
    profession: str
    family: str
    given: str
    structure: str

    @property
    def idnps(self) -> str:
        """National identifier: `8`, then the RPPS number."""
        return f"8{self.rpps}"

    @property
    def idnst(self) -> str:
        """National identifier of the structure: `1`, then the FINESS number."""
        return f"1{self.structure}"

    def actor(self, role: str = "") -> Actor:
        """Return who acts; `role` is a role of `data/professional_roles.csv` proved beside."""
        return acting(self.idnps, self.profession, role)


def professional_numbered(seed: int, role: str, rank: int) -> Professional:
    """Return the test professional number `rank`, from 0, of a role code.

    Raises:
        LookupError: No profession has that role code.
        ValueError: There are not so many of them.
    """
    if role not in ROLES:
        message = f"no profession has the role code {role!r}; role codes are {', '.join(ROLES)}"
        raise LookupError(message)
    if not 0 <= rank < PER_ROLE:
        message = f"rank {rank} of role {role}: a seed has {PER_ROLE} professionals of each role"
        raise ValueError(message)
    number = ROLES.index(role) * PER_ROLE + rank
    return _made(seed, number, role)


def professional_of(seed: int, ident: str) -> Professional:
    """Return the test professional who has an RPPS number, or a national identifier made of it.

    Raises:
        LookupError: No test professional of the seed has that number.
    """
    written = ident[1:] if len(ident) == _IDNPS_LENGTH and ident[0] == "8" else ident
    number = rpps_number(seed, written)
    if number is None or number >= len(ROLES) * PER_ROLE:
        message = f"{ident!r} is no test professional of seed {seed}"
        raise LookupError(message)
    return _made(seed, number, ROLES[number // PER_ROLE])


def professional_in(seed: int, structure: str) -> Professional:
    """Return the test professional of a structure; a test structure has one of them.

    Args:
        seed: Seed of the test professionals.
        structure: National identifier of the structure: `1`, then its FINESS number.

    Raises:
        LookupError: No test professional of the seed works there.
    """
    number = finess_number(seed, structure[1:]) if structure[:1] == "1" else None
    if number is None or number >= len(ROLES) * PER_ROLE:
        message = f"{structure!r} is no structure of a test professional of seed {seed}"
        raise LookupError(message)
    return _made(seed, number, ROLES[number // PER_ROLE])


_IDNPS_LENGTH: Final = 12


def _made(seed: int, number: int, role: str) -> Professional:
    written = rpps(seed, number)
    return Professional(
        rpps=written,
        role=role,
        profession=PROFESSION_OF_ROLE[role],
        family=family_of(written),
        given=given_of(written, "F" if number % 2 else "M"),
        structure=finess(seed, number),
    )
