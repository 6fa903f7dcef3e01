"""Activation: the holder or the representative enters the space, or creates it anew.

Sources: official application (inputs, code, FranceConnect+, conditions of use, opposed and closed
profiles listed); CSP art. R. 1111-36 (the archive comes back).
Reading: every activation needs the identity inputs and either a valid code or FranceConnect+;
after a closing or an objection the code is a regenerated one (decision 0013).
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.identification import (
    IdentityInputs,
    refuse_unless_code_is_valid,
    refuse_unless_identified,
    use_code,
)
from etalon_model.legacy import integrate_legacy_record
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.representation import refuse_unless_decides
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_WAYS_IN: Final = {
    TRANSITIONS[ident].sources[0]: TRANSITIONS[ident]
    for ident in ("T05", "T10", "T17", "T18", "T20", "T21")
}


@dataclass(frozen=True, slots=True)
class Activate(Command):
    """Enter the space for the first time, or create it anew (T05, T10, T17, T18, T20, T21).

    Attributes:
        inputs: What the person types to be recognised.
        code: Provisional code, or None with FranceConnect+.
        franceconnect: The person came through FranceConnect+.
        terms_version: Version of the conditions of use accepted; empty when not accepted.
    """

    inputs: IdentityInputs | None
    code: str | None = None
    franceconnect: bool = False
    terms_version: str = ""

    def detail(self) -> str:
        """Return how the person proved who they are."""
        return "franceconnect" if self.franceconnect else "code"


@handles(Activate)
@enforces("LIF-14", "LIF-15", "LIF-16", "LIF-18")
def activate(register: Register, person: Person, command: Activate) -> Outcome:
    """Open the space to its holder; an archive comes back, an erased space is empty."""
    refusal = (
        refuse_unless_decides(register, person, command.actor, command.at)
        or _refuse_state(person)
        or _refuse_unproved(register, person, command)
        or _refuse_terms(register, person, command)
    )
    if refusal is not None:
        return refusal
    if command.code is not None and not _is_connected(command):
        use_code(person)
    if person.opened_at is None:
        person.opened_at = command.at
    dossier = person.kept()
    dossier.terms = command.terms_version
    dossier.held = False
    dossier.closed_at = None
    dossier.erasure_asked_at = None
    integrate_legacy_record(person)
    register.move(person, _WAYS_IN[person.state], command.at)
    return ACCEPTED


def _refuse_state(person: Person) -> Refusal | None:
    ins = person.identity.ins
    if person.is_dead:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", ins)
    if person.state in _WAYS_IN:
        return None
    if person.state is State.OPEN_ACTIVE:
        return Refusal("LIF-18", "PROFILE_ALREADY_EXISTS", ins)
    if person.state is State.DELETION_RUNNING:
        return Refusal("LIF-15", "ERASURE_RUNNING", ins)
    return Refusal("LIF-18", "NOT_ACTIVABLE", ins, (person.state.value,))


@enforces("ID-09")
def _refuse_unproved(register: Register, person: Person, command: Activate) -> Refusal | None:
    """Ask for the inputs and a code, or for FranceConnect+ which stands for both."""
    if _is_connected(command):
        return None
    if command.inputs is None:
        return Refusal("LIF-09", "IDENTITY_INPUTS_NEEDED", command.ins)
    refusal = refuse_unless_identified(register, person, command.inputs, command.at)
    if refusal is not None:
        return refusal
    if command.code is None:
        return Refusal("LIF-07", "CODE_NEEDED", command.ins)
    return refuse_unless_code_is_valid(register, person, command.code, command.at)


def _is_connected(command: Activate) -> bool:
    return command.franceconnect and command.actor.kind is ActorKind.HOLDER


@enforces("LIF-26")
def _refuse_terms(register: Register, person: Person, command: Activate) -> Refusal | None:
    """The version in force of the conditions of use must be accepted."""
    in_force = register.parameters.terms_on(paris_date(command.at))
    if command.terms_version == in_force:
        return None
    return Refusal("LIF-26", "TERMS_NOT_ACCEPTED", person.identity.ins, (in_force,))
