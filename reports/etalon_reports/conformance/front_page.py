"""The first page, for whoever decides: what was tested, what came out, what was not tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.conformance.judgements import BREACHES, idents, judgements, with_verdict
from etalon_reports.conformance.sentences import moment
from etalon_reports.conformance.verdict_file import STANDINGS, VERDICTS, WIRES, figures, words
from etalon_reports.cover import Cover, Fact
from etalon_text.exploration_sentences import exploration_sentences, never_by_reason, race_sentences
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import ConformanceRun, Signature
    from etalon_reports.record import Record
    from etalon_text.language import Language

_DIGEST_SHOWN: Final = 12
_FINGERPRINT_SHOWN: Final = 19
"""The name of the digest, and as many characters of it."""
_NAMED: Final = 8
"""Identifiers written out in a sentence of the first page."""
_OURS: Final = frozenset({"embedded", "inprocess"})
_CLIENT: Final = "client"
"""The kind of client software, and its name where nobody gave one."""
_QUESTIONS: Final = {
    "client": "conformance.question_client",
    "watch": "conformance.question_watch",
}
"""What is asked, where it is not of a server."""
_CONCLUDED: Final = frozenset({"pass", *BREACHES})


class CountRow(NamedTuple):
    """Requirements of one standing seen over one wire, by verdict in the order of `VERDICTS`."""

    standing: str
    wire: str
    counts: Sequence[int]


class Gap(NamedTuple):
    """Something that was not tested: what, how many requirements, where the page says why."""

    label: str
    requirements: int
    anchor: str


class FrontPage(NamedTuple):
    """What the first page holds beside its cover.

    Attributes:
        statement: What this report is, and is not.
        rows: Requirements by standing and wire; rows are never added together.
        headings: Names of the verdicts, in order.
        gaps: What was not tested.
        power: What the suite catches, and how often it cries wolf; a sentence or two.
        exploration: What exploring came to; nothing where the run did not explore.
        never_sent: The commands of the model that exploring never asked for, by the reason why.
        total: Requirements of the run.
    """

    statement: str
    rows: Sequence[CountRow]
    headings: Sequence[tuple[str, str]]
    gaps: Sequence[Gap]
    power: Sequence[str]
    exploration: Sequence[str]
    never_sent: Sequence[tuple[str, Sequence[str]]]
    total: str


def conformance_cover(run: ConformanceRun, language: Language) -> Cover:
    """Return title, outcome and facts of the first page."""
    verdicts = run.verdicts
    suite = verdicts.optional_text("suite")
    whole = suite and not left_out(run)
    question = _QUESTIONS.get(verdicts.record("target").text("kind"), "conformance.question")
    question = question if whole else "conformance.question_some"
    return Cover(
        kind=text("conformance.kind", language),
        title=system_name(run, language),
        question=text(question, language, suite=suite or ""),
        status=_state(run),
        status_text=" ".join(outcome_sentences(run, language)),
        facts=[*_what(run, language), *_how(run, language), *_since(run, language)],
        changes=(),
    )


def system_name(run: ConformanceRun, language: Language) -> str:
    """Return the name of what was tested: that of its profile, or what it is."""
    target = run.verdicts.record("target")
    kind, name = target.text("kind"), target.text("name")
    if kind == "watch":
        return text("conformance.watched", language, name=name)
    if kind == name == _CLIENT:
        return words(run.verdicts, "suite_title")[language] or name
    return text("conformance.reference_server", language) if kind in _OURS else name


def front_page(run: ConformanceRun, language: Language) -> FrontPage:
    """Return counts, gaps and power."""
    return FrontPage(
        statement=statement(run, language),
        rows=count_rows(run, language),
        headings=[(verdict, text(f"verdict.{verdict}", language)) for verdict in VERDICTS],
        gaps=_gaps(run, language),
        power=power_sentences(run, language),
        exploration=_exploration(run, language),
        never_sent=_never_sent(run, language),
        total=_total(run, language),
    )


def left_out(run: ConformanceRun) -> int:
    """Return how many requirements of the suite were not asked for."""
    return run.verdicts.count("left_out") if "left_out" in run.verdicts.values else 0


def _total(run: ConformanceRun, language: Language) -> str:
    values = {
        "count": number(len(run.requirements), language),
        "left_out": number(left_out(run), language),
    }
    key = "conformance.total_part" if left_out(run) else "conformance.total"
    return text(key, language, **values)


def statement(run: ConformanceRun, language: Language) -> str:
    """Return what the report is, and what it does not stand for."""
    return text("conformance.statement", language, version=run.verdicts.text("etalon_version"))


def outcome_sentences(run: ConformanceRun, language: Language) -> Sequence[str]:
    """Return what came out: the lead, the findings, and what cut the run."""
    found = judgements(run)
    failed, findings = (idents(with_verdict(found, name)) for name in ("fail", "finding"))
    sentences = [_lead(run, found, failed, language)]
    if findings:
        on_request = run.verdicts.flag("findings_fail")
        worth = "yes" if on_request else "new" if findings_count(run) else "no"
        values = {"count": str(len(findings)), "listed": _some(findings, language)}
        sentences.append(text(f"conformance.findings_{worth}", language, **values))
    if left_out(run):
        sentences.append(_total(run, language))
    cut = run.verdicts.optional_text("cut")
    if cut:
        sentences.append(text(f"conformance.cut_{cut}", language))
    return sentences


def findings_count(run: ConformanceRun) -> bool:
    """Tell whether a finding that is not accepted counts: on request, or against a baseline."""
    baseline = run.verdicts.optional_record("baseline")
    return run.verdicts.flag("findings_fail") is True or baseline is not None


def count_rows(run: ConformanceRun, language: Language) -> Sequence[CountRow]:
    """Return the requirements counted by the run, by standing and wire."""
    counts = run.verdicts.record("counts")
    rows: list[CountRow] = []
    for standing in STANDINGS:
        by_wire = counts.optional_record(standing)
        held = [(wire, by_wire.optional_record(wire)) for wire in WIRES] if by_wire else []
        for wire, row in held:
            if row is not None:
                found = figures(row)
                named = text(f"standing.{standing}", language), text(f"wire.{wire}", language)
                rows.append(CountRow(*named, [found.get(name, 0) for name in VERDICTS]))
    return rows


def power_sentences(run: ConformanceRun, language: Language) -> Sequence[str]:
    """Return what the suite is known to catch, both ways, and its false alarms."""
    power = run.verdicts.optional_record("power")
    if power is None:
        return [text("conformance.power_none", language)]
    with_own, without_own = power.record("with_own_wire"), power.record("without_own_wire")
    sentences = [
        text(
            "conformance.power",
            language,
            killed=with_own.count("killed"),
            impostors=with_own.count("impostors"),
            killed_without=without_own.count("killed"),
            impostors_without=without_own.count("impostors"),
        ),
        text(
            "conformance.false_alarms",
            language,
            false_alarms=power.count("false_alarms"),
            variants=power.count("variants"),
        ),
        *_rights_and_proofs(power, language),
    ]
    if power.flag("current") is False:
        sentences.append(text("conformance.power_stale", language))
    return sentences


def _exploration(run: ConformanceRun, language: Language) -> Sequence[str]:
    told = run.verdicts.optional_record("exploration")
    races = run.verdicts.optional_record("races")
    return [
        *([] if told is None else exploration_sentences(told.values, language)),
        *([] if races is None else race_sentences(races.values, language)),
    ]


def _never_sent(run: ConformanceRun, language: Language) -> Sequence[tuple[str, Sequence[str]]]:
    told = run.verdicts.optional_record("exploration")
    return [] if told is None else never_by_reason(told.values, language)


def _rights_and_proofs(power: Record, language: Language) -> Iterator[str]:
    """Yield what is caught on rights and opt-out, and how many requirements are proven."""
    rights = power.optional_record("rights")
    public = None if rights is None else rights.optional_record("without_own_wire")
    if rights is not None and public is not None:
        yield text(
            "conformance.power_rights",
            language,
            killed=rights.count("killed"),
            impostors=rights.count("impostors"),
            killed_without=public.count("killed"),
            impostors_without=public.count("impostors"),
        )
    if {"linked", "proven"} <= power.values.keys():
        linked, proven = power.count("linked"), power.count("proven")
        yield text("conformance.power_proven", language, linked=linked, proven=proven)


def _state(run: ConformanceRun) -> str:
    """Return how the outcome is set: complete, failed (a breach counts), or partial (open)."""
    code = run.verdicts.count("exit_code")
    return {0: "complete", 1: "failed"}.get(code, "partial")


def _lead(
    run: ConformanceRun, found: Sequence[Judgement], failed: Sequence[str], language: Language
) -> str:
    verdicts = run.verdicts
    unreachable = verdicts.optional_text("unreachable")
    if unreachable is not None:
        return text("conformance.lead_unreachable", language, problem=unreachable)
    concluded = idents(one for one in found if one.verdict in _CONCLUDED)
    values = {
        "count": str(len(failed)),
        "listed": _some(failed, language),
        "concluded": number(len(concluded), language),
    }
    if failed:
        accepted = "" if verdicts.count("exit_code") == 1 else "_accepted"
        return text(f"conformance.lead_failed{accepted}", language, **values)
    return text(f"conformance.lead_{verdicts.count('exit_code')}", language, **values)


def _some(found: Sequence[str], language: Language) -> str:
    listed = ", ".join(found[:_NAMED])
    if len(found) <= _NAMED:
        return listed
    more = text("conformance.more", language, count=str(len(found) - _NAMED))
    return f"{listed} {more}"


def _gaps(run: ConformanceRun, language: Language) -> Sequence[Gap]:
    found = judgements(run)
    awaited = [one for one in run.answers if not one.answer]
    counts = {
        "untested": (len(idents(with_verdict(found, ""))), "untested"),
        "could_not": (len(idents(with_verdict(found, "could-not-test"))), "open"),
        "not_run": (len(idents(with_verdict(found, "not-run"))), "open"),
        "harness": (len(idents(with_verdict(found, "harness-error"))), "open"),
        "awaited": (len(awaited), "people"),
        "not_applicable": (len(idents(with_verdict(found, "not-applicable"))), "untested"),
    }
    return [
        Gap(text(f"conformance.gap_{key}", language), count, anchor)
        for key, (count, anchor) in counts.items()
    ]


def _what(run: ConformanceRun, language: Language) -> Sequence[Fact]:
    verdicts, target = run.verdicts, run.verdicts.record("target")
    title = words(verdicts, "suite_title")[language]
    suite = verdicts.optional_text("suite") or text("conformance.no_suite", language)
    kind = text(f"conformance.target_{target.text('kind')}", language)
    address = target.optional_text("address")
    return [
        _fact("suite", language, *([suite, title] if title else [suite])),
        _fact("target", language, *([kind, address] if address else [kind])),
        _fact("set", language, verdicts.text("requirement_set")),
        _fact("version", language, verdicts.text("etalon_version")),
        _fact("seed", language, str(verdicts.count("seed"))),
        _fact("when", language, *_times(run, language)),
    ]


def _times(run: ConformanceRun, language: Language) -> Sequence[str]:
    row = run.verdicts.record("run")
    spent = text(
        "conformance.spent",
        language,
        seconds=number(row.figure("seconds"), language, 1),
        exchanges=number(row.count("exchanges"), language),
        workers=number(row.count("workers"), language),
    )
    return [moment(row.text("started_at"), language), spent]


def _how(run: ConformanceRun, language: Language) -> Sequence[Fact]:
    verdicts = run.verdicts
    profile = verdicts.optional_text("profile_digest")
    on_request = verdicts.flag("findings_fail")
    worth = "yes" if on_request else "new" if findings_count(run) else "no"
    return [
        _fact("findings_fail", language, text(f"conformance.findings_fail_{worth}", language)),
        _fact("environment", language, _short(verdicts.text("environment_digest"))),
        _fact(
            "profile",
            language,
            _short(profile) if profile else text("conformance.no_profile", language),
        ),
        _fact("baseline", language, *_baseline(run, language)),
    ]


def _baseline(run: ConformanceRun, language: Language) -> Sequence[str]:
    baseline = run.verdicts.optional_record("baseline")
    if baseline is None:
        return [text("conformance.no_baseline", language)]
    entries = text(
        "conformance.baseline_entries",
        language,
        accepted=baseline.count("accepted"),
        unused=len(baseline.items("unused")),
    )
    return [f"{baseline.text('file')}, {_short(baseline.text('sha256'))}", entries]


def _since(run: ConformanceRun, language: Language) -> Sequence[Fact]:
    people = run.verdicts.record("people")
    left = run.verdicts.items("leftovers")
    made = text(
        "conformance.people",
        language,
        made=number(people.count("made"), language),
        named=number(people.count("named"), language),
        left=number(len(left), language),
    )
    signed = [signature_line(one, language, whole=False) for one in run.signatures]
    contested = ", ".join(dict.fromkeys(one.requirement for one in run.contests))
    return [
        _fact("people", language, made),
        _fact("signed", language, *(signed or [text("conformance.unsigned", language)])),
        *([_fact("contested", language, contested)] if contested else []),
    ]


def signature_line(one: Signature, language: Language, *, whole: bool = True) -> str:
    """Return who signed the run, in what quality, when, with which key, its digest whole or not."""
    who = f"{one.by} ({one.role})" if one.role else one.by
    at = moment(one.at, language)
    fingerprint = one.fingerprint if whole else one.fingerprint[:_FINGERPRINT_SHOWN] + "…"
    return text("conformance.signed", language, who=who, at=at, key=fingerprint)


def _short(digest: str) -> str:
    return f"{digest[:_DIGEST_SHOWN]}…"


def _fact(key: str, language: Language, *values: str) -> Fact:
    return Fact(text(f"conformance.fact_{key}", language), list(values))
