"""Who is who: a person is an integer, and everything structural about them is arithmetic.

People are numbered département by département, within it age band by age band, women before
men, so that département, band and sex are ranges of numbers. Birth date, household, parent, twin
and protection follow from the number and the scenario alone: no table per person, and no run's
seed. Children born during a run take the numbers after the last resident, in the order (day,
département, mother).

Reading: ages are those of the population table on `reference_on`, the first day of the month in
which the scenario starts; a person's month of birth spreads evenly over the sixty months of the
band, the day over the 2nd to the 28th. One parent, the one the children are attached to, stands
for a household.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from etalon_scenarios.draws import STRUCTURE_SEED, Slot, draw, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

BANDS: Final = 20
SEXES: Final[tuple[Literal["F"], Literal["M"]]] = ("F", "M")
CELLS: Final = BANDS * len(SEXES)
MONTHS_PER_BAND: Final = 60
MINOR_MONTHS: Final = 18 * 12
CHILD_BANDS: Final = 4
"""Bands that hold minors: 0-4, 5-9, 10-14 and the minors among 15-19."""

MINORS_OF_LAST_BAND: Final = MINOR_MONTHS - 3 * MONTHS_PER_BAND
PARENT_BANDS: Final = range(5, 11)
"""Children are attached to adults of 25 to 54 years (assumption: no source by parent's age)."""

ADULT_BANDS: Final = range(4, BANDS)
MOTHER_BANDS: Final = range(4, 10)
"""Bands in which a woman may give birth during a run: 20 to 49 years."""

FIRST_DAY_OF_MONTH: Final = 2
DAYS_DRAWN: Final = 27
NEWBORN_SERIALS: Final = (20_000, 600)
"""First serial of the children born during a run, and how many a day, in metropolitan France."""

OVERSEAS_NEWBORN_SERIALS: Final = (5_000, 150)
"""The same where the département takes three characters of the matricule and leaves fewer."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Structural shares of a population, as integers.

    Attributes:
        children_per_household: Children attached to one adult, in hundredths.
        twins: Chance that two children next to each other are twins, over 2 ** 32.
        protected: Chance that an adult is under protection, over 2 ** 32.
    """

    children_per_household: int
    twins: int
    protected: int


def apportion(counts: Sequence[int], seats: int) -> list[int]:
    """Share out `seats` in proportion to `counts`, by largest remainder, ties to the first.

    Raises:
        ValueError: Nobody to share among.
    """
    total = sum(counts)
    if total <= 0:
        message = "the population table holds nobody"
        raise ValueError(message)
    given = [count * seats // total for count in counts]
    order = sorted(range(len(counts)), key=lambda rank: (-(counts[rank] * seats % total), rank))
    for rank in order[: seats - sum(given)]:
        given[rank] += 1
    return given


class Layout:
    """The people of a run, from 0 to `size` - 1, as closed functions of their number.

    Attributes:
        departments: Codes in the order of numbering.
        size: Residents at the start.
        reference_on: Day on which the ages of the table hold.
        shares: Structural shares: households, twins, protection.
    """

    def __init__(
        self,
        departments: Sequence[str],
        counts: Sequence[Sequence[Sequence[int]]],
        size: int,
        reference_on: date,
        shares: Shares,
    ) -> None:
        self.departments = tuple(departments)
        self.size = size
        self.reference_on = reference_on.replace(day=1)
        self.shares = shares
        flat = [
            counts[d][b][s] for d in range(len(departments)) for b in range(BANDS) for s in (0, 1)
        ]
        self._starts = [0]
        for seats in apportion(flat, size):
            self._starts.append(self._starts[-1] + seats)
        self._birthday = stream(STRUCTURE_SEED, Slot.BIRTHDAY)
        self._twins = stream(STRUCTURE_SEED, Slot.TWINS)
        self._protected = stream(STRUCTURE_SEED, Slot.PROTECTED)
        self._children = [self._children_by_cell(d) for d in range(len(departments))]

    def cell(self, person: int) -> int:
        """Return the index of (département, band, sex): `(d * 20 + band) * 2 + sex`."""
        return bisect_right(self._starts, person) - 1

    def cell_range(self, cell: int) -> range:
        """Return the numbers of the people of one cell."""
        return range(self._starts[cell], self._starts[cell + 1])

    def department_range(self, department: int) -> range:
        """Return the numbers of the people of one département."""
        first = department * CELLS
        return range(self._starts[first], self._starts[first + CELLS])

    def _band_range(self, department: int, bands: range) -> range:
        first = department * CELLS
        return range(self._starts[first + bands.start * 2], self._starts[first + bands.stop * 2])

    def elder_twin(self, person: int, cell: int) -> int:
        """Return the number of the twin born first, or the person's own number."""
        if (cell % CELLS) // 2 >= CHILD_BANDS - 1:
            return person
        first = person - (person - self._starts[cell]) % 2
        if first + 1 >= self._starts[cell + 1]:
            return person
        return first if (draw(self._twins, first) >> 32) < self.shares.twins else person

    def birth_on(self, person: int, cell: int) -> date:
        """Return the date of birth; twins share it."""
        first = self.elder_twin(person, cell)
        rank = first - self._starts[cell]
        months = (cell % CELLS) // 2 * MONTHS_PER_BAND + rank % MONTHS_PER_BAND + 1
        day = FIRST_DAY_OF_MONTH + draw(self._birthday, first) % DAYS_DRAWN
        index = self.reference_on.year * 12 + self.reference_on.month - 1 - months
        return date(index // 12, index % 12 + 1, day)

    def serial(self, person: int, cell: int) -> int:
        """Return the rank among people of the same sex, month of birth and département."""
        return (self.elder_twin(person, cell) - self._starts[cell]) // MONTHS_PER_BAND

    def is_minor(self, person: int, cell: int) -> bool:
        """Tell whether the person is under 18 on `reference_on`."""
        band = (cell % CELLS) // 2
        if band != CHILD_BANDS - 1:
            return band < CHILD_BANDS
        return (person - self._starts[cell]) % MONTHS_PER_BAND < MINORS_OF_LAST_BAND

    def age_months(self, person: int, cell: int) -> int:
        """Return the completed months of age on `reference_on`."""
        rank = self.elder_twin(person, cell) - self._starts[cell]
        return (cell % CELLS) // 2 * MONTHS_PER_BAND + rank % MONTHS_PER_BAND

    def is_protected(self, person: int, cell: int) -> bool:
        """Tell whether an adult has a person in charge of their representation (REP-02)."""
        return not self.is_minor(person, cell) and (
            (draw(self._protected, person) >> 32) < self.shares.protected
        )

    def household_head(self, person: int, cell: int) -> int:
        """Return the parent a minor is attached to, or the person's own number.

        A département too small to hold an adult leaves the child alone.
        """
        if not self.is_minor(person, cell):
            return person
        department = cell // CELLS
        children, adults = self._children[department], self._parents(department)
        if not adults:
            return person
        households = max(1, -(-children[-1] * 100 // self.shares.children_per_household))
        rank = self._child_rank(self.elder_twin(person, cell), cell) % households
        return adults.start + rank * len(adults) // households

    def _parents(self, department: int) -> range:
        return self._band_range(department, PARENT_BANDS) or self._band_range(
            department, ADULT_BANDS
        )

    def _children_by_cell(self, department: int) -> list[int]:
        """Count the children of a département before each child cell, then all of them."""
        before = [0]
        first = department * CELLS
        for cell in range(first, first + CHILD_BANDS * 2):
            people = len(self.cell_range(cell))
            before.append(before[-1] + self._minors_among(people, cell))
        return before

    @staticmethod
    def _minors_among(people: int, cell: int) -> int:
        if (cell % CELLS) // 2 < CHILD_BANDS - 1:
            return people
        full, rest = divmod(people, MONTHS_PER_BAND)
        return full * MINORS_OF_LAST_BAND + min(rest, MINORS_OF_LAST_BAND)

    def _child_rank(self, person: int, cell: int) -> int:
        rank = person - self._starts[cell]
        return self._children[cell // CELLS][cell % CELLS] + self._minors_among(rank, cell)

    def children(self, department: int) -> int:
        """Count the minors of a département."""
        return self._children[department][-1]

    def households(self, department: int) -> int:
        """Count the households with children of a département."""
        children = self._children[department][-1]
        return -(-children * 100 // self.shares.children_per_household) if children else 0


def newborn_serial(department: str, born_on: date, rank: int) -> int:
    """Return the serial of the `rank`-th child of a département born on one day.

    Raises:
        ValueError: More births in a day than the numbering holds.
    """
    overseas = department.startswith("97")
    first, per_day = OVERSEAS_NEWBORN_SERIALS if overseas else NEWBORN_SERIALS
    if rank >= per_day:
        message = f"{rank + 1} births in {department} on {born_on}: at most {per_day} a day"
        raise ValueError(message)
    return first + (born_on.day - 1) * per_day + rank
