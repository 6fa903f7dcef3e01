"""Who a tester is given: the test people and professionals of a session."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

from etalon_model.professionals import professional_of
from etalon_model.tables import rows_of
from etalon_wire.json_body import Json

PROFESSIONAL: Final = "professional"


@dataclass(frozen=True, slots=True, kw_only=True)
class KitIdentity:
    """One test identity, as it is given to a tester.

    Attributes:
        name: What the steps of the session call them.
        kind: `person`, `professional`, or what else a profile needs.
        family: Family name.
        given: First name.
        ident: Matricule INS, or RPPS number.
        oid: The OID of a matricule: always that of test identities.
        sex: `F` or `M`; empty for a professional.
        birth_date: Day of birth, YYYY-MM-DD; empty for a professional.
        vitale_serial: Serial number of the Vitale card.
        provisional_code: The code that opens their space, or empty.
        guardian: Matricule of who represents them, or empty.
        idnps: National identifier of a professional.
        profession: The profession, in words.
        role: Code of the profession.
        structure: National identifier of the structure of a professional.
        mailbox: Their MSSanté mailbox, with a profile that sends mail.
    """

    name: str
    kind: str
    family: str
    given: str
    ident: str
    oid: str = ""
    sex: str = ""
    birth_date: str = ""
    vitale_serial: str = ""
    provisional_code: str = ""
    guardian: str = ""
    idnps: str = ""
    profession: str = ""
    role: str = ""
    structure: str = ""
    mailbox: str = ""


def kit_identities(told: Iterable[Mapping[str, Json]], seed: int) -> list[KitIdentity]:
    """Return the identities of a session, as `session.json` has them, for a tester.

    Raises:
        LookupError: A professional is none of the seed.
    """
    return [_identity(one, seed) for one in told]


def _identity(one: Mapping[str, Json], seed: int) -> KitIdentity:
    known = {field.name for field in fields(KitIdentity)}
    given = {key: value for key, value in one.items() if key in known and isinstance(value, str)}
    if one["kind"] == PROFESSIONAL:
        who = professional_of(seed, given["ident"])
        given |= {
            "idnps": who.idnps,
            "role": who.role,
            "profession": _profession(who.profession),
            "structure": who.idnst,
        }
    return KitIdentity(**given)


def _profession(name: str) -> str:
    return next(row["label_fr"] for row in rows_of("professions.csv") if row["profession"] == name)


def identities_csv(identities: Iterable[KitIdentity]) -> str:
    """Return identities as a table of texts, numbers with their zeros."""
    columns: Sequence[str] = [one.name for one in fields(KitIdentity)]
    made = io.StringIO()
    writer = csv.DictWriter(made, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in identities)
    return made.getvalue()


def read_identities(content: str) -> list[KitIdentity]:
    """Read the table of a kit.

    Raises:
        ValueError: It is none.
    """
    try:
        return [KitIdentity(**row) for row in csv.DictReader(content.splitlines(), strict=True)]
    except (TypeError, csv.Error) as error:
        message = "not the identities of a kit"
        raise ValueError(message) from error
