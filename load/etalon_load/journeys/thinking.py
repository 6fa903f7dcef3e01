"""Chance that is everybody's own, and how long people think: the same whatever the workers are."""

from math import exp
from statistics import NormalDist
from typing import Final

_MIXER: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1
_SPREAD: Final = 0.6
"""Standard deviation of the logarithm of times of thought: an assumption of ours."""

_LEAST: Final = 1e-6
_LONGEST: Final = 5.0
"""No thought is longer than so many medians."""

_NORMAL: Final = NormalDist()


def thought(median: float, chance: float) -> float:
    """Return how long somebody thinks, in the unit of the median: log-normal, and bounded.

    Args:
        median: Half of the people think for less.
        chance: A number from 0 to 1; people who think longest have the greatest.
    """
    far = _NORMAL.inv_cdf(min(max(chance, _LEAST), 1 - _LEAST))
    return median * min(exp(_SPREAD * far), _LONGEST)


def drawn(seed: int, number: int) -> float:
    """Return a number from 0 to 1 that follows from two others as if by chance (SplitMix64)."""
    mixed = (seed * _MIXER + (number + 1) * 0xBF58476D1CE4E5B9) & _WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
    return (mixed ^ (mixed >> 31)) / 2**64
