"""The law of open spaces, in integers: both ways of simulating read this and nothing else.

A person's events follow each other by gaps: an equally likely quantile of the exponential law
times the person's own pace. The clock on which gaps are measured runs with the events expected of
the person's age: fast on working days and where senders are equipped, slow on Sundays. It has
2 ** 32 ticks over the run, and its cells of 2 ** 16 ticks belong to one day each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CELL_BITS: Final = 16
"""The clock has 2 ** 16 cells."""

TICK_BITS: Final = 16
"""A cell of the clock has 2 ** 16 ticks; a gap of 1 is as many units of a quantile."""

SLOT_BITS: Final = 10
"""The kinds of a month share 2 ** 10 places among them."""

GAP_SHIFT: Final = 20
SLOT_SHIFT: Final = 8
"""Where the bits of a gap and of a kind begin in the 32 bits of one event."""

PACES: Final = 256
"""Equally likely paces of people of one age."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamLaw:
    """Events that follow each other in the life of a person.

    Attributes:
        day_of_cell: By row, day of each cell of the clock.
        cell_of_day: By row, first cell of each day, and of the day after the run.
        pace: By row, ticks in a gap of 1 for each pace, at most 2 ** 40.
        kinds: By row, `KINDS` ranks: the places of each month, one month after another.
        rows: Row of each age band.
    """

    day_of_cell: NDArray[np.uint16]
    cell_of_day: NDArray[np.int64]
    pace: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ProgrammeLaw:
    """The reminders of one programme.

    Attributes:
        first: First day on which somebody may be due.
        span: Days over which the first reminders spread.
        every: Days between two reminders of one person.
        entered: Share followed by people who have entered their space, over 2 ** 16.
        others: Share followed by others, over 2 ** 16.
    """

    first: int
    span: int
    every: int
    entered: int
    others: int


@dataclass(frozen=True, slots=True, eq=False)
class LifeLaw:
    """What happens in open spaces.

    Attributes:
        days: Days of the run.
        places_of_day: Where the kinds of each day begin in a row of `StreamLaw.kinds`.
        gaps: Equally likely gaps, in units of 2 ** -16, at least 1.
        care: Documents that follow from care.
        holder: What people who have entered add and exchange.
        later: By age band, share entered so many days after an automatic opening, over 2 ** 16.
        by_phone: Share who enter by telephone, over 2 ** 16.
        pairing: Share who pair an app once they have entered, over 2 ** 32.
        pairing_days: Equally likely whole days until then, by the upper bits of the draw.
        returning: Share of closed spaces opened again, over 2 ** 16.
        return_days: Equally likely whole days until then, at least 1.
        legacy: Share of people whose record of before holds documents, over 2 ** 16.
        legacy_documents: Equally likely numbers of them, at least 1.
        programmes: By programme of `PROGRAMMES`.
        follow_days: Equally likely whole days from a reminder to the act.
    """

    days: int
    places_of_day: NDArray[np.int64]
    gaps: NDArray[np.int64]
    care: StreamLaw
    holder: StreamLaw
    later: NDArray[np.int64]
    by_phone: int
    pairing: int
    pairing_days: NDArray[np.int64]
    returning: int
    return_days: NDArray[np.int64]
    legacy: int
    legacy_documents: NDArray[np.int64]
    programmes: tuple[ProgrammeLaw, ...]
    follow_days: NDArray[np.int64]

    def digest(self) -> str:
        """Return the SHA-256 of its integers, in the order of the attributes."""
        return hashlib.sha256(b"".join(_words(self))).hexdigest()


def _words(value: object) -> Iterator[bytes]:
    """Yield the integers of a value, as little-endian 64-bit words, part by part."""
    if isinstance(value, np.ndarray):
        yield value.astype("<i8").tobytes()
    elif isinstance(value, int):
        yield value.to_bytes(8, "little")
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from _words(item)
    elif isinstance(value, LifeLaw | StreamLaw | ProgrammeLaw):
        for part in fields(value):
            yield from _words(getattr(value, part.name))
