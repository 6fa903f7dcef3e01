"""Appointments of GAP: what the model is told of one that is sent, and how one is shown.

The model keeps what rules are about; the rest of what was received stands beside it. Whoever reads
is shown the person as they know them: by matricule, or by the opaque identifier of a service.

Sources: GAP 3.0.0 (gap-fr-appointment, flows 6a and 6b), FHIR R4 (Appointment).
Reading: a request without a start is placed where the first period asked for begins; the title is
the description, else what the service or the kind of appointment is called.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from etalon_model.agenda.agenda import Appointment, AppointmentState
from etalon_model.agenda.appointments import FHIR_STATUS
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, STRUCTURE, VALUE, Malformed
from etalon_wire.records.addresses import Named, id_in, key_of
from etalon_wire.records.instants import instant_of, written
from etalon_wire.records.parties import INS_TYPES
from etalon_wire.validation.reading import first, part, parts, text

APPOINTMENT_PROFILE: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition/gap-fr-appointment"
)
UNNAMED: Final = "Rendez-vous"
"""Title of an appointment that says nothing of what it is."""

_STATES: Final = {code: state for state, code in FHIR_STATUS.items()}
_OWN: Final = ("resourceType", "id", "meta", "text", "identifier", "status")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the model and the service need of an Appointment that is sent.

    Attributes:
        named: The patient, as a matricule or an address of ours names them.
        opaque: The patient as an opaque identifier names them: `system|value`, or empty.
        identifiers: Its identifiers, `system|value`; the first is what the model knows it by.
        starts_at: When it starts (UTC).
        ends_at: When it ends (UTC), or None.
        title: What it is.
        note: What was added.
        state: How far it has come.
        slots: The `id` of each slot it names below the base, in order.
    """

    named: Named
    opaque: str
    identifiers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    title: str
    note: str
    state: AppointmentState
    slots: tuple[str, ...]


def read_appointment(resource: Resource, base: str, authority: str = "") -> Sent:
    """Return what an Appointment that was validated says.

    Args:
        resource: The Appointment.
        base: Public address of the FHIR base, without a slash at its end.
        authority: System of the opaque identifiers of whoever sends it, or empty.

    Raises:
        Malformed: It says not when, of whom or how far it has come, or of several people.
    """
    if resource.get("resourceType") != "Appointment":
        raise Malformed(STRUCTURE, "", "an Appointment is asked for here")
    state = _STATES.get(text(resource, "status"))
    if state is None:
        codes = ", ".join(_STATES)
        raise Malformed(VALUE, "Appointment.status", f"one of {codes} is asked")
    named, opaque = _patient(resource, base, authority)
    starts_at, ends_at = _times(resource)
    return Sent(
        named,
        opaque,
        tuple(filter(None, map(identifier_text, parts(resource, "identifier")))),
        starts_at,
        ends_at,
        _title(resource),
        text(resource, "comment"),
        state,
        tuple(filter(None, (_slot_id(one, base) for one in parts(resource, "slot")))),
    )


def _slot_id(reference: Resource, base: str) -> str:
    return id_in(text(reference, "reference"), "Slot", base)


def identifier_text(identifier: Resource) -> str:
    """Return an identifier as a search names it: `system|value`; empty without a value."""
    value = text(identifier, "value")
    return f"{text(identifier, 'system')}|{value}" if value else ""


def kept_appointment(resource: Resource, authority: str = "") -> Resource:
    """Return what is kept of an Appointment: all of it but who the person is."""
    participants: list[Json] = [
        {**one, "actor": {"type": "Patient"}} if _is_patient(part(one, "actor"), authority) else one
        for one in parts(resource, "participant")
    ]
    return {**resource, "participant": participants}


def _is_patient(actor: Resource, authority: str) -> bool:
    """Whether a reference is to the person: by type, by address or by identifier."""
    system = text(part(actor, "identifier"), "system")
    reference = text(actor, "reference")
    return (
        text(actor, "type") == "Patient"
        or system.removeprefix("urn:oid:") in INS_TYPES
        or bool(authority and (system == authority or system.startswith(f"{authority}.")))
        or reference.startswith("Patient/")
        or "/Patient/" in reference
    )


def _patient(resource: Resource, base: str, authority: str) -> tuple[Named, str]:
    actors = [part(one, "actor") for one in parts(resource, "participant")]
    found = [actor for actor in actors if _is_patient(actor, authority)]
    if not found:
        message = "say whose appointment it is: a participant who is a Patient, by matricule INS"
        raise Malformed(REQUIRED, "Appointment.participant", message)
    if len(found) > 1:
        message = "an appointment of several patients stands in no one's agenda: send one for each"
        raise Malformed(VALUE, "Appointment.participant", message)
    identifier = part(found[0], "identifier")
    system = text(identifier, "system")
    oid = system.removeprefix("urn:oid:")
    if oid in INS_TYPES:
        return Named(ins=text(identifier, "value"), oid=oid), ""
    key = key_of(id_in(text(found[0], "reference"), "Patient", base))
    return Named(key=key or ""), identifier_text(identifier)


def _times(resource: Resource) -> tuple[datetime, datetime | None]:
    start, end = text(resource, "start"), text(resource, "end")
    place = "Appointment.start"
    if not start:
        place = "Appointment.requestedPeriod[0].start"
        start = text(first(resource, "requestedPeriod"), "start")
    if not start:
        message = "say when: a start, or a requestedPeriod with one"
        raise Malformed(REQUIRED, "Appointment.start", message)
    starts_at = instant_of(start, place)
    minutes = resource.get("minutesDuration")
    if end:
        return starts_at, instant_of(end, "Appointment.end")
    if type(minutes) is int and 0 < minutes <= _MINUTES_MOST and text(resource, "start"):
        return starts_at, starts_at + timedelta(minutes=minutes)
    return starts_at, None


_MINUTES_MOST: Final = 7 * 24 * 60


def _title(resource: Resource) -> str:
    concepts = (first(resource, "serviceType"), part(resource, "appointmentType"))
    called = (
        text(resource, "description"),
        *(text(one, "text") or text(first(one, "coding"), "display") for one in concepts),
    )
    return next(filter(None, called), UNNAMED)


def shown_appointment(
    appointment: Appointment, resource_id: str, patient: Resource, received: Resource | None
) -> Resource:
    """Return an appointment as FHIR shows it to whoever knows the person as `patient`.

    Args:
        appointment: As the model has it.
        resource_id: Its `id`, for this reader.
        patient: Reference to the person, for this reader.
        received: What was kept of what was sent, or None where nothing was.
    """
    shown: Resource = {
        "resourceType": "Appointment",
        "id": resource_id,
        "meta": _meta(received or {}, appointment.revision),
        "identifier": _identifiers(appointment.identifier, received or {}),
        "status": FHIR_STATUS[appointment.state],
    }
    if received is None:
        shown |= _told(appointment, patient)
    else:
        shown |= {name: value for name, value in received.items() if name not in _OWN}
        shown["participant"] = [
            {**one, "actor": patient} if text(part(one, "actor"), "type") == "Patient" else one
            for one in parts(received, "participant")
        ]
    return shown


def _meta(received: Resource, revision: int) -> Json:
    named = part(received, "meta").get("profile")
    profiles: Json = named if isinstance(named, list) and named else [APPOINTMENT_PROFILE]
    return {"versionId": str(revision), "profile": profiles}


def _identifiers(identifier: str, received: Resource) -> list[Json]:
    """Return the identifiers that were sent, or the one it is known by."""
    sent: list[Json] = [*parts(received, "identifier")]
    system, _, value = identifier.rpartition("|")
    own: dict[str, Json] = {"system": system, "value": value} if system else {"value": value}
    return sent or [own]


def _told(appointment: Appointment, patient: Resource) -> Resource:
    """Return what the model alone knows of an appointment."""
    told: Resource = {"description": appointment.title, "start": written(appointment.starts_at)}
    if appointment.ends_at is not None:
        told["end"] = written(appointment.ends_at)
    else:
        # An appointment that is settled has an end (app-3); nobody said when this one ends.
        told["end"] = told["start"]
    if appointment.note:
        told["comment"] = appointment.note
    told["participant"] = [{"actor": patient, "status": "accepted"}]
    return told
