# pyright: standard
"""What every institution of a village does: count an event, and hang people in lists by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    CELL,
    ENTRY_DETAIL,
    ENTRY_NEXT,
    ENTRY_PERSON,
    FLAGS,
    HEAD,
    NEXT_ACT,
    NEXT_MAIL,
    NEXT_QUESTION,
    NOBODY,
    POOLED,
    QUESTIONS,
    STANDING,
    TOUCHED,
)
from etalon_scenarios.cohort.counting import EXCLUDED_RANK
from etalon_scenarios.cohort.people import BY_LETTER, DEAD, EXCLUDED, WAITING
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import CHANNELS, COUNTERS

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Books, Table
    from etalon_scenarios.layout_arrays import People as Numbers

_CHANNELS: Final = len(CHANNELS)
_COUNTERS: Final = len(COUNTERS)
_APART: Final = np.array([EXCLUDED_RANK.get(name, -1) for name in COUNTERS])


@kernel()
def note(books: Books, folk: Table, person: int, channel: int, counter: int) -> None:
    """Count one event of a person by the channel of a notice, and apart if they are excluded."""
    cell, tally, sums = folk[person, CELL], books.tally, books.sums
    address = (cell * _CHANNELS + channel) * _COUNTERS + counter
    if not tally[address]:
        books.touched[sums[TOUCHED]] = address
        sums[TOUCHED] += 1
    tally[address] += 1
    if _APART[counter] >= 0 and folk[person, FLAGS] & EXCLUDED:
        books.apart[_APART[counter], cell % CELLS // 2] += 1


@kernel()
def channel_of(folk: Table, person: int) -> int:
    """Return the rank of the channel of a person's last notice."""
    if folk[person, STANDING] == WAITING:
        return 0
    return 2 if folk[person, FLAGS] & BY_LETTER else 1


@kernel()
def is_able(folk: Table, person: int) -> bool:
    """Tell whether somebody is alive, as is the parent who acts for a child."""
    alive = folk[person, STANDING] != DEAD
    return bool(alive and folk[folk[person, HEAD], STANDING] != DEAD)


@kernel()
def _link(kind: int) -> int:
    """Return the column through which a list goes."""
    if kind < QUESTIONS:
        return NEXT_ACT
    return NEXT_QUESTION if kind == QUESTIONS else NEXT_MAIL


@kernel()
def enter(folk: Table, lists: Table, kind: int, day: int, person: int) -> None:
    """Put a person on the list of a day, if it is one of the run."""
    if day < lists.shape[1]:
        folk[person, _link(kind)] = lists[kind, day]
        lists[kind, day] = person


@kernel()
def take(folk: Table, lists: Table, kind: int, day: int) -> Numbers:
    """Return who is on the list of a day, in any order, and forget the list."""
    column, number = _link(kind), 0
    person = lists[kind, day]
    while person != NOBODY:
        number += 1
        person = folk[person, column]
    found = np.empty(number, np.int64)
    person, lists[kind, day] = lists[kind, day], NOBODY
    for place in range(number):
        found[place] = person
        person = folk[person, column]
    return found


@kernel()
def enter_pool(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    pool: Table, sums: Numbers, lists: Table, kind: int, day: int, person: int, detail: int
) -> None:
    """Put a person on the list of a day, if it is one of the run, where they may be on others."""
    if day < lists.shape[1]:
        entry = sums[POOLED]
        pool[entry, ENTRY_NEXT] = lists[kind, day]
        pool[entry, ENTRY_PERSON], pool[entry, ENTRY_DETAIL] = person, detail
        lists[kind, day] = entry
        sums[POOLED] += 1


@kernel()
def pooled(pool: Table, lists: Table, kind: int, day: int) -> Numbers:
    """Return the entries of the list of a day, in any order; the list stays."""
    number, entry = 0, lists[kind, day]
    while entry != NOBODY:
        number += 1
        entry = pool[entry, ENTRY_NEXT]
    found = np.empty(number, np.int64)
    entry = lists[kind, day]
    for place in range(number):
        found[place] = entry
        entry = pool[entry, ENTRY_NEXT]
    return found
