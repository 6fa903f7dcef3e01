# pyright: standard
"""The web site and the hotline of a village: `website` and `telephone`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.services import take_in_turn
from etalon_scenarios.cohort.compiled.village import (
    ACT,
    ANSWERED,
    CALLS,
    FLAGS,
    OPEN_DAY,
    QUESTION,
    QUESTIONS,
    VISITS,
    WAITED_TODAY,
)
from etalon_scenarios.cohort.compiled.village_acts import (
    BY_NOTICE,
    NEEDS_CODE,
    bring_about,
    follow_up,
    judge,
    judge_visit,
    leave,
    meant,
)
from etalon_scenarios.cohort.compiled.village_books import (
    channel_of,
    enter,
    is_able,
    note,
    take,
)
from etalon_scenarios.cohort.delivery import INFORMATION_ATTEMPT
from etalon_scenarios.cohort.effects import GIVES_UP
from etalon_scenarios.cohort.people import BY_LETTER
from etalon_scenarios.cohort.telephone import ANSWERED as TAKEN
from etalon_scenarios.cohort.telephone import OUTCOMES, QUANTILE_SHIFT, SIXTEEN
from etalon_scenarios.cohort.website import MINUTE_SHIFT
from etalon_scenarios.draws import Slot
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import DAY, WEB_CLOSES_MINUTE

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Village
    from etalon_scenarios.layout_arrays import People as Numbers

    Fates = tuple[Numbers, Numbers, Numbers]

TURNED_SHIFT: Final = 1
MINUTE_OF_VISIT_SHIFT: Final = 8
"""Where `ACT` says how often a visitor was turned away, and at which minute they come."""

_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64((1 << 32) - 1)
_VISIT_SHIFT: Final = _HALF + MINUTE_SHIFT
_VISIT, _CALL, _LENGTH = (int(slot) for slot in (Slot.WEB_VISIT, Slot.CALL, Slot.CALL_LENGTH))
_VISITS, _TURNED_AWAY, _CALLS, _BY_WEB, _BY_PHONE = (
    COUNT[name]
    for name in ("web_visits", "web_turned_away", "calls", "opposed_web", "opposed_phone")
)
_OUTCOMES: Final = np.array([COUNT[name] for _, name in OUTCOMES])
_REFUSED, _ADMITTED = -1, -2
"""What `_turn_away` says of visits in place of a minute of tomorrow."""


@kernel()
def visit_minute(village: Village, person: int) -> int:
    """Draw the minute of the day at which somebody comes first: `website.visit_minutes`."""
    bits = draw(village.words, village.keys[_VISIT], person)
    return int(village.minutes[np.int64(bits >> _VISIT_SHIFT)])


@kernel()
def plan_visit(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    village: Village, person: int, activates: int, turned: int, minute: int, day: int
) -> None:
    """Note that somebody comes to the web site on a day, at a minute."""
    village.folk[person, ACT] = activates | turned << TURNED_SHIFT | minute << MINUTE_OF_VISIT_SHIFT
    enter(village.folk, village.lists, VISITS, day, person)


@kernel()
def receive_visitors(village: Village, day: int) -> None:
    """Admit the day's visitors, who then act: `website.run_website`."""
    folk, books = village.folk, village.books
    persons, number = take(folk, village.lists, VISITS, day), 0
    for person in persons:
        persons[number] = person
        if is_able(folk, person):
            number += 1
            note(books, folk, person, 2 if folk[person, FLAGS] & BY_LETTER else 1, _VISITS)
    persons = persons[:number]
    expected = np.zeros(WEB_CLOSES_MINUTE, np.int64)
    for person in persons:
        expected[folk[person, ACT] >> MINUTE_OF_VISIT_SHIFT] += 1
    admissions = village.admissions[min(day, len(village.admissions) - 1)]
    if (expected > admissions).any():
        persons = _at_the_doors(village, np.sort(persons), expected, admissions, day)
    for person in persons:
        activates = folk[person, ACT] & 1
        outcome = judge_visit(village, person, activates, day)
        bring_about(village, person, outcome, _BY_WEB, day)
        follow_up(village, person, activates, outcome, day)


@kernel()
def _at_the_doors(
    village: Village, persons: Numbers, expected: Numbers, admissions: Numbers, day: int
) -> Numbers:
    """Admit visitors, by number, minute by minute; return who is let in: `website.Doors`."""
    folk, books = village.folk, village.books
    turned, today, fates = _turn_away(village, persons, expected, admissions)
    number = 0
    for rank in range(len(persons)):
        person, channel = persons[rank], channel_of(folk, persons[rank])
        activates, before = folk[person, ACT] & 1, _turned_before(village, person)
        for _ in range(today[rank]):
            note(books, folk, person, channel, _VISITS)
        for _ in range(turned[rank] - before):
            note(books, folk, person, channel, _TURNED_AWAY)
        if fates[rank] == _ADMITTED:
            persons[number] = person
            number += 1
        elif fates[rank] == _REFUSED:
            outcome = leave(village, person, activates)
            bring_about(village, person, outcome, _BY_WEB, day)
            follow_up(village, person, activates, outcome, day)
        else:
            plan_visit(village, person, activates, turned[rank], fates[rank], day + 1)
    return persons[:number]


@kernel()
def _turned_before(village: Village, person: int) -> int:
    """Return how often a visitor was turned away before today."""
    mask = (1 << (MINUTE_OF_VISIT_SHIFT - TURNED_SHIFT)) - 1
    return int(village.folk[person, ACT] >> TURNED_SHIFT & mask)


@kernel()
def _turn_away(village: Village, persons: Numbers, expected: Numbers, admissions: Numbers) -> Fates:
    """Turn away those for whom there is no place, of visitors by number.

    Returns:
        How often each was turned away in all, how often each came again today, and the minute of
        tomorrow at which each comes again, or what else becomes of it.
    """
    rules, fates = village.rules, np.full(len(persons), _ADMITTED)
    turned, today, minutes = np.empty_like(persons), np.zeros_like(persons), np.empty_like(persons)
    for rank in range(len(persons)):
        turned[rank] = _turned_before(village, persons[rank])
        minutes[rank] = village.folk[persons[rank], ACT] >> MINUTE_OF_VISIT_SHIFT
    for minute in range(WEB_CLOSES_MINUTE):
        if expected[minute] <= admissions[minute]:
            continue
        places = admissions[minute]
        for rank in range(len(persons)):
            if minutes[rank] != minute or fates[rank] != _ADMITTED:
                continue
            places -= 1
            if places >= 0:
                continue
            turned[rank] += 1
            if turned[rank] > rules.returns:
                fates[rank] = _REFUSED
                continue
            key = village.keys[_VISIT + int(turned[rank])]
            drawn = draw(village.words, key, persons[rank]) >> _HALF
            later = minute + 1 + (np.int64(drawn) * rules.return_minutes >> 32)
            if later >= WEB_CLOSES_MINUTE:
                fates[rank] = village.minutes[np.int64(drawn >> MINUTE_SHIFT)]
            else:
                minutes[rank] = later
                today[rank] += 1
                expected[later] += 1
    return turned, today, fates


@kernel()
def answer_calls(village: Village, day: int) -> None:
    """Take the calls of those who can act, who then act or try again: `telephone.answer`."""
    calls = _callers(village, day)
    if not len(calls):
        return
    instants, rules = np.empty_like(calls), village.rules
    # draw * span >> 32, in two halves: the product does not fit 64 bits.
    high, low = rules.span >> 16, rules.span & 0xFFFF
    for rank in range(len(calls)):
        key = village.keys[_CALL + _attempt(village, calls[rank])]
        drawn = np.int64(draw(village.words, key, calls[rank] >> 1) >> _HALF)
        instants[rank] = (drawn * high + (drawn * low >> 16)) >> 16
    order = np.argsort(instants, kind="mergesort")
    opens = day * DAY + rules.opens
    instants, calls = instants[order] + opens, calls[order]
    outcomes = _take_calls(village, calls, instants, opens + rules.span)
    for rank in range(len(calls)):
        _settle_call(village, calls[rank], outcomes[rank], day)


@kernel()
def _callers(village: Village, day: int) -> Numbers:
    """Return who of the day's callers can act, by number: twice the person, one more if asking."""
    folk, lists, number = village.folk, village.lists, 0
    deciding, asking = take(folk, lists, CALLS, day), take(folk, lists, QUESTIONS, day)
    calls = np.empty(len(deciding) + len(asking), np.int64)
    for person in deciding:
        calls[number] = person << 1
        number += int(is_able(folk, person))
    for person in asking:
        calls[number] = person << 1 | 1
        number += int(is_able(folk, person))
    return np.sort(calls[:number])


@kernel()
def _attempt(village: Village, call: int) -> int:
    """Return the repetition of a call."""
    folk, person = village.folk, call >> 1
    return int(folk[person, QUESTION] if call & 1 else folk[person, ACT] >> 1)


@kernel()
def _take_calls(village: Village, calls: Numbers, instants: Numbers, closes: int) -> Numbers:
    """Let the exchange take calls in order; return what became of each: `telephone.take_calls`."""
    folk, books = village.folk, village.books
    services, leaving = np.empty_like(calls), np.empty_like(calls)
    for rank in range(len(calls)):
        key = village.keys[_LENGTH + _attempt(village, calls[rank])]
        bits = draw(village.words, key, calls[rank] >> 1)
        service = village.services[np.int64(((bits >> _HALF) & SIXTEEN) >> QUANTILE_SHIFT)]
        patience = village.patience[np.int64((bits & SIXTEEN) >> QUANTILE_SHIFT)]
        services[rank], leaving[rank] = service, min(instants[rank] + patience, closes)
    lines = village.rules.lines
    outcomes, waited = take_in_turn(village.free, lines, instants, services, leaving)
    for rank in range(len(calls)):
        person = calls[rank] >> 1
        channel = 2 if folk[person, FLAGS] & BY_LETTER else 1
        note(books, folk, person, channel, _CALLS)
        note(books, folk, person, channel, int(_OUTCOMES[outcomes[rank]]))
        if outcomes[rank] == TAKEN:
            village.waits[books.sums[ANSWERED]] = waited[rank]
            books.sums[ANSWERED] += 1
            books.sums[WAITED_TODAY] += waited[rank]
    return outcomes


@kernel()
def _settle_call(village: Village, call: int, outcome: int, day: int) -> None:
    """Let a caller act, try again or give up: `telephone.try_again` and `settle_calls`."""
    folk, lists, rules = village.folk, village.lists, village.rules
    person, attempt = call >> 1, _attempt(village, call)
    activates, asking = folk[person, ACT] & 1, call & 1
    if outcome == TAKEN:
        if not asking:
            found = judge(village, person, activates, NEEDS_CODE, BY_NOTICE, day)
            bring_about(village, person, found, _BY_PHONE, day)
        return
    bits = draw(village.words, village.keys[_CALL + attempt], person)
    done = attempt + 1 - (INFORMATION_ATTEMPT if asking else 0)
    if np.int64(bits & _LOW) < rules.retry and done < rules.attempts:
        opens = village.calendar[day + 1, OPEN_DAY]
        if asking:
            folk[person, QUESTION] = attempt + 1
            enter(folk, lists, QUESTIONS, opens, person)
        else:
            folk[person, ACT] = activates | (attempt + 1) << 1
            enter(folk, lists, CALLS, opens, person)
    elif not asking:
        outcome = GIVES_UP if meant(village.folk, person, activates) else 0
        bring_about(village, person, outcome, _BY_PHONE, day)
