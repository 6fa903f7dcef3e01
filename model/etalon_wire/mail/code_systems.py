"""The object identifiers of code systems, which XDS and CDA write where FHIR writes addresses.

Sources: NOS of the ANS, HL7 (`data/code_systems.csv`).
"""

from functools import cache
from typing import Final

from etalon_model.records.confidentiality import VISIBILITY_CODES
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.records.codings import Coded, codes_of
from etalon_wire.tables import rows_of

OIDS: Final = {row["system"]: row["oid"] for row in rows_of("code_systems.csv")}
"""Object identifier of each code system, by its address."""

CONFIDENTIALITY: Final = OIDS[V3_CONFIDENTIALITY]
"""Code system of the levels N, R and V."""


@cache
def scheme_of(element: Coded, code: str) -> str:
    """Return the object identifier of the system of a code, its address where it has none.

    A code of no system that we know has an empty one.
    """
    systems = codes_of(element).systems.get(code, ())
    return next((OIDS[one] for one in systems if one in OIDS), systems[0] if systems else "")


def label_of(element: Coded, code: str) -> str:
    """Return the French label of a code, or the code."""
    return codes_of(element).labels.get(code) or code


def confidentiality_scheme(code: str) -> str:
    """Return the object identifier of the system of a level or of a code of visibility."""
    return OIDS[VISIBILITY] if code in VISIBILITY_CODES else CONFIDENTIALITY


@cache
def activity_scheme(code: str) -> str:
    """Return the system of a kind of activity (JDV_J03), empty for a code that is none."""
    rows = rows_of("valuesets/jdv_j03.csv")
    system = next((row["system"] for row in rows if row["code"] == code), "")
    return OIDS.get(system, system)
