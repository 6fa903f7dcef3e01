"""Every refusal has its status and its OperationOutcome, by mode."""

import csv
from collections.abc import Sequence
from typing import cast

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from etalon_model import Refusal
from etalon_model.tables import rows_of as model_rows_of
from etalon_wire.findings import Finding, Severity
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.modes import MODES, Mode
from etalon_wire.operation_outcomes import Fault, operation_outcome, standings, status_of
from etalon_wire.tables import rows_of, text_of

REFUSALS = [row["code"] for row in model_rows_of("refusals.csv")]
ISSUE_TYPES = frozenset(
    [
        *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown"),
        *("expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate"),
        *("multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension"),
        *("too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
        *("exception", "timeout", "incomplete", "throttled", "informational"),
    ]
)
"""Codes of the value set `issue-type` of FHIR R4."""


def finding(severity: Severity, requirement: str = "") -> Finding:
    """One finding of some severity."""
    return Finding(severity, "required", "DocumentReference.type", requirement, "no type: give it")


def issues(outcome: Resource) -> Sequence[dict[str, Json]]:
    """The issues of an OperationOutcome."""
    return cast("list[dict[str, Json]]", outcome["issue"])


def test_every_refusal_of_the_model_has_one_status_and_no_other_code_has() -> None:
    """In the order of the table of refusals, so that a new one is seen to be missing."""
    rows = [row["code"] for row in rows_of("statuses.csv") if row["kind"] == "refusal"]

    assert rows == REFUSALS


def test_every_row_has_codes_of_fhir_and_of_http_and_a_source() -> None:
    """No status outside HTTP, no issue outside the value set, no row twice."""
    rows = rows_of("statuses.csv")

    assert len(standings()) == len(rows)
    assert {row["issue"] for row in rows} <= ISSUE_TYPES
    assert all(row["source"] for row in rows)
    assert {int(row[mode]) for row in rows if row["kind"] != "finding" for mode in MODES} <= {
        *(400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 429, 431),
        *(500, 503),
    }


def test_a_refusal_is_never_an_error_of_the_server() -> None:
    """What the model refuses, the caller can change."""
    refused = [row for row in rows_of("statuses.csv") if row["kind"] in {"refusal", "body"}]

    assert all(400 <= int(row[mode]) < 500 for row in refused for mode in MODES)


def test_modes_differ_where_the_official_texts_do() -> None:
    """PDSm answers 405 to a patch of another element, its draft for the record 422."""
    differing = {
        row["code"]: tuple(int(row[mode]) for mode in MODES)
        for row in rows_of("statuses.csv")
        if len({row[mode] for mode in MODES}) > 1
    }

    assert differing == {"NOT_PATCHABLE": (405, 422, 405)}


def test_the_interface_of_measures_keeps_its_own_statuses() -> None:
    """Its table of errors and ours say the same."""
    for row in model_rows_of("measure_errors.csv"):
        standing = standings()["refusal", row["code"]]

        assert set(standing.statuses.values()) == {int(row["status"])}, row["code"]
        assert not row["issue"] or standing.issue.replace("-", "").upper() == row["issue"]


def test_a_status_named_in_a_message_is_the_one_answered() -> None:
    """`(404)` in the words of a refusal is its status in strict mode; 9xx are codes of mail."""
    for row in csv.DictReader(text_of("statuses.csv").splitlines()):
        words = {one["code"]: one["text"] for one in model_rows_of("refusals.csv")}
        named = words.get(row["code"], "").rpartition("(")[2].rstrip(")")
        if named.isdecimal() and named.startswith("4"):
            assert row["pdsm-strict"] == named, row["code"]


@pytest.mark.parametrize(("mode", "status"), [("pdsm-strict", 405), ("pdsm4dmp", 422)])
def test_a_refusal_says_its_code_its_rule_and_what_to_do(mode: Mode, status: int) -> None:
    """The diagnostics are the words of the model, with the status of the mode."""
    refusal = Refusal("REC-13", "NOT_PATCHABLE", "231042A94593971", ("type",))

    outcome = operation_outcome(refusal, mode)

    assert status_of(refusal, mode) == status
    assert issues(outcome) == [
        {
            "severity": "error",
            "code": "not-supported",
            "details": {
                "coding": [
                    {"system": "urn:mes-etalon:CodeSystem:refusal", "code": "NOT_PATCHABLE"},
                    {"system": "urn:mes-etalon:CodeSystem:rule", "code": "REC-13"},
                ]
            },
            "diagnostics": (
                "person 231042A94593971: the element type cannot be changed "
                f"({status}) (REC-13); replace the document instead"
            ),
        }
    ]


@pytest.mark.parametrize(
    ("severities", "status"),
    [
        ([], 200),
        (["information"], 200),
        (["warning", "information"], 200),
        (["warning", "error"], 422),
        (["error", "fatal", "warning"], 400),
    ],
)
def test_findings_answer_by_the_gravest(severities: list[Severity], status: int) -> None:
    """Warnings let a request pass; an error refuses it."""
    findings = [finding(severity) for severity in severities]

    assert status_of(findings) == status
    assert len(issues(operation_outcome(findings))) == max(1, len(findings))


def test_a_finding_says_where_and_under_which_requirement() -> None:
    """Its place is an expression, its requirement a code."""
    (issue,) = issues(operation_outcome([finding("error", "W-REC-03")]))

    assert issue["expression"] == ["DocumentReference.type"]
    assert issue["details"] == {
        "coding": [{"system": "urn:mes-etalon:CodeSystem:requirement", "code": "W-REC-03"}]
    }


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (Malformed("structure", "Patient", "cut short"), 400, "structure"),
        (Malformed("too-long", "", "too long"), 413, "too-long"),
        (Malformed("too-costly", "", "too deep"), 400, "too-costly"),
        (Fault("NOT_ACCEPTABLE", "ask for JSON or XML", "Accept"), 406, "not-supported"),
        (Fault("SEVERAL_MATCHES", "two documents match"), 412, "multiple-matches"),
        (Fault("TOKEN_EXPIRED", "refresh it"), 401, "expired"),
    ],
)
def test_bodies_and_requests_have_their_statuses(
    reason: Malformed | Fault, status: int, code: str
) -> None:
    """What is wrong before the service is asked."""
    assert status_of(reason) == status
    (issue,) = issues(operation_outcome(reason))
    assert issue["code"] == code
    assert ("expression" in issue) == bool(reason.expression)


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_makes_an_outcome_that_another_reader_accepts(code: str) -> None:
    """Whatever its facts."""
    refusal = Refusal("LIF-01", code, "", ("1", "2", "3"))

    read = OperationOutcome.model_validate_json(write_json(operation_outcome(refusal)))

    assert [one.severity for one in read.issue] == ["error"]


def test_a_code_without_a_row_is_an_error_of_ours() -> None:
    """It is not answered with a guess."""
    with pytest.raises(KeyError):
        status_of(Fault("NOWHERE", ""))
