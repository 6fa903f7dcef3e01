"""The numbers of the chance of a walk, many at a time."""

from typing import Final

import numpy as np

from etalon_model.walks.chance import FIRST, GOLDEN, SECOND, SHIFTS

_AHEAD: Final = 256
_STEPS: Final = np.arange(_AHEAD, 0, -1, dtype=np.uint64) * np.uint64(GOLDEN)
_BEFORE, _BETWEEN, _AFTER = (np.uint64(bits) for bits in SHIFTS)
_FIRST: Final = np.uint64(FIRST)
_SECOND: Final = np.uint64(SECOND)


def mixed_in_arrays(counter: int) -> list[int]:
    """Return the next 256 numbers after `counter`, the last one first, like `chance.mixed`."""
    numbers = np.uint64(counter) + _STEPS
    numbers = (numbers ^ (numbers >> _BEFORE)) * _FIRST
    numbers = (numbers ^ (numbers >> _BETWEEN)) * _SECOND
    drawn: list[int] = (numbers ^ (numbers >> _AFTER)).tolist()
    return drawn
