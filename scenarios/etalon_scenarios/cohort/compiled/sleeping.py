# pyright: standard
"""Thresholds in order, compiled: digit by digit, in place of comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.layout_arrays import People as Numbers

    Stored = NDArray[np.int32]

DIGIT: Final = 11
"""Bits of a digit: as many piles as a level-1 cache holds."""


@kernel()
def in_order(people: Stored, thresholds: Numbers) -> tuple[Stored, Numbers]:
    """Return people and thresholds, none negative, by ascending threshold."""
    largest = 0
    for place in range(len(thresholds)):
        largest = max(largest, thresholds[place])
    shift = 0
    while largest >> shift:
        piles = np.zeros((1 << DIGIT) + 1, np.int64)
        for place in range(len(thresholds)):
            piles[1 + ((thresholds[place] >> shift) & ((1 << DIGIT) - 1))] += 1
        piles = np.cumsum(piles)
        dealt, carried = np.empty_like(people), np.empty_like(thresholds)
        for place in range(len(thresholds)):
            threshold = thresholds[place]
            digit = (threshold >> shift) & ((1 << DIGIT) - 1)
            dealt[piles[digit]], carried[piles[digit]] = people[place], threshold
            piles[digit] += 1
        people, thresholds = dealt, carried
        shift += DIGIT
    return people, thresholds


@kernel()
def by_number(persons: Stored) -> Stored:
    """Return people by ascending number."""
    largest = 0
    for place in range(len(persons)):
        largest = max(largest, persons[place])
    shift = 0
    while largest >> shift:
        piles = np.zeros((1 << DIGIT) + 1, np.int64)
        for place in range(len(persons)):
            piles[1 + ((persons[place] >> shift) & ((1 << DIGIT) - 1))] += 1
        piles = np.cumsum(piles)
        dealt = np.empty_like(persons)
        for place in range(len(persons)):
            digit = (persons[place] >> shift) & ((1 << DIGIT) - 1)
            dealt[piles[digit]] = persons[place]
            piles[digit] += 1
        persons = dealt
        shift += DIGIT
    return persons
