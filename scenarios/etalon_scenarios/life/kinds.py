"""What is put into a space, by whom; what may happen there besides."""

from __future__ import annotations

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A kind of document or message.

    Attributes:
        name: Identifier.
        sender: Who sends it: a profession of `SENDERS`, or the holder of the space.
    """

    name: str
    sender: str


SENDERS: Final = ("laboratory", "doctor", "hospital", "radiologist", "pharmacist")
"""Professions, in the order of the scenario file."""

HOLDER: Final = "holder"
LEGACY: Final = "legacy"

CARE_KINDS: Final = (
    Kind("laboratory_result", "laboratory"),
    Kind("prescription", "doctor"),
    Kind("consultation_letter", "doctor"),
    Kind("hospital_letter", "hospital"),
    Kind("imaging_report", "radiologist"),
    Kind("pharmacy_record", "pharmacist"),
)
"""Documents that follow from care."""

HOLDER_KINDS: Final = (Kind("own_document", HOLDER), Kind("message", HOLDER))
"""What somebody who has entered the space adds or exchanges."""

KINDS: Final = (*CARE_KINDS, *HOLDER_KINDS, Kind("legacy_document", LEGACY))
"""Everything that is counted one by one, in the order of the account."""

KIND: Final = {kind.name: rank for rank, kind in enumerate(KINDS)}


class Programme(NamedTuple):
    """A prevention programme of which the space reminds.

    Attributes:
        name: Identifier.
        first_band: First band of age concerned; a band has five years.
        last_band: Last one.
        women_only: Whether men are left out.
        every_days: Days between two invitations.
        from_month: Month in which a campaign begins, 0 for invitations all the year round.
        span_days: Days over which invitations spread.
    """

    name: str
    first_band: int
    last_band: int
    women_only: bool
    every_days: int
    from_month: int = 0
    span_days: int = 0


PROGRAMMES: Final = (
    Programme("breast_screening", 10, 14, women_only=True, every_days=731),
    Programme("colorectal_screening", 10, 14, women_only=False, every_days=731),
    Programme("cervical_screening", 5, 12, women_only=True, every_days=1096),
    Programme(
        "flu_vaccination", 13, 19, women_only=False, every_days=365, from_month=10, span_days=45
    ),
)
"""Organised programmes of 2022: breast and colorectal from 50 to 74 every two years, cervical
from 25 to 65 every three, influenza from 65 every autumn (ameli.fr, e-cancer.fr)."""

FIRST_DOCUMENTS: Final = (1, 5)
"""Numbers of documents whose coverage is followed."""

MOMENTS: Final = (
    "space_opened",
    "space_ended",
    "space_reopened",
    "first_document",
    "fifth_document",
    "entered",
    "entered_by_phone",
    "entered_later",
    "app_paired",
    *(f"{programme.name}_due" for programme in PROGRAMMES),
    *(f"{programme.name}_followed" for programme in PROGRAMMES),
)
"""What happens to a person at most a few times, counted by day and age band."""

MOMENT: Final = {name: rank for rank, name in enumerate(MOMENTS)}
