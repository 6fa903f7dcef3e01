"""Numbers under which a person's own seeds draw: which bits serve which reminder, which stay."""

from __future__ import annotations

from typing import Final

from etalon_scenarios.draws import Field, Slot

SECOND_LIFE: Final = 1 << 40
"""Under the seed of deposits, the number whose draw is the seed of a space opened again."""

REMINDERS: Final = 1 << 10
"""Most reminders of one programme in a run."""

FOLLOWED: Final = Field(Slot.PREVENTION, 16, 16)
"""Whether a reminder is followed; bits 0 to 11 say after how many days."""

PHASE: Final = Field(Slot.PREVENTION, 32, 32)
"""In the first draw of a programme, where in its interval the first reminder falls."""


def reminder_number(programme: int, time: int) -> int:
    """Return the number of the draw of a reminder under a person's seed."""
    return programme * REMINDERS + time
