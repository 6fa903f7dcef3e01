# pyright: standard
"""Sending and delivering notices, compiled: one pass a person in place of ten passes of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.campaign import CHANNEL_SHIFT, Dispatch
from etalon_scenarios.cohort.compiled.draws import draw_each
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.receiving import (
    BLOCK,
    DELIVERED,
    EVENTS,
    READ,
    WISHES,
    Block,
    Harvest,
    Terms,
    look_up,
    new_block,
    new_harvest,
    receive,
    terms_of,
)
from etalon_scenarios.cohort.compiled.residents import cell_of
from etalon_scenarios.cohort.compiled.standing import Everybody, everybody
from etalon_scenarios.cohort.delivery import EMAIL, LETTER, Arrival
from etalon_scenarios.cohort.people import EXCLUDED, NOTIFIED, WAITING
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import Slot
from etalon_scenarios.law import NEVER
from etalon_scenarios.layout_arrays import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from etalon_scenarios.cohort.compiled.standing import Bytes
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Residents
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import LayoutTables
    from etalon_scenarios.layout_arrays import People as Numbers


AT_ONCE: Final = 8
"""Ranges gone through together, at most: room is made for all who might answer."""

_LOW: Final = np.uint64((1 << 32) - 1)
_SIXTEEN: Final = np.uint64(SIXTEEN_BITS - 1)


class Mail(NamedTuple):
    """What decides on how notices are sent.

    Attributes:
        notice: Key of the notice draw.
        email: By cell of the head, what bits 0 to 31 of the draw stay below for an e-mail.
        bounce: Share of e-mails that fail, over 2 ** 16.
        letter_to_excluded: Whether people digitally excluded are sent letters.
    """

    notice: np.uint64
    email: Bits
    bounce: np.uint64
    letter_to_excluded: bool


class Outbox(NamedTuple):
    """What is sent.

    Attributes:
        counts: E-mails by cell, from the first cell on; those to people digitally excluded.
        by_letter: Who is to be sent a letter.
        failed: Whose e-mail fails.
        filled: How many there are of both.
    """

    counts: Numbers
    by_letter: Numbers
    failed: Numbers
    filled: Numbers


@kernel()
def new_outbox(people: int, cells: int) -> Outbox:
    """Return room for what is sent to so many people in so many cells."""
    return Outbox(
        np.zeros((cells, 2), np.int64),
        np.empty(people, np.int64),
        np.empty(people, np.int64),
        np.zeros(2, np.int64),
    )


def notify_within(nation: Nation, spans: Sequence[tuple[int, int]]) -> Iterable[Dispatch]:
    """Send today's notices to residents in some ranges, as `campaign.notify` does."""
    for first in range(0, len(spans), AT_ONCE):
        yield _notify_some(nation, spans[first : first + AT_ONCE])


def _notify_some(nation: Nation, spans: Sequence[tuple[int, int]]) -> Dispatch:
    people, notice, today = nation.people, nation.law.notice, nation.counts
    mail = Mail(
        np.uint64(nation.keys[Slot.NOTICE]),
        nation.email << CHANNEL_SHIFT,
        np.uint64(notice.bounce),
        notice.letter_to_excluded,
    )
    low, edges = people.layout.edges_between(spans[0][0], spans[-1][1])
    outbox, harvest = _notify(
        people.residents().layout,
        terms_of(nation, by_letter=False),
        mail,
        everybody(people),
        nation.day,
        np.array(spans),
        (low, len(edges) - 1),
    )
    emails, excluded = outbox.counts.T
    for counter in ("notified", "sent_email"):
        today.note_cells(counter, EMAIL, low, emails)
    if notice.excluded:
        today.note_excluded_cells("notified", low, excluded)
    arrival = _arrival(nation, harvest, EMAIL, low)
    letters, failures = outbox.filled.tolist()
    failed, by_letter = outbox.failed[:failures].copy(), outbox.by_letter[:letters].copy()
    return Dispatch(arrival, int(emails.sum()), failed, by_letter)


def deliver(nation: Nation, persons: Numbers) -> Arrival:
    """Let residents, by number, receive a letter today, as `delivery.attend` does."""
    people, terms = nation.people, terms_of(nation, by_letter=True)
    low, edges = people.layout.edges_in_order(persons)
    harvest = _deliver(people.residents().layout, terms, people.flags, persons, low, edges)
    return _arrival(nation, harvest, LETTER, low)


def deliver_to_newborns(nation: Nation, persons: Numbers) -> Arrival:
    """Let children born during the run receive a letter today, as `delivery.attend` does."""
    people = nation.people
    # Whatever the age from which minors decide, they are too young.
    terms = terms_of(nation, by_letter=True)._replace(own_from=NEVER)
    harvest = _deliver_to_newborns(people.residents(), terms, people.flags, persons)
    return _arrival(nation, harvest, LETTER, 0)


def _arrival(nation: Nation, harvest: Harvest, channel: int, low: int) -> Arrival:
    arrival, counts = Arrival(), harvest.counts.T
    for event, counter in ((DELIVERED, "delivered"), (READ, "read")):
        nation.counts.note_cells(counter, channel, low, counts[event])
        if nation.law.notice.excluded:
            nation.counts.note_excluded_cells(counter, low, counts[EVENTS + event])
    *numbers, asking = harvest.filled.tolist()
    for wish, number in enumerate(numbers):
        thresholds = harvest.wishing[wish, :number].copy(), harvest.thresholds[wish, :number].copy()
        arrival.thresholds.append((WISHES[wish], thresholds))
    arrival.asking = harvest.asking[:asking].copy()
    arrival.asking_days = harvest.asking_days[:asking].copy()
    return arrival


@kernel()
def _notify(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    layout: LayoutTables,
    terms: Terms,
    mail: Mail,
    people: Everybody,
    day: int,
    spans: Numbers,
    cells: tuple[int, int],
) -> tuple[Outbox, Harvest]:
    size = int((spans[:, 1] - spans[:, 0]).sum())
    block, harvest, outbox = new_block(), new_harvest(size, cells[1]), new_outbox(size, cells[1])
    marks = np.empty(BLOCK, np.uint8)
    rows, traits = layout.cells, layout.traits
    for rank in range(len(spans)):
        begin, last = spans[rank, 0], spans[rank, 1]
        cell = int(np.searchsorted(rows[:, START], begin, side="right")) - 1
        while begin < last:
            end = min(begin + BLOCK, last, rows[cell + 1, START])
            count = _choose(people, day, begin, end, block.persons, marks)
            if count:
                look_up(rows, traits, block, count, cell)
                draw_each(terms.words, mail.notice, block.heads[:count], block.bits[:count])
                row = cell - cells[0]
                count = _send(mail, people, block, count, outbox.counts[row], outbox)
                first, counts = rows[cell, START], harvest.counts[row]
                receive(terms, first, people.flags, block, count, cell, counts, harvest)
            begin = end
            if end == rows[cell + 1, START]:
                cell += 1
    return outbox, harvest


@kernel()
def _choose(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    people: Everybody, day: int, begin: int, end: int, persons: Numbers, marks: Bytes
) -> int:
    """Write who of some neighbours is sent a notice today; return how many."""
    sent, standing = people.sent[begin:end], people.standing[begin:end]
    number = count = np.int64(0)
    for place in range(end - begin):
        marks[place] = (sent[place] == day) & (standing[place] == WAITING)
    for place in range(end - begin):
        number += np.int64(marks[place])
    if number:
        for place in range(end - begin):
            persons[count] = begin + place
            count += np.int64(marks[place])
    return int(number)


@kernel()
def _send(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    mail: Mail, people: Everybody, block: Block, count: int, counts: Numbers, outbox: Outbox
) -> int:
    """Send the first people of a block their notice; keep those whom it reaches at once."""
    standing, flags, email = people.standing, people.flags, mail.email
    persons, heads, head_cells, bits = block.persons, block.heads, block.head_cells, block.bits
    by_letter, failed = outbox.by_letter, outbox.failed
    letters, failures = outbox.filled
    emails = excluded = arriving = 0
    for place in range(count):
        person, head, head_cell, drawn = (
            persons[place],
            heads[place],
            head_cells[place],
            bits[place],
        )
        by_email = (drawn & _LOW) < email[head_cell]
        if mail.letter_to_excluded:
            by_email &= flags[head] < EXCLUDED
        fails = (drawn & _SIXTEEN) < mail.bounce
        by_letter[letters], failed[failures] = person, person
        persons[arriving], heads[arriving], head_cells[arriving] = person, head, head_cell
        letters += int(not by_email)
        failures += int(by_email & fails)
        arriving += int(by_email & (not fails))
        standing[person] = by_email * NOTIFIED
        emails += by_email
        excluded += by_email * (flags[person] // EXCLUDED)
    outbox.filled[:] = letters, failures
    counts[0] += emails
    counts[1] += excluded
    return arriving


@kernel()
def _deliver(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    layout: LayoutTables, terms: Terms, flags: Bytes, persons: Numbers, first: int, edges: Numbers
) -> Harvest:
    block, harvest = new_block(), new_harvest(len(persons), len(edges) - 1)
    rows, traits = layout.cells, layout.traits
    for row in range(len(edges) - 1):
        cell, end = first + row, edges[row + 1]
        for start in range(edges[row], end, BLOCK):
            count = min(BLOCK, end - start)
            block.persons[:count] = persons[start : start + count]
            look_up(rows, traits, block, count, cell)
            counts = harvest.counts[row]
            receive(terms, rows[cell, START], flags, block, count, cell, counts, harvest)
    return harvest


@kernel()
def _deliver_to_newborns(
    residents: Residents, terms: Terms, flags: Bytes, persons: Numbers
) -> Harvest:
    layout, newborn_cells, mothers = residents.layout, residents.newborn_cells, residents.mothers
    rows, table, shift, size = layout.cells, layout.table, layout.shift, residents.size
    block, harvest = new_block(), new_harvest(len(persons), len(rows) - 1)
    for rank in range(len(persons)):
        person = persons[rank]
        mother, cell = int(mothers[person - size]), int(newborn_cells[person - size])
        block.persons[0], block.heads[0] = person, mother
        block.head_cells[0] = cell_of(rows, table, shift, mother)
        receive(terms, person, flags, block, 1, cell, harvest.counts[cell], harvest)
    return harvest
