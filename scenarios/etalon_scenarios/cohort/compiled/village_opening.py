# pyright: standard
"""The batch that opens spaces in a village, and the codes that end unused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    AT,
    CLOSINGS,
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
from etalon_scenarios.cohort.compiled.village_acts import CLOSING, closing_day
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
    from etalon_scenarios.layout_arrays import People as Numbers

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
        waiting = village.queue[turns[sent, AT] : turns[sent, STOP]]
        gone, left = _open(village, waiting, sent, left, day)
        turns[sent, AT] += gone
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
    sums, words = village.books.sums, village.retrying[: village.books.sums[RETRYING]]
    first = int(np.searchsorted(words, sent << WORD))
    last = int(np.searchsorted(words, (sent + 1) << WORD))
    if first == last:
        return left
    gone, left = _open(village, words[first:last] & ((1 << WORD) - 1), sent, left, day)
    words[first : len(words) - gone] = words[first + gone :].copy()
    sums[RETRYING] -= gone
    return left


@kernel()
def _open(village: Village, persons: Numbers, sent: int, left: int, day: int) -> tuple[int, int]:
    """Open spaces that are due, by number, as long as places are left: `Batch._open_group`.

    Returns:
        How many people were gone through, and the places left.
    """
    folk, books, rules, lists = village.folk, village.books, village.rules, village.lists
    pool, sums, words, keys = village.pool, books.sums, village.words, village.keys
    gone = opened = 0
    while gone < len(persons) and left:
        person = persons[gone]
        gone += 1
        held = folk[person, FLAGS]
        due = folk[person, STANDING] == NOTIFIED and folk[person, SENT] == sent
        too_young = not rules.minors_opened and folk[person, TRAITS] & MINOR != 0
        if not due or held & AWAITS_LETTER or too_young:
            continue
        channel = 2 if held & BY_LETTER else 1
        drawn = np.int64(draw(words, keys[_OPENING], person) >> _HALF)
        if drawn < rules.impossible and not held & RETRIED:
            folk[person, FLAGS] = held | RETRIED
            note(books, folk, person, channel, _FAILED)
            enter_pool(pool, sums, lists, RETRIES, day + rules.retry_days, person, sent)
            continue
        folk[person, STANDING] = UNSEEN
        note(books, folk, person, channel, _OPENED)
        if not held & INFORMED:
            note(books, folk, person, channel, _BLANK)
        closes = closing_day(words, keys[CLOSING], rules.closing, rules.days, person, day)
        enter_pool(pool, sums, lists, CLOSINGS, closes, person, 0)
        opened, left = opened + 1, left - 1
    books.ages[_CURVE, day - sent] += opened
    return gone, left


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
