"""Schedules: what the editor of an agenda tells of when its actors are there.

They are of no space: the service keeps them for whoever looks for a slot. Each belongs to the
professional or structure that wrote it, and nobody else changes it.

Sources: guide of the ANS on shared agendas 3.0.0 (flows 2a to 2c, 3a), FHIR R4 (Schedule, Slot).
Reading: a slot is busy as long as an appointment that holds it is booked, tentative while one is
asked for; what became of the appointment is read from the agenda it stands in, so that a space
that is erased gives its slots back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from etalon_model.access import refuse_feature
from etalon_model.access_log import Family
from etalon_model.actors import Actor, ActorKind
from etalon_model.agenda.agenda import (
    LIMITS,
    Appointment,
    AppointmentState,
    SlotName,
)
from etalon_model.agenda.openings import (
    Opening,
    ServiceType,
    Slot,
    slots_between,
    some_slots,
    wrong_in,
)
from etalon_model.command import Command
from etalon_model.handlers import handles_catalogue
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.register import Register
from etalon_model.rules import enforces

SlotStatus = Literal["free", "busy", "busy-tentative"]

_KEEPERS: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
_HELD: Final = frozenset(
    {
        AppointmentState.BOOKED,
        AppointmentState.ARRIVED,
        AppointmentState.CHECKED_IN,
        AppointmentState.FULFILLED,
    }
)
_ASKED: Final = frozenset({AppointmentState.PROPOSED, AppointmentState.PENDING})
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment that was given a slot.

    Attributes:
        slot: The slot.
        ends_at: When it ends (UTC).
        ins: Matricule of the person in whose agenda it stands.
        identifier: Its identifier there.
    """

    slot: SlotName
    ends_at: datetime
    ins: str
    identifier: str


@dataclass(slots=True)
class Schedule:
    """When some actors are there, and for what.

    Attributes:
        number: Its number among those of its editor, from 1.
        author: Its editor.
        actors: Whose it is: references and `system|value` of identifiers, each after its type.
        services: What may be done.
        openings: When.
        from_at: First instant it speaks of (UTC), or None.
        until_at: The instant after the last it speaks of (UTC), or None.
        is_active: It may be used.
        revision: How many times it was written.
        received: Digest of what was received of it, or an empty string.
        taken: Appointments given a slot of it, by the day on which the slot starts (UTC).
    """

    number: int
    author: Actor
    actors: tuple[str, ...]
    services: tuple[ServiceType, ...]
    openings: tuple[Opening, ...]
    from_at: datetime | None = None
    until_at: datetime | None = None
    is_active: bool = True
    revision: int = 1
    received: str = ""
    taken: dict[str, tuple[Taken, ...]] = field(default_factory=dict[str, tuple[Taken, ...]])


@dataclass(slots=True)
class Diary:
    """What the service keeps for one editor, outside every space.

    Attributes:
        schedules: By number.
        schedules_made: How many schedules were ever made.
        placed: Matricules of those in whose agenda it wrote an appointment, by its identifier.
    """

    schedules: dict[int, Schedule] = field(default_factory=dict[int, Schedule])
    schedules_made: int = 0
    placed: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class PutSchedule(Command):
    """Write a schedule, as its editor; it concerns nobody's space, so `ins` is empty.

    Attributes:
        number: Which one, or 0 for a new one.
        actors: Whose it is.
        services: What may be done.
        openings: When.
        from_at: First instant it speaks of (UTC), or None.
        until_at: The instant after the last it speaks of (UTC), or None.
        is_active: It may be used.
        expected: The revision that is changed; None for whichever.
        received: Digest of what was received of it, by which it is found, or an empty string.
    """

    family: ClassVar[Family] = Family.SERVICES

    number: int
    actors: tuple[str, ...]
    services: tuple[ServiceType, ...]
    openings: tuple[Opening, ...]
    from_at: datetime | None = None
    until_at: datetime | None = None
    is_active: bool = True
    expected: int | None = None
    received: str = ""


@handles_catalogue(PutSchedule)
@enforces("AGD-08")
def put_schedule(register: Register, command: PutSchedule) -> Outcome:
    """Write it, and answer its number; what was given of it stays given."""
    refusal = _refuse_keeper(register, command) or _refuse_contents(command)
    if refusal is not None:
        return refusal
    diary = register.diaries.get(command.actor.ident) or Diary()
    known: Schedule | None = None
    if command.number:
        found = _schedule_of(register, command, command.number, command.expected)
        if isinstance(found, Refusal):
            return found
        known = found
    elif len(diary.schedules) >= LIMITS["schedules"]:
        return Refusal("AGD-08", "TOO_MANY_IN_AGENDA", "", ("schedules", LIMITS["schedules"]))
    else:
        diary.schedules_made += 1
    register.diaries[command.actor.ident] = diary
    number = known.number if known else diary.schedules_made
    diary.schedules[number] = Schedule(
        number,
        known.author if known else command.actor,
        command.actors,
        command.services,
        command.openings,
        command.from_at,
        command.until_at,
        command.is_active,
        known.revision + 1 if known else 1,
        command.received,
        known.taken if known else {},
    )
    return Accepted(number)


@dataclass(frozen=True, slots=True)
class DeleteSchedule(Command):
    """Take a schedule away, as its editor.

    Attributes:
        number: Which one.
        expected: The revision that is deleted; None for whichever.
    """

    family: ClassVar[Family] = Family.SERVICES

    number: int
    expected: int | None = None


@handles_catalogue(DeleteSchedule)
@enforces("AGD-08")
def delete_schedule(register: Register, command: DeleteSchedule) -> Outcome:
    """Delete it; appointments that were given its slots stay in their agendas."""
    refusal = _refuse_keeper(register, command)
    if refusal is not None:
        return refusal
    found = _schedule_of(register, command, command.number, command.expected)
    if isinstance(found, Refusal):
        return found
    del register.diaries[command.actor.ident].schedules[command.number]
    return ACCEPTED


@enforces("AGD-02")
def _refuse_keeper(register: Register, command: Command) -> Refusal | None:
    """A professional or a structure keeps schedules, once there is an agenda."""
    if command.actor.kind not in _KEEPERS:
        return Refusal("AGD-02", "NOT_FOR_THIS_ACTOR", "", (command.actor.kind.value,))
    return refuse_feature(register.parameters, command, "agenda")


def _refuse_contents(command: PutSchedule) -> Refusal | None:
    for name, found in (
        ("actors", command.actors),
        ("services", command.services),
        ("openings", command.openings),
    ):
        if len(found) > LIMITS[name]:
            return Refusal("AGD-08", "TOO_MANY_IN_AGENDA", "", (name, LIMITS[name]))
    if not command.actors:
        return Refusal("AGD-08", "SCHEDULE_OF_NOBODY", "")
    shortest, longest = LIMITS["service_minutes"], LIMITS["service_minutes_most"]
    for service in command.services:
        if not shortest <= service.minutes <= longest:
            facts = (service.minutes, shortest, longest)
            return Refusal("AGD-08", "SERVICE_LENGTH", "", facts)
    wrong = next((said for one in command.openings if (said := wrong_in(one))), "")
    return Refusal("AGD-08", "OPENING_WRONG", "", (wrong,)) if wrong else None


@enforces("AGD-03", "AGD-08")
def _schedule_of(
    register: Register, command: Command, number: int, expected: int | None
) -> Schedule | Refusal:
    """Return a schedule of whoever asks, at the revision they expect."""
    diary = register.diaries.get(command.actor.ident)
    known = None if diary is None else diary.schedules.get(number)
    if known is None:
        return Refusal("AGD-08", "NO_SUCH_ITEM", "", (number,))
    return refuse_stale(known.revision, expected, "") or known


@enforces("AGD-08")
def refuse_stale(revision: int, expected: int | None, ins: str) -> Refusal | None:
    """Refuse a change of another revision than the one that stands; 0 for none yet."""
    if expected is None or expected == revision:
        return None
    if expected == 0:
        return Refusal("AGD-08", "ITEM_EXISTS", ins)
    return Refusal("AGD-08", "REVISION_PASSED", ins, (expected, revision))


def slots_of(schedule: Schedule, since: datetime, until: datetime) -> tuple[Slot, ...]:
    """Return the slots of a schedule that start in a span (UTC), in order of time.

    Of more than one search may find, one more is returned and no others.
    """
    since, until = _within(schedule, since, until)
    if since >= until:
        return ()
    return some_slots(schedule.openings, schedule.services, since, until)


def _within(schedule: Schedule, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return what of a span a schedule speaks of; nothing of one that may not be used."""
    if not schedule.is_active:
        return until, until
    if schedule.from_at is not None:
        since = max(since, schedule.from_at)
    if schedule.until_at is not None:
        until = min(until, schedule.until_at)
    return since, until


def named_slot(register: Register, name: SlotName) -> tuple[Schedule, Slot] | None:
    """Return a slot by its name, and the schedule it is of; None when there is none now."""
    diary = register.diaries.get(name.editor)
    schedule = None if diary is None else diary.schedules.get(name.schedule)
    if schedule is None:
        return None
    since, until = _within(schedule, name.starts_at, name.starts_at + timedelta(seconds=1))
    for slot in slots_between(schedule.openings, schedule.services, since, until):
        if (slot.starts_at, slot.service) == (name.starts_at, name.offer):
            return schedule, slot
    return None


def slot_status(register: Register, schedule: Schedule, slot: Slot) -> SlotStatus:
    """Return whether a slot is free: of those it overlaps, none is booked or asked for."""
    if not schedule.taken:
        return "free"
    states = {known.state for _, known in _overlapping(register, schedule, slot)}
    if states & _HELD:
        return "busy"
    return "busy-tentative" if states & _ASKED else "free"


@enforces("AGD-08")
def refuse_slots(
    register: Register, names: tuple[SlotName, ...], appointment: Appointment, ins: str
) -> Refusal | None:
    """Refuse slots that are not there, do not fit the appointment, or are booked for another.

    The appointment begins with the first slot and ends with the last (W-AGD-10).
    """
    if len(names) > LIMITS["slots_named"]:
        return Refusal("AGD-08", "TOO_MANY_IN_AGENDA", ins, ("slots", LIMITS["slots_named"]))
    found: list[tuple[Schedule, Slot]] = []
    for name in names:
        one = named_slot(register, name)
        if one is None:
            return Refusal("AGD-08", "NO_SUCH_SLOT", ins, (name.starts_at,))
        found.append(one)
    ends_at = appointment.ends_at
    starts = min(slot.starts_at for _, slot in found)
    ends = max(slot.ends_at for _, slot in found)
    if ends_at is not None and (appointment.starts_at, ends_at) != (starts, ends):
        return Refusal("AGD-08", "SLOT_AND_TIMES_DIFFER", ins, (starts, ends))
    if appointment.state not in _HELD:
        return None
    own = (ins, appointment.identifier)
    for schedule, slot in found:
        for taken, known in _overlapping(register, schedule, slot):
            if known.state in _HELD and (taken.ins, taken.identifier) != own:
                return Refusal("AGD-08", "SLOT_TAKEN", ins, (slot.starts_at,))
    return None


def take_slots(register: Register, ins: str, appointment: Appointment) -> None:
    """Note in the schedules which slots an appointment was given; what lapsed is forgotten."""
    for name in appointment.slots:
        found = named_slot(register, name)
        if found is not None:
            schedule, slot = found
            day = slot.starts_at.date().isoformat()
            live = [
                one
                for one in schedule.taken.get(day, ())
                if _appointment_of(register, one) is not None
                and (one.slot, one.ins, one.identifier) != (name, ins, appointment.identifier)
            ]
            taken = Taken(name, slot.ends_at, ins, appointment.identifier)
            schedule.taken[day] = (*live, taken)


def _overlapping(
    register: Register, schedule: Schedule, slot: Slot
) -> Iterator[tuple[Taken, Appointment]]:
    """Yield what was given of a schedule in the time of a slot, as it now stands."""
    if not schedule.taken:
        return
    day = slot.starts_at.date()
    days = {(day - _DAY).isoformat(), day.isoformat(), slot.ends_at.date().isoformat()}
    for one in sorted(days & schedule.taken.keys()):
        for taken in schedule.taken[one]:
            if taken.slot.starts_at < slot.ends_at and slot.starts_at < taken.ends_at:
                known = _appointment_of(register, taken)
                if known is not None:
                    yield taken, known


def _appointment_of(register: Register, taken: Taken) -> Appointment | None:
    """Return the appointment that was given a slot, None when it has it no more."""
    person = register.people.get(taken.ins)
    held = None if person is None else person.holdings
    agenda = None if held is None else held.agenda
    known = None if agenda is None else agenda.appointments.get(taken.identifier)
    return known if known is not None and taken.slot in known.slots else None
