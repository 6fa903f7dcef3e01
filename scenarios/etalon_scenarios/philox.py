"""Philox: a counter-based random function that passes every known battery of tests.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
Known answers of its authors are in `tests/scenarios/test_randomness.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 10

Words = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Variant:
    """The constants of a size of words.

    Attributes:
        bits: Bits of a word.
        multipliers: Of the two products of a round.
        steps: Added to the two words of the key after each round.
    """

    bits: int
    multipliers: tuple[int, int]
    steps: tuple[int, int]


PHILOX4X32: Final = Variant(32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85))


def philox(counter: Words, key: tuple[int, int], variant: Variant = PHILOX4X32) -> Words:
    """Return the four words of a counter under a key, after ten rounds."""
    bits, (first, second), (first_step, second_step) = (
        variant.bits,
        variant.multipliers,
        variant.steps,
    )
    mask = (1 << bits) - 1
    (a, b, c, d), (one, other) = counter, key
    for _ in range(ROUNDS):
        left, right = first * a, second * c
        a, b = (right >> bits) ^ b ^ one, right & mask
        c, d = (left >> bits) ^ d ^ other, left & mask
        one, other = (one + first_step) & mask, (other + second_step) & mask
    return a, b, c, d
