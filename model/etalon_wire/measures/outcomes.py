"""How the measures interface says no: its own words, then ours.

Source: measures API v1.5.2, the tables of errors of writing and of searching, to the letter
(`data/measure_outcomes.csv`), faults of spelling included: a client may compare them.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from etalon_model import Refusal
from etalon_wire.json_body import Json, Resource
from etalon_wire.measures.searching import MeasureSearch
from etalon_wire.operation_outcomes import operation_outcome
from etalon_wire.tables import rows_of


@cache
def documented() -> Mapping[str, tuple[str, str]]:
    """Return what the interface says of each refusal: the message, and the diagnostic."""
    return {
        row["code"]: (row["text"], row["diagnostics"]) for row in rows_of("measure_outcomes.csv")
    }


def measure_outcome(
    refusal: Refusal, solution: str, search: MeasureSearch | None = None
) -> Resource:
    """Return the OperationOutcome of a refusal.

    One that the interface documents comes first in its words; what was found and what to do about
    it follows as an information. Another is said in ours alone.

    Args:
        refusal: Why the model refuses.
        solution: Object identifier of the solution that called.
        search: What was searched for, where something was.
    """
    # Without the matricule, which no service knows (CAT-15).
    outcome = operation_outcome(replace(refusal, ins=""))
    issues = outcome["issue"]
    if refusal.code not in documented() or not isinstance(issues, list):
        return outcome
    issue = issues[0]
    if not isinstance(issue, dict):
        return outcome
    message, diagnostics = documented()[refusal.code]
    size = "" if search is None else search.page_size
    said = diagnostics.format(*refusal.facts, solution=solution, page_size=size)
    ours: Json = {
        "severity": "information",
        "code": "informational",
        "diagnostics": issue["diagnostics"],
    }
    details = issue.get("details")
    if message and isinstance(details, dict):
        issue["details"] = {**details, "text": message}
    issue["diagnostics"] = said
    outcome["issue"] = [issue, ours]
    return outcome
