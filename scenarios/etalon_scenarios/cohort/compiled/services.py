# pyright: standard
"""The telephone exchange, the routes of an evening and the batch, compiled.

Each function of a module of `cohort` has its namesake here, with the same arguments and results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import is_protected, next_cell
from etalon_scenarios.cohort.counting import EXCLUDED_RANK
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    EXCLUDED,
    INFORMED,
    NOTIFIED,
    RETRIED,
    UNSEEN,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import BANDS, CELLS
from etalon_scenarios.ledger import CHANNELS, COUNT

if TYPE_CHECKING:
    from etalon_scenarios.cohort.actors import Actors
    from etalon_scenarios.cohort.counting import Sheet
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes, Days, Residents
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import LayoutTables, Mask
    from etalon_scenarios.layout_arrays import People as Numbers

_HALF: Final = np.uint64(32)
_CHANNELS: Final = len(CHANNELS)
_BLOCKED: Final = 1
_ABANDONED: Final = 2


@kernel(inline=True)
def _sink(heap: Numbers, size: int, value: int) -> None:
    """Replace the least of a heap by another value."""
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


@kernel(inline=True)
def _rise(heap: Numbers, size: int, value: int) -> None:
    """Add a value to a heap of so many values, which has room."""
    at = size
    while at and heap[(at - 1) >> 1] > value:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = value


@kernel()
def take_in_turn(
    free: Numbers, lines: int, instants: Numbers, services: Numbers, leaving: Numbers
) -> tuple[Numbers, Numbers]:
    """Take the calls of a day one by one: `Exchange._serve_in_turn`.

    Args:
        free: Instant at which each agent is free, ascending; kept up to date, in another order.
        lines: Waiting places.
        instants: Arrivals, ascending.
        services: Length of each call once answered.
        leaving: Instant at which each caller who still waits leaves.

    Returns:
        What became of each call, and the microseconds that the answered ones waited.
    """
    outcomes = np.zeros(len(instants), np.int64)
    waited = np.zeros(len(instants), np.int64)
    places = np.empty(min(lines, len(instants)) + 1, np.int64)
    taken, agents = 0, len(free)
    for rank in range(len(instants)):
        instant = instants[rank]
        while taken and places[0] <= instant:
            taken -= 1
            _sink(places, taken, int(places[taken]))
        soonest = free[0]
        if soonest <= instant:
            _sink(free, agents, instant + services[rank])
        elif taken >= lines:
            outcomes[rank] = _BLOCKED
        else:
            if soonest < leaving[rank]:
                _sink(free, agents, soonest + services[rank])
                waited[rank] = soonest - instant
                _rise(places, taken, soonest)
            else:
                outcomes[rank] = _ABANDONED
                _rise(places, taken, leaving[rank])
            taken += 1
    return outcomes, waited


@kernel()
def _route(  # noqa: PLR0913, PLR0917 (the columns of `Actors`)
    words: Bits,
    key: np.uint64,
    layout: LayoutTables,
    residents: int,
    persons: Numbers,
    activates: Mask,
    cells: Numbers,
    by_phone: Numbers,
    post: int,
    counter: int,
) -> tuple[Mask, Mask, Mask]:
    size = len(persons)
    phones, writes = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    by_post = np.zeros(size, np.bool_)
    rows, traits = layout.cells, layout.traits
    for rank in range(size):
        person = persons[rank]
        drawn = np.int64(draw(words, key, person) >> _HALF)
        led = not activates[rank] and person < residents
        in_charge = led and is_protected(rows, traits, person, cells[rank])
        phones[rank] = drawn < by_phone[rank] and not in_charge
        written = not activates[rank] and drawn < by_phone[rank] + post + counter
        writes[rank] = in_charge or (written and not phones[rank])
        by_post[rank] = in_charge or drawn < by_phone[rank] + post
    return phones, writes, by_post


def route(nation: Nation, to: Actors, by_phone: Numbers) -> tuple[Mask, Mask, Mask]:
    """Choose between the telephone, the post, a counter and the web: `deciding.route`."""
    acting, people = nation.law.acting, nation.people
    found: tuple[Mask, Mask, Mask] = _route(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.ROUTE]),
        people.residents().layout,
        people.size,
        to.persons,
        to.activates,
        to.cells,
        by_phone,
        acting.post,
        acting.counter,
    )
    return found


@kernel()
def _due_within(  # noqa: PLR0913, PLR0917 (three columns of everybody)
    words: Bits,
    key: np.uint64,
    impossible: np.uint64,
    span: tuple[int, int],
    day: int,
    sent: Days,
    standing: Bytes,
    flags: Bytes,
) -> tuple[Numbers, Mask]:
    first = span[0]
    last = max(first, min(span[1], len(sent)))
    persons, fails = np.empty(last - first, np.int64), np.empty(last - first, np.bool_)
    found = 0
    # Without a branch: who is due follows no pattern that the processor could foresee.
    for person in range(first, last):
        persons[found] = person
        due = (sent[person] == day) & (standing[person] == NOTIFIED)
        found += int(due & ((flags[person] & AWAITS_LETTER) == 0))
    for rank in range(found):
        person = persons[rank]
        fails[rank] = (draw(words, key, person) >> _HALF) < impossible
        fails[rank] &= (flags[person] & RETRIED) == 0
    return persons[:found].copy(), fails[:found].copy()


def due_within(nation: Nation, span: tuple[int, int], sent: int) -> tuple[Numbers, Mask]:
    """Find whose turn has come within a range, and whose opening fails: `opening.due_within`."""
    people = nation.people
    persons, fails = _due_within(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.OPENING]),
        np.uint64(nation.law.opening.impossible),
        span,
        sent,
        people.sent,
        people.standing,
        people.flags,
    )
    return persons, fails


@kernel()
def _open(  # noqa: PLR0913, PLR0917 (two columns of everybody)
    words: Bits,
    key: np.uint64,
    closing: np.uint64,
    left: int,
    residents: Residents,
    persons: Numbers,
    fails: Mask,
    standing: Bytes,
    flags: Bytes,
) -> tuple[int, Numbers, Numbers, Numbers, Numbers]:
    rows, newborn_cells, size = residents.layout.cells, residents.newborn_cells, residents.size
    low, high = _reach(residents, persons)
    counts = np.zeros((3, (high - low + 1) * _CHANNELS), np.int64)
    excluded = np.zeros((2, BANDS), np.int64)
    days, closers = np.empty(len(persons), np.int64), np.empty(len(persons), np.int64)
    limit, closes, cell = closing * np.uint64(left), 0, min(low, high)
    for rank in range(len(persons)):
        person = persons[rank]
        born = person >= size
        cell = int(newborn_cells[person - size]) if born else next_cell(rows, person, cell)
        held = flags[person]
        row = (cell - low) * _CHANNELS + (2 if held & BY_LETTER else 1)
        if fails[rank]:
            flags[person] = held | RETRIED
            counts[2, row] += 1
            continue
        standing[person] = UNSEEN
        counts[0, row] += 1
        excluded[0, cell % CELLS // 2] += (held & EXCLUDED) != 0
        if not held & INFORMED:
            counts[1, row] += 1
            excluded[1, cell % CELLS // 2] += (held & EXCLUDED) != 0
        drawn = draw(words, key, person) >> _HALF
        if drawn < limit:
            days[closes], closers[closes] = np.int64(drawn // closing), person
            closes += 1
    return low, counts, excluded, days[:closes].copy(), closers[:closes].copy()


@kernel()
def _reach(residents: Residents, persons: Numbers) -> tuple[int, int]:
    """Return the lowest and the highest cell of people by ascending number."""
    rows, newborn_cells, size = residents.layout.cells, residents.newborn_cells, residents.size
    low, high, cell = len(rows) - 2, 0, 0
    ends = len(persons)
    while ends and persons[ends - 1] >= size:
        ends -= 1
        cell = int(newborn_cells[persons[ends] - size])
        low, high = min(low, cell), max(high, cell)
    if ends:
        first = int(np.searchsorted(rows[1:, 0], persons[0], side="right"))
        last = int(np.searchsorted(rows[1:, 0], persons[ends - 1], side="right"))
        low, high = min(low, first), max(high, last)
    return low, high


def open_group(
    nation: Nation, persons: Numbers, fails: Mask, sheet: Sheet
) -> tuple[Numbers, Numbers]:
    """Open spaces, or note failures: `opening.Batch._open_group`.

    Args:
        nation: Of the run.
        persons: Whose turn has come, by number.
        fails: Whose opening fails.
        sheet: Where it is counted.

    Returns:
        When holders close their space, and who.
    """
    people, law = nation.people, nation.law
    low, counts, excluded, days, closers = _open(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.CLOSING]),
        np.uint64(law.opening.closing),
        max(0, law.days - nation.day - 1),
        people.residents(),
        persons,
        fails,
        people.standing,
        people.flags,
    )
    names = ("opened_automatically", "opened_uninformed", "opening_failed")
    for name, rows in zip(names, counts, strict=True):
        sheet.notes.append((COUNT[name], low * _CHANNELS, rows))
    for name, by_band in zip(names, excluded, strict=False):
        sheet.excluded.append((EXCLUDED_RANK[name], by_band))
    return days + (nation.day + 1), closers
