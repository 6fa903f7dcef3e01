# pyright: standard
"""Who is who, compiled for one person at a time: the cells and heads of `layout_arrays.py`.

These functions are about residents; of children born during the run, `People.residents` tells
cell and mother. They take the arrays of `LayoutTables` one by one: a kernel unpacks them before
its loop, for to hand a tuple of arrays on costs more than what these functions do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.layout import CELLS, CHILD_BANDS, MINORS_OF_LAST_BAND, MONTHS_PER_BAND
from etalon_scenarios.layout_arrays import (
    CHILDREN_BEFORE,
    HOUSEHOLDS,
    PARENT_COUNT,
    PARENT_STEP,
    PARENTS,
    PROTECTED,
    PROTECTED_SHARE,
    START,
    TWINS,
    TWINS_SHARE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers

CHILD_CELLS = CHILD_BANDS * 2
NO_WORDS = np.empty(0, np.uint64)
_HALF = np.uint64(32)


@kernel(inline=True)
def cell_of(rows: Numbers, table: NDArray[np.int32], shift: int, person: int) -> int:
    """Return the cell of a resident."""
    cell: int = table[person >> shift]
    while person >= rows[cell + 1, START]:
        cell += 1
    return cell


@kernel(inline=True)
def next_cell(rows: Numbers, person: int, cell: int) -> int:
    """Return the cell of a resident, given that of one before them in the order of numbers."""
    while person >= rows[cell + 1, START]:
        cell += 1
    return cell


@kernel(inline=True)
def head_of(rows: Numbers, traits: Bits, person: int, cell: int) -> int:
    """Return the parent each minor resident is attached to, and anybody else's own number."""
    head, place = person, cell % CELLS
    count = rows[cell, PARENT_COUNT]
    rank = person - rows[cell, START]
    led = place < CHILD_CELLS and count > 0
    if led and place >= CHILD_CELLS - 2:
        full = rank // MONTHS_PER_BAND
        months = rank - full * MONTHS_PER_BAND
        led = months < MINORS_OF_LAST_BAND
        rank = full * MINORS_OF_LAST_BAND + months
    elif led and rank & 1:
        rank -= (draw(NO_WORDS, traits[TWINS], person - 1) >> _HALF) < traits[TWINS_SHARE]
    if led:
        # Division takes longer than all the rest: households are gone through a few times at
        # most, and the quotient rank * count // households is known but for one.
        households = rows[cell, HOUSEHOLDS]
        rank += rows[cell, CHILDREN_BEFORE]
        while rank >= households:
            rank -= households
        head = rank * rows[cell, PARENT_STEP] >> 32
        head += rows[cell, PARENTS] + int((head + 1) * households <= rank * count)
    return head


@kernel(inline=True)
def is_minor(rows: Numbers, person: int, cell: int) -> bool:
    """Tell whether a resident is under 18 on the day of reference."""
    band = cell % CELLS // 2
    months = (person - rows[cell, START]) % MONTHS_PER_BAND
    return band < CHILD_BANDS - 1 or (band == CHILD_BANDS - 1 and months < MINORS_OF_LAST_BAND)


@kernel(inline=True)
def is_protected(rows: Numbers, traits: Bits, person: int, cell: int) -> bool:
    """Tell whether a resident is an adult with a person in charge of them (REP-02)."""
    drawn = draw(NO_WORDS, traits[PROTECTED], person) >> _HALF
    return drawn < traits[PROTECTED_SHARE] and not is_minor(rows, person, cell)
