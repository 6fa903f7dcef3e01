# pyright: standard
"""A conformance run as JUnit XML, which continuous integration shows beside other tests.

One test suite a standing and wire, one test case a requirement and check. Only a pass is a case
without a mark. A failure is a failure; a finding is one when the run says so, else a skipped case
that names it; whatever keeps the run from an answer is an error; the rest is skipped, with its
reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from etalon_reports.conformance.entries import COUNTEREXAMPLES, accepted_sentence
from etalon_reports.conformance.front_page import findings_count, statement, system_name
from etalon_reports.conformance.judgements import BREACHES, judgements
from etalon_reports.conformance.sentences import (
    cause_sentence,
    check_title,
    expected_sentence,
    got_sentence,
    likely_sentence,
    numbers,
    source_title,
)
from etalon_reports.conformance.verdict_file import read_conformance
from etalon_reports.junit_document import JUNIT_NAME, write_document
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from junitparser import TestCase, TestSuite
    from junitparser.junitparser import FinalResult

    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import ConformanceRun, Result
    from etalon_text.language import Language

_LEFT_OPEN: Final = frozenset({"harness-error", "not-run"})


def write_junit(directory: Path, language: Language, out: Path) -> Path:
    """Write `junit.xml` in `out` and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        MissingPartError: junitparser (extra `conformance`) is not installed.
        OSError: The file cannot be written.
    """
    run = read_conformance(directory)
    return write_document(out / JUNIT_NAME, system_name(run, language), _suites(run, language))


def _suites(run: ConformanceRun, language: Language) -> Iterator[TestSuite]:
    from junitparser import TestSuite  # noqa: PLC0415 (as above)

    groups: dict[str, list[Judgement]] = {}
    for one in judgements(run):
        wire = text(f"wire.{one.wire}", language) if one.wire else ""
        parts = [text(f"standing.{one.requirement.standing}", language), wire]
        groups.setdefault(" · ".join(part for part in parts if part), []).append(one)
    at = datetime.fromisoformat(run.verdicts.record("run").text("started_at"))
    for name, found in groups.items():
        suite = TestSuite(name)
        suite.timestamp = at.replace(tzinfo=None).isoformat()
        suite.add_property("etalon", statement(run, language))
        for one in found:
            for case in _cases(run, one, language):
                suite.add_testcase(case)
        yield suite


def _cases(run: ConformanceRun, one: Judgement, language: Language) -> Iterator[TestCase]:
    from junitparser import Skipped, TestCase  # noqa: PLC0415 (as above)

    said = one.requirement.text[language]
    for result in one.results:
        case = TestCase(f"{one.requirement.ident} {result.check}", one.requirement.ident)
        case.system_out = "\n".join([said, check_title(result.check, language)]).strip()
        mark = _mark(run, result, language)
        if mark is not None:
            case.result = [mark]
        yield case
    if not one.results:
        why = one.inapplicable or (one.untested[language] if one.untested else "")
        case = TestCase(one.requirement.ident, one.requirement.ident)
        case.system_out = said
        case.result = [Skipped(why, one.verdict or "not-tested")]
        yield case


def _mark(run: ConformanceRun, result: Result, language: Language) -> FinalResult | None:
    """Return what a case bears; None for a pass."""
    from junitparser import Error, Failure, Skipped  # noqa: PLC0415 (as above)

    label = text(f"verdict.{result.verdict}", language)
    if result.verdict == "pass":
        return None
    if result.verdict in BREACHES:
        fails = result.verdict == "fail" or findings_count(run)
        kind = Failure if fails and not result.accepted else Skipped
        lead = text("conformance.labelled", language, label=label)
        mark = kind(f"{lead} {expected_sentence(result, language)}", result.verdict)
        mark.text = "\n".join(_evidence(run, result, language))
        return mark
    why = cause_sentence(result.cause, language) if result.cause else label
    return (Error if _left_open(result) else Skipped)(why, result.verdict)


def _left_open(result: Result) -> bool:
    """Tell whether a result keeps the run from an answer."""
    unanswered = result.verdict == "could-not-test" and result.claimed
    return result.verdict in _LEFT_OPEN or unanswered


def _evidence(run: ConformanceRun, result: Result, language: Language) -> Iterator[str]:
    """Yield what a developer needs: requirement, expected, got, path, calls, cause, evidence."""
    requirement = run.requirements[result.requirement]
    if result.accepted:
        yield accepted_sentence(result, language)
    lines = {
        "requirement": requirement.text[language],
        "expected": expected_sentence(result, language),
        "got": got_sentence(result, language),
        "path": result.path,
        "calls": numbers(result.exchanges),
        "likely": likely_sentence(result.likely, language),
        "replay": f"{COUNTEREXAMPLES}/{result.counterexample}" if result.counterexample else "",
    }
    for key, value in lines.items():
        if value:
            label = text(f"conformance.{key}", language)
            yield f"{text('conformance.labelled', language, label=label)} {value}"
    for source in requirement.sources:
        yield f"{source_title(source, language)} {source.link}".strip()
