"""Cases of the truth table: every viewer before every document, in every circumstance."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from etalon_model.parameters import Parameters
from etalon_model.records.confidentiality import VISIBILITY_CODES
from etalon_model.records.record import Status
from etalon_model.records.visibility import TRUTH_TABLE, Facts, Row, Stance, Viewer, holds
from etalon_model.tables import rows_of
from etalon_model.value_codec import Json
from etalon_model.vectors.cases import Case, case

_HIDES: Final = "INVISIBLE_PATIENT"
_HIDINGS: Final = ("hidden", "announced", "term_over")
_BASE: Final = "N"
_RULES: Final = {row["row"]: row["rule"] for row in rows_of("visibility.csv")}


def truth_rows() -> list[Json]:
    """Return the table, for those who work the cases out from it."""
    return [
        {
            "row": row.number,
            "viewer": row.viewer,
            "code": row.code,
            "circumstance": row.circumstance,
            "policy": row.policy,
            "visible": row.visible,
            "rule": _RULES[str(row.number)],
        }
        for row in TRUTH_TABLE
    ]


def truth_cases(parameters: Parameters) -> Iterator[Case]:
    """Yield the cases, each with the numbers of the rows that decide."""
    for stance, marks in product(Stance, _subsets()):
        for admitted, allowed, reads_masked in product((True, False), repeat=3):
            for hiding in _HIDINGS if _HIDES in marks else ("term_over",):
                viewer = Viewer(stance, admitted=admitted, reads_masked=reads_masked)
                facts = Facts(hiding == "hidden", hiding == "announced", type_allowed=allowed)
                yield _case(parameters, viewer, marks, facts)
        for status in (Status.SUPERSEDED, Status.DELETED):
            yield _case(parameters, Viewer(stance), marks, Facts(status=status))


def _subsets() -> list[tuple[str, ...]]:
    return [
        tuple(mark for mark, taken in zip(VISIBILITY_CODES, bits, strict=True) if taken)
        for bits in product((False, True), repeat=len(VISIBILITY_CODES))
    ]


def _case(parameters: Parameters, viewer: Viewer, marks: tuple[str, ...], facts: Facts) -> Case:
    announced = "announced" if facts.announced else "term_over"
    given: Case = {
        "function": "sees",
        "viewer": viewer.stance.value,
        "admitted": viewer.admitted,
        "reads_masked": viewer.reads_masked,
        "codes": [_BASE, *marks],
        "hiding": "hidden" if facts.hidden else announced,
        "type_allowed": facts.type_allowed,
        "status": facts.status.value,
    }
    rows = [row for row in TRUTH_TABLE if _speaks(row, viewer, marks, facts)]
    rules: list[Json] = [*sorted({_RULES[str(row.number)] for row in rows} or {"VIS-01"})]
    found = case(parameters, "VIS-01", given)
    return {**found, "rules": rules, "rows": [row.number for row in rows]}


def _speaks(row: Row, viewer: Viewer, marks: tuple[str, ...], facts: Facts) -> bool:
    """Whether a row says something of this document to this viewer, under either policy."""
    asked = Viewer(
        viewer.stance,
        "product" if row.policy == "product" else "law",
        viewer.admitted,
        viewer.reads_masked,
    )
    return row.code in {"ANY", "BASE", *marks} and holds(row, asked, facts)
