"""A referenced service for tests, demonstrations and the sandbox of a reference server.

Like `etalon_model.sandbox`: commands issued in the name of whoever may; nothing here is a rule.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from etalon_model.actors import INSURER, Actor
from etalon_model.catalogue.catalogue import (
    Direction,
    EconomicModel,
    ExchangeFamily,
    Purpose,
    ServiceState,
    Use,
)
from etalon_model.catalogue.criteria import CRITERIA, FamilyScore
from etalon_model.catalogue.exchange import AppTokens, IdToken
from etalon_model.catalogue.measure_checks import BundleEntry, MeasureDraft
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import SearchMeasures, WriteMeasure
from etalon_model.catalogue.pairing import PairService
from etalon_model.catalogue.referencing import (
    COMMISSION,
    MINISTER,
    DecideReferencing,
    GiveOpinion,
    MoveService,
    RequestReferencing,
    SignAgreement,
    publisher,
)
from etalon_model.command import Command
from etalon_model.sandbox import Sandbox

SOLUTION: Final = "1.2.250.1.999.7.1"
"""Object identifier of a solution that does not exist."""

AGREED_UNTIL: Final = date(2026, 10, 31)

USES: Final = tuple(
    Use(Purpose.CARE, family, direction) for family in ExchangeFamily for direction in Direction
)
"""Reading and writing of everything, for care."""


def full_scores(version: int) -> tuple[FamilyScore, ...]:
    """Return a sheet on which every mandatory criterion is met."""
    return tuple(
        FamilyScore(family, wanted.mandatory) for family, wanted in CRITERIA[version].items()
    )


def request(
    box: Sandbox,
    service: str = SOLUTION,
    *,
    uses: tuple[Use, ...] = USES,
    criteria_version: int = 2,
    version: str = "1.0",
) -> RequestReferencing:
    """Return a request that would be received."""
    return RequestReferencing(
        box.now,
        publisher(service),
        "",
        service,
        "Carnet d'exemple",
        version,
        EconomicModel.FREE,
        uses,
        criteria_version,
        full_scores(criteria_version),
    )


def sign(box: Sandbox, service: str = SOLUTION, until_on: date = AGREED_UNTIL) -> None:
    """Have the three parties sign the agreement."""
    for party in (publisher(service), MINISTER, INSURER):
        box.do(SignAgreement(box.now, party, "", service, until_on))


def move(box: Sandbox, to: ServiceState, *testers: str, service: str = SOLUTION) -> None:
    """Move the service to another state."""
    box.do(MoveService(box.now, INSURER, "", service, to, testers))


def put_online(
    box: Sandbox,
    service: str = SOLUTION,
    *,
    uses: tuple[Use, ...] = USES,
    criteria_version: int = 2,
    until_on: date = AGREED_UNTIL,
) -> None:
    """Have a service referenced and put on line."""
    asked = request(box, service, uses=uses, criteria_version=criteria_version)
    for command in steps_online(asked, until_on):
        box.do(command)


def steps_online(request: RequestReferencing, until_on: date) -> Iterator[Command]:
    """Return a request and all that follows it until the service is on line, at its instant.

    Args:
        request: What the publisher asks for.
        until_on: Last day of the agreement.
    """
    at, service = request.at, request.service
    yield request
    yield GiveOpinion(at, COMMISSION, "", service, favourable=True)
    yield DecideReferencing(at, MINISTER, "", service, referenced=True)
    for party in (publisher(service), MINISTER, INSURER):
        yield SignAgreement(at, party, "", service, until_on)
    yield MoveService(at, INSURER, "", service, ServiceState.ONLINE)


def pair(
    box: Sandbox, ins: str, *consents: Use, service: str = SOLUTION, by: Actor | None = None
) -> str:
    """Synchronise a space with a service; return the opaque identifier it is given."""
    actor = by or box.decider(ins)
    return str(box.do(PairService(box.now, actor, ins, service, consents)))


def tokens(id_pe: str, service: str = SOLUTION) -> AppTokens:
    """Return the tokens of a call that would pass."""
    return AppTokens(IdToken(id_pe, service))


def weight(box: Sandbox, id_pe: str, kilograms: float = 71.5) -> MeasureDraft:
    """Return a measure that would be kept."""
    profile = "mes-observation-bodyweight"
    return MeasureDraft(profile, f"{SOLUTION}.1", WEIGHT, id_pe, box.now, kilograms)


def writing(box: Sandbox, ins: str, id_pe: str, *measures: MeasureDraft) -> WriteMeasure:
    """Return the call that sends measures for care, in the name of the service on line."""
    bundle = tuple(BundleEntry(full_url=f"urn:m{n}", measure=m) for n, m in enumerate(measures))
    return WriteMeasure(box.now, publisher(SOLUTION), ins, tokens(id_pe), Purpose.CARE, bundle)


def searching(box: Sandbox, ins: str, id_pe: str) -> SearchMeasures:
    """Return the call that reads the last weight for care."""
    return SearchMeasures(
        box.now,
        publisher(SOLUTION),
        ins,
        tokens(id_pe),
        Purpose.CARE,
        id_pe,
        WEIGHT,
        count=1,
        sort="-date",
    )
