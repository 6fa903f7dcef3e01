"""The plan of the campaign: which day each household's notice leaves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.people import EXCLUDED
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import STRUCTURE_SEED, Slot, stream
from etalon_scenarios.draws_arrays import draw_range, upper
from etalon_scenarios.layout import CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law, WaveLaw
    from etalon_scenarios.layout_arrays import People as Numbers

DIGITAL: Final = stream(STRUCTURE_SEED, Slot.DIGITAL)
TABLE_SHIFT: Final = np.uint64(20)
"""Positions are looked up by their 12 upper bits first."""


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The days on which a wave passes through one département.

    Attributes:
        days: One day more than steps.
        steps: Positions, over 2 ** 32, from which the next day holds; then one never reached.
        table: Number of steps at or below the positions that share 12 upper bits, at least.
    """

    days: NDArray[np.integer]
    steps: Bits
    table: NDArray[np.int64]

    def of(self, positions: Bits) -> NDArray[np.integer]:
        """Return the day of each position."""
        if len(self.days) == 2:  # noqa: PLR2004 (a day and the next, as most départements have)
            return self.days[(positions >= self.steps[0]).view(np.uint8)]
        rank = self.table[positions >> TABLE_SHIFT]
        while (later := positions >= self.steps[rank]).any():
            rank += later
        found: NDArray[np.integer] = self.days[rank]
        return found


def itinerary(law: Law, department: int, never: int) -> Itinerary | None:
    """Return when the campaign passes through a département, None if it does not.

    Args:
        law: Of the run.
        department: Rank of the département.
        never: Stands for days after the run.
    """
    wave = next((wave for wave in law.waves if wave.size[department]), None)
    if wave is None:
        return None
    steps = _steps(wave, department)
    passed = sum(step <= 0 for step in steps)
    inner = [step for step in steps if 0 < step < ONE]
    days = [day if day < law.days else never for day in wave.days[passed : passed + len(inner) + 1]]
    edges = np.array([*inner, ONE], dtype=np.uint64)
    starts = np.arange(ONE >> int(TABLE_SHIFT), dtype=np.uint64) << TABLE_SHIFT
    return Itinerary(np.array(days), edges, np.searchsorted(edges, starts, side="right"))


def _steps(wave: WaveLaw, department: int) -> list[int]:
    """Solve `WaveLaw.send_day` for the first position of each day after the first."""
    days, size = len(wave.days), wave.size[department]
    before = wave.before[department] << 32
    return [
        -(-((rank * wave.total << 32) - days * before) // (days * size)) for rank in range(1, days)
    ]


def mark_excluded(nation: Nation, persons: Numbers, cells: Numbers) -> None:
    """Mark the residents who are digitally excluded: a trait, the same in every run."""
    by_band = np.repeat(np.array(nation.law.notice.excluded, dtype=np.uint64), 2)
    if len(by_band):
        first, last = int(persons[0]), int(persons[-1]) + 1
        low = int(cells[0])
        shares = np.tile(by_band, (int(cells[-1]) - low) // CELLS + 2)[low % CELLS :]
        excluded = upper(draw_range(DIGITAL, first, last)) < shares[cells - low]
        nation.people.flags[first:last] |= excluded.view(np.uint8) * np.uint8(EXCLUDED)


def plan_waves(nation: Nation) -> None:
    """Write the day of the campaign's notice of each resident into `sent`."""
    people, layout = nation.people, nation.people.layout
    departments = len(nation.ledger.departments)
    plans = [itinerary(nation.law, rank, people.never) for rank in range(departments)]

    def plan(span: tuple[int, int]) -> tuple[int, int, NDArray[np.int64]]:
        persons = np.arange(*span)
        cells = layout.cells_in_order(persons)
        mark_excluded(nation, persons, cells)
        sent = people.sent[span[0] : span[1]]
        low, high = int(cells[0]) // CELLS, int(cells[-1]) // CELLS
        edges = np.searchsorted(cells, np.arange(low, high + 2) * CELLS).tolist()
        for department, (first, last) in zip(range(low, high + 1), pairwise(edges), strict=True):
            found = plans[department]
            if found is None or len(found.days) == 1:
                sent[first:last] = people.never if found is None else found.days[0]
            elif first < last:
                heads, _ = layout.heads_in_order(persons[first:last], cells[first:last])
                sent[first:last] = found.of(upper(nation.chance(Slot.NOTICE, heads)))
        return *span, np.flatnonzero(np.bincount(sent, minlength=people.never + 1)[:-1])

    for first, last, days in nation.crew.share(plan, nation.crew.spans(0, people.size)):
        for day in days.tolist():
            nation.mailings.go_within(day, first, last)
