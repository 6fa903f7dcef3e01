"""What a check concludes: a verdict on each of its requirements, from what it asserted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from etalon_conformance.asking import TransportSurprise
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, Check, ControlBroken
from etalon_conformance.exchanges import Exchange
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.verdicts import Cause, Message, Result, Status, Verdict, judged
from etalon_target.cannot import CannotTest


class Cut(Exception):  # noqa: N818 (the end of a budget, not a fault of the program)
    """The budget ended, or somebody interrupted the run, while a check ran."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a check did, and how it ended.

    Attributes:
        check: The check.
        asserted: What it asserted, in order.
        exchanges: What went over the wire, in order.
        ended: What ended it before its end, or None.
    """

    check: Check
    asserted: tuple[Assertion, ...]
    exchanges: tuple[Exchange, ...]
    ended: Exception | None = None

    @property
    def is_fault(self) -> bool:
        """Whether what ended it is a fault of ours."""
        return self.ended is not None and not isinstance(
            self.ended, (Cut, ControlBroken, CannotTest)
        )


@dataclass(frozen=True, slots=True)
class Concluded:
    """A verdict, with the assertion that it rests on.

    Attributes:
        result: The verdict.
        assertion: What was broken, or what could not be shown; None where all held or none was
            made.
    """

    result: Result
    assertion: Assertion | None = None


def examine(bench: Bench, lacking: str = "") -> Examined:
    """Run a check to its end, whatever ends it.

    Args:
        bench: What it works with.
        lacking: An operation that it needs and the target does not offer; it is not run then.
    """
    ended: Exception | None = None
    if lacking:
        ended = CannotTest(key="cause.operation-undeclared", operation=lacking)
        if bench.target.operations.can(lacking):
            ended = CannotTest(key="target.clock_stands")
        return Examined(bench.check, (), (), ended)
    try:
        for _ in bench.check.function(bench):
            pass
    except Exception as error:  # noqa: BLE001 (whatever a check raises is judged below)
        ended = error
    return Examined(bench.check, tuple(bench.asserted), bench.exchanges, ended)


def conclude(
    examined: Examined,
    requirements: Iterable[Requirement],
    wire: Wire,
    claimed: Callable[[str], bool],
) -> tuple[Concluded, ...]:
    """Return the verdict on each requirement that a check looked at.

    Args:
        examined: What it did.
        requirements: Those of its requirements that the run asks for.
        wire: The wire that its assertions count under.
        claimed: Whether the profile claims a requirement.
    """
    return tuple(_one(examined, each, wire, claimed(each.ident)) for each in requirements)


def _one(examined: Examined, requirement: Requirement, wire: Wire, claimed: bool) -> Concluded:  # noqa: FBT001 (private)
    made = [one for one in examined.asserted if one.requirement == requirement.ident]
    own = [one for one in made if not one.control]
    broken = [one for one in own if not one.seen.holds]
    said = partial(Result, requirement=requirement.ident, check=examined.check.name, wire=wire)
    if broken:
        worst = next((one for one in broken if one.certain), broken[0])
        verdict = judged(requirement, wire, holds=False, certain=worst.certain)
        message = Message("message.broken", _values(worst))
        return Concluded(said(verdict=verdict, message=message, exchanges=_numbers([worst])), worst)
    if examined.ended is not None:
        return _ended(examined.ended, examined.check, said, claimed)
    if not own:
        return Concluded(said(verdict=Verdict.NOT_RUN, message=Message("message.not-run")))
    message = Message("message.held", {"assertions": str(len(own))})
    return Concluded(said(verdict=Verdict.PASS, message=message, exchanges=_numbers(own)))


def _ended(ended: Exception, check: Check, said: partial[Result], claimed: bool) -> Concluded:  # noqa: FBT001 (private)
    """Return the verdict where something ended the check before it could conclude."""
    match ended:
        case Cut():
            message = Message("message.cut")
            return Concluded(said(verdict=Verdict.NOT_RUN, message=message, status=Status.CUT))
        case ControlBroken():
            control = ended.assertion
            cause = Cause("control", {"check": check.name}, claimed)
            message = Message("message.control", _values(control))
            untested = said(verdict=Verdict.COULD_NOT_TEST, message=message, cause=cause)
            return Concluded(replace(untested, exchanges=_numbers([control])), control)
        case CannotTest():
            cause = Cause(ended.key.removeprefix("cause."), ended.values, claimed)
            message = Message(ended.key, ended.values)
            untested = said(verdict=Verdict.COULD_NOT_TEST, message=message, cause=cause)
            if isinstance(ended, TransportSurprise):
                untested = replace(untested, exchanges=(ended.exchange.number,))
            return Concluded(untested)
        case _:
            message = Message("message.harness-error", {"error": type(ended).__name__})
            return Concluded(said(verdict=Verdict.HARNESS_ERROR, message=message))


def _values(assertion: Assertion) -> dict[str, str]:
    return {"expected": assertion.seen.expected, "got": assertion.seen.got}


def _numbers(assertions: Iterable[Assertion]) -> tuple[int, ...]:
    return tuple(sorted({each.number for one in assertions for each in one.exchanges}))
