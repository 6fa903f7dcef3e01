"""Sums over a ledger: by group of people, by day, by days since the notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from etalon_scenarios.layout import BANDS, CELLS, SEXES
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.parameters import AGE_BANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run

GROUP_COUNTERS: Final = (
    "notified",
    "opposed",
    "activated",
    "opened_automatically",
    "opened_uninformed",
)

K = TypeVar("K")
Cell = tuple[int, int, int]
"""Ranks of département, band and sex."""


class Tally:
    """Sums of one run, read once from its ledger.

    Attributes:
        run: The run.
        totals: Each counter over the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.totals = run.ledger.totals()
        self._by_cell: dict[Cell, list[int]] = {}
        self._by_day: dict[int, list[int]] = {}
        for (day, department, band, sex, _), counts in run.ledger.table().items():
            _add(self._by_cell, (department, band, sex), counts)
            _add(self._by_day, day, counts)

    def until(self, counter: str, day: int) -> int:
        """Sum a counter from the first day to `day`, included."""
        rank = COUNT[counter]
        return sum(counts[rank] for on, counts in self._by_day.items() if on <= day)

    def of_day(self, counter: str, day: int) -> int:
        """Return a counter of one day."""
        return self._by_day[day][COUNT[counter]] if day in self._by_day else 0

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

    def groups(self, name: str, labels: list[str], rank_of: Callable[[Cell], int]) -> list[Json]:
        """Return one row a group: its people at the start and its counts."""
        rows = [[0] * (1 + len(GROUP_COUNTERS)) for _ in labels]
        for department in range(len(self.run.ledger.departments)):
            for rank in range(CELLS):
                cell = (department, rank // 2, rank % 2)
                people = len(self.run.layout.cell_range(department * CELLS + rank))
                rows[rank_of(cell)][0] += people
        for cell, counts in self._by_cell.items():
            row = rows[rank_of(cell)]
            for place, counter in enumerate(GROUP_COUNTERS, start=1):
                row[place] += counts[COUNT[counter]]
        keys = ("population", *GROUP_COUNTERS)
        return [
            {name: label, **dict(zip(keys, row, strict=True))}
            for label, row in zip(labels, rows, strict=True)
        ]

    def by_age_and_sex(self) -> list[Json]:
        """Return one row a band and sex, in that order."""
        labels = [f"{band}/{sex}" for band in AGE_BANDS for sex in SEXES]
        rows = self.groups("group", labels, lambda cell: cell[1] * 2 + cell[2])
        found: list[Json] = []
        for rank, row in enumerate(rows):
            if isinstance(row, dict):
                counts = {key: value for key, value in row.items() if key != "group"}
                found.append({"band": AGE_BANDS[rank // 2], "sex": SEXES[rank % 2], **counts})
        return found

    def uninformed_by_band(self) -> dict[str, Json]:
        """Return the spaces opened without their holder knowing, by age band."""
        rank = COUNT["opened_uninformed"]
        sums = [0] * BANDS
        for (_, band, _), counts in self._by_cell.items():
            sums[band] += counts[rank]
        return dict(zip(AGE_BANDS, sums, strict=True))


def _add(sums: dict[K, list[int]], key: K, counts: list[int]) -> None:
    before = sums.get(key)
    if before is None:
        sums[key] = list(counts)
    else:
        for rank, count in enumerate(counts):
            before[rank] += count
