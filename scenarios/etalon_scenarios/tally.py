"""Sums over a ledger: by group of people, by day, by days since the notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from etalon_scenarios.layout import BANDS, SEXES
from etalon_scenarios.layout_arrays import arrays_of
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS
from etalon_scenarios.parameters import AGE_BANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run

GROUP_COUNTERS: Final = (
    "notified",
    "opposed",
    "activated",
    "opened_automatically",
    "opened_uninformed",
)

Axis = Literal["department", "band", "sex"]
AXES: Final[tuple[Axis, ...]] = ("department", "band", "sex")


class Tally:
    """Sums of one run, read once from its ledger.

    Attributes:
        run: The run.
        totals: Each counter over the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        ledger = run.ledger
        cells = np.zeros(ledger.day_width, dtype=np.int64)
        by_day = np.zeros((ledger.days, len(COUNTERS)), dtype=np.int64)
        for day in range(ledger.days):
            addresses, counts = ledger.day_cells(day)
            if len(addresses):
                cells[addresses] += counts
                # Sums of doubles, which hold counts of people without loss.
                sums = np.bincount(addresses % len(COUNTERS), counts, len(COUNTERS))
                by_day[day] = sums.astype(np.int64)
        departments = len(ledger.departments)
        shape = (departments, BANDS, len(SEXES), len(CHANNELS), len(COUNTERS))
        self._by_cell = cells.reshape(shape).sum(axis=3)
        self._by_day = by_day
        self._people = _people(run).reshape(shape[:3])
        totals: list[int] = by_day.sum(axis=0).tolist()
        self.totals: dict[str, int] = dict(zip(COUNTERS, totals, strict=True))

    def until(self, counter: str, day: int) -> int:
        """Sum a counter from the first day to `day`, included."""
        return int(self._by_day[: day + 1, COUNT[counter]].sum())

    def of_day(self, counter: str, day: int) -> int:
        """Return a counter of one day."""
        return int(self._by_day[day, COUNT[counter]])

    def emailed(self, day: int) -> int:
        """Count the people notified by e-mail on the days up to one, reminders left out."""
        reminders = self.run.ledger.reminders[: max(0, day + 1), 0]
        return self.until("sent_email", day) - int(reminders.sum())

    def by_days_since_notice(self, counter: str, day: int) -> int:
        """Sum a dated counter from the day of the person's notice to `day` days after it."""
        return sum(self.run.ledger.since_notice[counter][: day + 1])

    def observed(self) -> list[int]:
        """Count, for each number of days, the people followed so long after their notice."""
        last = self.run.days_done - 1
        followed: list[int] = []
        reached = 0
        for sent in range(last + 1):
            reached += self.run.ledger.notices[sent]
            followed.append(reached)
        return followed[::-1]

    def groups(self, name: str, axis: Axis, labels: Sequence[str]) -> list[Json]:
        """Return one row a group of one dimension: its people at the start and its counts."""
        return [
            {name: label, **row} for label, row in zip(labels, self._rows((axis,)), strict=True)
        ]

    def by_age_and_sex(self) -> list[Json]:
        """Return one row a band and sex, in that order."""
        labels = [{"band": band, "sex": sex} for band in AGE_BANDS for sex in SEXES]
        rows = self._rows(("band", "sex"))
        return [{**label, **row} for label, row in zip(labels, rows, strict=True)]

    def uninformed_by_band(self) -> dict[str, Json]:
        """Return the spaces opened without their holder knowing, by age band."""
        sums: list[int] = self._by_cell[..., COUNT["opened_uninformed"]].sum(axis=(0, 2)).tolist()
        return dict(zip(AGE_BANDS, sums, strict=True))

    def _rows(self, kept: tuple[Axis, ...]) -> list[dict[str, int]]:
        """Return people and counts of each group of the dimensions kept, the first slowest."""
        others = tuple(rank for rank, axis in enumerate(AXES) if axis not in kept)
        wanted = [COUNT[counter] for counter in GROUP_COUNTERS]
        people = self._people.sum(axis=others).reshape(-1, 1)
        counts = self._by_cell[..., wanted].sum(axis=others).reshape(-1, len(wanted))
        rows: list[list[int]] = np.concatenate((people, counts), axis=1).tolist()
        return [dict(zip(("population", *GROUP_COUNTERS), row, strict=True)) for row in rows]


def _people(run: Run) -> NDArray[np.int64]:
    """Count the people of each cell at the start."""
    return np.diff(arrays_of(run.layout).starts)
