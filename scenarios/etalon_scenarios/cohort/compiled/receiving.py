# pyright: standard
"""Receiving a notice, compiled: who reads it, sleeps on it until which attention, asks about it.

People go through in blocks: their draws are made in loops so plain that the processor takes
several at once, and only then is each one looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.attention import Intention
from etalon_scenarios.cohort.compiled.draws import draw_each, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import NO_WORDS
from etalon_scenarios.cohort.people import EXCLUDED, INFORMED
from etalon_scenarios.cohort.response import CHILD, UNINFORMED, VARIANTS
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import CELLS, MINORS_OF_LAST_BAND, MONTHS_PER_BAND
from etalon_scenarios.layout_arrays import (
    CHILD_CELLS,
    CHILDREN_BEFORE,
    HOUSEHOLDS,
    PARENT_COUNT,
    PARENT_STEP,
    PARENTS,
    START,
    TWINS,
    TWINS_SHARE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.compiled.standing import Bytes
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers

BLOCK: Final = 1 << 10
"""People who go through together: their arrays stay in a level-1 cache."""

WISHES: Final = (Intention.OPPOSE, Intention.ACTIVATE)
DELIVERED, READ, EVENTS = 0, 1, 2
"""Columns of the counts; people digitally excluded are counted again in as many more."""

_HALF = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)


class Terms(NamedTuple):
    """What decides on who reads a notice of one channel and what follows.

    Attributes:
        words: `seed_words` of the run's random function.
        delivery: Key of the delivery draw.
        wishes: Key of each wish.
        asking: Key of the draw of information calls.
        read: Share of the people who read it, and of those digitally excluded, over 2 ** 32.
        asks: Share of the adults who ask what it is about, over 2 ** 32.
        asks_within: Days over which they do.
        own_from: Months of age from which minors decide.
        levels: By wish and class (see `Wish`), levels over 2 ** 32.
        bounds: By wish and class, what draws that can lead to it stay below, over 2 ** 32.
    """

    words: Bits
    delivery: np.uint64
    wishes: Bits
    asking: np.uint64
    read: tuple[np.uint64, np.uint64]
    asks: np.uint64
    asks_within: np.uint64
    own_from: int
    levels: Bits
    bounds: Bits


class Block(NamedTuple):
    """People of one cell who go through together, by number.

    Attributes:
        persons: Numbers.
        heads: Adult who receives for each.
        head_cells: Cell of that adult.
        informed: 1 for who reads the notice.
        bits: Room for a draw of each.
    """

    persons: Numbers
    heads: Numbers
    head_cells: Numbers
    informed: Numbers
    bits: Bits


class Harvest(NamedTuple):
    """What the arrival of notices brings about.

    Attributes:
        counts: By cell, from the first cell on, and event.
        wishing: By wish, who sleeps on it.
        thresholds: By wish, until which attention.
        asking: Who asks for information.
        asking_days: How many days later, less one.
        filled: How many there are of each wish, and of those who ask.
    """

    counts: Numbers
    wishing: NDArray[np.int32]
    thresholds: Numbers
    asking: Numbers
    asking_days: Numbers
    filled: Numbers


def terms_of(nation: Nation, *, by_letter: bool) -> Terms:
    """Return what decides on notices of one channel."""
    notice, phone = nation.law.notice, nation.law.phone
    return Terms(
        words=seed_words(nation.random),
        delivery=np.uint64(nation.keys[Slot.DELIVERY]),
        wishes=np.array([nation.keys[Slot.OPPOSE], nation.keys[Slot.ACTIVATE]], dtype=np.uint64),
        asking=np.uint64(nation.keys[Slot.INFORMATION_CALL]),
        read=(
            np.uint64(notice.read_by(by_letter=by_letter, excluded=False)),
            np.uint64(notice.read_by(by_letter=by_letter, excluded=True)),
        ),
        asks=np.uint64(phone.information),
        asks_within=np.uint64(phone.information_days),
        own_from=nation.law.minors.own_from,
        levels=nation.response.levels,
        bounds=nation.response.bounds,
    )


@kernel()
def new_block() -> Block:
    """Return room for a block of people."""
    return Block(
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.uint64),
    )


@kernel()
def new_harvest(people: int, cells: int) -> Harvest:
    """Return room for what so many people in so many cells can bring about."""
    return Harvest(
        np.zeros((cells, 2 * EVENTS), np.int64),
        np.empty((len(WISHES), people), np.int32),
        np.empty((len(WISHES), people), np.int64),
        np.empty(people, np.int64),
        np.empty(people, np.int64),
        np.zeros(len(WISHES) + 1, np.int64),
    )


@kernel()
def look_up(rows: Numbers, traits: Bits, block: Block, count: int, cell: int) -> None:
    """Write the heads, and their cells, of the first people of a block: residents of one cell."""
    persons, heads = block.persons[:count], block.heads[:count]
    head_cells, bits = block.head_cells[:count], block.bits[:count]
    heads[:], head_cells[:] = persons, cell
    place = cell % CELLS
    if place >= CHILD_CELLS or not rows[cell, PARENT_COUNT]:
        return
    first = rows[cell, START]
    if place >= CHILD_CELLS - 2:
        for rank in range(count):
            full = (persons[rank] - first) // MONTHS_PER_BAND
            months = persons[rank] - first - full * MONTHS_PER_BAND
            heads[rank] = full * MINORS_OF_LAST_BAND + min(months, MINORS_OF_LAST_BAND)
    else:
        # The second of two neighbours counts as the first, where they are twins.
        for rank in range(count):
            heads[rank] -= 1
        draw_each(NO_WORDS, traits[TWINS], heads, bits)
        for rank in range(count):
            twin = int((bits[rank] >> _HALF) < traits[TWINS_SHARE])
            heads[rank] -= first - 1 + (twin & (persons[rank] - first) & 1)
    _attach(rows, cell, heads, head_cells)
    if place >= CHILD_CELLS - 2:
        for rank in range(count):
            if (persons[rank] - first) % MONTHS_PER_BAND >= MINORS_OF_LAST_BAND:
                heads[rank], head_cells[rank] = persons[rank], cell


@kernel()
def _attach(rows: Numbers, cell: int, heads: Numbers, head_cells: Numbers) -> None:
    """Write parents, as `head_of` finds them, over the ranks of minors in their cell."""
    before, households = rows[cell, CHILDREN_BEFORE], rows[cell, HOUSEHOLDS]
    parents, count, step = rows[cell, PARENTS], rows[cell, PARENT_COUNT], rows[cell, PARENT_STEP]
    for place in range(len(heads)):
        rank = heads[place] + before
        while rank >= households:
            rank -= households
        head = rank * step >> 32
        heads[place] = parents + head + int((head + 1) * households <= rank * count)
    found = cell
    low, high = rows[cell, START], rows[cell + 1, START]
    for place in range(len(heads)):
        # Parents ascend, but for the few places where the households begin again.
        while heads[place] >= high:
            found += 1
            low, high = high, rows[found + 1, START]
        while heads[place] < low:
            found -= 1
            low, high = rows[found, START], low
        head_cells[place] = found


@kernel()
def receive(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    terms: Terms,
    first: int,
    flags: Bytes,
    block: Block,
    count: int,
    cell: int,
    counts: Numbers,
    harvest: Harvest,
) -> None:
    """Let the first people of a block, residents of one cell, receive their notice.

    As `delivery.attend` does; `first` is the first person of their cell, `counts` are its own.
    """
    persons, heads, informed, bits = block.persons, block.heads, block.informed, block.bits[:count]
    draw_each(terms.words, terms.delivery, heads[:count], bits)
    share, excluded_share = terms.read
    for place in range(count):
        informed[place] = (bits[place] >> _HALF) < share
    if excluded_share < share:
        for place in range(count):
            if flags[heads[place]] & EXCLUDED:
                informed[place] = (bits[place] >> _HALF) < excluded_share
    read = excluded = excluded_read = 0
    for place in range(count):
        person, reads = persons[place], informed[place]
        flag = flags[person]
        flags[person] = flag | reads * INFORMED
        aside = flag // EXCLUDED
        read, excluded, excluded_read = (
            read + reads,
            excluded + aside,
            excluded_read + aside * reads,
        )
    counts[DELIVERED] += count
    counts[READ] += read
    counts[EVENTS + DELIVERED] += excluded
    counts[EVENTS + READ] += excluded_read
    _ask(terms, block, count, harvest)
    _sleep(terms, block, count, cell, first, harvest)


@kernel()
def _ask(terms: Terms, block: Block, count: int, harvest: Harvest) -> None:
    number, persons, heads, bits = (
        harvest.filled[-1],
        block.persons,
        block.heads,
        block.bits[:count],
    )
    asks, within, asking, days = terms.asks, terms.asks_within, harvest.asking, harvest.asking_days
    number = harvest.filled[-1]
    draw_each(terms.words, terms.asking, persons[:count], bits)
    for place in range(count):
        person, drawn = persons[place], bits[place]
        if (drawn >> _HALF) < asks and heads[place] == person:
            asking[number] = person
            days[number] = np.int64(((drawn & _LOW) * within) >> _HALF)
            number += 1
    harvest.filled[-1] = number


@kernel()
def _sleep(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    terms: Terms, block: Block, count: int, cell: int, first: int, harvest: Harvest
) -> None:
    """Let people sleep on their wishes: the deciders take the place of heads from here on."""
    persons, deciders, bits = block.persons, block.heads, block.bits[:count]
    classes, informed = block.head_cells, block.informed
    width = terms.bounds.shape[1] // VARIANTS
    if cell % CELLS < CHILD_CELLS:
        youngest = cell % CELLS // 2 * MONTHS_PER_BAND
        for place in range(count):
            person = persons[place]
            if youngest + (person - first) % MONTHS_PER_BAND >= terms.own_from:
                deciders[place], classes[place] = person, cell
            elif deciders[place] != person:
                classes[place] += CHILD * width
    for place in range(count):
        classes[place] += (1 - informed[place]) * (UNINFORMED * width)
    for wish in range(len(WISHES)):
        draw_each(terms.words, terms.wishes[wish], deciders[:count], bits)
        bounds, number = terms.bounds[wish], harvest.filled[wish]
        for place in range(count):
            drawn = bits[place] >> _HALF
            if drawn < bounds[classes[place]]:
                level = terms.levels[wish, classes[place]]
                harvest.wishing[wish, number] = persons[place]
                harvest.thresholds[wish, number] = np.int64((drawn << _HALF) // level)
                number += 1
        harvest.filled[wish] = number
