"""The layout of `layout.py` for many people at once: the same arithmetic, on arrays.

People of one call may be in any order, but for the functions that say otherwise. Numbers of people
are 64-bit integers; a cell is `(département * 20 + band) * 2 + sex`.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from etalon_scenarios.draws import STRUCTURE_SEED, Slot, stream
from etalon_scenarios.draws_arrays import draw_many, find_below, upper_below
from etalon_scenarios.layout import (
    ADULT_BANDS,
    CELLS,
    CHILD_BANDS,
    MINORS_OF_LAST_BAND,
    MONTHS_PER_BAND,
    PARENT_BANDS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.layout import Layout

    People = NDArray[np.int64]
    Mask = NDArray[np.bool_]

CHILD_CELLS: Final = CHILD_BANDS * 2
_LONE: Final = 256
"""Children of one département who are worth a pass of their own."""

_CROWD: Final = 4
"""People a cell for whom it costs less to search where each cell begins than who is where."""

Value = TypeVar("Value", bound=np.generic)

TABLE_BITS: Final = 20
"""The table of cells has about a million entries, whatever the population."""


START, CHILDREN_BEFORE, HOUSEHOLDS, PARENTS, PARENT_COUNT, PARENT_STEP = range(6)
"""Columns of `LayoutTables.cells`."""

TWINS, TWINS_SHARE, PROTECTED, PROTECTED_SHARE = range(4)
"""Places in `LayoutTables.traits`."""


BY_HEART: Final = 1 << 18
"""People of whom a table says who is who: to look few of them up costs less than to compute it."""


class Directory(NamedTuple):
    """Who is who among all residents, by number.

    Attributes:
        cells: Cell of each.
        heads: The parent each minor is attached to, and anybody else's own number.
        protected: Whether somebody is in charge of the adult (REP-02).
    """

    cells: People
    heads: People
    protected: Mask


class LayoutTables(NamedTuple):
    """The integers of a layout, for whoever does its arithmetic elsewhere.

    Attributes:
        cells: By cell, and one row for the end: its first person, minors of its département in
            the cells before it, and of its département, households with minors, first parent,
            number of parents, and parents a household times 2 ** 32, rounded down.
        table: Cell of the first person of each stretch of 2 ** `shift` people.
        shift: Width of the stretches of `table`.
        traits: Keys of the draws of twins and of protection, by the fast hash, each followed by
            a share over 2 ** 32.
    """

    cells: People
    table: NDArray[np.int32]
    shift: int
    traits: NDArray[np.uint64]


class LayoutArrays:
    """Who is who, on arrays.

    Attributes:
        layout: The same for one person.
        starts: First person of each cell, and the number of residents.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        cells = len(layout.departments) * CELLS
        firsts = [layout.cell_range(cell).start for cell in range(cells)]
        self._firsts = [*firsts, layout.size]
        self.starts = np.array(self._firsts, dtype=np.int64)
        self._shift = max(0, layout.size.bit_length() - TABLE_BITS)
        self._table = self._first_cells()
        self._twins = stream(STRUCTURE_SEED, Slot.TWINS)
        self._protected = stream(STRUCTURE_SEED, Slot.PROTECTED)
        self._lay_out_households()
        self._tables = self._gather()
        self._directory: Directory | None = None

    def learn_by_heart(self) -> None:
        """Write down who is who, once: what is asked later is looked up."""
        everybody = np.arange(self.layout.size)
        cells = self.cells_in_order(everybody)
        found = self.heads(everybody, cells), self.protected(everybody, cells)
        self._directory = Directory(cells, *found)

    def tables(self) -> LayoutTables:
        """Return the integers that cells and heads follow from."""
        return self._tables

    def _gather(self) -> LayoutTables:
        cells = np.zeros((len(self.starts), PARENT_STEP + 1), np.int64)
        cells[:, START] = self.starts
        cells[:-1, CHILDREN_BEFORE] = self._children_before
        steps = (self._parent_count << 32) // self._households
        by_department = (self._households, self._parents, self._parent_count, steps)
        columns = (HOUSEHOLDS, PARENTS, PARENT_COUNT, PARENT_STEP)
        for column, values in zip(columns, by_department, strict=True):
            cells[:-1, column] = np.repeat(values, CELLS)
        shares = self.layout.shares
        traits = (self._twins, shares.twins, self._protected, shares.protected)
        return LayoutTables(cells, self._table, self._shift, np.array(traits, dtype=np.uint64))

    def _lay_out_households(self) -> None:
        departments = len(self.layout.departments)
        sizes = np.diff(self.starts).reshape(departments, CELLS)
        minors = sizes[:, :CHILD_CELLS].copy()
        full, rest = np.divmod(minors[:, CHILD_CELLS - 2 :], MONTHS_PER_BAND)
        minors[:, CHILD_CELLS - 2 :] = full * MINORS_OF_LAST_BAND + np.minimum(
            rest, MINORS_OF_LAST_BAND
        )
        before = np.zeros((departments, CELLS), dtype=np.int64)
        before[:, 1:CHILD_CELLS] = np.cumsum(minors, axis=1)[:, :-1]
        self._children_before = before.ravel()
        children = minors.sum(axis=1)
        per_household = self.layout.shares.children_per_household
        self._households = np.maximum(1, -(-children * 100 // per_household))
        first, last = self._bands(PARENT_BANDS)
        other_first, other_last = self._bands(ADULT_BANDS)
        none = first == last
        self._parents = np.where(none, other_first, first)
        self._parent_count = np.where(none, other_last, last) - self._parents

    def _bands(self, bands: range) -> tuple[People, People]:
        cells = np.arange(len(self.layout.departments)) * CELLS
        return self.starts[cells + bands.start * 2], self.starts[cells + bands.stop * 2]

    def _first_cells(self) -> NDArray[np.int32]:
        """Return the cell of every resident whose number is a whole multiple of the table's step.

        The last place is for the number of residents, in no cell if it is such a multiple.
        """
        places = (self.layout.size >> self._shift) + 1
        ends = np.minimum(-(-self.starts[1:] >> self._shift), places)
        filled = np.diff(ends, prepend=0, append=places)
        return np.repeat(np.arange(len(filled), dtype=np.int32), filled)

    def _cell(self, person: int) -> int:
        # Python's own search begins sooner than NumPy's.
        return bisect_right(self._firsts, person, 1) - 1

    def cells(self, people: People) -> People:
        """Return the cell of each resident."""
        if self._directory:
            return self._directory.cells[people]
        found: People = self._table[people >> self._shift].astype(np.int64)
        if self._shift:
            late = (people >= self.starts[found + 1]).nonzero()[0]
            while len(late):
                found[late] += 1
                late = late[people[late] >= self.starts[found[late] + 1]]
        return found

    def cells_in_order(self, people: People) -> People:
        """Return the cell of each resident, of people by ascending number."""
        if self._directory or not len(people):
            return self.cells(people)
        first, last = self._cell(int(people[0])), self._cell(int(people[-1]))
        if len(people) < _CROWD * (last - first):
            return self.cells(people)
        edges = np.searchsorted(people, self.starts[first : last + 2])
        return np.repeat(np.arange(first, last + 1, dtype=np.int64), edges[1:] - edges[:-1])

    def edges_in_order(self, people: People) -> tuple[int, People]:
        """Return the first cell of residents by ascending number, and where each cell begins.

        The edges are places in `people`: as many as cells from the first to the last, and the end.
        """
        if not len(people):
            return 0, np.zeros(1, np.int64)
        first, last = self._cell(int(people[0])), self._cell(int(people[-1]))
        return first, np.searchsorted(people, self.starts[first : last + 2])

    def edges_between(self, first: int, last: int) -> tuple[int, People]:
        """Return what `edges_in_order` does for everybody from `first` to `last` - 1."""
        low, high = self._cell(first), self._cell(last - 1)
        edges: People = self.starts[low : high + 2] - first
        edges[0], edges[-1] = 0, last - first
        return low, edges

    def spread(self, by_cell: NDArray[Value], first: int, last: int) -> NDArray[Value]:
        """Return what holds by cell for each person from `first` to `last` - 1."""
        low, edges = self.edges_between(first, last)
        return np.repeat(by_cell[low : low + len(edges) - 1], np.diff(edges))

    def minors(self, people: People, cells: People) -> Mask:
        """Tell which residents are under 18 on the day of reference."""
        band = cells % CELLS // 2
        months = (people - self.starts[cells]) % MONTHS_PER_BAND
        last = (band == CHILD_BANDS - 1) & (months < MINORS_OF_LAST_BAND)
        young: Mask = (band < CHILD_BANDS - 1) | last
        return young

    def protected(self, people: People, cells: People) -> Mask:
        """Tell which residents are adults with a person in charge of them (REP-02)."""
        if self._directory:
            return self._directory.protected[people]
        if not self.layout.shares.protected:
            return np.zeros(len(people), np.bool_)
        chosen = upper_below(draw_many(self._protected, people), self.layout.shares.protected)
        return chosen & ~self.minors(people, cells)

    def heads(self, people: People, cells: People) -> People:
        """Return the parent each minor is attached to, and anybody else's own number."""
        if self._directory:
            return self._directory.heads[people]
        heads = people.copy()
        young = (cells % CELLS < CHILD_CELLS).nonzero()[0]
        if len(young):
            heads[young] = self._parents_of(people[young], cells[young])
        return heads

    def heads_in_order(self, people: People, cells: People) -> tuple[People, People]:
        """Return the heads and the cells of the heads of people by ascending number."""
        if self._directory:
            looked_up = self._directory.heads[people]
            return looked_up, self._directory.cells[looked_up]
        heads, head_cells = people.copy(), cells.copy()
        for first, last in self._children_in_order(cells):
            some, own = heads[first:last], head_cells[first:last]
            if own[0] == own[-1]:
                self._attach(some, own, int(own[0]))
            else:
                some[:] = self._parents_of(some, own)
                own[:] = self.cells(some)
        return heads, head_cells

    @staticmethod
    def _children_in_order(cells: People) -> list[tuple[int, int]]:
        """Part the children among people by ascending cell: a cell each, where they are many."""
        if not len(cells):
            return []
        low, high = int(cells[0]) // CELLS, int(cells[-1]) // CELLS
        wanted = (np.arange(low, high + 1)[:, None] * CELLS + np.arange(CHILD_CELLS + 1)).ravel()
        edges = np.searchsorted(cells, wanted).reshape(high - low + 1, CHILD_CELLS + 1)
        children = int((edges[:, -1] - edges[:, 0]).sum())
        if children < _LONE * len(wanted):
            return [(first, last) for first, *_, last in edges.tolist() if first < last]
        return [pair for row in edges.tolist() for pair in pairwise(row) if pair[0] < pair[1]]

    def _attach(self, people: People, cells: People, cell: int) -> None:
        """Write their heads, and the cells of these, over children of one cell in order."""
        department, band = cell // CELLS, cell % CELLS // 2
        if not self._parent_count[department]:
            return
        ranks = people - int(self.starts[cell])
        if band == CHILD_BANDS - 1:
            full = ranks // MONTHS_PER_BAND
            ranks -= full * MONTHS_PER_BAND
            minors = (ranks < MINORS_OF_LAST_BAND).nonzero()[0]
            ranks = (full * MINORS_OF_LAST_BAND + ranks)[minors]
            people[minors], cells[minors] = self._parents_of_ranks(ranks, cell)
        else:
            second = ((ranks & 1) != 0).nonzero()[0] if self.layout.shares.twins else people[:0]
            twins, _ = find_below(self._twins, people[second] - 1, self.layout.shares.twins)
            ranks[second[twins]] -= 1
            people[:], cells[:] = self._parents_of_ranks(ranks, cell)

    def _parents_of_ranks(self, ranks: People, cell: int) -> tuple[People, People]:
        """Return the heads, and their cells, of minors by ascending rank in one cell."""
        department = cell // CELLS
        households, count = int(self._households[department]), int(self._parent_count[department])
        ranks += int(self._children_before[cell])
        cells = np.empty(len(ranks), np.int64)
        low = 0
        # The households are gone through again and again, each time in order.
        while low < len(ranks):
            begun = int(ranks[low]) // households * households
            high = low + int(np.searchsorted(ranks[low:], begun + households))
            heads = ranks[low:high]
            heads -= begun
            heads *= count
            heads //= households
            heads += int(self._parents[department])
            cells[low:high] = self.cells_in_order(heads)
            low = high
        return ranks, cells

    def _parents_of(self, people: People, cells: People) -> People:
        ranks = self._elder_twins(people, cells) - self.starts[cells]
        last_band = cells % CELLS >= CHILD_CELLS - 2
        full = ranks // MONTHS_PER_BAND
        rest = ranks - full * MONTHS_PER_BAND
        among = np.where(
            last_band, full * MINORS_OF_LAST_BAND + np.minimum(rest, MINORS_OF_LAST_BAND), ranks
        )
        departments = cells // CELLS
        households, count = self._households[departments], self._parent_count[departments]
        rank = (among + self._children_before[cells]) % households
        found = self._parents[departments] + rank * count // households
        adult = (last_band & (rest >= MINORS_OF_LAST_BAND)) | (count == 0)
        return np.where(adult, people, found)

    def _elder_twins(self, people: People, cells: People) -> People:
        """Return the number of the twin born first, or the person's own number."""
        if not self.layout.shares.twins:
            return people
        first = people - ((people - self.starts[cells]) & 1)
        paired = (cells % CELLS < CHILD_CELLS - 2) & (first + 1 < self.starts[cells + 1])
        twins = upper_below(draw_many(self._twins, first), self.layout.shares.twins)
        return np.where(paired & twins, first, people)


_last: list[tuple[Layout, LayoutArrays]] = []
"""The last layout that was asked for: replications stand on the same one."""


def arrays_of(layout: Layout) -> LayoutArrays:
    """Return who is who in a layout, known by heart where people are few."""
    for same, found in _last:
        if same is layout:
            return found
    found = LayoutArrays(layout)
    if layout.size <= BY_HEART:
        found.learn_by_heart()
    _last[:] = [(layout, found)]
    return found
