"""Who decides for whom: holders, representatives of minors, people in charge of adults.

Sources: ordonnance n° 2020-232 (protected adults), CSP art. L. 1111-13-1; official application.
Reading: a minor never decides alone, even at sixteen (decision 0014); when two parents disagree
each validated request counts, in the order received (gap G4, decision 0012).
"""

from datetime import datetime
from typing import Final

from etalon_model.actors import Actor, ActorKind
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.periods import is_younger
from etalon_model.register import Register
from etalon_model.rules import enforces

# Code civil, art. 414: a matter of civil law, the same in every vintage.
_MAJORITY_YEARS: Final = 18


def is_minor(person: Person, at: datetime) -> bool:
    """Whether the person is under eighteen at the instant `at`, in Paris civil time."""
    return is_younger(person.identity.birth_on, _MAJORITY_YEARS, at)


@enforces("REP-01", "REP-04")
def refuse_unless_decides(
    register: Register, person: Person, actor: Actor, at: datetime
) -> Refusal | None:
    """Refuse an actor who is neither the adult holder nor the minor's legal representative."""
    if actor.kind is ActorKind.HOLDER:
        if is_minor(person, at):
            return Refusal("REP-01", "MINOR_CANNOT_DECIDE", person.identity.ins)
        return refuse_unless_holder(person, actor)
    return refuse_unless_represents(register, person, actor, at)


def refuse_unless_holder(person: Person, actor: Actor) -> Refusal | None:
    """Refuse somebody who acts as the holder of another's space."""
    if actor.ident == person.identity.ins:
        return None
    return Refusal("REP-01", "NOT_THE_HOLDER", person.identity.ins, (actor.ident,))


@enforces("REP-01", "REP-04", "LIF-29")
def refuse_unless_represents(
    register: Register, person: Person, actor: Actor, at: datetime
) -> Refusal | None:
    """Refuse whoever is not the living legal representative of somebody still a minor."""
    ins = person.identity.ins
    if actor.kind is not ActorKind.REPRESENTATIVE:
        return Refusal("REP-01", "NOT_FOR_THIS_ACTOR", ins, (actor.kind.value,))
    if not is_minor(person, at):
        return Refusal("REP-04", "REPRESENTATION_ENDED", ins, (actor.ident,))
    if actor.ident not in person.representatives:
        return Refusal("REP-01", "NOT_A_REPRESENTATIVE", ins, (actor.ident,))
    parent = register.people.get(actor.ident)
    if parent is not None and parent.is_dead:
        return Refusal("LIF-29", "ACTOR_DECEASED", ins, (actor.ident,))
    return None


@enforces("REP-02")
def refuse_unless_may_object(
    register: Register, person: Person, actor: Actor, at: datetime
) -> Refusal | None:
    """Refuse whoever may not object: a protected adult's person in charge may, beside the adult."""
    if (
        actor.kind is ActorKind.REPRESENTATIVE
        and actor.ident == person.protected_by
        and not is_minor(person, at)
    ):
        return None
    return refuse_unless_decides(register, person, actor, at)


@enforces("REP-13")
def attached_profiles(register: Register, account: str) -> tuple[str, ...]:
    """Return the matricules of the minors that an account shows, in the order of attachment."""
    return register.dependants.get(account, ())[: register.parameters.profiles_per_account]


@enforces("LIF-06")
def addressee_of(person: Person, at: datetime) -> str | None:
    """Return who receives the notice: the adult a minor is attached to, else the person."""
    if not is_minor(person, at):
        return person.identity.ins
    if person.notice_to is not None:
        return person.notice_to
    return person.representatives[0] if person.representatives else None


def refuse_unless(person: Person, actor: Actor, *kinds: ActorKind) -> Refusal | None:
    """Refuse an actor whose kind is none of `kinds`: an act of the operator or the insurer."""
    if actor.kind in kinds:
        return None
    return Refusal("TRC-03", "NOT_FOR_THIS_ACTOR", person.identity.ins, (actor.kind.value,))
