"""Drift: whether what is measured over a long run stays where it was.

A straight line through the means of equal blocks of time, its first tenth left out: a service warms
up. How sure the slope is follows from what the line leaves, widened by how much neighbouring blocks
share their fate (the correlation of residuals with the next ones, as of a process of order one).
The change over the run is told as a share of the level at its beginning, so that latency and memory
are judged alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt
from typing import Final, TypeAlias

import numpy as np

from etalon_load.histogram import Histogram, merged

BLOCK_SECONDS: Final = 30
FEWEST_BLOCKS: Final = 20
WARMING: Final = 0.1
TOLERANCE: Final = 0.1
"""A change over the run within a tenth of the level is none."""

_NORMAL: Final = 1.96
_KEPT_MOST: Final = 0.9
_FREE_FEWEST: Final = 3.0
_TENTHS: Final = 10
_STRAY: Final = 4.0
_Floats: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"


class Course(StrEnum):
    """Where something goes over a run."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    NOT_KNOWN = "not-known"
    KEPT = "kept"
    """It may have risen, by no more than what a server may keep of what it was sent."""


class DriftError(ValueError):
    """A run too short to tell a drift."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How something changed over a run.

    Attributes:
        level: Where it stood at the beginning, in its own unit.
        change: Change over the run, as a share of that level.
        low: Lower end of its interval.
        high: Upper end.
        course: What that is.
    """

    level: float
    change: float
    low: float
    high: float
    course: Course


def drift_of(values: Sequence[float], tolerance: float = TOLERANCE) -> Drift:
    """Tell whether values at equal distances rise, fall or stay.

    Args:
        values: One a block of time, in their order, above 0.
        tolerance: A change within this share of the level is none.

    Raises:
        DriftError: They are fewer than twenty once the first tenth is left out, or not above 0.
    """
    kept = np.array(values[int(len(values) * WARMING) :], np.float64)
    if len(kept) < FEWEST_BLOCKS or not (kept > 0).all():
        message = f"{len(kept)} blocks above 0: a drift asks for {FEWEST_BLOCKS} after warming up"
        raise DriftError(message)
    slope, level, residuals = _line(kept)
    width = _width(residuals)
    scale = (len(kept) - 1) / level
    change, low, high = (one * scale for one in (slope, slope - width, slope + width))
    return Drift(level, change, low, high, _course(low, high, tolerance))


def _line(values: _Floats) -> tuple[float, float, _Floats]:
    """Return slope a block, value at the beginning, and what the line leaves."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float((places * values).sum() / (places * places).sum())
    residuals = values - values.mean() - slope * places
    return slope, float(values.mean() - slope * (len(values) - 1) / 2), residuals


def _width(residuals: _Floats) -> float:
    """Return half the width of the interval of the slope (95 %)."""
    count = len(residuals)
    whole = float((residuals * residuals).sum())
    seen = float((residuals[1:] * residuals[:-1]).sum()) / whole if whole else 0.0
    kept = min(max((seen + 2 / count) / (1 - 4 / count), 0.0), _KEPT_MOST)
    inflated = (1 + kept) / (1 - kept)
    free = max(count / inflated - 2, _FREE_FEWEST)
    student = _NORMAL * (1 + (_NORMAL**2 + 1) / (4 * free))
    places = np.arange(count) - (count - 1) / 2
    error = sqrt(whole / (count - 2) * inflated / float((places * places).sum()))
    return student * error


def _course(low: float, high: float, tolerance: float) -> Course:
    if low > tolerance:
        return Course.RISING
    if high < -tolerance:
        return Course.FALLING
    if -tolerance <= low and high <= tolerance:
        return Course.STEADY
    return Course.NOT_KNOWN


def drifts_of(
    heat: Mapping[int, Histogram],
    memory: Sequence[tuple[float, float]],
    planned: Sequence[int],
    kept_bytes: float = 0.0,
) -> dict[str, Drift]:
    """Return the drift of latency and of the memory of the server, where a run can tell one.

    A plan whose rate changes tells none: what changes then may be the load.

    Args:
        heat: Latencies of all steps together, by second of intended start.
        memory: Second of the run and bytes held, as they were sampled.
        planned: Journeys planned in each second.
        kept_bytes: What the server may keep over the run of what it was sent.
    """
    seconds = len(planned)
    if not _is_even(planned):
        return {}
    courses = {
        "latency": latency_by_block(heat, seconds),
        "memory": memory_by_block(memory, seconds),
    }
    fewest = FEWEST_BLOCKS / (1 - WARMING)
    told = {name: drift_of(course) for name, course in courses.items() if len(course) > fewest + 1}
    if "memory" in told:
        told["memory"] = _but_for_what_is_kept(told["memory"], kept_bytes)
    return told


def _but_for_what_is_kept(drift: Drift, kept_bytes: float) -> Drift:
    """Return how memory went, a rise within what a server may keep told as such."""
    is_open = drift.course in {Course.RISING, Course.NOT_KNOWN}
    if is_open and drift.low >= -TOLERANCE and drift.high * drift.level <= kept_bytes:
        return replace(drift, course=Course.KEPT)
    return drift


def _is_even(planned: Sequence[int]) -> bool:
    """Tell whether a plan keeps one rate: no tenth of it strays from the mean by chance alone."""
    length = max(1, len(planned) // _TENTHS)
    tenths = [sum(planned[first : first + length]) for first in range(0, len(planned), length)]
    whole = [count for count in tenths[:_TENTHS] if count]
    if len(whole) < _TENTHS:
        return False
    mean = sum(whole) / len(whole)
    return all(abs(count - mean) <= _STRAY * sqrt(mean) + TOLERANCE * mean for count in whole)


def latency_by_block(
    heat: Mapping[int, Histogram], seconds: int, length: int = BLOCK_SECONDS
) -> list[float]:
    """Return the mean latency (µs) of each whole block, by second of intended start.

    Blocks without an answer are left out.
    """
    blocks = (
        merged(heat[second] for second in range(first, first + length) if second in heat)
        for first in range(0, seconds - length + 1, length)
    )
    return [block.mean() for block in blocks if block.total]


def memory_by_block(
    samples: Sequence[tuple[float, float]], seconds: int, length: int = BLOCK_SECONDS
) -> list[float]:
    """Return the mean memory (bytes) of each whole block, from samples of second and bytes.

    Blocks without a sample are left out.
    """
    blocks: dict[int, list[float]] = {}
    for second, held in samples:
        if 0 <= second < seconds // length * length:
            blocks.setdefault(int(second // length), []).append(held)
    return [sum(block) / len(block) for _, block in sorted(blocks.items())]
