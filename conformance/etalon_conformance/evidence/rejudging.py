"""Judges a recorded run again: its expectations on its exchanges, under another requirement set.

What a check saw is as it was; what it is worth follows the requirement as it stands now.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from etalon_conformance.evidence.traces import Trace, TraceError
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation, Relation, seen
from etalon_conformance.requirement import (
    CERTAIN,
    Actor,
    Level,
    Requirement,
    Standing,
    Wire,
    can_fail,
)
from etalon_conformance.verdicts import Message, Result, Verdict
from etalon_wire.json_body import Json

VERDICTS: Final = "verdicts.json"
_CONCLUDED: Final = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.FINDING})
_Object = Mapping[str, Json]


def rejudged(
    run: Path, trace: Trace, requirements: Mapping[str, Requirement]
) -> tuple[Result, ...]:
    """Return what the checks of a run conclude under a set of requirements, in its order.

    Only what was concluded (pass, fail, finding) is judged again; requirements that the set does
    not hold are left out.

    Raises:
        TraceError: `verdicts.json` is missing, or not what it should be.
    """
    try:
        text = (run / VERDICTS).read_text(encoding="utf-8")
        verdicts = cast("_Object", json.loads(text))
        return tuple(_results(verdicts, trace, requirements))
    except OSError as error:
        message = f"{VERDICTS}: {error.strerror}"
        raise TraceError(message) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{VERDICTS}: {type(error).__name__}: {error}"
        raise TraceError(message) from error


def _results(
    verdicts: _Object, trace: Trace, requirements: Mapping[str, Requirement]
) -> Iterator[Result]:
    exchanges = {(one.check, one.exchange.number): one.exchange for one in trace.recorded}
    known = cast("Mapping[str, _Object]", verdicts.get("requirements") or {})
    for told in cast("list[_Object]", verdicts["results"]):
        requirement = requirements.get(str(told["requirement"]))
        if requirement is None or Verdict(str(told["verdict"])) not in _CONCLUDED:
            continue
        numbers = tuple(int(str(one)) for one in cast("list[Json]", told.get("exchanges") or []))
        looked = [exchanges.get((str(told["check"]), number)) for number in numbers]
        former = known.get(requirement.ident, {})
        yield _result(told, requirement, former, [one for one in looked if one is not None])


def _result(
    told: _Object, requirement: Requirement, former: _Object, looked: list[Exchange]
) -> Result:
    verdict, wire = Verdict(str(told["verdict"])), Wire(str(told["wire"]))
    expectation = _expectation(told.get("expectation"))
    numbers = tuple(int(str(one)) for one in cast("list[Json]", told.get("exchanges") or []))
    message = Message("message.held", {"assertions": str(len(numbers))})
    if verdict is not Verdict.PASS:
        expected, got = str(told.get("expected") or ""), str(told.get("got") or "")
        if expectation is not None and len(looked) == len(numbers):
            again = seen(expectation, looked)
            expected, got = again.expected, again.got
            verdict = Verdict.PASS if again.holds else verdict
        if verdict is not Verdict.PASS:
            verdict = _worth(verdict, requirement, wire, former)
            message = Message("message.broken", {"expected": expected, "got": got})
    return Result(
        requirement=requirement.ident,
        check=str(told["check"]),
        verdict=verdict,
        wire=wire,
        message=message,
        exchanges=numbers,
    )


def _expectation(told: Json) -> Expectation | None:
    if not isinstance(told, dict):
        return None
    values = tuple(str(one) for one in cast("list[Json]", told.get("values") or []))
    return Expectation(str(told["path"]), Relation(str(told["relation"])), values)


def _worth(verdict: Verdict, requirement: Requirement, wire: Wire, former: _Object) -> Verdict:
    """Return what a breach is worth now.

    A finding on what could have failed then was about its uncertain part: it stays a finding.
    """
    about_the_uncertain = verdict is Verdict.FINDING and _could_fail(former, wire)
    if about_the_uncertain or not can_fail(requirement, wire):
        return Verdict.FINDING
    return Verdict.FAIL


def _could_fail(former: _Object, wire: Wire) -> bool:
    return (
        former.get("level") == Level.SHALL
        and former.get("actor") != Actor.ORGANISATION
        and former.get("standing") in {Standing.LAW, Standing.SPECIFICATION}
        and former.get("certainty") == CERTAIN
        and wire in {Wire.OFFICIAL, Wire.VENDOR_MAPPED}
    )
