"""Schedules and slots of GAP: what the model is told of a schedule, and how both are shown.

Sources: GAP 3.0.0 (gap-fr-schedule, gap-fr-slot, flows 2a to 3a), FR Core (extensions
`fr-core-schedule-availability-time` and `fr-core-service-type-duration`), FHIR R4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from etalon_model.agenda.openings import Opening, ServiceType, Slot
from etalon_model.agenda.schedules import Schedule, SlotStatus
from etalon_wire.agenda.appointments import identifier_text
from etalon_wire.agenda.places import ScheduleName, schedule_id, slot_id
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, STRUCTURE, VALUE, Malformed
from etalon_wire.records.instants import instant_of, written
from etalon_wire.validation.reading import first, part, parts, text

AVAILABILITY: Final = (
    "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-schedule-availability-time"
)
DURATION: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-service-type-duration"
SCHEDULE_PROFILE: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition/gap-fr-schedule"
)
SLOT_PROFILE: Final = "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition/gap-fr-slot"
SLOT_SYSTEM: Final = "urn:mes-etalon:slot"
"""System of the identifiers of slots, which follow from a schedule and are nobody else's."""

_KINDS: Final = {"free": True, "busy-unavailable": False}
_MINUTES: Final = {"min": 1, "h": 60}
_OWN: Final = ("resourceType", "id", "meta", "text")


@dataclass(frozen=True, slots=True)
class SentSchedule:
    """What the model needs of a Schedule that is sent.

    Attributes:
        actors: Whose it is: `Type reference` and `Type system|value`.
        services: What may be done.
        openings: When.
        from_at: First instant it speaks of (UTC), or None.
        until_at: The instant after the last (UTC), or None.
        is_active: It may be used.
    """

    actors: tuple[str, ...]
    services: tuple[ServiceType, ...]
    openings: tuple[Opening, ...]
    from_at: datetime | None
    until_at: datetime | None
    is_active: bool


def read_schedule(resource: Resource) -> SentSchedule:
    """Return what a Schedule that was validated says.

    Raises:
        Malformed: It names no actor, or an extension says not what it is for.
    """
    if resource.get("resourceType") != "Schedule":
        raise Malformed(STRUCTURE, "", "a Schedule is asked for here")
    actors = tuple(one for actor in parts(resource, "actor") for one in actor_names(actor))
    if not actors:
        message = "say whose schedule it is: an actor by reference or by identifier"
        raise Malformed(REQUIRED, "Schedule.actor", message)
    horizon = part(resource, "planningHorizon")
    return SentSchedule(
        tuple(dict.fromkeys(actors)),
        tuple(_services(resource)),
        tuple(_openings(resource)),
        _instant(horizon, "start"),
        _instant(horizon, "end"),
        resource.get("active") is not False,
    )


def actor_names(actor: Resource) -> Iterator[str]:
    """Yield the names of an actor that a search may ask for."""
    reference, identifier = text(actor, "reference"), identifier_text(part(actor, "identifier"))
    kind = text(actor, "type")
    if reference:
        yield f"reference {reference}"
        kind = kind or _type_in(reference)
    if identifier:
        yield f"{kind or 'any'} {identifier}"


def _type_in(reference: str) -> str:
    head = reference.rpartition("/")[0]
    return head.rpartition("/")[2]


def _instant(period: Resource, name: str) -> datetime | None:
    held = text(period, name)
    return instant_of(held, f"Schedule.planningHorizon.{name}") if held else None


def _extensions(resource: Resource, url: str) -> Iterator[tuple[str, dict[str, Resource]]]:
    """Yield the place and the parts of each extension of a kind, by their address."""
    for rank, one in enumerate(parts(resource, "extension")):
        if text(one, "url") == url:
            inner = {text(held, "url"): held for held in parts(one, "extension")}
            yield f"Schedule.extension[{rank}]", inner


def _services(resource: Resource) -> Iterator[ServiceType]:
    for place, inner in _extensions(resource, DURATION):
        concept = part(inner.get("serviceType", {}), "valueCodeableConcept")
        length = part(inner.get("duration", {}), "valueDuration")
        code, value = _concept(concept), length.get("value")
        unit = _MINUTES.get(text(length, "code") or "min")
        if not code or not isinstance(value, int | Decimal | float) or unit is None:
            message = "a service has a code or a text, and a duration in minutes (min) or hours (h)"
            raise Malformed(VALUE, place, message)
        minutes = Decimal(str(value)) * unit
        if minutes != int(minutes) or not 0 < minutes <= _LONGEST:
            raise Malformed(VALUE, place, "a duration is of whole minutes, a day at most")
        yield ServiceType(code, int(minutes))


_LONGEST: Final = 24 * 60


def _concept(concept: Resource) -> str:
    coding = first(concept, "coding")
    code = text(coding, "code")
    return f"{text(coding, 'system')}|{code}" if code else text(concept, "text")


def _openings(resource: Resource) -> Iterator[Opening]:
    for place, inner in _extensions(resource, AVAILABILITY):
        kind = text(part(inner.get("type", {}), "valueCoding"), "code")
        start = text(inner.get("start", {}), "valueDateTime")
        end = text(inner.get("end", {}), "valueDateTime")
        if kind not in _KINDS or not start or not end:
            message = f"an availability has a start, an end and a type: {', '.join(_KINDS)}"
            raise Malformed(REQUIRED, place, message)
        rule = text(inner.get("rrule", {}), "valueString").removeprefix("RRULE:")
        at = instant_of(start, place), instant_of(end, place)
        yield Opening(*at, is_free=_KINDS[kind], rule=rule)


def shown_schedule(schedule: Schedule, received: Resource) -> Resource:
    """Return a schedule as FHIR shows it."""
    name = ScheduleName(schedule.author.ident, schedule.number)
    kept = {key: value for key, value in received.items() if key not in _OWN}
    named = part(received, "meta").get("profile")
    profiles: Json = named if isinstance(named, list) and named else [SCHEDULE_PROFILE]
    return {
        "resourceType": "Schedule",
        "id": schedule_id(name),
        "meta": {"versionId": str(schedule.revision), "profile": profiles},
        **kept,
    }


def shown_slot(
    schedule: Schedule, slot: Slot, status: SlotStatus, received: Resource, base: str
) -> Resource:
    """Return a slot as FHIR shows it; what it is for follows from its schedule."""
    name = ScheduleName(schedule.author.ident, schedule.number)
    ident = slot_id(name, slot)
    shown: Resource = {
        "resourceType": "Slot",
        "id": ident,
        "meta": {"profile": [SLOT_PROFILE]},
        "identifier": [{"system": SLOT_SYSTEM, "value": ident}],
    }
    if slot.service >= 0:
        shown["serviceType"] = [_concept_of(schedule.services[slot.service], received)]
    if "specialty" in received:
        shown["specialty"] = received["specialty"]
    return {
        **shown,
        "schedule": {"reference": f"{base}/Schedule/{schedule_id(name)}"},
        "status": status,
        "start": written(slot.starts_at),
        "end": written(slot.ends_at),
    }


def _concept_of(service: ServiceType, received: Resource) -> Resource:
    """Return a service as its editor wrote it, or by its code where nothing was received."""
    for _, inner in _extensions(received, DURATION):
        concept = part(inner.get("serviceType", {}), "valueCodeableConcept")
        if _concept(concept) == service.code:
            return concept
    system, bar, code = service.code.rpartition("|")
    return {"coding": [{"system": system, "code": code}]} if bar else {"text": code}
