"""Chance that depends on a seed and a count of draws alone, the same in every process.

The numbers are those of SplitMix64 (Steele, Lea and Flood, 2014): a counter, mixed. Some are drawn
ahead, so that whoever has arrays may mix many at a time.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_BITS: Final = 64
MASK: Final = (1 << _BITS) - 1
GOLDEN: Final = 0x9E3779B97F4A7C15
"""By how much the counter grows at each draw."""
FIRST: Final = 0xBF58476D1CE4E5B9
SECOND: Final = 0x94D049BB133111EB
SHIFTS: Final = (30, 27, 31)
_WHOLE: Final = float(1 << _BITS)
_AHEAD: Final = 16

Mix = Callable[[int], list[int]]
"""Makes the numbers that follow a counter, the last one first."""


def mixed(counter: int) -> list[int]:
    """Return the next sixteen numbers after `counter`, the last one first."""
    before, between, after = SHIFTS
    numbers: list[int] = []
    for one in range(counter + _AHEAD * GOLDEN, counter, -GOLDEN):
        number = one & MASK
        number = ((number ^ (number >> before)) * FIRST) & MASK
        number = ((number ^ (number >> between)) * SECOND) & MASK
        numbers.append(number ^ (number >> after))
    return numbers


class Chance:
    """Draws in a row."""

    __slots__ = ("_ahead", "_key", "_made", "_mix")

    def __init__(self, seed: int, mix: Mix = mixed) -> None:
        """Start from a seed; `mix` makes the numbers of `mixed`, as many at a time as it likes."""
        self._key = (seed * FIRST) & MASK
        self._mix = mix
        self._made = 0
        self._ahead: list[int] = []

    @property
    def draws(self) -> int:
        """How many draws were made; with the seed, all there is to know of the state."""
        return self._made - len(self._ahead)

    @draws.setter
    def draws(self, count: int) -> None:
        self._made = count
        self._ahead = []

    def _draw_ahead(self) -> None:
        more = self._mix((self._key + self._made * GOLDEN) & MASK)
        self._ahead = more + self._ahead
        self._made += len(more)

    def number(self) -> int:
        """Return a number of 64 bits, all alike probable."""
        if not self._ahead:
            self._draw_ahead()
        return self._ahead.pop()

    def below(self, count: int) -> int:
        """Return a whole number from 0 to `count` - 1."""
        if not self._ahead:
            self._draw_ahead()
        return (self._ahead.pop() * count) >> _BITS

    def happens(self, share: float) -> bool:
        """Whether something that comes with that probability comes."""
        if not self._ahead:
            self._draw_ahead()
        return self._ahead.pop() < share * _WHOLE

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        if not self._ahead:
            self._draw_ahead()
        return choices[(self._ahead.pop() * len(choices)) >> _BITS]

    def picks(self, choices: Sequence[T], count: int) -> list[T]:
        """Return as many picks as asked for, in the order in which they were made."""
        while len(self._ahead) < count:
            self._draw_ahead()
        drawn, among = self._ahead, len(choices)
        return [choices[(drawn.pop() * among) >> _BITS] for _ in range(count)]
