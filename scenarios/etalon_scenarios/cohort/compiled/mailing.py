# pyright: standard
"""The plan of the waves and the posting of letters, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw_each, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.receiving import BLOCK, look_up, new_block
from etalon_scenarios.cohort.compiled.residents import NO_WORDS
from etalon_scenarios.cohort.compiled.standing import Everybody, everybody
from etalon_scenarios.cohort.delivery import EMAIL, LETTER
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    EXCLUDED,
    NO_CODE,
    NOTIFIED,
    REGENERATED,
    UNSEEN,
)
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.layout_arrays import START

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.compiled.standing import Bytes
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.waves import Itinerary
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import LayoutTables
    from etalon_scenarios.layout_arrays import People as Numbers

    Stored = NDArray[np.int32]

_HALF: Final = np.uint64(32)
_SIXTEEN: Final = np.uint64(SIXTEEN_BITS - 1)
_DELAY_SHIFT: Final = np.uint64(FIELDS["post_delay"].shift)
_TABLE_SHIFT: Final = np.uint64(20)
_KEPT: Final = ~(AWAITS_LETTER | NO_CODE | BY_LETTER) & 0xFF


class Posted(NamedTuple):
    """What letters posted today come to.

    Attributes:
        counts: By cell, from the first cell on: letters, first notices, those of the first
            notices that go to people digitally excluded.
        fates: Their addressees by fate, then by number.
        edges: Where each fate begins, and the end.
        replaced: By day, notices that these letters replace.
    """

    counts: Numbers
    fates: Stored
    edges: Numbers
    replaced: Numbers


class Post(NamedTuple):
    """What decides on the fate of letters.

    Attributes:
        words: `seed_words` of the run's random function.
        delivery: Key of the delivery draw.
        delays: Fate of each position over 2 ** 16.
        undelivered: Share that nobody receives, over 2 ** 16.
        longest: Their fate, the last one.
        days: Days of the run.
    """

    words: Bits
    delivery: np.uint64
    delays: Bytes
    undelivered: np.uint64
    longest: int
    days: int


def mark_excluded(nation: Nation, key: int, shares: Bits, first: int, last: int) -> None:
    """Mark the residents from `first` to `last` - 1 who are digitally excluded."""
    layout = nation.people.layout
    _mark(np.uint64(key), shares, layout.starts, nation.people.flags, first, last)


def plan_days(nation: Nation, found: Itinerary, first: int, last: int) -> None:
    """Write the day of the notice of each resident of a département that has several."""
    people, words = nation.people, seed_words(nation.random)
    plan = found.days.astype(people.sent.dtype), found.steps, found.table
    key = np.uint64(nation.keys[Slot.NOTICE])
    _plan(people.residents().layout, words, key, plan, people.sent, first, last)


def post(nation: Nation, persons: Numbers, delays: Bytes, longest: int) -> tuple[int, Posted]:
    """Post letters to residents, by number; return the first cell, and what they come to."""
    low, edges = nation.people.layout.edges_in_order(persons)
    terms = Post(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.DELIVERY]),
        delays,
        np.uint64(nation.law.notice.undelivered),
        longest,
        nation.law.days,
    )
    tables = nation.people.residents().layout
    return low, _post(tables, terms, everybody(nation.people), nation.day, persons, low, edges)


def count_unused(nation: Nation, sent: int, spans: list[tuple[int, int]]) -> None:
    """Count the codes of one day of sending that end unused, of residents in some ranges."""
    if not spans:
        return
    low, edges = nation.people.layout.edges_between(spans[0][0], spans[-1][1])
    starts = edges + spans[0][0]
    counts = _count_unused(everybody(nation.people), sent, np.array(spans), starts)
    nation.counts.note_cells("codes_expired", EMAIL, low, counts[0])
    nation.counts.note_cells("codes_expired", LETTER, low, counts[1])


@kernel()
def _count_unused(people: Everybody, sent: int, spans: Numbers, starts: Numbers) -> Numbers:
    """Count unused codes by channel and cell; `starts` parts people by cell."""
    counts = np.zeros((2, len(starts) - 1), np.int64)
    row, rank = 0, 0
    while rank < len(spans) and row < len(starts) - 1:
        begin, end = max(spans[rank, 0], starts[row]), min(spans[rank, 1], starts[row + 1])
        standing, flags, days = (
            people.standing[begin:end],
            people.flags[begin:end],
            people.sent[begin:end],
        )
        letters = unused = np.int32(0)
        for place in range(end - begin):
            stands = (standing[place] == NOTIFIED) | (standing[place] == UNSEEN)
            one = np.int32(stands & (days[place] == sent) & ((flags[place] & REGENERATED) == 0))
            unused += one
            letters += one & np.int32((flags[place] & BY_LETTER) != 0)
        counts[0, row] += unused - letters
        counts[1, row] += letters
        if starts[row + 1] <= spans[rank, 1]:
            row += 1
        else:
            rank += 1
    return counts


@kernel()
def _mark(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    key: np.uint64, shares: Bits, starts: Numbers, flags: Bytes, first: int, last: int
) -> None:
    persons, bits = np.arange(first, first + BLOCK), np.empty(BLOCK, np.uint64)
    cell = int(np.searchsorted(starts, first, side="right")) - 1
    begin = first
    while begin < last:
        end = min(begin + BLOCK, last, starts[cell + 1])
        for place in range(end - begin):
            persons[place] = begin + place
        draw_each(NO_WORDS, key, persons[: end - begin], bits)
        share, within = shares[cell], flags[begin:end]
        for place in range(end - begin):
            within[place] |= np.uint8((bits[place] >> _HALF) < share) * np.uint8(EXCLUDED)
        begin = end
        if end == starts[cell + 1]:
            cell += 1


@kernel()
def _plan(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    layout: LayoutTables,
    words: Bits,
    key: np.uint64,
    plan: tuple[NDArray[np.generic], Bits, Numbers],
    sent: NDArray[np.generic],
    first: int,
    last: int,
) -> None:
    block, (days, steps, table) = new_block(), plan
    persons, bits, rows, traits = block.persons, block.bits, layout.cells, layout.traits
    cell = int(np.searchsorted(rows[:, START], first, side="right")) - 1
    begin = first
    while begin < last:
        end = min(begin + BLOCK, last, rows[cell + 1, START])
        for place in range(end - begin):
            persons[place] = begin + place
        look_up(rows, traits, block, end - begin, cell)
        draw_each(words, key, block.heads[: end - begin], bits)
        if len(days) == 2:  # noqa: PLR2004 (a day and the next, as most départements have)
            for place in range(end - begin):
                sent[begin + place] = days[1] if (bits[place] >> _HALF) >= steps[0] else days[0]
        else:
            for place in range(end - begin):
                position = bits[place] >> _HALF
                rank = table[position >> _TABLE_SHIFT]
                while position >= steps[rank]:
                    rank += 1
                sent[begin + place] = days[rank]
        begin = end
        if end == rows[cell + 1, START]:
            cell += 1


@kernel()
def _post(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    layout: LayoutTables,
    terms: Post,
    people: Everybody,
    day: int,
    letters: Numbers,
    first: int,
    edges: Numbers,
) -> Posted:
    counts = np.zeros((len(edges) - 1, 3), np.int64)
    fates, replaced = np.empty(len(letters), np.uint8), np.zeros(terms.days, np.int64)
    block = new_block()
    for row in range(len(edges) - 1):
        for start in range(edges[row], edges[row + 1], BLOCK):
            count = min(BLOCK, edges[row + 1] - start)
            block.persons[:count] = letters[start : start + count]
            look_up(layout.cells, layout.traits, block, count, first + row)
            draw_each(terms.words, terms.delivery, block.heads[:count], block.bits)
            _cast(terms, block.bits[:count], fates[start : start + count])
            _stamp(people, day, block.persons[:count], counts[row], replaced)
    ends = np.zeros(terms.longest + 2, np.int64)
    for place in range(len(letters)):
        ends[fates[place] + 1] += 1
    ends = np.cumsum(ends)
    filled, sorted_out = ends.copy(), np.empty(len(letters), np.int32)
    for place in range(len(letters)):
        fate = fates[place]
        sorted_out[filled[fate]] = letters[place]
        filled[fate] += 1
    return Posted(counts, sorted_out, ends, replaced)


@kernel()
def _cast(terms: Post, bits: Bits, fates: Bytes) -> None:
    """Write the fate of each letter: its delay, or that nobody will receive it."""
    delays, undelivered, longest = terms.delays, terms.undelivered, terms.longest
    for place in range(len(bits)):
        drawn = bits[place]
        lost = (drawn & _SIXTEEN) < undelivered
        fates[place] = longest if lost else delays[(drawn >> _DELAY_SHIFT) & _SIXTEEN]


@kernel()
def _stamp(
    people: Everybody, day: int, persons: Numbers, counts: Numbers, replaced: Numbers
) -> None:
    """Note where the addressees of one cell stand once their letters have left."""
    standing, flags, sent = people.standing, people.flags, people.sent
    notified = excluded = 0
    for place in range(len(persons)):
        person = persons[place]
        flag = flags[person]
        if flag & AWAITS_LETTER:
            replaced[int(sent[person])] += 1
        else:
            notified += 1
            excluded += flag // EXCLUDED
        sent[person] = day
        standing[person] = NOTIFIED
        flags[person] = (flag & _KEPT) | BY_LETTER
    counts[0] += len(persons)
    counts[1] += notified
    counts[2] += excluded
