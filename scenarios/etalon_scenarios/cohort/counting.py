"""The counts of the day being run, until the ledger takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.layout import BANDS, CELLS, SEXES
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS, EXCLUDED_COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from etalon_scenarios.layout_arrays import People as Numbers

ROWS_OF_A_BAND = len(SEXES) * len(CHANNELS)
EXCLUDED_RANK = {name: rank for rank, name in enumerate(EXCLUDED_COUNTS)}
FEW = 1_000
"""Events below this number are counted one by one."""
WORD = 32
SPARSE = 16
"""Of so many cells at most one counts something on a day whose counts are put in order alone."""


class Sheet:
    """Counts noted apart, by one thread, to be entered later.

    Attributes:
        notes: (rank of the counter, first row, counts of the rows from there).
        excluded: (rank in `EXCLUDED_COUNTS`, counts by band) of people digitally excluded.
    """

    def __init__(self) -> None:
        self.notes: list[tuple[int, int, Numbers]] = []
        self.excluded: list[tuple[int, Numbers]] = []

    def note(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of `keys` (see `People.keys`)."""
        if len(keys):
            first = int(keys.min())
            self.notes.append((COUNT[counter], first, np.bincount(keys - first)))

    def note_excluded(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of people digitally excluded, beside `note`."""
        if len(keys):
            self.excluded.append((EXCLUDED_RANK[counter], _by_band(keys)))

    def note_cells(self, counter: str, channel: int, first: int, counts: Numbers) -> None:
        """Count events by cell, from a cell on, of people last notified on one channel."""
        rows = np.zeros((len(counts), len(CHANNELS)), np.int64)
        rows[:, channel] = counts
        self.notes.append((COUNT[counter], first * len(CHANNELS), rows.ravel()))

    def note_excluded_cells(self, counter: str, first: int, counts: Numbers) -> None:
        """Count events by cell of people digitally excluded, beside `note_cells`."""
        bands = np.arange(first, first + len(counts)) % CELLS // len(SEXES)
        by_band = np.zeros(BANDS, np.int64)
        np.add.at(by_band, bands, counts)
        self.excluded.append((EXCLUDED_RANK[counter], by_band))


def _by_band(keys: Numbers) -> Numbers:
    rows = np.bincount(keys // ROWS_OF_A_BAND % BANDS, minlength=BANDS)
    return rows.astype(np.int64)


class DayCounts:
    """Counts of one day, by counter and row (cell x channel); the ledger has them by row first.

    Attributes:
        excluded: Totals of the run among people digitally excluded, as the ledger keeps them.
    """

    def __init__(self, departments: int, excluded: Numbers) -> None:
        self.excluded = excluded
        self._rows = departments * CELLS * len(CHANNELS)
        self._counts = np.zeros((len(COUNTERS), self._rows), np.int32)

    def take(self) -> tuple[Numbers, NDArray[np.int32]]:
        """Return places and counts of what was counted, for `add`, and begin a blank day."""
        flat = self._counts.ravel()
        places = np.flatnonzero(flat != 0)
        found = flat[places]
        flat[places] = 0
        return places, found

    def add(self, places: Numbers, counts: NDArray[np.int32]) -> None:
        """Add what another process counted."""
        self._counts.ravel()[places] += counts

    def note(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of `keys` (see `People.keys`)."""
        column = self._counts[COUNT[counter]]
        if len(keys) < FEW:
            np.add.at(column, keys, 1)
        else:
            column += np.bincount(keys, minlength=self._rows)

    def note_excluded(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of people digitally excluded, beside `note`."""
        self.excluded[EXCLUDED_RANK[counter]] += _by_band(keys)

    def enter(self, sheets: Iterable[Sheet]) -> None:
        """Add what threads noted apart."""
        for sheet in sheets:
            for counter, first, counts in sheet.notes:
                self._counts[counter, first : first + len(counts)] += counts
            for rank, by_band in sheet.excluded:
                self.excluded[rank] += by_band

    def close(self) -> tuple[Numbers, Numbers]:
        """Return addresses and counts of the day for the ledger, and begin a blank one."""
        flat = self._counts.ravel()
        # NumPy searches truth values much faster than numbers.
        places = np.flatnonzero(flat != 0)
        if len(places) > len(flat) // SPARSE:
            counts = np.ascontiguousarray(self._counts.T).ravel()
            addresses = np.flatnonzero(counts != 0)
            found = counts[addresses].astype(np.int64)
            self._counts[:] = 0
            return addresses, found
        counters, rows = np.divmod(places, self._rows)
        # One word each, for to sort words is much faster than to find their order.
        words = (rows * len(COUNTERS) + counters) << WORD | flat[places]
        words.sort()
        flat[places] = 0
        return words >> WORD, words & (1 << WORD) - 1
