"""The people of a run, as arrays: where each one stands, in a few bytes.

What the number of a person already says (cell, parent, protection) is computed, not kept. Children
born during the run take the numbers after the residents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.layout import BANDS, MOTHER_BANDS, SEXES
from etalon_scenarios.layout_arrays import arrays_of
from etalon_scenarios.ledger import CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.layout_arrays import LayoutTables, Mask
    from etalon_scenarios.layout_arrays import People as Numbers

    Bytes = NDArray[np.uint8]
    Days = NDArray[np.uint8 | np.uint16]

WAITING: Final = 0
NOTIFIED: Final = 1
OPPOSED: Final = 2
UNSEEN: Final = 3
ACTIVE: Final = 4
CLOSED: Final = 5
DEAD: Final = 6

INFORMED: Final = 1
"""The notice was read."""
RETRIED: Final = 2
"""An opening already failed once."""
AWAITS_LETTER: Final = 4
"""The e-mail failed and its letter has not left."""
BY_LETTER: Final = 8
"""The last notice was a letter."""
ACTING: Final = 16
"""The person pursues a decision; what would ripen meanwhile is dropped."""
NO_CODE: Final = 32
"""The code of the notice never arrived."""
REGENERATED: Final = 64
"""The code in hand is another than that of the notice."""

EXCLUDED: Final = 128
"""The person is digitally excluded."""

LONGEST_BYTE: Final = 254


class Residents(NamedTuple):
    """What cells and heads follow from, as kernels take it.

    Attributes:
        size: Residents at the start.
        layout: Who is who among them.
        newborn_cells: Cell of each child born during the run.
        mothers: Mother of each of them.
    """

    size: int
    layout: LayoutTables
    newborn_cells: Numbers
    mothers: Numbers


class People:
    """Everybody, by number.

    Attributes:
        layout: Who is who among the residents.
        size: Residents at the start.
        number: People so far, children born included.
        told: The first child of the run who is still to be notified.
        standing: Where each person stands: one of the constants of this module.
        flags: What else is known of each person, a sum of flags.
        sent: Day the last notice left; before the first, the day the campaign plans, or `never`.
        never: Value of `sent` of whom the campaign does not reach.
    """

    def __init__(self, layout: Layout, days: int, crew: Crew) -> None:
        self.layout = arrays_of(layout)
        self.size = self.number = self.told = layout.size
        women = np.diff(self.layout.starts).reshape(-1, BANDS, len(SEXES))[..., 0]
        # At most one child each; room that nobody uses takes no memory.
        most = self.size + int(women[:, MOTHER_BANDS.start : MOTHER_BANDS.stop].sum())
        self.standing = crew.room(most, np.uint8, self.size)
        self.flags = crew.room(most, np.uint8, self.size)
        self.sent: Days = crew.room(
            most, np.uint8 if days <= LONGEST_BYTE else np.uint16, self.size
        )
        self.never = (1 << 8 * self.sent.itemsize) - 1
        self._newborn_cells = np.empty(0, np.int64)
        self._mothers = np.empty(0, np.int64)

    def expect(self, newborns: int) -> None:
        """Give up the room that is not for residents or the children who may be born."""
        self.standing = self.standing[: self.size + newborns]
        self.flags = self.flags[: self.size + newborns]
        self.sent = self.sent[: self.size + newborns]
        self.sent[self.size :] = self.never
        self._mothers = np.zeros(newborns, np.int64)
        self._newborn_cells = np.zeros(newborns, np.int64)

    def add_newborns(self, mothers: Numbers, cells: Numbers) -> None:
        """Add the children born today, by number."""
        begins = self.number - self.size
        self.number += len(mothers)
        added = slice(begins, self.number - self.size)
        self._mothers[added], self._newborn_cells[added] = mothers, cells

    def residents(self) -> Residents:
        """Return what cells and heads follow from today."""
        return Residents(self.size, self.layout.tables(), self._newborn_cells, self._mothers)

    def cells(self, numbers: Numbers) -> Numbers:
        """Return the cell of each person."""
        born = numbers >= self.size
        if not np.count_nonzero(born):
            return self.layout.cells(numbers)
        found = np.empty(len(numbers), np.int64)
        found[born] = self._newborn_cells[numbers[born] - self.size]
        found[~born] = self.layout.cells(numbers[~born])
        return found

    def cells_in_order(self, numbers: Numbers) -> Numbers:
        """Return the cell of each person, of people by ascending number."""
        if not len(numbers) or numbers[-1] < self.size:
            return self.layout.cells_in_order(numbers)
        residents = int(numbers.searchsorted(self.size))
        return np.concatenate(
            [
                self.layout.cells_in_order(numbers[:residents]),
                self._newborn_cells[numbers[residents:] - self.size],
            ]
        )

    def heads(self, numbers: Numbers, cells: Numbers) -> Numbers:
        """Return the number of the adult who decides for each person."""
        born = numbers >= self.size
        if not np.count_nonzero(born):
            return self.layout.heads(numbers, cells)
        found = np.empty(len(numbers), np.int64)
        found[born] = self._mothers[numbers[born] - self.size]
        found[~born] = self.layout.heads(numbers[~born], cells[~born])
        return found

    def protected(self, numbers: Numbers, cells: Numbers) -> Mask:
        """Tell which people are adults with a person in charge of them (REP-02)."""
        resident = numbers < self.size
        if np.count_nonzero(resident) == len(numbers):
            return self.layout.protected(numbers, cells)
        found = np.zeros(len(numbers), np.bool_)
        found[resident] = self.layout.protected(numbers[resident], cells[resident])
        return found

    def heads_in_order(self, numbers: Numbers, cells: Numbers) -> tuple[Numbers, Numbers]:
        """Return the heads, and their cells, of people by ascending number."""
        if len(numbers) and numbers[-1] >= self.size:
            heads = self.heads(numbers, cells)
            return heads, self.cells(heads)
        return self.layout.heads_in_order(numbers, cells)

    def keys(self, numbers: Numbers, cells: Numbers | None = None) -> Numbers:
        """Return the row of each person's counters today: cell x channel of the last notice."""
        if cells is None:
            cells = self.cells(numbers)
        keys = cells * len(CHANNELS) + 1
        keys += self.have(numbers, BY_LETTER)
        waiting = (self.standing[numbers] == WAITING).nonzero()[0]
        keys[waiting] = cells[waiting] * len(CHANNELS)
        return keys

    def have(self, numbers: Numbers, flag: int) -> Mask:
        """Tell which people have a flag."""
        found: Mask = (self.flags[numbers] & flag) != 0
        return found

    def set(self, numbers: Numbers, flag: int) -> None:
        """Give people, each named once, a flag or several."""
        self.flags[numbers] |= flag

    def living(self, numbers: Numbers) -> Mask:
        """Tell which people are alive."""
        found: Mask = self.standing[numbers] != DEAD
        return found
