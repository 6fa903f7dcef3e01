"""The ledger: what happened, by day, département, age band, sex, channel and counter.

Cells are sparse: a cell that is not there is zero. The digest covers every non-zero cell, each
day's summed waiting microseconds on the telephone, and the days under a media shock, so two
engines agree on all of it or differ by digest.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from etalon_scenarios.layout import BANDS, CELLS, SEXES

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        cells: Address to count; an address is `day * day_width + cell_key + counter`.
        day_width: Addresses of one day.
        waiting: Summed waiting time on the telephone of answered calls, in microseconds, by day.
        waits: Waiting time of each answered call, in microseconds, in order of answer.
        opposed_of_day: Oppositions by day.
        notices: People by day of their last notice; a letter after a failed e-mail moves them.
        shock: Whether a media shock was on, by day.
        since_notice: Counts of `CURVES` by days since the person's own notice.
    """

    def __init__(self, departments: tuple[str, ...], days: int) -> None:
        self.departments = departments
        self.days = days
        self.day_width = len(departments) * CELLS * _CHANNEL_WIDTH
        self.cells: defaultdict[int, int] = defaultdict(int)
        self.opposed_of_day = array("q", bytes(8 * days))
        self.notices = array("q", bytes(8 * days))
        self.waiting = array("q", bytes(8 * days))
        self.waits = array("q")
        self.shock = bytearray(days)
        self.since_notice = {name: array("q", bytes(8 * (days + 1))) for name in CURVES}

    def totals(self) -> dict[str, int]:
        """Sum each counter over the run."""
        sums = [0] * _WIDTH
        for address, count in self.cells.items():
            sums[address % _WIDTH] += count
        return dict(zip(COUNTERS, sums, strict=True))

    def table(self) -> dict[tuple[int, int, int, int, int], list[int]]:
        """Group the counters: (day, département, band, sex, channel) to one count a counter."""
        rows: dict[tuple[int, int, int, int, int], list[int]] = {}
        for address in sorted(self.cells):
            rest, counter = divmod(address, _WIDTH)
            rest, channel = divmod(rest, len(CHANNELS))
            rest, sex = divmod(rest, len(SEXES))
            rest, band = divmod(rest, BANDS)
            day, department = divmod(rest, len(self.departments))
            key = (day, department, band, sex, channel)
            rows.setdefault(key, [0] * _WIDTH)[counter] = self.cells[address]
        return rows

    def non_zero(self) -> Iterator[tuple[int, int]]:
        """Yield (address, count) of the cells that hold something, by address."""
        return ((address, self.cells[address]) for address in sorted(self.cells))

    def digest(self) -> str:
        """Return the SHA-256 of cells, waiting and shock days, in little-endian 64-bit words."""
        words = array("q")
        for address, count in self.non_zero():
            if count:
                words.append(address)
                words.append(count)
        words.extend(self.waiting)
        if sys.byteorder == "big":
            words.byteswap()
        return hashlib.sha256(words.tobytes() + bytes(self.shock)).hexdigest()
