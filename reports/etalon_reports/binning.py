"""Days gathered into weeks or months when a run is too long to draw one bar a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_STEPS: Final = ((200, 1, "step.day"), (1400, 7, "step.week"))
_LONGEST: Final = (30, "step.month")


@dataclass(frozen=True, slots=True)
class Bins:
    """Equal spans of days covering a run.

    Attributes:
        first: First day of the first span.
        last: Last day of the run; the last span may be cut short by it.
        width: Days in a span: 1, 7 or 30.
        step: Key of the string that names the span.
    """

    first: date
    last: date
    width: int
    step: str

    @property
    def starts(self) -> list[date]:
        """First day of each span."""
        count = (self.last - self.first).days // self.width + 1
        return [self.first + timedelta(days=rank * self.width) for rank in range(count)]

    def sums(self, days: Iterable[date], counts: Iterable[int]) -> list[int]:
        """Return the total of each span; days outside the run are left out."""
        totals = [0] * len(self.starts)
        for day, count in zip(days, counts, strict=True):
            if self.first <= day <= self.last:
                totals[(day - self.first).days // self.width] += count
        return totals


def bins(first: date, last: date) -> Bins:
    """Choose spans so that a figure holds at most about 200 bars."""
    length = (last - first).days + 1
    for longest, width, step in _STEPS:
        if length <= longest:
            return Bins(first, last, width, step)
    return Bins(first, last, *_LONGEST)
