"""How long a service took to be itself again after it was away or stood still.

The seconds before are the measure: a second is like them when its 90th percentile of latency and
its share of failures are no more than theirs, but for a tolerance. Three such seconds in a row, by
intended start, and people feel nothing any more.
"""

from collections.abc import Sequence
from typing import Final

from etalon_load.measures import MICROSECONDS, Measured, Second

LOOKED_BACK: Final = 30
"""So many seconds before at most say what was usual."""

FEWEST: Final = 3
"""So many seconds before are needed, and so many like them in a row afterwards."""

TOLERANCE: Final = 0.25
"""Latency may be so much above what was usual."""

FAILED_MORE: Final = 0.02
"""The share of failures may be so much above what was usual."""

_PERCENTILE: Final = 90.0
_USUAL: Final = 0.9
"""What nine in ten of the seconds before do not exceed is usual."""


def settled_at(whole: Measured, begins: int, ends: int, seconds: int) -> int | None:
    """Return from when on requests fared as before (µs), to the second.

    Args:
        whole: All steps of a run together.
        begins: When the service went away (µs from the start of the run).
        ends: When it came back.
        seconds: How long journeys arrived.

    Returns:
        None where the run says nothing of before, or ends before it was so.
    """
    first = begins // MICROSECONDS
    before = range(max(0, first - LOOKED_BACK), first)
    slow = sorted(one for one in (_latency(whole, second) for second in before) if one is not None)
    if len(slow) < FEWEST:
        return None
    failed = sorted(_failed(whole, second) for second in before)
    latency_most = _usual(slow) * (1 + TOLERANCE)
    failed_most = _usual(failed) + FAILED_MORE
    alike = 0
    for second in range(-(-ends // MICROSECONDS), seconds):
        took = _latency(whole, second)
        if took is None:
            continue
        is_alike = took <= latency_most and _failed(whole, second) <= failed_most
        alike = alike + 1 if is_alike else 0
        if alike == FEWEST:
            return (second - FEWEST + 1) * MICROSECONDS
    return None


def _latency(whole: Measured, second: int) -> float | None:
    latencies = whole.heat.get(second)
    return float(latencies.percentile(_PERCENTILE)) if latencies and latencies.total else None


def _failed(whole: Measured, second: int) -> float:
    counts = whole.seconds.get(second, Second())
    return counts.failed / counts.sent if counts.sent else 0.0


def failed_between(whole: Measured, begins: int, ends: int) -> int:
    """Return how many requests meant for a stretch of time failed, to the second (µs)."""
    stretch = range(begins // MICROSECONDS, -(-ends // MICROSECONDS))
    return sum(whole.seconds[second].failed for second in stretch if second in whole.seconds)


def _usual(ordered: Sequence[float]) -> float:
    return ordered[int(_USUAL * (len(ordered) - 1))]
