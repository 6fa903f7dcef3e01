# pyright: standard
"""Who is who, compiled for one person at a time: the cells and heads of `layout_arrays.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.layout import CELLS, CHILD_BANDS, MINORS_OF_LAST_BAND, MONTHS_PER_BAND

if TYPE_CHECKING:
    from etalon_scenarios.cohort.people import Residents

CHILD_CELLS = CHILD_BANDS * 2
NO_WORDS = np.empty(0, np.uint64)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True, error_model="numpy")
def cell_of(residents: Residents, person: int) -> int:
    """Return the cell of a person."""
    cell: int
    if person >= residents.size:
        cell = residents.newborn_cells[person - residents.size]
        return cell
    layout = residents.layout
    cell = layout.cells[person >> layout.shift]
    while person >= layout.starts[cell + 1]:
        cell += 1
    return cell


@njit(cache=True, nogil=True, error_model="numpy")
def head_of(residents: Residents, person: int, cell: int) -> int:
    """Return the adult who receives, and unless the law says otherwise decides, for a person."""
    head: int
    if person >= residents.size:
        head = residents.mothers[person - residents.size]
        return head
    row = cell % CELLS
    if row >= CHILD_CELLS:
        return person
    layout, department = residents.layout, cell // CELLS
    count = layout.parent_count[department]
    if count == 0:
        return person
    rank = person - layout.starts[cell]
    if row >= CHILD_CELLS - 2:
        full = rank // MONTHS_PER_BAND
        months = rank - full * MONTHS_PER_BAND
        if months >= MINORS_OF_LAST_BAND:
            return person
        rank = full * MINORS_OF_LAST_BAND + months
    elif rank & 1:
        bits = draw(NO_WORDS, layout.twins, person - 1)
        if (bits >> _HALF) < layout.twins_share:
            rank -= 1
    households = layout.households[department]
    rank = (rank + layout.children_before[cell]) % households
    head = layout.parents[department] + rank * count // households
    return head
