"""Pairings: the services somebody synchronised, and what each may still do.

Where a pairing stands follows from the service, the person and the instant; nothing has to be
done to thousands of pairings when a service is suspended or publishes a version.

Sources: official application (states, approval at a new version and at majority, limit date);
measures API (idPe). Reading: exchange goes on until the limit date, and stops there; closing the
space ends its pairings for good; the distance of the limit date is an assumption.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from etalon_model.actors import Actor
from etalon_model.catalogue.catalogue import (
    Direction,
    ExchangeFamily,
    Purpose,
    ReferencedService,
    ServiceState,
    Use,
)
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.periods import PARIS, birthday
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_MAJORITY_YEARS: Final = 18
_OPAQUE_BYTES: Final = 16


class PairingState(StrEnum):
    """Where a pairing stands."""

    NOT_SYNCED = "NOT_SYNCED"
    SYNCED = "SYNCED"
    TO_REAPPROVE = "TO_REAPPROVE"
    SUSPENDED = "SUSPENDED_SYNC"


@dataclass(slots=True)
class Pairing:
    """A space joined to a service.

    Attributes:
        service: Object identifier of the solution.
        paired_at: When they were joined.
        approved_at: When the holder, or who decides for them, last approved the service.
        approved_in_minority: That was by somebody else, or while the holder was a minor.
        consents: Uses of data consented to.
    """

    service: str
    paired_at: datetime
    approved_at: datetime
    approved_in_minority: bool
    consents: frozenset[Use]


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """A report of a service by a holder (type of request `SIGNALEMENT_SNR`).

    Attributes:
        at: When (UTC).
        service: Which service.
        reason: Why, in a few words.
    """

    at: datetime
    service: str
    reason: str


@dataclass(slots=True)
class Pairings:
    """What one space shares with referenced services.

    Attributes:
        by_service: Pairings by object identifier of the solution.
        listed_at: When the last list was sent, or the first of the pairings made; None before.
        reports: Services reported.
    """

    by_service: dict[str, Pairing] = field(default_factory=dict[str, Pairing])
    listed_at: datetime | None = None
    reports: list[ServiceReport] = field(default_factory=list[ServiceReport])


@enforces("CAT-15")
def opaque_identifier(seed: int, ins: str, service: str) -> str:
    """Return the identifier (idPe) of `ins` for one service; no other service has the same.

    A pure function of its arguments, from which the matricule cannot be read.
    """
    text = f"{ins}/{service}".encode()
    key = b"%d" % seed
    return blake2b(text, digest_size=_OPAQUE_BYTES, key=key, person=b"idPe").hexdigest()


def pairing_of(person: Person, service: str) -> Pairing | None:
    """Return the pairing of `person` with `service`, whatever its state, or None."""
    held = person.holdings
    if held is None or held.pairings is None:
        return None
    return held.pairings.by_service.get(service)


@enforces("CAT-10")
def approval_limit(
    register: Register, person: Person, pairing: Pairing, at: datetime
) -> datetime | None:
    """Return the instant before which the pairing must be approved again, or None.

    A version published since the last approval asks for it, and so does majority.
    """
    service = register.catalogue.services[pairing.service]
    reasons = [
        published_at
        for published_at, _ in service.versions
        if pairing.approved_at < published_at <= at
    ]
    if pairing.approved_in_minority and not is_minor(person, at):
        day = birthday(person.identity.birth_on, _MAJORITY_YEARS)
        reasons.append(datetime.combine(day, time(), PARIS).astimezone(UTC))
    return register.parameters.reapproval_limit.after(min(reasons)) if reasons else None


@enforces("CAT-08", "CAT-10")
def pairing_state(
    register: Register, person: Person, pairing: Pairing | None, at: datetime
) -> PairingState:
    """Return where `pairing` stands at `at`."""
    if pairing is None or not ACCESS[person.state].holder_logs_in:
        return PairingState.NOT_SYNCED
    limit_at = approval_limit(register, person, pairing, at)
    if limit_at is not None and at >= limit_at:
        return PairingState.NOT_SYNCED
    service = register.catalogue.services[pairing.service]
    if service.state_at(at) is ServiceState.SUSPENDED:
        return PairingState.SUSPENDED
    return PairingState.SYNCED if limit_at is None else PairingState.TO_REAPPROVE


def listed_services(register: Register, person: Person, at: datetime) -> tuple[str, ...]:
    """Return the services synchronised at `at`, in the order of their pairings."""
    held = person.holdings
    if held is None or held.pairings is None:
        return ()
    return tuple(
        service
        for service, pairing in held.pairings.by_service.items()
        if pairing_state(register, person, pairing, at) is not PairingState.NOT_SYNCED
    )


@enforces("CAT-12")
def list_due_at(register: Register, person: Person) -> datetime | None:
    """Return when the next list of synchronised services is due, or None when there is none."""
    held = person.holdings
    if held is None or held.pairings is None or held.pairings.listed_at is None:
        return None
    due_at = register.parameters.synchronised_list.after(held.pairings.listed_at)
    return due_at if listed_services(register, person, due_at) else None


@enforces("CAT-05")
def end_pairings(person: Person) -> None:
    """End every pairing of a space that closes; one opened again is paired anew."""
    if person.holdings is not None and person.holdings.pairings is not None:
        person.holdings.pairings.by_service.clear()


@enforces("CAT-05", "CAT-06", "CAT-08")
def may_exchange(
    register: Register, person: Person, service: ReferencedService, use: Use, at: datetime
) -> bool:
    """Whether `service` may make `use` of the data of `person` at `at`."""
    pairing = pairing_of(person, service.ident)
    state = pairing_state(register, person, pairing, at)
    return (
        pairing is not None
        and use in pairing.consents
        and state in (PairingState.SYNCED, PairingState.TO_REAPPROVE)
        and service.can_exchange(person.ins, at)
    )


@enforces("CAT-05", "CAT-14")
def refuse_unless_consented(  # noqa: PLR0913 (who, what and when of one question)
    register: Register,
    person: Person,
    actor: Actor,
    at: datetime,
    *,
    family: ExchangeFamily,
    direction: Direction,
) -> Refusal | None:
    """Refuse a service to which the holder consented that exchange for no purpose at all."""
    service = register.catalogue.services.get(actor.ident)
    for purpose in Purpose:
        use = Use(purpose.value, family, direction)
        if service is not None and may_exchange(register, person, service, use, at):
            return None
    facts = (direction.value, family.value, "any purpose")
    return Refusal("CAT-05", "CONSENT_NOT_GIVEN", person.ins, facts)
