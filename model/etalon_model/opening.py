"""Automatic opening: silence until the end of the window opens the space.

Sources: CSP art. R. 1111-28.
Reading: *not before* the window ends; opening later is never a failure (decision 0010).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.legacy import integrate_legacy_record
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State
from etalon_model.territory import refuse_out_of_scope

_T06 = TRANSITIONS["T06"]
_T07 = TRANSITIONS["T07"]
_T09 = TRANSITIONS["T09"]


@dataclass(frozen=True, slots=True)
class OpenAutomatically(Command):
    """Open the space of somebody who kept silent (T06)."""


@handles(OpenAutomatically)
@enforces("LIF-04", "LIF-06", "LIF-25")
def open_automatically(register: Register, person: Person, command: OpenAutomatically) -> Outcome:
    """Open the space, not before the end of the window; minors' spaces open alike."""
    at = command.at
    kind = command.actor.kind
    if kind is not ActorKind.SYSTEM and kind is not ActorKind.INSURER:
        return _refuse_actor(person, command)
    if person.state is not State.NOTIFIED:
        return _refuse_state(person)
    if person.window_ends_at is None or at < person.window_ends_at:
        return Refusal("LIF-04", "WINDOW_RUNNING", command.ins, (person.window_ends_at or at,))
    if person.bounced:
        return Refusal("LIF-05", "LETTER_DUE", command.ins)
    dossier = person.dossier
    if dossier is not None and dossier.held:
        return Refusal("LIF-25", "OPENING_HELD", command.ins)
    refusal = refuse_out_of_scope(register.parameters, person, at)
    if refusal is not None:
        return refusal
    if person.opened_at is None:
        person.opened_at = at
    if dossier is not None:
        dossier.failed_at = None
        integrate_legacy_record(person)
    register.move(person, _T06, at)
    return ACCEPTED


def _refuse_actor(person: Person, command: Command) -> Refusal:
    return Refusal("TRC-03", "NOT_FOR_THIS_ACTOR", person.identity.ins, (command.actor.kind.value,))


def _refuse_state(person: Person) -> Refusal:
    ins = person.identity.ins
    if person.is_dead:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", ins)
    if person.state is State.OPPOSED:
        return Refusal("LIF-04", "OPPOSED", ins, (person.since,))
    return Refusal("LIF-04", "NOTHING_TO_OPEN", ins, (person.state.value,))


@dataclass(frozen=True, slots=True)
class ReportOpeningFailure(Command):
    """Report that a space could not be opened for a technical reason (T07)."""


@handles(ReportOpeningFailure)
@enforces("LIF-23")
def report_opening_failure(
    register: Register, person: Person, command: ReportOpeningFailure
) -> Outcome:
    """Record the failure and tell the person; the opening stays due."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    if person.state is not State.NOTIFIED:
        return Refusal("LIF-23", "NOTHING_TO_OPEN", command.ins, (person.state.value,))
    person.kept().failed_at = command.at
    register.move(person, _T07, command.at)
    return ACCEPTED
