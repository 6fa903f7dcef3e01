# pyright: standard
"""The telephone exchange and the batch, compiled.

Each function of a module of `cohort` has its namesake here, with the same arguments and results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw_each, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import next_cell
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
from etalon_scenarios.layout import CELLS
from etalon_scenarios.layout_arrays import START
from etalon_scenarios.ledger import CHANNELS, COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes, Days, Residents
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

_HALF: Final = np.uint64(32)
_CHANNELS: Final = len(CHANNELS)
_BLOCKED: Final = 1
_ABANDONED: Final = 2
_OPENED, _BLANK, _FAILED = (
    COUNT[name] for name in ("opened_automatically", "opened_uninformed", "opening_failed")
)
_APART_OPENED, _APART_BLANK = (
    EXCLUDED_RANK[name] for name in ("opened_automatically", "opened_uninformed")
)


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
    due, bits = np.empty(last - first, np.uint8), np.empty(last - first, np.uint64)
    persons = np.empty(last - first, np.int64)
    days, stands, held = sent[first:last], standing[first:last], flags[first:last]
    # A loop that the processor takes several at once, then one without a branch: who is due
    # follows no pattern that it could foresee.
    for place in range(len(due)):
        alike = (days[place] == day) & (stands[place] == NOTIFIED)
        due[place] = alike & ((held[place] & AWAITS_LETTER) == 0)
    found = 0
    for place in range(len(due)):
        persons[found] = first + place
        found += due[place]
    persons, fails = persons[:found].copy(), np.empty(found, np.bool_)
    draw_each(words, key, persons, bits)
    for rank in range(found):
        retried = flags[persons[rank]] & RETRIED
        fails[rank] = ((bits[rank] >> _HALF) < impossible) & (retried == 0)
    return persons, fails


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
def _open(  # noqa: PLR0913, PLR0917 (the table of `DayCounts`, two columns of everybody)
    residents: Residents,
    persons: Numbers,
    fails: Mask,
    standing: Bytes,
    flags: Bytes,
    table: NDArray[np.int32],
    excluded: Numbers,
) -> None:
    """Open spaces, or note failures, of people by ascending number, cell by cell."""
    rows, newborn_cells, size = residents.layout.cells, residents.newborn_cells, residents.size
    begin, cell = 0, 0
    while begin < len(persons):
        person, end = persons[begin], begin + 1
        if person >= size:
            cell = int(newborn_cells[person - size])
        else:
            cell = next_cell(rows, person, cell)
            end = int(np.searchsorted(persons, rows[cell + 1, START]))
        some, failing = persons[begin:end], fails[begin:end]
        _open_alike(some, failing, cell, standing, flags, table, excluded)
        begin = end


@kernel()
def _open_alike(  # noqa: PLR0913, PLR0917 (as `_open`)
    persons: Numbers,
    fails: Mask,
    cell: int,
    standing: Bytes,
    flags: Bytes,
    table: NDArray[np.int32],
    excluded: Numbers,
) -> None:
    """Open spaces of people of one cell: counts by channel stay in registers."""
    letters = failed = failed_letters = uninformed = uninformed_letters = apart = apart_blank = 0
    for rank in range(len(persons)):
        person, fail = persons[rank], int(fails[rank])
        held, opens = flags[person], 1 - fail
        letter, blank = int((held & BY_LETTER) != 0), opens & int((held & INFORMED) == 0)
        standing[person] = NOTIFIED if fail else UNSEEN
        flags[person] = held | fail * RETRIED
        letters += letter
        failed += fail
        failed_letters += fail & letter
        uninformed += blank
        uninformed_letters += blank & letter
        apart += opens & int((held & EXCLUDED) != 0)
        apart_blank += blank & int((held & EXCLUDED) != 0)
    email, letter = cell * _CHANNELS + 1, cell * _CHANNELS + 2
    table[_OPENED, letter] += letters - failed_letters
    table[_OPENED, email] += len(persons) - letters - (failed - failed_letters)
    table[_BLANK, letter] += uninformed_letters
    table[_BLANK, email] += uninformed - uninformed_letters
    table[_FAILED, letter] += failed_letters
    table[_FAILED, email] += failed - failed_letters
    excluded[_APART_OPENED, cell % CELLS // 2] += apart
    excluded[_APART_BLANK, cell % CELLS // 2] += apart_blank


@kernel()
def _closings(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    words: Bits, key: np.uint64, closing: np.uint64, left: int, persons: Numbers, fails: Mask
) -> tuple[Numbers, Numbers]:
    """Return after how many days holders of spaces opened now close them, and who does."""
    bits, found = np.empty(len(persons), np.uint64), 0
    days, closers = np.empty(len(persons), np.int64), np.empty(len(persons), np.int64)
    draw_each(words, key, persons, bits)
    limit = closing * np.uint64(left)
    for rank in range(len(persons)):
        drawn = bits[rank] >> _HALF
        if drawn < limit and not fails[rank]:
            days[found], closers[found] = np.int64(drawn // closing), persons[rank]
            found += 1
    return days[:found].copy(), closers[:found].copy()


def closing_days(nation: Nation, persons: Numbers, fails: Mask) -> tuple[Numbers, Numbers]:
    """Say when holders close their space, and who: `effects.closing_days`.

    Args:
        nation: Of the run.
        persons: Whose space opens.
        fails: Which of them do not open after all.
    """
    days, closers = _closings(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.CLOSING]),
        np.uint64(nation.law.opening.closing),
        max(0, nation.law.days - nation.day - 1),
        persons,
        fails,
    )
    return days + (nation.day + 1), closers


def open_group(nation: Nation, persons: Numbers, fails: Mask) -> tuple[Numbers, Numbers]:
    """Open spaces, or note failures: `opening.Batch._open_group`.

    Args:
        nation: Of the run.
        persons: Whose turn has come, by number.
        fails: Whose opening fails.

    Returns:
        When holders close their space, and who.
    """
    people, today = nation.people, nation.counts
    columns = people.standing, people.flags, today.table, today.excluded
    _open(people.residents(), persons, fails, *columns)
    return closing_days(nation, persons, fails)
