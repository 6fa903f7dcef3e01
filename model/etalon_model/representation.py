"""Who decides for whom: holders, representatives of minors, people in charge of adults.

Sources: ordonnance n° 2020-232 (protected adults), CSP art. L. 1111-13-1; official application.
Reading: a minor never decides alone, even at sixteen (decision 0014); when two parents disagree
each validated request counts, in the order received (gap G4, decision 0012).
"""

from datetime import datetime

from etalon_model.actors import Actor, ActorKind
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.periods import is_younger
from etalon_model.rules import enforces

_MAJORITY_YEARS = 18


def is_minor(person: Person, at: datetime) -> bool:
    """Whether the person is under eighteen at the instant `at`, in Paris civil time."""
    return is_younger(person.identity.birth_on, _MAJORITY_YEARS, at)


@enforces("REP-01", "REP-04")
def refuse_unless_decides(person: Person, actor: Actor, at: datetime) -> Refusal | None:
    """Refuse an actor who is neither the adult holder nor the minor's legal representative."""
    ins = person.identity.ins
    if actor.kind is ActorKind.HOLDER:
        if actor.ident != ins:
            return Refusal("REP-01", "NOT_THE_HOLDER", ins, (actor.ident,))
        if is_minor(person, at):
            return Refusal("REP-01", "MINOR_CANNOT_DECIDE", ins)
        return None
    if actor.kind is ActorKind.REPRESENTATIVE:
        if not is_minor(person, at):
            return Refusal("REP-04", "REPRESENTATION_ENDED", ins, (actor.ident,))
        if actor.ident not in person.representatives:
            return Refusal("REP-01", "NOT_A_REPRESENTATIVE", ins, (actor.ident,))
        return None
    return Refusal("REP-01", "NOT_FOR_THIS_ACTOR", ins, (actor.kind.value,))


@enforces("REP-02")
def refuse_unless_may_object(person: Person, actor: Actor, at: datetime) -> Refusal | None:
    """Refuse whoever may not object: a protected adult's person in charge may, beside the adult."""
    if (
        actor.kind is ActorKind.REPRESENTATIVE
        and actor.ident == person.protected_by
        and not is_minor(person, at)
    ):
        return None
    return refuse_unless_decides(person, actor, at)


def refuse_unless(person: Person, actor: Actor, *kinds: ActorKind) -> Refusal | None:
    """Refuse an actor whose kind is none of `kinds`: an act of the operator or the insurer."""
    if actor.kind in kinds:
        return None
    return Refusal("TRC-03", "NOT_FOR_THIS_ACTOR", person.identity.ins, (actor.kind.value,))
