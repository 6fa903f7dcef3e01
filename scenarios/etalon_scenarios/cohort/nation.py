"""The nation of one run: its people, its chance, what is due on later days, its ledger."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.attention import Attention
from etalon_scenarios.cohort.blocks import Mailings
from etalon_scenarios.cohort.counting import EXCLUDED_RANK, DayCounts
from etalon_scenarios.cohort.hearsay import Hearsay, tell
from etalon_scenarios.cohort.ordering import ascending
from etalon_scenarios.cohort.people import EXCLUDED, People
from etalon_scenarios.cohort.printing import PostOffice, Printer
from etalon_scenarios.cohort.reminders import Reminded
from etalon_scenarios.cohort.response import BRANCH_REACH, Response
from etalon_scenarios.cohort.telephone import Exchange
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import SEXES
from etalon_scenarios.ledger import Ledger
from etalon_scenarios.randomness_arrays import ARRAY_FUNCTIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.crew import Crew
    from etalon_scenarios.cohort.opening import Batch
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.layout_arrays import People as Numbers
    from etalon_scenarios.observation import Observer
    from etalon_scenarios.timetable import Timetable

    Column = NDArray[np.int64] | NDArray[np.uint8] | NDArray[np.bool_]


class Diary:
    """What is due on later days: arrays side by side, one line a person."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._days: dict[int, list[tuple[Column, ...]]] = {}
        self._loose: list[tuple[Column, ...]] = []

    def enter(self, day: int, *columns: Column) -> None:
        """Note lines due on a day."""
        if len(columns[0]):
            self._days.setdefault(day, []).append(columns)

    def enter_each(self, days: Numbers, *columns: Column) -> None:
        """Note lines, each due on a day of its own."""
        if len(days):
            self._loose.append((days, *columns))

    def _bind(self) -> None:
        """Sort the lines that were noted each for a day of its own: all together costs least."""
        if not self._loose:
            return
        days, *columns = (np.concatenate(parts) for parts in zip(*self._loose, strict=True))
        self._loose.clear()
        order = ascending(days)
        days, columns = days[order], [column[order] for column in columns]
        edges = np.diff(days, prepend=-1, append=-1).nonzero()[0].tolist()
        for first, last in pairwise(edges):
            self.enter(int(days[first]), *(column[first:last] for column in columns))

    def take(self, day: int) -> tuple[Numbers, ...]:
        """Return the lines due on a day, in any order, and forget them."""
        self._bind()
        lines = self._days.pop(day, None)
        if lines is None:
            return (np.empty(0, np.int64),) * self._columns
        return tuple(
            np.concatenate(parts, dtype=np.int64, casting="unsafe")
            for parts in zip(*lines, strict=True)
        )


class Nation:
    """Everything the institutions of one run share.

    Attributes:
        law: What happens, in integers.
        timetable: Days and civil dates.
        random: Function that draws, under the seed of the run.
        crew: The processes that share the run.
        observer: Told which people came, called, entered and left, or None.
        may_branch: Whether what another law might need later is kept too.
        compiled: Whether costly passes go through the kernels of `compiled`.
        people: Everybody.
        ledger: What happened on the days done.
        counts: What happened today.
        day: The day being run.
        attention: Who sleeps until when.
        response: At which attention people decide.
        mailings: Where the notices of each day went.
        visits: Due on the web: (person, activates, visit, minute of the day).
        calls: Due on the telephone: (person, purpose, attempt).
        questions: Due to call for information: (person,).
        letters: Due from people who write or go to a counter: (person, by post).
        regenerated: Due with a new code: (person, activates, day the code was issued).
        closings: Due to close their space: (person,).
        reminders: Due to receive a reminder: (person, rank of the reminder, by letter).
        reminded: What reminders have changed for each person; empty without any.
        batch: The batch that opens spaces, once it is set up.
        exchange: The telephone exchange.
    """

    def __init__(  # noqa: PLR0913 (what a run is made of)
        self,
        law: Law,
        layout: Layout,
        timetable: Timetable,
        seed: int,
        crew: Crew,
        *,
        observer: Observer | None = None,
        may_branch: bool = False,
        compiled: bool = False,
    ) -> None:
        self.law = law
        self.timetable = timetable
        self.crew = crew
        self.observer = observer
        self.may_branch = may_branch
        self.compiled = compiled
        self.people = People(layout, law.days, crew)
        self.ledger = Ledger(layout.departments, law.days)
        self.counts = DayCounts(len(layout.departments), self.ledger.excluded, crew)
        self.day = 0
        self.random = ARRAY_FUNCTIONS[law.random](seed)
        self.keys: dict[Slot, int] = {slot: self.random.key(slot) for slot in Slot}
        self._repeated: dict[Slot, Bits] = {}
        self.attention = Attention(law, compiled=compiled)
        self.response = Response(law, self.random, self.people, BRANCH_REACH if may_branch else 0)
        self.mailings = Mailings(law.days, 2 * layout.size, crew)
        self.visits = Diary(4)
        self.calls = Diary(3)
        self.questions = Diary(1)
        self.letters = Diary(2)
        self.regenerated = Diary(3)
        self.closings = Diary(1)
        self.bounces = Diary(1)
        self.printer = Printer(len(law.reminders))
        self.reminders = Diary(3)
        self.reminded = Reminded(0)
        self.post = PostOffice(law)
        self.batch: Batch | None = None
        self.exchange = Exchange(law.phone.agents, law.phone.lines, compiled=compiled)
        self.email = np.array(law.notice.email, dtype=np.uint64)
        self.by_phone = np.tile(
            np.repeat(np.array(law.acting.phone, dtype=np.int64), len(SEXES)),
            len(layout.departments),
        )
        self.accounts = np.array(law.acting.accounts, dtype=np.uint64)
        self.mail_days = np.array([law.mail_day(day) for day in range(law.days + 1)])
        self.code_ends = np.array(law.opening.code_ends, dtype=np.int64)
        self.web_minutes = np.array(law.web.minutes, dtype=np.int64)
        self.services = np.array(law.phone.service, dtype=np.int64)
        self.patience = np.array(law.phone.patience, dtype=np.int64)

    def join_crew(self) -> None:
        """Begin work in one process: the first alone talks to the observer of the run."""
        self.counts.join_crew(self.crew.rank)
        if self.crew.rank and self.observer is not None:
            self.observer = Hearsay(hears_lives=self.observer.hears_lives)

    def close_run(self) -> None:
        """Add to the ledger of the first process what the others entered apart from cells."""
        if self.crew.rank:
            self.crew.report(self.ledger)
        for other in self.crew.hear():
            self.ledger.add(other)

    def close_day(self) -> None:
        """Write the day that has ended, with what every process counted, into the ledger."""
        if self.crew.rank:
            self.counts.pour()
            heard = self.observer.take() if isinstance(self.observer, Hearsay) else []
            self.crew.report(heard)
            return
        for heard in self.crew.hear():
            if self.observer is not None:
                tell(self.observer, heard)
        self.counts.collect()
        self.ledger.close_day(self.day, *self.counts.close())

    def spans_sent(self, sent: int) -> list[tuple[int, int]]:
        """Return the stretches of this process that the notices of a day went to."""
        spans = self.mailings.spans(sent, self.crew.chunk)
        return [span for span in spans if self.crew.owns(span[0])]

    def chance(self, slot: Slot, persons: Numbers) -> Bits:
        """Draw the 64 bits of a decision of each person."""
        return self.random.draw_many(self.keys[slot], persons)

    def find_chance(self, slot: Slot, persons: Numbers, share: int) -> tuple[Numbers, Bits]:
        """Find whose draw of a decision is below a share over 2 ** 32, by its bits 32 to 63.

        Returns:
            The place of each in `persons`, ascending, and their 64 bits.
        """
        return self.random.find_below(self.keys[slot], persons, share)

    def chance_within(self, slot: Slot, first: int, last: int) -> Bits:
        """Draw the 64 bits of a decision of the people from `first` to `last` - 1."""
        return self.random.draw_range(self.keys[slot], first, last)

    def repeated_chance(self, slot: Slot, repetitions: Numbers, persons: Numbers) -> Bits:
        """Draw the 64 bits of a decision that people take several times, each a repetition."""
        last = int(repetitions.max(initial=0))
        if not last:
            return self.random.draw_many(self.random.key(slot), persons)
        keys = self._repeated.get(slot)
        if keys is None or len(keys) <= last:
            found = [self.random.key(slot, rank) for rank in range(last + 1)]
            keys = self._repeated[slot] = np.array(found, dtype=np.uint64)
        return self.random.draw_many(keys[repetitions], persons)

    def note(self, counter: str, persons: Numbers) -> None:
        """Count one event of each person today."""
        if not len(persons):
            return
        if self.compiled:
            from etalon_scenarios.cohort.compiled import noting  # noqa: PLC0415 (Numba, if used)

            noting.note(self, counter, persons)
            return
        keys = self.people.keys(persons)
        self.counts.note(counter, keys)
        if counter in EXCLUDED_RANK and self.law.notice.excluded:
            self.counts.note_excluded(counter, keys[self.people.have(persons, EXCLUDED)])
