"""At which attention people decide: their draw over the level of their class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.attention import Intention
from etalon_scenarios.cohort.minors import decide
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import upper

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_scenarios.cohort.attention import Thresholds
    from etalon_scenarios.cohort.people import People
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers
    from etalon_scenarios.randomness_arrays import RandomnessArrays

BRANCH_REACH: Final = 6 * ONE
"""A policy that branches off may raise attention to six times what a notice leads to.

England's shock of 2021, the largest measured, takes it to 4.9.
"""

CHILD = 1
UNINFORMED = 2
VARIANTS = 4


def _scaled(levels: Bits, share: int, *, up: bool = False) -> Bits:
    """Multiply levels by a share, all over 2 ** 32, as `law.scaled` does, or rounded up.

    In two halves of the share, for the product itself may need more than 64 bits.
    """
    high, low = np.uint64(share >> 16), np.uint64(share & 0xFFFF)
    rest = levels * low + np.uint64((ONE - 1) * up)
    found: Bits = (levels * high + (rest >> np.uint64(16))) >> np.uint64(16)
    return found


class Wish:
    """One intention: who can ever form it, and at which attention.

    A class is (variant, cell of the decider), a variant a sum of `CHILD` and `UNINFORMED`.

    Attributes:
        levels: Of each class, over 2 ** 32.
        bounds: What the draws of each class that can lead to the wish stay below, over 2 ** 32.
    """

    def __init__(
        self,
        levels: tuple[int, ...],
        *,
        child: int,
        uninformed: int,
        reach: int,
        find: Callable[[Numbers, int], tuple[Numbers, Bits]],
    ) -> None:
        """Spell the levels out by class.

        Args:
            levels: By cell of the decider, over 2 ** 32.
            child: Share of the level that holds for a child.
            uninformed: Share of the level that holds for who read nothing.
            reach: Attention that the run cannot pass.
            find: Finds the deciders whose draw is below a share, and draws their 64 bits.
        """
        own = np.array(levels, dtype=np.uint64)
        informed = np.concatenate([own, _scaled(own, child)])
        self.levels = np.concatenate([informed, _scaled(informed, uninformed)])
        # A threshold, draw * 2 ** 32 // level, is within reach when the draw is below its bound.
        bounds = _scaled(self.levels, reach, up=True)
        self.bounds = np.minimum(bounds, np.uint64(ONE))
        self._find = find
        self._cells = len(levels)
        self._highest = self.bounds.reshape(VARIANTS, -1).max(axis=0)

    def thresholds(
        self,
        people: Numbers,
        deciders: Numbers,
        cells: Numbers,
        informed: Mask,
        among: Mask | None,
    ) -> Thresholds:
        """Return the people who can form the wish in this run, and at which attention."""
        if not len(people):
            return np.empty(0, np.int32), np.empty(0, np.int64)
        # Neighbours decide in few cells: no draw above their highest bound leads to the wish.
        highest = self._highest[int(cells.min()) : int(cells.max()) + 1]
        some, bits = self._find(deciders, int(highest.max()))
        if among is not None:
            here = among[some].nonzero()[0]
            some, bits = some[here], bits[here]
        persons = people[some]
        classes = cells[some]
        classes += (deciders[some] != persons) * (CHILD * self._cells)
        classes += ~informed[some] * np.int64(UNINFORMED * self._cells)
        kept = (upper(bits) < self.bounds[classes]).nonzero()[0]
        drawn = bits[kept] & ~np.uint64(ONE - 1)
        reached = drawn // self.levels[classes[kept]]
        return persons[kept].astype(np.int32), reached.astype(np.int64)


class Response:
    """The wishes of one run.

    Attributes:
        levels: By wish, in the order of `Intention`, and class (see `Wish`).
        bounds: The same.
    """

    def __init__(
        self, law: Law, random: RandomnessArrays, people: People, least_reach: int = 0
    ) -> None:
        """Spell the wishes out.

        Args:
            law: Of the run.
            random: Function that draws.
            people: Everybody.
            least_reach: People whose threshold is below it are kept, even where no attention of
                this run passes it: another law may hold later.
        """
        self._law = law
        self._people = people
        response = law.response
        oppose, activate = random.key(Slot.OPPOSE), random.key(Slot.ACTIVATE)
        self._wishes = {
            Intention.OPPOSE: Wish(
                response.oppose,
                child=response.child_oppose,
                uninformed=response.uninformed,
                reach=max(law.oppose_reach(), least_reach),
                find=lambda deciders, share: random.find_below(oppose, deciders, share),
            ),
            Intention.ACTIVATE: Wish(
                response.activate,
                child=response.child_activate,
                uninformed=response.uninformed,
                reach=max(law.activate_reach(), least_reach),
                find=lambda deciders, share: random.find_below(activate, deciders, share),
            ),
        }

        self.levels = np.stack([wish.levels for wish in self._wishes.values()])
        self.bounds = np.stack([wish.bounds for wish in self._wishes.values()])

    def thresholds(
        self,
        persons: Numbers,
        heads: Numbers,
        head_cells: Numbers,
        informed: Mask,
        among: Mask | None = None,
    ) -> list[tuple[Intention, Thresholds]]:
        """Return, by intention, who can form it and at which attention.

        Args:
            persons: Whose space it is.
            heads: Adult who receives for each.
            head_cells: Cell of that adult.
            informed: Who has read the notice.
            among: Who of them is concerned, None for everybody.
        """
        deciders, cells = decide(self._law, self._people, persons, heads, head_cells)
        return [
            (intention, wish.thresholds(persons, deciders, cells, informed, among))
            for intention, wish in self._wishes.items()
        ]
