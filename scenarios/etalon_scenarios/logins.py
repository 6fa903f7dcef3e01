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
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.crew import CHUNK, Crew, processes_for
from etalon_scenarios.curves import QUANTILES, SIXTEEN_BITS
from etalon_scenarios.draws_arrays import draw_many, draw_numbered, lower, upper
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
_BLOCK: Final = 1 << 15
"""People whose logins are drawn at a time: what is known of them stays in a level-2 cache."""


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


class _Visits(NamedTuple):
    """Logins that take place, at most one a person.

    Attributes:
        rank: How many were planned before, by each of these people.
        people: Who logs in.
        seeds: Their seeds.
        bits: The draw of the login.
        minutes: Its minute of the run.
    """

    rank: int
    people: Integers
    seeds: Bits
    bits: Bits
    minutes: Integers

    def some(self, places: Integers) -> _Visits:
        """Return some of them, by place."""
        people, seeds = self.people.take(places), self.seeds.take(places)
        return _Visits(self.rank, people, seeds, self.bits.take(places), self.minutes.take(places))


class Logins:
    """The logins of one run, block by block.

    Attributes:
        law: How people use their space.
        key: Key of the slot `LOGIN` under the seed of the run.
        days: Days of the run.
    """

    def __init__(self, law: UsageLaw, key: int, *, weekday: int, days: int) -> None:
        """Lay the law out.

        Args:
            law: How people use their space.
            key: Key of the slot `LOGIN` under the seed of the run.
            weekday: Day of the week of day 0, Monday is 0.
            days: Days of the run.
        """
        self.law, self.key, self.days = law, key, days
        self._gaps, self._minutes = np.array(law.gaps), np.array(law.minutes)
        week = np.array(law.weekdays)
        self._kept = week[(np.arange(days + 1) + weekday) % len(week)]

    def by_minute(self, stays: Stays) -> tuple[Integers, Integers]:
        """Count logins and readings of each minute of the run.

        Raises:
            CrewError: A process failed, or was ended from outside.
        """
        crew = Crew(processes_for(None, len(stays.people)), CHUNK)

        def work() -> NDArray[np.int64]:
            found = self._count(stays, crew.rank, crew.size)
            if crew.rank:
                crew.report(found)
            for other in crew.hear():
                found += other
            return found

        logins, readings = crew.together(work)
        return logins, readings

    def _count(self, stays: Stays, rank: int, among: int) -> NDArray[np.int64]:
        """Count the logins and readings of every so many blocks of people."""
        size = self.days * _DAY_MINUTES
        # A reading may follow the last login of the run by minutes.
        counts = np.zeros((2, size + READING_WITHIN // MINUTE + 1), np.int64)
        for visits in self._visits(stays, rank, among):
            np.add.at(counts[0], visits.minutes, 1)
            reading = self._reading(visits)
            at, later = _instants(visits, reading)
            later += at
            later //= MINUTE
            later += visits.minutes.take(reading)
            np.add.at(counts[1], later, 1)
        return counts[:, :size]

    def between(self, stays: Stays, first: int, end: int) -> Iterator[tuple[Integers, ...]]:
        """Yield logins, those near a stretch of the run at least, in no order.

        Args:
            stays: Who logs in.
            first: First microsecond of the stretch.
            end: The microsecond after its last.

        Yields:
            Microsecond and person of each login, then of each reading.
        """
        earliest, latest = (first - READING_WITHIN) // MINUTE - 1, end // MINUTE
        for visits in self._visits(stays):
            near = np.flatnonzero((earliest <= visits.minutes) & (visits.minutes <= latest))
            if not len(near):
                continue
            some = visits.some(near)
            reading = self._reading(some)
            at, later = _instants(some, np.arange(len(near)))
            at += some.minutes * MINUTE
            yield at, some.people, (at + later)[reading], some.people[reading]

    def _visits(self, stays: Stays, rank: int = 0, among: int = 1) -> Iterator[_Visits]:
        """Yield the logins that take place, time after time, of every so many blocks of people."""
        for first in range(rank * _BLOCK, len(stays.people), among * _BLOCK):
            part = slice(first, first + _BLOCK)
            people, day, left = stays.people[part], stays.entered[part].copy(), stays.left[part]
            seeds, visit = draw_many(self.key, people), 0
            while len(people):
                bits = draw_numbered(seeds, 2 * visit)
                day += self._gaps.take(_cut(bits, 52, QUANTILES))
                staying = day < left
                # Days beyond the run are nobody's: the last stands for them.
                kept = self._kept.take(day, mode="clip")
                coming = np.flatnonzero(staying & (_cut(bits, 24, SIXTEEN_BITS) < kept))
                drawn = bits.take(coming)
                minutes = day.take(coming)
                minutes *= _DAY_MINUTES
                minutes += self._minutes.take(_cut(drawn, 40, QUANTILES))
                yield _Visits(visit, people.take(coming), seeds.take(coming), drawn, minutes)
                visit += 1
                # To leave few out costs more than to let them pass once more.
                if np.count_nonzero(staying) * 8 < len(people) * 7:
                    going = np.flatnonzero(staying)
                    people, seeds = people.take(going), seeds.take(going)
                    day, left = day.take(going), left.take(going)

    def _reading(self, visits: _Visits) -> Integers:
        """Return the places of the logins in which a document is opened."""
        return np.flatnonzero(_cut(visits.bits, 8, SIXTEEN_BITS) < self.law.reading)


def _instants(visits: _Visits, some: Integers) -> tuple[Integers, Integers]:
    """Return the microsecond of some logins within their minute, and how much later one reads."""
    within = draw_numbered(visits.seeds.take(some), 2 * visits.rank + 1)
    return scaled(upper(within), MINUTE), scaled(lower(within), READING_WITHIN)


def _cut(bits: Bits, shift: int, size: int) -> Integers:
    """Cut an integer below `size`, a power of two, out of 64 bits."""
    found = bits >> np.uint64(shift)
    found &= np.uint64(size - 1)
    return found.view(np.int64)


def scaled(words: Bits, span: int) -> Integers:
    """Turn 32 bits into an integer below `span`."""
    found = words * np.uint64(span)
    found >>= np.uint64(32)
    return found.view(np.int64)
