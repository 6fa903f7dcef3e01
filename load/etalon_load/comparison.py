"""Two runs of one plan: slower, faster, or not known to be either.

Blocks of equal intended time are compared pair by pair, so that what both runs meet in the same
second of the plan weighs on neither. A change is told when its whole interval lies on one side, and
that there is none only when the whole interval lies within the tolerance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import Final

import numpy as np

from etalon_load.histogram import Histogram, merged

BLOCK_SECONDS: Final = 15
RESAMPLES: Final = 2000
LEVEL: Final = 0.97
"""How sure an interval is. At 0.95, sessions of one queue, relabelled as two, were told apart 53
times in 1 000 (`benchmarks/load_regression.py`); here 36 times, for a power of 0.999."""

TOLERANCE: Final = 0.05
FEWEST_BLOCKS: Final = 3


class Change(StrEnum):
    """What became of a latency."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    EQUAL = "equal"
    INCONCLUSIVE = "inconclusive"


class ComparisonError(ValueError):
    """Two runs that do not compare."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How one run stands to another.

    Attributes:
        ratio: Mean latency after, as a multiple of that before.
        low: Lower end of its interval.
        high: Upper end.
        change: What that is.
        blocks: How many pairs it rests on.
    """

    ratio: float
    low: float
    high: float
    change: Change
    blocks: int


def blocks_of(
    heat: Mapping[int, Histogram], seconds: int, length: int = BLOCK_SECONDS
) -> list[Histogram]:
    """Return the latencies of each whole block of a run, by second of intended start."""
    return [
        merged(heat[second] for second in range(first, first + length) if second in heat)
        for first in range(0, seconds - length + 1, length)
    ]


def compared(
    before: Sequence[Histogram],
    after: Sequence[Histogram],
    seed: int,
    tolerance: float = TOLERANCE,
) -> Compared:
    """Compare the mean latency of two runs, block by block.

    Args:
        before: Blocks of the one.
        after: Those of the other, of the same plan.
        seed: Of the resampling.
        tolerance: How far from none a change may lie that is called none, as a share.

    Raises:
        ComparisonError: They have not as many blocks, or fewer than three with latencies.
    """
    earlier, later = ([one.mean() for one in blocks] for blocks in (before, after))
    return means_compared(earlier, later, seed, tolerance)


def means_compared(
    before: Sequence[float], after: Sequence[float], seed: int, tolerance: float = TOLERANCE
) -> Compared:
    """Compare the mean latencies of blocks, as `compared` does; 0 is a block without any.

    Raises:
        ComparisonError: They have not as many blocks, or fewer than three with latencies.
    """
    if len(before) != len(after):
        message = f"{len(before)} blocks and {len(after)}: runs of one length compare"
        raise ComparisonError(message)
    pairs = zip(before, after, strict=True)
    changes = np.array([log(later / earlier) for earlier, later in pairs if earlier and later])
    if len(changes) < FEWEST_BLOCKS:
        message = f"{len(changes)} blocks with latencies in both: {FEWEST_BLOCKS} at least"
        raise ComparisonError(message)
    low, high = _interval(changes, seed)
    ratio = float(np.exp(changes.mean()))
    return Compared(ratio, low, high, _change(low, high, tolerance), len(changes))


def _interval(
    changes: "np.ndarray[tuple[int], np.dtype[np.float64]]", seed: int
) -> tuple[float, float]:
    """Return the interval of the mean ratio, by the studentised bootstrap over blocks."""
    chance = np.random.Generator(np.random.PCG64(seed))
    count = len(changes)
    centre, error = float(changes.mean()), float(changes.std(ddof=1)) / count**0.5
    if not error:
        return float(np.exp(centre)), float(np.exp(centre))
    drawn = changes[chance.integers(0, count, size=(RESAMPLES, count))]
    spread = drawn.std(axis=1, ddof=1)
    kept = spread > 0
    scores = (drawn[kept].mean(axis=1) - centre) / (spread[kept] / count**0.5)
    tail = (1 - LEVEL) / 2
    least, most = np.quantile(scores, [tail, 1 - tail])
    with np.errstate(over="ignore"):  # beyond all numbers is infinite
        return float(np.exp(centre - most * error)), float(np.exp(centre - least * error))


def _change(low: float, high: float, tolerance: float) -> Change:
    if low > 1:
        return Change.REGRESSION
    if high < 1:
        return Change.IMPROVEMENT
    within = 1 - tolerance <= low and high <= 1 + tolerance
    return Change.EQUAL if within else Change.INCONCLUSIVE
