"""`verdicts.json` and the acts of people after the run, read once and typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from etalon_reports.conformance.legible import legible
from etalon_reports.record import Record, RunFileError, read_record
from etalon_text.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from etalon_text.language import Language

    Words = Mapping[Language, str]

VERDICTS_FILE: Final = "verdicts.json"
LAYOUT: Final = 1
"""The layout of the file that this version reads."""
VERDICTS: Final = (
    "pass",
    "fail",
    "finding",
    "could-not-test",
    "manual",
    "not-applicable",
    "not-run",
    "harness-error",
)
"""Verdicts, in the order in which they are shown."""
STANDINGS: Final = ("law", "specification", "draft", "product", "own")
WIRES: Final = ("official", "vendor-mapped", "draft", "own")
NO_WORDS: Final[Words] = {"fr": "", "en": ""}


class Told(NamedTuple):
    """A sentence of the tables of strings, by its key, and what fills it."""

    key: str
    values: Mapping[str, str]


class Source(NamedTuple):
    """A text that asks for a requirement: title, address (maybe empty), place, dates."""

    title: Words
    link: str
    place: str
    published_on: str
    checked_on: str


class Requirement(NamedTuple):
    """One requirement as it stood when judged; `condition` is empty when it always applies."""

    ident: str
    text: Words
    level: str
    standing: str
    certainty: str
    actor: str
    condition: Words
    sources: Sequence[Source]


class Expected(NamedTuple):
    """What was expected, as data: where in the answer, which relation, to which values."""

    path: str
    relation: str
    values: Sequence[str]


class Accepted(NamedTuple):
    """What the baseline says of a breach: why it is accepted, until which day, by whom."""

    reason: str
    until: str
    by: str


class Result(NamedTuple):
    """What one check concluded about one requirement.

    Attributes:
        requirement: Its identifier.
        check: Name of the check; `manual` where a person answered.
        verdict: One of `VERDICTS`.
        wire: One of `WIRES`.
        status: finished, cut or waiting.
        message: What to tell.
        expectation: What was expected, as data; None where nothing was observed.
        expected: The same in English.
        got: What was seen, in English.
        path: Where in the answer.
        exchanges: Numbers, within the check, of the exchanges that show it.
        likely: Name of the likely cause; empty when none is known.
        cause: Why nothing could be concluded; None where something was.
        claimed: Whether the profile claims what could not be tested.
        counterexample: Name of its folder; empty when there is none.
        accepted: What the baseline says of it; None when it does not.
    """

    requirement: str
    check: str
    verdict: str
    wire: str
    status: str
    message: Told
    expectation: Expected | None
    expected: str
    got: str
    path: str
    exchanges: Sequence[int]
    likely: str
    cause: Told | None
    claimed: bool
    counterexample: str
    accepted: Accepted | None


class Answer(NamedTuple):
    """A requirement that a person answers for; `answer` is yes, no, or empty while awaited."""

    requirement: str
    question: Words
    answer: str
    author: str
    date: str
    file: str
    sha256: str
    comment: str


class Contest(NamedTuple):
    """A verdict contested after the run; `fingerprint` is empty when nobody signed."""

    requirement: str
    checks: Sequence[str]
    by: str
    reason: str
    at: str
    fingerprint: str


class Signature(NamedTuple):
    """A signature added after the run, as its file tells it; whoever reads verifies it."""

    by: str
    role: str
    at: str
    fingerprint: str


class ConformanceRun(NamedTuple):
    """The directory of a conformance run.

    Attributes:
        directory: Where it is.
        verdicts: The whole file.
        results: What each check concluded.
        requirements: The requirements of the run, by identifier.
        answers: Requirements that a person answers for.
        not_tested: Requirement without a check -> why.
        not_applicable: Requirement declared not applicable -> why, as the profile says.
        contests: Verdicts contested since.
        signatures: Signatures added since.
    """

    directory: Path
    verdicts: Record
    results: Sequence[Result]
    requirements: Mapping[str, Requirement]
    answers: Sequence[Answer]
    not_tested: Mapping[str, Words]
    not_applicable: Mapping[str, str]
    contests: Sequence[Contest]
    signatures: Sequence[Signature]


def is_conformance(directory: Path) -> bool:
    """Tell whether a directory is that of a conformance run."""
    return (directory / VERDICTS_FILE).exists()


def read_conformance(directory: Path) -> ConformanceRun:
    """Read the verdicts of a run, and the contests and signatures added since.

    Raises:
        RunFileError: A file is missing, truncated or not as published.
    """
    verdicts = _legible(directory / VERDICTS_FILE)
    if verdicts.count("format") != LAYOUT:
        found = f"found {verdicts.count('format')}"
        raise RunFileError(VERDICTS_FILE, "format", found, f"{LAYOUT}, the layout of this version")
    held = verdicts.record("requirements")
    requirements = {ident: _requirement(ident, held.record(ident)) for ident in held.values}
    results = [_result(row) for row in verdicts.rows("results")]
    for result in results:
        if result.requirement not in requirements:
            found = f"found no {result.requirement}, which a result names"
            raise RunFileError(VERDICTS_FILE, "requirements", found, "every requirement judged")
    not_applicable = verdicts.rows("not_applicable")
    return ConformanceRun(
        directory=directory,
        verdicts=verdicts,
        results=results,
        requirements=requirements,
        answers=[_answer(row) for row in verdicts.rows("manual")],
        not_tested={
            row.text("requirement"): words(row, "reason") for row in verdicts.rows("not_tested")
        },
        not_applicable={row.text("requirement"): row.text("reason") for row in not_applicable},
        contests=[_contest(row) for row in _acts(directory / "contests")],
        signatures=[_signature(row) for row in _acts(directory / "signatures")],
    )


def words(row: Record, key: str) -> Words:
    """Return a sentence in both languages; empty ones where the key is absent or null."""
    found = row.optional_record(key)
    if found is None:
        return NO_WORDS
    return {language: found.sentence("", language) for language in LANGUAGES}


def told(row: Record) -> Told:
    """Return a sentence given by its key and what fills it."""
    values = row.record("values").values
    return Told(row.text("key"), {name: str(value) for name, value in values.items()})


def _requirement(ident: str, row: Record) -> Requirement:
    return Requirement(
        ident=ident,
        text=words(row, "text"),
        level=row.text("level"),
        standing=_among(row, "standing", STANDINGS),
        certainty=row.text("certainty"),
        actor=row.text("actor"),
        condition=words(row, "condition"),
        sources=[_source(source) for source in row.rows("sources")],
    )


def _source(row: Record) -> Source:
    return Source(
        title=words(row, "title"),
        link=row.text("link"),
        place=row.text("place"),
        published_on=row.optional_text("published_on") or "",
        checked_on=row.text("checked_on"),
    )


def _result(row: Record) -> Result:
    cause = row.optional_record("cause")
    return Result(
        requirement=row.text("requirement"),
        check=row.text("check"),
        verdict=_among(row, "verdict", VERDICTS),
        wire=_among(row, "wire", WIRES),
        status=row.text("status"),
        message=told(row.record("message")),
        expectation=_expected(row.optional_record("expectation")),
        expected=row.text("expected"),
        got=row.text("got"),
        path=row.text("path"),
        exchanges=[int(number) for number in row.figures("exchanges")],
        likely=row.text("likely"),
        cause=None if cause is None else told(cause),
        claimed=cause is not None and cause.flag("claimed") is True,
        counterexample=row.optional_text("counterexample") or "",
        accepted=_accepted(row.optional_record("accepted")),
    )


def _expected(row: Record | None) -> Expected | None:
    if row is None:
        return None
    return Expected(row.text("path"), row.text("relation"), row.texts("values"))


def _accepted(row: Record | None) -> Accepted | None:
    if row is None:
        return None
    return Accepted(row.text("reason"), row.text("until"), row.optional_text("by") or "")


def _answer(row: Record) -> Answer:
    def given(key: str) -> str:
        return row.optional_text(key) or ""

    return Answer(
        requirement=row.text("requirement"),
        question=words(row, "question"),
        answer=given("answer"),
        author=given("author"),
        date=given("date"),
        file=given("file"),
        sha256=given("sha256"),
        comment=given("comment"),
    )


def _acts(folder: Path) -> Sequence[Record]:
    """Return the statements of a folder of acts, in the order of their files."""
    return [_legible(file).record("statement") for file in sorted(folder.glob("*.json"))]


def _legible(file: Path) -> Record:
    found = read_record(file)
    return Record(cast("dict[str, object]", legible(found.values)), found.file)


def _contest(row: Record) -> Contest:
    return Contest(
        requirement=row.text("requirement"),
        checks=[verdict.text("check") for verdict in row.rows("verdicts")],
        by=row.text("by"),
        reason=row.text("reason"),
        at=row.text("at"),
        fingerprint=row.optional_text("fingerprint") or "",
    )


def _signature(row: Record) -> Signature:
    role, fingerprint = row.optional_text("role") or "", row.optional_text("fingerprint") or ""
    return Signature(row.text("by"), role, row.text("at"), fingerprint)


def _among(row: Record, key: str, accepted: Sequence[str]) -> str:
    found = row.text(key)
    if found not in accepted:
        place = f"{row.place}.{key}" if row.place else key
        raise RunFileError(row.file, place, f"found {found!r}", ", ".join(accepted))
    return found


def figures(row: Record) -> Mapping[str, int]:
    """Return an object whose values are whole numbers."""
    return {key: row.count(key) for key in cast("Mapping[str, object]", row.values)}
