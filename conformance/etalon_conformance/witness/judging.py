"""The judge: exchanges of a client in, verdicts out; nothing is asked of anybody.

Each observation looks at the traffic of one step and says what it shows of a requirement. A
requirement that a step was there to show and that its traffic does not show is not held against the
client: it could not be tested, and the reason is told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from etalon_conformance.exchanges import Exchange
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.verdicts import Cause, Message, Result, Status, Verdict, judged
from etalon_conformance.witness import (
    booking,
    conduct,
    consulting,
    depositing,
    headings,
    joining,
    mailing,
    measured,
)
from etalon_conformance.witness.scenario import Profile, Step, check_name
from etalon_conformance.witness.seeing_traffic import Point, Scene, read_traffic, scenes_of
from etalon_conformance.witness.traffic import Witnessed

CHECK: Final = "judge"
"""The name under which results stand where no step was announced."""
NOT_COVERED: Final = "interface-not-covered"
"""The check and the cause of requirements about interfaces that Étalon does not speak."""

_DONE: Final = "done"

Observation = Callable[[Scene], Iterator[Point]]
OBSERVATIONS: Final[tuple[Observation, ...]] = (
    booking.appointments,
    depositing.deposits,
    depositing.identities,
    headings.headings,
    depositing.messages,
    depositing.token_requests,
    conduct.repeats,
    conduct.waiting,
    conduct.renewal,
    conduct.versions,
    conduct.refusals,
    conduct.emergencies,
    consulting.searches,
    consulting.pages,
    consulting.readings,
    joining.logins,
    joining.endings,
    joining.consents,
    measured.measures,
    measured.measure_searches,
    mailing.mails,
    mailing.repeats,
    mailing.receipts,
)


def judged_session(
    profile: Profile,
    traffic: Iterable[Witnessed],
    matricules: Mapping[str, str],
    statuses: Mapping[str, str],
    requirements: Mapping[str, Requirement],
) -> tuple[Result, ...]:
    """Return the verdicts on a session, in the order of its steps.

    Args:
        profile: What was walked through.
        traffic: Every exchange, each with its step.
        matricules: Name of a person -> matricule.
        statuses: Name of a step -> how it ended: `done`, `timed-out`, `skipped`, `pending`.
        requirements: The set of requirements.
    """
    found: list[Result] = []
    for scene in scenes_of(profile, traffic, matricules):
        if scene.step is not None:
            status = statuses.get(scene.step.name, "pending")
            found += step_results(profile.name, scene.step, scene, status, requirements)
    found += [not_covered(requirements[one]) for one in profile.not_covered]
    return tuple(found)


def step_results(
    profile: str, step: Step, scene: Scene, status: str, requirements: Mapping[str, Requirement]
) -> tuple[Result, ...]:
    """Return the verdicts on one step."""
    check, shown = check_name(profile, step.name), _shown(scene)
    wanted = dict.fromkeys([*step.requirements, *shown])
    return tuple(
        _result(requirements[one], check, shown[one])
        if _is_concluded(step, status, one, shown)
        else _untested(requirements[one], check, status)
        for one in wanted
        if one in requirements
    )


def _is_concluded(
    step: Step, status: str, requirement: str, shown: Mapping[str, list[Point]]
) -> bool:
    """Whether traffic concludes on a requirement: what a step was not done for cannot pass."""
    if requirement not in shown:
        return False
    is_kept = all(one.holds for one in shown[requirement])
    return status == _DONE or requirement not in step.requirements or not is_kept


def judged_traffic(
    exchanges: Sequence[Exchange], requirements: Mapping[str, Requirement], base: str
) -> tuple[Result, ...]:
    """Return what exchanges show by themselves, whoever recorded them.

    Args:
        exchanges: The exchanges, in order.
        requirements: The set of requirements.
        base: Address of the FHIR base.
    """
    traffic = [of_others(one, base) for one in exchanges if not one.control]
    shown = _shown(Scene(step=None, reads=read_traffic(traffic)))
    return tuple(
        _result(requirements[one], CHECK, shown[one]) for one in requirements if one in shown
    )


def of_others(exchange: Exchange, base: str) -> Witnessed:
    """Return an exchange that the witness did not record as it would have seen it."""
    began = exchange.at.timestamp()
    ended = began + exchange.answer.seconds
    return Witnessed(
        exchange, "", base.rstrip("/"), began, ended, exchange.at + timedelta(seconds=0)
    )


def _shown(scene: Scene) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for observe in OBSERVATIONS:
        for one in observe(scene):
            found.setdefault(one.requirement, []).append(one)
    return found


def _wire(requirement: Requirement) -> Wire:
    return requirement.wire or Wire.OFFICIAL


def _result(requirement: Requirement, check: str, points: list[Point]) -> Result:
    broken = next((one for one in points if not one.holds), None)
    numbers = sorted({number for one in points for number in one.exchanges})
    message = Message("message.held", {"assertions": str(len(points))})
    if broken is not None:
        numbers = sorted(set(broken.exchanges))
        message = Message(f"witness.broken.{broken.key}", broken.values)
    wire = _wire(requirement)
    return Result(
        requirement=requirement.ident,
        check=check,
        verdict=judged(requirement, wire, holds=broken is None),
        wire=wire,
        message=message,
        exchanges=tuple(numbers),
    )


def _untested(requirement: Requirement, check: str, status: str) -> Result:
    """Return the verdict where nothing shows what a step was there to show."""
    key = "witness-not-shown" if status == _DONE else f"witness-step-{status}"
    cause = Cause(key, claimed=status != _DONE)
    return Result(
        requirement=requirement.ident,
        check=check,
        verdict=Verdict.COULD_NOT_TEST,
        wire=_wire(requirement),
        message=Message(f"cause.{key}"),
        cause=cause,
        status=Status.CUT if status == "pending" else Status.FINISHED,
    )


def not_covered(requirement: Requirement) -> Result:
    """Return the verdict on a requirement of an interface that Étalon does not speak."""
    return Result(
        requirement=requirement.ident,
        check=NOT_COVERED,
        verdict=Verdict.COULD_NOT_TEST,
        wire=_wire(requirement),
        message=Message(f"cause.{NOT_COVERED}"),
        cause=Cause(NOT_COVERED),
    )
