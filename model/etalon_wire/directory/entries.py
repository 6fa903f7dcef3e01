"""Entries of the directory: a professional, where they practise, a structure.

Everything is public, and about people who do not exist. `id` is the RPPS number of a professional,
with the code of the profession for where they practise, and the national identifier of a structure.

Sources: ANS, Annuaire Santé (`as-dp-practitioner`, `as-dp-practitionerrole`, `as-dp-organization`:
identifiers, `meta.source`). Reading: a test professional practises in one structure, as an
employee; what the directory says of diplomas and addresses is not there.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from etalon_model.messaging.correspondents import Correspondent, MailboxType
from etalon_wire.directory.mailboxes import telecom_of
from etalon_wire.json_body import Json, Resource
from etalon_wire.records.parties import (
    PROFESSIONS,
    RPPS,
    professional_identifiers,
    structure_identifiers,
)

Kind = Literal["Practitioner", "PractitionerRole", "Organization"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

SOURCE: Final = "https://annuaire.esante.gouv.fr"
CATEGORIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R09-CategorieProfessionnelle/FHIR/"
    "TRE-R09-CategorieProfessionnelle"
)
ACTIVITIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite"
)
MODES: Final = "https://mos.esante.gouv.fr/NOS/TRE_R23-ModeExercice/FHIR/TRE-R23-ModeExercice"
SUBSETTED: Final[Json] = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_ALWAYS: Final = frozenset({"resourceType", "id", "meta"})
_OF_A_PERSON: Final = frozenset({MailboxType.PER})


@dataclass(frozen=True, slots=True)
class Entry:
    """Who stands in the directory.

    Attributes:
        ident: National identifier, of a professional (IDNPS) or of a structure (IDNST).
        name: Family name of a professional, name of a structure; may be empty.
        given: First name of a professional.
        role: Code of the profession, empty for a structure.
        structure: National identifier of the structure that a professional practises in.
        mailboxes: Those that whoever reads may see.
    """

    ident: str
    name: str
    given: str = ""
    role: str = ""
    structure: str = ""
    mailboxes: tuple[Correspondent, ...] = ()


def entry_id(kind: Kind, entry: Entry) -> str:
    """Return the `id` of an entry as a resource of a kind."""
    if kind == "Organization":
        return entry.ident
    rpps = entry.ident[1:]
    return rpps if kind == "Practitioner" else f"{rpps}-{entry.role}"


def ident_at(kind: Kind, resource_id: str) -> str:
    """Return the national identifier that an `id` leads to, whether anybody has it or not."""
    if kind == "Organization":
        return resource_id
    return f"8{resource_id.partition('-')[0]}" if kind == "PractitionerRole" else f"8{resource_id}"


def mailboxes_of(kind: Kind, entry: Entry) -> tuple[Correspondent, ...]:
    """Return the mailboxes that stand on a kind: those of a practice on the professional alone."""
    if kind != "PractitionerRole":
        return entry.mailboxes
    return tuple(one for one in entry.mailboxes if one.type in _OF_A_PERSON)


def entry_resource(kind: Kind, entry: Entry, elements: frozenset[str] = frozenset()) -> Resource:
    """Return an entry as a resource.

    Args:
        kind: Which resource.
        entry: The entry.
        elements: Names of the elements that are asked for; all of them when empty.
    """
    said = _SAID[kind](entry)
    whole: Resource = {
        "resourceType": kind,
        "id": entry_id(kind, entry),
        "meta": {"source": SOURCE},
        **{name: value for name, value in said.items() if value not in ([], "")},
    }
    telecom: list[Json] = [
        telecom_of(one, rank) for rank, one in enumerate(mailboxes_of(kind, entry), 1)
    ]
    if telecom:
        whole["telecom"] = telecom
    if not elements:
        return whole
    kept = {name: value for name, value in whole.items() if name in elements | _ALWAYS}
    kept["meta"] = {"source": SOURCE, "tag": [SUBSETTED]}
    return kept


def _practitioner(entry: Entry) -> Resource:
    name: Resource = {"use": "official", "family": entry.name, "given": [entry.given]}
    profession: list[Json] = [
        {"system": PROFESSIONS, "code": entry.role},
        {"system": CATEGORIES, "code": "C"},
    ]
    return {
        "language": "fr",
        "identifier": professional_identifiers(entry.ident),
        "active": True,
        "name": [name] if entry.name else [],
        "qualification": [{"code": {"coding": profession}}] if entry.role else [],
    }


def _role(entry: Entry) -> Resource:
    practised: list[Json] = [
        {"coding": [{"system": ACTIVITIES, "code": "GENR01"}]},
        {"coding": [{"system": MODES, "code": "S"}]},
    ]
    said: Resource = {
        "language": "fr",
        "identifier": [{"use": "official", "system": RPPS, "value": entry_id(_ROLE, entry)}],
        "active": True,
        "practitioner": {"reference": f"Practitioner/{entry_id('Practitioner', entry)}"},
        "code": practised,
    }
    if entry.structure:
        said["organization"] = {"reference": f"Organization/{entry.structure}"}
    return said


def _organization(entry: Entry) -> Resource:
    return {
        "language": "fr",
        "identifier": structure_identifiers(entry.ident),
        "active": True,
        "name": entry.name,
    }


_ROLE: Final[Kind] = "PractitionerRole"
_SAID: Final = {
    "Practitioner": _practitioner,
    "PractitionerRole": _role,
    "Organization": _organization,
}
