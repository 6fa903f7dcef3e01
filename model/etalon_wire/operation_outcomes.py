"""Why a request failed, as an OperationOutcome and its HTTP status.

The status and the code of FHIR come from `data/statuses.csv`, by mode: a refusal of the model, a
body that could not be read, a fault of the request itself, or findings about a resource.

Sources: FHIR R4, 3.1.0.1 (HTTP) and `issue-type`; PDSm (405) and PDSm4DMP (422) for an element
that cannot be patched; IHE MHD, ITI-65 and ITI-68; the measures interface for its own codes.
Everything marked `own` is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from etalon_model import Refusal
from etalon_wire.findings import Finding, Severity
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import Malformed
from etalon_wire.modes import MODES, Mode
from etalon_wire.tables import rows_of

REFUSALS: Final = "urn:mes-etalon:CodeSystem:refusal"
RULES: Final = "urn:mes-etalon:CodeSystem:rule"
REQUIREMENTS: Final = "urn:mes-etalon:CodeSystem:requirement"
FAULTS: Final = "urn:mes-etalon:CodeSystem:fault"
"""Systems of our codes; the identifiers of requirements are ours too."""

SEVERITIES: Final[tuple[Severity, ...]] = ("fatal", "error", "warning", "information")
"""From the gravest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request before the service is asked anything.

    Attributes:
        code: A code of the kind `request` of `data/statuses.csv`, such as `NOT_ACCEPTABLE`.
        message: What was found and what to send instead; no identity, no token.
        expression: Where, as FHIRPath or the name of a header or parameter; empty for nowhere.
    """

    code: str
    message: str
    expression: str = ""


Reason = Refusal | Malformed | Fault | Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the table: HTTP status by mode, and the code of FHIR."""

    statuses: dict[Mode, int]
    issue: str


@cache
def standings() -> dict[tuple[str, str], Standing]:
    """Return the table by kind (`refusal`, `body`, `finding`, `request`) and code."""
    return {
        (row["kind"], row["code"]): Standing({mode: int(row[mode]) for mode in MODES}, row["issue"])
        for row in rows_of("statuses.csv")
    }


def status_of(reason: Reason, mode: Mode = "pdsm-strict") -> int:
    """Return the HTTP status that answers `reason`; findings answer by the gravest.

    Raises:
        KeyError: The code stands in no row of the table.
    """
    return _standing(reason).statuses[mode]


def operation_outcome(reason: Reason, mode: Mode = "pdsm-strict") -> Resource:
    """Return the OperationOutcome that says `reason`; with no finding it says that all is well.

    Raises:
        KeyError: The code stands in no row of the table.
    """
    issues: list[Json]
    if isinstance(reason, Refusal):
        issues = [_of_refusal(reason, mode)]
    elif isinstance(reason, Malformed):
        issues = [_issue("error", _standing(reason).issue, reason.message, reason.expression)]
    elif isinstance(reason, Fault):
        codings = [(FAULTS, reason.code)]
        issue = _standing(reason).issue
        issues = [_issue("error", issue, reason.message, reason.expression, codings)]
    else:
        issues = [_of_finding(finding) for finding in reason]
    well = _issue("information", "informational", "nothing was found wrong", "")
    return {"resourceType": "OperationOutcome", "issue": issues or [well]}


def gravest(findings: Sequence[Finding]) -> Severity:
    """Return the gravest severity among findings; `information` when there is none."""
    ranks = [SEVERITIES.index(finding.severity) for finding in findings]
    return SEVERITIES[min(ranks, default=len(SEVERITIES) - 1)]


def _standing(reason: Reason) -> Standing:
    if isinstance(reason, Refusal):
        return standings()["refusal", reason.code]
    if isinstance(reason, Malformed):
        return standings()["body", reason.code]
    if isinstance(reason, Fault):
        return standings()["request", reason.code]
    return standings()["finding", gravest(reason)]


def _of_refusal(refusal: Refusal, mode: Mode) -> Json:
    """Say a refusal with its code, its rule and what to do next."""
    standing = _standing(refusal)
    status, usual = standing.statuses[mode], standing.statuses["pdsm-strict"]
    # The words of a few refusals end with the status they usually have.
    message = refusal.message.replace(f"({usual})", f"({status})")
    codings = [(REFUSALS, refusal.code), (RULES, refusal.rule)]
    return _issue("error", standing.issue, message, "", codings)


def _of_finding(finding: Finding) -> Json:
    codings = [(REQUIREMENTS, finding.requirement)] if finding.requirement else []
    return _issue(finding.severity, finding.code, finding.message, finding.expression, codings)


def _issue(
    severity: Severity,
    code: str,
    message: str,
    expression: str,
    codings: Sequence[tuple[str, str]] = (),
) -> Json:
    """Build one issue; an expression or codes only where there are any."""
    issue: dict[str, Json] = {"severity": severity, "code": code}
    if codings:
        coding = [cast("Json", {"system": system, "code": one}) for system, one in codings]
        issue["details"] = {"coding": coding}
    issue["diagnostics"] = message
    if expression:
        issue["expression"] = [expression]
    return issue
