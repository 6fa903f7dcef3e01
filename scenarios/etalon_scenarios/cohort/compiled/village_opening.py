# pyright: standard
"""The batch that opens spaces in a village, and the codes that end unused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    AT,
    ENTRY_DETAIL,
    ENTRY_PERSON,
    EXPIRES,
    FLAGS,
    IN_TURN,
    MAILED,
    MINOR,
    RETRIES,
    RETRYING,
    RUNNING,
    SENT,
    STANDING,
    STOP,
    TRAITS,
    TURN,
)
from etalon_scenarios.cohort.compiled.village_acts import plan_closing
from etalon_scenarios.cohort.compiled.village_books import enter_pool, note, pooled
from etalon_scenarios.cohort.counting import WORD
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    INFORMED,
    NOTIFIED,
    REGENERATED,
    RETRIED,
    UNSEEN,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.ledger import COUNT, CURVES

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Village

_HALF: Final = np.uint64(32)
_OPENING: Final = int(Slot.OPENING)
_CURVE: Final = CURVES.index("opened_automatically")
_OPENED, _BLANK, _FAILED, _EXPIRED = (
    COUNT[name]
    for name in ("opened_automatically", "opened_uninformed", "opening_failed", "codes_expired")
)


@kernel()
def open_spaces(village: Village, day: int) -> None:
    """Open what the day's quota allows, by (day of the notice, person): `opening.Batch`."""
    left, turns = village.rules.per_day, village.turns
    if day < village.rules.starts:
        return
    _begin_turns(village, day)
    _try_again(village, day)
    for sent in range(day + 1):
        if not turns[sent, RUNNING]:
            continue
        left = _open_retries(village, sent, left, day)
        at = turns[sent, AT]
        while left and at < turns[sent, STOP]:
            left -= _open(village, int(village.queue[at]), sent, day)
            at += 1
        turns[sent, AT] = at
        if not left:
            return
        turns[sent, RUNNING] = 0


@kernel()
def _begin_turns(village: Village, day: int) -> None:
    """Line up the people of the days of sending whose turn begins today."""
    sums, turns = village.books.sums, village.turns
    for sent in range(day + 1):
        if village.calendar[sent, TURN] == day:
            begin = sums[IN_TURN]
            for entry in pooled(village.pool, village.lists, MAILED, sent):
                village.queue[sums[IN_TURN]] = village.pool[entry, ENTRY_PERSON]
                sums[IN_TURN] += 1
            village.queue[begin : sums[IN_TURN]].sort()
            turns[sent, :] = begin, sums[IN_TURN], 1


@kernel()
def _try_again(village: Village, day: int) -> None:
    """Add those whose opening is tried again from today on."""
    sums = village.books.sums
    for entry in pooled(village.pool, village.lists, RETRIES, day):
        sent = int(village.pool[entry, ENTRY_DETAIL])
        village.retrying[sums[RETRYING]] = sent << WORD | village.pool[entry, ENTRY_PERSON]
        sums[RETRYING] += 1
        village.turns[sent, RUNNING] = 1
    village.retrying[: sums[RETRYING]].sort()


@kernel()
def _open_retries(village: Village, sent: int, left: int, day: int) -> int:
    """Try again for people of one day of sending; return what is left of the quota."""
    sums, retrying, kept = village.books.sums, village.retrying, 0
    for rank in range(sums[RETRYING]):
        word = retrying[rank]
        if left and word >> WORD == sent:
            left -= _open(village, word & ((1 << WORD) - 1), sent, day)
        else:
            retrying[kept] = word
            kept += 1
    sums[RETRYING] = kept
    return left


@kernel()
def _open(village: Village, person: int, sent: int, day: int) -> int:
    """Open a space that is due, or note its failure; return the places of the quota it takes."""
    folk, books, rules = village.folk, village.books, village.rules
    held = folk[person, FLAGS]
    due = folk[person, STANDING] == NOTIFIED and folk[person, SENT] == sent
    if not due or held & AWAITS_LETTER:
        return 0
    if not rules.minors_opened and folk[person, TRAITS] & MINOR:
        return 0
    channel = 2 if held & BY_LETTER else 1
    drawn = np.int64(draw(village.words, village.keys[_OPENING], person) >> _HALF)
    if drawn < rules.impossible and not held & RETRIED:
        folk[person, FLAGS] = held | RETRIED
        note(books, folk, person, channel, _FAILED)
        again, lists = day + rules.retry_days, village.lists
        enter_pool(village.pool, books.sums, lists, RETRIES, again, person, sent)
        return 0
    folk[person, STANDING] = UNSEEN
    note(books, folk, person, channel, _OPENED)
    if not held & INFORMED:
        note(books, folk, person, channel, _BLANK)
    books.ages[_CURVE, day - sent] += 1
    plan_closing(village, person, day)
    return 1


@kernel()
def expire_codes(village: Village, day: int) -> None:
    """Count the codes that end unused with the day (LIF-07): `expiry`."""
    folk, pool, calendar = village.folk, village.pool, village.calendar
    for sent in range(day + 1):
        if calendar[sent, EXPIRES] != day:
            continue
        for entry in pooled(pool, village.lists, MAILED, sent):
            person = int(pool[entry, ENTRY_PERSON])
            unused = folk[person, STANDING] in (NOTIFIED, UNSEEN) and folk[person, SENT] == sent
            if unused and not folk[person, FLAGS] & REGENERATED:
                channel = 2 if folk[person, FLAGS] & BY_LETTER else 1
                note(village.books, folk, person, channel, _EXPIRED)
