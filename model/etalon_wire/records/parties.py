"""Who wrote a document, in which structure, and who answers for it: the resources it contains.

The model knows an author by one identifier; the wire wants a Practitioner, a PractitionerRole, a
Patient or a Device. What the identifier is decides: IDNPS of a professional, national identifier of
a structure, matricule INS; anything else is a device.

Sources: PDSm 3.1.1 (author, authenticator and sourcePatientInfo are contained; custodian); FR Core
and the directory of the ANS (systems of identifiers); domain rules ID-03 and ID-04 (prefixes).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from etalon_model.identifiers import InsOid, is_matricule
from etalon_model.records.record import Author, Origin
from etalon_wire.json_body import Json, Resource
from etalon_wire.validation.reading import part, parts, text

IDNPS: Final = "urn:oid:1.2.250.1.71.4.2.1"
RPPS: Final = "https://rpps.esante.gouv.fr"
IDNST: Final = "urn:oid:1.2.250.1.71.4.2.2"
FINESS: Final = "https://finess.esante.gouv.fr"
SIRENE: Final = "https://sirene.fr"
RPPS_RANK: Final = "https://rppsrang.esante.gouv.fr"
TYPES: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
PROFESSIONS: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
)
INS_TYPES: Final = {
    InsOid.NIR.value: "INS-NIR",
    InsOid.NIA.value: "INS-NIA",
    InsOid.TEST.value: "INS-NIR-TEST",
    InsOid.DEMONSTRATION.value: "INS-NIR-DEMO",
}
"""Type code of a matricule, by its object identifier."""
KEEPER: Final = "Mon espace santé"
"""Who keeps a document that no structure deposited."""

_PROFESSIONAL: Final = re.compile(r"8[0-9]{11}|[0-9][0-9A-Z]+/.+")
_ADDRESS: Final = re.compile(r"(?:\S+/)?Practitioner(?:Role)?/\S+")
_STRUCTURE: Final = re.compile(r"1[0-9AB]{9}|1[0-9A-Z]{9}|2[0-9]{9}|3[0-9]{14}|4[0-9]{11,14}")
_EITHER: Final = re.compile(r"0[0-9A-Z]{9,}")
_PROFESSION: Final = re.compile(r"[0-9]{2}")
_OWN_SYSTEMS: Final = {"1": FINESS, "2": SIRENE, "3": SIRENE, "4": RPPS_RANK}
_OWN_TYPES: Final = {"2": "SIREN", "3": "SIRET", "4": "RPPSRG"}
_SIREN: Final = 9
_ORIGINS: Final = 65_536
# Resources weigh a hundred times an origin, and are asked for only where nothing was received.
_PARTIES: Final = 2_048


@dataclass(frozen=True, slots=True)
class Parties:
    """What a resource says of who made it; shared, not to be changed.

    Attributes:
        contained: Resources it contains.
        authors: References to its authors.
        authenticator: Reference to who answers for it, or None.
        custodian: Reference to the structure that keeps it.
    """

    contained: tuple[Resource, ...]
    authors: tuple[Resource, ...]
    authenticator: Resource | None
    custodian: Resource


@lru_cache(_ORIGINS)
def shared_origin(origin: Origin) -> Origin:
    """Return the one object that stands for all the origins equal to this one."""
    return origin


@dataclass(slots=True)
class _Container:
    """What is being contained, by identifier of whom it stands for."""

    resources: list[Resource] = field(default_factory=list[Resource])
    organizations: dict[str, Resource] = field(default_factory=dict[str, Resource])

    def add(self, kind: str, ident: str, **members: Json) -> Resource:
        """Contain a resource; return the reference to it."""
        given = {name: value for name, value in members.items() if value}
        self.resources.append({"resourceType": kind, "id": ident, **given})
        return {"reference": f"#{ident}"}

    def organization(self, ident: str, name: str = "") -> Resource:
        """Contain a structure once; return the reference to it."""
        reference = self.organizations.get(ident)
        if reference is None:
            rank = len(self.organizations)
            reference = self.organizations[ident] = self.add(
                "Organization",
                f"organization-{rank}" if rank else "organization",
                identifier=structure_identifiers(ident),
                name=name,
            )
        return reference


@lru_cache(_PARTIES)
def parties_of(origin: Origin) -> Parties:
    """Return the resources and references that an origin becomes."""
    box = _Container()
    names = {author.ident: author.family for author in origin.authors}
    organisation = origin.organisation
    custodian: Resource = {"display": KEEPER}
    if organisation:
        custodian = box.organization(organisation, names.get(organisation, ""))
    authors = tuple(
        _author(box, author, origin, rank) for rank, author in enumerate(origin.authors, 1)
    )
    authenticator = _authenticator(box, origin)
    return Parties(tuple(box.resources), authors, authenticator, custodian)


def _author(box: _Container, author: Author, origin: Origin, rank: int) -> Resource:
    kind = kind_of(author.ident, author.given)
    if kind == "Patient":
        name = _name(author)
        return box.add(
            "Patient", f"author-{rank}", identifier=[ins_identifier(author.ident)], name=name
        )
    if kind == "Device":
        return box.add(
            "Device",
            f"author-{rank}",
            identifier=[{"value": author.ident}],
            deviceName=_device_name(author.family),
            type=_role(author.role),
        )
    roles: list[Json] = [role] if (role := _role(author.role)) else []
    if kind == "Organization":
        structure = box.organization(author.ident, author.family)
        return box.add("PractitionerRole", f"author-{rank}", organization=structure, code=roles)
    practitioner = box.add(
        "Practitioner",
        f"practitioner-{rank}",
        identifier=professional_identifiers(author.ident),
        name=_name(author),
    )
    if not roles and not origin.organisation:
        return practitioner
    structure = box.organization(origin.organisation) if origin.organisation else {}
    return box.add(
        "PractitionerRole",
        f"author-{rank}",
        practitioner=practitioner,
        organization=structure,
        code=roles,
    )


def _authenticator(box: _Container, origin: Origin) -> Resource | None:
    """Return who answers for the document; the first author does where nobody is named."""
    ident = origin.authenticator
    first = origin.authors[0] if origin.authors else None
    if first is not None and first.ident == ident:
        return None
    for rank, author in enumerate(origin.authors, 1):
        if author.ident == ident and kind_of(ident, author.given) == "Practitioner":
            return {"reference": f"#practitioner-{rank}"}
    if ident and (ident == origin.organisation or kind_of(ident) == "Organization"):
        return box.organization(ident)
    identifiers = professional_identifiers(ident)
    return box.add("Practitioner", "authenticator", identifier=identifiers) if ident else None


def kind_of(ident: str, given: str = "") -> str:
    """Return the resource that stands for whoever an identifier names."""
    if is_matricule(ident):
        return "Patient"
    if not ident or _PROFESSIONAL.fullmatch(ident) or (given and _EITHER.fullmatch(ident)):
        return "Practitioner"
    if _ADDRESS.fullmatch(ident):
        return "Practitioner"
    if _STRUCTURE.fullmatch(ident) or _EITHER.fullmatch(ident):
        return "Organization"
    return "Device"


def _name(author: Author) -> list[Json]:
    # The space knows the author of an upload by their matricule alone: that is no name.
    family = "" if author.family == author.ident else author.family
    name: Resource = {"family": family} if family else {}
    if author.given:
        name["given"] = [author.given]
    return [name] if name else []


def _device_name(name: str) -> list[Json]:
    return [{"name": name, "type": "user-friendly-name"}] if name else []


def _role(code: str) -> Resource:
    if not code:
        return {}
    system = {"system": PROFESSIONS} if _PROFESSION.fullmatch(code) else {}
    return {"coding": [{**system, "code": code}]}


def _typed(code: str) -> Resource:
    return {"coding": [{"system": TYPES, "code": code}]}


def ins_identifier(ins: str, oid: str = InsOid.TEST.value) -> Resource:
    """Return the Identifier of a matricule; a NIA is temporary, any other is official."""
    return {
        "use": "temp" if oid == InsOid.NIA.value else "official",
        "type": _typed(INS_TYPES[oid]),
        "system": f"urn:oid:{oid}",
        "value": ins,
    }


def professional_identifiers(ident: str) -> list[Json]:
    """Return the Identifiers of a professional: IDNPS, and the RPPS number that stands in it."""
    if not ident:
        return []
    if not _PROFESSIONAL.fullmatch(ident) and not _EITHER.fullmatch(ident):
        return [{"value": ident}]
    found: list[Json] = [_official("IDNPS", IDNPS, ident)]
    if ident[0] == "8" and ident.isdecimal():
        found.append(_official("RPPS", RPPS, ident[1:]))
    return found


def structure_identifiers(ident: str) -> list[Json]:
    """Return the Identifiers of a structure: IDNST, and the number that stands in it."""
    if not _STRUCTURE.fullmatch(ident) and not _EITHER.fullmatch(ident):
        return [{"value": ident}]
    found: list[Json] = [_official("IDNST", IDNST, ident)]
    system = _OWN_SYSTEMS.get(ident[0])
    if system is not None:
        found.append(_official(_OWN_TYPES.get(ident[0], ""), system, ident[1:]))
    return found


def _official(code: str, system: str, value: str) -> Resource:
    typed: Resource = {"type": _typed(code)} if code else {}
    return {"use": "official", **typed, "system": system, "value": value}


def party_of(reference: Resource, contained: dict[str, Resource]) -> tuple[Author, str]:
    """Return whom a reference names, as the model knows them, and the structure they act in.

    Args:
        reference: To a contained resource, by an identifier, or by an address that is not ours.
        contained: What the resource contains, by fragment (`#author`).
    """
    held = contained.get(text(reference, "reference"))
    if held is None:
        ident = identifier_named(reference, contained)
        return Author(ident, text(reference, "display")), ""
    kind = held.get("resourceType")
    if kind == "PractitionerRole":
        return _party_in_role(held, contained)
    role = _first_code(held, "qualification" if kind == "Practitioner" else "type")
    if kind == "Device":
        name = next((text(one, "name") for one in parts(held, "deviceName")), "")
        return Author(_ident_of(held), name, "", role), ""
    if kind == "Organization":
        return Author(_ident_of(held), text(held, "name")), _ident_of(held)
    family, given = _named(held)
    ident = _ident_of(held)
    if kind == "Practitioner":
        return Author(ident, family, given, role), ""
    return Author(ident, family or ident, given), ""


def _party_in_role(held: Resource, contained: dict[str, Resource]) -> tuple[Author, str]:
    role = _first_code(held, "code")
    structure = _follow(part(held, "organization"), contained)
    organisation = _ident_of(structure)
    practitioner = part(held, "practitioner")
    if not practitioner and structure:
        return Author(organisation, text(structure, "name"), "", role), organisation
    person = _follow(practitioner, contained)
    family, given = _named(person)
    family = family or text(practitioner, "display")
    return Author(_ident_of(person), family, given, role), organisation


def _follow(reference: Resource, contained: dict[str, Resource]) -> Resource:
    """Return what a reference leads to, or a resource that only bears its identifier.

    An address that is not ours stands for whoever it names: nothing else is known of them.
    """
    address = text(reference, "reference")
    held = contained.get(address)
    if held is not None:
        return held
    identifier = part(reference, "identifier")
    if not identifier and address and not address.startswith("#"):
        return {"identifier": [{"value": address}]}
    return {"identifier": [identifier]} if identifier else {}


def identifier_named(reference: Resource, contained: dict[str, Resource]) -> str:
    """Return the identifier of whoever a reference names, or an empty text."""
    return _ident_of(_follow(reference, contained))


def _first_code(held: Resource, name: str) -> str:
    holders = parts(held, name) or [part(held, name)]
    for holder in holders:
        concept = part(holder, "code") or holder
        for one in parts(concept, "coding"):
            if text(one, "code"):
                return text(one, "code")
    return ""


def _named(held: Resource) -> tuple[str, str]:
    names = parts(held, "name")
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    given = name.get("given")
    firsts = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    return text(name, "family") or text(name, "text"), " ".join(firsts)


def _ident_of(held: Resource) -> str:
    """Return the national identifier that a resource bears, else the first of its identifiers."""
    found = parts(held, "identifier")
    for one in found:
        if text(one, "system") in (IDNPS, IDNST):
            return text(one, "value")
    for one in found:
        known = national_identifier(one)
        if known:
            return known
    return text(found[0], "value") if found else ""


def national_identifier(identifier: Resource) -> str:
    """Return the national identifier that a number of its own register stands in."""
    system, value = text(identifier, "system"), text(identifier, "value")
    if not value:
        return ""
    if system == SIRENE:
        return ("2" if len(value) == _SIREN else "3") + value
    prefix = {RPPS: "8", FINESS: "1", RPPS_RANK: "4"}.get(system)
    if prefix:
        return prefix + value
    return value if system.removeprefix("urn:oid:") in INS_TYPES else ""
