"""What is printed of people's judgement after a run: what is accepted, unused, or not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_conformance.verdicts import Status, Verdict
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from etalon_conformance.baseline import Accepted
    from etalon_conformance.verdict_file import Judgement
    from etalon_text.language import Language

_MOST_NAMED: Final = 20


def judging_lines(judged: Judgement, language: Language) -> list[str]:
    """Give what is accepted, what needs no acceptance any more, and which answers are awaited."""
    lines: list[str] = []
    if judged.accepted is not None:
        lines += _accepted_lines(judged, judged.accepted, language)
        lines += _unused_lines(judged.accepted, language)
    waiting = [
        one.requirement
        for one in judged.results
        if one.verdict is Verdict.MANUAL and one.status is Status.WAITING
    ]
    if waiting:
        lines += [
            "",
            text("judging.waiting", language, count=len(waiting), listed=_listed(waiting)),
        ]
    return lines


def _accepted_lines(judged: Judgement, accepted: Accepted, language: Language) -> Iterator[str]:
    """Give each accepted breach, failures first: none is accepted without being shown."""
    found = [one for one in judged.results if (one.requirement, one.check) in accepted.entries]
    if not found:
        return
    yield ""
    yield text("judging.accepted", language, count=len(found))
    for one in sorted(found, key=lambda result: result.verdict is not Verdict.FAIL):
        entry = accepted.entries[one.requirement, one.check]
        yield text(
            "judging.entry",
            language,
            requirement=one.requirement,
            check=one.check,
            verdict=text(f"verdict.{one.verdict}", language),
            until=entry.until,
            reason=" ".join(entry.reason.split()),
        )


def _unused_lines(accepted: Accepted, language: Language) -> Iterator[str]:
    if not accepted.unused:
        return
    yield ""
    yield text("judging.unused", language, count=len(accepted.unused))
    for one in accepted.unused:
        yield text(
            "judging.entry",
            language,
            requirement=one.requirement,
            check=one.check or "*",
            verdict=text(f"verdict.{one.verdict}", language),
            until=one.until,
            reason=" ".join(one.reason.split()),
        )


def _listed(idents: Sequence[str]) -> str:
    shown = ", ".join(idents[:_MOST_NAMED])
    return f"{shown}, …" if len(idents) > _MOST_NAMED else shown
