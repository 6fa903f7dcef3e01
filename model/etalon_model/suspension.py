"""Suspension: the insurer holds a space for a serious malfunction or a fraud.

Sources: CSP art. R. 1111-36.
Reading: a space that is reinstated goes back to the state it had (decision 0017).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.delegation import end_every_sharing
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of, refuse_unless, refuse_unless_decides
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T22 = TRANSITIONS["T22"]
_T23 = TRANSITIONS["T23"]
_T24 = TRANSITIONS["T24"]


@dataclass(frozen=True, slots=True)
class Suspend(Command):
    """Suspend an open space (T22).

    Attributes:
        reason: A serious malfunction or a fraud.
    """

    reason: Literal["malfunction", "fraud"]

    def detail(self) -> str:
        """Return the reason."""
        return self.reason


@handles(Suspend)
@enforces("LIF-24")
def suspend(register: Register, person: Person, command: Suspend) -> Outcome:
    """Hold the space and tell the holder; the time to object runs from now."""
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    if person.state not in _T22.sources:
        return Refusal("LIF-24", "NOTHING_TO_SUSPEND", command.ins, (person.state.value,))
    dossier = person.kept()
    dossier.suspended_at = command.at
    dossier.before_suspension = person.state
    register.tell(
        person, "SUSPENSION_INFO", addressee_of(person, command.at) or command.ins, command.at
    )
    register.move(person, _T22, command.at)
    return ACCEPTED


def suspension_ends_at(register: Register, person: Person) -> datetime | None:
    """Return when a suspension without objection closes the space (UTC), or None."""
    if person.dossier is None or person.dossier.suspended_at is None:
        return None
    return register.parameters.suspension.after(person.dossier.suspended_at)


@dataclass(frozen=True, slots=True)
class ObjectToSuspension(Command):
    """Object to the suspension, as the holder or their representative (T24)."""


@handles(ObjectToSuspension)
@enforces("LIF-24")
def object_to_suspension(
    register: Register, person: Person, command: ObjectToSuspension
) -> Outcome:
    """Give the space back, when the objection comes in time."""
    refusal = refuse_unless_decides(register, person, command.actor, command.at)
    if refusal is not None:
        return refusal
    ends_at = suspension_ends_at(register, person)
    if person.state is not State.SUSPENDED or ends_at is None:
        return Refusal("LIF-24", "NOT_SUSPENDED", command.ins, (person.state.value,))
    if command.at >= ends_at:
        return Refusal("LIF-24", "SUSPENSION_OVER", command.ins, (ends_at,))
    return _give_back(register, person, command)


@dataclass(frozen=True, slots=True)
class Reinstate(Command):
    """Give a suspended space back once the trouble is mended, as the insurer (T24)."""


@handles(Reinstate)
@enforces("LIF-24")
def reinstate(register: Register, person: Person, command: Reinstate) -> Outcome:
    """Give the space back."""
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    if person.state is not State.SUSPENDED:
        return Refusal("LIF-24", "NOT_SUSPENDED", command.ins, (person.state.value,))
    return _give_back(register, person, command)


def _give_back(register: Register, person: Person, command: Command) -> Outcome:
    dossier = person.kept()
    register.move(person, _T24, command.at, to=dossier.before_suspension)
    dossier.suspended_at = None
    dossier.before_suspension = None
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class CloseSuspended(Command):
    """Close a suspended space whose holder did not object in time (T23)."""


@handles(CloseSuspended)
@enforces("LIF-24")
def close_suspended(register: Register, person: Person, command: CloseSuspended) -> Outcome:
    """Close and archive the space, not before the six weeks are over."""
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    ends_at = suspension_ends_at(register, person)
    if person.state is not State.SUSPENDED or ends_at is None:
        return Refusal("LIF-24", "NOT_SUSPENDED", command.ins, (person.state.value,))
    if command.at < ends_at:
        return Refusal("LIF-24", "SUSPENSION_RUNNING", command.ins, (ends_at,))
    dossier = person.kept()
    dossier.closed_at = command.at
    dossier.suspended_at = None
    dossier.before_suspension = None
    end_every_sharing(register, person, command.at)
    register.move(person, _T23, command.at)
    return ACCEPTED
