"""The person of a record as a Patient: what a professional learns before opening it (TD0.2).

PDSm4DMP cites three extensions and defines none; they are written under its addresses with the
parts it names. There is a record from the opening of a space until its content is erased; one that
is closed answers `active` false. The identity is that of the register, qualified (FR Core, INS).

Sources: PDSm4DMP 0.1.0, TD0.2 (draft); FR Core 2.2.0, fr-core-patient-ins; RG_0320 (identity is for
comparison, not for display).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.identities import Identity
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.states import ACCESS, State
from etalon_wire.json_body import Json, Resource
from etalon_wire.records.addresses import person_id
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import written
from etalon_wire.records.parties import ins_identifier

PATIENT_INS: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"
_CORE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition"
_DMP: Final = "https://interop.esante.gouv.fr/ig/fhir/dmp"
CLOSING: Final = f"{_DMP}/StructureDefinition/dmp-fermeture"
ATTACHED: Final = f"{_DMP}/StructureDefinition/dmp-rattachement-mes"
ATTENDING: Final = f"{_DMP}/StructureDefinition/dmp-medecin-traitant"
REASONS: Final = f"{_DMP}/CodeSystem/dmp-motif-fermeture"
_RELIABILITY: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
_COMMUNES: Final = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
_BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_PLACE_IN_INS: Final = slice(5, 10)
_GENDERS: Final = {"F": "female", "M": "male"}
_CLOSED: Final = frozenset(
    {State.CLOSED_ARCHIVED, State.DELETION_REQUESTED, State.DELETION_RUNNING, State.DECEASED}
)
_OPEN: Final = frozenset({State.OPEN_ACTIVE, State.OPEN_INACTIVE, State.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Standing:
    """What TD0.2 tells of a record.

    Attributes:
        identity: Whose it is.
        active: It can be fed.
        since: Since when it stands so (UTC).
        entered: Its holder has entered their space (attachment to Mon espace santé).
        closed_at: When it was closed (UTC), or None.
        died: It was closed because its holder died.
        attending: Whoever asks is the attending doctor; None where that is not asked.
    """

    identity: Identity
    active: bool
    since: datetime
    entered: bool
    closed_at: datetime | None = None
    died: bool = False
    attending: bool | None = None


def standing_of(person: Person, attending: bool | None = None) -> Standing | None:  # noqa: FBT001 (the answer of TD0.2, handed through)
    """Return what TD0.2 tells of a person's record, None where there is no record.

    Args:
        person: Whose record is asked about.
        attending: Whether whoever asks is the attending doctor, as `AskAuthorisation` answers, or
            None where that was not asked.
    """
    state = person.state
    if person.opened_at is None or state not in _OPEN | _CLOSED:
        return None
    dossier = person.dossier
    closed_at = None
    if state in _CLOSED:
        closed = None if dossier is None else dossier.closed_at
        closed_at = closed or person.since
    return Standing(
        person.identity,
        ACCESS[state].professionals_feed,
        person.since,
        state is State.OPEN_ACTIVE,
        closed_at,
        state is State.DECEASED,
        attending,
    )


def patient_resource(standing: Standing) -> Resource:
    """Return the Patient of a record."""
    identity = standing.identity
    name: Resource = {
        "use": "official",
        "extension": [
            {"url": f"{_CORE}/fr-core-patient-birth-list-given-name", "valueString": identity.given}
        ],
        "family": identity.family,
        "given": [identity.given],
    }
    return {
        "resourceType": "Patient",
        "id": person_id(identity.ins),
        "meta": {"lastUpdated": written(standing.since), "profile": [PATIENT_INS]},
        "text": narrative(f"{identity.given} {identity.family}"),
        "extension": [_reliability(), _birth_place(identity), *_of_the_record(standing)],
        "identifier": [ins_identifier(identity.ins, identity.oid)],
        "active": standing.active,
        "name": [name],
        "gender": _GENDERS[identity.sex],
        "birthDate": identity.birth_on.isoformat(),
    }


def _reliability() -> Json:
    status: Json = {
        "url": "identityStatus",
        "valueCoding": {"system": _RELIABILITY, "code": "VALI", "display": "Identité validée"},
    }
    return {"url": f"{_CORE}/fr-core-identity-reliability", "extension": [status]}


def _birth_place(identity: Identity) -> Json:
    """Return the place of birth: the INSEE code that the matricule holds."""
    code: Json = {"system": _COMMUNES, "code": identity.ins[_PLACE_IN_INS]}
    place: Json = {"url": f"{_CORE}/fr-core-address-insee-code", "valueCoding": code}
    return {"url": _BIRTH_PLACE, "valueAddress": {"extension": [place]}}


def _of_the_record(standing: Standing) -> list[Json]:
    found: list[Json] = [{"url": ATTACHED, "valueBoolean": standing.entered}]
    if standing.attending is not None:
        found.append({"url": ATTENDING, "valueBoolean": standing.attending})
    if standing.closed_at is not None:
        day = paris_date(standing.closed_at).isoformat()
        told: list[Json] = [{"url": "dateFermeture", "valueDate": day}]
        if standing.died:
            told.append({"url": "raisonFermeture", "valueString": "Décès du titulaire"})
        else:
            reason: Json = {"coding": [{"system": REASONS, "code": "patient-demande"}]}
            told.append({"url": "motifFermeture", "valueCodeableConcept": reason})
        found.append({"url": CLOSING, "extension": told})
    return found
