"""Verdicts: what a check concludes about a requirement, how they are counted, how a run exits.

They are counted by standing and by wire, and never added into one percentage.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from pydantic import TypeAdapter

from etalon_conformance.requirement import Requirement, Standing, Wire, can_fail


class Verdict(StrEnum):
    """What is concluded about one requirement."""

    PASS = "pass"  # noqa: S105 (a verdict)
    FAIL = "fail"
    """Broken, and the source and the wire are such that it counts against the system."""
    FINDING = "finding"
    """Broken, but only a draft, the product, a choice of ours or a wish says so."""
    COULD_NOT_TEST = "could-not-test"
    NOT_APPLICABLE = "not-applicable"
    """The profile declares that the system does not do this."""
    MANUAL = "manual"
    """A named person answered, or is asked to."""
    NOT_RUN = "not-run"
    HARNESS_ERROR = "harness-error"
    """A fault of ours: nothing is concluded."""


class Status(StrEnum):
    """How far a check came, whatever it concluded."""

    FINISHED = "finished"
    CUT = "cut"
    """The budget or an interruption ended it."""
    WAITING = "waiting"
    """It asks for the answer of a person."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the reader: a key of `etalon_text` and what fills it."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Cause:
    """Why several requirements could not be tested: told once, whatever depends on it.

    Attributes:
        key: Of the sentence `cause.KEY`, such as `unreachable`, `operation-undeclared`, `budget`.
        values: What fills it.
        claimed: Whether the profile claims what could not be tested.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check concluded about one requirement.

    Attributes:
        requirement: Its identifier.
        check: Name of the check.
        verdict: What it concluded.
        wire: The wire it used.
        message: What to tell.
        exchanges: Ranks of the exchanges that show it, from 1.
        cause: Why nothing could be concluded, or None.
        status: How far it came.
    """

    requirement: str
    check: str
    verdict: Verdict
    wire: Wire
    message: Message
    exchanges: tuple[int, ...] = ()
    cause: Cause | None = None
    status: Status = Status.FINISHED


Counts = Mapping[Standing, Mapping[Wire, Mapping[Verdict, int]]]
"""How many requirements, by standing, wire and verdict; what is not there is none."""

_WORST_FIRST = (
    Verdict.FAIL,
    Verdict.FINDING,
    Verdict.HARNESS_ERROR,
    Verdict.NOT_RUN,
    Verdict.COULD_NOT_TEST,
    Verdict.MANUAL,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
_RANK = {verdict: rank for rank, verdict in enumerate(_WORST_FIRST)}
_CONCLUDED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.FINDING})


def judged(requirement: Requirement, wire: Wire, *, holds: bool, certain: bool = True) -> Verdict:
    """Return what an observation over `wire` concludes about a requirement.

    Args:
        requirement: What was looked at.
        wire: Over which exchange.
        holds: Whether what was seen keeps it.
        certain: Whether that is about the part of it that is certain (`certain_part`), where it
            has one; a breach of the rest is a finding.
    """
    if holds:
        return Verdict.PASS
    return Verdict.FAIL if certain and can_fail(requirement, wire) else Verdict.FINDING


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that stands for several about one requirement.

    A breach outweighs everything; then whatever keeps a pass from being told; a pass outweighs
    what does not apply.

    Raises:
        ValueError: There is none.
    """
    return min(verdicts, key=_RANK.__getitem__)


def counted(results: Iterable[Result], requirements: Mapping[str, Requirement]) -> Counts:
    """Count requirements by standing, wire and verdict.

    A requirement seen by several checks over one wire counts once there, by the worst verdict;
    seen over two wires, it counts under each: the rows are not to be added together.

    Raises:
        KeyError: A result names a requirement that the set does not hold.
    """
    seen: dict[tuple[str, Wire], list[Verdict]] = {}
    for result in results:
        seen.setdefault((result.requirement, result.wire), []).append(result.verdict)
    tally = Counter(
        (requirements[ident].standing, wire, worst(verdicts))
        for (ident, wire), verdicts in seen.items()
    )
    counts: dict[Standing, dict[Wire, dict[Verdict, int]]] = {}
    for standing in Standing:
        for wire in Wire:
            row = {v: tally[standing, wire, v] for v in Verdict if tally[standing, wire, v]}
            if row:
                counts.setdefault(standing, {})[wire] = row
    return counts


def exit_code(  # noqa: PLR0913 (each circumstance, by its name)
    results: Sequence[Result],
    *,
    unreachable: bool = False,
    cut: bool = False,
    findings_fail: bool = False,
    accepted: Collection[tuple[str, str]] = frozenset(),
    unused: bool = False,
) -> int:
    """Return what a run exits with.

    1 when a requirement failed, or gave a finding and `findings_fail`, and nobody accepted it; else
    4 when the harness was at fault; else 3 when the target was unreachable, the plan was cut, a
    planned requirement was not run or one that the profile claims could not be tested, or nothing
    at all was concluded; else 2 when the baseline accepts what is no longer broken; else 0.

    Args:
        results: What every check concluded.
        unreachable: Whether the target could not be reached.
        cut: Whether the budget or an interruption cut the plan.
        findings_fail: Whether a finding counts as a failure, as it does beside a baseline.
        accepted: Requirement and check of each breach that the baseline accepts.
        unused: Whether an entry of the baseline is not needed any more.
    """
    found = {result.verdict for result in results}
    new = {one.verdict for one in results if (one.requirement, one.check) not in accepted}
    if Verdict.FAIL in new or (findings_fail and Verdict.FINDING in new):
        return 1
    if Verdict.HARNESS_ERROR in found:
        return 4
    unanswered = unreachable or cut or not found & _CONCLUDED
    if unanswered or any(_left_open(result) for result in results):
        return 3
    return 2 if unused else 0


def _left_open(result: Result) -> bool:
    """Tell whether a run that holds `result` has not answered what it was asked."""
    if result.status is Status.CUT or result.verdict is Verdict.NOT_RUN:
        return True
    claimed = result.cause is not None and result.cause.claimed
    return result.verdict is Verdict.COULD_NOT_TEST and claimed


_RESULT = TypeAdapter(Result)


def plain_result(result: Result) -> dict[str, object]:
    """Return a result as `verdicts.json` holds it."""
    return cast("dict[str, object]", _RESULT.dump_python(result, mode="json"))


def result_of(plain: object) -> Result:
    """Return the result that `plain_result` wrote.

    Raises:
        ValueError: It is no such object; the message says which part.
    """
    return _RESULT.validate_python(plain, strict=False)
