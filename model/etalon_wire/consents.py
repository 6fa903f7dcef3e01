"""Wishes of a person as Consent, both ways, under a profile of ours.

One Consent is one wish: its category says which (`data/consents.csv`), its provision whether it
permits or denies, its actor whom it is about. No public text gives a wire to these wishes.

Reading: a wish that is no longer there is `inactive`; `rejected` is read as a denial. Where the
instant of a wish is not known it is said to be unknown (`data-absent-reason`), never made up.

Sources: FR Core 2.2.0, fr-core-consent; FHIR R4, Consent, invariant ppc-1 (a policy is named);
v3-ActCode (`OPTIN`, `OPTOUT`), v3-ActReason, v3-ParticipationType.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final, Literal

from etalon_model import Direction, ExchangeFamily, Identity, Use
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, VALUE, Malformed
from etalon_wire.records.addresses import Named, id_in, key_of, person_id, record_key
from etalon_wire.records.codings import code_in
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import instant_of, written
from etalon_wire.records.parties import (
    INS_TYPES,
    ins_identifier,
    kind_of,
    party_of,
    professional_identifiers,
    structure_identifiers,
)
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import part, parts, text

Status = Literal["active", "inactive", "rejected"]
Stance = Literal["permit", "deny", "withdrawn"]
"""What a wish comes to: `inactive` withdraws it, `rejected` denies."""

KINDS: Final = "urn:mes-etalon:CodeSystem:consent-kind"
GROUNDS: Final = "urn:mes-etalon:CodeSystem:feeding-ground"
PURPOSES: Final = "urn:mes-etalon:CodeSystem:exchange-purpose"
EXCHANGED: Final = "urn:mes-etalon:CodeSystem:exchange-family"
PROFILE: Final = "urn:mes-etalon:StructureDefinition:mes-consent"
_SCOPES: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_POLICIES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_REASONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_PARTICIPATIONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ACTIONS: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
_VISIBILITIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/"
    "TRE-A07-StatutVisibiliteDocument"
)
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_URIS: Final = "urn:ietf:rfc:3986"
_ACTION_OF: Final = {Direction.READ: "disclose", Direction.WRITE: "collect"}
_DIRECTION_OF: Final = {action: direction for direction, action in _ACTION_OF.items()}
_DIGITS: Final = 11
_EMERGENCIES: Final = frozenset({"emergency-access-opposition", "samu-access-opposition"})


@dataclass(frozen=True, slots=True)
class ConsentKind:
    """A kind of wish.

    Attributes:
        code: Its code.
        about: `professional` (or a structure), `service`, or `nobody`.
        changed_by: `Consent`, or the operation that alone changes it.
        article: The article of law it comes from.
        text: Its French name.
    """

    code: str
    about: str
    changed_by: str
    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wishes, permits or denies.

    Attributes:
        kind: Code of the kind.
        stance: Whether it permits, denies, or is withdrawn.
        about: National identifier of a professional or structure, object identifier of a service,
            or empty.
        since: Since when (UTC), or None when that is not known.
        collector: National identifier of whoever heard it, or empty.
        ground: Why somebody is kept from feeding, or empty.
        masked: In an emergency masked documents are read too; None where it is not said.
        uses: Uses of data consented to, for a service.
    """

    kind: str
    stance: Stance
    about: str = ""
    since: datetime | None = None
    collector: str = ""
    ground: str = ""
    masked: bool | None = None
    uses: frozenset[Use] = field(default=frozenset())


@cache
def consent_kinds() -> Mapping[str, ConsentKind]:
    """Return the kinds of wish by code."""
    return {
        row["kind"]: ConsentKind(
            row["kind"], row["about"], row["changed_by"], row["article"], row["text"]
        )
        for row in rows_of("consents.csv")
    }


def consent_id(ins: str, wish: Wish) -> str:
    """Return the `id` of a wish: the same as long as it is of one kind about one party."""
    digest = sha256(f"{wish.kind}|{wish.about}".encode()).hexdigest()
    return f"{record_key(ins)}-e{digest[:_DIGITS]}"


def consent_resource(identity: Identity, wish: Wish) -> Resource:
    """Return a wish as a Consent."""
    kind = consent_kinds()[wish.kind]
    permits = wish.stance == "permit"
    said: Resource = {
        "resourceType": "Consent",
        "id": consent_id(identity.ins, wish),
        "meta": {"profile": [PROFILE]},
        "text": narrative(kind.text),
        "status": "inactive" if wish.stance == "withdrawn" else "active",
        "scope": _concept(_SCOPES, "patient-privacy"),
        "category": [_concept(KINDS, wish.kind, kind.text)],
        "patient": {
            "reference": f"Patient/{person_id(identity.ins)}",
            "identifier": ins_identifier(identity.ins, identity.oid),
        },
    }
    if wish.since is None:
        absent: Json = {"url": _ABSENT, "valueCode": "unknown"}
        said["_dateTime"] = {"extension": [absent]}
    else:
        said["dateTime"] = written(wish.since)
    if wish.collector:
        said["performer"] = [party_reference(wish.collector)]
    policy = _concept(_POLICIES, "OPTIN" if permits else "OPTOUT")
    policy["text"] = kind.article
    said["policyRule"] = policy
    said["provision"] = _provision(wish, permits=permits)
    return said


def _provision(wish: Wish, *, permits: bool) -> Resource:
    said: Resource = {"type": "permit" if permits else "deny"}
    if wish.about:
        role = _concept(_PARTICIPATIONS, "PRCP")
        said["actor"] = [{"role": role, "reference": party_reference(wish.about)}]
    if wish.kind in _EMERGENCIES:
        said["purpose"] = [_coding(_REASONS, "ETREAT")]
    elif wish.kind == "consultation-consent":
        said["purpose"] = [_coding(_REASONS, "TREAT")]
    if wish.ground:
        said["code"] = [_concept(GROUNDS, wish.ground)]
    if wish.masked is not None:
        label = _coding(_VISIBILITIES, "MASQUE_PS")
        inner: Json = {"type": "permit" if wish.masked else "deny", "securityLabel": [label]}
        said["provision"] = [inner]
    if wish.uses:
        said["provision"] = [_use(use) for use in sorted(wish.uses, key=_rank)]
    return said


def _rank(use: Use) -> tuple[str, str, str]:
    return use.family.value, use.direction.value, use.purpose


def _use(use: Use) -> Json:
    return {
        "type": "permit",
        "action": [_concept(_ACTIONS, _ACTION_OF[use.direction])],
        "purpose": [_coding(PURPOSES, use.purpose)],
        "class": [_coding(EXCHANGED, use.family.value)],
    }


def party_reference(ident: str) -> Resource:
    """Return a reference to whoever an identifier names, by that identifier."""
    kind = kind_of(ident)
    if kind == "Practitioner":
        return {"type": kind, "identifier": professional_identifiers(ident)[0]}
    if kind == "Organization":
        return {"type": kind, "identifier": structure_identifiers(ident)[0]}
    if kind == "Patient":
        return {"type": kind, "identifier": ins_identifier(ident)}
    urn = f"urn:oid:{ident}" if ident[:2] in {"0.", "1.", "2."} else f"urn:etalon:{ident}"
    return {"type": "Device", "identifier": {"system": _URIS, "value": urn}}


def named_patient(resource: Resource, base: str = "") -> Named | None:
    """Return the person a Consent is of, or None when it names nobody this server may know."""
    patient = part(resource, "patient")
    identifier = part(patient, "identifier")
    known = text(identifier, "system").removeprefix("urn:oid:") in INS_TYPES
    ins = text(identifier, "value") if known else ""
    key = key_of(id_in(text(patient, "reference"), "Patient", base))
    return Named(ins, key or "") if ins or key else None


def wish_of(resource: Resource) -> Wish:
    """Return the wish that a Consent says; its patient is read apart.

    Raises:
        Malformed: The kind is none of ours, or what the kind needs is missing or wrong.
    """
    kind = code_in(
        [
            one
            for concept in parts(resource, "category")
            for one in parts(concept, "coding")
            if text(one, "system") == KINDS
        ]
    )
    if kind not in consent_kinds():
        message = f"a category of {KINDS} is asked: {', '.join(consent_kinds())}"
        raise Malformed(VALUE, "Consent.category[0]", message)
    provision = part(resource, "provision")
    inner = parts(provision, "provision")
    since = text(resource, "dateTime")
    performers = parts(resource, "performer")
    return Wish(
        kind=kind,
        stance=_stance(resource, provision),
        about=_about(consent_kinds()[kind], provision),
        since=instant_of(since, "Consent.dateTime") if since else None,
        collector=party_of(performers[0], {})[0].ident if performers else "",
        ground=_code(provision, "code", GROUNDS),
        masked=_masked(inner) if kind in _EMERGENCIES else None,
        uses=_uses(inner) if kind == "app-sharing" else frozenset(),
    )


def _stance(resource: Resource, provision: Resource) -> Stance:
    status = text(resource, "status")
    if status == "inactive":
        return "withdrawn"
    if status == "rejected":
        return "deny"
    said = text(provision, "type")
    if said == "permit":
        return "permit"
    if said == "deny":
        return "deny"
    message = "say whether the wish permits or denies"
    raise Malformed(REQUIRED, "Consent.provision.type", message)


def _about(kind: ConsentKind, provision: Resource) -> str:
    """Return whom a wish is about, where its kind is about somebody."""
    at = "Consent.provision.actor[0].reference"
    actors = parts(provision, "actor")
    if kind.about == "nobody":
        return ""
    if len(actors) != 1:
        message = f"a wish of the kind {kind.code} is about one {kind.about}: name it"
        raise Malformed(REQUIRED, "Consent.provision.actor", message)
    reference = part(actors[0], "reference")
    if kind.about == "service":
        identifier = part(reference, "identifier")
        ident = text(identifier, "value").removeprefix("urn:oid:")
    else:
        ident = party_of(reference, {})[0].ident
    if not ident:
        message = "name it by identifier: a national one, or urn:oid: and that of the service"
        raise Malformed(REQUIRED, at, message)
    return ident


def _masked(inner: list[Resource]) -> bool | None:
    for one in inner:
        if any(text(label, "code") == "MASQUE_PS" for label in parts(one, "securityLabel")):
            return text(one, "type") == "permit"
    return None


def _uses(inner: list[Resource]) -> frozenset[Use]:
    """Return the uses that the inner provisions permit."""
    found: set[Use] = set()
    for rank, one in enumerate(inner):
        at = f"Consent.provision.provision[{rank}]"
        action = _code(one, "action", _ACTIONS)
        purpose, family = _first(one, "purpose"), _first(one, "class")
        if action not in _DIRECTION_OF or not purpose or family not in set(ExchangeFamily):
            message = "a use of data has an action (collect, disclose), a purpose and a class"
            raise Malformed(VALUE, at, message)
        if text(one, "type") != "deny":
            direction = _DIRECTION_OF[action]
            found.add(Use(purpose, ExchangeFamily(family), direction))
    return frozenset(found)


def _first(provision: Resource, name: str) -> str:
    codings = parts(provision, name)
    return text(codings[0], "code") if codings else ""


def _code(provision: Resource, name: str, system: str) -> str:
    """Return the first code of a system among the concepts of an element."""
    for concept in parts(provision, name):
        for one in parts(concept, "coding"):
            if text(one, "system") == system:
                return text(one, "code")
    return ""


def _coding(system: str, code: str, display: str = "") -> Resource:
    made: Resource = {"system": system, "code": code}
    if display:
        made["display"] = display
    return made


def _concept(system: str, code: str, display: str = "") -> Resource:
    return {"coding": [_coding(system, code, display)]}
