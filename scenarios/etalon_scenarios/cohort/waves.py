"""The plan of the campaign: which day each household's notice leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.people import EXCLUDED
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import STRUCTURE_SEED, Slot, stream
from etalon_scenarios.draws_arrays import draw_range, upper
from etalon_scenarios.layout import CELLS, SEXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law, WaveLaw

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
        found: NDArray[np.integer]
        if len(self.days) == 2:  # noqa: PLR2004 (a day and the next, as most départements have)
            later = positions >= self.steps[0]
            found = self.days[later.view(np.uint8)]
            return found
        rank = self.table[positions >> TABLE_SHIFT]
        while (later := positions >= self.steps[rank]).any():
            rank += later
        found = self.days[rank]
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
    return Itinerary(np.array(days), edges, edges.searchsorted(starts, side="right"))


_last: list[tuple[Law, int, list[Itinerary | None]]] = []
"""The itineraries asked for last: replications follow the same ones."""


def itineraries(law: Law, departments: int, never: int) -> list[Itinerary | None]:
    """Return when the campaign passes through each département, as `itinerary` does one."""
    for same, days_end, found in _last:
        if same is law and days_end == never:
            return found
    found = [itinerary(law, rank, never) for rank in range(departments)]
    _last[:] = [(law, never, found)]
    return found


def _steps(wave: WaveLaw, department: int) -> list[int]:
    """Solve `WaveLaw.send_day` for the first position of each day after the first."""
    days, size = len(wave.days), wave.size[department]
    before = wave.before[department] << 32
    return [
        -(-((rank * wave.total << 32) - days * before) // (days * size)) for rank in range(1, days)
    ]


def mark_excluded(nation: Nation, first: int, last: int) -> None:
    """Mark the residents who are digitally excluded: a trait, the same in every run."""
    by_band = np.array(nation.law.notice.excluded, dtype=np.uint64)
    if len(by_band):
        shares = np.tile(np.repeat(by_band, len(SEXES)), len(nation.ledger.departments))
        if nation.compiled:
            from etalon_scenarios.cohort.compiled import mailing  # noqa: PLC0415 (Numba, if used)

            mailing.mark_excluded(nation, DIGITAL, shares, first, last)
            return
        drawn = upper(draw_range(DIGITAL, first, last))
        excluded = drawn < nation.people.layout.spread(shares, first, last)
        nation.people.flags[first:last] |= excluded.view(np.uint8) * np.uint8(EXCLUDED)


def plan_waves(nation: Nation) -> None:
    """Write the day of the campaign's notice of each resident into `sent`."""
    people, layout = nation.people, nation.people.layout
    departments = len(nation.ledger.departments)
    plans = itineraries(nation.law, departments, people.never)
    starts = layout.starts[::CELLS]

    def plan(span: tuple[int, int]) -> list[tuple[int, int, int]]:
        mark_excluded(nation, *span)
        mailed: list[tuple[int, int, int]] = []
        low, high = (np.searchsorted(starts[1:], (span[0], span[1] - 1), side="right")).tolist()
        for department in range(low, high + 1):
            first = max(span[0], int(starts[department]))
            last = min(span[1], int(starts[department + 1]))
            found = plans[department]
            if first >= last:
                continue
            if found is None:
                people.sent[first:last] = people.never
                continue
            plan_within(nation, found, first, last)
            mailed += [(day, first, last) for day in found.days.tolist() if day != people.never]
        return mailed

    for mailed in map(plan, nation.crew.spans(0, people.size)):
        for day, first, last in mailed:
            nation.mailings.go_within(day, first, last)


def plan_within(nation: Nation, found: Itinerary, first: int, last: int) -> None:
    """Write the day of the notice of each resident from `first` to `last` - 1."""
    people, layout = nation.people, nation.people.layout
    if len(found.days) == 1:
        people.sent[first:last] = found.days[0]
        return
    if nation.compiled:
        from etalon_scenarios.cohort.compiled import mailing  # noqa: PLC0415 (Numba, if used)

        mailing.plan_days(nation, found, first, last)
        return
    persons = np.arange(first, last)
    heads, _ = layout.heads_in_order(persons, layout.cells_in_order(persons))
    people.sent[first:last] = found.of(upper(nation.chance(Slot.NOTICE, heads)))
