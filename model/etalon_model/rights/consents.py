"""Consents and the care team: what professionals declare, what the holder takes back.

Sources: CSP art. L. 1111-16, L. 1111-17, R. 1111-46; guide of the ANS on documents of the DMP
(TD0.2: a consent is declared, its proof stays with the software of whoever collected it);
official application (list of professionals).
Reading: a consent outside the care team opens one consultation (decision 0041); an attending
doctor is deemed authorised like the team.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.access import refuse_operation
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless
from etalon_model.rights.rights import Consent, rights_of, standing_of
from etalon_model.rights.roles import Basis, role_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_RELAYS: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)


@dataclass(frozen=True, slots=True)
class DeclareConsent(Command):
    """Declare, as a professional, that the person consents to a reading.

    Attributes:
        professional: National identifier of whoever may read; somebody else than the actor when
            a professional gathers the consent for a colleague.
    """

    professional: str

    def detail(self) -> str:
        """Return who may read."""
        return self.professional


@handles(DeclareConsent)
@enforces("ACC-03", "ACC-05", "ACC-14")
def declare_consent(register: Register, person: Person, command: DeclareConsent) -> Outcome:
    """Take the declaration at its word; it opens the next consultation."""
    del register
    refusal = _refuse_declarer(person, command, command.professional)
    if refusal is not None:
        return refusal
    standing = rights_of(person).standing(command.professional)
    standing.consent = Consent(command.actor.ident, command.at)
    standing.until = None
    standing.must_consent = False
    return ACCEPTED


def _refuse_declarer(person: Person, command: Command, professional: str) -> Refusal | None:
    """Refuse a declaration by nobody's carer, about a closed record or of a blocked colleague."""
    actor = command.actor
    refusal = refuse_unless(person, actor, ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
    if refusal is not None:
        return refusal
    if not ACCESS[person.state].professionals_read:
        return Refusal("LIF-12", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    if role_of(actor).basis is Basis.NEVER:
        return Refusal("ACC-08", "ROLE_NEVER_READS", command.ins, (actor.role,))
    for ident in (actor.ident, professional):
        standing = standing_of(person, ident)
        if standing is not None and standing.blocked:
            return Refusal("ACC-04", "PROFESSIONAL_BLOCKED", command.ins, (ident,))
    return None


@dataclass(frozen=True, slots=True)
class JoinCareTeam(Command):
    """Declare, as a professional, to take part in the care of the person.

    Attributes:
        informed: The person was informed that the team reads the record, and did not object.
    """

    informed: bool


@handles(JoinCareTeam)
@enforces("ACC-01")
def join_care_team(register: Register, person: Person, command: JoinCareTeam) -> Outcome:
    """Deem the professional authorised, unless the person was not informed or has objected."""
    del register
    ident = command.actor.ident
    refusal = _refuse_declarer(person, command, ident)
    if refusal is not None:
        return refusal
    if role_of(command.actor).basis is not Basis.TEAM:
        facts = (ident, command.actor.role)
        return Refusal("ACC-08", "EXPRESS_CONSENT_NEEDED", command.ins, facts)
    if not command.informed:
        return Refusal("ACC-01", "PERSON_NOT_INFORMED", command.ins, (ident,))
    standing = rights_of(person).standing(ident)
    if standing.must_consent:
        return Refusal("ACC-05", "NEW_CONSENT_NEEDED", command.ins, (ident,))
    standing.in_team = True
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class LeaveCareTeam(Command):
    """Say, as a professional, that one no longer takes part in the care of the person."""


@handles(LeaveCareTeam)
@enforces("ACC-01")
def leave_care_team(register: Register, person: Person, command: LeaveCareTeam) -> Outcome:
    """End the deemed authorisation."""
    del register
    actor = command.actor
    refusal = refuse_unless(person, actor, ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
    if refusal is not None:
        return refusal
    standing = standing_of(person, actor.ident)
    if standing is None or not standing.in_team:
        return Refusal("ACC-01", "NOT_IN_CARE_TEAM", command.ins, (actor.ident,))
    standing.in_team = False
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ListProfessional(Command):
    """Add a professional to the holder's list.

    Attributes:
        professional: Their national identifier.
    """

    professional: str

    def detail(self) -> str:
        """Return the professional."""
        return self.professional


@handles(ListProfessional)
@enforces("ACC-06")
def list_professional(register: Register, person: Person, command: ListProfessional) -> Outcome:
    """Put the professional on the list, which opens nothing to them."""
    refusal = refuse_operation(register, person, command, "manage_sharing")
    if refusal is not None:
        return refusal
    rights_of(person).standing(command.professional)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ObjectToProfessional(Command):
    """Object to the readings of a professional, or take a consent back, without blocking.

    The professional concerned may relay what the person told them (decision 0087).

    Attributes:
        professional: Their national identifier.
    """

    professional: str

    def detail(self) -> str:
        """Return the professional."""
        return self.professional


@handles(ObjectToProfessional)
@enforces("ACC-01")
def object_to_professional(
    register: Register, person: Person, command: ObjectToProfessional
) -> Outcome:
    """End what was consented or deemed; only a new consent opens again."""
    refusal = refuse_objector(register, person, command, command.professional)
    if refusal is not None:
        return refusal
    rights_of(person).standing(command.professional).withdraw()
    return ACCEPTED


def refuse_objector(
    register: Register, person: Person, command: Command, professional: str
) -> Refusal | None:
    """Refuse an objection by whoever neither decides for the space nor is the one objected to."""
    actor = command.actor
    if actor.ident != professional or actor.kind not in _RELAYS:
        return refuse_operation(register, person, command, "manage_sharing")
    if not ACCESS[person.state].professionals_read:
        return Refusal("LIF-12", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    return None
