# pyright: standard
"""The draws of `randomness.py` for one person at a time, compiled: the same bits.

Numba turns a product of a signed and an unsigned 64-bit integer into a float: every word here is
made unsigned before it meets another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.draws import FIRST_MULTIPLIER, GOLDEN, SECOND_MULTIPLIER
from etalon_scenarios.philox import PHILOX4X32, ROUNDS
from etalon_scenarios.randomness import Philox4x32

if TYPE_CHECKING:
    from etalon_scenarios.draws_arrays import Bits, Integers
    from etalon_scenarios.randomness_arrays import RandomnessArrays

_GOLDEN: Final = np.uint64(GOLDEN)
_MIXERS: Final = (np.uint64(FIRST_MULTIPLIER), np.uint64(SECOND_MULTIPLIER))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))
_ROUNDS: Final = ROUNDS
_FIRST, _SECOND = (np.uint64(multiplier) for multiplier in PHILOX4X32.multipliers)
_STEP, _OTHER_STEP = (np.uint64(step) for step in PHILOX4X32.steps)
_LOW: Final = np.uint64((1 << 32) - 1)
_HALF: Final = np.uint64(32)


def seed_words(random: RandomnessArrays) -> Bits:
    """Return the words of the seed that `draw` needs beside a key: none for the fast hash."""
    words = random.words if isinstance(random, Philox4x32) else ()
    return np.array(words, dtype=np.uint64)


@kernel(inline=True)
def draw(words: Bits, key: np.uint64, person: int) -> np.uint64:
    """Return the 64 bits of one person under the key of a stream.

    Args:
        words: `seed_words` of the run's random function.
        key: Key of the stream, unsigned.
        person: Number, signed.
    """
    if len(words):
        return _philox(words, key, np.uint64(person))
    bits = np.uint64(person) * _GOLDEN + key
    bits = (bits ^ (bits >> _SHIFTS[0])) * _MIXERS[0]
    bits = (bits ^ (bits >> _SHIFTS[1])) * _MIXERS[1]
    return bits ^ (bits >> _SHIFTS[2])


@kernel()
def draw_each(words: Bits, key: np.uint64, persons: Integers, drawn: Bits) -> None:
    """Write the 64 bits of each person: a loop so plain that the processor takes several at once.

    Args:
        words: `seed_words` of the run's random function.
        key: Key of the stream, unsigned.
        persons: Numbers.
        drawn: Where their bits go.
    """
    if len(words):
        for place in range(len(persons)):
            drawn[place] = _philox(words, key, np.uint64(persons[place]))
        return
    for place in range(len(persons)):
        bits = np.uint64(persons[place]) * _GOLDEN + key
        bits = (bits ^ (bits >> _SHIFTS[0])) * _MIXERS[0]
        bits = (bits ^ (bits >> _SHIFTS[1])) * _MIXERS[1]
        drawn[place] = bits ^ (bits >> _SHIFTS[2])


@kernel(inline=True)
def _philox(words: Bits, key: np.uint64, person: np.uint64) -> np.uint64:
    a, b, c, d = person & _LOW, person >> _HALF, key, np.uint64(0)
    one, other = words[0], words[1]
    for _ in range(_ROUNDS):
        left, right = _FIRST * a, _SECOND * c
        a, b = (right >> _HALF) ^ b ^ one, right & _LOW
        c, d = (left >> _HALF) ^ d ^ other, left & _LOW
        one, other = (one + _STEP) & _LOW, (other + _OTHER_STEP) & _LOW
    return b << _HALF | a
