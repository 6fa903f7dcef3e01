"""Pairing: a holder joins a service, consents use by use, withdraws, approves again, reports.

Sources: CSP art. L. 1111-13-1 III, R. 1111-32; official application.
Reading: consent given from the application is the holder's, signed in to the space from there;
data already written stay when a pairing ends.
"""

from dataclasses import dataclass
from typing import ClassVar

from etalon_model.access import refuse_feature, refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.catalogue.catalogue import STATE_RIGHTS, ReferencedService, Use
from etalon_model.catalogue.pairings import (
    Pairing,
    Pairings,
    PairingState,
    ServiceReport,
    approval_limit,
    listed_services,
    opaque_identifier,
    pairing_of,
    pairing_state,
)
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of, is_minor, refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import ACCESS


@dataclass(frozen=True, slots=True)
class PairingCommand(Command):
    """An act on the pairing of a space with a service.

    Attributes:
        service: Object identifier of the solution.
    """

    family: ClassVar[Family] = Family.SERVICES

    service: str

    def detail(self) -> str:
        """Return the service."""
        return self.service


def _service_of(register: Register, command: PairingCommand) -> ReferencedService | Refusal:
    service = register.catalogue.services.get(command.service)
    if service is None:
        return Refusal("CAT-01", "UNKNOWN_SERVICE", command.ins, (command.service,))
    return service


def _refuse_uses(service: ReferencedService, ins: str, uses: tuple[Use, ...]) -> Refusal | None:
    for use in uses:
        if use not in service.uses:
            facts = (use.direction.value, use.family.value, use.purpose)
            return Refusal("CAT-05", "USE_NOT_ASKED_FOR", ins, facts)
    return None


@dataclass(frozen=True, slots=True)
class PairService(PairingCommand):
    """Join a space to a service.

    Attributes:
        consents: Uses of data consented to; nothing else is ever exchanged.
    """

    consents: tuple[Use, ...] = ()


@handles(PairService)
@enforces("CAT-01", "CAT-05", "CAT-08", "CAT-15")
def pair_service(register: Register, person: Person, command: PairService) -> Outcome:
    """Join them; answer the identifier (idPe) by which the service will know the person."""
    refusal = refuse_operation(register, person, command, "connect_service")
    if refusal is not None:
        return refusal
    service = _service_of(register, command)
    if isinstance(service, Refusal):
        return service
    state = pairing_state(register, person, pairing_of(person, command.service), command.at)
    if state is not PairingState.NOT_SYNCED:
        return Refusal("CAT-08", "ALREADY_PAIRED", command.ins, (command.service,))
    if not service.can_pair(command.ins, command.at):
        facts = (command.service, service.state_at(command.at).value)
        return Refusal("CAT-08", "SERVICE_NOT_OPEN", command.ins, facts)
    refusal = _refuse_uses(service, command.ins, command.consents)
    if refusal is not None:
        return refusal
    pairings = _pairings(person)
    if not pairings.by_service:
        pairings.listed_at = command.at
    minor = is_minor(person, command.at)
    pairings.by_service[command.service] = Pairing(
        command.service, command.at, command.at, minor, frozenset(command.consents)
    )
    return Accepted(opaque_identifier(register.seed, command.ins, command.service))


def _pairings(person: Person) -> Pairings:
    held = person.held()
    if held.pairings is None:
        held.pairings = Pairings()
    return held.pairings


def _refuse_unless_paired(
    register: Register, person: Person, command: PairingCommand
) -> Pairing | Refusal:
    pairing = pairing_of(person, command.service)
    state = pairing_state(register, person, pairing, command.at)
    if pairing is None or state is PairingState.NOT_SYNCED:
        return Refusal("CAT-05", "NOT_PAIRED", command.ins, (command.service,))
    return pairing


@dataclass(frozen=True, slots=True)
class ChangeServiceConsent(PairingCommand):
    """Give or withdraw the consent to one use, in the space or from the application.

    Attributes:
        use: The use of data.
        given: True gives the consent, False withdraws it.
        signed_in: From the application: the holder is signed in to the space there.
    """

    use: Use
    given: bool
    signed_in: bool = True

    def detail(self) -> str:
        """Return the service, the use and whether it is given."""
        use = self.use
        change = "given" if self.given else "withdrawn"
        return f"{self.service} {use.direction.value} {use.family.value} {use.purpose} {change}"


@handles(ChangeServiceConsent)
@enforces("CAT-05", "CAT-06", "CAT-07")
def change_service_consent(
    register: Register, person: Person, command: ChangeServiceConsent
) -> Outcome:
    """Change that consent and no other; the next call of the service meets the change."""
    refusal = _refuse_consenter(register, person, command)
    if refusal is not None:
        return refusal
    service = _service_of(register, command)
    if isinstance(service, Refusal):
        return service
    pairing = _refuse_unless_paired(register, person, command)
    if isinstance(pairing, Refusal):
        return pairing
    refusal = _refuse_uses(service, command.ins, (command.use,))
    if refusal is not None:
        return refusal
    changed = frozenset((command.use,))
    pairing.consents = pairing.consents | changed if command.given else pairing.consents - changed
    return ACCEPTED


@enforces("CAT-07")
def _refuse_consenter(
    register: Register, person: Person, command: ChangeServiceConsent
) -> Refusal | None:
    """From the application only the holder signed in there, and for that application only."""
    actor = command.actor
    if actor.kind is not ActorKind.APP:
        return refuse_operation(register, person, command, "connect_service")
    if actor.ident != command.service or not command.signed_in:
        return Refusal("CAT-07", "HOLDER_NOT_SIGNED_IN", command.ins, (actor.ident,))
    return refuse_feature(register.parameters, command, "catalogue")


@dataclass(frozen=True, slots=True)
class UnpairService(PairingCommand):
    """Part a space from a service; exchange stops at once."""


@handles(UnpairService)
@enforces("CAT-07", "CAT-08")
def unpair_service(register: Register, person: Person, command: UnpairService) -> Outcome:
    """End the pairing, whatever the service's state; what was written stays."""
    refusal = refuse_operation(register, person, command, "connect_service")
    if refusal is not None:
        return refusal
    pairing = _refuse_unless_paired(register, person, command)
    if isinstance(pairing, Refusal):
        return pairing
    service = register.catalogue.services[command.service]
    if not STATE_RIGHTS[service.state_at(command.at)].unpairs:
        return Refusal("CAT-08", "SERVICE_NOT_OPEN", command.ins, (command.service, service.state))
    del _pairings(person).by_service[command.service]
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ApproveService(PairingCommand):
    """Approve a service again, after a new version or at majority."""


@handles(ApproveService)
@enforces("CAT-10")
def approve_service(register: Register, person: Person, command: ApproveService) -> Outcome:
    """Approve before the limit date; afterwards only a new pairing helps."""
    refusal = refuse_operation(register, person, command, "connect_service")
    if refusal is not None:
        return refusal
    pairing = _refuse_unless_paired(register, person, command)
    if isinstance(pairing, Refusal):
        return pairing
    if approval_limit(register, person, pairing, command.at) is None:
        return Refusal("CAT-10", "NOTHING_TO_APPROVE", command.ins, (command.service,))
    pairing.approved_at = command.at
    pairing.approved_in_minority = is_minor(person, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class RemindApproval(PairingCommand):
    """Remind somebody that a service waits for a new approval."""


@handles(RemindApproval)
@enforces("CAT-10")
def remind_approval(register: Register, person: Person, command: RemindApproval) -> Outcome:
    """Tell who decides; the code says whether majority or a new version asks for it."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    pairing = _refuse_unless_paired(register, person, command)
    if isinstance(pairing, Refusal):
        return pairing
    limit_at = approval_limit(register, person, pairing, command.at)
    if limit_at is None:
        return Refusal("CAT-10", "NOTHING_TO_APPROVE", command.ins, (command.service,))
    of_age = pairing.approved_in_minority and not is_minor(person, command.at)
    code = "RAPPEL_CONSENT_PASSAGE_MAJO" if of_age else "SERVICE_APPROVAL_DUE"
    register.tell(person, code, addressee_of(person, command.at) or command.ins, command.at)
    return Accepted(limit_at)


@dataclass(frozen=True, slots=True)
class SendServiceList(Command):
    """Send the list of synchronised services by e-mail, every ninety days."""

    family: ClassVar[Family] = Family.SERVICES


@handles(SendServiceList)
@enforces("CAT-12")
def send_service_list(register: Register, person: Person, command: SendServiceList) -> Outcome:
    """Send it when it is due; answer the services listed."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    if not ACCESS[person.state].holder_logs_in:
        return Refusal("CAT-12", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    listed = listed_services(register, person, command.at)
    if not listed:
        return Refusal("CAT-12", "NOTHING_TO_LIST", command.ins)
    pairings = _pairings(person)
    due_at = register.parameters.synchronised_list.after(pairings.listed_at or command.at)
    if command.at < due_at:
        return Refusal("CAT-12", "LIST_NOT_DUE", command.ins, (due_at,))
    pairings.listed_at = command.at
    to = addressee_of(person, command.at) or command.ins
    register.tell(person, "SYNC_LIST", to, command.at)
    return Accepted(listed)


@dataclass(frozen=True, slots=True)
class ReportService(PairingCommand):
    """Report a service to the operator.

    Attributes:
        reason: Why, in a few words.
    """

    reason: str


@handles(ReportService)
@enforces("CAT-13")
def report_service(register: Register, person: Person, command: ReportService) -> Outcome:
    """Keep the report; answer the `ServiceReport`."""
    refusal = refuse_operation(register, person, command, "connect_service")
    if refusal is not None:
        return refusal
    service = _service_of(register, command)
    if isinstance(service, Refusal):
        return service
    if not service.is_visible(command.ins, command.at):
        return Refusal("CAT-01", "UNKNOWN_SERVICE", command.ins, (command.service,))
    report = ServiceReport(command.at, command.service, command.reason)
    _pairings(person).reports.append(report)
    return Accepted(report)
