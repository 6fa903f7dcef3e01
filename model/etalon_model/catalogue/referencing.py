"""Referencing: from the request of a publisher to the catalogue, and out of it.

A publisher asks, with a scored questionnaire and an impact assessment; the commission gives an
opinion; the minister decides, only after a favourable one; publisher, minister and insurer sign
an agreement; the insurer puts the service on line, takes it off, suspends or delists it.

Sources: CSP art. L. 1111-13-1 III, R. 1111-38, R. 1111-39; orders of 23 June 2022 and 23 October
2023. Reading: no deadline is enforced unless the policy `opinion_days` sets one (gap G8).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.actors import INSURER, Actor, ActorKind
from etalon_model.catalogue.catalogue import (
    STATE_RIGHTS,
    EconomicModel,
    Purpose,
    ReferencedService,
    ServiceState,
    Use,
)
from etalon_model.catalogue.criteria import FamilyScore, refuse_incomplete_scores
from etalon_model.command import Command
from etalon_model.handlers import handles_catalogue
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.rules import enforces

COMMISSION: Final = Actor(ActorKind.SYSTEM, "commission")
MINISTER: Final = Actor(ActorKind.SYSTEM, "minister")

_OBJECT_IDENTIFIER: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
_PURPOSES: Final = frozenset(purpose.value for purpose in Purpose)
# The other states come of a request, an opinion or a decision.
_MOVED_TO: Final = frozenset(ServiceState) - {ServiceState.CANDIDATE, ServiceState.REJECTED}


def publisher(service: str) -> Actor:
    """Return the publisher of the solution with the object identifier `service`."""
    return Actor(ActorKind.APP, service)


@dataclass(frozen=True, slots=True)
class CatalogueCommand(Command):
    """An act on one service of the catalogue; it concerns nobody, so its `ins` is empty.

    Attributes:
        service: Object identifier of the solution.
    """

    family: ClassVar[Family] = Family.SERVICES

    service: str

    def detail(self) -> str:
        """Return the service."""
        return self.service


@dataclass(frozen=True, slots=True)
class RequestReferencing(CatalogueCommand):
    """Ask for a service to be referenced, as its publisher.

    Attributes:
        title: Name in the catalogue.
        version: Version presented.
        economic_model: What the service costs.
        uses: Uses of data asked for.
        criteria_version: Version of the criteria answered, 1 or 2.
        scores: The scoring sheet, a line per family of criteria.
        impact_assessment: The assessment of the impact on personal data is joined.
    """

    title: str
    version: str
    economic_model: EconomicModel
    uses: tuple[Use, ...]
    criteria_version: int
    scores: tuple[FamilyScore, ...]
    impact_assessment: bool = True


@handles_catalogue(RequestReferencing)
@enforces("CAT-01", "CAT-11")
def request_referencing(register: Register, command: RequestReferencing) -> Outcome:
    """Receive the request; the service is a candidate, and nobody sees it yet."""
    services = register.catalogue.services
    known = services.get(command.service)
    refusal = _refuse_request(register, command, known)
    if refusal is not None:
        return refusal
    services[command.service] = ReferencedService(
        ident=command.service,
        title=command.title,
        economic_model=command.economic_model,
        uses=command.uses,
        criteria_version=command.criteria_version,
        requested_at=command.at,
        states=[*(known.states if known else ()), (command.at, ServiceState.CANDIDATE)],
        versions=[*(known.versions if known else ()), (command.at, command.version)],
    )
    return ACCEPTED


def _refuse_request(
    register: Register, command: RequestReferencing, known: ReferencedService | None
) -> Refusal | None:
    if known is not None and ServiceState.CANDIDATE not in STATE_RIGHTS[known.state].next_states:
        return Refusal("CAT-01", "SERVICE_STATE", "", (command.service, known.state.value))
    if _OBJECT_IDENTIFIER.fullmatch(command.service) is None:
        return Refusal("CAT-01", "SERVICE_IDENTIFIER_WRONG", "", (command.service,))
    if not command.impact_assessment:
        return Refusal("CAT-01", "NO_IMPACT_ASSESSMENT", "", (command.service,))
    return (
        _refuse_unless_is(command, publisher(command.service))
        or _refuse_purposes(command.uses)
        or _refuse_exchange(register, command)
        or refuse_incomplete_scores(command.criteria_version, command.scores)
    )


def _refuse_unless_is(command: CatalogueCommand, *actors: Actor) -> Refusal | None:
    if command.actor in actors:
        return None
    return Refusal("CAT-01", "NOT_THE_DECIDER", "", (command.actor.ident, actors[0].ident))


@enforces("CAT-04")
def _refuse_purposes(uses: tuple[Use, ...]) -> Refusal | None:
    """Prevention, diagnosis, care, social follow-up; nothing else, research included."""
    other = next((use.purpose for use in uses if use.purpose not in _PURPOSES), None)
    return None if other is None else Refusal("CAT-04", "PURPOSE_NOT_ALLOWED", "", (other,))


@enforces("CAT-03")
def _refuse_exchange(register: Register, command: RequestReferencing) -> Refusal | None:
    """The first criteria know no exchange; the second came in October 2023."""
    since = register.parameters.exchange_from
    if command.criteria_version > 1 and paris_date(command.at) < since:
        return Refusal("CAT-03", "CRITERIA_NOT_PUBLISHED", "", (since.isoformat(),))
    if command.criteria_version == 1 and command.uses:
        return Refusal("CAT-03", "EXCHANGE_NEEDS_SECOND_CRITERIA", "", (command.service,))
    return None


@dataclass(frozen=True, slots=True)
class GiveOpinion(CatalogueCommand):
    """Give the opinion of the commission on a candidate.

    Attributes:
        favourable: The opinion is favourable.
    """

    favourable: bool


@handles_catalogue(GiveOpinion)
@enforces("CAT-01")
def give_opinion(register: Register, command: GiveOpinion) -> Outcome:
    """Record the opinion; an unfavourable one rejects the candidate."""
    service = _candidate(register, command, COMMISSION)
    if isinstance(service, Refusal):
        return service
    days = register.parameters.policies.opinion_days
    if service.favourable is not None:
        return Refusal("CAT-01", "OPINION_GIVEN", "", (command.service,))
    if days is not None and command.at > service.requested_at + timedelta(days=days):
        return Refusal("CAT-01", "OPINION_TOO_LATE", "", (command.service, days))
    service.favourable = command.favourable
    if not command.favourable:
        service.states.append((command.at, ServiceState.REJECTED))
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DecideReferencing(CatalogueCommand):
    """Decide, as the minister, whether a candidate is referenced.

    Attributes:
        referenced: The decision.
    """

    referenced: bool


@handles_catalogue(DecideReferencing)
@enforces("CAT-01")
def decide_referencing(register: Register, command: DecideReferencing) -> Outcome:
    """Record the decision, possible only after a favourable opinion."""
    service = _candidate(register, command, MINISTER)
    if isinstance(service, Refusal):
        return service
    if service.favourable is not True:
        return Refusal("CAT-01", "NO_FAVOURABLE_OPINION", "", (command.service,))
    service.decided = command.referenced
    if not command.referenced:
        service.states.append((command.at, ServiceState.REJECTED))
    return ACCEPTED


def _candidate(
    register: Register, command: CatalogueCommand, *actors: Actor
) -> ReferencedService | Refusal:
    service = register.catalogue.services.get(command.service)
    if service is None:
        return Refusal("CAT-01", "UNKNOWN_SERVICE", "", (command.service,))
    refusal = _refuse_unless_is(command, *actors)
    if refusal is not None:
        return refusal
    if service.state is not ServiceState.CANDIDATE:
        return Refusal("CAT-01", "SERVICE_STATE", "", (command.service, service.state.value))
    return service


@dataclass(frozen=True, slots=True)
class SignAgreement(CatalogueCommand):
    """Sign the agreement, as the publisher, the minister or the insurer.

    Attributes:
        until_on: Last day of the agreement; the first to sign sets it.
    """

    until_on: date


@handles_catalogue(SignAgreement)
@enforces("CAT-01")
def sign_agreement(register: Register, command: SignAgreement) -> Outcome:
    """Record a signature; three make the agreement."""
    parties = (publisher(command.service), MINISTER, INSURER)
    service = _candidate(register, command, *parties)
    if isinstance(service, Refusal):
        return service
    if not service.decided:
        return Refusal("CAT-01", "NOT_DECIDED", "", (command.service,))
    if service.until_on not in (None, command.until_on):
        return Refusal("CAT-01", "AGREEMENT_DIFFERS", "", (str(service.until_on),))
    if command.until_on <= paris_date(command.at):
        return Refusal("CAT-01", "AGREEMENT_OVER", "", (command.until_on.isoformat(),))
    service.until_on = command.until_on
    service.signatures |= {command.actor.ident}
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class MoveService(CatalogueCommand):
    """Put a service on trial or on line, take it off line, suspend it or delist it.

    Attributes:
        to: State it moves to.
        testers: Matricules of those who may use it while it is on trial.
    """

    to: ServiceState
    testers: tuple[str, ...] = ()

    def detail(self) -> str:
        """Return the service and the state."""
        return f"{self.service} {self.to.value}"


@handles_catalogue(MoveService)
@enforces("CAT-01", "CAT-09")
def move_service(register: Register, command: MoveService) -> Outcome:
    """Move along the table of states, as the insurer; before any of them, three signatures."""
    service = register.catalogue.services.get(command.service)
    if service is None:
        return Refusal("CAT-01", "UNKNOWN_SERVICE", "", (command.service,))
    refusal = _refuse_unless_is(command, INSURER)
    if refusal is not None:
        return refusal
    state = service.state
    if command.to not in STATE_RIGHTS[state].next_states & _MOVED_TO:
        facts = (command.service, state.value, command.to.value)
        return Refusal("CAT-09", "SERVICE_CANNOT_MOVE", "", facts)
    if state is ServiceState.CANDIDATE and len(service.signatures) < _PARTIES:
        return Refusal("CAT-01", "NO_AGREEMENT", "", (command.service,))
    service.states.append((command.at, command.to))
    service.testers = frozenset(command.testers)
    return ACCEPTED


_PARTIES: Final = 3


@dataclass(frozen=True, slots=True)
class PublishVersion(CatalogueCommand):
    """Publish a new version of a service, as its publisher.

    Attributes:
        version: The new version.
    """

    version: str

    def detail(self) -> str:
        """Return the service and the version."""
        return f"{self.service} {self.version}"


@handles_catalogue(PublishVersion)
@enforces("CAT-10")
def publish_version(register: Register, command: PublishVersion) -> Outcome:
    """Publish: every pairing waits for a new approval from now on."""
    service = register.catalogue.services.get(command.service)
    if service is None:
        return Refusal("CAT-01", "UNKNOWN_SERVICE", "", (command.service,))
    refusal = _refuse_unless_is(command, publisher(command.service))
    if refusal is not None:
        return refusal
    if service.state not in (ServiceState.TRIAL, ServiceState.ONLINE):
        return Refusal("CAT-10", "SERVICE_STATE", "", (command.service, service.state.value))
    if any(version == command.version for _, version in service.versions):
        return Refusal("CAT-10", "VERSION_PUBLISHED", "", (command.version,))
    service.versions.append((command.at, command.version))
    return ACCEPTED
