"""The ledger: what happened, by day, département, age band, sex, channel and counter.

Cells are sparse: a cell that is not there is zero. The digest covers every non-zero cell, each
day's summed waiting microseconds on the telephone, and the days under a media shock, so two
engines agree on all of it or differ by digest. A day is written once, when it ends.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.layout import BANDS, CELLS, SEXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHANNELS: Final = ("none", "email", "letter")
"""Channel of the notice that a person last received."""

COUNTERS: Final = (
    "notified",
    "sent_email",
    "sent_letter",
    "bounced",
    "undelivered",
    "delivered",
    "read",
    "opposed",
    "opposed_web",
    "opposed_phone",
    "opposed_post",
    "opposed_counter",
    "activated",
    "activated_before_opening",
    "opened_automatically",
    "opened_uninformed",
    "opening_failed",
    "closed",
    "codes_regenerated",
    "codes_expired",
    "identity_refused",
    "web_visits",
    "web_turned_away",
    "calls",
    "calls_answered",
    "calls_blocked",
    "calls_abandoned",
    "gave_up",
    "born",
    "died",
    "legacy_created",
)
"""What is counted; a person adds at most one to most of these, calls and visits repeat."""

COUNT: Final = {name: rank for rank, name in enumerate(COUNTERS)}
EXCLUDED_COUNTS: Final = (
    "notified",
    "delivered",
    "read",
    "opposed",
    "activated",
    "opened_automatically",
    "opened_uninformed",
)
"""Counters also summed over people digitally excluded, for who is left out."""

CURVES: Final = ("opposed", "activated", "opened_automatically", "closed")
"""Counters also kept by days since the person's own notice."""

_WIDTH: Final = len(COUNTERS)
_CHANNEL_WIDTH: Final = len(CHANNELS) * _WIDTH


def cell_key(cell: int, channel: int) -> int:
    """Return the address of a person's first counter within a day."""
    return cell * _CHANNEL_WIDTH + channel * _WIDTH


class Ledger:
    """Counts of one run.

    Attributes:
        departments: Codes, in the order of the cells.
        days: Days of the scenario, including those not simulated yet.
        day_width: Addresses of one day.
        waiting: Summed waiting time on the telephone of answered calls, in microseconds, by day.
        waits: Waiting time of each answered call, in microseconds, in order of answer.
        opposed_of_day: Oppositions by day.
        notices: People by day of their last notice; a letter after a failed e-mail moves them.
        shock: Whether a media shock was on, by day.
        since_notice: Counts of `CURVES` by days since the person's own notice.
        reminders: Reminders sent by day, by (e-mail, letter).
        excluded: Totals of `EXCLUDED_COUNTS` among people digitally excluded, by age band; beside
            the digest.
    """

    def __init__(self, departments: tuple[str, ...], days: int) -> None:
        self.departments = departments
        self.days = days
        self.day_width = len(departments) * CELLS * _CHANNEL_WIDTH
        # Four bytes hold an address within a day, and a count of people: half of `int64`.
        self._days = [(np.empty(0, np.int32), np.empty(0, np.int32))] * days
        self.opposed_of_day = array("q", bytes(8 * days))
        self.notices = array("q", bytes(8 * days))
        self.waiting = array("q", bytes(8 * days))
        self.waits = array("q")
        self.shock = bytearray(days)
        self.since_notice = {name: array("q", bytes(8 * (days + 1))) for name in CURVES}
        self.reminders = np.zeros((days, 2), np.int64)
        self.excluded = np.zeros((len(EXCLUDED_COUNTS), BANDS), np.int64)

    def close_day(self, day: int, addresses: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Write the cells of a day that has ended.

        Args:
            day: Day of the run.
            addresses: `cell_key + counter` of each cell, ascending, each once.
            counts: Count of each cell; zeros are dropped.
        """
        kept = counts != 0
        if not kept.all():
            addresses, counts = addresses[kept], counts[kept]
        self._days[day] = (addresses.astype(np.int32), counts.astype(np.int32))

    def enter_ages(self, counter: str, day: int, ages: NDArray[np.int64]) -> None:
        """Add events of a day to the curve of their counter.

        Args:
            counter: One of `CURVES`.
            day: Day of the run.
            ages: Events by days since the person's own notice.
        """
        curve = np.frombuffer(self.since_notice[counter], np.int64)
        curve[: len(ages)] += ages
        if counter == "opposed":
            self.opposed_of_day[day] += int(ages.sum())

    def add(self, other: Ledger) -> None:
        """Add what another process entered on people of its own, but for cells and telephone."""
        for mine, theirs in (
            (self.opposed_of_day, other.opposed_of_day),
            (self.notices, other.notices),
            *((self.since_notice[name], other.since_notice[name]) for name in CURVES),
        ):
            np.frombuffer(mine, np.int64)[:] += np.frombuffer(theirs, np.int64)
        self.reminders += other.reminders
        self.excluded += other.excluded

    def day_cells(self, day: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the non-zero cells of a day: addresses within the day, ascending, and counts.

        An address is `((département * 20 + band) * 2 + sex) * 3 + channel`, times the number of
        counters, plus the counter's rank. A day that has not ended holds nothing.
        """
        addresses, counts = self._days[day]
        return addresses.astype(np.int64), counts.astype(np.int64)

    def totals(self) -> dict[str, int]:
        """Sum each counter over the run."""
        sums = np.zeros(_WIDTH, np.int64)
        for day in range(self.days):
            addresses, counts = self.day_cells(day)
            np.add.at(sums, addresses % _WIDTH, counts)
        return dict(zip(COUNTERS, sums.tolist(), strict=True))

    def table(self) -> dict[tuple[int, int, int, int, int], list[int]]:
        """Group the counters: (day, département, band, sex, channel) to one count a counter.

        For small runs: a national one holds millions of rows.
        """
        rows: dict[tuple[int, int, int, int, int], list[int]] = {}
        for day in range(self.days):
            addresses, counts = self.day_cells(day)
            for address, count in zip(addresses.tolist(), counts.tolist(), strict=True):
                rest, counter = divmod(address, _WIDTH)
                rest, channel = divmod(rest, len(CHANNELS))
                rest, sex = divmod(rest, len(SEXES))
                department, band = divmod(rest, BANDS)
                key = (day, department, band, sex, channel)
                rows.setdefault(key, [0] * _WIDTH)[counter] = count
        return rows

    def digest(self) -> str:
        """Return the SHA-256 of cells, waiting and shock days, in little-endian 64-bit words.

        A cell is two words: `day * day_width + address`, and its count.
        """
        sealed = hashlib.sha256()
        for day in range(self.days):
            addresses, counts = self.day_cells(day)
            words = np.empty((len(addresses), 2), "<i8")
            words[:, 0], words[:, 1] = addresses + day * self.day_width, counts
            sealed.update(words.tobytes())
        waiting = array("q", self.waiting)
        if sys.byteorder == "big":
            waiting.byteswap()
        sealed.update(waiting.tobytes() + bytes(self.shock))
        if self.reminders.any():
            sealed.update(self.reminders.astype("<i8").tobytes())
        return sealed.hexdigest()
