"""A conformance run as a TestReport of FHIR R4 (4.0.1): one test a requirement and wire.

`score` stays out: requirements of different standings are never added into one percentage. A
finding is a `warning`; what could not be tested, was not run or does not apply is a `skip`; a fault
of the harness is an `error`.

Source: HL7 FHIR R4, TestReport, https://hl7.org/fhir/R4/testreport.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from etalon_reports.conformance.conformance_page import command
from etalon_reports.conformance.entries import accepted_sentence, contest_lines
from etalon_reports.conformance.front_page import outcome_sentences, statement, system_name
from etalon_reports.conformance.judgements import judgements
from etalon_reports.conformance.sentences import (
    cause_sentence,
    check_title,
    expected_sentence,
    got_sentence,
    numbers,
)
from etalon_reports.conformance.verdict_file import read_conformance
from etalon_reports.whole_files import named_when_whole
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import ConformanceRun, Result
    from etalon_text.language import Language

    Json = dict[str, object]

TESTREPORT_NAME: Final = "testreport.json"
_OUTCOMES: Final = {
    "pass": "pass",
    "fail": "fail",
    "finding": "warning",
    "could-not-test": "skip",
    "manual": "skip",
    "not-applicable": "skip",
    "not-run": "skip",
    "harness-error": "error",
}
_RESULTS: Final = {0: "pass", 1: "fail"}
_SYSTEM: Final = "https://etalon.invalid/suites"


def write_testreport(directory: Path, language: Language, out: Path) -> Path:
    """Write `testreport.json` in `out` and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    target = out / TESTREPORT_NAME
    resource = testreport(read_conformance(directory), language)
    written = json.dumps(resource, indent=2, ensure_ascii=False) + "\n"
    with named_when_whole(target) as unfinished:
        unfinished.write_text(written, encoding="utf-8", newline="\n")
    return target


def testreport(run: ConformanceRun, language: Language) -> Json:
    """Return the resource."""
    verdicts = run.verdicts
    target = verdicts.record("target")
    suite = verdicts.optional_text("suite") or text("conformance.no_suite", language)
    version = verdicts.text("etalon_version")
    return {
        "resourceType": "TestReport",
        "language": language,
        "name": _name(run),
        "status": _status(run),
        "testScript": {
            "identifier": {"system": _SYSTEM, "value": suite},
            "display": statement(run, language),
        },
        "result": _RESULTS.get(verdicts.count("exit_code"), "pending"),
        "tester": f"Étalon {version}",
        "issued": verdicts.record("run").text("ended_at"),
        "participant": [
            {
                "type": "test-engine",
                "uri": f"urn:etalon:{version}",
                "display": command(run),
            },
            {
                "type": verdicts.text("role"),
                "uri": target.optional_text("address") or f"urn:etalon:{target.text('kind')}",
                "display": system_name(run, language),
            },
        ],
        "setup": {"action": [_setup(run, language)]},
        "test": [_test(one, language) for one in judgements(run)],
    }


def _name(run: ConformanceRun) -> str:
    suite = run.verdicts.optional_text("suite") or "requirements"
    return f"{suite} {run.verdicts.text('requirement_set')} {run.verdicts.count('seed')}"


def _status(run: ConformanceRun) -> str:
    if run.verdicts.text("status") != "complete":
        return "stopped"
    awaited = any(not one.answer for one in run.answers)
    return "waiting" if awaited else "completed"


def _setup(run: ConformanceRun, language: Language) -> Json:
    reached = run.verdicts.optional_text("unreachable") is None
    message = " ".join(outcome_sentences(run, language))
    return {"operation": {"result": "pass" if reached else "error", "message": message}}


def _test(one: Judgement, language: Language) -> Json:
    names = (one.requirement.ident, one.wire and text(f"wire.{one.wire}", language))
    actions = [_action(result, one, language) for result in one.results]
    return {
        "name": " · ".join(name for name in names if name),
        "description": one.requirement.text[language],
        "action": actions or [_unseen(one, language)],
    }


def _action(result: Result, one: Judgement, language: Language) -> Json:
    asserted: Json = {
        "result": _OUTCOMES[result.verdict],
        "message": "\n".join(_told(result, one, language)),
    }
    link = _link(one)
    return {"assert": {**asserted, **({"detail": link} if link else {})}}


def _told(result: Result, one: Judgement, language: Language) -> Iterator[str]:
    """Yield verdict, check, expected, got, path, calls, cause, what people added."""
    yield f"{text('verdict.' + result.verdict, language)} · {result.check}"
    lines = {
        "check": check_title(result.check, language),
        "expected": expected_sentence(result, language),
        "got": got_sentence(result, language),
        "path": result.path,
        "calls": numbers(result.exchanges),
        "cause": cause_sentence(result.cause, language) if result.cause else "",
    }
    for key, value in lines.items():
        if value:
            label = text(f"conformance.{key}", language)
            yield f"{text('conformance.labelled', language, label=label)} {value}"
    if result.accepted:
        yield accepted_sentence(result, language)
    yield from contest_lines(one, language)


def _unseen(one: Judgement, language: Language) -> Json:
    label = text(f"verdict.{one.verdict}" if one.verdict else "conformance.untested", language)
    why = one.inapplicable or (one.untested[language] if one.untested else "")
    message = ". ".join(part for part in (label, why) if part)
    return {"assert": {"result": "skip", "message": message}}


def _link(one: Judgement) -> str:
    links: Sequence[str] = [source.link for source in one.requirement.sources if source.link]
    return links[0] if links else ""
