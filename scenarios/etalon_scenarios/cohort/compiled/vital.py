# pyright: standard
"""Births and deaths, compiled: who has one within the run, and on which day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw_each, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.receiving import BLOCK
from etalon_scenarios.cohort.counting import WORD

if TYPE_CHECKING:
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws import Slot
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers

_HALF: Final = np.uint64(32)


def plan(nation: Nation, slot: Slot, shares: Bits, limits: Bits, span: tuple[int, int]) -> Numbers:
    """Plan one kind of event of the residents in a range: `registry._plan`, one word each."""
    low, edges = nation.people.layout.edges_between(*span)
    words, key = seed_words(nation.random), np.uint64(nation.keys[slot])
    found: Numbers = _plan(words, key, shares[low:], limits[low:], edges + span[0])
    return found


@kernel()
def _plan(words: Bits, key: np.uint64, shares: Bits, limits: Bits, edges: Numbers) -> Numbers:
    """Return day and person, in one word each; `edges` part people by cell."""
    persons, bits = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.uint64)
    events, found = np.empty(edges[-1] - edges[0], np.int64), 0
    for cell in range(len(edges) - 1):
        for first in range(edges[cell], edges[cell + 1], BLOCK):
            count = min(BLOCK, edges[cell + 1] - first)
            for place in range(count):
                persons[place] = first + place
            draw_each(words, key, persons[:count], bits)
            for place in range(count):
                drawn = bits[place] >> _HALF
                if drawn < limits[cell]:
                    events[found] = np.int64(drawn // shares[cell]) << WORD | (first + place)
                    found += 1
    return events[:found].copy()
