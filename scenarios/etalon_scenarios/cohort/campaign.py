"""Sending: notices by e-mail, the printer, the newcomers of the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.delivery import (
    EMAIL,
    Addressees,
    Arrival,
    attend,
    excluded_among,
    note_addressees,
    settle,
)
from etalon_scenarios.cohort.people import EXCLUDED, NOTIFIED, WAITING
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.draws_arrays import lower
from etalon_scenarios.timetable import NEWCOMERS, WAVES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import People as Numbers

SIXTEEN = np.uint64(SIXTEEN_BITS - 1)
CHANNEL_SHIFT = np.uint64(FIELDS["channel"].shift)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What the notices of one group of people come to.

    Attributes:
        arrival: What e-mails that arrive bring about.
        emailed: People sent an e-mail.
        failed: People whose e-mail fails.
        by_letter: People without e-mail.
    """

    arrival: Arrival
    emailed: int
    failed: Numbers
    by_letter: Numbers


def run_waves(nation: Nation) -> Institution:
    """Send the campaign's notices of each day."""
    people = nation.people

    def planned(span: tuple[int, int]) -> Numbers:
        found = people.sent[slice(*span)] == nation.day
        found &= people.standing[slice(*span)] == WAITING
        waiting: Numbers = found.nonzero()[0]
        return waiting + span[0]

    while True:
        yield WAVES
        spans = nation.spans_sent(nation.day)
        # Children born during the run wait for the newcomers' day.
        spans = [(first, min(last, people.size)) for first, last in spans if first < people.size]
        if nation.compiled:
            from etalon_scenarios.cohort.compiled import notices  # noqa: PLC0415 (Numba, if used)

            post(nation, notices.notify_within(nation, spans))
        else:
            # A wave spread over its days reaches few of any neighbours.
            groups = together(map(planned, spans), nation.crew.chunk // 2)
            post(nation, (notify(nation, Addressees.of(nation, some)) for some in groups))


def together(parts: Iterable[Numbers], number: int) -> Iterator[Numbers]:
    """Put groups of people together, one after the other, until they are so many."""
    waiting: list[Numbers] = []
    count = 0
    for part in parts:
        waiting.append(part)
        count += len(part)
        if count >= number:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if count:
        yield np.concatenate(waiting)


def notify(nation: Nation, to: Addressees) -> Dispatch:
    """Send notices by e-mail to whom the insurer knows an address of, of people who wait."""
    people, notice = nation.people, nation.law.notice
    bits = nation.chance(Slot.NOTICE, to.heads)
    # The field above that of bounces is compared together with it, under limits moved as far.
    by_email = lower(bits) < (nation.email << CHANNEL_SHIFT)[to.head_cells]
    if notice.letter_to_excluded:
        by_email &= ~people.have(to.heads, EXCLUDED)
    people.standing[to.places] = by_email.view(np.uint8) * np.uint8(NOTIFIED)
    events = ((by_email, ("notified", "sent_email")),)
    note_addressees(nation, to, EMAIL, events, excluded_among(nation, to))
    emailed, arriving, failed = int(np.count_nonzero(by_email)), by_email, to.persons[:0]
    if notice.bounce:
        fails = by_email & ((bits & SIXTEEN) < notice.bounce)
        arriving, failed = by_email & ~fails, to.persons[fails.nonzero()[0]]
    arrival = attend(nation, to, arriving, by_letter=False)
    return Dispatch(arrival, emailed, failed, to.persons[(~by_email).nonzero()[0]])


def post(nation: Nation, dispatches: Iterable[Dispatch]) -> None:
    """Enter what the notices of today come to."""
    day, arrivals = nation.day, list[Arrival]()
    for dispatch in dispatches:
        nation.ledger.notices[day] += dispatch.emailed
        nation.bounces.enter(day + nation.law.notice.bounce_days, dispatch.failed)
        nation.printer.ask(day, dispatch.by_letter)
        arrivals.append(dispatch.arrival)
    settle(nation, arrivals, day)


def run_newcomers(nation: Nation) -> Institution:
    """Notify the children born since the last weekly batch (LIF-27)."""
    people, weekday = nation.people, nation.law.opening.newcomer_weekday
    while True:
        yield NEWCOMERS
        if nation.timetable.date(nation.day).weekday() == weekday:
            persons = nation.crew.own(np.arange(people.told, people.number))
            people.told = people.number
            nation.mailings.go_to(nation.day, persons)
            dispatch = notify(nation, Addressees.of(nation, persons))
            people.sent[persons[people.standing[persons] == NOTIFIED]] = nation.day
            post(nation, [dispatch])
