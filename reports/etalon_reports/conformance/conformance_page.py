"""The report of a conformance run: a page for whoever decides, then the detail for the developer.

Each language has its page, which leads to the other: `report.html` in the language asked, and
`report.OTHER.html`. The same files give the same bytes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from etalon_reports.conformance.entries import Telling, entry, places_shown
from etalon_reports.conformance.exchange_file import read_exchanges
from etalon_reports.conformance.front_page import (
    conformance_cover,
    front_page,
    left_out,
    signature_line,
)
from etalon_reports.conformance.judgements import judgements
from etalon_reports.conformance.sentences import cause_sentence, day_of, sentence
from etalon_reports.conformance.verdict_file import (
    STANDINGS,
    VERDICTS,
    read_conformance,
    told,
)
from etalon_reports.page import REPORT_NAME, write_page
from etalon_text.number_formats import number
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from etalon_reports.conformance.entries import Entry
    from etalon_reports.conformance.exchange_file import Exchange, Place
    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import ConformanceRun
    from etalon_text.language import Language

_LEFTOVERS_SHOWN: Final = 12
_ANSWERED: Final = (0, 1)
"""Exit codes of a run that answered: conforms, does not."""
_WATCH: Final = ("etalon", "conformance", "watch", "--upstream")
_CLIENT: Final = ("etalon", "conformance", "run", "--role", "client", "--profile")
STYLES: Final = ("report.css", "conformance.css")
_OTHER: Final[Mapping[Language, Language]] = {"fr": "en", "en": "fr"}


class CauseEntry(NamedTuple):
    """Why requirements could not be tested: told once, with all that depends on it."""

    sentence: str
    requirements: Sequence[str]


class Group(NamedTuple):
    """The requirements of one standing."""

    title: str
    entries: Sequence[Entry]


class PersonEntry(NamedTuple):
    """A requirement that a person answers for, in words."""

    ident: str
    question: str
    answer: str
    author: str
    file: str
    comment: str


def draw_conformance(directory: Path, language: Language, out: Path) -> Path:
    """Write the page in both languages and return the one in `language`, `report.html`.

    Args:
        directory: The run directory.
        language: Of `report.html`; the other language stands in `report.OTHER.html`.
        out: Folder written to.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    run = read_conformance(directory)
    exchanges = read_exchanges(directory, places_shown(judgements(run)))
    other = _OTHER[language]
    second = f"report.{other}.html"
    pages: tuple[tuple[str, Language, str], ...] = (
        (second, other, REPORT_NAME),
        (REPORT_NAME, language, second),
    )
    for target, spoken, beside in pages:
        content = page_content(run, exchanges, spoken, out)
        content["other_page"] = beside
        content["other_language"] = other if spoken == language else language
        write_page(out / target, "conformance.html", spoken, str, content, styles=STYLES)
    (out / f"report.{language}.html").unlink(missing_ok=True)
    return out / REPORT_NAME


def page_content(
    run: ConformanceRun, exchanges: Mapping[Place, Exchange], language: Language, out: Path
) -> dict[str, Any]:
    """Return what the page shows."""
    found = judgements(run)
    telling = Telling(language, exchanges, base_of(run), folder_from(out, run.directory))
    entries = [entry(one, telling) for one in found]
    by_verdict = {name: [one for one in entries if one.verdict == name] for name in ("", *VERDICTS)}
    return {
        "cover": conformance_cover(run, language),
        "front": front_page(run, language),
        "failed": by_verdict["fail"],
        "findings": by_verdict["finding"],
        "harness": by_verdict["harness-error"],
        "not_run": by_verdict["not-run"],
        "left_open": run.verdicts.count("exit_code") not in _ANSWERED,
        "causes": causes(run, language),
        "people": people(run, language),
        "contested": [one for one in entries if one.contests],
        "untested": by_verdict[""],
        "not_applicable": by_verdict["not-applicable"],
        "groups": _groups(found, entries, language),
        "leftovers": leftovers(run, language),
        "leftovers_lead": leftovers_lead(run, language),
        "unused": unused(run, language),
        "verdicts": VERDICTS,
        "digests": _digests(run, language),
        "signatures": [signature_line(one, language) for one in run.signatures],
        "command": command(run),
    }


def base_of(run: ConformanceRun) -> str:
    """Return the address of the FHIR base with its last slash; empty when there is none."""
    address = run.verdicts.record("target").optional_text("address") or ""
    return f"{address.rstrip('/')}/" if address else ""


def folder_from(out: Path, directory: Path) -> str:
    """Return where the run directory is from a page in `out`, with its last slash."""
    leading = os.path.relpath(directory, out).replace(os.sep, "/")
    return "" if leading == "." else f"{leading}/"


def causes(run: ConformanceRun, language: Language) -> Sequence[CauseEntry]:
    """Return why requirements could not be tested, each cause once."""
    return [
        CauseEntry(cause_sentence(told(row), language), row.texts("requirements"))
        for row in run.verdicts.rows("causes")
    ]


def people(run: ConformanceRun, language: Language) -> Sequence[PersonEntry]:
    """Return the requirements that people answer for."""
    return [
        PersonEntry(
            ident=one.requirement,
            question=one.question[language],
            answer=text(f"conformance.answer_{one.answer or 'awaited'}", language),
            author=", ".join(part for part in (one.author, day_of(one.date, language)) if part),
            file=", ".join(part for part in (one.file, one.sha256) if part),
            comment=one.comment,
        )
        for one in run.answers
    ]


def leftovers(run: ConformanceRun, language: Language) -> Sequence[str]:
    """Return what the run made and could not remove: the first, a line each, and how many more."""
    rows = run.verdicts.rows("leftovers")
    keys = ("kind", "ident", "tag")
    shown = [[row.optional_text(key) or "" for key in keys] for row in rows[:_LEFTOVERS_SHOWN]]
    lines = [
        " · ".join(part for part in (_made(kind, language), *named) if part)
        for kind, *named in shown
    ]
    more = len(rows) - len(lines)
    return [*lines, text("conformance.more_left", language, count=str(more))] if more else lines


def leftovers_lead(run: ConformanceRun, language: Language) -> str:
    """Return how much the run left, and why, each cause once."""
    rows = run.verdicts.rows("leftovers")
    causes = dict.fromkeys(row.optional_text("cause") or "" for row in rows)
    said = [sentence(cause, language) for cause in causes if cause]
    lead = text("conformance.leftovers_lead", language, count=number(len(rows), language))
    return " ".join([lead, *said])


def _made(kind: str, language: Language) -> str:
    """Return what a thing that a run made is called."""
    key = f"left.{kind}"
    return text(key, language) if has_text(key) else kind


def unused(run: ConformanceRun, language: Language) -> Sequence[str]:
    """Return the entries of the baseline that met no breach, a line each."""
    baseline = run.verdicts.optional_record("baseline")
    rows = baseline.rows("unused") if baseline else []
    return [
        f"{row.text('requirement')} · {row.text('check')} · "
        f"{text('verdict.' + row.text('verdict'), language)}"
        for row in rows
    ]


def command(run: ConformanceRun) -> str:
    """Return the command that repeats the run, its profile and options of people apart."""
    verdicts = run.verdicts
    target = verdicts.record("target")
    suite = verdicts.optional_text("suite")
    on_request = ["--findings-fail"] if verdicts.flag("findings_fail") else []
    if target.text("kind") == "watch":
        return " ".join([*_WATCH, target.text("name"), *on_request])
    if target.text("kind") == "client":
        parts = [*_CLIENT, suite or "", "--seed", str(verdicts.count("seed"))]
        return " ".join([*parts, *on_request])
    named = {
        "embedded": "embedded",
        "inprocess": "inprocess",
        "address": target.optional_text("address") or "ADDRESS",
    }.get(target.text("kind"), "PROFILE.toml")
    parts = ["etalon conformance run", "--target", named]
    parts += ["--suite", suite] if suite else []
    if left_out(run):
        parts += [part for ident in run.requirements for part in ("--requirement", ident)]
    parts += ["--requirement-set", verdicts.text("requirement_set")]
    parts += ["--seed", str(verdicts.count("seed"))]
    return " ".join([*parts, *on_request])


def _groups(
    found: Sequence[Judgement], entries: Sequence[Entry], language: Language
) -> Sequence[Group]:
    paired = list(zip(found, entries, strict=True))
    groups = [
        Group(
            text(f"standing.{standing}", language),
            [words for one, words in paired if one.requirement.standing == standing],
        )
        for standing in STANDINGS
    ]
    return [group for group in groups if group.entries]


def _digests(run: ConformanceRun, language: Language) -> Sequence[tuple[str, str]]:
    verdicts = run.verdicts
    baseline = verdicts.optional_record("baseline")
    digests = {
        "environment": verdicts.text("environment_digest"),
        "profile": verdicts.optional_text("profile_digest"),
        "baseline": baseline.text("sha256") if baseline else None,
    }
    return [
        (text(f"conformance.fact_{key}", language), digest)
        for key, digest in digests.items()
        if digest
    ]
