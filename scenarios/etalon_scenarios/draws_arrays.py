"""The draws of `draws.py` for many people at once: the same bits, in unsigned 64-bit arrays.

Every intermediate result stays in one block of memory that the processor's cache holds. Constants
are arrays without dimension: NumPy takes one in twice as fast as a scalar of its own, which decides
where people are few.
"""

from __future__ import annotations

import threading
from functools import lru_cache
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

FEW: Final = 1 << 11
"""Of so few people the intermediate results need no memory kept ready."""


@lru_cache(maxsize=1 << 12)
def word(value: int) -> Bits:
    """Return 64 bits as an array without dimension, the same one each time."""
    found = np.array(value, dtype=np.uint64)
    found.flags.writeable = False
    return found


_GOLDEN: Final = word(GOLDEN)
_FIRST: Final = word(FIRST_MULTIPLIER)
_SECOND: Final = word(SECOND_MULTIPLIER)
_STEPS: Final = np.arange(BLOCK, dtype=np.uint64) * _GOLDEN
_UPPER: Final = word(32)
_LOWER: Final = word(ONE - 1)
_SHIFTS: Final = (word(30), word(27), word(31))


class _Spare(threading.local):
    """Two blocks of scratch memory a thread."""

    def __init__(self) -> None:
        self.words = np.empty(BLOCK, np.uint64)
        self.block = np.empty(BLOCK, np.uint64)


_SPARE: Final = _Spare()


def draw_many(key: int | Bits, persons: Integers) -> Bits:
    """Return the 64 bits of each person under the key of a `stream`, or under one key each."""
    if len(persons) <= FEW:
        few = _stirred(persons, key)
        few ^= few >> _SHIFTS[2]
        return few
    drawn = np.empty(len(persons), np.uint64)
    for first in range(0, len(persons), BLOCK):
        block = drawn[first : first + BLOCK]
        _spread(persons[first : first + BLOCK], block)
        block += word(key) if isinstance(key, int) else key[first : first + BLOCK]
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
    limit = word(min((share + 1 >> 1) << 33, MASK))
    if len(persons) <= FEW:
        few = _stirred(persons, key)
        near = (few <= limit).nonzero()[0]
        return _below(near, few[near], share)
    places, drawn = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for first in range(0, len(persons), BLOCK):
        part = persons[first : first + BLOCK]
        block = _SPARE.block[: len(part)]
        _spread(part, block)
        block += word(key)
        _stir(block)
        near = (block <= limit).nonzero()[0]
        drawn.append(block[near])
        near += first
        places.append(near)
    return _below(np.concatenate(places), np.concatenate(drawn), share)


def _below(places: NDArray[np.int64], bits: Bits, share: int) -> tuple[NDArray[np.int64], Bits]:
    """Take the last step of the hash; keep whose bits 32 to 63 are below a share."""
    bits ^= bits >> _SHIFTS[2]
    below = upper_below(bits, share)
    if np.count_nonzero(below) == len(below):
        return places, bits
    return places[below], bits[below]


def draw_range(key: int, first: int, last: int) -> Bits:
    """Return the 64 bits of the people from `first` to `last` - 1 under the key of a `stream`."""
    drawn = np.empty(last - first, np.uint64)
    for start in range(first, last, BLOCK):
        block = drawn[start - first : start - first + BLOCK]
        np.add(_STEPS[: len(block)], word((start * GOLDEN + key) & MASK), out=block)
        _scramble(block)
    return drawn


def _stirred(persons: Integers, key: int | Bits) -> Bits:
    """Return the hash of few people before its last step."""
    signed = persons if persons.dtype == np.int64 else persons.astype(np.int64)
    bits: Bits = signed.view(np.uint64) * _GOLDEN
    bits += word(key) if isinstance(key, int) else key
    bits ^= bits >> _SHIFTS[0]
    bits *= _FIRST
    bits ^= bits >> _SHIFTS[1]
    bits *= _SECOND
    return bits


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
    return bits & _LOWER


def upper_below(bits: Bits, share: int) -> NDArray[np.bool_]:
    """Tell for which draws bits 32 to 63 are below a share over 2 ** 32."""
    if share >= ONE:
        return np.ones(len(bits), np.bool_)
    return bits < word(share << 32)
