"""The printer and the post office: so many letters a working day, each with its delay."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.crew import CHUNK
from etalon_scenarios.cohort.delivery import LETTER, Addressees, excluded_among, note_addressees
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    DEAD,
    NO_CODE,
    NOTIFIED,
)
from etalon_scenarios.cohort.reminders import post_reminders
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import Slot
from etalon_scenarios.timetable import PRINTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout_arrays import People as Numbers

    Stored = NDArray[np.int32]
    Letters = NDArray[np.int32 | np.int64]

NOTICE: Final = 0
"""Kind of a letter that is a notice; the reminder of rank r is of kind 1 + r."""

RETURNED_DAYS: Final = 10
"""A letter that nobody receives is back after ten days (assumption, source none)."""

SIXTEEN: Final = np.uint64(SIXTEEN_BITS - 1)
DELAY_SHIFT: Final = np.uint64(16)


class Printer:
    """Letters waiting to be printed, in the order (day asked, person, kind)."""

    def __init__(self, reminders: int) -> None:
        """Make room for notices and for the reminders of the run."""
        self._kinds = 1 + reminders
        self._stored = np.int64 if reminders else np.int32
        self._asked: dict[int, list[Letters]] = {}

    def sort_again(self, reminders: int) -> None:
        """Take the pile over from a printer with other reminders; theirs are dropped."""
        before, self._kinds = self._kinds, 1 + reminders
        if before == self._kinds:
            return
        for day, parts in self._asked.items():
            letters = np.concatenate(parts).astype(np.int64)
            persons, kinds = np.divmod(letters, before)
            kept = kinds < self._kinds
            again = persons[kept] * self._kinds + kinds[kept]
            self._asked[day] = [np.sort(again).astype(self._stored)]

    def ask(self, day: int, persons: Numbers, kind: int = NOTICE) -> None:
        """Add letters of one kind to the pile, by ascending number of their addressees.

        Args:
            day: Today.
            persons: Addressees.
            kind: `NOTICE`, or 1 + the rank of a reminder.
        """
        if len(persons):
            letters = persons * self._kinds + kind
            self._asked.setdefault(day, []).append(letters.astype(self._stored))

    def take(self, places: int, standing: NDArray[np.uint8], crew: Crew) -> list[Numbers]:
        """Take so many letters off the pile; who is not concerned any more takes no place.

        Returns the addressees of each kind by number: who is taken depends on the order of the
        pile, nothing else does.

        Args:
            places: Letters printed today, by all processes.
            standing: Where each person stands.
            crew: The processes, each with the pile of its own people.
        """
        taken: list[Letters] = [np.empty(0, self._stored)]
        piles = crew.gather({day: sum(map(len, parts)) for day, parts in self._asked.items()})
        plenty = sum(sum(pile.values()) for pile in piles) <= places
        for day in sorted({day for pile in piles for day in pile}):
            letters = _in_order(self._asked.pop(day, [np.empty(0, self._stored)]))
            concerned = self._concerned(letters, standing)
            if not plenty:
                places, last = crew.ration(concerned.astype(np.int64), places)
                concerned = concerned[: concerned.searchsorted(last, side="right")]
                letters = letters[letters.searchsorted(last, side="right") :]
                if len(letters):
                    self._asked[day] = [letters]
            taken.append(concerned)
            if not places:
                break
        return self._by_kind(_in_order(taken).astype(np.int64))

    def _concerned(self, letters: Letters, standing: NDArray[np.uint8]) -> Letters:
        """Keep the letters that still concern their addressees."""
        stand = standing[letters if self._kinds == 1 else letters // self._kinds]
        concerned = stand != DEAD
        if self._kinds > 1:
            concerned &= (letters % self._kinds == NOTICE) | (stand == NOTIFIED)
        return letters if concerned.all() else letters[concerned]

    def _by_kind(self, printed: Numbers) -> list[Numbers]:
        if self._kinds == 1:
            return [printed]
        kinds = printed % self._kinds
        return [printed[kinds == kind] // self._kinds for kind in range(self._kinds)]


@lru_cache(maxsize=4)
def delays_of(post_delay: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return the days that letters travel, less one, by 16-bit position of their draw.

    Args:
        post_delay: As the law has it.
    """
    found = np.searchsorted(post_delay, np.arange(SIXTEEN_BITS), side="right").astype(np.uint8)
    found.flags.writeable = False
    return found


class PostOffice:
    """Letters on their way.

    Attributes:
        delays: By position of a letter's draw, the days it travels, less one.
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        self._longest = len(law.notice.post_delay)
        self.delays = delays_of(law.notice.post_delay)
        self._arriving: dict[int, list[tuple[int, Stored]]] = {}
        self._returning: dict[int, list[tuple[int, Stored]]] = {}

    def sort_out(self, persons: Numbers, bits: Bits) -> list[Stored]:
        """Part letters by delay, a day and more; last come those that nobody will receive.

        Args:
            persons: Addressees.
            bits: Delivery draw of each.
        """
        fates = self.delays[(bits >> DELAY_SHIFT) & SIXTEEN]
        fates[(bits & SIXTEEN) < self._law.notice.undelivered] = self._longest
        order = fates.argsort(kind="stable")
        edges = np.cumsum(np.bincount(fates, minlength=self._longest + 1))[:-1]
        return np.split(persons.astype(np.int32)[order], edges)

    def post_compiled(self, nation: Nation, persons: Numbers) -> tuple[list[Stored], Numbers]:
        """Post letters to residents, by number, as `send_letters` does some of them."""
        from etalon_scenarios.cohort.compiled import mailing  # noqa: PLC0415 (Numba, if used)

        first, posted = mailing.post(nation, persons, self.delays, self._longest)
        letters, notified, excluded = posted.counts.T
        nation.counts.note_cells("sent_letter", LETTER, first, letters)
        nation.counts.note_cells("notified", LETTER, first, notified)
        nation.counts.note_excluded_cells("notified", first, excluded)
        return np.split(posted.fates, posted.edges[1:-1]), posted.replaced

    def days_of(self, positions: Bits) -> Numbers:
        """Return the days that letters travel, from 16-bit positions; at least one."""
        return self.delays[positions].astype(np.int64) + 1

    def carry(self, sent: int, fates: list[Stored]) -> None:
        """Take letters posted on one day and sorted out."""
        *in_time, lost = fates
        self._returning.setdefault(sent + RETURNED_DAYS, []).append((sent, lost))
        for delay, persons in enumerate(in_time):
            day = self._law.mail_day(min(sent + delay + 1, self._law.days))
            self._arriving.setdefault(day, []).append((sent, persons))

    def arriving(self, day: int) -> Numbers:
        """Return who receives a letter today, by number."""
        return _together([persons for _, persons in self._arriving.pop(day, [])])

    def returning(self, day: int) -> list[tuple[int, Numbers]]:
        """Return whose letter comes back today, by day of sending."""
        by_day: dict[int, list[Stored]] = {}
        for sent, persons in self._returning.pop(day, []):
            by_day.setdefault(sent, []).append(persons)
        return [(sent, _together(parts)) for sent, parts in by_day.items()]


def _together(parts: list[Stored]) -> Numbers:
    return _in_order([np.empty(0, np.int32), *parts]).astype(np.int64)


def _in_order(parts: Sequence[Letters]) -> Letters:
    """Merge ascending parts: a sort that looks for runs takes a tenth of the time of another."""
    found = np.concatenate(parts)
    ascending = np.count_nonzero(found[1:] > found[:-1]) == max(0, len(found) - 1)
    return found if ascending else np.sort(found, kind="stable")


def run_printer(nation: Nation) -> Institution:
    """Print on working days what the capacity allows."""
    while True:
        yield PRINTER
        if nation.law.working[nation.day]:
            places, standing = nation.law.notice.letters_per_day, nation.people.standing
            notices, *reminders = nation.printer.take(places, standing, nation.crew)
            send_letters(nation, notices)
            for rank, persons in enumerate(reminders):
                post_reminders(nation, rank, persons)


def send_letters(nation: Nation, persons: Numbers) -> None:
    """Post notices; after a failed e-mail the window starts again."""
    people, notices, day = nation.people, nation.ledger.notices, nation.day

    def dispatch(span: tuple[int, int]) -> tuple[list[Stored], Numbers]:
        some = persons[slice(*span)]
        if nation.compiled and some[-1] < people.size:
            return nation.post.post_compiled(nation, some)
        to = Addressees.of(nation, some)
        flags = people.flags[to.persons]
        first = (flags & AWAITS_LETTER) == 0
        before = np.bincount(people.sent[to.persons[~first]], minlength=nation.law.days)
        people.sent[to.persons] = day
        people.standing[to.persons] = NOTIFIED
        kept = ~(AWAITS_LETTER | NO_CODE) & 0xFF
        people.flags[to.persons] = (flags & kept) | BY_LETTER
        events = ((first, ("notified",)), (np.ones(len(first), np.bool_), ("sent_letter",)))
        note_addressees(nation, to, LETTER, events, excluded_among(nation, to))
        bits = nation.chance(Slot.DELIVERY, to.heads)
        return nation.post.sort_out(to.persons, bits), before

    notices[day] += len(persons)
    nation.mailings.go_to(day, persons)
    for fates, before in map(dispatch, nation.crew.parts(len(persons), CHUNK)):
        nation.post.carry(day, fates)
        for sent in before.nonzero()[0].tolist():
            notices[sent] -= int(before[sent])
