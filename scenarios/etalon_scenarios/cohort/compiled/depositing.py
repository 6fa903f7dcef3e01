# pyright: standard
"""Documents and messages, compiled: `life.deposits.deposits`, person by person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIRST_MULTIPLIER, GOLDEN, SECOND_MULTIPLIER
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KINDS
from etalon_scenarios.life.law import GAP_SHIFT, SLOT_BITS, SLOT_SHIFT, TICK_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers
    from etalon_scenarios.life.deposits import Stays
    from etalon_scenarios.life.law import LifeLaw, StreamLaw

_GOLDEN: Final = np.uint64(GOLDEN)
_MIXERS: Final = (np.uint64(FIRST_MULTIPLIER), np.uint64(SECOND_MULTIPLIER))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32))
_GAP_SHIFT, _SLOT_SHIFT = np.uint64(GAP_SHIFT), np.uint64(SLOT_SHIFT)
_GAP_MASK, _SLOT_MASK = np.uint64(QUANTILES - 1), np.uint64((1 << SLOT_BITS) - 1)
_TICK_BITS: Final = TICK_BITS
_KINDS: Final = len(KINDS)
_FIRST, _FIFTH = FIRST_DOCUMENTS


def deposit(
    law: LifeLaw, events: StreamLaw, band: int, stays: Stays, counts: Numbers
) -> tuple[Numbers, Numbers]:
    """Count the events of people of one band; return the days on which they first held so many.

    Args:
        law: The law of open spaces.
        events: What happens.
        band: The band.
        stays: The people.
        counts: Where events are counted, by `(département * days + day) * kinds + kind`.
    """
    row = events.rows[band]
    first, fifth = _deposit(
        stays.seeds,
        events.pace[row][stays.paces],
        events.cell_of_day[row][stays.first] << TICK_BITS,
        events.cell_of_day[row][stays.end] << TICK_BITS,
        stays.department * (law.days * len(KINDS)),
        stays.held,
        law.gaps,
        events.day_of_cell[row],
        law.places_of_day,
        events.kinds[row],
        counts,
    )
    return first[first >= 0], fifth[fifth >= 0]


@kernel()
def _deposit(  # noqa: PLR0913, PLR0917 (columns of people, tables of the law)
    seeds: Bits,
    paces: Numbers,
    starts: Numbers,
    ends: Numbers,
    bases: Numbers,
    held: Numbers,
    gaps: Numbers,
    day_of_cell: NDArray[np.uint16],
    places_of_day: Numbers,
    kinds: NDArray[np.uint8],
    counts: Numbers,
) -> tuple[Numbers, Numbers]:
    first, fifth = np.full(len(seeds), -1, np.int64), np.full(len(seeds), -1, np.int64)
    for rank in range(len(seeds)):
        at, end, pace, key = starts[rank], ends[rank], paces[rank], seeds[rank]
        base, documents, word = bases[rank], held[rank], np.uint64(0)
        upper = False
        while True:
            if upper:
                word >>= _SHIFTS[3]
            else:
                word = (key ^ (key >> _SHIFTS[0])) * _MIXERS[0]
                word = (word ^ (word >> _SHIFTS[1])) * _MIXERS[1]
                word ^= word >> _SHIFTS[2]
                key += _GOLDEN
            upper = not upper
            at += gaps[(word >> _GAP_SHIFT) & _GAP_MASK] * pace >> _TICK_BITS
            if at >= end:
                break
            day = np.int64(day_of_cell[at >> _TICK_BITS])
            place = places_of_day[day] + np.int64((word >> _SLOT_SHIFT) & _SLOT_MASK)
            counts[base + day * _KINDS + kinds[place]] += 1
            documents += 1
            if documents == _FIRST:
                first[rank] = day
            elif documents == _FIFTH:
                fifth[rank] = day
    return first, fifth
