# pyright: standard
"""Evenings, compiled: who begins to act on an intention, by which route, and when they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw_each, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import cell_of, head_of, is_protected, next_cell
from etalon_scenarios.cohort.compiled.standing import Everybody, everybody
from etalon_scenarios.cohort.effects import DEEDS
from etalon_scenarios.cohort.people import ACTING, DEAD
from etalon_scenarios.cohort.website import MINUTE_SHIFT
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import CELLS, MONTHS_PER_BAND
from etalon_scenarios.layout_arrays import CHILD_CELLS, START

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.standing import Bytes
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Residents
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

    Outing = tuple[Numbers, Numbers, Mask, Numbers, Numbers]

_HALF: Final = np.uint64(32)
_VISIT_SHIFT: Final = _HALF + MINUTE_SHIFT


class Ways(NamedTuple):
    """What decides on the route of who begins to act.

    Attributes:
        words: `seed_words` of the run's random function.
        route: Key of the draw of the route.
        visit: Key of the draw of the minute of a visit.
        by_phone: By cell of the decider, share of those who call, over 2 ** 32.
        post: Share of those who write to oppose.
        counter: Share of those who go to a counter to oppose.
        own_from: Months of age from which minors decide.
        minutes: Minutes of the day at which visitors come, equally likely.
        activate: Whether they activate, or else oppose.
    """

    words: Bits
    route: np.uint64
    visit: np.uint64
    by_phone: Numbers
    post: int
    counter: int
    own_from: int
    minutes: Numbers
    activate: bool


@kernel()
def _free(people: Everybody, persons: Numbers, deeds: Bytes) -> tuple[Numbers, Bytes]:
    """Return who is free to act and can, of people by number, and their flags."""
    standing, flags, found = people.standing, people.flags, 0
    free, held = np.empty_like(persons), np.empty(len(persons), np.uint8)
    stands = np.empty(len(persons), np.uint8)
    # Short loops: the processor fetches many far bytes at a time.
    for rank in range(len(persons)):
        stands[rank] = standing[persons[rank]]
    for rank in range(len(persons)):
        held[rank] = flags[persons[rank]]
    for rank in range(len(persons)):
        free[found], held[found] = persons[rank], held[rank]
        found += int((deeds[stands[rank]] != 0) & ((held[found] & ACTING) == 0))
    return free[:found], held[:found]


@kernel()
def _look_up(
    residents: Residents, own_from: int, persons: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return cell, head and cell of the decider of people by number."""
    cells, heads = np.empty_like(persons), np.empty_like(persons)
    deciding = np.empty_like(persons)
    layout, newborn_cells, mothers = residents.layout, residents.newborn_cells, residents.mothers
    rows, table, shift, traits = layout.cells, layout.table, layout.shift, layout.traits
    cell, end = 0, residents.size
    for rank in range(len(persons)):
        person = persons[rank]
        if person >= end:
            cells[rank], heads[rank] = newborn_cells[person - end], mothers[person - end]
            deciding[rank] = cell_of(rows, table, shift, heads[rank])
            continue
        cell = next_cell(rows, person, cell)
        head = person
        cells[rank], deciding[rank] = cell, cell
        if cell % CELLS < CHILD_CELLS:
            head = head_of(rows, traits, person, cell)
            age = (
                cell % CELLS // 2 * MONTHS_PER_BAND + (person - rows[cell, START]) % MONTHS_PER_BAND
            )
            if head != person and age < own_from:
                deciding[rank] = cell_of(rows, table, shift, head)
        heads[rank] = head
    return cells, heads, deciding


@kernel()
def _begin(residents: Residents, people: Everybody, ways: Ways, persons: Numbers) -> Outing:
    """Let those act who can: `deciding.begin_to_act`."""
    activate = ways.activate
    persons, held = _free(people, persons, np.ascontiguousarray(DEEDS[:, int(activate)]))
    cells, heads, deciding = _look_up(residents, ways.own_from, persons)
    standing, flags, found = people.standing, people.flags, 0
    for rank in range(len(persons)):
        person, alive = persons[rank], standing[heads[rank]] != DEAD
        if alive:
            flags[person] = held[rank] | ACTING
        persons[found], cells[found], deciding[found] = person, cells[rank], deciding[rank]
        found += int(alive)
    persons, bits = persons[:found], np.empty(found, np.uint64)
    draw_each(ways.words, ways.route, persons, bits)
    callers, writers, surfers = np.empty(found, np.int64), np.empty(found, np.int64), persons
    by_post, number = np.empty(found, np.bool_), np.zeros(3, np.int64)
    rows, traits = residents.layout.cells, residents.layout.traits
    by_phone, post, counter, size = ways.by_phone, ways.post, ways.counter, residents.size
    for rank in range(found):
        person, drawn = persons[rank], np.int64(bits[rank] >> _HALF)
        share = by_phone[deciding[rank]]
        in_charge = not activate and person < size
        in_charge = in_charge and is_protected(rows, traits, person, cells[rank])
        phones = drawn < share and not in_charge
        writes = in_charge or (not activate and not phones and drawn < share + post + counter)
        callers[number[0]], writers[number[1]], surfers[number[2]] = person, person, person
        by_post[number[1]] = in_charge or drawn < share + post
        number[0] += int(phones)
        number[1] += int(writes)
        number[2] += int(not (phones or writes))
    surfers = surfers[: number[2]]
    minutes = _minutes(ways, surfers, bits)
    return callers[: number[0]], writers[: number[1]], by_post[: number[1]], surfers, minutes


@kernel()
def _minutes(ways: Ways, persons: Numbers, bits: Bits) -> Numbers:
    """Draw the minute of the day at which each comes first: `website.visit_minutes`."""
    found = np.empty_like(persons)
    draw_each(ways.words, ways.visit, persons, bits[: len(persons)])
    for rank in range(len(persons)):
        found[rank] = ways.minutes[bits[rank] >> _VISIT_SHIFT]
    return found


def begin_to_act(nation: Nation, persons: Numbers, activate: bool) -> Outing:  # noqa: FBT001
    """Let those act who are free to: `deciding.begin_to_act`."""
    acting, people = nation.law.acting, nation.people
    ways = Ways(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.ROUTE]),
        np.uint64(nation.keys[Slot.WEB_VISIT]),
        nation.by_phone,
        acting.post,
        acting.counter,
        nation.law.minors.own_from,
        nation.web_minutes,
        activate,
    )
    found: Outing = _begin(people.residents(), everybody(people), ways, persons)
    return found
