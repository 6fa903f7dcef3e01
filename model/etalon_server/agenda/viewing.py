"""What somebody sees of an agenda: which appointments, and the person as they know them.

Whoever is in the space sees every appointment under the matricule; a professional or a structure,
those it wrote; a referenced service, what the holder consented to, under its opaque identifier.

Sources: GAP 3.0.0 (flow 4b); CSP art. L. 1111-13-1 III; domain rules AGD-01, AGD-02, CAT-05.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from etalon_model import ActorKind, Person
from etalon_model.agenda.agenda import Appointment
from etalon_model.agenda.appointments import ReadAppointments
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.exchange import ReadThroughService
from etalon_server.agenda.versions import revision_headers
from etalon_server.app_calls import app_call
from etalon_server.asking import known_caller, told
from etalon_server.contents import key_of as content_key
from etalon_server.exchange import (
    MEDIA_TYPES,
    Answer,
    Desk,
    Request,
    answer_resource,
    form_accepted,
)
from etalon_wire.agenda.appointments import shown_appointment
from etalon_wire.agenda.places import appointment_id, opaque_appointment_id
from etalon_wire.json_body import Resource, read_json, write_json
from etalon_wire.opaque_identity import id_pe_identifier
from etalon_wire.records.addresses import person_id
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.pages import resource_in, write_entry
from etalon_wire.records.parties import ins_identifier

_NOTHING: Final[Mapping[str, Appointment]] = {}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody sees of one agenda.

    Attributes:
        person: Whose it is.
        id_pe: Opaque identifier under which a referenced service knows them, or empty.
        appointments: What is seen.
    """

    person: Person
    id_pe: str
    appointments: tuple[Appointment, ...]

    def id_of(self, identifier: str) -> str:
        """Return the `id` of an appointment for this reader."""
        if self.id_pe:
            return opaque_appointment_id(self.id_pe, identifier)
        return appointment_id(self.person.ins, identifier)


def appointments_of(person: Person) -> tuple[Appointment, ...]:
    """Return the appointments in somebody's agenda, whoever may see them."""
    return tuple(_held(person).values())


def appointment_named(person: Person, identifier: str) -> Appointment | None:
    """Return the appointment with an identifier in somebody's agenda, whoever may see it."""
    return _held(person).get(identifier)


def _held(person: Person) -> Mapping[str, Appointment]:
    held = person.holdings
    agenda = None if held is None else held.agenda
    return _NOTHING if agenda is None else agenda.appointments


async def view_of(desk: Desk, request: Request, person: Person) -> View:
    """Return what whoever asks sees of somebody's agenda; that they asked leaves its trace.

    Raises:
        Refused: The model refuses the reading.
    """
    caller, at = known_caller(request), desk.host.clock.now()
    kind, ins = caller.actor.kind, person.ins
    if kind is ActorKind.APP:
        call = app_call(desk, request, ExchangeFamily.AGENDA, Direction.READ)
        family = ExchangeFamily.AGENDA
        answer = await told(
            desk, ReadThroughService(call.at, call.actor, ins, call.tokens, call.purpose, family)
        )
        return View(person, call.id_pe, cast("tuple[Appointment, ...]", answer))
    answer = await told(desk, ReadAppointments(at, caller.actor, ins))
    return View(person, "", cast("tuple[Appointment, ...]", answer))


def shown(
    desk: Desk,
    request: Request,
    view: View,
    one: Appointment,
    received: Resource | None = None,
) -> Resource:
    """Return an appointment as its reader sees it; what was kept of it, where it is at hand."""
    person, service = view.person, known_caller(request).actor.ident
    if received is None:
        kept = desk.contents.body(kept_key(person.ins, one.author.ident, one.identifier))
        received = None if kept is None else read_json(kept, KEPT_LIMITS)
    patient: Resource = {"type": "Patient"}
    if view.id_pe:
        patient["identifier"] = id_pe_identifier(service, view.id_pe)
    else:
        patient["reference"] = f"{request.base}/Patient/{person_id(person.ins)}"
        patient["identifier"] = ins_identifier(person.ins, person.identity.oid)
    return shown_appointment(one, view.id_of(one.identifier), patient, received)


def entries_shown(
    desk: Desk, request: Request, view: View, appointments: Sequence[Appointment]
) -> list[bytes]:
    """Return the entries of a page, in JSON, for appointments as their reader sees them.

    Each is encoded once: an appointment that is written anew is another object.
    """
    return [
        desk.cache.get(one, (request.base, view.id_pe))
        or _entry(desk, request, view, one, shown(desk, request, view, one))
        for one in appointments
    ]


def _entry(desk: Desk, request: Request, view: View, one: Appointment, resource: Resource) -> bytes:
    address = f"{request.base}/Appointment/{view.id_of(one.identifier)}"
    entry = write_entry(address, write_json(desk.codec.leaving(resource)))
    desk.cache.put(one, (request.base, view.id_pe), entry)
    return entry


def answer_one(  # noqa: PLR0913 (what is answered, of whom, how)
    desk: Desk,
    request: Request,
    view: View,
    one: Appointment,
    received: Resource | None = None,
    *,
    made: bool = False,
) -> Answer:
    """Answer one appointment as its reader sees it, with its address when it is new."""
    headers = revision_headers(one.revision)
    if made:
        address = f"{request.base}/Appointment/{view.id_of(one.identifier)}"
        headers = (("Location", address), *headers)
    status = HTTPStatus.CREATED if made else HTTPStatus.OK
    form = form_accepted(request, desk.mode)
    entry = desk.cache.get(one, (request.base, view.id_pe)) if form == "json" else None
    if entry is None:
        resource = shown(desk, request, view, one, received)
        if form == "xml":
            return answer_resource(request, desk, resource, status, headers)
        entry = _entry(desk, request, view, one, resource)
    return Answer(status, resource_in(entry), MEDIA_TYPES[form], headers)


def kept_key(ins: str, author: str, identifier: str) -> bytes:
    """Return what is kept of a received appointment under."""
    return content_key("Appointment", ins, author, identifier)
