"""The agenda of whoever is in the space: all of it, reminders, prevention, iCalendar."""

from http import HTTPStatus
from typing import Final, cast

from etalon_model import Person
from etalon_model.agenda.prevention import (
    AgendaView,
    DeclarePrevention,
    ReadAgenda,
    prevention_items,
)
from etalon_model.periods import paris_date
from etalon_server.agenda.editors import register_of
from etalon_server.agenda.viewing import View, appointments_of, shown
from etalon_server.asking import changed, known_caller, known_person, told
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_wire.agenda.holding import agenda_command, agenda_parameters, state_code
from etalon_wire.agenda.icalendar_file import calendar_of
from etalon_wire.json_body import Resource
from etalon_wire.life_cycle import whose
from etalon_wire.operation_outcomes import Fault
from etalon_wire.operations import Value, read_parameters, written_parameters
from etalon_wire.records.addresses import person_id

CALENDAR: Final = "text/calendar; charset=utf-8"
_PRIVATE: Final = ("Cache-Control", "private, no-store")


async def read_agenda(desk: Desk, request: Request) -> Answer:
    """Answer a whole agenda: appointments, reminders, prevention items."""
    ins, values = _asked(desk, request)
    person = known_person(desk, ins)
    command = agenda_command(
        request.interaction.operation,
        desk.host.clock.now(),
        known_caller(request).actor,
        ins,
        values,
    )
    view = cast("AgendaView", await told(desk, command))
    seen = View(person, "", view.appointments)
    listed = [shown(desk, request, seen, one) for one in view.appointments]
    return answer_resource(request, desk, agenda_parameters(view, listed), headers=(_PRIVATE,))


def agenda_shown(desk: Desk, request: Request, person: Person) -> list[Resource]:
    """Return what somebody's agenda holds, for whoever decides for their space.

    Appointments, then reminders and prevention items as Parameters where there are any.
    """
    view, items = View(person, "", appointments_of(person)), _kept(desk, person)
    listed = [shown(desk, request, view, one) for one in view.appointments]
    if items.reminders or items.prevention:
        whole = agenda_parameters(items, ())
        listed.append({"resourceType": "Parameters", "id": person_id(person.ins), **whole})
    return listed


def _kept(desk: Desk, person: Person) -> AgendaView:
    """Return the reminders and the prevention items of somebody."""
    held = person.holdings
    agenda = None if held is None else held.agenda
    reminders = () if agenda is None else tuple(agenda.reminders.values())
    register, now = register_of(desk), desk.host.clock.now()
    is_there = paris_date(now) >= register.parameters.agenda_from
    items = prevention_items(register, person, now) if is_there else ()
    return AgendaView((), reminders, tuple(items))


async def change_agenda(desk: Desk, request: Request) -> Answer:
    """Carry out an operation on reminders or prevention items, and answer what it made."""
    operation = request.interaction.operation
    ins, values = _asked(desk, request)
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command = agenda_command(operation, at, actor, ins, values)
    answer = await changed(desk, command)
    made: dict[str, Value | None] = {"deleted": True}
    if isinstance(answer, int):
        made["number"] = str(answer)
    if isinstance(command, DeclarePrevention):
        made["state"] = state_code(command.state)
    return answer_resource(request, desk, written_parameters(operation, made))


async def export_calendar(desk: Desk, request: Request) -> Answer:
    """Answer the agenda of the token's space as an iCalendar file."""
    caller, at = known_caller(request), desk.host.clock.now()
    person = known_person(desk, caller.patient)
    view = cast("AgendaView", await told(desk, ReadAgenda(at, caller.actor, person.ins)))
    seen = View(person, "", view.appointments)
    appointments = [(one, shown(desk, request, seen, one)) for one in view.appointments]
    name = ("Content-Disposition", 'attachment; filename="agenda.ics"')
    return Answer(HTTPStatus.OK, calendar_of(view, appointments, at), CALENDAR, (_PRIVATE, name))


def _asked(desk: Desk, request: Request) -> tuple[str, dict[str, Value]]:
    """Return whose agenda a request is about, and its parameters.

    Raises:
        Refused: They name nobody, or somebody the token is not for.
        Malformed: They are not those of the operation.
    """
    values = read_parameters(request.interaction.operation, received_resource(request, desk))
    ins = whose(values, known_caller(request))
    if isinstance(ins, Fault):
        raise Refused(ins)
    return ins, values
