# pyright: standard
"""The objectives of a load run as JUnit XML, which continuous integration shows beside tests.

One test case an objective: a missed one is a failure, one that is not known is skipped, and a run
that is not believed is an error of each. The checks of the generator are cases of their own suite.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from etalon_reports.junit_document import JUNIT_NAME, write_document
from etalon_reports.load.amounts import asked_share, bound, code_of, share, shares
from etalon_reports.load.drift_words import drift_sentences
from etalon_reports.load.load_cover import profile_name, target_name
from etalon_reports.load.load_files import read_load
from etalon_reports.load.sentences import check_row, fault_sentence, reason_sentence
from etalon_text.number_formats import percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from junitparser import TestCase, TestSuite
    from junitparser.junitparser import FinalResult

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language


def write_load_junit(directory: Path, language: Language) -> Path:
    """Write `junit.xml` and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        MissingPartError: junitparser (extra `conformance`) is not installed.
        OSError: The file cannot be written.
    """
    files = read_load(directory)
    named = f"{profile_name(files.asked, language)}, {target_name(files.asked, language)}"
    return write_document(directory / JUNIT_NAME, named, _suites(files, language))


def _suites(files: LoadFiles, language: Language) -> Iterator[TestSuite]:
    from junitparser import TestCase, TestSuite  # noqa: PLC0415 (as above)

    at = datetime.fromisoformat(files.asked.text("started_at")).replace(tzinfo=None)
    objectives = TestSuite(text("load.section.objectives", language))
    generator = TestSuite(text("load.check_table", language))
    for suite in (objectives, generator):
        suite.timestamp = at.isoformat()
        suite.add_property("verdict", files.verdict)
        suite.add_property("plan", files.asked.text("plan_digest"))
    for one in files.objectives:
        case = TestCase(code_of(one.text("journey"), one.text("step")), "objective")
        case.system_out = _asked(one, language)
        mark = _mark(files, one, language)
        if mark is not None:
            case.result = [mark]
        objectives.add_testcase(case)
    if files.summary.optional_text("steadiness") is not None:
        objectives.add_testcase(_steadiness(files, language))
    for one in files.summary.rows("checks"):
        case = TestCase(one.text("key"), "generator")
        case.system_out = ", ".join(check_row(one, language))
        if not one.flag("holds"):
            case.result = [_fault(files, one.text("key"), language)]
        generator.add_testcase(case)
    yield objectives
    yield generator


def _steadiness(files: LoadFiles, language: Language) -> TestCase:
    """Return the case of a run that has to stay where it was."""
    from junitparser import Error, Failure, Skipped, TestCase  # noqa: PLC0415 (as above)

    case = TestCase("steadiness", "objective")
    told = drift_sentences(files.summary, language) or [text("load.drift_untold", language)]
    case.system_out = " ".join(told)
    verdict = files.summary.text("steadiness")
    if files.verdict == "INVALID":
        case.result = [Error(text("load.lead_invalid", language), "INVALID")]
    elif verdict != "PASS":
        case.result = [(Failure if verdict == "FAIL" else Skipped)(case.system_out, verdict)]
    return case


def _mark(files: LoadFiles, one: Record, language: Language) -> FinalResult | None:
    """Return what a case bears; None for an objective that is held in a run to be believed."""
    from junitparser import Error, Failure, Skipped  # noqa: PLC0415 (as above)

    if files.verdict == "INVALID":
        return Error(text("load.lead_invalid", language), "INVALID")
    level = percent(files.summary.figure("level"), language, 0)
    why = reason_sentence(one, level, language)
    verdict = one.text("verdict")
    if verdict == "PASS":
        return None
    mark = (Failure if verdict == "FAIL" else Skipped)(why, verdict)
    mark.text = f"{_asked(one, language)}\n{_seen(one, language)}"
    return mark


def _fault(files: LoadFiles, key: str, language: Language) -> FinalResult:
    from junitparser import Error  # noqa: PLC0415 (as above)

    faults = [one for one in files.summary.rows("faults") if one.text("key") == key]
    return Error(fault_sentence(faults[0], language) if faults else key, "INVALID")


def _asked(one: Record, language: Language) -> str:
    values = {
        "share": asked_share(one.figure("share"), language),
        "within": bound(one.figure("within_us"), language),
    }
    asked = text("load.asked_value", language, **values)
    return f"{_labelled('asked', language)} {asked}"


def _seen(one: Record, language: Language) -> str:
    observed = one.optional_figure("observed")
    if observed is None:
        return ""
    interval = shares(one.figure("low"), one.figure("high"), language)
    return f"{_labelled('observed', language)} {share(observed, language)} ({interval})"


def _labelled(key: str, language: Language) -> str:
    return text("conformance.labelled", language, label=text(f"load.column_{key}", language))
