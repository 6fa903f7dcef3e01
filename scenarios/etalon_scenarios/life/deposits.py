"""The life of spaces on arrays: people of one band at a time, event after event together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws_arrays import BLOCK, draw_numbered
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KINDS
from etalon_scenarios.life.law import CELL_BITS, GAP_SHIFT, SLOT_BITS, SLOT_SHIFT, TICK_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.life.law import LifeLaw, StreamLaw

    Integers = NDArray[np.int64]
    Counts = NDArray[np.int8]

_EVENT_BITS: Final = 32
"""Bits of a draw that serve one event: two events share a draw."""

_GAP_MASK: Final = np.uint64(QUANTILES - 1)
_SLOT_MASK: Final = np.uint64(((1 << SLOT_BITS) - 1) << CELL_BITS)
_SPARSE: Final = 4
"""Counters an event from which single additions are cheaper than a histogram."""

_CELL_MASK: Final = (1 << CELL_BITS) - 1
_MOST: Final = FIRST_DOCUMENTS[-1]


class Stays(NamedTuple):
    """People of one band between two days of their own.

    Attributes:
        seeds: The 64 bits under which the events of each are drawn.
        paces: Pace of each, a rank among `PACES`.
        first: First day of each.
        end: Day after the last of each.
        department: Rank of the département of each.
        held: Documents that each had before, no more than the last of `FIRST_DOCUMENTS`.
    """

    seeds: Bits
    paces: Integers
    first: Integers
    end: Integers
    department: Integers
    held: Counts

    def some(self, kept: Integers) -> Stays:
        """Return some of them, by place."""
        return Stays(
            self.seeds[kept],
            self.paces[kept],
            self.first[kept],
            self.end[kept],
            self.department[kept],
            self.held[kept],
        )


def deposit(
    law: LifeLaw, stream: StreamLaw, band: int, stays: Stays, counts: Integers
) -> tuple[Integers, ...]:
    """Draw the events of people of one band, and count them.

    Args:
        law: The law of open spaces.
        stream: The events to draw.
        band: Age band of the people.
        stays: The people, and from when to when.
        counts: Events of `(département * days + day) * kinds + kind`, all in one row.

    Returns:
        For each of `FIRST_DOCUMENTS`, the days on which people came to hold so many.
    """
    if not len(stays.seeds):
        return (np.empty(0, np.int64),) * len(FIRST_DOCUMENTS)
    first, last = int(stays.department.min()), int(stays.department.max())
    span, row = law.days * len(KINDS), stream.rows[band]
    base = None if first == last else (stays.department - first) * span
    part = counts[first * span : (last + 1) * span]
    counting = _Counting(law, stream.day_of_cell[row], stream.kinds[row], part)
    drawing = _Drawing(law.gaps, stream, row, stays, base)
    drawing.draw(counting)
    return tuple(
        stream.day_of_cell[row].take(np.concatenate(cells)).astype(np.int64)
        for cells in drawing.reached
    )


def held_after(law: LifeLaw, stream: StreamLaw, band: int, stays: Stays) -> NDArray[np.int8]:
    """Return how many documents each holds at the end, up to the last of `FIRST_DOCUMENTS`."""
    return _Drawing(law.gaps, stream, stream.rows[band], stays, None).held_at_end()


class _Counting:
    """Counts the events of a batch, as many at a time as stay in a level-2 cache."""

    def __init__(
        self, law: LifeLaw, days: NDArray[np.uint16], kinds: NDArray[np.uint8], counts: Integers
    ) -> None:
        self._places, self._days, self._kinds, self._counts = law.places_of_day, days, kinds, counts
        self._events: list[Integers] = []
        self._bases: list[Integers] = []
        self._waiting = 0

    def add(self, events: Integers, base: Integers | None) -> None:
        """Take some events, and where the département of each begins if there are several."""
        self._events.append(events)
        if base is not None:
            self._bases.append(base)
        self._waiting += len(events)
        if self._waiting >= BLOCK:
            self.count()

    def count(self) -> None:
        """Count what waits."""
        places = np.concatenate(self._events) if len(self._events) > 1 else self._events[0]
        days = self._days.take(places & _CELL_MASK)
        places >>= CELL_BITS
        places += self._places.take(days)
        kinds = self._kinds.take(places)
        np.multiply(days, len(KINDS), out=places, dtype=np.int64)
        places += kinds
        if self._bases:
            places += np.concatenate(self._bases)
        if len(places) * _SPARSE < len(self._counts):
            np.add.at(self._counts, places, 1)
        else:
            self._counts += np.bincount(places, minlength=len(self._counts))
        self._events, self._bases, self._waiting = [], [], 0


class _Drawing:
    """Draws events of many people, those that share a draw one after the other.

    Attributes:
        reached: For each of `FIRST_DOCUMENTS`, the cells in which people came to hold so many.
    """

    def __init__(
        self, gaps: Integers, stream: StreamLaw, row: int, stays: Stays, base: Integers | None
    ) -> None:
        self.reached: tuple[list[Integers], ...] = tuple([] for _ in FIRST_DOCUMENTS)
        ticks = stream.cell_of_day[row] << TICK_BITS
        self._gaps = gaps
        self._at, self._ends = ticks.take(stays.first), ticks.take(stays.end)
        self._pace = stream.pace[row].take(stays.paces)
        self._seeds, self._base, self._held = stays.seeds, base, stays.held

    def draw(self, counting: _Counting) -> None:
        """Draw until the clock of everybody has run out."""
        number = 0
        while len(self._seeds):
            bits = draw_numbered(self._seeds, number // 2)
            going = self._pass(bits >> np.uint64(GAP_SHIFT) & _GAP_MASK)
            slots = bits << np.uint64(CELL_BITS - SLOT_SHIFT)
            number += 1
            self._happen(going, slots, number, counting)
            going = self._pass(bits >> np.uint64(GAP_SHIFT + _EVENT_BITS))
            bits >>= np.uint64(_EVENT_BITS + SLOT_SHIFT - CELL_BITS)
            number += 1
            self._happen(going, bits, number, counting)
            self._keep(going)
        counting.count()

    def held_at_end(self) -> NDArray[np.int8]:
        """Return how many documents each holds in the end, up to the last of `FIRST_DOCUMENTS`."""
        held = self._held.copy()
        for number in range(0, _MOST, 2):
            bits = draw_numbered(self._seeds, number // 2)
            held[self._pass(bits >> np.uint64(GAP_SHIFT) & _GAP_MASK)] += 1
            held[self._pass(bits >> np.uint64(GAP_SHIFT + _EVENT_BITS))] += 1
        return np.minimum(held, _MOST, dtype=np.int8)

    def _pass(self, ranks: Bits) -> Integers:
        """Let the gaps of so many ranks pass; return the places of those who have time left."""
        gaps = self._gaps.take(ranks.view(np.int64))
        gaps *= self._pace
        gaps >>= TICK_BITS
        self._at += gaps
        return np.flatnonzero(self._at < self._ends)

    def _happen(self, going: Integers, slots: Bits, number: int, counting: _Counting) -> None:
        """Hand over the events of a number of some of the people."""
        cells = self._at.take(going)
        cells >>= TICK_BITS
        if number <= _MOST:
            held = self._held.take(going)
            for reached, wanted in zip(self.reached, FIRST_DOCUMENTS, strict=True):
                if wanted >= number:
                    reached.append(cells[held == wanted - number])
        events = slots.take(going)
        events &= _SLOT_MASK
        events |= cells.view(np.uint64)
        base = None if self._base is None else self._base.take(going)
        counting.add(events.view(np.int64), base)

    def _keep(self, going: Integers) -> None:
        """Go on with some of the people."""
        self._at, self._ends = self._at.take(going), self._ends.take(going)
        self._pace, self._seeds = self._pace.take(going), self._seeds.take(going)
        self._held = self._held.take(going)
        if self._base is not None:
            self._base = self._base.take(going)
