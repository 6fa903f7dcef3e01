"""Death and majority.

Sources: official application (DECEASED_INDIVIDUAL, notices of majority); CADA opinion 20235920.
Reading: death closes and archives for ten years; heirs are out of the model (gap G5).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS

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
        register.move(person, _T25, command.at)
    return ACCEPTED
