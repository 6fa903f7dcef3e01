"""The random functions of `randomness.py` for many people at once: the same bits.

Keys may be one for everybody or one a person, as 64-bit integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from etalon_scenarios.draws_arrays import BLOCK, draw_many, draw_range, find_below, upper_below
from etalon_scenarios.philox import PHILOX4X32, ROUNDS
from etalon_scenarios.randomness import PHILOX4X32_10, SPLITMIX64, Philox4x32, Splitmix64

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from etalon_scenarios.draws import Slot
    from etalon_scenarios.draws_arrays import Bits, Integers

_LOW: Final = np.uint64((1 << 32) - 1)
_HALF: Final = np.uint64(32)
_FIRST, _SECOND = (np.uint64(multiplier) for multiplier in PHILOX4X32.multipliers)


class RandomnessArrays(Protocol):
    """A function that draws for many people, under the seed of a run."""

    def key(self, slot: Slot, repetition: int = 0) -> int:
        """Return the key of one decision.

        Raises:
            ValueError: The repetition is not one the slot owns.
        """
        ...

    def draw_many(self, key: int | Bits, persons: Integers) -> Bits:
        """Return the 64 bits of each person under one key, or under one key each."""
        ...

    def draw_range(self, key: int, first: int, last: int) -> Bits:
        """Return the 64 bits of the people from `first` to `last` - 1 under one key."""
        ...

    def find_below(self, key: int, persons: Integers, share: int) -> tuple[NDArray[np.int64], Bits]:
        """Return the places and bits of the people whose upper 32 bits are below a share."""
        ...


class Splitmix64Arrays(Splitmix64):
    """The fast hash on arrays."""

    @staticmethod
    def draw_many(key: int | Bits, persons: Integers) -> Bits:
        """Return the 64 bits of each person under one key, or under one key each."""
        return draw_many(key, persons)

    @staticmethod
    def draw_range(key: int, first: int, last: int) -> Bits:
        """Return the 64 bits of the people from `first` to `last` - 1 under one key."""
        return draw_range(key, first, last)

    @staticmethod
    def find_below(key: int, persons: Integers, share: int) -> tuple[NDArray[np.int64], Bits]:
        """Return the places and bits of the people whose upper 32 bits are below a share."""
        return find_below(key, persons, share)


class Philox4x32Arrays(Philox4x32):
    """Philox on arrays: every word of 32 bits in a word of 64, so that products are whole."""

    def draw_many(self, key: int | Bits, persons: Integers) -> Bits:
        """Return the 64 bits of each person under one key, or under one key each."""
        drawn = np.empty(len(persons), np.uint64)
        for first in range(0, len(persons), BLOCK):
            block = slice(first, first + BLOCK)
            part = persons[block].astype(np.uint64)
            keys = np.full(len(part), key, np.uint64) if isinstance(key, int) else key[block]
            drawn[block] = self._draw(part, keys)
        return drawn

    def draw_range(self, key: int, first: int, last: int) -> Bits:
        """Return the 64 bits of the people from `first` to `last` - 1 under one key."""
        return self.draw_many(key, np.arange(first, last, dtype=np.int64))

    def find_below(self, key: int, persons: Integers, share: int) -> tuple[NDArray[np.int64], Bits]:
        """Return the places and bits of the people whose upper 32 bits are below a share."""
        if share <= 0:
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        bits = self.draw_many(key, persons)
        found = np.flatnonzero(upper_below(bits, share))
        return found, bits[found]

    def _draw(self, persons: Bits, keys: Bits) -> Bits:
        a, b, c = persons & _LOW, persons >> _HALF, keys
        d: NDArray[np.uint64] = np.zeros(len(persons), np.uint64)
        for rank in range(ROUNDS):
            one, other = (
                np.uint64(word + rank * step & int(_LOW))
                for word, step in zip(self.words, PHILOX4X32.steps, strict=True)
            )
            left, right = _FIRST * a, _SECOND * c
            a, b = (right >> _HALF) ^ b ^ one, right & _LOW
            c, d = (left >> _HALF) ^ d ^ other, left & _LOW
        return b << _HALF | a


ARRAY_FUNCTIONS: Final[dict[str, Callable[[int], RandomnessArrays]]] = {
    SPLITMIX64: Splitmix64Arrays,
    PHILOX4X32_10: Philox4x32Arrays,
}
"""How to make a function from the seed of a run, by its name in a scenario file."""
