"""Death and majority.

Sources: official application (DECEASED_INDIVIDUAL, notices of majority); CADA opinion 20235920.
Reading: death closes and archives for ten years; heirs are out of the model (gap G5).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.delegation import end_every_sharing
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import is_minor, refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T26 = TRANSITIONS["T26"]
_OPEN = (State.OPEN_ACTIVE, State.OPEN_INACTIVE)
_T25 = TRANSITIONS["T25"]


@dataclass(frozen=True, slots=True)
class RecordDeath(Command):
    """Record the death of the person (T25)."""


@handles(RecordDeath)
@enforces("LIF-29")
def record_death(register: Register, person: Person, command: RecordDeath) -> Outcome:
    """Record the death: nobody enters any more; an archive or an erasure runs its course."""
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    if person.is_dead:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", command.ins)
    dossier = person.kept()
    dossier.died_at = command.at
    if person.state in _T25.sources:
        dossier.closed_at = command.at
        end_every_sharing(register, person, command.at)
        register.move(person, _T25, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class AnnounceMajority(Command):
    """Remind the representatives of a minor, before the birthday, of the consents to confirm."""


@handles(AnnounceMajority)
@enforces("REP-04")
def announce_majority(register: Register, person: Person, command: AnnounceMajority) -> Outcome:
    """Tell each representative."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    if not is_minor(person, command.at):
        return Refusal("REP-04", "NOT_A_MINOR", command.ins)
    if person.state not in _OPEN:
        return Refusal("REP-04", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    for parent in person.representatives:
        register.tell(person, "RAPPEL_CONSENT_RL_PASSAGE_MAJO", parent, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ComeOfAge(Command):
    """Carry out the majority of the person (T26)."""


@handles(ComeOfAge)
@enforces("REP-04")
def come_of_age(register: Register, person: Person, command: ComeOfAge) -> Outcome:
    """End the representation and ask the new adult to confirm consents; not before the birthday."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    if is_minor(person, command.at):
        return Refusal("REP-04", "STILL_A_MINOR", command.ins)
    if not person.representatives:
        return Refusal("REP-04", "NOT_A_MINOR", command.ins)
    for parent in person.representatives:
        register.release(parent, command.ins)
    person.representatives = ()
    person.notice_to = None
    if person.state in _OPEN:
        register.tell(person, "RAPPEL_CONSENT_PASSAGE_MAJO", command.ins, command.at)
        register.move(person, _T26, command.at, to=person.state)
    return ACCEPTED
