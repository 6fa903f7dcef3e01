"""The errors of the measures interface: which comes first, and how each is said on the wire.

Source: measures API v1.5.2. The table is `data/measure_errors.csv`; codes are ours.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.tables import rows_of


@dataclass(frozen=True, slots=True)
class MeasureError:
    """An error of the interface.

    Attributes:
        rank: Its place in the documentation: of several faults the first is answered.
        status: State of HTTP.
        issue: Code of the issue in the answer, or an empty string when the answer has none.
        rule: The rule broken.
    """

    rank: int
    status: int
    issue: str
    rule: str


MEASURE_ERRORS: Final = {
    row["code"]: MeasureError(int(row["rank"]), int(row["status"]), row["issue"], row["rule"])
    for row in rows_of("measure_errors.csv")
}
"""The documented errors by the code of the refusal, those of writing before those of searching."""
