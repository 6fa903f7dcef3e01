"""Measures as their reader is shown them: Observations and Devices under identifiers of its own.

Of what a service sent, what says the measure is kept and shown again to the letter; the narrative,
the performers and whatever else may name somebody are not: no service learns by what another one
knows the person (CAT-15). What the holder entered, and the body mass index, are written from the
model.

Sources: measures API v1.5.2, 2.2.8 and 2.3.3; the profiles (units, codes, category).
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from etalon_model import Identity
from etalon_model.catalogue.measures import KINDS, Measure
from etalon_wire.bundles import EntryAnswer, transaction_response
from etalon_wire.json_body import Json, Resource
from etalon_wire.measures.feeding import Feed
from etalon_wire.measures.kinds import (
    DAYS,
    MOMENT,
    REASON,
    UCUM,
    WireKind,
    codes_of_days,
    systems_of_moments,
    wire_kinds,
)
from etalon_wire.opaque_identity import id_pe_identifier
from etalon_wire.records.addresses import person_id, record_key
from etalon_wire.records.instants import written
from etalon_wire.records.parties import ins_identifier

_LOINC: Final = "http://loinc.org"
_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_DAYS_SYSTEM: Final = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
_ID_BYTES: Final = 16
_CREATED: Final = 201


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a service, or whoever decides for the space.

    Attributes:
        solution: Object identifier of the service; empty for who decides.
        id_pe: Opaque identifier under which it knows the person; for who decides, what the
            addresses of the space begin with.
        identity: The person, as who decides knows them; None for a service.
    """

    solution: str
    id_pe: str
    identity: Identity | None = None

    @property
    def subject(self) -> Resource:
        """How the person is named to this reader."""
        if self.identity is None:
            return {"identifier": id_pe_identifier(self.solution, self.id_pe)}
        ins = self.identity.ins
        return {
            "reference": f"Patient/{person_id(ins)}",
            "identifier": ins_identifier(ins, self.identity.oid),
        }

    def observation_id(self, place: str) -> str:
        """Return the `id` of the measure at a place of the space, for this reader alone."""
        return self._opaque("observation", place)

    def device_id(self, number: int) -> str:
        """Return the `id` of the device with a number in the space, for this reader alone."""
        return self._opaque("device", str(number))

    def _opaque(self, *parts: str) -> str:
        text = "/".join((self.solution, self.id_pe, *parts))
        said = blake2b(text.encode(), digest_size=_ID_BYTES, person=b"measure").hexdigest()
        # A UUID, version 4 of variant 1 by its looks: a number that tells nothing.
        return f"{said[:8]}-{said[8:12]}-4{said[13:16]}-8{said[17:20]}-{said[20:]}"


def observation(reader: Reader, measure: Measure, place: str, kept: Resource | None) -> Resource:
    """Return a measure as an Observation.

    Args:
        reader: Who reads it.
        measure: The measure.
        place: What tells it from every other of the space.
        kept: What is kept of the Observation that was sent, or None where none was.
    """
    kind = wire_kinds()[measure.code]
    said = _written(kind, measure) if kept is None else kept
    meta: dict[str, Json] = {"profile": [kind.profile]}
    if measure.source:
        meta = {"source": f"urn:oid:{measure.source}", **meta}
    shown: Resource = {
        "resourceType": "Observation",
        "id": reader.observation_id(place),
        "meta": meta,
    }
    shown |= said
    shown["subject"] = reader.subject
    if measure.device is not None:
        shown["device"] = {"reference": f"Device/{reader.device_id(measure.device)}"}
    return shown


_KEPT: Final = (
    *("extension", "status", "category", "code", "effectiveDateTime", "issued", "valueQuantity"),
    *("dataAbsentReason", "interpretation", "bodySite", "method", "referenceRange", "component"),
)
"""What says a measure; the order is that of R4."""


def kept_observation(sent: Resource) -> Resource:
    """Return what is kept of an Observation that was sent."""
    return {name: sent[name] for name in _KEPT if name in sent}


def decider(identity: Identity) -> Reader:
    """Return whoever decides for a space, as a reader of it."""
    return Reader("", record_key(identity.ins), identity)


def device(reader: Reader, number: int, kept: Resource) -> Resource:
    """Return a device of the space, as it was first sent."""
    meta = {name: value for name, value in _meta(kept).items() if name == "profile"}
    shown: Resource = {"resourceType": "Device", "id": reader.device_id(number), "meta": meta}
    left_out = {"resourceType", "id", "meta"}
    return shown | {name: value for name, value in kept.items() if name not in left_out}


def _meta(kept: Resource) -> dict[str, Json]:
    found = kept.get("meta")
    return found if isinstance(found, dict) else {}


def feed_response(
    feed: Feed, observation_id: str, device_id: str, device_status: int | None
) -> Resource:
    """Answer a bundle that was taken: each entry its status and where it now stands."""
    answers: list[EntryAnswer] = []
    for entry in feed.entries:
        if entry.device is not None:
            answers.append(EntryAnswer(device_status or _CREATED, f"Device/{device_id}"))
        else:
            answers.append(EntryAnswer(_CREATED, f"Observation/{observation_id}"))
    return transaction_response(answers)


def _written(kind: WireKind, measure: Measure) -> Resource:
    """Write what no service sent."""
    extensions = _extensions(measure)
    said: Resource = {"extension": extensions} if extensions else {}
    category: dict[str, Json] = {"system": _CATEGORIES, "code": "vital-signs"}
    if kind.category:
        category["display"] = kind.category
    said["status"] = "final"
    said["category"] = [{"coding": [category]}]
    said["code"] = _concept(kind.system, kind.code, kind.display)
    said["effectiveDateTime"] = written(measure.taken_at)
    components = KINDS[measure.code].components
    if components:
        said["component"] = [
            {"code": _concept(_LOINC, code, ""), "valueQuantity": _quantity(kind, value)}
            for code, value in zip(components, measure.values, strict=True)
        ]
    else:
        said["valueQuantity"] = _quantity(kind, measure.values[0])
    return said


def _extensions(measure: Measure) -> list[Json]:
    found: list[Json] = []
    if measure.comment:
        found.append({"url": REASON, "valueString": measure.comment})
    if measure.moment:
        found.append({"url": MOMENT, "valueCodeableConcept": _moment(measure.moment)})
    if measure.days is not None:
        code, name = codes_of_days().get(measure.days, codes_of_days()[0])
        concept = _concept(_DAYS_SYSTEM, code, name)
        found.append({"url": DAYS, "valueCodeableConcept": concept})
    return found


def _moment(moment: str) -> Json:
    system = systems_of_moments().get(moment)
    return {"text": moment} if system is None else _concept(system, moment, "")


def _concept(system: str, code: str, display: str) -> Json:
    coding: dict[str, Json] = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def _quantity(kind: WireKind, value: float) -> Json:
    """Write a value in the unit of its profile, with the digits it has."""
    return {"value": kind.in_its_unit(value), "unit": kind.unit, "system": UCUM, "code": kind.ucum}
