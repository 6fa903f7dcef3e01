"""Delivery: notices that arrive, are read, fail or come back; thresholds and questions follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.counting import EXCLUDED_RANK, FEW
from etalon_scenarios.cohort.crew import CHUNK
from etalon_scenarios.cohort.ordering import ascending
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
    from collections.abc import Iterable, Sequence

    from etalon_scenarios.cohort.attention import Intention, Thresholds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

EMAIL: Final = CHANNELS.index("email")
LETTER: Final = CHANNELS.index("letter")

FEW_EDGES: Final = 12
"""Between so few edges it is faster to count one range after the other."""

INFORMATION: Final = 2
"""Purpose of a call that asks what the notice is about; lower purposes are intentions."""

INFORMATION_ATTEMPT: Final = 10
"""Repetition of the first information call: those of a decision come before."""


@dataclass(slots=True)
class Arrival:
    """What the arrival of notices brings about.

    Attributes:
        thresholds: Who sleeps until which attention.
        asking: Who calls for information.
        asking_days: The day after which each of them calls, at the earliest.
    """

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
        people = nation.people
        cells = people.cells_in_order(persons)
        return cls(persons, cells, *people.heads_in_order(persons, cells))

    @property
    def places(self) -> slice | Numbers:
        """Where they stand in an array of everybody: a range, if they are neighbours."""
        persons = self.persons
        if len(persons) and persons[-1] - persons[0] == len(persons) - 1:
            return slice(int(persons[0]), int(persons[-1]) + 1)
        return persons


def count_between(edges: Numbers, mask: Mask) -> Numbers:
    """Count the true of a mask between each edge and the next."""
    if len(edges) <= FEW_EDGES:
        pairs = pairwise(edges.tolist())
        return np.array([np.count_nonzero(mask[i:j]) for i, j in pairs], dtype=np.int64)
    counts = np.diff(edges)
    filled = counts.nonzero()[0]
    if len(filled):
        counts[filled] = np.add.reduceat(mask.view(np.uint8), edges[filled], dtype=np.int64)
    return counts


def note_addressees(
    nation: Nation,
    to: Addressees,
    channel: int,
    events: Iterable[tuple[Mask, Sequence[str]]],
    excluded: Mask | None,
) -> None:
    """Count events of addressees last notified on one channel, and of those excluded.

    Args:
        nation: Of the run.
        to: Addressees.
        channel: Rank of the channel.
        events: To which of them something happened, and the counters that count it.
        excluded: Which of them are digitally excluded, None where nobody is.
    """
    people, today = nation.people, nation.counts
    # Newborns come after everybody, whatever their cell.
    if len(to.persons) < FEW or to.persons[-1] >= people.size:
        keys = to.cells * len(CHANNELS) + channel
        for mask, counters in events:
            today.note(counters[0], keys[mask], *counters[1:])
            apart = keys[:0] if excluded is None else keys[mask & excluded]
            for counter in EXCLUDED_RANK.keys() & counters:
                today.note_excluded(counter, apart)
        return
    first, edges = people.layout.edges_in_order(to.persons)
    for mask, counters in events:
        counts = count_between(edges, mask)
        for counter in counters:
            today.note_cells(counter, channel, first, counts)
        if excluded is not None:
            counts = count_between(edges, mask & excluded)
            for counter in EXCLUDED_RANK.keys() & counters:
                today.note_excluded_cells(counter, first, counts)


def excluded_among(nation: Nation, to: Addressees) -> Mask | None:
    """Tell who is digitally excluded, None where the law of the run says nobody is."""
    if not nation.law.notice.excluded:
        return None
    found: Mask = (nation.people.flags[to.places] & EXCLUDED) != 0
    return found


def attend(nation: Nation, to: Addressees, among: Mask, *, by_letter: bool) -> Arrival:
    """Let living people receive their notice today: read it or not, sleep on it, ask about it.

    Args:
        nation: Of the run.
        to: People handled together.
        among: To which of them a notice arrives.
        by_letter: Whether it is a letter.
    """
    arrival = Arrival()
    bits = nation.chance(Slot.DELIVERY, to.heads)
    read = among & are_read(nation, to.heads, bits, by_letter=by_letter)
    events = ((among, ("delivered",)), (read, ("read",)))
    channel = LETTER if by_letter else EMAIL
    note_addressees(nation, to, channel, events, excluded_among(nation, to))
    nation.people.flags[to.places] |= read.view(np.uint8) * np.uint8(INFORMED)
    arrival.thresholds = nation.response.thresholds(
        to.persons, to.heads, to.head_cells, read, among
    )
    _ask(nation, to, among, arrival)
    return arrival


def are_read(nation: Nation, heads: Numbers, bits: Bits, *, by_letter: bool) -> Mask:
    """Tell which messages are read, from bits 32 to 63 of a draw of each addressee."""
    notice = nation.law.notice
    read = upper_below(bits, notice.read_by(by_letter=by_letter, excluded=False))
    share = notice.read_by(by_letter=by_letter, excluded=True)
    if share < notice.read[by_letter]:
        read &= ~nation.people.have(heads, EXCLUDED) | upper_below(bits, share)
    return read


def _ask(nation: Nation, to: Addressees, among: Mask, arrival: Arrival) -> None:
    phone = nation.law.phone
    some, bits = nation.find_chance(Slot.INFORMATION_CALL, to.persons, phone.information)
    asks = (among[some] & (to.heads[some] == to.persons[some])).nonzero()[0]
    days = lower(bits[asks]) * np.uint64(phone.information_days)
    arrival.asking = to.persons[some[asks]]
    arrival.asking_days = days.view(np.int64) >> 32


def settle(nation: Nation, arrivals: Iterable[Arrival], sent: int | None = None) -> None:
    """Enter what the arrival of notices brings about.

    Args:
        nation: Of the run.
        arrivals: What each found.
        sent: Day the notices left, None where it is that of each person's last notice.
    """
    day, asking, days = nation.day, [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for arrival in arrivals:
        for intention, thresholds in arrival.thresholds:
            parts = _by_notice(nation, thresholds) if sent is None else [(sent, thresholds)]
            for left, part in parts:
                nation.attention.await_threshold(intention, part, left, day)
        asking.append(arrival.asking)
        days.append(arrival.asking_days)
    plan_questions(nation, np.concatenate(asking), day + 1 + np.concatenate(days))


def _by_notice(nation: Nation, thresholds: Thresholds) -> list[tuple[int, Thresholds]]:
    persons, reached = thresholds
    sent = nation.people.sent[persons]
    found: list[tuple[int, Thresholds]] = []
    for day in np.bincount(sent).nonzero()[0].tolist():
        part = (sent == day).nonzero()[0]
        found.append((day, (persons[part], reached[part])))
    return found


def plan_questions(nation: Nation, callers: Numbers, days: Numbers) -> None:
    """Let people call for information, each on the first day from a day on that has a hotline."""
    if not len(callers):
        return
    order = ascending(days)
    found, edges = np.unique(days[order], return_index=True)
    callers = callers[order]
    spans = pairwise([*edges.tolist(), len(callers)])
    for due, (first, last) in zip(found.tolist(), spans, strict=True):
        if due < nation.law.days:
            nation.questions.enter(nation.law.phone.open_day(due), callers[first:last])


def run_delivery(nation: Nation) -> Institution:
    """Deliver letters, report e-mails that failed and letters that came back."""
    while True:
        yield DELIVERY
        deliver_letters(nation, nation.post.arriving(nation.day))
        for sent, persons in nation.post.returning(nation.day):
            report_undelivered(nation, sent, persons)
        (failed,) = nation.bounces.take(nation.day)
        report_bounces(nation, failed)


def deliver_letters(nation: Nation, persons: Numbers) -> None:
    """Deliver the letters that arrive today, to the living."""
    if not len(persons):
        return
    alive = nation.people.living(persons)
    persons = persons if alive.all() else persons[alive]
    residents, newborns = np.split(persons, persons.searchsorted([nation.people.size]))

    def deliver(some: Numbers) -> Arrival:
        if nation.compiled:
            from etalon_scenarios.cohort.compiled import notices  # noqa: PLC0415 (Numba, if used)

            among = notices.deliver_to_newborns if some is newborns else notices.deliver
            return among(nation, some)
        return attend(
            nation, Addressees.of(nation, some), np.ones(len(some), np.bool_), by_letter=True
        )

    parts = nation.crew.parts(len(residents), CHUNK)
    groups = [*(residents[slice(*part)] for part in parts), newborns]
    settle(nation, map(deliver, [some for some in groups if len(some)]))


def report_undelivered(nation: Nation, sent: int, persons: Numbers) -> None:
    """Report letters that came back; the window runs all the same."""
    living = persons[nation.people.living(persons)]
    nation.people.set(living, NO_CODE)
    nation.note("undelivered", living)
    await_uninformed(nation, sent, living)


def report_bounces(nation: Nation, persons: Numbers) -> None:
    """Report e-mails that failed, and ask for a letter each (LIF-05), if one follows."""
    if not len(persons):
        return
    people = nation.people
    failed = np.sort(persons[people.standing[persons] == NOTIFIED], kind="stable")
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
