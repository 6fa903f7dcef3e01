"""A village made of a nation whose residents are laid out, and what it tells the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.campaign import CHANNEL_SHIFT
from etalon_scenarios.cohort.compiled.draws import seed_words
from etalon_scenarios.cohort.compiled.village import (
    BIRTHS,
    CALENDAR_WIDTH,
    CELL,
    CODE_END,
    DEATHS,
    DECIDES_ALONE,
    EXPIRES,
    FLAGS,
    FOLK_WIDTH,
    HEAD,
    LISTS,
    MAIL_DAY,
    MINOR,
    NEWCOMERS_DAY,
    NOBODY,
    NUMBER,
    OPEN_DAY,
    PLANNED,
    PROTECTED_ADULT,
    SENT,
    SHOCK_DAY,
    TOLD,
    TRAITS,
    TURN,
    WINDOW_END,
    WORKING,
    Books,
    Rules,
    Sleep,
    Village,
)
from etalon_scenarios.cohort.printing import RETURNED_DAYS
from etalon_scenarios.draws import REPETITIONS, Slot
from etalon_scenarios.law import NEVER
from etalon_scenarios.layout import CELLS, MONTHS_PER_BAND
from etalon_scenarios.ledger import CURVES
from etalon_scenarios.timetable import MINUTE, WEB_CLOSES_MINUTE

if TYPE_CHECKING:
    from etalon_scenarios.cohort.compiled.village import Table
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.registry import Registry
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import People as Numbers

MINUTES_OF_A_DAY: Final = 24 * 60
WISHES: Final = 2
SUMS: Final = 32

_NAMED: Final = {
    "notice": (
        *("bounce", "bounce_days", "letters_per_day", "undelivered", "read", "read_excluded"),
        *("letter_to_excluded", "letter_after_bounce"),
    ),
    "response": ("surge_step", "surge_days"),
    "acting": (
        *("post", "counter", "post_days", "identity_failure", "call_after_failure", "code_lost"),
        *("contact_known", "regeneration_days"),
    ),
    "phone": ("lines", "opens", "span", "retry", "attempts", "information", "information_days"),
    "web": ("returns", "return_minutes", "call_after_refusal"),
    "opening": ("starts", "per_day", "impossible", "retry_days", "closing", "newborn_girls"),
}
"""What `Rules` takes as it stands, by part of the law."""


def found_village(nation: Nation, registry: Registry) -> Village:
    """Make a village of a nation before its first day.

    Args:
        nation: Its campaign planned.
        registry: Its births and deaths.
    """
    law, people = nation.law, nation.people
    most, days = len(people.standing), law.days
    calendar = _calendar(nation, registry)
    sent = people.sent[: people.size]
    calendar[:, PLANNED] = np.searchsorted(np.sort(sent), np.arange(days + 1))
    return Village(
        folk=_folk(nation, most),
        rules=_rules(law),
        words=seed_words(nation.random),
        keys=_keys(nation),
        cells=_cells(nation),
        levels=nation.response.levels,
        bounds=nation.response.bounds.astype(np.int64),
        calendar=calendar,
        steps=_steps(law),
        minutes=nation.web_minutes,
        services=nation.services,
        patience=nation.patience,
        delays=nation.post.delays,
        admissions=_admissions(law),
        planned=sent.argsort(kind="stable").astype(np.int32),
        vital=(registry.deaths.persons, registry.births.persons),
        lists=np.full((LISTS, days), NOBODY, np.int32),
        # Mailed twice at most, opened twice at most, one opening that fails.
        pool=np.empty((5 * most, 3), np.int32),
        turns=np.zeros((days, 3), np.int64),
        queue=np.empty(2 * most, np.int64),
        retrying=np.empty(most, np.int64),
        free=np.zeros(law.phone.agents, np.int64),
        # Answered at most once each: a question, an opposition, an activation.
        waits=np.empty(3 * most, np.int64),
        books=_books(nation),
        sleep=_sleep(most, days),
    )


def _admissions(law: Law) -> Numbers:
    """Return the visits admitted by day and minute; one row where all days are alike."""
    if not law.web.ranges:
        return np.full((1, WEB_CLOSES_MINUTE), law.web.admissions)
    begins = np.arange(law.days)[:, None] * MINUTES_OF_A_DAY
    admitted = np.vectorize(law.web.admissions_at, otypes=[np.int64])
    found: Numbers = admitted(begins + np.arange(WEB_CLOSES_MINUTE))
    return found


def _folk(nation: Nation, most: int) -> Table:
    """Write everybody's line: residents as the campaign finds them, then room for children."""
    people, law = nation.people, nation.law
    size, residents = people.size, np.arange(people.size)
    cells = people.layout.cells_in_order(residents)
    months = cells % CELLS // 2 * MONTHS_PER_BAND
    months += (residents - people.layout.starts[cells]) % MONTHS_PER_BAND
    traits = people.layout.minors(residents, cells) * MINOR
    traits += people.layout.protected(residents, cells) * PROTECTED_ADULT
    traits += (months >= law.minors.own_from) * DECIDES_ALONE
    folk = np.zeros((most, FOLK_WIDTH), np.int32)
    folk[:size, FLAGS], folk[:, SENT] = people.flags[:size], people.sent
    folk[:size, CELL], folk[:size, TRAITS] = cells, traits
    folk[:size, HEAD] = people.layout.heads_in_order(residents, cells)[0]
    return folk


def _keys(nation: Nation) -> Bits:
    keys = np.zeros(max(Slot) + REPETITIONS, np.uint64)
    for slot, key in nation.keys.items():
        keys[slot] = key
    for slot in (Slot.WEB_VISIT, Slot.CALL, Slot.CALL_LENGTH):
        for repetition in range(REPETITIONS):
            keys[slot + repetition] = nation.random.key(slot, repetition)
    return keys


def _cells(nation: Nation) -> Numbers:
    limits = (nation.email << CHANNEL_SHIFT).astype(np.int64)
    accounts = nation.accounts.astype(np.int64) if len(nation.accounts) else 0 * limits
    return np.stack([limits, nation.by_phone, accounts], axis=1)


def _calendar(nation: Nation, registry: Registry) -> Numbers:
    law, days = nation.law, nation.law.days
    opening, calendar = law.opening, np.zeros((days + 1, CALENDAR_WIDTH), np.int64)
    calendar[:days, WINDOW_END] = opening.window_ends
    calendar[:days, CODE_END] = opening.code_ends
    calendar[:, OPEN_DAY] = [law.phone.open_day(day) for day in range(days + 1)]
    calendar[:, MAIL_DAY] = nation.mail_days
    calendar[:days, WORKING] = law.working[:days]
    weekdays = [nation.timetable.date(day).weekday() for day in range(days)]
    calendar[:days, NEWCOMERS_DAY] = np.array(weekdays) == opening.newcomer_weekday
    calendar[:, DEATHS], calendar[:, BIRTHS] = registry.deaths.edges, registry.births.edges
    sent = np.arange(days)
    begins = np.maximum(np.minimum(opening.eligible, NEVER), opening.starts)
    calendar[:days, TURN] = np.where(begins >= sent, begins, -1)
    ends = calendar[:days, CODE_END]
    calendar[:days, EXPIRES] = np.where(ends > sent, ends - 1, -1)
    return calendar


def _steps(law: Law) -> Numbers:
    rows = law.response.oppose_steps, law.response.activate_steps, law.media.steps
    steps = np.zeros((len(rows), max(law.days, *map(len, rows))), np.int64)
    for row, values in zip(steps, rows, strict=True):
        row[: len(values)] = values
    return steps


def _books(nation: Nation) -> Books:
    ledger, days = nation.ledger, nation.law.days
    sums = np.zeros(SUMS, np.int64)
    sums[[NUMBER, TOLD]] = nation.people.size
    media = nation.law.media
    sums[SHOCK_DAY] = media.day if media.day <= 0 else NEVER
    return Books(
        tally=np.zeros(ledger.day_width, np.int32),
        touched=np.empty(ledger.day_width, np.int32),
        sums=sums,
        apart=ledger.excluded,
        ages=np.zeros((len(CURVES), days + 1), np.int64),
        notices=np.frombuffer(ledger.notices, np.int64),
    )


def _sleep(most: int, days: int) -> Sleep:
    return Sleep(
        persons=np.empty((WISHES, most), np.int32),
        thresholds=np.empty((WISHES, most), np.int64),
        cohorts=np.empty((WISHES, days * days, 5), np.int64),
        dreamers=np.empty((WISHES, most), np.int32),
        words=np.empty((WISHES, most), np.int64),
    )


def _rules(law: Law) -> Rules:
    named = {name: getattr(getattr(law, part), name) for part in _NAMED for name in _NAMED[part]}
    return Rules(
        **named,
        days=law.days,
        lost_after=RETURNED_DAYS,
        media_day=law.media.day,
        media_trigger=law.media.trigger,
        has_accounts=bool(law.acting.accounts),
        hotline_first=law.phone.opens + law.phone.span < WEB_CLOSES_MINUTE * MINUTE,
        minors_opened=law.minors.opened,
    )
