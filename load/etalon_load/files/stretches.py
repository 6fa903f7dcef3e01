"""The course of a run in equal stretches of intended time, few enough to be drawn."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp2, log2
from typing import Final

from etalon_load.histogram import Histogram, bounds_of, merged

MOST: Final = 180
"""Stretches of a figure at most."""

CLASSES_EACH_DOUBLING: Final = 3
_LENGTHS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
_LEAST_US: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Requests of one class of latency within one stretch.

    Attributes:
        first_second: Where the stretch begins.
        low_us: The least latency of the class, 0 for the first one.
        high_us: That of the next class.
        requests: How many.
    """

    first_second: int
    low_us: int
    high_us: int
    requests: int


def stretch_length(seconds: int, most: int = MOST) -> int:
    """Return how many seconds a stretch has so that there are at most `most`."""
    return next(
        (length for length in _LENGTHS if -(-seconds // length) <= most), -(-seconds // most)
    )


def stretches(
    heat: Mapping[int, Histogram], seconds: int, length: int
) -> Iterator[tuple[int, Histogram]]:
    """Yield the first second of each stretch and its latencies, empty ones too."""
    for first in range(0, seconds, length):
        held = (heat[second] for second in range(first, first + length) if second in heat)
        yield first, merged(held)


def cells(parts: Iterable[tuple[int, Histogram]]) -> Iterator[Cell]:
    """Yield the cells of a heat map that count something, by stretch, then by latency."""
    for first, latencies in parts:
        counted: dict[int, int] = {}
        for bucket, count in latencies.counts.items():
            rank = class_of(sum(bounds_of(bucket)) // 2)
            counted[rank] = counted.get(rank, 0) + count
        for rank in sorted(counted):
            low = 0 if rank == 0 else class_from(rank)
            yield Cell(first, low, class_from(rank + 1), counted[rank])


def class_of(microseconds: int) -> int:
    """Return the class of a latency: three for each doubling, the first up to a millisecond."""
    if microseconds < _LEAST_US:
        return 0
    rank = int(CLASSES_EACH_DOUBLING * log2(microseconds / _LEAST_US)) + 1
    # Bounds are whole microseconds, so that the logarithm may be one class off.
    if microseconds >= class_from(rank + 1):
        return rank + 1
    return rank - 1 if microseconds < class_from(rank) else rank


def class_from(rank: int) -> int:
    """Return the least latency (µs) of a class from 1 on."""
    return round(_LEAST_US * exp2((rank - 1) / CLASSES_EACH_DOUBLING))
