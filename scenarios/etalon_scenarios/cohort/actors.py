"""People who act on what they decided, and how they stand when they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from etalon_scenarios.cohort.people import BY_LETTER, DEAD
from etalon_scenarios.ledger import CHANNELS

if TYPE_CHECKING:
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


class Actors(NamedTuple):
    """People who act together, by ascending number.

    Attributes:
        persons: Numbers.
        activates: Whether each activates, or else opposes.
        cells: Cell of each.
        heads: The parent who acts for each child; anybody else's own number.
        standing: Where each stands.
        flags: What else is known of each.
        able: Who is alive, as is the parent who acts for a child.
    """

    persons: Numbers
    activates: Mask
    cells: Numbers
    heads: Numbers
    standing: Bytes
    flags: Bytes
    able: Mask

    @classmethod
    def of(cls, nation: Nation, persons: Numbers, activates: Mask) -> Actors:
        """Look people up."""
        people = nation.people
        if nation.compiled:
            from etalon_scenarios.cohort.compiled import acts  # noqa: PLC0415 (Numba, where used)

            return acts.look_up(people, persons, activates)
        cells = people.cells_in_order(persons)
        heads, standing = people.heads(persons, cells), people.standing[persons]
        able = standing != DEAD
        able &= people.standing[heads] != DEAD
        return cls(persons, activates, cells, heads, standing, people.flags[persons], able)

    def only(self, mask: Mask) -> Actors:
        """Keep some of them."""
        if np.count_nonzero(mask) == len(mask):
            return self
        kept = mask.nonzero()[0]
        return Actors(
            self.persons[kept],
            self.activates[kept],
            self.cells[kept],
            self.heads[kept],
            self.standing[kept],
            self.flags[kept],
            self.able[kept],
        )

    def keys(self) -> Numbers:
        """Return the row of each person's counters; all were notified."""
        keys = self.cells * len(CHANNELS) + 1
        keys += (self.flags & BY_LETTER) != 0
        return keys
