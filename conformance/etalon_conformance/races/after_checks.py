"""What a run adds to its checks when it is given time to look for races."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from etalon_conformance.concluding import Cut, Examined, conclude
from etalon_conformance.races.searching import RaceSummary, searched
from etalon_conformance.running import RunOutcome, is_claimed, wire_of
from etalon_target.targets import Target


def raced_after(
    outcome: RunOutcome,
    target: Target,
    seconds: float,
    kept: Callable[[Examined], None],
    is_interrupted: Callable[[], bool],
) -> RunOutcome:
    """Look for races after the checks of a run; return the outcome with what was found.

    A run that was cut, or whose target is gone, is left as it is. Who was made stays to be removed.

    Args:
        outcome: What the checks came to.
        target: The target, still reached.
        seconds: How long.
        kept: Called with what shows each race.
        is_interrupted: Tells whether somebody asked to stop.
    """
    if outcome.cut or outcome.unreachable or seconds <= 0:
        return outcome
    plan = outcome.plan
    ends_at = time.monotonic() + seconds

    def allow() -> None:
        if is_interrupted() or time.monotonic() >= ends_at:
            raise Cut

    summary = searched(target, seconds, plan.choice.seed, allow, frozenset(plan.requirements))
    return _with(outcome, summary, target, kept)


def _with(
    outcome: RunOutcome, summary: RaceSummary, target: Target, kept: Callable[[Examined], None]
) -> RunOutcome:
    concluded = list(outcome.concluded)
    for one in summary.found:
        examined, requirement = one.examined, outcome.plan.requirements[one.requirement]
        if examined is None:
            continue
        kept(examined)
        wire = wire_of(examined.check, target)
        concluded += conclude(examined, [requirement], wire, partial(_claimed, outcome, target))
    return replace(outcome, concluded=tuple(concluded), races=summary.plain())


def _claimed(outcome: RunOutcome, target: Target, ident: str) -> bool:
    return is_claimed(outcome.plan.requirements[ident], target)
