"""Appointments: made, changed, deleted, read and searched (GAP flows 4b, 6a and 6b).

An appointment stands in the agenda of one person. Whoever is in that space sees them all; a
professional or a structure sees those it wrote; a referenced service, what the holder consented to.
What is not theirs to see is not there (W-COM-04).

Sources: GAP 3.0.0; FHIR R4, 3.1.0.4.1 (conditional update) and 3.1.0.5 (versions).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from etalon_model import ActorKind, Command, Person, Refusal
from etalon_model.agenda.agenda import HOLDER_SIDE, Appointment, SlotName
from etalon_model.agenda.appointments import DeleteAppointment, PutAppointment
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_server.agenda.editors import diaries_of
from etalon_server.agenda.receiving import received_valid
from etalon_server.agenda.versions import expected_revision
from etalon_server.agenda.viewing import (
    View,
    answer_one,
    appointment_named,
    appointments_of,
    entries_shown,
    kept_key,
    shown,
    view_of,
)
from etalon_server.asking import known_caller, known_person
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
)
from etalon_server.records.paging import answer_entries_of
from etalon_server.records.reading import nothing_here
from etalon_server.records.searching import person_searched
from etalon_wire.agenda.appointments import (
    Sent,
    kept_appointment,
    read_appointment,
)
from etalon_wire.agenda.searching import AppointmentSearch, Held, read_appointment_search
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.opaque_identity import id_pe_in
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, key_of
from etalon_wire.records.search_parameters import is_strict

_URIS: Final = "urn:ietf:rfc:3986"


async def make_appointment(desk: Desk, request: Request) -> Answer:
    """Write a new appointment (W-AGD-06)."""
    resource, sent = _received(desk, request)
    return await _put(desk, request, resource, sent, 0)


async def change_appointment(desk: Desk, request: Request) -> Answer:
    """Write the appointment at an address anew."""
    resource, sent = _received(desk, request)
    person, known = _at_address(desk, request)
    if resource.get("id") not in {None, request.places["id"]}:
        message = "the id of the Appointment is not that of the address"
        raise Refused(Fault("PARAMETER_WRONG", message, "Appointment.id"))
    if person is not _person(desk, request, sent):
        message = "an appointment stays in one person's agenda: delete it, and make another"
        raise Refused(Fault("PARAMETER_WRONG", message, "Appointment.participant"))
    if known.identifier not in (sent.identifiers or (known.identifier,)):
        message = f"the appointment is known by {known.identifier}: say that identifier too"
        raise Refused(Fault("PARAMETER_WRONG", message, "Appointment.identifier"))
    sent = replace(sent, identifiers=(known.identifier,))
    return await _put(desk, request, resource, sent, expected_revision(request))


async def put_appointment(desk: Desk, request: Request) -> Answer:
    """Change the one appointment with an identifier, or make it (W-AGD-07)."""
    resource, sent = _received(desk, request)
    asked = [value for name, value in request.query if name == "identifier"]
    others = {name for name, _ in request.query} - {"identifier", "_format", "_pretty"}
    if len(asked) != 1 or not asked[0].rpartition("|")[2] or others:
        message = "a conditional update is by one identifier: Appointment?identifier=system|value"
        raise Refused(Fault("PARAMETER_WRONG", message, "identifier"))
    identifier = asked[0] if "|" in asked[0] else f"|{asked[0]}"
    if identifier not in (sent.identifiers or (identifier,)):
        message = "the identifier of the address is none of the Appointment"
        raise Refused(Fault("PARAMETER_WRONG", message, "Appointment.identifier"))
    sent = replace(sent, identifiers=(identifier,))
    person = _person(desk, request, sent)
    holders = _holders(desk, request, identifier, person)
    if len(holders) > 1:
        message = f"{len(holders)} appointments have this identifier: change one at its address"
        raise Refused(Fault("SEVERAL_MATCHES", message, "identifier"))
    if holders and holders[0] is not person:
        message = "an appointment stays in one person's agenda: delete it, and make another"
        raise Refused(Fault("PARAMETER_WRONG", message, "Appointment.participant"))
    expected = expected_revision(request)
    return await _put(desk, request, resource, sent, expected if holders else 0)


async def delete_appointment(desk: Desk, request: Request) -> Answer:
    """Take an appointment out of the agenda, as its author."""
    person, known = _at_address(desk, request)
    at, actor = desk.host.clock.now(), known_caller(request).actor
    expected = expected_revision(request)
    await _written(
        desk, request, DeleteAppointment(at, actor, person.ins, known.identifier, expected)
    )
    return Answer(HTTPStatus.NO_CONTENT)


async def read_one(desk: Desk, request: Request) -> Answer:
    """Answer one appointment, to whoever may see it."""
    person, known = _at_address(desk, request)
    view = await view_of(desk, request, person)
    if any(one is known for one in view.appointments):
        return answer_one(desk, request, view, known)
    raise nothing_here()


async def find_appointments(desk: Desk, request: Request) -> Answer:
    """Answer a page of the appointments that match and that the reader sees (W-AGD-05)."""
    strict = is_strict(request.headers.get("prefer", ""))
    asked = read_appointment_search(request.query, strict=strict, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)
    found: list[tuple[View, Appointment]] = []
    for person in _searched(desk, request, asked):
        view = await view_of(desk, request, person)
        show = partial(shown, desk, request, view)
        matches = asked.search.matches
        found += [(view, one) for one in view.appointments if matches(Held(one, show))]
    found.sort(key=lambda pair: (pair[1].starts_at, pair[1].identifier))

    def entries_of(page: Sequence[tuple[View, Appointment]]) -> list[bytes]:
        return [entries_shown(desk, request, view, (one,))[0] for view, one in page]

    return answer_entries_of(desk, request, asked.search, found, entries_of)


def _searched(desk: Desk, request: Request, asked: AppointmentSearch) -> Sequence[Person]:
    """Return the people in whose agendas is searched: the one named, or those of an identifier.

    Raises:
        Refused: Nobody is named, nor an identifier; or the token is for another space.
    """
    caller, who = known_caller(request), asked.search.who
    if who == Named() and caller.patient:
        return (known_person(desk, caller.patient),)
    if who != Named():
        person = person_searched(desk, caller, who)
        return () if person is None else (person,)
    if not asked.identifiers:
        message = "say whose appointments, by patient or actor, or by identifier"
        raise Refused(Fault("PARAMETER_MISSING", message, "patient"))
    holders = (_placed(desk, caller.actor.ident, one) for one in asked.identifiers)
    return [*{one.ins: one for found in holders for one in found}.values()]


def _placed(desk: Desk, editor: str, identifier: str) -> list[Person]:
    """Return in whose agendas an editor wrote an appointment with an identifier."""
    diary = diaries_of(desk).get(editor)
    placed = {} if diary is None else diary.placed
    wanted = [identifier] if "|" in identifier else [f"|{identifier}"]
    if "|" not in identifier:
        wanted = [one for one in placed if one.rpartition("|")[2] == identifier]
    people = [known_person(desk, ins) for one in wanted for ins in placed.get(one, ())]
    return [one for one in people if any(appointment_named(one, ident) for ident in wanted)]


def _holders(desk: Desk, request: Request, identifier: str, person: Person) -> list[Person]:
    """Return in whose agendas the appointments stand that a conditional update matches."""
    actor = known_caller(request).actor
    if actor.kind not in HOLDER_SIDE:
        return _placed(desk, actor.ident, identifier)
    return [] if appointment_named(person, identifier) is None else [person]


def _authority(request: Request) -> str:
    """Return the system of the opaque identifiers of a referenced service, or nothing."""
    actor = known_caller(request).actor
    return f"urn:oid:{actor.ident}" if actor.kind is ActorKind.APP else ""


def _received(desk: Desk, request: Request) -> tuple[Resource, Sent]:
    """Return an Appointment that was sent, and what the model needs of it.

    Raises:
        Refused: Something grave is wrong with it.
        Malformed: It cannot be read, or says not when or whose it is.
    """
    resource = received_valid(desk, request)
    return resource, read_appointment(resource, request.base, _authority(request))


def _person(desk: Desk, request: Request, sent: Sent) -> Person:
    """Return whose appointment was sent.

    Raises:
        Refused: Nobody, or somebody the token is not for.
    """
    caller = known_caller(request)
    if caller.actor.kind is ActorKind.APP:
        ins, solution = caller.patient, caller.actor.ident
        own = opaque_identifier(desk.host.seed, ins, solution)
        if sent.named.ins or id_pe_in(solution, sent.opaque) != own:
            message = "name the patient by the idPe that the token goes with"
            raise Refused(Fault("NOT_ALLOWED", message, "Appointment.participant"))
        return known_person(desk, ins)
    person = person_searched(desk, caller, sent.named)
    if person is None:
        message = "the patient is nobody this server knows: name them by matricule INS"
        raise Refused(Fault("NO_MATCH", message, "Appointment.participant"))
    return person


def _at_address(desk: Desk, request: Request) -> tuple[Person, Appointment]:
    """Return the appointment at an address, whoever may see it, in a space the token is for.

    Raises:
        Refused: It leads to nothing, or to another space than the token's.
    """
    caller, asked = known_caller(request), request.places["id"]
    if caller.actor.kind is ActorKind.APP:
        person = known_person(desk, caller.patient)
        id_pe = opaque_identifier(desk.host.seed, person.ins, caller.actor.ident)
        view = View(person, id_pe, appointments_of(person))
    else:
        key = key_of(asked)
        found = None if key is None else desk.people.find(desk.host.service, key)
        if found is None or (caller.patient and caller.patient != found.ins):
            raise nothing_here()
        view = View(found, "", appointments_of(found))
    for one in view.appointments:
        if view.id_of(one.identifier) == asked:
            return view.person, one
    raise nothing_here()


async def _put(
    desk: Desk, request: Request, resource: Resource, sent: Sent, expected: int | None
) -> Answer:
    """Write an appointment, and answer it as it now stands."""
    person, caller = _person(desk, request, sent), known_caller(request)
    identifiers = sent.identifiers or (f"{_URIS}|urn:uuid:{uuid4()}",)
    identifier = identifiers[0]
    known = appointment_named(person, identifier)
    command = PutAppointment(
        desk.host.clock.now(),
        caller.actor,
        person.ins,
        identifier,
        sent.starts_at,
        sent.title,
        sent.state,
        sent.note,
        sent.ends_at,
        _slots(desk, sent),
        expected,
    )
    kept = kept_appointment(_identified(resource, identifier), _authority(request))
    author = caller.actor if known is None else known.author
    key = kept_key(person.ins, author.ident, identifier)
    await _written(desk, request, command, (Kept(key, write_json(kept)),))
    one = appointment_named(person, identifier)
    if one is None:
        raise nothing_here()
    id_pe = ""
    if caller.actor.kind is ActorKind.APP:
        id_pe = opaque_identifier(desk.host.seed, person.ins, caller.actor.ident)
    view = View(person, id_pe, (one,))
    return answer_one(desk, request, view, one, kept, made=one.revision == 1)


def _identified(resource: Resource, identifier: str) -> Resource:
    """Return an Appointment with the identifier by which the model knows it among its own."""
    system, _, value = identifier.rpartition("|")
    own: dict[str, Json] = {"system": system, "value": value} if system else {"value": value}
    given = resource.get("identifier")
    sent = given if isinstance(given, list) else []
    is_there = any(
        isinstance(one, dict) and (one.get("system", ""), one.get("value")) == (system, value)
        for one in sent
    )
    return resource if is_there else {**resource, "identifier": [*sent, own]}


def _slots(desk: Desk, sent: Sent) -> tuple[SlotName, ...]:
    """Return the slots that an appointment names.

    Raises:
        Refused: One leads to no schedule.
    """
    editors, diaries = desk.editors, diaries_of(desk)
    found: list[SlotName] = []
    for rank, one in enumerate(sent.slots):
        name = editors.slot_named(diaries, one)
        if name is None:
            message = "there is no such slot: search the slots again"
            raise Refused(Fault("NO_MATCH", message, f"Appointment.slot[{rank}]"))
        found.append(name)
    return tuple(found)


async def _written(
    desk: Desk, request: Request, command: Command, kept: Sequence[Kept] = ()
) -> None:
    """Carry out a change, and what is kept with it.

    Raises:
        Refused: The model refuses it; somebody else's appointment is not said to be there.
    """
    known_person(desk, command.ins)
    outcome = await desk.host.write(command, kept)
    if not isinstance(outcome, Refusal):
        return
    if outcome.code == "ITEM_OF_ANOTHER" and request.places:
        raise nothing_here()
    raise Refused(outcome)
