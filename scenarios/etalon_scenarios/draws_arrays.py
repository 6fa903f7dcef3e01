"""The draws of `draws.py` for many people at once: the same bits, in unsigned 64-bit arrays.

Every intermediate result stays in one block of memory that the processor's cache holds.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import FIRST_MULTIPLIER, GOLDEN, MASK, SECOND_MULTIPLIER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]
    Integers = NDArray[np.int32] | NDArray[np.int64]

BLOCK: Final = 1 << 15
"""People drawn at a time: two blocks of 64-bit words stay in a level-2 cache."""

_GOLDEN: Final = np.uint64(GOLDEN)
_FIRST: Final = np.uint64(FIRST_MULTIPLIER)
_SECOND: Final = np.uint64(SECOND_MULTIPLIER)
_STEPS: Final = np.arange(BLOCK, dtype=np.uint64) * _GOLDEN
_UPPER: Final = np.uint64(32)
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))


class _Spare(threading.local):
    """Two blocks of scratch memory a thread."""

    def __init__(self) -> None:
        self.words = np.empty(BLOCK, np.uint64)
        self.block = np.empty(BLOCK, np.uint64)


_SPARE: Final = _Spare()


def draw_many(key: int | Bits, persons: Integers) -> Bits:
    """Return the 64 bits of each person under the key of a `stream`, or under one key each."""
    drawn = np.empty(len(persons), np.uint64)
    for first in range(0, len(persons), BLOCK):
        block = drawn[first : first + BLOCK]
        _spread(persons[first : first + BLOCK], block)
        block += np.uint64(key) if isinstance(key, int) else key[first : first + BLOCK]
        _scramble(block)
    return drawn


def draw_numbered(keys: Bits, number: int) -> Bits:
    """Return the 64 bits of one number under the key of each person."""
    drawn = keys + np.uint64(number * GOLDEN & MASK)
    for first in range(0, len(drawn), BLOCK):
        _scramble(drawn[first : first + BLOCK])
    return drawn


def find_below(key: int, persons: Integers, share: int) -> tuple[NDArray[np.int64], Bits]:
    """Find the people whose draw, by its bits 32 to 63, is below a share over 2 ** 32.

    Cheaper than to draw for everybody: bits 33 to 63 are known before the last step of the hash,
    which is then taken for few.

    Returns:
        The place of each in `persons`, ascending, and their 64 bits.
    """
    if share <= 0:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    if share >= ONE:
        return np.arange(len(persons)), draw_many(key, persons)
    limit = np.uint64(min((share + 1 >> 1) << 33, MASK))
    places, drawn = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for first in range(0, len(persons), BLOCK):
        part = persons[first : first + BLOCK]
        block = _SPARE.block[: len(part)]
        _spread(part, block)
        block += np.uint64(key)
        _stir(block)
        near = np.flatnonzero(block <= limit)
        bits = block.take(near)
        bits ^= bits >> _SHIFTS[2]
        near += first
        places.append(near)
        drawn.append(bits)
    found, bits = np.concatenate(places), np.concatenate(drawn)
    below = upper_below(bits, share)
    return (found, bits) if below.all() else (found[below], bits[below])


def draw_range(key: int, first: int, last: int) -> Bits:
    """Return the 64 bits of the people from `first` to `last` - 1 under the key of a `stream`."""
    drawn = np.empty(last - first, np.uint64)
    for start in range(first, last, BLOCK):
        block = drawn[start - first : start - first + BLOCK]
        np.add(_STEPS[: len(block)], np.uint64((start * GOLDEN + key) & MASK), out=block)
        _scramble(block)
    return drawn


def _spread(persons: Integers, block: Bits) -> None:
    """Write the product of each number by the golden ratio, modulo 2 ** 64."""
    if persons.dtype == np.int64:
        np.multiply(persons.view(np.uint64), _GOLDEN, out=block)
    else:
        np.multiply(persons, _GOLDEN, out=block, dtype=np.uint64, casting="unsafe")


def _scramble(bits: Bits) -> None:
    """Finalise a block in place, as `draws.draw` does one number."""
    _stir(bits)
    spare = _SPARE.words[: len(bits)]
    np.right_shift(bits, _SHIFTS[2], out=spare)
    np.bitwise_xor(bits, spare, out=bits)


def _stir(bits: Bits) -> None:
    """Take all steps of the finaliser but the last, in place."""
    spare = _SPARE.words[: len(bits)]
    np.right_shift(bits, _SHIFTS[0], out=spare)
    np.bitwise_xor(bits, spare, out=bits)
    np.multiply(bits, _FIRST, out=bits)
    np.right_shift(bits, _SHIFTS[1], out=spare)
    np.bitwise_xor(bits, spare, out=bits)
    np.multiply(bits, _SECOND, out=bits)


def upper(bits: Bits) -> Bits:
    """Cut out bits 32 to 63."""
    return bits >> _UPPER


def lower(bits: Bits) -> Bits:
    """Cut out bits 0 to 31."""
    return bits & np.uint64(ONE - 1)


def upper_below(bits: Bits, share: int) -> NDArray[np.bool_]:
    """Tell for which draws bits 32 to 63 are below a share over 2 ** 32."""
    if share >= ONE:
        return np.ones(len(bits), np.bool_)
    return bits < np.uint64(share << 32)
