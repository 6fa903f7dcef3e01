"""The counts of the day being run, until the ledger takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.layout import BANDS, CELLS, SEXES
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS, EXCLUDED_COUNTS

if TYPE_CHECKING:
    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.layout_arrays import People as Numbers

ROWS_OF_A_BAND = len(SEXES) * len(CHANNELS)
EXCLUDED_RANK = {name: rank for rank, name in enumerate(EXCLUDED_COUNTS)}
FEW = 1_000
"""Events below this number are counted one by one."""
WORD = 32
SPARSE = 16
"""Of so many cells at most one counts something on a day whose counts are put in order alone."""


class DayCounts:
    """Counts of one day, by counter and row (cell x channel); the ledger has them by row first.

    Attributes:
        table: Counts so far.
        excluded: Totals of the run among people digitally excluded, as the ledger keeps them.
    """

    def __init__(self, departments: int, excluded: Numbers, crew: Crew) -> None:
        self.excluded = excluded
        self._rows = departments * CELLS * len(CHANNELS)
        room = crew.room(crew.size * len(COUNTERS) * self._rows, np.int32)
        self._tables = room.reshape(crew.size, len(COUNTERS), self._rows)
        self.table = self._tables[0]

    def join_crew(self, rank: int) -> None:
        """Begin to count in one process of the crew."""
        self.table = self._tables[rank]

    def note(self, counter: str, keys: Numbers, *also: str) -> None:
        """Count one event a row of `keys` (see `People.keys`), by one counter or several."""
        columns = [self.table[COUNT[name]] for name in (counter, *also)]
        if len(keys) < FEW:
            for column in columns:
                np.add.at(column, keys, 1)
            return
        counts = np.bincount(keys)
        first = int(keys.min())
        for column in columns:
            column[first : len(counts)] += counts[first:]

    def note_excluded(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of people digitally excluded, beside `note`."""
        rows = np.bincount(keys // ROWS_OF_A_BAND % BANDS, minlength=BANDS)
        self.excluded[EXCLUDED_RANK[counter]] += rows

    def note_cells(self, counter: str, channel: int, first: int, counts: Numbers) -> None:
        """Count events by cell, from a cell on, of people last notified on one channel."""
        cells = self.table[COUNT[counter]].reshape(-1, len(CHANNELS))
        cells[first : first + len(counts), channel] += counts

    def note_excluded_cells(self, counter: str, first: int, counts: Numbers) -> None:
        """Count events by cell of people digitally excluded, beside `note_cells`."""
        filled = np.flatnonzero(counts)
        bands = (first + filled) % CELLS // len(SEXES)
        np.add.at(self.excluded[EXCLUDED_RANK[counter]], bands, counts[filled])

    def collect(self) -> None:
        """Add what the other processes counted, once they have ended their day."""
        for table in self._tables[1:]:
            self.table += table
            table[:] = 0

    def close(self) -> tuple[Numbers, Numbers]:
        """Return addresses and counts of the day for the ledger, and begin a blank one."""
        flat = self.table.ravel()
        # NumPy searches truth values much faster than numbers.
        places = np.flatnonzero(flat != 0)
        if len(places) > len(flat) // SPARSE:
            counts = np.ascontiguousarray(self.table.T).ravel()
            addresses = np.flatnonzero(counts != 0)
            found = counts[addresses].astype(np.int64)
            self.table[:] = 0
            return addresses, found
        counters, rows = np.divmod(places, self._rows)
        # One word each, for to sort words is much faster than to find their order.
        words = (rows * len(COUNTERS) + counters) << WORD | flat[places]
        words.sort()
        flat[places] = 0
        return words >> WORD, words & (1 << WORD) - 1
