"""The numbers by which a refused delivery is known outside the model.

Three tables stand in `data/delivery_codes.csv`: acknowledgements and application errors of
HL7v2, SMTP errors of the trust space. The model refuses under names; some numbers answer
faults that messages as data cannot have, and no name bears them.

Source: specification of the ANS on sending documents in HL7v2.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.outcomes import Outcome, Refusal
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

_ACCEPTED: Final = 0
_APPLICATION_ERROR: Final = 207
_DELIVERY_TABLES: Final = ("application", "smtp")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the sender's software is told.

    Attributes:
        number: Code of the acknowledgement; 0 when accepted.
        detail: Application or SMTP error, or 0.
    """

    number: int
    detail: int = 0


_BY_REFUSAL: Final = {
    row["refusal"]: Acknowledgement(_APPLICATION_ERROR, int(row["number"]))
    if row["table"] in _DELIVERY_TABLES
    else Acknowledgement(int(row["number"]))
    for row in rows_of("delivery_codes.csv")
    if row["refusal"]
}

NUMBERS: Final = {
    table: frozenset(
        int(row["number"]) for row in rows_of("delivery_codes.csv") if row["table"] == table
    )
    for table in ("acknowledgement", "application", "smtp")
}
"""Every number of each table."""


@enforces("MSG-15", "MSG-16")
def acknowledgement(outcome: Outcome) -> Acknowledgement:
    """Return what answers a delivery or a transmission on the wire.

    Raises:
        KeyError: The refusal is not one of a delivery.
    """
    if isinstance(outcome, Refusal):
        return _BY_REFUSAL[outcome.code]
    return Acknowledgement(_ACCEPTED)
