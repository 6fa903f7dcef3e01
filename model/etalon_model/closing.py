"""Closing: by the holder on the web site, or through the support desk before any activation.

Sources: CSP art. R. 1111-36; official application (password, web only, not a caregiver).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.delegation import end_every_sharing
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person, Route
from etalon_model.register import Register
from etalon_model.representation import refuse_unless_decides
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T11 = TRANSITIONS["T11"]
_T12 = TRANSITIONS["T12"]
_T13 = TRANSITIONS["T13"]


@dataclass(frozen=True, slots=True)
class CloseSpace(Command):
    """Close an activated space (T12), with erasure if asked (T13).

    Attributes:
        through: Where it is asked for; only the web site closes.
        password_reentered: The password was typed again.
        erase: Erasure is asked for at once.
    """

    through: Route
    password_reentered: bool
    erase: bool = False

    def detail(self) -> str:
        """Return whether erasure is asked for."""
        return "erase" if self.erase else "archive"


@handles(CloseSpace)
@enforces("LIF-03", "LIF-12", "LIF-13", "LIF-30")
def close_space(register: Register, person: Person, command: CloseSpace) -> Outcome:
    """Close the space at once for everybody; keep its content in the archive."""
    ins = command.ins
    if command.actor.kind is ActorKind.CAREGIVER:
        return Refusal("LIF-30", "CAREGIVER_CANNOT_CLOSE", ins, (command.actor.ident,))
    refusal = refuse_unless_decides(register, person, command.actor, command.at)
    if refusal is not None:
        return refusal
    if person.state is not State.OPEN_ACTIVE:
        return Refusal("LIF-12", "NOTHING_TO_CLOSE", ins, (person.state.value,))
    if command.through is not Route.WEB:
        return Refusal("LIF-30", "WEB_ONLY", ins, (command.through.value,))
    if not command.password_reentered:
        return Refusal("LIF-30", "PASSWORD_NEEDED", ins)
    dossier = person.kept()
    dossier.closed_at = command.at
    if command.erase:
        dossier.erasure_asked_at = command.at
    end_every_sharing(register, person, command.at)
    register.tell(person, "CLOSURE_ACK", command.actor.ident, command.at)
    register.move(person, _T13 if command.erase else _T12, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class CloseThroughSupport(Command):
    """Close a space that was never activated, through the support desk (T11).

    Attributes:
        through: Telephone, post or counter.
    """

    through: Route

    def detail(self) -> str:
        """Return the route."""
        return self.through.value


@handles(CloseThroughSupport)
@enforces("LIF-12")
def close_through_support(
    register: Register, person: Person, command: CloseThroughSupport
) -> Outcome:
    """Close the space nobody entered; keep its content in the archive."""
    refusal = refuse_unless_decides(register, person, command.actor, command.at)
    if refusal is not None:
        return refusal
    if person.state is not State.OPEN_INACTIVE:
        return Refusal("LIF-12", "NOTHING_TO_CLOSE", command.ins, (person.state.value,))
    person.kept().closed_at = command.at
    register.tell(person, "CLOSURE_ACK", command.actor.ident, command.at)
    register.move(person, _T11, command.at)
    return ACCEPTED
