"""The life of spaces on arrays: people of one band at a time, event after event together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws_arrays import draw_numbered
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KINDS
from etalon_scenarios.life.law import GAP_SHIFT, SLOT_BITS, SLOT_SHIFT, TICK_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.life.law import LifeLaw, StreamLaw

    Integers = NDArray[np.int64]


class Stays(NamedTuple):
    """People of one band between two days of their own.

    Attributes:
        seeds: The 64 bits under which the events of each are drawn.
        paces: Pace of each, a rank among `PACES`.
        first: First day of each.
        end: Day after the last of each.
        department: Rank of the département of each.
        held: Documents that each had before.
    """

    seeds: Bits
    paces: Integers
    first: Integers
    end: Integers
    department: Integers
    held: Integers

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


class Deposited(NamedTuple):
    """Events of a batch of people.

    Attributes:
        addresses: `(département * days + day) * kinds + kind` of each event, in no order.
        reached: For each of `FIRST_DOCUMENTS`, the days on which people came to hold so many.
    """

    addresses: NDArray[np.int64]
    reached: tuple[Integers, ...]


def deposits(law: LifeLaw, stream: StreamLaw, band: int, stays: Stays) -> Deposited:
    """Draw the events of people of one band, the k-th of everybody at a time."""
    row = stream.rows[band]
    day_of_cell, kinds = stream.day_of_cell[row], stream.kinds[row]
    cells, paces = stream.cell_of_day[row], stream.pace[row]
    at, ends = cells[stays.first] << TICK_BITS, cells[stays.end] << TICK_BITS
    pace, seeds = paces[stays.paces], stays.seeds
    base = stays.department * (law.days * len(KINDS))
    held, bits, number = stays.held, np.empty(0, np.uint64), 0
    found: list[Integers] = []
    reached: tuple[list[Integers], ...] = tuple([] for _ in FIRST_DOCUMENTS)
    while len(seeds):
        if number % 2 == 0:
            bits = draw_numbered(seeds, number // 2)
        else:
            bits >>= np.uint64(32)
        at += law.gaps[_cut(bits, GAP_SHIFT, QUANTILES)] * pace >> TICK_BITS
        going = np.flatnonzero(at < ends)
        at, ends, pace, seeds = at[going], ends[going], pace[going], seeds[going]
        base, bits = base[going], bits[going]
        day = day_of_cell[at >> TICK_BITS].astype(np.int64)
        place = law.places_of_day[day] + _cut(bits, SLOT_SHIFT, 1 << SLOT_BITS)
        found.append(base + day * len(KINDS) + kinds[place])
        number += 1
        if number <= FIRST_DOCUMENTS[-1]:
            held = held[going]
            for days, wanted in zip(reached, FIRST_DOCUMENTS, strict=True):
                days.append(day[held + number == wanted])
    nothing = np.empty(0, np.int64)
    return Deposited(
        np.concatenate([nothing, *found]),
        tuple(np.concatenate([nothing, *days]) for days in reached),
    )


def _cut(bits: Bits, shift: int, size: int) -> Integers:
    """Cut an integer below `size`, a power of two, out of 64 bits."""
    return (bits >> np.uint64(shift) & np.uint64(size - 1)).astype(np.int64)
