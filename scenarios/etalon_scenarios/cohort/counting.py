"""The counts of the day being run, until the ledger takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.layout import BANDS, CELLS, SEXES
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS, EXCLUDED_COUNTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.layout_arrays import People as Numbers

ROWS_OF_A_BAND = len(SEXES) * len(CHANNELS)
EXCLUDED_RANK = {name: rank for rank, name in enumerate(EXCLUDED_COUNTS)}
FEW = 1 << 13
"""Events below this number are kept one by one."""
WORD = 32
_COUNT_OF_WORD = (1 << WORD) - 1
_ROW = len(COUNTERS) << WORD
"""What a row adds to a word."""
_ONE = [np.array(rank << WORD | 1) for rank in range(len(COUNTERS))]
"""What an event adds to the word of the first counter of its row, by counter."""
SPARSE = 16
"""Of so many cells at most one counts something on a day whose counts are put in order alone."""


class DayCounts:
    """Counts of one day, by counter and row (cell x channel); the ledger has them by row first.

    Events of which there are few are kept as words, the address in the ledger above the count: to
    search the whole table for them would cost more than to put them in order.

    Attributes:
        excluded: Totals of the run among people digitally excluded, as the ledger keeps them.
    """

    def __init__(self, departments: int, excluded: Numbers, crew: Crew) -> None:
        self.excluded = excluded
        self._rows = departments * CELLS * len(CHANNELS)
        room = crew.room(crew.size * len(COUNTERS) * self._rows, np.int32)
        self._tables = room.reshape(crew.size, len(COUNTERS), self._rows)
        self._table: NDArray[np.int32] = self._tables[0]
        self._bands = np.arange(self._rows) // ROWS_OF_A_BAND % BANDS
        self._crowded = False
        self._few: list[Numbers] = []

    @property
    def table(self) -> NDArray[np.int32]:
        """Counts so far, for whoever counts many events, but for the few kept one by one."""
        self._crowded = True
        return self._table

    def join_crew(self, rank: int) -> None:
        """Begin to count in one process of the crew."""
        self._table = self._tables[rank]

    def note(self, counter: str, keys: Numbers, *also: str) -> None:
        """Count one event a row of `keys` (see `People.keys`), by one counter or several."""
        if not len(keys):
            return
        ranks = [COUNT[name] for name in (counter, *also)]
        if len(keys) < FEW:
            rows = keys * _ROW
            self._few += [rows + _ONE[rank] for rank in ranks]
            return
        counts = np.bincount(keys)
        first = int(keys.min())
        for rank in ranks:
            self.table[rank, first : len(counts)] += counts[first:]

    def note_excluded(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of people digitally excluded, beside `note`."""
        if len(keys):
            rows = np.bincount(self._bands[keys], minlength=BANDS)
            self.excluded[EXCLUDED_RANK[counter]] += rows

    def note_cells(self, counter: str, channel: int, first: int, counts: Numbers) -> None:
        """Count events by cell, from a cell on, of people last notified on one channel."""
        filled = counts.nonzero()[0]
        if len(filled) < FEW:
            words = filled * (len(CHANNELS) * _ROW) + counts[filled]
            words += (first * len(CHANNELS) + channel) * _ROW + (COUNT[counter] << WORD)
            self._few.append(words)
            return
        cells = self.table[COUNT[counter]].reshape(-1, len(CHANNELS))
        cells[first : first + len(counts), channel] += counts

    def note_excluded_cells(self, counter: str, first: int, counts: Numbers) -> None:
        """Count events by cell of people digitally excluded, beside `note_cells`."""
        filled = counts.nonzero()[0]
        if len(filled):
            bands = (first + filled) % CELLS // len(SEXES)
            np.add.at(self.excluded[EXCLUDED_RANK[counter]], bands, counts[filled])

    def pour(self) -> None:
        """Write what was kept one by one into the table, which other processes can read."""
        addresses, counts = self._few_in_order()
        rows, counters = np.divmod(addresses, len(COUNTERS))
        self.table[counters, rows] += counts.astype(np.int32)

    def collect(self) -> None:
        """Add what the other processes counted, once they have poured it out."""
        for table in self._tables[1:]:
            np.add(self.table, table, out=self.table)
            table[:] = 0

    def close(self) -> tuple[Numbers, Numbers]:
        """Return addresses and counts of the day for the ledger, and begin a blank one."""
        if not self._crowded:
            return self._few_in_order()
        self.pour()
        self._crowded = False
        return self._close_table()

    def _few_in_order(self) -> tuple[Numbers, Numbers]:
        words = np.concatenate([np.empty(0, np.int64), *self._few])
        self._few.clear()
        words.sort()
        addresses = words >> WORD
        firsts = np.diff(addresses, prepend=-1).nonzero()[0]
        if not len(firsts):
            return words, words
        return addresses[firsts], np.add.reduceat(words & _COUNT_OF_WORD, firsts)

    def _close_table(self) -> tuple[Numbers, Numbers]:
        flat = self._table.ravel()
        # NumPy searches truth values much faster than numbers.
        places = (flat != 0).nonzero()[0]
        if len(places) > len(flat) // SPARSE:
            counts = np.ascontiguousarray(self._table.T).ravel()
            addresses = (counts != 0).nonzero()[0]
            found = counts[addresses].astype(np.int64)
            self._table[:] = 0
            return addresses, found
        counters, rows = np.divmod(places, self._rows)
        # One word each, for to sort words is much faster than to find their order.
        words = (rows * len(COUNTERS) + counters) << WORD | flat[places]
        words.sort()
        flat[places] = 0
        return words >> WORD, words & _COUNT_OF_WORD
