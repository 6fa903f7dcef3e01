"""The order of numbers, digit by digit: NumPy deals 16-bit words out faster than it sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from etalon_scenarios.layout_arrays import People as Numbers

DIGIT: Final = 16
"""Bits of a digit."""


def ascending(numbers: Numbers) -> Numbers:
    """Return the places of numbers, none negative, in ascending order; equal ones keep theirs."""
    order: Numbers = np.argsort(numbers.astype(np.uint16), kind="stable")
    rest = int(numbers.max(initial=0)) >> DIGIT
    shift = DIGIT
    while rest:
        digits = (numbers >> shift).astype(np.uint16)
        order = order[np.argsort(digits[order], kind="stable")]
        rest >>= DIGIT
        shift += DIGIT
    return order
