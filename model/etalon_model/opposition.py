"""Objection: the person, or who decides for them, refuses the space.

Sources: CSP art. R. 1111-28, L. 1111-13-1; ordonnance n° 2020-232; official application (proof).
Reading: the end of the window is the earliest automatic opening; until the space is opened an
objection is still received (decision 0010). When two parents disagree the first validated
request is enough and the other may still ask for the space (gap G4, decision 0012), unless the
policy `parents_policy` asks for both.
"""

from dataclasses import dataclass
from datetime import datetime

from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.identification import (
    IdentityInputs,
    refuse_unless_code_is_valid,
    refuse_unless_identified,
    use_code,
)
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person, Route
from etalon_model.register import Register
from etalon_model.representation import refuse_unless_may_object
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T04 = TRANSITIONS["T04"]


@dataclass(frozen=True, slots=True)
class OppositionProof:
    """The proof handed to whoever objected.

    Attributes:
        ins: The person for whom no space is opened.
        opposed_at: When the objection was recorded, which is the date of the state (UTC).
        through: How it was received.
    """

    ins: str
    opposed_at: datetime
    through: Route


@dataclass(frozen=True, slots=True)
class OppositionWaiting:
    """What one parent is answered when both must object.

    Attributes:
        ins: The child.
        asked_by: Matricule of the parent whose request waits.
    """

    ins: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class Oppose(Command):
    """Object to the space (T04).

    Attributes:
        through: Web site, telephone, post or counter.
        inputs: What the person types or says to be recognised.
        code: Provisional code; needed on the web site only.
    """

    through: Route
    inputs: IdentityInputs | None
    code: str | None = None

    def detail(self) -> str:
        """Return the route."""
        return self.through.value


@handles(Oppose)
@enforces("LIF-03", "LIF-10", "LIF-11", "LIF-17")
def oppose(register: Register, person: Person, command: Oppose) -> Outcome:
    """Record the objection, the same by every route; answer the `OppositionProof`.

    When both parents of a child must object, the first is answered an `OppositionWaiting`.
    """
    refusal = (
        refuse_unless_may_object(register, person, command.actor, command.at)
        or _refuse_state(person)
        or _refuse_unproved(register, person, command)
        or _refuse_same_parent(person, command)
    )
    if refusal is not None:
        return refusal
    if command.code is not None:
        use_code(person)
    dossier = person.kept()
    if _other_parent_is_needed(register, person, command):
        dossier.objecting = command.actor.ident
        return Accepted(OppositionWaiting(command.ins, command.actor.ident))
    dossier.objecting = ""
    dossier.opposed_at = command.at
    register.move(person, _T04, command.at)
    return Accepted(OppositionProof(command.ins, command.at, command.through))


def _refuse_same_parent(person: Person, command: Oppose) -> Refusal | None:
    if person.dossier is None or person.dossier.objecting != command.actor.ident:
        return None
    return Refusal("REP-01", "OTHER_PARENT_NEEDED", command.ins, (command.actor.ident,))


def _other_parent_is_needed(register: Register, person: Person, command: Oppose) -> bool:
    return (
        register.parameters.policies.parents_policy == "both"
        and len(person.representatives) > 1
        and command.actor.ident in person.representatives
        and not person.kept().objecting
    )


def _refuse_state(person: Person) -> Refusal | None:
    state = person.state
    ins = person.identity.ins
    if state is State.NOTIFIED:
        return None
    if state in (State.OPEN_ACTIVE, State.OPEN_INACTIVE, State.SUSPENDED):
        return Refusal("LIF-12", "SPACE_ALREADY_OPEN", ins, (person.since,))
    if state is State.OPPOSED:
        return Refusal("LIF-11", "ALREADY_OPPOSED", ins, (person.since,))
    if state is State.DECEASED:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", ins)
    return Refusal("LIF-11", "NOTHING_TO_OBJECT_TO", ins, (state.value,))


def _refuse_unproved(register: Register, person: Person, command: Oppose) -> Refusal | None:
    if command.inputs is None:
        return Refusal("LIF-09", "IDENTITY_INPUTS_NEEDED", command.ins)
    refusal = refuse_unless_identified(register, person, command.inputs, command.at)
    if refusal is not None:
        return refusal
    if command.code is not None:
        return refuse_unless_code_is_valid(register, person, command.code, command.at)
    if command.through is Route.WEB:
        return Refusal("LIF-07", "CODE_NEEDED", command.ins)
    return None
