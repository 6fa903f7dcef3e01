"""What the developer reads of each requirement: source, expected, got, path, calls, exchanges."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote

from markupsafe import Markup

from etalon_reports.conformance.judgements import BREACHES
from etalon_reports.conformance.legible import legible_text
from etalon_reports.conformance.sentences import (
    asker,
    cause_sentence,
    check_title,
    day_of,
    expected_sentence,
    got_sentence,
    likely_sentence,
    message_sentence,
    moment,
    numbers,
    outcome,
    source_title,
)
from etalon_text.certainty import certainty_text
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_reports.conformance.exchange_file import Exchange, Message, Place
    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import Requirement, Result, Source
    from etalon_text.language import Language

_MOST_CALLS: Final = 20
"""Exchanges of one result that a page shows."""
EVIDENCE: Final = "requirements"
COUNTEREXAMPLES: Final = "counterexamples"
_SCRIPTS: Final[Mapping[Language, Sequence[str]]] = {
    "fr": ("README.md", "replay.sh", "test_replay.py", "sequence.fr.svg"),
    "en": ("README.md", "replay.sh", "test_replay.py", "sequence.svg"),
}


class Call(NamedTuple):
    """One exchange as a line, and whole when unfolded (`request` and `answer`)."""

    number: int
    asker: str
    verb: str
    address: str
    outcome: str
    request: str
    answer: str


class ResultEntry(NamedTuple):
    """What one check concluded, in words.

    Attributes:
        check: Name of the check.
        title: What it looks at.
        verdict: The verdict.
        message: What the check has to tell; empty for nothing.
        expected: What was expected; empty where nothing was observed.
        got: What was seen.
        path: Where in the answer.
        numbers: Numbers of the exchanges that show it.
        likely: Likely cause of a breach; empty when none is known.
        cause: Why nothing could be concluded; empty where something was.
        accepted: What the baseline says; empty when nothing.
        scripts: Address and name of each file of the counterexample.
        replay: Command that replays it; empty when there is none.
        calls: The exchanges.
    """

    check: str
    title: str
    verdict: str
    message: str
    expected: str
    got: str
    path: str
    numbers: str
    likely: str
    cause: str
    accepted: str
    scripts: Sequence[tuple[str, str]]
    replay: str
    calls: Sequence[Call]


class Entry(NamedTuple):
    """One requirement over one wire, in words.

    Attributes:
        anchor: Its name in the page.
        ident: Its identifier.
        text: What it asks.
        weight: Level, standing, certainty, actor, wire.
        condition: When it applies; empty when it always does.
        sources: The texts that ask for it, with links.
        standing: What it rests on.
        wire: Over which exchange; empty when nobody looked at it.
        verdict: The verdict; empty when nobody looked at it.
        label: The same in words.
        accepted: Whether the baseline accepts every breach.
        why: Why it is without a check, or does not apply; empty otherwise.
        results: What each check concluded.
        contests: Who contests it, when and why.
        evidence: Address of the first file of its folder of evidence; empty without a verdict.
    """

    anchor: str
    ident: str
    text: str
    weight: str
    condition: str
    sources: Sequence[Markup]
    standing: str
    wire: str
    verdict: str
    label: str
    accepted: bool
    why: str
    results: Sequence[ResultEntry]
    contests: Sequence[str]
    evidence: str


class Telling(NamedTuple):
    """What it takes to put a judgement in words.

    Attributes:
        language: Of the words.
        exchanges: The exchanges to show.
        base: Address of the FHIR base, left out of the addresses shown.
        folder: Where the run directory is, from the page.
    """

    language: Language
    exchanges: Mapping[Place, Exchange]
    base: str
    folder: str


def places_shown(found: Sequence[Judgement]) -> Mapping[Place, bool]:
    """Return the exchanges that the entries of some judgements show, and whether whole."""
    shown: dict[Place, bool] = {}
    for result in (result for one in found for result in one.results):
        whole = result.verdict in BREACHES
        for number in result.exchanges[:_MOST_CALLS]:
            shown[result.check, number] = whole or shown.get((result.check, number), False)
    return shown


def entry(one: Judgement, telling: Telling) -> Entry:
    """Return a judgement in words."""
    language, requirement = telling.language, one.requirement
    label = text(f"verdict.{one.verdict}", language) if one.verdict else ""
    folder = f"{telling.folder}{EVIDENCE}/{quote(requirement.ident)}"
    return Entry(
        anchor="-".join(part for part in (requirement.ident, one.wire) if part),
        ident=requirement.ident,
        text=requirement.text[language],
        weight=_weight(requirement, one.wire, language),
        condition=requirement.condition[language],
        sources=[_linked(source, language) for source in requirement.sources],
        standing=text(f"standing.{requirement.standing}", language),
        wire=text(f"wire.{one.wire}", language) if one.wire else "",
        verdict=one.verdict,
        label=label or text("conformance.untested", language),
        accepted=one.accepted,
        why=one.inapplicable or (one.untested[language] if one.untested else ""),
        results=[_result(result, telling) for result in one.results],
        contests=contest_lines(one, language),
        evidence=f"{folder}/README.md" if one.verdict else "",
    )


def contest_lines(one: Judgement, language: Language) -> Sequence[str]:
    """Return who contests a verdict, when, why, and whether they signed."""
    return [
        text(
            f"conformance.contest_{'signed' if contest.fingerprint else 'unsigned'}",
            language,
            by=contest.by,
            at=moment(contest.at, language),
            reason=contest.reason,
            key=contest.fingerprint,
        )
        for contest in one.contests
    ]


def accepted_sentence(result: Result, language: Language) -> str:
    """Return what the baseline says of a breach; empty when it says nothing."""
    if result.accepted is None:
        return ""
    until = day_of(result.accepted.until, language)
    return text("conformance.accepted", language, until=until, reason=result.accepted.reason)


def _weight(requirement: Requirement, wire: str, language: Language) -> str:
    certainty = requirement.certainty
    parts = [
        requirement.level,
        text(f"standing.{requirement.standing}", language),
        text("explain.certainty", language, certainty=certainty_text(certainty, language)),
        text("conformance.obliges", language, actor=text(f"actor.{requirement.actor}", language)),
    ]
    if wire:
        parts.append(text("conformance.seen_over", language, wire=text(f"wire.{wire}", language)))
    return " · ".join(parts)


def _linked(source: Source, language: Language) -> Markup:
    title = source_title(source, language)
    if not source.link.startswith(("https://", "http://")):
        return Markup("{}").format(title)
    link = Markup('<a href="{}" rel="noreferrer">{}</a>')
    return link.format(source.link, title)


def _result(result: Result, telling: Telling) -> ResultEntry:
    language, folder = telling.language, result.counterexample
    breach = result.verdict in BREACHES
    return ResultEntry(
        check=result.check,
        title=check_title(result.check, language),
        verdict=result.verdict,
        message=message_sentence(result, language),
        expected=expected_sentence(result, language),
        got=got_sentence(result, language),
        path=result.path,
        numbers=numbers(result.exchanges),
        likely=likely_sentence(result.likely, language) if result.likely else "",
        cause=cause_sentence(result.cause, language) if result.cause else "",
        accepted=accepted_sentence(result, language),
        scripts=[
            (f"{telling.folder}{COUNTEREXAMPLES}/{quote(folder)}/{name}", name)
            for name in (_SCRIPTS[language] if folder else ())
        ],
        replay=_replay(folder),
        calls=_calls(result, telling, whole=breach),
    )


def _replay(folder: str) -> str:
    where = PurePosixPath(COUNTEREXAMPLES, folder)
    return f"etalon conformance replay {where}" if folder else ""


def _calls(result: Result, telling: Telling, *, whole: bool) -> Sequence[Call]:
    places = [(result.check, number) for number in result.exchanges[:_MOST_CALLS]]
    held = [telling.exchanges[place] for place in places if place in telling.exchanges]
    return [_call(exchange, telling, whole=whole) for exchange in held]


def _call(exchange: Exchange, telling: Telling, *, whole: bool) -> Call:
    language = telling.language
    return Call(
        number=exchange.number,
        asker=asker(exchange, language),
        verb=exchange.verb,
        address=legible_text(unquote(exchange.url.removeprefix(telling.base) or exchange.url)),
        outcome=outcome(exchange),
        request=_written(
            f"{exchange.verb} {exchange.url}", exchange.request, language, whole=whole
        ),
        answer=_written(outcome(exchange), exchange.answer, language, whole=whole),
    )


def _written(first: str, message: Message, language: Language, *, whole: bool) -> str:
    """Return a message as text: first line, headers, body, what is not shown; empty if folded."""
    if not whole:
        return ""
    lines = [first, *(f"{name}: {value}" for name, value in message.headers)]
    if message.body:
        lines += ["", message.body]
    if message.cut:
        lines.append(text("conformance.body_cut", language, count=str(message.cut)))
    return "\n".join(lines)
