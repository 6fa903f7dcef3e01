# pyright: standard
"""Counting one event of each person, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import cell_of
from etalon_scenarios.cohort.compiled.standing import Everybody, everybody
from etalon_scenarios.cohort.counting import EXCLUDED_RANK
from etalon_scenarios.cohort.people import BY_LETTER, EXCLUDED, WAITING
from etalon_scenarios.layout import BANDS, CELLS
from etalon_scenarios.ledger import CHANNELS, COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Residents
    from etalon_scenarios.layout_arrays import People as Numbers

_CHANNELS: Final = len(CHANNELS)


@kernel()
def _note(
    residents: Residents,
    people: Everybody,
    persons: Numbers,
    column: NDArray[np.int32],
    excluded: Numbers,
) -> None:
    """Count one event of each person by row, and of those digitally excluded by band."""
    layout, newborn_cells, size = residents.layout, residents.newborn_cells, residents.size
    rows, table, shift = layout.cells, layout.table, layout.shift
    standing, flags = people.standing, people.flags
    for rank in range(len(persons)):
        person = persons[rank]
        if person >= size:
            cell = newborn_cells[person - size]
        else:
            cell = np.int64(cell_of(rows, table, shift, person))
        channel = 0 if standing[person] == WAITING else 2 if flags[person] & BY_LETTER else 1
        column[cell * _CHANNELS + channel] += 1
        if flags[person] & EXCLUDED:
            excluded[cell % CELLS // 2] += 1


def note(nation: Nation, counter: str, persons: Numbers) -> None:
    """Count one event of each person today: `Nation.note`."""
    people, today = nation.people, nation.counts
    column = today.table[COUNT[counter]]
    apart = counter in EXCLUDED_RANK and nation.law.notice.excluded
    excluded = today.excluded[EXCLUDED_RANK[counter]] if apart else np.zeros(BANDS, np.int64)
    _note(people.residents(), everybody(people), persons, column, excluded)
