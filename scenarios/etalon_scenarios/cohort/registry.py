"""Births and deaths, as the civil registry reports them to the insurer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.counting import WORD
from etalon_scenarios.cohort.people import DEAD
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import upper, upper_below
from etalon_scenarios.layout import BANDS, CELLS, MOTHER_BANDS
from etalon_scenarios.timetable import BIRTHS_AND_DEATHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers


WORTH_A_PASS = 1 << 12
"""People for whom it costs less to draw for neighbours not concerned than to begin anew."""


@dataclass(frozen=True, slots=True)
class VitalEvents:
    """Who dies, or gives birth, on which day: at most once a run.

    Attributes:
        persons: By day, then by number.
        edges: Rank of the first person of each day, and their number.
    """

    persons: NDArray[np.int32]
    edges: Numbers

    def on(self, day: int) -> Numbers:
        """Return the people of a day, by number."""
        return self.persons[self.edges[day] : self.edges[day + 1]].astype(np.int64)


class Registry:
    """The vital events of one run, planned before its first day."""

    def __init__(self, nation: Nation) -> None:
        opening, departments = nation.law.opening, len(nation.ledger.departments)
        by_cell = np.tile(np.repeat(np.array(opening.deaths, np.uint64), 2), departments)
        self.deaths = _plan(nation, Slot.DEATH, by_cell)
        births = np.zeros((departments, BANDS, 2), np.uint64)
        for band in MOTHER_BANDS:
            births[:, band, 0] = opening.births[band]
        self.births = _plan(nation, Slot.CHILDBIRTH, births.ravel())
        nation.people.expect(len(self.births.persons))


def _plan(nation: Nation, slot: Slot, shares: Bits) -> VitalEvents:
    """Plan one kind of event: its day is the draw over the daily share, if within the run."""
    starts, days = nation.people.layout.starts, nation.law.days
    concerned = shares.nonzero()[0]
    runs = np.split(concerned, (np.diff(concerned) > 1).nonzero()[0] + 1)
    if int(starts[-1]) < len(runs) * WORTH_A_PASS:
        runs = [np.arange(len(shares))]
    spans = [
        span
        for run in runs
        if len(run)
        for span in nation.crew.spans(int(starts[run[0]]), int(starts[run[-1] + 1]))
    ]

    limits = np.minimum(shares * np.uint64(days), np.uint64(ONE))

    def plan(span: tuple[int, int]) -> Numbers:
        if nation.compiled:
            from etalon_scenarios.cohort.compiled import vital  # noqa: PLC0415 (Numba, if used)

            return vital.plan(nation, slot, shares, limits, span)
        layout = nation.people.layout
        drawn = upper(nation.chance_within(slot, *span))
        some = (drawn < layout.spread(limits, *span)).nonzero()[0]
        persons = some + span[0]
        due = drawn[some] // shares[layout.cells_in_order(persons)]
        return due.astype(np.int64) << WORD | persons

    own = np.concatenate([np.empty(0, np.int64), *map(plan, spans)])
    own.sort()
    (events,), _ = nation.crew.join(own)
    events.sort(kind="stable")
    edges = events.searchsorted(np.arange(days + 1) << WORD)
    return VitalEvents((events & (1 << WORD) - 1).astype(np.int32), edges)


def run_registry(nation: Nation, registry: Registry) -> Institution:
    """Record the day's deaths, then its births."""
    while True:
        yield BIRTHS_AND_DEATHS
        dead = registry.deaths.on(nation.day)
        own = nation.crew.own(dead)
        nation.note("died", own)
        if nation.observer is not None:
            nation.observer.endings(nation.day, own)
            if nation.observer.hears_lives:
                nation.observer.deaths(nation.day, own)
        # Nobody's death is seen before it is counted, and then by every process at once.
        nation.crew.meet()
        nation.people.standing[dead] = DEAD
        mothers = registry.births.on(nation.day)
        give_birth(nation, mothers[nation.people.living(mothers)])


def give_birth(nation: Nation, mothers: Numbers) -> None:
    """Number the children of the day by (département, mother): that is, by mother."""
    people = nation.people
    children = np.arange(people.number, people.number + len(mothers))
    girls = upper_below(nation.chance(Slot.NEWBORN, children), nation.law.opening.newborn_girls)
    cells = people.cells(mothers) // CELLS * CELLS + ~girls
    people.add_newborns(mothers, cells)
    nation.note("born", nation.crew.own(children))
    if nation.observer is not None and nation.crew.rank == 0:
        nation.observer.births(children, cells)
