"""How sure a share is: requests of one second share their fate, so seconds are drawn in blocks.

Source: H. R. Künsch (1989), the moving-block bootstrap for dependent observations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cbrt
from typing import Final

import numpy as np

RESAMPLES: Final = 2000
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and where it may lie.

    Attributes:
        share: What was seen, from 0 to 1.
        low: Lower end.
        high: Upper end.
    """

    share: float
    low: float
    high: float


def without_misses(requests: int, level: float = LEVEL) -> float:
    """Return the lowest share that so many requests without a miss leave possible.

    Drawing them again shows no miss either, whatever their number. The end is the exact one of
    Clopper and Pearson (1934) for independent requests; those that share their fate say less.
    """
    return float(((1 - level) / 2) ** (1 / requests))


def block_length(seconds: int) -> int:
    """Return how many seconds a block has: the cube root of all, at least 1 (Künsch)."""
    return max(1, round(cbrt(seconds)))


def share_interval(
    within: Sequence[int], sent: Sequence[int], seed: int, level: float = LEVEL
) -> Interval:
    """Return the share of requests within their bound, with its interval.

    Args:
        within: Requests of each second that were right and in time.
        sent: Requests of each second.
        seed: Of the resampling.
        level: How sure the interval is.

    Raises:
        ValueError: Nothing was sent, or the two do not go together.
    """
    total = sum(sent)
    if len(within) != len(sent) or not total:
        message = "the share of nothing: as many seconds of both, and a request at least"
        raise ValueError(message)
    good, all_sent = np.asarray(within, np.float64), np.asarray(sent, np.float64)
    drawn = _drawn_seconds(len(sent), seed)
    sums = all_sent[drawn].sum(axis=1)
    shares = good[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    tail = (1 - level) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return Interval(sum(within) / total, float(low), float(high))


def _drawn_seconds(seconds: int, seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """Return the seconds of each resample (resamples x seconds), block by block, round the end."""
    length = block_length(seconds)
    blocks = -(-seconds // length)
    chance = np.random.Generator(np.random.PCG64(seed))
    starts = chance.integers(0, seconds, size=(RESAMPLES, blocks))
    drawn = (starts[:, :, None] + np.arange(length)) % seconds
    return drawn.reshape(RESAMPLES, blocks * length)[:, :seconds].astype(np.int64)
