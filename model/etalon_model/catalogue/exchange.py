"""Exchange: what a referenced service may call, and what the holder sees of it.

Sources: measures API v1.5.2 (tokens, order of the errors); CSP art. L. 1111-13-1 III and R.
1111-32; official application (log of exchanges).
Reading: documents and agenda are called under the same checks as measures, whose text alone is
public; a service sees documents as the truth table of the record says of an application.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from etalon_model.access import refuse_feature, refuse_operation
from etalon_model.access_log import Family, LogRow, rows_of_person
from etalon_model.actors import Actor, ActorKind
from etalon_model.catalogue.catalogue import (
    Direction,
    EconomicModel,
    ExchangeFamily,
    ServiceState,
    Use,
)
from etalon_model.catalogue.pairings import (
    PairingState,
    approval_limit,
    may_exchange,
    opaque_identifier,
    pairing_of,
    pairing_state,
)
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Document, documents_of
from etalon_model.records.sighting import Sighting
from etalon_model.records.visibility import Stance, Viewer, sight
from etalon_model.register import Register
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class IdToken:
    """What the identity token (id_token) of a call says.

    Attributes:
        id_pe: Opaque identifier of the person, never a matricule.
        solution: Object identifier of the solution it was issued to.
    """

    id_pe: str
    solution: str


@dataclass(frozen=True, slots=True)
class AppTokens:
    """The two tokens of a call.

    Attributes:
        identity: The identity token, or None when it is not a valid one.
        access_valid: The access token is valid.
    """

    identity: IdToken | None
    access_valid: bool = True


@dataclass(frozen=True, slots=True)
class AppCall(Command):
    """A call of a referenced service to one of the exchange interfaces.

    Attributes:
        tokens: The tokens sent along.
        purpose: What for, in a word of `Purpose`: the scope of the access token.
    """

    family: ClassVar[Family] = Family.SERVICES

    tokens: AppTokens
    purpose: str


@enforces("CAT-05", "CAT-06", "CAT-07", "MEA-09")
def refuse_call(
    register: Register, person: Person, command: AppCall, use: Use, requested: str | None
) -> Refusal | None:
    """Refuse a call by its tokens or for want of a consent, in the order of the interface.

    Args:
        register: The memory of the service.
        person: Whose data are called for.
        command: The call.
        use: What the call does with them.
        requested: Opaque identifier named in the request, or None when it names none.
    """
    ins = command.ins
    if command.actor.kind is not ActorKind.APP:
        return Refusal("CAT-05", "NOT_FOR_THIS_ACTOR", ins, (command.actor.kind.value,))
    identity = command.tokens.identity
    if identity is None:
        return Refusal("MEA-09", "INVALID_ID_TOKEN", ins)
    if not command.tokens.access_valid:
        return Refusal("MEA-09", "UNAUTHORIZED", ins)
    own = opaque_identifier(register.seed, ins, command.actor.ident)
    if identity.id_pe != own or requested not in (None, own):
        return Refusal("MEA-09", "ID_PE_MISMATCH", ins)
    service = register.catalogue.services.get(command.actor.ident)
    if service is None or not may_exchange(register, person, service, use, command.at):
        facts = (use.direction.value, use.family.value, use.purpose)
        return Refusal("CAT-05", "CONSENT_NOT_GIVEN", ins, facts)
    return None


@enforces("MEA-08")
def refuse_other_solution(command: AppCall) -> Refusal | None:
    """Refuse an identity token issued to another solution than the one that calls."""
    identity = command.tokens.identity
    if identity is None or identity.solution == command.actor.ident:
        return None
    return Refusal("MEA-08", "OID_CONFLICT", command.ins, (identity.solution,))


@dataclass(frozen=True, slots=True)
class ReadThroughService(AppCall):
    """Read the documents or the agenda, as a referenced service.

    Attributes:
        what: Documents or agenda; measures have a search of their own.
    """

    what: ExchangeFamily

    def detail(self) -> str:
        """Return the use."""
        return f"{Direction.READ.value} {self.what.value} {self.purpose}"


@handles(ReadThroughService)
@enforces("CAT-05", "CAT-14")
def read_through_service(
    register: Register, person: Person, command: ReadThroughService
) -> Outcome:
    """Answer the documents the service may see, or the appointments."""
    use = Use(command.purpose, command.what, Direction.READ)
    refusal = (
        refuse_feature(register.parameters, command, "catalogue")
        or refuse_call(register, person, command, use, None)
        or refuse_other_solution(command)
    )
    if refusal is not None:
        return refusal
    if command.what is ExchangeFamily.DOCUMENTS:
        return Accepted(_documents(person, command))
    if command.what is ExchangeFamily.MEASURES:
        return Refusal("CAT-14", "MEASURES_ARE_SEARCHED", command.ins)
    agenda = None if person.holdings is None else person.holdings.agenda
    return Accepted(() if agenda is None else tuple(agenda.appointments.values()))


@enforces("VIS-01")
def _documents(person: Person, command: AppCall) -> tuple[Document, ...]:
    """Current documents; none that is masked, hidden from the patient or from parents."""
    view = Sighting(_SEEN_BY_SERVICES, _EVERY_TYPE, command.actor, command.at, is_care=False)
    return tuple(found for found in documents_of(person).values() if view.sees_current(found))


_SEEN_BY_SERVICES: Final = sight(Viewer(Stance.APP))
_EVERY_TYPE: Final = frozenset(DOCUMENT_TYPES)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A service as somebody sees it in the catalogue.

    Attributes:
        service: Object identifier of the solution.
        title: Its name.
        state: Where it stands; a suspended one is shown, and marked.
        economic_model: What it costs.
        pairing: Where one's own pairing stands.
        acknowledged: The present version is approved (`isAcknowledged`).
        approve_before: Limit date of the approval that is due, or None.
        consents: Uses consented to.
    """

    service: str
    title: str
    state: ServiceState
    economic_model: EconomicModel
    pairing: PairingState
    acknowledged: bool
    approve_before: datetime | None
    consents: frozenset[Use]


@dataclass(frozen=True, slots=True)
class ListServices(Command):
    """Look at the catalogue, one's own pairings included."""

    family: ClassVar[Family] = Family.SERVICES


@handles(ListServices)
@enforces("CAT-01", "CAT-10", "CAT-11")
def list_services(register: Register, person: Person, command: ListServices) -> Outcome:
    """Answer a `CatalogueEntry` for each visible service, and each one synchronised."""
    refusal = refuse_operation(register, person, command, "read_services")
    if refusal is not None:
        return refusal
    entries: list[CatalogueEntry] = []
    for service in register.catalogue.services.values():
        pairing = pairing_of(person, service.ident)
        state = pairing_state(register, person, pairing, command.at)
        synced = state is not PairingState.NOT_SYNCED
        if not synced and not service.is_visible(command.ins, command.at):
            continue
        limit_at = (
            approval_limit(register, person, pairing, command.at) if pairing and synced else None
        )
        entries.append(
            CatalogueEntry(
                service.ident,
                service.title,
                service.state_at(command.at),
                service.economic_model,
                state,
                synced and limit_at is None,
                limit_at,
                pairing.consents if pairing and synced else frozenset(),
            )
        )
    return Accepted(tuple(entries))


@dataclass(frozen=True, slots=True)
class ReadExchanges(Command):
    """Read what a service did in the space, calls refused to it too.

    Attributes:
        service: Object identifier of the solution.
    """

    family: ClassVar[Family] = Family.SERVICES

    service: str

    def detail(self) -> str:
        """Return the service."""
        return self.service


@handles(ReadExchanges)
@enforces("CAT-07")
def read_exchanges(register: Register, person: Person, command: ReadExchanges) -> Outcome:
    """Answer the rows of the log that the service left, newest first."""
    refusal = refuse_operation(register, person, command, "read_services")
    if refusal is not None:
        return refusal
    caller = Actor(ActorKind.APP, command.service)
    rows = rows_of_person(command.ins, person.entries)
    found: tuple[LogRow, ...] = tuple(row for row in reversed(rows) if row.actor == caller)
    return Accepted(found)
