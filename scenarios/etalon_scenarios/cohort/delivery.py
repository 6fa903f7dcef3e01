"""Delivery: notices that arrive, are read, fail or come back; thresholds and questions follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.counting import Sheet
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    EXCLUDED,
    INFORMED,
    NO_CODE,
    NOTIFIED,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper_below
from etalon_scenarios.ledger import CHANNELS
from etalon_scenarios.timetable import DELIVERY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from etalon_scenarios.cohort.attention import Intention, Thresholds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

INFORMATION: Final = 2
"""Purpose of a call that asks what the notice is about; lower purposes are intentions."""

INFORMATION_ATTEMPT: Final = 10
"""Repetition of the first information call: those of a decision come before."""


@dataclass(slots=True)
class Arrival:
    """What the arrival of notices brings about, noted apart by one thread.

    Attributes:
        sheet: Counts of today.
        thresholds: Who sleeps until which attention.
        asking: Who calls for information.
        asking_days: The day after which each of them calls, at the earliest.
    """

    sheet: Sheet = field(default_factory=Sheet)
    thresholds: list[tuple[Intention, Thresholds]] = field(
        default_factory=list["tuple[Intention, Thresholds]"]
    )
    asking: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    asking_days: Numbers = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Addressees:
    """People whose notices are handled together.

    Attributes:
        persons: Numbers.
        cells: Cell of each.
        heads: Number of the adult who decides for each.
        head_cells: Cell of that adult.
    """

    persons: Numbers
    cells: Numbers
    heads: Numbers
    head_cells: Numbers

    @classmethod
    def of(cls, nation: Nation, persons: Numbers) -> Addressees:
        """Look up people given by ascending number."""
        cells = nation.people.cells_in_order(persons)
        return cls(persons, cells, *nation.people.heads_in_order(persons, cells))

    def keys(self, *, by_letter: bool) -> Numbers:
        """Return the row of counters of each, once notified."""
        return self.cells * len(CHANNELS) + (2 if by_letter else 1)

    def only(self, mask: Mask) -> Addressees:
        """Keep some of them."""
        kept = np.flatnonzero(mask)
        return Addressees(
            self.persons[kept], self.cells[kept], self.heads[kept], self.head_cells[kept]
        )


def attend(nation: Nation, to: Addressees, *, by_letter: bool) -> Arrival:
    """Let living people receive their notice today: read it or not, sleep on it, ask about it."""
    people, arrival = nation.people, Arrival()
    keys = to.keys(by_letter=by_letter)
    bits = nation.chance(Slot.DELIVERY, to.heads)
    read = upper_below(bits, nation.law.notice.read[by_letter])
    arrival.sheet.note("delivered", keys)
    arrival.sheet.note("read", keys[read])
    excluded = people.have(to.persons, EXCLUDED)
    arrival.sheet.note_excluded("delivered", keys[excluded])
    arrival.sheet.note_excluded("read", keys[excluded & read])
    people.set(to.persons[read], INFORMED)
    arrival.thresholds = nation.response.thresholds(to.persons, to.heads, to.head_cells, read)
    _ask(nation, to, arrival)
    return arrival


def _ask(nation: Nation, to: Addressees, arrival: Arrival) -> None:
    phone = nation.law.phone
    bits = nation.chance(Slot.INFORMATION_CALL, to.persons)
    some = np.flatnonzero(upper_below(bits, phone.information) & (to.heads == to.persons))
    arrival.asking = to.persons[some]
    arrival.asking_days = (lower(bits[some]) * np.uint64(phone.information_days)).view(
        np.int64
    ) >> 32


def settle(nation: Nation, arrivals: Iterable[Arrival], sent: int) -> None:
    """Enter what threads found on the arrival of notices sent on one day."""
    law, day = nation.law, nation.day
    for arrival in arrivals:
        nation.counts.enter([arrival.sheet])
        for intention, thresholds in arrival.thresholds:
            nation.attention.await_threshold(intention, thresholds, sent, day)
        later = day + 1 + arrival.asking_days
        for due in np.unique(later[later < law.days]).tolist():
            callers = arrival.asking[later == due]
            nation.calls.enter(
                law.phone.open_day(due),
                callers,
                np.full(len(callers), INFORMATION),
                np.full(len(callers), INFORMATION_ATTEMPT),
            )


def run_delivery(nation: Nation) -> Institution:
    """Deliver letters, report e-mails that failed and letters that came back."""
    while True:
        yield DELIVERY
        for sent, persons in nation.post.arriving(nation.day):
            deliver_letters(nation, sent, persons)
        for sent, persons in nation.post.returning(nation.day):
            report_undelivered(nation, sent, persons)
        (failed,) = nation.bounces.take(nation.day)
        report_bounces(nation, failed)


def deliver_letters(nation: Nation, sent: int, persons: Numbers) -> None:
    """Deliver the letters of one day that arrive today, to the living."""
    persons = persons[nation.people.living(persons)]

    def deliver(span: tuple[int, int]) -> Arrival:
        return attend(nation, Addressees.of(nation, persons[slice(*span)]), by_letter=True)

    settle(nation, nation.crew.share(deliver, nation.crew.spans(0, len(persons))), sent)


def report_undelivered(nation: Nation, sent: int, persons: Numbers) -> None:
    """Report letters that came back; the window runs all the same."""
    living = persons[nation.people.living(persons)]
    nation.people.set(living, NO_CODE)
    nation.note("undelivered", living)
    await_uninformed(nation, sent, living)


def report_bounces(nation: Nation, persons: Numbers) -> None:
    """Report e-mails that failed, and ask for a letter each (LIF-05), if one follows."""
    people = nation.people
    failed = np.sort(persons[people.standing[persons] == NOTIFIED])
    nation.note("bounced", failed)
    if nation.law.notice.letter_after_bounce:
        people.set(failed, AWAITS_LETTER | NO_CODE)
        nation.printer.ask(nation.day, failed)
        return
    people.set(failed, NO_CODE)
    for sent in np.unique(people.sent[failed]).tolist():
        await_uninformed(nation, sent, failed[people.sent[failed] == sent])


def await_uninformed(nation: Nation, sent: int, persons: Numbers) -> None:
    """Let people whose notice went astray sleep on what they hear elsewhere."""
    to = Addressees.of(nation, persons)
    informed = nation.people.have(persons, INFORMED)
    thresholds = nation.response.thresholds(persons, to.heads, to.head_cells, informed)
    settle(nation, [Arrival(thresholds=thresholds)], sent)
