"""Who a tester is given: test people and test professionals, with how each logs in."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Final

from etalon_model.identities import Identity, identity
from etalon_model.periods import is_younger
from etalon_model.professionals import Professional, professional_numbered
from etalon_model.tables import rows_of

DOCTORS: Final = 3
"""Several, because who wrote a document and who reads it may be two."""

MAJORITY_YEARS: Final = 18
AT: Final = datetime(2023, 6, 1, 9, tzinfo=UTC)
"""The first instant of a witness: who is a minor then is one on paper."""

_DOCTOR: Final = "10"


@dataclass(frozen=True, slots=True, kw_only=True)
class KitIdentity:
    """One test identity, as it is given to a tester.

    Attributes:
        kind: `person` or `professional`.
        family: Family name.
        given: First name.
        sex: `F` or `M`; empty for a professional.
        born_on: Day of birth, YYYY-MM-DD; empty for a professional.
        ins: Matricule INS.
        ins_oid: The OID it goes with: always that of test identities.
        vitale_serial: Serial number of the Vitale card.
        guardian: Matricule of who represents them, or empty.
        rpps: RPPS number.
        idnps: National identifier of the professional.
        role: Code of the profession.
        profession: The profession, in words.
        structure: National identifier of the structure.
    """

    kind: str
    family: str
    given: str
    sex: str = ""
    born_on: str = ""
    ins: str = ""
    ins_oid: str = ""
    vitale_serial: str = ""
    guardian: str = ""
    rpps: str = ""
    idnps: str = ""
    role: str = ""
    profession: str = ""
    structure: str = ""


def kit_professionals(seed: int) -> list[Professional]:
    """Return the test professionals of a kit: some doctors, and one of each other profession."""
    found = [professional_numbered(seed, _DOCTOR, rank) for rank in range(DOCTORS)]
    for row in rows_of("professions.csv"):
        role = row["roles"].partition("|")[0]
        if role and role != _DOCTOR and row["in_matrix"] == "listed":
            found.append(professional_numbered(seed, role, 0))
    return found


def kit_people(seed: int, count: int) -> list[KitIdentity]:
    """Return the first people of a seed; a minor is represented by the adult before them.

    The witness gives them a space under the same numbers.
    """
    found: list[KitIdentity] = []
    adult = ""
    for number in range(1, count + 1):
        who = identity(seed, number)
        minor = is_younger(who.birth_on, MAJORITY_YEARS, AT)
        found.append(_person(who, adult if minor else ""))
        adult = adult if minor else who.ins
    return found


def _person(who: Identity, guardian: str) -> KitIdentity:
    return KitIdentity(
        kind="person",
        family=who.family,
        given=who.given,
        sex=who.sex,
        born_on=who.birth_on.isoformat(),
        ins=who.ins,
        ins_oid=who.oid,
        vitale_serial=who.vitale_serial,
        guardian=guardian,
    )


def identity_of_professional(who: Professional) -> KitIdentity:
    """Return what a tester is given of a test professional."""
    row = next(row for row in rows_of("professions.csv") if row["profession"] == who.profession)
    return KitIdentity(
        kind="professional",
        family=who.family,
        given=who.given,
        rpps=who.rpps,
        idnps=who.idnps,
        role=who.role,
        profession=row["label_fr"],
        structure=who.idnst,
    )


def identities_csv(identities: Iterable[KitIdentity]) -> str:
    """Return identities as a table; spreadsheets keep the zeros of numbers that are texts."""
    columns: Sequence[str] = [one.name for one in fields(KitIdentity)]
    made = io.StringIO()
    writer = csv.DictWriter(made, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in identities)
    return made.getvalue()
