"""Searches of the agenda: appointments of a space, schedules of editors, slots of a time.

Sources: GAP 3.0.0 (flows 4a, 4b, 5a, 5b and its search parameters), FHIR R4 (Appointment, Schedule,
Slot). Reading: of a search of slots without its last instant, a month is answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from etalon_model.agenda.agenda import LIMITS, Appointment
from etalon_model.agenda.appointments import FHIR_STATUS
from etalon_model.agenda.openings import Slot
from etalon_model.agenda.schedules import Schedule, SlotStatus
from etalon_wire.agenda.places import ScheduleName, schedule_id, slot_id
from etalon_wire.agenda.schedules import SLOT_SYSTEM, actor_names
from etalon_wire.bundles import Query
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import id_in
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.instants import span_of
from etalon_wire.records.parties import INS_TYPES
from etalon_wire.records.search_parameters import (
    Asked,
    Understood,
    WrongError,
    both,
    dated,
    plain,
    refuse,
    tokens,
    understand,
)
from etalon_wire.validation.reading import part, parts, text

SPAN: Final = timedelta(days=LIMITS["slot_days"])
_LATEST: Final = 2200
_EARLIEST: Final = 1900


class Held:
    """An appointment as its reader sees it; what FHIR shows of it is made when asked for.

    Attributes:
        appointment: As the model has it.
    """

    __slots__ = ("_show", "_shown", "appointment")

    def __init__(self, appointment: Appointment, show: Callable[[Appointment], Resource]) -> None:
        """Take an appointment, and what shows it to its reader."""
        self.appointment = appointment
        self._show = show
        self._shown: Resource | None = None

    @property
    def shown(self) -> Resource:
        """The appointment as FHIR shows it."""
        if self._shown is None:
            self._shown = self._show(self.appointment)
        return self._shown


class Open(NamedTuple):
    """A slot, and how it stands.

    Attributes:
        schedule: Of which schedule.
        slot: When.
        status: Whether it is free.
    """

    schedule: Schedule
    slot: Slot
    status: SlotStatus


@dataclass(frozen=True, slots=True)
class AppointmentSearch:
    """A search of appointments.

    Attributes:
        search: Whose, and what they meet.
        identifiers: Identifiers one of which is asked for, `system|value`; empty for any.
    """

    search: Search[Held]
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """A search of slots.

    Attributes:
        schedules: What their schedule meets.
        search: What they meet.
        statuses: How they may stand; in any way when empty.
        since: First instant at which they may start (UTC), or None for now.
        until: The instant after the last (UTC), or None.
        includes: Names of what is asked for beside them.
    """

    schedules: Search[Schedule]
    search: Search[Open]
    statuses: frozenset[str]
    since: datetime | None
    until: datetime | None
    includes: frozenset[str]


def read_appointment_search(query: Query, *, strict: bool, base: str) -> AppointmentSearch | Fault:
    """Return what a search of Appointment asks for, or what is wrong with it."""
    try:
        understood = understand("Appointment", query, strict=strict, sorts=("date",))
        asked = tuple(_whose(one, base) for one in understood.asked)
        understood = replace(understood, asked=asked)
        wanted = [one for one in asked if one.means == "identifier"]
        return AppointmentSearch(
            search_of(understood, base, _OF_APPOINTMENTS),
            tuple(plain(value) for value in wanted[0].values) if wanted else (),
        )
    except WrongError as wrong:
        return wrong.fault


def _whose(asked: Asked, base: str) -> Asked:
    """Read an actor who is the person as the person; another is a participant."""
    if asked.means != "actor":
        return asked
    value = plain(asked.values[0])
    system, bar, _ = value.partition("|")
    if bar and system.removeprefix("urn:oid:") in INS_TYPES:
        return replace(asked, means="matricule")
    if id_in(value, "Patient", base):
        return replace(asked, means="person")
    return asked


def read_schedule_search(query: Query, *, strict: bool, base: str) -> Search[Schedule] | Fault:
    """Return what a search of Schedule asks for, or what is wrong with it."""
    try:
        understood = understand("Schedule", query, strict=strict, sorts=())
        _need(understood, "actor", "id", name="actor")
        return search_of(understood, base, _OF_SCHEDULES)
    except WrongError as wrong:
        return wrong.fault


def read_slot_search(query: Query, *, strict: bool, base: str) -> SlotSearch | Fault:
    """Return what a search of Slot asks for, or what is wrong with it."""
    includes = frozenset(value for name, value in query if name in _INCLUDES)
    query = [(name, value) for name, value in query if name not in _INCLUDES]
    try:
        understood = understand("Slot", query, strict=strict, sorts=("start",))
        _need(understood, "schedule", "actor", name="schedule")
        for value in includes - _INCLUDED:
            refuse("PARAMETER_WRONG", f"_include={value[:40]} is not understood", "_include")
        since, until = _span(understood)
        return SlotSearch(
            search_of(understood, base, _on_schedules(base)),
            search_of(understood, base, _OF_SLOTS),
            _statuses(understood),
            since,
            until,
            includes,
        )
    except WrongError as wrong:
        return wrong.fault


_INCLUDES: Final = frozenset({"_include", "_include:iterate"})
_INCLUDED: Final = frozenset({"Slot:schedule", "Schedule:actor"})


def _need(understood: Understood, *means: str, name: str) -> None:
    if not any(one.means in means for one in understood.asked):
        refuse("PARAMETER_MISSING", f"{name} is missing: say whose", name)


def _span(understood: Understood) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last instant at which a slot may start, each where it is said."""
    within = None
    for one in understood.asked:
        if one.means == "start":
            within = both(within, dated(one).within)
    since = None if within is None else within.start
    until = None if within is None else within.end
    for instant in (since, until):
        if instant is not None and not _EARLIEST <= instant.year <= _LATEST:
            refuse("PARAMETER_WRONG", f"start: a year from {_EARLIEST} to {_LATEST}", "start")
    if since is not None and until is not None and until - since > SPAN:
        days = LIMITS["slot_days"]
        refuse("PARAMETER_WRONG", f"start: {days} days at most, search again for more", "start")
    return since, until


def _statuses(understood: Understood) -> frozenset[str]:
    """Return the statuses that every parameter allows; one that is none when they allow none."""
    wanted: frozenset[str] | None = None
    for one in understood.asked:
        if one.means == "status":
            codes = _codes(one)
            wanted = codes if wanted is None else wanted & codes
    return frozenset[str]() if wanted is None else wanted or frozenset({"none"})


def _codes(asked: Asked) -> frozenset[str]:
    return frozenset(one.code for one in tokens(asked))


def _by_status(asked: Asked) -> Callable[[Held], bool]:
    wanted = _codes(asked)
    return lambda held: FHIR_STATUS[held.appointment.state] in wanted


def _by_identifier(asked: Asked) -> Callable[[Held], bool]:
    wanted = tokens(asked)

    def is_met(held: Held) -> bool:
        return any(
            token.is_met(text(one, "system"), text(one, "value"))
            for one in parts(held.shown, "identifier")
            for token in wanted
        )

    return is_met


def _by_date(asked: Asked) -> Callable[[Held], bool]:
    within = dated(asked).within
    return lambda held: within.holds(held.appointment.starts_at)


def _by_creation(asked: Asked) -> Callable[[Held], bool]:
    within = dated(asked).within

    def is_met(held: Held) -> bool:
        span = span_of(text(held.shown, "created"))
        return span is not None and within.holds(span[0])

    return is_met


def _by_participant(asked: Asked) -> Callable[[Held], bool]:
    wanted = _names_asked(asked)

    def is_met(held: Held) -> bool:
        actors = (part(one, "actor") for one in parts(held.shown, "participant"))
        return any(_is_named(name, wanted) for actor in actors for name in actor_names(actor))

    return is_met


def _by_service(asked: Asked) -> Callable[[Held], bool]:
    wanted = tokens(asked)

    def is_met(held: Held) -> bool:
        return any(
            token.is_met(text(coding, "system"), text(coding, "code"))
            for concept in parts(held.shown, "serviceType")
            for coding in parts(concept, "coding")
            for token in wanted
        )

    return is_met


def _by_description(asked: Asked) -> Callable[[Held], bool]:
    wanted = tuple(plain(value).casefold() for value in asked.values)
    return lambda held: text(held.shown, "description").casefold().startswith(wanted)


def _by_priority(asked: Asked) -> Callable[[Held], bool]:
    wanted = _codes(asked)
    return lambda held: str(held.shown.get("priority", "")) in wanted


def _by_information(asked: Asked) -> Callable[[Held], bool]:
    wanted = {plain(value) for value in asked.values}
    return lambda held: any(
        text(one, "reference") in wanted for one in parts(held.shown, "supportingInformation")
    )


def _by_id(asked: Asked) -> Callable[[Held], bool]:
    wanted = {plain(value) for value in asked.values}
    return lambda held: held.shown["id"] in wanted


_OF_APPOINTMENTS: Final[Mapping[str, Callable[[Asked], Callable[[Held], bool]]]] = {
    "status": _by_status,
    "identifier": _by_identifier,
    "date": _by_date,
    "created": _by_creation,
    "actor": _by_participant,
    "service": _by_service,
    "description": _by_description,
    "priority": _by_priority,
    "information": _by_information,
    "id": _by_id,
}


def _names_asked(asked: Asked) -> tuple[str, str, frozenset[str]]:
    """Return the type of actor that a parameter names, or empty, and what it asks for."""
    name = asked.name.rpartition(".")[0] if asked.name.endswith(".identifier") else ""
    kind = name.partition(":")[2] or _TYPED.get(name.rpartition(".")[2], "")
    values = frozenset(plain(value) for value in asked.values)
    return kind, "identifier" if name else "reference", values


_TYPED: Final = {"practitioner": "Practitioner", "location": "Location", "patient": "Patient"}


def _is_named(name: str, wanted: tuple[str, str, frozenset[str]]) -> bool:
    """Whether a name of an actor is one of those asked for."""
    kind, form, values = wanted
    said, _, rest = name.partition(" ")
    if form == "reference":
        return said == "reference" and any(
            rest == value or rest.endswith(f"/{value}") for value in values
        )
    if said == "reference" or (kind and said not in {kind, "any"}):
        return False
    return rest in values or rest.partition("|")[2] in values


def _of_actor(asked: Asked) -> Callable[[Schedule], bool]:
    wanted = _names_asked(asked)
    return lambda schedule: any(_is_named(name, wanted) for name in schedule.actors)


def _of_schedule_id(asked: Asked) -> Callable[[Schedule], bool]:
    wanted = {plain(value) for value in asked.values}
    return lambda one: schedule_id(ScheduleName(one.author.ident, one.number)) in wanted


_OF_SCHEDULES: Final[Mapping[str, Callable[[Asked], Callable[[Schedule], bool]]]] = {
    "actor": _of_actor,
    "id": _of_schedule_id,
}


def _on_schedules(
    base: str,
) -> Mapping[str, Callable[[Asked], Callable[[Schedule], bool]]]:
    def of_reference(asked: Asked) -> Callable[[Schedule], bool]:
        values = (plain(value) for value in asked.values)
        wanted = {id_in(value, "Schedule", base) or value for value in values}
        return lambda one: schedule_id(ScheduleName(one.author.ident, one.number)) in wanted

    return {"actor": _of_actor, "schedule": of_reference}


def _slot_identifier(asked: Asked) -> Callable[[Open], bool]:
    wanted = tokens(asked)

    def is_met(one: Open) -> bool:
        ident = slot_id(ScheduleName(one.schedule.author.ident, one.schedule.number), one.slot)
        return any(token.is_met(SLOT_SYSTEM, ident) for token in wanted)

    return is_met


def _slot_service(asked: Asked) -> Callable[[Open], bool]:
    wanted = tokens(asked)

    def is_met(one: Open) -> bool:
        if one.slot.service < 0:
            return False
        system, _, code = one.schedule.services[one.slot.service].code.rpartition("|")
        return any(token.is_met(system, code) for token in wanted)

    return is_met


_OF_SLOTS: Final[Mapping[str, Callable[[Asked], Callable[[Open], bool]]]] = {
    "identifier": _slot_identifier,
    "service": _slot_service,
}
