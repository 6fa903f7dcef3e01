"""Each requirement with all that was concluded about it: what reports list, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.conformance.verdict_file import STANDINGS, WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from etalon_reports.conformance.verdict_file import (
        Answer,
        ConformanceRun,
        Contest,
        Requirement,
        Result,
        Words,
    )

_WORST_FIRST: Final = (
    "fail",
    "finding",
    "harness-error",
    "not-run",
    "could-not-test",
    "manual",
    "pass",
    "not-applicable",
)
BREACHES: Final = frozenset({"fail", "finding"})


class Judgement(NamedTuple):
    """What was concluded about one requirement over one wire.

    Attributes:
        requirement: The requirement.
        wire: Over which exchange; empty when no check looked at it.
        verdict: The worst of its results; empty when nobody looked at it.
        results: What each check concluded, worst first.
        answer: What a person answered, or is asked; None when nobody is.
        untested: Why no check looks at it; empty words otherwise.
        inapplicable: Why it does not apply, as the profile says; empty otherwise.
        contests: Who contests, since.
    """

    requirement: Requirement
    wire: str
    verdict: str
    results: Sequence[Result]
    answer: Answer | None
    untested: Words | None
    inapplicable: str
    contests: Sequence[Contest]

    @property
    def accepted(self) -> bool:
        """Whether the baseline accepts every breach."""
        breaches = [one for one in self.results if one.verdict in BREACHES]
        return bool(breaches) and all(one.accepted for one in breaches)


def judgements(run: ConformanceRun) -> Sequence[Judgement]:
    """Return every requirement of a run, by standing, wire and identifier; each wire apart."""
    seen: dict[tuple[str, str], list[Result]] = {}
    for result in run.results:
        seen.setdefault((result.requirement, result.wire), []).append(result)
    looked_at = {ident for ident, _ in seen}
    places = [*seen, *((ident, "") for ident in run.requirements if ident not in looked_at)]
    found = [_judgement(run, ident, wire, seen.get((ident, wire), [])) for ident, wire in places]
    return sorted(found, key=_order)


def with_verdict(found: Iterable[Judgement], verdict: str) -> Sequence[Judgement]:
    """Return the judgements that bear a verdict; an empty one: those that no check looked at."""
    return [one for one in found if one.verdict == verdict]


def idents(found: Iterable[Judgement]) -> Sequence[str]:
    """Return the identifiers of requirements, each once."""
    return list(dict.fromkeys(one.requirement.ident for one in found))


def _judgement(run: ConformanceRun, ident: str, wire: str, results: Sequence[Result]) -> Judgement:
    ranked = sorted(results, key=lambda one: _WORST_FIRST.index(one.verdict))
    answer = next((one for one in run.answers if one.requirement == ident), None)
    inapplicable = run.not_applicable.get(ident, "")
    without = "not-applicable" if inapplicable else "manual" if answer else ""
    return Judgement(
        requirement=run.requirements[ident],
        wire=wire,
        verdict=ranked[0].verdict if ranked else without,
        results=ranked,
        answer=answer,
        untested=run.not_tested.get(ident),
        inapplicable=inapplicable,
        contests=[one for one in run.contests if one.requirement == ident],
    )


def _order(one: Judgement) -> tuple[int, int, str]:
    wire = WIRES.index(one.wire) if one.wire else len(WIRES)
    return STANDINGS.index(one.requirement.standing), wire, one.requirement.ident
