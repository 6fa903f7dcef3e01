"""Good software of agendas: opens hours, books, moves and cancels.

Source: GAP 3.0.0 (schedules, slots, appointments).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.witness.players.connection import resource_of
from etalon_conformance.witness.players.desk import Declined, Desk, first
from etalon_conformance.witness.players.lps import log_in
from etalon_target.messages import Answer, HttpResponse
from etalon_wire.json_body import Json, Resource

_RPPS: Final = "https://rpps.esante.gouv.fr"
_FR_CORE: Final = "https://hl7.fr/ig/fhir/core"
_GAP: Final = "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition"
_QUARTER: Final = timedelta(minutes=15)
_CONFLICTS: Final = (409, 412)
_TRIES: Final = 3


def _who(desk: Desk) -> list[Json]:
    named: Json = {"system": _RPPS, "value": desk.professional().rpps}
    kinds = ("PractitionerRole", "Practitioner")
    chosen = kinds if desk.keeps("refers_twice") else kinds[1:]
    return [{"type": kind, "identifier": named} for kind in chosen]


def _opening(desk: Desk) -> datetime:
    day = desk.now().astimezone(UTC) + timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def open_hours(desk: Desk) -> None:
    """Open an hour of quarters for tomorrow."""
    start = _opening(desk)
    free: Json = {"system": f"{_FR_CORE}/CodeSystem/fr-core-cs-schedule-type", "code": "free"}
    hours: Json = {
        "url": f"{_FR_CORE}/StructureDefinition/fr-core-schedule-availability-time",
        "extension": [
            {"url": "type", "valueCoding": free},
            {"url": "start", "valueDateTime": _written(start)},
            {"url": "end", "valueDateTime": _written(start + timedelta(hours=4))},
        ],
    }
    length: Json = {"value": 15, "system": "http://unitsofmeasure.org", "code": "min"}
    service: Json = {
        "url": f"{_FR_CORE}/StructureDefinition/fr-core-service-type-duration",
        "extension": [
            {"url": "serviceType", "valueCodeableConcept": {"text": "Consultation"}},
            {"url": "duration", "valueDuration": length},
        ],
    }
    made: Resource = {
        "resourceType": "Schedule",
        "meta": {"profile": [f"{_GAP}/gap-fr-schedule"]},
        "extension": [hours, service],
        "active": True,
        "actor": _who(desk),
    }
    desk.made["schedule"] = _place(desk.connection.ask("POST", "Schedule", body=made))


def _booking(desk: Desk, rank: int) -> Resource:
    person, start = desk.person("amelie"), _opening(desk) + rank * _QUARTER
    patient: Json = {
        "type": "Patient",
        "identifier": {"system": person.system, "value": person.ins},
    }
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [f"{_GAP}/gap-fr-appointment"]},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{desk.unique_uuid()}"}],
        "status": "booked",
        "description": "Consultation",
        "start": _written(start),
        "end": _written(start + _QUARTER),
        "participant": [{"actor": actor, "status": "accepted"} for actor in (patient, *_who(desk))],
    }


def book(rank: int) -> Callable[[Desk], None]:
    """Return what books the quarter of a rank."""

    def booking(desk: Desk) -> None:
        answer = desk.connection.ask("POST", "Appointment", body=_booking(desk, rank))
        if place := _place(answer):
            desk.made["appointment"] = place

    return booking


def _place(answer: Answer) -> str:
    if not isinstance(answer, HttpResponse):
        return ""
    told = resource_of(answer)
    kind, ident = first(told, "resourceType"), first(told, "id")
    if kind in {"Appointment", "Schedule"} and ident:
        return f"{kind}/{ident}"
    return "/".join(answer.header("location").partition("/_history")[0].split("/")[-2:])


def _changed(desk: Desk, **changed: Json) -> None:
    place = desk.made.get("appointment", "")
    if not place:
        message = "no appointment was made"
        raise Declined(message)
    read = desk.connection.ask("GET", place)
    for _ in range(_TRIES):
        held = resource_of(read)
        version = first(held, "meta.versionId")
        conditional = (
            (("If-Match", f'W/"{version}"'),) if desk.keeps("changes_what_it_read") else ()
        )
        answer = desk.connection.ask("PUT", place, body={**held, **changed}, headers=conditional)
        if not isinstance(answer, HttpResponse) or answer.status not in _CONFLICTS:
            return
        if desk.keeps("reads_again"):
            read = desk.connection.ask("GET", place)


def move(desk: Desk) -> None:
    """Move the appointment by a quarter."""
    start = _opening(desk) + 9 * _QUARTER
    _changed(desk, start=_written(start), end=_written(start + _QUARTER))


def cancel(desk: Desk) -> None:
    """Cancel the appointment."""
    _changed(desk, status="cancelled")


def find_slots(desk: Desk) -> None:
    """Look for free quarters."""
    start = _opening(desk)
    asked = [
        ("schedule", desk.made.get("schedule", "").rpartition("/")[2]),
        ("start", f"ge{_written(start)}"),
        ("start", f"lt{_written(start + timedelta(days=1))}"),
    ]
    desk.connection.ask("GET", f"Slot?{urlencode(asked)}")


def find_appointments(desk: Desk) -> None:
    """List what is booked for somebody."""
    person = desk.person("amelie")
    asked = {"patient.identifier": f"{person.system}|{person.ins}", "status": "booked"}
    desk.connection.ask("GET", f"Appointment?{urlencode(asked)}")


STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "login": log_in,
    "schedule": open_hours,
    "slots": find_slots,
    "appointment": book(0),
    "appointment-error": book(2),
    "appointment-refused": book(4),
    "appointments": find_appointments,
    "move": move,
    "cancel": cancel,
}
"""What it does at each step of its profile."""
