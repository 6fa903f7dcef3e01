"""Whom a day's notices reached, found again by looking only where they went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.layout_arrays import People as Numbers

BLOCK_BITS: Final = 16
"""People are looked up by blocks of 65,536 neighbours."""


class Mailings:
    """Which blocks of people the notices of each day go to.

    Attributes:
        touched: By day and block, whether notices go there; processes write and see the same.
    """

    def __init__(self, days: int, people: int, crew: Crew) -> None:
        blocks = (people >> BLOCK_BITS) + 1
        self.touched = crew.room(days * blocks, np.bool_).reshape(days, blocks)

    def go_to(self, day: int, numbers: Numbers) -> None:
        """Note that notices of a day go to some people, given by ascending number."""
        if len(numbers):
            low, high = (int(numbers[place]) >> BLOCK_BITS for place in (0, -1))
            edges = numbers.searchsorted(np.arange(low, high + 2) << BLOCK_BITS)
            self.touched[day, low + (edges[1:] > edges[:-1]).nonzero()[0]] = True

    def go_within(self, day: int, first: int, last: int) -> None:
        """Note that notices of a day go to people from `first` to `last` - 1."""
        self.touched[day, first >> BLOCK_BITS : (last - 1 >> BLOCK_BITS) + 1] = True

    def spans(self, day: int, chunk: int, start: int = 0) -> list[tuple[int, int]]:
        """Return ranges that hold everybody a day's notices go to, from a person on, in order.

        None is longer than `chunk`, or goes on beyond a multiple of it.
        """
        low = start >> BLOCK_BITS
        together: list[list[int]] = []
        for block in (low + self.touched[day, low:].nonzero()[0]).tolist():
            if together and block == together[-1][1]:
                together[-1][1] += 1
            else:
                together.append([block, block + 1])
        found: list[tuple[int, int]] = []
        for block, following in together:
            first, last = max(start, block << BLOCK_BITS), following << BLOCK_BITS
            starts = range(first // chunk * chunk, last, chunk)
            found += [(max(at, first), min(at + chunk, last)) for at in starts]
        return found
