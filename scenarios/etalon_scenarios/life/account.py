"""The account of a run's spaces: documents and messages one by one, and moments of people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.layout import BANDS
from etalon_scenarios.life.kinds import KINDS, MOMENT, MOMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Account:
    """Counts of what happened in spaces.

    Attributes:
        departments: Codes, in the order of the counts.
        days: Days of the run.
        deposits: Documents and messages by département, day and kind (`KINDS`).
        moments: Moments of people by moment (`MOMENTS`), day and age band at the start.
    """

    def __init__(self, departments: tuple[str, ...], days: int) -> None:
        self.departments = departments
        self.days = days
        self.deposits: NDArray[np.int64] = np.zeros((len(departments), days, len(KINDS)), np.int64)
        self.moments: NDArray[np.int64] = np.zeros((len(MOMENTS), days, BANDS), np.int64)

    def note(self, moment: str, days: NDArray[np.int64], band: int) -> None:
        """Count a moment of people of one band, each on a day of their own."""
        if len(days):
            self.moments[MOMENT[moment], :, band] += np.bincount(days, minlength=self.days)

    def add(self, other: Account) -> None:
        """Add what was counted on other people."""
        self.deposits += other.deposits
        self.moments += other.moments

    def digest(self) -> str:
        """Return the SHA-256 of every count, in little-endian 64-bit words.

        Deposits come first, by département, day and kind; then moments, by moment, day and band.
        """
        sealed = hashlib.sha256(self.deposits.astype("<i8").tobytes())
        sealed.update(self.moments.astype("<i8").tobytes())
        return sealed.hexdigest()
