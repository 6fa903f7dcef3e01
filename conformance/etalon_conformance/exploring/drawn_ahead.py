"""The chance of a walk, with many numbers drawn at a time: the same numbers, for a third."""

from typing import Final

import numpy as np

from etalon_model.walks.chance import FIRST, GOLDEN, MASK, SECOND, Chance

_AHEAD: Final = 256
_STEPS: Final = np.arange(_AHEAD, 0, -1, dtype=np.uint64) * np.uint64(GOLDEN)
_FIRST: Final = np.uint64(FIRST)
_SECOND: Final = np.uint64(SECOND)
_SHIFTS: Final = tuple(np.uint64(bits) for bits in (30, 27, 31))


class ChanceAhead(Chance):
    """Draws in a row, each the one that `Chance` of that seed makes after as many draws."""

    __slots__ = ("_ahead", "_made")

    @property
    def draws(self) -> int:
        """How many were made; with the seed, all there is to know of the state."""
        return self._made - len(self._ahead)

    @draws.setter
    def draws(self, count: int) -> None:
        self._made = count
        self._ahead: list[int] = []

    def number(self) -> int:
        """Return a number of 64 bits, all alike probable."""
        if not self._ahead:
            self._draw_ahead()
        return self._ahead.pop()

    def _draw_ahead(self) -> None:
        """Draw the next numbers, the last first."""
        counter = np.uint64((self._key + self._made * GOLDEN) & MASK)
        first, second, third = _SHIFTS
        mixed = counter + _STEPS
        mixed = (mixed ^ (mixed >> first)) * _FIRST
        mixed = (mixed ^ (mixed >> second)) * _SECOND
        self._ahead = (mixed ^ (mixed >> third)).tolist()
        self._made += _AHEAD
