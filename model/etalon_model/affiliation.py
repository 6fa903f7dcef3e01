"""Affiliation: somebody becomes known to the compulsory health insurance.

Sources: CSP art. R. 1111-28; regional agency of Occitanie (weekly batches of newcomers).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.identifiers import fits_oid, is_matricule
from etalon_model.identities import Identity
from etalon_model.outcomes import Refusal
from etalon_model.people import Contacts, Person
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.states import State


@dataclass(frozen=True, slots=True)
class Affiliate(Command):
    """Make somebody known to the insurer (T01).

    Attributes:
        identity: Who they are; its matricule is `ins`.
        contacts: How the insurer can reach them.
        representatives: Legal representatives of a minor, the one the child is attached to first.
        protected_by: Person in charge of a protected adult with representation, or None.
        notice_to: Adult to whom a minor's notice goes; the first representative when None.
        newcomer: Born or arrived: their notice follows by weekly batch.
    """

    identity: Identity
    contacts: Contacts
    representatives: tuple[str, ...] = ()
    protected_by: str | None = None
    notice_to: str | None = None
    newcomer: bool = False


@enforces("ID-01", "ID-02", "LIF-31")
def affiliate(register: Register, command: Affiliate) -> Person | Refusal:
    """Return the new person, in the register, or why not.

    A matricule that is no NIR (State medical aid) is served like any other.
    """
    ins = command.ins
    identity = command.identity
    if command.actor.kind is not ActorKind.INSURER:
        return Refusal("TRC-03", "NOT_FOR_THIS_ACTOR", ins, (command.actor.kind.value,))
    if ins in register.people:
        return Refusal("ID-02", "ALREADY_AFFILIATED", ins)
    if identity.ins != ins or not fits_oid(ins, identity.oid):
        return Refusal("ID-02", "IDENTITY_MISMATCH", ins, (identity.oid,))
    if not is_matricule(ins, register.parameters.nir_months):
        return Refusal("ID-01", "MATRICULE_WRONG", ins)
    person = Person(
        identity,
        command.contacts,
        command.representatives,
        command.protected_by,
        command.notice_to,
        State.NOT_NOTIFIED,
        command.at,
        command.at,
    )
    if command.newcomer:
        person.kept().newcomer = True
    register.people[ins] = person
    register.taken["T01"] += 1
    for parent in command.representatives:
        register.attach(parent, ins)
    return person
