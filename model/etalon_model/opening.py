"""Automatic opening: silence until the end of the window opens the space.

Sources: CSP art. R. 1111-28.
Reading: *not before* the window ends; opening later is never a failure (decision 0010).
"""

from dataclasses import dataclass
from datetime import datetime

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.legacy import integrate_legacy_record
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of, is_minor, refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T06 = TRANSITIONS["T06"]
_T07 = TRANSITIONS["T07"]
_T09 = TRANSITIONS["T09"]


@dataclass(frozen=True, slots=True)
class OpenAutomatically(Command):
    """Open the space of somebody who kept silent (T06)."""


@handles(OpenAutomatically)
@enforces("LIF-04", "LIF-06")
def open_automatically(register: Register, person: Person, command: OpenAutomatically) -> Outcome:
    """Open the space, not before the end of the window; minors' spaces open alike."""
    at = command.at
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM, ActorKind.INSURER) or (
        _refuse_opening(person, at)
    )
    if refusal is not None:
        return refusal
    person.opened_at = at
    if person.dossier is not None:
        person.dossier.failed_at = None
        integrate_legacy_record(person)
    register.move(person, _T06, at)
    return ACCEPTED


@enforces("LIF-04", "LIF-05", "LIF-25")
def _refuse_opening(person: Person, at: datetime) -> Refusal | None:
    """Nothing opens in the window, without a notice that left well, or while it is held."""
    ins = person.identity.ins
    if person.state is not State.NOTIFIED or person.window_ends_at is None:
        return _refuse_state(person)
    if at < person.window_ends_at:
        return Refusal("LIF-04", "WINDOW_RUNNING", ins, (person.window_ends_at,))
    if person.bounced:
        return Refusal("LIF-05", "LETTER_DUE", ins)
    if person.dossier is not None and person.dossier.held:
        return Refusal("LIF-25", "OPENING_HELD", ins)
    return None


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
    to = addressee_of(person, command.at) or command.ins
    register.tell(person, "OPENING_IMPOSSIBLE", to, command.at)
    register.move(person, _T07, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DeclareNotRepresentative(Command):
    """Declare that one got the notice of a child one does not represent (T09)."""


@handles(DeclareNotRepresentative)
@enforces("LIF-25")
def declare_not_representative(
    register: Register, person: Person, command: DeclareNotRepresentative
) -> Outcome:
    """Hold the automatic opening until a representative activates or objects."""
    if not is_minor(person, command.at):
        return Refusal("LIF-25", "NOT_A_MINOR", command.ins)
    if command.actor.ident != addressee_of(person, command.at):
        return Refusal("LIF-25", "NOT_THE_ADDRESSEE", command.ins, (command.actor.ident,))
    if person.state is not State.NOTIFIED:
        return Refusal("LIF-25", "NOTHING_TO_OPEN", command.ins, (person.state.value,))
    person.kept().held = True
    register.move(person, _T09, command.at)
    return ACCEPTED
