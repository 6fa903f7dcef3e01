"""The operations of the model that a target can be asked to carry out, by name.

Those of the wire have the names of the interaction table; the others are what a sandbox does.
"""

from typing import Final

from etalon_wire.interactions import interactions

RELATIONS: Final = (
    "care_team",
    "attending_doctor",
    "consent",
    "block",
    "caregiver",
    "representative",
    "pairing",
)
"""Relations between a holder and somebody, as the sandbox names them."""

OF_THE_HARNESS: Final = (
    *RELATIONS,
    "notify",
    "tell_notices",
    "create_person",
    "create_professional",
    "create_service",
    "move_service",
    "end_pairing",
    "tell_clock",
    "advance_clock",
    "set_clock",
    "restart",
    "remove_person",
    "remove_document",
    "remove_professional",
)

OF_THE_WIRE: Final = tuple(
    row.name
    for row in interactions().values()
    if row.family in {"life_cycle", "consents"} or (row.family == "agenda" and row.operation)
)

OPERATIONS: Final = frozenset((*OF_THE_HARNESS, *OF_THE_WIRE))
