"""Delegation: caregivers (aidants) and second legal representatives, by invitation.

Sources: official application (limits, states of an invitation, error codes, attestations).
Reading: limits are counted when an invitation is accepted; an invitation lives one month; a
second representative's request is validated by the invited person; closing a space ends its
sharings (decision 0018).
"""

from dataclasses import dataclass
from datetime import datetime

from etalon_model.actors import ActorKind
from etalon_model.catalogue.pairings import end_pairings
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Delegation, DelegationKind, DelegationState, Person
from etalon_model.register import Register
from etalon_model.representation import is_minor, refuse_unless_decides
from etalon_model.rules import enforces
from etalon_model.states import State

_OPEN_ENDED = (DelegationState.PENDING, DelegationState.WAITING)
_ACTIVE = (DelegationState.ACCEPTED, DelegationState.VALIDATED)


@dataclass(frozen=True, slots=True)
class Attestation:
    """The document that proves that a sharing was accepted or ended (REP-10).

    Attributes:
        ins: The holder.
        guest: The caregiver.
        at: When (UTC).
        state: `ACCEPTED` or `ENDED`.
    """

    ins: str
    guest: str
    at: datetime
    state: DelegationState


@dataclass(frozen=True, slots=True)
class InviteCaregiver(Command):
    """Invite somebody to help with a space.

    Attributes:
        guest: Matricule of the person invited.
    """

    guest: str


@handles(InviteCaregiver)
@enforces("REP-08")
def invite_caregiver(register: Register, person: Person, command: InviteCaregiver) -> Outcome:
    """Send the invitation, unless the two persons are already linked."""
    refusal = refuse_unless_decides(register, person, command.actor, command.at) or _refuse_guest(
        register, person, command.guest, command.at, DelegationKind.CAREGIVER
    )
    if refusal is not None:
        return refusal
    _invite(register, command, command.guest, DelegationKind.CAREGIVER)
    register.tell(person, "PARTAGE_PROFIL_AIDANT", command.guest, command.at)
    return ACCEPTED


def _invite(register: Register, command: Command, guest: str, kind: DelegationKind) -> None:
    first = DelegationState.PENDING if kind is DelegationKind.CAREGIVER else DelegationState.WAITING
    expires_at = register.parameters.invitation_validity.after(command.at)
    register.delegations[command.ins, guest] = Delegation(kind, command.at, expires_at, first)


def _refuse_guest(
    register: Register, person: Person, guest: str, at: datetime, kind: DelegationKind
) -> Refusal | None:
    ins = person.identity.ins
    if person.state is not State.OPEN_ACTIVE:
        return Refusal("REP-08", "NO_SPACE_TO_SHARE", ins, (person.state.value,))
    invited = register.people.get(guest)
    if guest == ins or invited is None or invited.state is not State.OPEN_ACTIVE:
        return Refusal("REP-03", "PROFILE_NOT_FOUND", ins, (guest,))
    known = register.delegations.get((ins, guest))
    state = None if known is None else known.state_at(at)
    if known is not None and state in (*_OPEN_ENDED, *_ACTIVE):
        if known.kind is not kind:
            return Refusal("REP-08", "ANOTHER_DELEGATION_ALREADY_EXISTS", ins, (guest,))
        same = "INVITATION" if state in _OPEN_ENDED else "DELEGATION"
        return Refusal("REP-08", f"SAME_{same}_ALREADY_EXISTS", ins, (guest,))
    if guest in (*person.representatives, person.protected_by) or ins in invited.representatives:
        same_kind = kind is DelegationKind.LEGAL_REPRESENTATION
        code = "SAME_DELEGATION" if same_kind else "ANOTHER_DELEGATION"
        return Refusal("REP-08", f"{code}_ALREADY_EXISTS", ins, (guest,))
    return None


@dataclass(frozen=True, slots=True)
class AnswerInvitation(Command):
    """Answer an invitation to help, as the person invited.

    Attributes:
        accept: Whether the invitation is accepted.
    """

    accept: bool

    def detail(self) -> str:
        """Return the answer."""
        return "accept" if self.accept else "refuse"


@handles(AnswerInvitation)
@enforces("REP-07", "REP-10")
def answer_invitation(register: Register, person: Person, command: AnswerInvitation) -> Outcome:
    """Accept or refuse while the invitation lives; answer the `Attestation` when accepted."""
    ins, guest, at = command.ins, command.actor.ident, command.at
    known = register.delegations.get((ins, guest))
    if command.actor.kind is not ActorKind.CAREGIVER or known is None:
        return Refusal("REP-07", "NO_INVITATION", ins, (guest,))
    state = known.state_at(at)
    if state is not DelegationState.PENDING or known.kind is not DelegationKind.CAREGIVER:
        return Refusal("REP-07", "INVITATION_NOT_PENDING", ins, (state.value,))
    if not command.accept:
        known.state = DelegationState.REFUSED
        register.tell(person, "REFUS_PARTAGE_PROFIL", ins, at)
        return ACCEPTED
    helper = register.people[guest]
    refusal = _refuse_beyond_limits(register, person, helper)
    if refusal is not None:
        return refusal
    known.state = DelegationState.ACCEPTED
    person.kept().caregivers += (guest,)
    helper.kept().helps += (ins,)
    register.tell(person, "ACCORD_PARTAGE_PROFIL", ins, at)
    return _attest(person, Attestation(ins, guest, at, DelegationState.ACCEPTED))


@enforces("REP-05", "REP-06")
def _refuse_beyond_limits(register: Register, person: Person, helper: Person) -> Refusal | None:
    """A holder has so many caregivers, a caregiver so many holders, and both are alive and open."""
    ins = person.identity.ins
    if State.OPEN_ACTIVE is not person.state or State.OPEN_ACTIVE is not helper.state:
        return Refusal("REP-03", "PROFILE_NOT_FOUND", ins, (helper.identity.ins,))
    most = register.parameters.caregivers_per_holder
    if len(person.kept().caregivers) >= most:
        return Refusal("REP-05", "OUTGOING_CAREGIVING_DELEGATIONS_LIMIT_REACHED", ins, (most,))
    most = register.parameters.holders_per_caregiver
    if len(helper.kept().helps) >= most:
        return Refusal("REP-06", "INCOMING_CAREGIVING_DELEGATIONS_LIMIT_REACHED", ins, (most,))
    return None


def _attest(person: Person, attestation: Attestation) -> Outcome:
    person.kept().undescribed += 1
    return Accepted(attestation)


@dataclass(frozen=True, slots=True)
class EndSharing(Command):
    """End the help of a caregiver, as the holder or as the caregiver.

    Attributes:
        guest: Matricule of the caregiver.
    """

    guest: str


@handles(EndSharing)
@enforces("REP-10", "REP-11")
def end_sharing(register: Register, person: Person, command: EndSharing) -> Outcome:
    """End the sharing at once and tell the other side; answer the `Attestation`."""
    ins, guest, at = command.ins, command.guest, command.at
    by_guest = command.actor.kind is ActorKind.CAREGIVER and command.actor.ident == guest
    if not by_guest:
        refusal = refuse_unless_decides(register, person, command.actor, at)
        if refusal is not None:
            return refusal
    if person.dossier is None or guest not in person.dossier.caregivers:
        return Refusal("REP-11", "NO_SHARING", ins, (guest,))
    _end(register, person, guest)
    if by_guest:
        register.tell(person, "REVOCATION_PAR_AIDANT", ins, at)
    else:
        register.tell(person, "REVOCATION_PAR_AIDE", guest, at)
    return _attest(person, Attestation(ins, guest, at, DelegationState.ENDED))


def _end(register: Register, person: Person, guest: str) -> None:
    ins = person.identity.ins
    register.delegations[ins, guest].state = DelegationState.ENDED
    dossier = person.kept()
    dossier.caregivers = tuple(other for other in dossier.caregivers if other != guest)
    helper = register.people[guest].kept()
    helper.helps = tuple(other for other in helper.helps if other != ins)


@enforces("REP-11")
def end_every_sharing(register: Register, person: Person, at: datetime) -> None:
    """End what a closed space shared and what its holder did for others, and tell them."""
    ins = person.identity.ins
    end_pairings(person)
    for guest in person.kept().caregivers:
        _end(register, person, guest)
        register.tell(person, "REVOCATION_PAR_AIDE", guest, at)
    for helped in person.kept().helps:
        _end(register, register.people[helped], ins)
        register.tell(register.people[helped], "REVOCATION_PAR_AIDANT", helped, at)


@dataclass(frozen=True, slots=True)
class InviteRepresentative(Command):
    """Ask that a second adult represent a minor, as the first representative.

    Attributes:
        guest: Matricule of the adult invited; they must own an activated space.
    """

    guest: str


@handles(InviteRepresentative)
@enforces("REP-03", "REP-08")
def invite_representative(
    register: Register, person: Person, command: InviteRepresentative
) -> Outcome:
    """Send the request; it waits for the invited adult."""
    if not is_minor(person, command.at):
        return Refusal("REP-04", "NOT_A_MINOR", command.ins)
    refusal = refuse_unless_decides(register, person, command.actor, command.at) or _refuse_guest(
        register, person, command.guest, command.at, DelegationKind.LEGAL_REPRESENTATION
    )
    if refusal is not None:
        return refusal
    if is_minor(register.people[command.guest], command.at):
        return Refusal("REP-03", "PROFILE_NOT_FOUND", command.ins, (command.guest,))
    _invite(register, command, command.guest, DelegationKind.LEGAL_REPRESENTATION)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class AnswerRepresentation(Command):
    """Answer a request to represent a minor, as the adult invited.

    Attributes:
        accept: Whether the request is validated.
    """

    accept: bool

    def detail(self) -> str:
        """Return the answer."""
        return "accept" if self.accept else "refuse"


@handles(AnswerRepresentation)
@enforces("REP-03")
def answer_representation(
    register: Register, person: Person, command: AnswerRepresentation
) -> Outcome:
    """Validate or refuse the request; a validated one makes a second representative."""
    ins, guest = command.ins, command.actor.ident
    known = register.delegations.get((ins, guest))
    if (
        command.actor.kind is not ActorKind.REPRESENTATIVE
        or known is None
        or known.state is not DelegationState.WAITING
    ):
        return Refusal("REP-03", "NO_INVITATION", ins, (guest,))
    if not is_minor(person, command.at):
        return Refusal("REP-04", "REPRESENTATION_ENDED", ins, (guest,))
    if register.people[guest].state is not State.OPEN_ACTIVE:
        return Refusal("REP-03", "PROFILE_NOT_FOUND", ins, (guest,))
    if not command.accept:
        known.state = DelegationState.REFUSED
        return ACCEPTED
    known.state = DelegationState.VALIDATED
    person.representatives += (guest,)
    register.attach(guest, ins)
    return ACCEPTED
