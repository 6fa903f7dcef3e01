"""What is printed of a conformance run: what it concluded, and where the rest is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.judging_answer import judging_lines
from etalon_conformance.expectations import told
from etalon_conformance.requirement import Standing, Wire
from etalon_conformance.verdict_file import causes
from etalon_conformance.verdicts import Result, Verdict, counted, worst
from etalon_text.exploration_sentences import exploration_sentences, race_sentences
from etalon_text.number_formats import number
from etalon_text.observations import observed
from etalon_text.refusals import refusal_in
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from etalon_cli.campaign import Campaign
    from etalon_conformance.concluding import Concluded
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_SHOWN: Final = 20
_OURS: Final = frozenset({"embedded", "inprocess"})
"""Breaches of one kind that are printed; the report holds all."""

_COLUMNS: Final = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.FINDING,
    Verdict.COULD_NOT_TEST,
    Verdict.NOT_APPLICABLE,
    Verdict.MANUAL,
    Verdict.NOT_RUN,
    Verdict.HARNESS_ERROR,
)
_COPIED: Final = (
    "suite",
    "target",
    "requirement_set",
    "seed",
    "status",
    "cut",
    "unreachable",
    "findings_fail",
    "exit_code",
    "conforms",
    "counts",
    "causes",
    "exploration",
    "races",
    "leftovers",
    "people",
    "run",
)


def plain_campaign(campaign: Campaign) -> dict[str, Json]:
    """Return what `--json` prints: the head of `verdicts.json`, and each breach."""
    verdicts = cast("Mapping[str, Json]", campaign.verdicts)
    results = cast("Sequence[Mapping[str, Json]]", verdicts["results"])
    broken = {Verdict.FAIL.value, Verdict.FINDING.value, Verdict.HARNESS_ERROR.value}
    return {
        "directory": str(campaign.directory.path),
        **{name: verdicts[name] for name in _COPIED},
        "counts_by_verdict": _by_verdict(campaign.judged.results),
        "failures": [one for one in results if one["verdict"] == Verdict.FAIL],
        "broken": [one for one in results if one["verdict"] in broken],
        "accepted": [one for one in results if one["accepted"] is not None],
    }


def _by_verdict(results: Iterable[Result]) -> dict[str, Json]:
    """Count requirements by the worst that was concluded of each."""
    found: dict[str, list[Verdict]] = {}
    for one in results:
        found.setdefault(one.requirement, []).append(one.verdict)
    counts = Counter(worst(verdicts) for verdicts in found.values())
    return {verdict.value: counts[verdict] for verdict in Verdict if counts[verdict]}


def campaign_lines(campaign: Campaign, language: Language) -> Iterator[str]:
    """Give what is printed, line by line."""
    outcome, choice = campaign.outcome, campaign.outcome.plan.choice
    yield text("campaign.target", language, target=_target(campaign, language))
    yield text(
        "campaign.head",
        language,
        suite=choice.suite or "",
        seed=choice.seed,
        checks=len(outcome.plan.checks),
        exchanges=number(outcome.exchanges, language),
        seconds=number(outcome.seconds, language, 1),
    )
    if left_out := campaign.verdicts.get("left_out"):
        yield text("campaign.left_out", language, count=left_out)
    if outcome.unreachable:
        problem = refusal_in(outcome.unreachable, language)
        yield text("campaign.unreachable", language, problem=problem)
    if outcome.cut:
        yield text(f"campaign.cut_{outcome.cut}", language)
    if outcome.exploration is not None:
        yield from exploration_sentences(outcome.exploration, language)
    if outcome.races is not None:
        yield from race_sentences(outcome.races, language)
    yield ""
    yield from _table(campaign, language)
    for verdict in (Verdict.FAIL, Verdict.FINDING):
        yield from _breaches(campaign, verdict, language)
    yield from judging_lines(campaign.judged, language)
    yield from _faults(campaign, language)
    yield from _causes(campaign.judged.results, language)
    yield from _leftovers(campaign, language)
    yield ""
    code = campaign.judged.exit_code
    excused = code == 0 and not campaign.judged.conforms
    yield text("campaign.exit_0_accepted" if excused else f"campaign.exit_{code}", language)
    yield text("campaign.files", language, directory=campaign.directory.path)


def _target(campaign: Campaign, language: Language) -> str:
    """Name what was tested: the reference is what stands there when none was named."""
    target = cast("Mapping[str, str]", campaign.verdicts["target"])
    if target["kind"] in _OURS:
        return text(f"conformance.target_{target['kind']}", language)
    return ", ".join(dict.fromkeys((target["name"], target["address"])))


def _table(campaign: Campaign, language: Language) -> Iterator[str]:
    """Give the counts: a line for each standing and wire, a column for each verdict there is."""
    counts = counted(campaign.judged.results, campaign.outcome.plan.requirements)
    rows = [
        (standing, wire, counts[standing][wire])
        for standing in Standing
        for wire in Wire
        if wire in counts.get(standing, {})
    ]
    used = [one for one in _COLUMNS if any(one in row for _, _, row in rows)]
    heads = [text("campaign.standing", language), text("campaign.wire", language)]
    heads += [text(f"verdict.{one}", language) for one in used]
    cells = [
        [
            text(f"standing.{standing}", language),
            text(f"wire.{wire}", language),
            *(str(row.get(one, 0)) for one in used),
        ]
        for standing, wire, row in rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for line in (heads, *cells):
        words = [line[0].ljust(widths[0]), line[1].ljust(widths[1])]
        words += [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        yield "  ".join(words).rstrip()


def _breaches(campaign: Campaign, verdict: Verdict, language: Language) -> Iterator[str]:
    found = [one for one in campaign.judged.results if one.verdict is verdict]
    if not found:
        return
    yield ""
    yield text(f"campaign.{verdict}s", language, count=len(found))
    rests_on = {
        (one.result.requirement, one.result.check): one for one in campaign.outcome.concluded
    }
    for one in found[:_SHOWN]:
        yield f"  {one.requirement} · {one.check}"
        yield f"    {_said(one, rests_on.get((one.requirement, one.check)), language)}"
    if len(found) > _SHOWN:
        yield "  " + text("campaign.more", language, count=len(found) - _SHOWN)


def _said(result: Result, concluded: Concluded | None, language: Language) -> str:
    values = dict(result.message.values)
    if concluded is not None and concluded.assertion is not None:
        expectation = concluded.assertion.expectation
        values["expected"] = told(
            expectation.path, expectation.relation, expectation.values, language
        )
        values["got"] = observed(concluded.assertion.seen.got, language)
    return text(result.message.key, language, **values)


def _faults(campaign: Campaign, language: Language) -> Iterator[str]:
    named = [one.check.name for one in campaign.outcome.faults]
    if named:
        yield ""
        yield text("campaign.faults", language, checks=", ".join(named))


def _causes(results: Iterable[Result], language: Language) -> Iterator[str]:
    """Give each cause for which something could not be tested, once."""
    found = cast("list[Mapping[str, Json]]", causes(results))
    if not found:
        return
    yield ""
    for cause in found:
        key = str(cause["key"])
        values = cast("Mapping[str, str]", cause["values"])
        yield text(key if "." in key else f"cause.{key}", language, **values)
        named = cast("Sequence[str]", cause["requirements"])
        shown = ", ".join(named[:_SHOWN]) + (", …" if len(named) > _SHOWN else "")
        yield f"  {text('campaign.concerns', language, count=len(named))} {shown}"


def _leftovers(campaign: Campaign, language: Language) -> Iterator[str]:
    left = campaign.outcome.leftovers.left
    if left:
        yield ""
        tag, cause = left[0].tag, text(left[0].cause, language)
        yield text("campaign.leftovers", language, count=len(left), tag=tag, cause=cause)
