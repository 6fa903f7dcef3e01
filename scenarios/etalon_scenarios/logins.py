"""Logins and readings of people who have entered their space, drawn after the run.

Somebody who entered comes back after a drawn number of whole days, at a drawn minute, time after
time, until they close the space or die; a day of little traffic turns some of these visits away,
so that weeks have their shape. In some visits a document is opened, within minutes.

For each person a seed of 64 bits is drawn (slot `LOGIN`); the numbers of the k-th visit are the
draws 2 k and 2 k + 1 under that seed. Who is asked about, and over which days, changes none. The
function is the fast hash of `draws.py`, whichever the scenario draws its people's decisions with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.curves import QUANTILES, SIXTEEN_BITS
from etalon_scenarios.draws_arrays import draw_many, lower, upper
from etalon_scenarios.timetable import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from etalon_scenarios.usage import UsageLaw

    Integers = NDArray[np.int64]
    Bits = NDArray[np.uint64]

READING_WITHIN: Final = 5 * MINUTE
"""A document is opened within five minutes of the login (assumption, source none)."""

_DAY_MINUTES: Final = DAY // MINUTE
_BLOCK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Stays:
    """People and the days between which they use their space.

    Attributes:
        people: Their numbers.
        entered: Day each entered the space: the first login falls on a later one.
        left: Day each closed it or died, or the first day after the run: no login falls on it.
    """

    people: Integers
    entered: Integers
    left: Integers


class Logins:
    """The logins of one run, block by block.

    Attributes:
        law: How people use their space.
        key: Key of the slot `LOGIN` under the seed of the run.
        weekday: Day of the week of day 0, Monday is 0.
    """

    def __init__(self, law: UsageLaw, key: int, weekday: int) -> None:
        self.law = law
        self.key = key
        self.weekday = weekday
        self._gaps = np.array(law.gaps)
        self._minutes = np.array(law.minutes)
        self._kept = np.array(law.weekdays)

    def of(self, stays: Stays) -> Iterator[tuple[Integers, Integers, Integers]]:
        """Yield logins, in no order: microsecond of the run, person, microsecond of a reading.

        The third is -1 for a login in which nothing is read.
        """
        for first in range(0, len(stays.people), _BLOCK):
            part = slice(first, first + _BLOCK)
            people, day, left = stays.people[part], stays.entered[part], stays.left[part]
            seeds, visit = draw_many(self.key, people), 0
            while len(people):
                bits = draw_many(seeds, np.full(len(people), 2 * visit))
                day = day + self._gaps[_cut(bits, 52, QUANTILES)]
                going = np.flatnonzero(day < left)
                people, day, left, seeds = people[going], day[going], left[going], seeds[going]
                coming = self._coming(day, bits[going])
                yield self._visits(
                    people[coming], day[coming], seeds[coming], bits[going[coming]], visit
                )
                visit += 1

    def _coming(self, day: Integers, bits: Bits) -> Integers:
        """Return which planned logins the day of the week lets happen."""
        return np.flatnonzero(
            _cut(bits, 24, SIXTEEN_BITS) < self._kept[(day + self.weekday) % len(self._kept)]
        )

    def _visits(
        self, people: Integers, day: Integers, seeds: Bits, bits: Bits, visit: int
    ) -> tuple[Integers, Integers, Integers]:
        minute = day * _DAY_MINUTES + self._minutes[_cut(bits, 40, QUANTILES)]
        within = draw_many(seeds, np.full(len(people), 2 * visit + 1))
        at = minute * MINUTE + scaled(upper(within), MINUTE)
        later = at + scaled(lower(within), READING_WITHIN)
        reads = _cut(bits, 8, SIXTEEN_BITS) < self.law.reading
        return at, people, np.where(reads, later, -1)


def _cut(bits: Bits, shift: int, size: int) -> Integers:
    """Cut an integer below `size`, a power of two, out of 64 bits."""
    return (bits >> np.uint64(shift) & np.uint64(size - 1)).astype(np.int64)


def scaled(words: Bits, span: int) -> Integers:
    """Turn 32 bits into an integer below `span`."""
    return (words * np.uint64(span) >> np.uint64(32)).astype(np.int64)
