"""Prevention items: what is declared about them, and the whole agenda as its reader sees it.

Sources: official application (states, levels, three collections of the agenda).
Reading: a minor's items go to the adult who receives the minor's notices (AGD-13). Items whose
window had closed before the agenda opened are not shown.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.agenda.agenda import (
    Agenda,
    Appointment,
    Declaration,
    PreventionState,
    Reminder,
)
from etalon_model.agenda.prevention_calendar import Window, state_on, windows
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.representation import addressee_of
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

DECLARED_NEXT: Final = {
    PreventionState(row["state"]): frozenset(
        PreventionState(name) for name in row["declared_next"].split("|")
    )
    for row in rows_of("prevention_states.csv")
}
"""What may be declared in each state; closing a window is no declaration."""


@dataclass(frozen=True, slots=True)
class PreventionItem:
    """A prevention item as it stands on a day.

    Attributes:
        window: The rule and its two windows.
        state: What is known of it.
        executed_on: The day it was done, or None.
        recipient: Matricule of the person it goes to.
    """

    window: Window
    state: PreventionState
    executed_on: date | None
    recipient: str


@dataclass(frozen=True, slots=True)
class AgendaView:
    """The three collections of an agenda.

    Attributes:
        appointments: Past and future, by start.
        reminders: By day.
        prevention: By first day, then in the order of the table.
    """

    appointments: tuple[Appointment, ...]
    reminders: tuple[Reminder, ...]
    prevention: tuple[PreventionItem, ...]


@enforces("AGD-05", "AGD-13")
def prevention_items(register: Register, person: Person, at: datetime) -> list[PreventionItem]:
    """Return the items of somebody that have begun at `at`, addressed to whoever they go to."""
    identity, on = person.identity, paris_date(at)
    agenda = None if person.holdings is None else person.holdings.agenda
    declared = {} if agenda is None else agenda.declarations
    recipient = addressee_of(person, at) or identity.ins
    opened_on = register.parameters.agenda_from
    items: list[PreventionItem] = []
    for window in windows(identity.birth_on, identity.sex, on, declared, opened_on):
        known = declared.get(window.key)
        executed_on = None if known is None else known.executed_on
        items.append(PreventionItem(window, state_on(window, on, known), executed_on, recipient))
    return items


@dataclass(frozen=True, slots=True)
class ReadAgenda(Command):
    """Read the agenda, from inside the space."""

    family: ClassVar[Family] = Family.SERVICES


@handles(ReadAgenda)
@enforces("AGD-01")
def read_agenda(register: Register, person: Person, command: ReadAgenda) -> Outcome:
    """Answer an `AgendaView`."""
    refusal = refuse_operation(register, person, command, "read_agenda")
    if refusal is not None:
        return refusal
    held = person.holdings
    agenda = Agenda() if held is None or held.agenda is None else held.agenda
    items = prevention_items(register, person, command.at)
    return Accepted(
        AgendaView(
            tuple(sorted(agenda.appointments.values(), key=lambda known: known.starts_at)),
            tuple(sorted(agenda.reminders.values(), key=lambda known: known.due_on)),
            tuple(sorted(items, key=lambda item: item.window.from_on)),
        )
    )


@dataclass(frozen=True, slots=True)
class DeclarePrevention(Command):
    """Say that a prevention item was done, was not, or is to plan again.

    Attributes:
        key: Key of the item (`SCR_BREAST.1`).
        state: What is declared.
        executed_on: The day it was done; None unless it was.
    """

    family: ClassVar[Family] = Family.SERVICES

    key: str
    state: PreventionState
    executed_on: date | None = None

    def detail(self) -> str:
        """Return what is declared."""
        return self.state.value


@handles(DeclarePrevention)
@enforces("AGD-06")
def declare_prevention(register: Register, person: Person, command: DeclarePrevention) -> Outcome:
    """Keep the declaration, or drop the one there was when the item is to plan again."""
    refusal = refuse_operation(register, person, command, "edit_agenda")
    if refusal is not None:
        return refusal
    items = prevention_items(register, person, command.at)
    item = next((item for item in items if item.window.key == command.key), None)
    if item is None:
        return Refusal("AGD-05", "NO_SUCH_ITEM", command.ins, (command.key,))
    refusal = _refuse_step(item, command) or _refuse_day(item, command)
    if refusal is not None:
        return refusal
    held = person.held()
    agenda = held.agenda = held.agenda or Agenda()
    if command.state is PreventionState.TO_PLAN:
        del agenda.declarations[command.key]
    else:
        agenda.declarations[command.key] = Declaration(command.state, command.executed_on)
    return ACCEPTED


@enforces("AGD-06")
def _refuse_step(item: PreventionItem, command: DeclarePrevention) -> Refusal | None:
    """A declaration follows the graph; nothing is to plan once the window has closed."""
    facts = (item.state.value, command.state.value)
    if command.state not in DECLARED_NEXT[item.state]:
        return Refusal("AGD-06", "NO_SUCH_STEP", command.ins, facts)
    closed = item.window.until_on <= paris_date(command.at)
    if command.state is PreventionState.TO_PLAN and closed:
        until = item.window.until_on.isoformat()
        return Refusal("AGD-06", "PREVENTION_WINDOW_CLOSED", command.ins, (until,))
    return None


def _refuse_day(item: PreventionItem, command: DeclarePrevention) -> Refusal | None:
    """A day belongs to an item done: from its campaign on, and not in the future."""
    day = command.executed_on
    if (command.state is PreventionState.DONE) is not (day is not None):
        return Refusal("AGD-06", "EXECUTION_DAY_WITH_DONE_ONLY", command.ins)
    first = item.window.campaign_from_on
    if day is not None and not first <= day <= paris_date(command.at):
        facts = (day.isoformat(), first.isoformat())
        return Refusal("AGD-06", "EXECUTION_DAY_OUTSIDE", command.ins, facts)
    return None
