# pyright: standard
"""Evenings of a village: who decides and acts, and which spaces and codes the day ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.attention import COHORT_SHIFT, HIGHEST, Intention
from etalon_scenarios.cohort.compiled.draws import draw
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    ACT,
    ACTIVATE_STEPS,
    BEGIN,
    BY_PHONE,
    CELL,
    CLOSINGS,
    CODE_END,
    CODES,
    COHORT_DAY,
    COHORT_SENT,
    COHORTS,
    DECIDES_ALONE,
    DREAMERS,
    END,
    ENTRY_PERSON,
    FLAGS,
    HEAD,
    MEDIA_STEPS,
    OPPOSE_STEPS,
    OPPOSED_TODAY,
    PROTECTED_ADULT,
    REACHED,
    SHOCK_DAY,
    SHOCKED,
    SLEEPERS,
    TRAITS,
    WINDOW_END,
    WRITERS,
)
from etalon_scenarios.cohort.compiled.village_acts import (
    NEEDS_CODE,
    NEEDS_CODE_ON_THE_WEB,
    bring_about,
    judge,
    meant,
    plan_call,
)
from etalon_scenarios.cohort.compiled.village_books import enter, pooled, take
from etalon_scenarios.cohort.compiled.village_doors import plan_visit, visit_minute
from etalon_scenarios.cohort.effects import CLOSES, PURSUES
from etalon_scenarios.cohort.people import ACTING
from etalon_scenarios.draws import Slot
from etalon_scenarios.law import NEVER
from etalon_scenarios.ledger import COUNT

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Village
    from etalon_scenarios.layout_arrays import People as Numbers

OPPOSE: Final = int(Intention.OPPOSE)
ACTIVATE: Final = int(Intention.ACTIVATE)
_ROUTE: Final = int(Slot.ROUTE)
_HALF: Final = np.uint64(32)
_BY_WEB, _BY_POST, _AT_COUNTER = (
    COUNT[name] for name in ("opposed_web", "opposed_post", "opposed_counter")
)


@kernel()
def pass_evening(village: Village, day: int) -> None:
    """Let attention grow and those awake choose a route: `deciding.run_evenings`."""
    _put_to_sleep(village, OPPOSE, day)
    _put_to_sleep(village, ACTIVATE, day)
    opposing, activating = _wake(village, OPPOSE, day), _wake(village, ACTIVATE, day)
    # Who begins to act on the first intention is no longer free for the second.
    for person in opposing:
        _begin_to_act(village, person, OPPOSE, day)
    for person in activating:
        _begin_to_act(village, person, ACTIVATE, day)


@kernel()
def _put_to_sleep(village: Village, wish: int, day: int) -> None:
    """Sort today's dreamers into cohorts: `Attention._settle_arrivals`."""
    sleep, sums = village.sleep, village.books.sums
    number = sums[DREAMERS + wish]
    sums[DREAMERS + wish] = 0
    words = sleep.words[wish, :number]
    order, before = np.argsort(words), -1
    for rank in range(number):
        place, sent = sums[SLEEPERS + wish], words[order[rank]] >> COHORT_SHIFT
        if sent != before:
            sleep.cohorts[wish, sums[COHORTS + wish], :] = place, place, sent, day, 0
            sums[COHORTS + wish] += 1
            before = sent
        sleep.persons[wish, place] = sleep.dreamers[wish, order[rank]]
        sleep.thresholds[wish, place] = words[order[rank]] & HIGHEST
        sums[SLEEPERS + wish] += 1
        sleep.cohorts[wish, sums[COHORTS + wish] - 1, END] = place + 1


@kernel()
def _shock_step(village: Village, day: int) -> int:
    """Return what the media add to the attention of opposition: `Attention.shock_step`."""
    begun, steps = village.books.sums[SHOCK_DAY], village.steps
    if begun == NEVER or not 0 <= day - begun < steps.shape[1]:
        return 0
    return int(steps[MEDIA_STEPS, day - begun])


@kernel()
def _wake(village: Village, wish: int, day: int) -> Numbers:
    """Let the attention of every cohort grow by an evening; return who wakes."""
    sleep, rules, sums, number = village.sleep, village.rules, village.books.sums, 0
    shock = _shock_step(village, day) if wish == OPPOSE else 0
    sums[SHOCKED] = shock > 0 if wish == OPPOSE else sums[SHOCKED]
    steps = village.steps[OPPOSE_STEPS if wish == OPPOSE else ACTIVATE_STEPS]
    cohorts = sleep.cohorts[wish, : sums[COHORTS + wish]]
    for rank in range(len(cohorts)):
        cohort = cohorts[rank]
        cohort[REACHED] += steps[day - cohort[COHORT_DAY]] + shock
        ends = village.calendar[cohort[COHORT_SENT], WINDOW_END]
        if wish == OPPOSE and ends - rules.surge_days <= day < ends:
            cohort[REACHED] += rules.surge_step
        number += cohort[END] - cohort[BEGIN]
    awake = np.empty(number, np.int64)
    number = 0
    for rank in range(len(cohorts)):
        cohort = cohorts[rank]
        place, reached = cohort[BEGIN], min(cohort[REACHED], HIGHEST)
        while place < cohort[END] and sleep.thresholds[wish, place] < reached:
            awake[number] = sleep.persons[wish, place]
            number += 1
            place += 1
        cohort[BEGIN] = place
    return awake[:number]


@kernel()
def _begin_to_act(village: Village, person: int, activates: int, day: int) -> None:
    """Let somebody act who is free to, by the route they choose: `deciding.begin_to_act`."""
    folk, rules = village.folk, village.rules
    if folk[person, FLAGS] & ACTING or not meant(village.folk, person, activates):
        return
    folk[person, FLAGS] |= ACTING
    decider = person if folk[person, TRAITS] & DECIDES_ALONE else folk[person, HEAD]
    by_phone = village.cells[folk[decider, CELL], BY_PHONE]
    drawn = np.int64(draw(village.words, village.keys[_ROUTE], person) >> _HALF)
    # The person in charge of a protected adult has no account on the web site: they write.
    in_charge = not activates and folk[person, TRAITS] & PROTECTED_ADULT != 0
    by_letter = not activates and drawn < by_phone + rules.post + rules.counter
    if drawn < by_phone and not in_charge:
        plan_call(village, person, activates, day)
    elif in_charge or by_letter:
        folk[person, ACT] = int(in_charge or drawn < by_phone + rules.post)
        enter(folk, village.lists, WRITERS, day + rules.post_days, person)
    else:
        plan_visit(village, person, activates, 0, visit_minute(village, person), day + 1)


@kernel()
def take_late_effect(village: Village, day: int) -> None:
    """Let letters, counters, holders who close and new codes take effect: `deciding`."""
    folk, lists = village.folk, village.lists
    for person in take(folk, lists, WRITERS, day):
        route = _BY_POST if folk[person, ACT] else _AT_COUNTER
        bring_about(village, person, judge(village, person, OPPOSE, NEEDS_CODE, 0, day), route, day)
    for entry in pooled(village.pool, lists, CLOSINGS, day):
        person = int(village.pool[entry, ENTRY_PERSON])
        closes = CLOSES if meant(village.folk, person, OPPOSE) == CLOSES else 0
        bring_about(village, person, PURSUES | closes, _BY_WEB, day)
    for person in take(folk, lists, CODES, day):
        activates, issued = folk[person, ACT] & 1, folk[person, ACT] >> 1
        serves = int(day < village.calendar[issued, CODE_END])
        outcome = judge(village, person, activates, NEEDS_CODE_ON_THE_WEB, serves, day)
        bring_about(village, person, outcome, _BY_WEB, day)


@kernel()
def hear_media(village: Village, day: int) -> None:
    """Start the media shock on its day, or after a day of too many oppositions: `run_media`."""
    rules, sums = village.rules, village.books.sums
    if day + 1 == rules.media_day or sums[OPPOSED_TODAY] > rules.media_trigger:
        sums[SHOCK_DAY] = min(sums[SHOCK_DAY], day + 1)
