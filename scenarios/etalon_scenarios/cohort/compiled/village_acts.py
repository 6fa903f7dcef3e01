# pyright: standard
"""What people of a village come to when they act: the functions of `effects`, one person each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    ACCOUNTS,
    ACT,
    CALLS,
    CELL,
    CLOSINGS,
    CODE_END,
    CODES,
    FLAGS,
    HEAD,
    OPEN_DAY,
    OPPOSED_TODAY,
    SENT,
    STANDING,
)
from etalon_scenarios.cohort.compiled.village_books import enter, enter_pool, is_able, note
from etalon_scenarios.cohort.effects import (
    AFTER,
    DATED,
    DEED,
    DEEDS,
    EARLY,
    ENTERS,
    GAINED,
    GIVES_UP,
    KEPT,
    NEW_CODE,
    NOTED,
    OPPOSES,
    PURSUES,
    UNIDENTIFIED,
)
from etalon_scenarios.cohort.people import ACTIVE, BY_LETTER, NO_CODE
from etalon_scenarios.draws import Slot
from etalon_scenarios.ledger import COUNT, CURVES

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Table, Village
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers

BY_NOTICE: Final = -1
"""The code in hand is that of the notice."""

_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64((1 << 32) - 1)
_CODE, _IDENTITY, CLOSING, _VISIT = (
    int(slot) for slot in (Slot.CODE, Slot.IDENTITY_FORM, Slot.CLOSING, Slot.WEB_VISIT)
)
_BITS: Final = np.array([bit for bit, _ in NOTED])
_COUNTERS: Final = np.array([COUNT[name] for _, name in NOTED])
_CURVES: Final = np.array([CURVES.index(name) if name in DATED else -1 for _, name in NOTED])


@kernel()
def meant(folk: Table, person: int, activates: int) -> int:
    """Return the deed that an intention comes to, 0 for who cannot do it: `effects.meant`."""
    return int(DEEDS[folk[person, STANDING], activates]) if is_able(folk, person) else 0


@kernel()
def _contact_known(village: Village, person: int) -> bool:
    """Tell whether a new code can be sent: `effects.contacts_known`."""
    folk, rules = village.folk, village.rules
    head = folk[person, HEAD]
    share = rules.contact_known[1 if folk[person, FLAGS] & BY_LETTER else 0]
    if rules.has_accounts:
        share = village.cells[folk[head, CELL], ACCOUNTS]
    return bool(np.int64(draw(village.words, village.keys[_CODE], head) & _LOW) < share)


@kernel()
def _code_serves(folk: Table, calendar: Numbers, person: int, day: int) -> bool:
    ends = calendar[folk[person, SENT], CODE_END]
    return bool(ends > day and not folk[person, FLAGS] & NO_CODE)


@kernel()
def judge(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    village: Village, person: int, activates: int, by_code: int, serve: int, day: int
) -> int:
    """Say what a decision comes to: `effects.judge`.

    `by_code` holds the deeds that need a code; `serve` is `BY_NOTICE`, or whether it serves.
    """
    deed = meant(village.folk, person, activates)
    if not deed & by_code:
        return deed
    by_notice = serve == BY_NOTICE
    if _code_serves(village.folk, village.calendar, person, day) if by_notice else serve == 1:
        return deed
    return deed | NEW_CODE if _contact_known(village, person) else GIVES_UP


@kernel()
def judge_visit(village: Village, person: int, activates: int, day: int) -> int:
    """Say what a visit comes to: `website.judge_visit`."""
    rules, words, keys = village.rules, village.words, village.keys
    deed = meant(village.folk, person, activates)
    if not deed or village.folk[person, STANDING] == ACTIVE:
        return deed
    bits = draw(words, keys[_IDENTITY], person)
    if np.int64(bits >> _HALF) < rules.identity_failure:
        calls = np.int64(bits & _LOW) < rules.call_after_failure
        return UNIDENTIFIED | (PURSUES if calls else GIVES_UP)
    lost = np.int64(draw(words, keys[_CODE], person) >> _HALF) < rules.code_lost
    if not lost and _code_serves(village.folk, village.calendar, person, day):
        return deed
    return PURSUES | (NEW_CODE if _contact_known(village, person) else 0)


@kernel()
def leave(village: Village, person: int, activates: int) -> int:
    """Say what becomes of who was turned away too often: `website._leave`."""
    if not meant(village.folk, person, activates):
        return 0
    drawn = np.int64(draw(village.words, village.keys[_VISIT], person) & _LOW)
    return PURSUES if drawn < village.rules.call_after_refusal else GIVES_UP


@kernel()
def bring_about(village: Village, person: int, outcome: int, by_route: int, day: int) -> None:
    """Let what was judged happen, and count it: `effects.bring_about`.

    `by_route` counts oppositions by a route.
    """
    folk, books = village.folk, village.books
    held, channel = folk[person, FLAGS], 2 if folk[person, FLAGS] & BY_LETTER else 1
    for kind in range(len(_BITS)):
        if outcome & _BITS[kind]:
            note(books, folk, person, channel, _COUNTERS[kind])
            if _CURVES[kind] >= 0:
                books.ages[_CURVES[kind], day - folk[person, SENT]] += 1
    if outcome & OPPOSES:
        note(books, folk, person, channel, by_route)
        books.sums[OPPOSED_TODAY] += 1
    folk[person, FLAGS] = held & int(KEPT[outcome]) | int(GAINED[outcome])
    if outcome & DEED:
        folk[person, STANDING] = AFTER[outcome & DEED]
    if outcome & EARLY:
        rules, key = village.rules, village.keys[CLOSING]
        due = closing_day(village.words, key, rules.closing, rules.days, person, day)
        enter_pool(village.pool, books.sums, village.lists, CLOSINGS, due, person, 0)


@kernel()
def closing_day(  # noqa: PLR0913, PLR0917 (Numba takes arguments by place)
    words: Bits, key: np.uint64, share: int, days: int, person: int, day: int
) -> int:
    """Return when the holder of a space just opened closes it: `effects.closing_days`.

    A day after the run stands for never.
    """
    left = days - day - 1
    if not share or left <= 0:
        return days
    drawn = np.int64(draw(words, key, person) >> _HALF)
    return int(day + 1 + drawn // share) if drawn < share * left else days


@kernel()
def plan_call(village: Village, person: int, activates: int, day: int) -> None:
    """Note that somebody calls from tomorrow on: `telephone.plan_calls`."""
    village.folk[person, ACT] = activates
    opens = village.calendar[min(day + 1, village.rules.days), OPEN_DAY]
    enter(village.folk, village.lists, CALLS, opens, person)


@kernel()
def follow_up(village: Village, person: int, activates: int, outcome: int, day: int) -> None:
    """Note who calls, and who comes back with a new code: `website._follow_up`."""
    if outcome & PURSUES and outcome & NEW_CODE:
        village.folk[person, ACT] = activates | day << 1
        back = day + village.rules.regeneration_days
        enter(village.folk, village.lists, CODES, back, person)
    elif outcome & PURSUES:
        plan_call(village, person, activates, day)


NEEDS_CODE: Final = ENTERS
NEEDS_CODE_ON_THE_WEB: Final = ENTERS | OPPOSES
