"""Chance that depends on a seed and a count of draws alone, the same in every process.

The numbers are those of SplitMix64 (Steele, Lea and Flood, 2014): a counter, mixed.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_BITS: Final = 64
_MASK: Final = (1 << _BITS) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_WHOLE: Final = float(1 << _BITS)


class Chance:
    """Draws in a row.

    Attributes:
        draws: How many were made; with the seed, all there is to know of the state.
    """

    __slots__ = ("_key", "draws")

    def __init__(self, seed: int, draws: int = 0) -> None:
        """Start from a seed, after as many draws as given."""
        self._key = (seed * _FIRST) & _MASK
        self.draws = draws

    def number(self) -> int:
        """Return a number of 64 bits, all alike probable."""
        self.draws += 1
        mixed = (self._key + self.draws * _GOLDEN) & _MASK
        mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, count: int) -> int:
        """Return a whole number from 0 to `count` - 1."""
        return (self.number() * count) >> _BITS

    def happens(self, share: float) -> bool:
        """Whether something that comes with that probability comes."""
        return self.number() < share * _WHOLE

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[(self.number() * len(choices)) >> _BITS]
