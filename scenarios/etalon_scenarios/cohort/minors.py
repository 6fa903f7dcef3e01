"""Minors: who of them decides alone, and whose space silence does not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.law import NEVER
from etalon_scenarios.layout import CELLS, MONTHS_PER_BAND

if TYPE_CHECKING:
    from etalon_scenarios.cohort.people import People
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


def are_minors(people: People, persons: Numbers) -> Mask:
    """Tell which people are under 18 on the day of reference, or born since."""
    resident = persons < people.size
    minors = np.ones(len(persons), np.bool_)
    residents = persons[resident]
    minors[resident] = people.layout.minors(residents, people.layout.cells(residents))
    return minors


def decide(
    law: Law, people: People, persons: Numbers, heads: Numbers, head_cells: Numbers
) -> tuple[Numbers, Numbers]:
    """Return who decides for each person, and their cells: the adult who receives, or oneself.

    Args:
        law: Of the run; it says from which age a minor decides.
        people: Everybody.
        persons: Whose space it is.
        heads: Adult who receives for each.
        head_cells: Cell of that adult.
    """
    own_from = law.minors.own_from
    if own_from == NEVER:
        return heads, head_cells
    cells = people.cells(persons)
    months = (persons - people.layout.starts[cells]) % MONTHS_PER_BAND
    old_enough = cells % CELLS // 2 * MONTHS_PER_BAND + months >= own_from
    alone = old_enough & (persons < people.size)
    return np.where(alone, persons, heads), np.where(alone, cells, head_cells)
