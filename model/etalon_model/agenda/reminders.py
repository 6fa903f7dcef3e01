"""Reminders: what the holder's side asks to be reminded of.

Source: official application (limits: ten a day, title of a hundred characters, comment of a
thousand). Reading: the ten are counted on the day the reminders are due.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.agenda.agenda import LIMITS, Agenda, Reminder, refuse_text
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class AddReminder(Command):
    """Ask to be reminded.

    Attributes:
        due_on: The day, in Paris.
        title: What to remember.
        comment: More about it.
    """

    family: ClassVar[Family] = Family.SERVICES

    due_on: date
    title: str
    comment: str = ""


@handles(AddReminder)
@enforces("AGD-07")
def add_reminder(register: Register, person: Person, command: AddReminder) -> Outcome:
    """Answer the number of the new reminder, within ten of the same day."""
    refusal = refuse_operation(register, person, command, "edit_agenda") or refuse_text(
        command.ins, command.title, command.comment
    )
    if refusal is not None:
        return refusal
    if command.due_on < paris_date(command.at):
        return Refusal("AGD-07", "DAY_IS_PAST", command.ins, (command.due_on.isoformat(),))
    held = person.holdings
    agenda = Agenda() if held is None or held.agenda is None else held.agenda
    most = LIMITS["reminders_per_day"]
    if sum(other.due_on == command.due_on for other in agenda.reminders.values()) >= most:
        facts = (most, command.due_on.isoformat())
        return Refusal("AGD-07", "TOO_MANY_REMINDERS", command.ins, facts)
    person.held().agenda = agenda
    agenda.reminders_made += 1
    number = agenda.reminders_made
    agenda.reminders[number] = Reminder(
        number, command.actor, command.due_on, command.title, command.comment
    )
    return Accepted(number)


@dataclass(frozen=True, slots=True)
class DeleteReminder(Command):
    """Delete a reminder.

    Attributes:
        number: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    number: int


@handles(DeleteReminder)
@enforces("AGD-02")
def delete_reminder(register: Register, person: Person, command: DeleteReminder) -> Outcome:
    """Delete a reminder of this agenda, from inside the space only."""
    refusal = refuse_operation(register, person, command, "edit_agenda")
    if refusal is not None:
        return refusal
    held = person.holdings
    if held is None or held.agenda is None or command.number not in held.agenda.reminders:
        return Refusal("AGD-01", "NO_SUCH_ITEM", command.ins, (command.number,))
    del held.agenda.reminders[command.number]
    held.agenda.reminded.discard(command.number)
    return ACCEPTED
