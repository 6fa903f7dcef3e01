"""The counts of the day being run, until the ledger takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from etalon_scenarios.layout_arrays import People as Numbers

FEW = 1_000
"""Events below this number are counted one by one."""


class Sheet:
    """Counts noted apart, by one thread, to be entered later.

    Attributes:
        notes: (rank of the counter, first row, counts of the rows from there).
    """

    def __init__(self) -> None:
        self.notes: list[tuple[int, int, Numbers]] = []

    def note(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of `keys` (see `People.keys`)."""
        if len(keys):
            first = int(keys.min())
            self.notes.append((COUNT[counter], first, np.bincount(keys - first)))


class DayCounts:
    """Counts of one day, by row (cell x channel) and counter."""

    def __init__(self, departments: int) -> None:
        self._rows = departments * CELLS * len(CHANNELS)
        self._counts = np.zeros((self._rows, len(COUNTERS)), np.int64)

    def note(self, counter: str, keys: Numbers) -> None:
        """Count one event a row of `keys` (see `People.keys`)."""
        column = self._counts[:, COUNT[counter]]
        if len(keys) < FEW:
            np.add.at(column, keys, 1)
        else:
            column += np.bincount(keys, minlength=self._rows)

    def enter(self, sheets: Iterable[Sheet]) -> None:
        """Add what threads noted apart."""
        for sheet in sheets:
            for counter, first, counts in sheet.notes:
                self._counts[first : first + len(counts), counter] += counts

    def close(self) -> tuple[Numbers, Numbers]:
        """Return addresses and counts of the day for the ledger, and begin a blank one."""
        counts = self._counts.ravel()
        addresses = np.flatnonzero(counts)
        found = counts[addresses]
        counts[addresses] = 0
        return addresses, found
