# pyright: standard
"""The post of a village: notices sent, printed, delivered, failed; and the civil registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.attention import COHORT_SHIFT, HIGHEST
from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    ARRIVING,
    BIRTHS,
    BOUNCES,
    CELL,
    DEATHS,
    DECIDES_ALONE,
    DREAMERS,
    EMAIL_LIMIT,
    FLAGS,
    HEAD,
    MAIL_DAY,
    MAILED,
    MINOR,
    NEWCOMERS_DAY,
    NOBODY,
    NUMBER,
    OPEN_DAY,
    PILE,
    PLANNED,
    QUESTION,
    QUESTIONS,
    RETURNING,
    SENT,
    STANDING,
    TOLD,
    TRAITS,
    WORKING,
)
from etalon_scenarios.cohort.compiled.village_books import (
    channel_of,
    enter,
    enter_pool,
    note,
    take,
)
from etalon_scenarios.cohort.delivery import EMAIL, INFORMATION_ATTEMPT, LETTER
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    DEAD,
    EXCLUDED,
    INFORMED,
    NO_CODE,
    NOTIFIED,
    WAITING,
)
from etalon_scenarios.cohort.response import CHILD, UNINFORMED, VARIANTS
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Village
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64((1 << 32) - 1)
_SIXTEEN: Final = np.uint64(SIXTEEN_BITS - 1)
_POST_SHIFT: Final = np.uint64(16)
_NOTICE, _DELIVERY, _NEWBORN, _ASKING = (
    int(slot) for slot in (Slot.NOTICE, Slot.DELIVERY, Slot.NEWBORN, Slot.INFORMATION_CALL)
)
_WISHES: Final = (int(Slot.OPPOSE), int(Slot.ACTIVATE))
_NOTIFIED, _EMAILED, _LETTER_SENT, _BOUNCED, _UNDELIVERED, _DELIVERED, _READ, _BORN, _DIED = (
    COUNT[name]
    for name in (
        *("notified", "sent_email", "sent_letter", "bounced", "undelivered"),
        *("delivered", "read", "born", "died"),
    )
)


@kernel()
def record_vital_events(village: Village, day: int) -> None:
    """Record the day's deaths, then its births: `registry.run_registry`."""
    folk, books, calendar, sums = village.folk, village.books, village.calendar, village.books.sums
    dying, mothers = village.vital
    for rank in range(calendar[day, DEATHS], calendar[day + 1, DEATHS]):
        person = int(dying[rank])
        note(books, folk, person, channel_of(folk, person), _DIED)
        folk[person, STANDING] = DEAD
    key = village.keys[_NEWBORN]
    for rank in range(calendar[day, BIRTHS], calendar[day + 1, BIRTHS]):
        mother = int(mothers[rank])
        if folk[mother, STANDING] == DEAD:
            continue
        child = sums[NUMBER]
        sums[NUMBER] += 1
        drawn = np.int64(draw(village.words, key, child) >> _HALF)
        boy = int(drawn >= village.rules.newborn_girls)
        folk[child, CELL] = folk[mother, CELL] // CELLS * CELLS + boy
        folk[child, HEAD], folk[child, TRAITS] = mother, MINOR
        note(books, folk, child, channel_of(folk, child), _BORN)


@kernel()
def send_notices(village: Village, day: int) -> None:
    """Notify the newcomers of the week, then whom the campaign plans: `campaign`."""
    calendar, sums, folk = village.calendar, village.books.sums, village.folk
    if calendar[day, NEWCOMERS_DAY]:
        told = sums[TOLD]
        sums[TOLD] = sums[NUMBER]
        _notify(village, np.arange(told, sums[NUMBER]), day)
    persons = np.empty(calendar[day + 1, PLANNED] - calendar[day, PLANNED], np.int64)
    number = 0
    for rank in range(calendar[day, PLANNED], calendar[day + 1, PLANNED]):
        persons[number] = village.planned[rank]
        number += int(folk[village.planned[rank], STANDING] == WAITING)
    _notify(village, persons[:number], day)


@kernel()
def _notify(village: Village, persons: Numbers, day: int) -> None:
    """Send notices by e-mail to whom the insurer knows an address of: `campaign.notify`."""
    folk, rules, books, lists = village.folk, village.rules, village.books, village.lists
    words, key, cells = village.words, village.keys[_NOTICE], village.cells
    arriving, number = np.empty(len(persons), np.int64), 0
    for rank in range(len(persons)):
        person = persons[rank]
        head = folk[person, HEAD]
        bits = draw(words, key, head)
        by_email = np.int64(bits & _LOW) < cells[folk[head, CELL], EMAIL_LIMIT]
        if rules.letter_to_excluded and folk[head, FLAGS] & EXCLUDED:
            by_email = False
        if not by_email:
            enter(folk, lists, PILE, day, person)
            continue
        folk[person, STANDING], folk[person, SENT] = NOTIFIED, day
        books.notices[day] += 1
        enter_pool(village.pool, books.sums, lists, MAILED, day, person, 0)
        note(books, folk, person, EMAIL, _NOTIFIED)
        note(books, folk, person, EMAIL, _EMAILED)
        if np.int64(bits & _SIXTEEN) < rules.bounce:
            enter(folk, lists, BOUNCES, day + rules.bounce_days, person)
        else:
            arriving[number] = person
            number += 1
    _receive(village, arriving[:number], 0, day)


@kernel()
def _receive(village: Village, persons: Numbers, by_letter: int, day: int) -> None:
    """Let people receive their notice: read it or not, sleep on it, ask: `delivery.attend`."""
    folk, books, rules = village.folk, village.books, village.rules
    words, key, channel = village.words, village.keys[_DELIVERY], EMAIL + by_letter
    by_all = rules.read[1] if by_letter else rules.read[0]
    by_excluded = by_all if by_letter else min(by_all, rules.read_excluded)
    informed = np.empty(len(persons), np.bool_)
    for rank in range(len(persons)):
        person = persons[rank]
        head = folk[person, HEAD]
        share = by_excluded if folk[head, FLAGS] & EXCLUDED else by_all
        note(books, folk, person, channel, _DELIVERED)
        informed[rank] = np.int64(draw(words, key, head) >> _HALF) < share
        if informed[rank]:
            folk[person, FLAGS] |= INFORMED
            note(books, folk, person, channel, _READ)
    _dream(village, persons, informed)
    _ask(village, persons, day)


@kernel()
def _ask(village: Village, persons: Numbers, day: int) -> None:
    """Let adults call for information on a later day, or not."""
    rules, folk, lists, calendar = village.rules, village.folk, village.lists, village.calendar
    words, key, share = village.words, village.keys[_ASKING], rules.information
    for rank in range(len(persons)):
        person = persons[rank]
        if folk[person, HEAD] != person:
            continue
        bits = draw(words, key, person)
        if np.int64(bits >> _HALF) < share:
            due = day + 1 + (np.int64(bits & _LOW) * rules.information_days >> 32)
            if due < rules.days:
                folk[person, QUESTION] = INFORMATION_ATTEMPT
                enter(folk, lists, QUESTIONS, int(calendar[due, OPEN_DAY]), person)


@kernel()
def _dream(village: Village, persons: Numbers, informed: Mask) -> None:
    """Let people sleep on the wishes that this run can lead to: `Wish.thresholds`."""
    folk, sums, words, keys = village.folk, village.books.sums, village.words, village.keys
    bounds, levels = village.bounds, village.levels
    dreamers, asleep = village.sleep.dreamers, village.sleep.words
    width = bounds.shape[1] // VARIANTS
    for rank in range(len(persons)):
        person = persons[rank]
        decider = int(person if folk[person, TRAITS] & DECIDES_ALONE else folk[person, HEAD])
        kind = folk[decider, CELL] + int(decider != person) * CHILD * width
        kind += int(not informed[rank]) * UNINFORMED * width
        for wish in range(len(_WISHES)):
            drawn = draw(words, keys[_WISHES[wish]], decider) >> _HALF
            if np.int64(drawn) < bounds[wish, kind]:
                threshold = int(np.int64((drawn << _HALF) // levels[wish, kind]))
                word = np.int64(folk[person, SENT]) << COHORT_SHIFT | min(threshold, HIGHEST)
                place = sums[DREAMERS + wish]
                dreamers[wish, place], asleep[wish, place] = person, word
                sums[DREAMERS + wish] += 1


@kernel()
def print_letters(village: Village, day: int) -> None:
    """Print on working days what the capacity allows, by (day asked, person): `printing`."""
    left, lists, folk = village.rules.letters_per_day, village.lists, village.folk
    if not village.calendar[day, WORKING]:
        return
    for asked in range(day + 1):
        if lists[PILE, asked] == NOBODY:
            continue
        letters, number = np.sort(take(folk, lists, PILE, asked)), 0
        for rank in range(len(letters)):
            if not left:
                enter(folk, lists, PILE, asked, letters[rank])
            elif folk[letters[rank], STANDING] != DEAD:
                letters[number] = letters[rank]
                number += 1
                left -= 1
        _post(village, letters[:number], day)
        if not left:
            return


@kernel()
def _post(village: Village, persons: Numbers, day: int) -> None:
    """Post notices; after a failed e-mail the window starts again: `printing.send_letters`."""
    folk, books, lists, rules = village.folk, village.books, village.lists, village.rules
    notices, sums, pool, calendar = books.notices, books.sums, village.pool, village.calendar
    words, key, delays = village.words, village.keys[_DELIVERY], village.delays
    for rank in range(len(persons)):
        person = persons[rank]
        held = folk[person, FLAGS]
        if held & AWAITS_LETTER:
            notices[folk[person, SENT]] -= 1
        else:
            note(books, folk, person, LETTER, _NOTIFIED)
        note(books, folk, person, LETTER, _LETTER_SENT)
        notices[day] += 1
        folk[person, STANDING], folk[person, SENT] = NOTIFIED, day
        folk[person, FLAGS] = held & ~(AWAITS_LETTER | NO_CODE) | BY_LETTER
        enter_pool(pool, sums, lists, MAILED, day, person, 0)
        bits = draw(words, key, folk[person, HEAD])
        if np.int64(bits & _SIXTEEN) < rules.undelivered:
            enter(folk, lists, RETURNING, day + rules.lost_after, person)
        else:
            delay = int(delays[np.int64((bits >> _POST_SHIFT) & _SIXTEEN)])
            due = int(calendar[min(day + delay + 1, rules.days), MAIL_DAY])
            enter(folk, lists, ARRIVING, due, person)


@kernel()
def deliver(village: Village, day: int) -> None:
    """Deliver letters, report those that came back and e-mails that failed: `delivery`."""
    folk, lists = village.folk, village.lists
    letters, alive = take(folk, lists, ARRIVING, day), 0
    for person in letters:
        letters[alive] = person
        alive += int(folk[person, STANDING] != DEAD)
    _receive(village, letters[:alive], 1, day)
    _report(village, take(folk, lists, RETURNING, day), _UNDELIVERED, day)
    _report(village, take(folk, lists, BOUNCES, day), _BOUNCED, day)


@kernel()
def _report(village: Village, persons: Numbers, counter: int, day: int) -> None:
    """Report letters that came back, or e-mails that failed, which a letter may follow (LIF-05)."""
    folk, number, bounced = village.folk, 0, counter == _BOUNCED
    again = bounced and village.rules.letter_after_bounce
    for rank in range(len(persons)):
        person = persons[rank]
        standing = folk[person, STANDING]
        if standing == DEAD or (bounced and standing != NOTIFIED):
            continue
        note(village.books, folk, person, channel_of(folk, person), counter)
        folk[person, FLAGS] |= NO_CODE
        if again:
            folk[person, FLAGS] |= AWAITS_LETTER
            enter(folk, village.lists, PILE, day, person)
        else:
            persons[number] = person
            number += 1
    persons = persons[:number]
    informed = np.empty(number, np.bool_)
    for rank in range(number):
        informed[rank] = folk[persons[rank], FLAGS] & INFORMED != 0
    _dream(village, persons, informed)
