"""Cumulative shares by day since own notice, when not everybody is followed as long."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etalon_reports.record import Record


def cumulative_curve(curves: Record, act: str) -> list[float]:
    """Return the cumulative share of people who did `act`, from day 0 on.

    Each day's acts are divided by the people followed at least until that day, then added up, so
    that people notified late do not pull the curve down. The curve stops when fewer than half of
    the people notified are still followed. Empty when nobody was notified.
    """
    observed, acts = curves.figures("observed"), curves.figures(act)
    if not observed or observed[0] == 0:
        return []
    enough = [followed for followed in observed if followed * 2 >= observed[0]]
    steps = (done / followed for done, followed in zip(acts, enough, strict=False))
    return list(accumulate(steps))
