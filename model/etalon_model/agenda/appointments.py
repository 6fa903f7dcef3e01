"""Appointments: written by whoever made them, changed by their author only.

A professional, an establishment or a referenced service writes under an identifier of its own:
nothing under that identifier yet creates, its own appointment is updated (conditional PUT).
Sources: guide of the ANS on shared agendas (a request is proposed, a declaration is booked),
official application (ten states; an editor's item cannot be changed), FHIR R4 for the states.
Reading: the codes are certain and the graph between them is ours (`appointment_states.csv`);
the service books nothing, so a holder only notes an appointment already booked elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from etalon_model.access import refuse_feature, refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.agenda.agenda import (
    HOLDER_SIDE,
    Agenda,
    Appointment,
    AppointmentState,
    SlotName,
    refuse_text,
)
from etalon_model.agenda.schedules import Diary, refuse_slots, refuse_stale, take_slots
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.pairings import refuse_unless_consented
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS
from etalon_model.tables import rows_of

_EDITORS: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE, ActorKind.APP)

_ROWS: Final = {AppointmentState(row["state"]): row for row in rows_of("appointment_states.csv")}

NEXT_STATES: Final = {
    state: frozenset(AppointmentState(name) for name in row["next"].split("|") if name)
    for state, row in _ROWS.items()
}
"""Where an appointment may go from each state."""

ENTRY_STATES: Final = {
    side: frozenset(state for state, row in _ROWS.items() if side in row["enters"].split("|"))
    for side in ("editor", "holder")
}
"""States in which an editor, or the holder's side, may write a new appointment."""

FHIR_STATUS: Final = {state: row["fhir_code"] for state, row in _ROWS.items()}
"""The code of each state on the wire."""


@dataclass(frozen=True, slots=True)
class PutAppointment(Command):
    """Write an appointment, or update one's own.

    Attributes:
        identifier: The author's identifier of the appointment.
        starts_at: When it starts (aware).
        title: What it is, at most a hundred characters.
        state: The state to write.
        note: At most a thousand characters.
        ends_at: When it ends (aware), or None when that is not said.
        slots: The slots it is given, by an editor only.
        expected: The revision that is changed: 0 for none yet, None for whichever.
    """

    family: ClassVar[Family] = Family.SERVICES

    identifier: str
    starts_at: datetime
    title: str
    state: AppointmentState = AppointmentState.BOOKED
    note: str = ""
    ends_at: datetime | None = None
    slots: tuple[SlotName, ...] = ()
    expected: int | None = None

    def detail(self) -> str:
        """Return the state written."""
        return self.state.value


@handles(PutAppointment)
@enforces("AGD-02", "AGD-08")
def put_appointment(register: Register, person: Person, command: PutAppointment) -> Outcome:
    """Write the appointment with its author, or update it; the holder hears of an editor's."""
    refusal = (
        _refuse_author(register, person, command)
        or refuse_text(command.ins, command.title, command.note)
        or _refuse_values(command)
    )
    if refusal is not None:
        return refusal
    agenda = _agenda(person)
    known = agenda.appointments.get(command.identifier)
    written = _written(command, known)
    refusal = (_refuse_new(command) if known is None else _refuse_update(command, known)) or (
        refuse_slots(register, command.slots, written, command.ins) if command.slots else None
    )
    if refusal is not None:
        return refusal
    agenda.appointments[command.identifier] = written
    if known is None or known.starts_at != command.starts_at:
        agenda.told.discard(command.identifier)
    person.held().agenda = agenda
    if command.actor.kind in _EDITORS:
        _place(register, command, written)
        if ACCESS[person.state].holder_logs_in:
            to = addressee_of(person, command.at) or command.ins
            register.tell(person, "RDV_AGENDA", to, command.at)
    return ACCEPTED


def _written(command: PutAppointment, known: Appointment | None) -> Appointment:
    """Return the appointment as the command leaves it; its author stays who made it."""
    return Appointment(
        command.identifier,
        command.actor if known is None else known.author,
        command.starts_at,
        command.title,
        command.note,
        command.state,
        command.ends_at,
        command.slots,
        1 if known is None else known.revision + 1,
    )


def _place(register: Register, command: PutAppointment, written: Appointment) -> None:
    """Note where an editor's appointment stands, and which slots it holds."""
    diary = register.diaries.setdefault(command.actor.ident, Diary())
    holders = diary.placed.get(command.identifier, ())
    if command.ins not in holders:
        diary.placed[command.identifier] = (*holders, command.ins)
    take_slots(register, command.ins, written)


@enforces("LIF-02", "AGD-02")
def _refuse_author(register: Register, person: Person, command: Command) -> Refusal | None:
    """Whoever is in the space writes in it; an editor writes as long as the space is open."""
    if command.actor.kind in HOLDER_SIDE:
        return refuse_operation(register, person, command, "edit_agenda")
    return _refuse_editor(register, person, command)


@enforces("LIF-02", "AGD-02")
def _refuse_editor(register: Register, person: Person, command: Command) -> Refusal | None:
    """An editor comes to an open space, a referenced service with a consent."""
    refusal = refuse_feature(register.parameters, command, "agenda")
    if refusal is not None:
        return refusal
    if command.actor.kind not in _EDITORS:
        kind = command.actor.kind.value
        return Refusal("AGD-02", "NOT_FOR_THIS_ACTOR", command.ins, (kind,))
    if not ACCESS[person.state].professionals_feed:
        return Refusal("AGD-02", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    if command.actor.kind is ActorKind.APP:
        return refuse_unless_consented(
            register,
            person,
            command.actor,
            command.at,
            family=ExchangeFamily.AGENDA,
            direction=Direction.WRITE,
        )
    return None


def _refuse_values(command: PutAppointment) -> Refusal | None:
    if not command.identifier:
        return Refusal("AGD-08", "IDENTIFIER_NEEDED", command.ins)
    ends_at = command.ends_at
    if command.starts_at.utcoffset() is None or (ends_at and ends_at.utcoffset() is None):
        return Refusal("AGD-08", "INSTANT_WITHOUT_ZONE", command.ins)
    if ends_at is not None and ends_at <= command.starts_at:
        return Refusal("AGD-08", "ENDS_BEFORE_IT_STARTS", command.ins)
    return None


@enforces("AGD-04")
def _refuse_new(command: PutAppointment) -> Refusal | None:
    """Nobody books here: a holder notes what is booked, an editor asks or declares."""
    if command.expected:
        return Refusal("AGD-01", "NO_SUCH_ITEM", command.ins, (command.identifier,))
    side = "holder" if command.actor.kind in HOLDER_SIDE else "editor"
    if side == "holder" and command.slots:
        return Refusal("AGD-04", "BOOKING_IS_ELSEWHERE", command.ins, (command.state.value,))
    if command.state in ENTRY_STATES[side]:
        return None
    if command.state in ENTRY_STATES["editor"]:
        return Refusal("AGD-04", "BOOKING_IS_ELSEWHERE", command.ins, (command.state.value,))
    return Refusal("AGD-08", "NOT_A_FIRST_STATE", command.ins, (command.state.value,))


@enforces("AGD-03", "AGD-08")
def _refuse_update(command: PutAppointment, known: Appointment) -> Refusal | None:
    """An editor's item is the editor's; a state follows the graph."""
    refusal = _refuse_hands(command, known) or refuse_stale(
        known.revision, command.expected, command.ins
    )
    if refusal is not None:
        return refusal
    if command.slots and command.actor.kind in HOLDER_SIDE:
        return Refusal("AGD-04", "BOOKING_IS_ELSEWHERE", command.ins, (command.state.value,))
    if command.state is known.state or command.state in NEXT_STATES[known.state]:
        return None
    facts = (known.state.value, command.state.value)
    return Refusal("AGD-08", "NO_SUCH_STEP", command.ins, facts)


@enforces("AGD-03")
def _refuse_hands(command: Command, known: Appointment) -> Refusal | None:
    """Refuse the holder before an editor's item, and an editor before somebody else's."""
    if command.actor.kind in HOLDER_SIDE:
        if known.is_read_only:
            return Refusal("AGD-03", "READ_ONLY_ITEM", command.ins, (known.identifier,))
        return None
    if command.actor != known.author:
        return Refusal("AGD-03", "ITEM_OF_ANOTHER", command.ins, (known.identifier,))
    return None


@dataclass(frozen=True, slots=True)
class DeleteAppointment(Command):
    """Take an appointment out of the agenda, as its author.

    Attributes:
        identifier: Which one.
        expected: The revision that is deleted; None for whichever.
    """

    family: ClassVar[Family] = Family.SERVICES

    identifier: str
    expected: int | None = None


@handles(DeleteAppointment)
@enforces("AGD-03")
def delete_appointment(register: Register, person: Person, command: DeleteAppointment) -> Outcome:
    """Delete what the actor wrote."""
    refusal = _refuse_author(register, person, command)
    if refusal is not None:
        return refusal
    agenda = _agenda(person)
    known = agenda.appointments.get(command.identifier)
    if known is None:
        return Refusal("AGD-01", "NO_SUCH_ITEM", command.ins, (command.identifier,))
    refusal = _refuse_hands(command, known) or refuse_stale(
        known.revision, command.expected, command.ins
    )
    if refusal is not None:
        return refusal
    del agenda.appointments[command.identifier]
    agenda.told.discard(command.identifier)
    diary = register.diaries.get(command.actor.ident)
    if diary is not None and command.identifier in diary.placed:
        rest = tuple(ins for ins in diary.placed[command.identifier] if ins != command.ins)
        if rest:
            diary.placed[command.identifier] = rest
        else:
            del diary.placed[command.identifier]
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ReadAppointments(Command):
    """Read the appointments of an agenda: all from inside the space, one's own from outside.

    A referenced service reads through its pairing (`ReadThroughService`).
    """

    family: ClassVar[Family] = Family.SERVICES


@handles(ReadAppointments)
@enforces("AGD-02")
def read_appointments(register: Register, person: Person, command: ReadAppointments) -> Outcome:
    """Answer all of them to whoever is in the space, to an editor those it wrote."""
    kind, ident = command.actor.kind, command.actor.ident
    if kind in HOLDER_SIDE:
        refusal = refuse_operation(register, person, command, "read_agenda")
        return refusal or Accepted(tuple(_agenda(person).appointments.values()))
    if kind is ActorKind.APP:
        return Refusal("AGD-02", "NOT_FOR_THIS_ACTOR", command.ins, (kind.value,))
    refusal = _refuse_editor(register, person, command)
    if refusal is not None:
        return refusal
    known = _agenda(person).appointments.values()
    return Accepted(tuple(one for one in known if one.author.ident == ident))


def _agenda(person: Person) -> Agenda:
    held = person.holdings
    return Agenda() if held is None or held.agenda is None else held.agenda
