"""Notices of the agenda: appointments near, reminders due, prevention items to plan.

Sources: official application (event codes), notices without medical content.
Reading: the lead before an appointment is gap G12; each thing is announced once. Nothing is sent
to somebody who never entered their space.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from etalon_model.access import refuse_feature
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.agenda.agenda import Agenda, AppointmentState, PreventionState
from etalon_model.agenda.prevention import prevention_items
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.representation import addressee_of, refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_CODES: Final = {"screening": "RAPPEL_RDV_PREV_DEPIST", "vaccine": "RAPPEL_RDV_PREV_VACC"}
_EXAMINATION: Final = "EXAMEN_RECOMMANDE"


@dataclass(frozen=True, slots=True)
class AnnounceAgenda(Command):
    """Send what is due from an agenda, as the system does every day."""

    family: ClassVar[Family] = Family.SERVICES


@handles(AnnounceAgenda)
@enforces("AGD-01", "AGD-13")
def announce_agenda(register: Register, person: Person, command: AnnounceAgenda) -> Outcome:
    """Send each notice once, to the holder or to a minor's representative; answer the codes."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM) or refuse_feature(
        register.parameters, command, "agenda"
    )
    if refusal is not None:
        return refusal
    if not ACCESS[person.state].holder_logs_in:
        return Refusal("AGD-13", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    to = addressee_of(person, command.at) or command.ins
    held = person.held()
    agenda = held.agenda = held.agenda or Agenda()
    codes = (
        *_appointments(register, agenda, command.at),
        *_reminders(agenda, command.at),
        *_prevention(register, person, agenda, command.at),
    )
    for code in codes:
        register.tell(person, code, to, command.at)
    return Accepted(codes)


def _appointments(register: Register, agenda: Agenda, at: datetime) -> Iterator[str]:
    lead = timedelta(hours=register.parameters.policies.reminder_lead_hours)
    for known in agenda.appointments.values():
        near = known.starts_at - lead <= at < known.starts_at
        if near and known.state is AppointmentState.BOOKED and known.identifier not in agenda.told:
            agenda.told.add(known.identifier)
            yield "RDV_AGENDA"


def _reminders(agenda: Agenda, at: datetime) -> Iterator[str]:
    on = paris_date(at)
    for known in agenda.reminders.values():
        if known.due_on <= on and known.number not in agenda.reminded:
            agenda.reminded.add(known.number)
            yield "RAPPEL_AGENDA"


def _prevention(register: Register, person: Person, agenda: Agenda, at: datetime) -> Iterator[str]:
    told_until_on = agenda.invited_until_on
    for item in prevention_items(register, person, at):
        begun_on = item.window.campaign_from_on
        if item.state is PreventionState.TO_PLAN and (
            told_until_on is None or begun_on > told_until_on
        ):
            yield _CODES.get(item.window.rule.kind, _EXAMINATION)
    agenda.invited_until_on = paris_date(at)
