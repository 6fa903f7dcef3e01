"""Automatic opening: a daily quota, by (day of the notice, person)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.delivery import EMAIL, LETTER, count_between
from etalon_scenarios.cohort.effects import closing_days
from etalon_scenarios.cohort.minors import are_minors
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    EXCLUDED,
    INFORMED,
    NOTIFIED,
    RETRIED,
    UNSEEN,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.ledger import CHANNELS
from etalon_scenarios.timetable import CREATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import People
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


MANY: Final = 8
"""Of so many neighbours one at least opens a space where the whole range is gone through."""

AT_ONCE: Final = 8
"""Stretches a process looks through, at most, before spaces are opened."""


NOBODY: Final = np.empty(0, np.int64)


@dataclass(slots=True)
class Turn:
    """The people of one day of sending whose turn has come, by number.

    Attributes:
        reached: First person not looked at yet.
        retries: People whose opening failed and is tried again; all below `reached`.
    """

    reached: int = 0
    retries: Numbers = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Due:
    """People of one group found due, by number.

    Attributes:
        persons: Numbers.
        fails: Whose opening fails today.
        span: A range that they are found in.
    """

    persons: Numbers
    fails: Mask
    span: tuple[int, int]

    def until(self, last: int) -> Due:
        """Keep the people up to a number."""
        stop = int(self.persons.searchsorted(last, side="right"))
        return Due(self.persons[:stop], self.fails[:stop], self.span)

    def of_age(self, people: People) -> Due:
        """Leave minors out."""
        kept = ~are_minors(people, self.persons)
        return Due(self.persons[kept], self.fails[kept], self.span)

    @property
    def are_many(self) -> bool:
        """Whether it costs less to go through the whole range."""
        return len(self.persons) * MANY > self.span[1] - self.span[0]

    @property
    def places(self) -> int:
        """Places of the quota that they take."""
        return len(self.fails) - int(np.count_nonzero(self.fails))

    @property
    def opening(self) -> Numbers:
        """Whose space opens today."""
        return self.persons[~self.fails] if self.fails.any() else self.persons


@dataclass(frozen=True, slots=True)
class Opened:
    """What a group of openings brings about.

    Attributes:
        failed: People whose opening is tried again later.
        closings: When holders close their space, and who.
    """

    failed: Numbers
    closings: tuple[Numbers, Numbers]


class Batch:
    """The batch that opens spaces.

    Attributes:
        begins: By day, the days of sending whose turn begins then.
    """

    def __init__(self, nation: Nation) -> None:
        self._nation = nation
        self._turns: dict[int, Turn] = {}
        self._retries: dict[int, list[tuple[int, Numbers]]] = {}
        self.begins: dict[int, list[int]] = {}
        opening = nation.law.opening
        for sent, eligible in enumerate(opening.eligible):
            if (day := max(eligible, opening.starts)) >= sent:
                self.begins.setdefault(day, []).append(sent)

    def go_on(self, day: int, planned: dict[int, list[int]]) -> None:
        """Take over from a batch that ran under another law until a day, or the same.

        Args:
            day: The next day.
            planned: What begins when under the law that holds from then on.
        """
        late = {sent for some in self.begins.values() for sent in some}
        self.begins = {}
        for begins, some in planned.items():
            for sent in some:
                if begins >= day:
                    self._turns.pop(sent, None)
                if begins >= day or sent in late:
                    self.begins.setdefault(max(begins, day), []).append(sent)

    def open_spaces(self) -> None:
        """Open what the day's quota allows of the spaces whose window has ended (LIF-04)."""
        nation = self._nation
        for sent in self.begins.pop(nation.day, ()):
            self._turns[sent] = Turn()
        retries = self._retries.pop(nation.day, [])
        # All processes know the same turns, whosever retries they are.
        for again in nation.crew.gather([sent for sent, _ in retries]):
            for sent in again:
                self._turns.setdefault(sent, Turn(reached=nation.people.number))
        for sent, persons in retries:
            turn = self._turns[sent]
            turn.retries = np.sort(np.append(turn.retries, persons), kind="stable")
        left = nation.law.opening.per_day
        for sent in sorted(self._turns):
            left = self._open_sent(sent, left)
            if not left:
                return

    def _open_sent(self, sent: int, left: int) -> int:
        """Open spaces of one day of sending; return what is left of the quota."""
        turn, crew = self._turns[sent], self._nation.crew
        left, last = self._open_first([self._due(turn.retries, sent)], sent, left)
        if not left:
            behind = int(turn.retries.searchsorted(last, side="right"))
            turn.retries = turn.retries[behind:]
            return 0
        spans = self._nation.mailings.spans(sent, crew.chunk, turn.reached)
        while spans:
            # What the quota holds where half are due: processes wait for each other less often.
            step = min(2 * left // crew.chunk + crew.size, AT_ONCE * crew.size)
            some, spans = spans[:step], spans[step:]
            found = [self._due_within(span, sent) for span in some if crew.owns(span[0])]
            left, last = self._open_first(found, sent, left)
            if not left:
                turn.retries = turn.retries[:0]
                turn.reached = last + 1
                return 0
        del self._turns[sent]
        return left

    def _open_first(self, groups: list[Due], sent: int, left: int) -> tuple[int, int]:
        """Open the spaces that places are left for; return what `Crew.ration` does."""
        taking = [due.opening for due in groups]
        left, last = self._nation.crew.ration(np.concatenate([NOBODY, *taking]), left)
        self._open(groups if left else [due.until(last) for due in groups], sent)
        return left, last

    def _due_within(self, span: tuple[int, int], sent: int) -> Due:
        people = self._nation.people
        if self._nation.compiled:
            from etalon_scenarios.cohort.compiled import services  # noqa: PLC0415 (where used)

            found = Due(*services.due_within(self._nation, span, sent), span)
            return found if self._nation.law.minors.opened else found.of_age(people)
        within = slice(*span)
        due = (people.sent[within] == sent) & (people.standing[within] == NOTIFIED)
        due &= (people.flags[within] & AWAITS_LETTER) == 0
        return self._failing(due.nonzero()[0] + span[0], span)

    def _due(self, persons: Numbers, sent: int) -> Due:
        """Keep whose last notice is that of a day, with nothing standing by."""
        people = self._nation.people
        still = (people.standing[persons] == NOTIFIED) & (people.sent[persons] == sent)
        persons = persons[still & ~people.have(persons, AWAITS_LETTER)]
        return self._failing(persons, (0, people.number))

    def _failing(self, persons: Numbers, span: tuple[int, int]) -> Due:
        nation, people = self._nation, self._nation.people
        if not nation.law.minors.opened:
            persons = persons[~are_minors(people, persons)]
        fails = np.zeros(len(persons), np.bool_)
        impossible, _ = nation.find_chance(Slot.OPENING, persons, nation.law.opening.impossible)
        fails[impossible] = ~people.have(persons[impossible], RETRIED)
        return Due(persons, fails, span)

    def _open(self, groups: Sequence[Due], sent: int) -> None:
        nation = self._nation
        for found in map(self._open_group, groups):
            nation.closings.enter_each(*found.closings)
            if len(found.failed):
                again = nation.day + nation.law.opening.retry_days
                self._retries.setdefault(again, []).append((sent, found.failed))
        opened = sum(group.places for group in groups)
        nation.ledger.since_notice["opened_automatically"][nation.day - sent] += opened

    def _open_group(self, due: Due) -> Opened:
        nation, people, counts = self._nation, self._nation.people, self._nation.counts
        if nation.observer is not None and nation.observer.hears_lives:
            nation.observer.openings(nation.day, due.persons[~due.fails])
        if nation.compiled and len(due.persons):
            from etalon_scenarios.cohort.compiled import services  # noqa: PLC0415 (where used)

            closings = services.open_group(nation, due.persons, due.fails)
            return Opened(due.persons[due.fails], closings)
        failed, persons = due.persons[due.fails], due.opening
        people.set(failed, RETRIED)
        counts.note("opening_failed", people.keys(failed))
        if due.are_many and due.span[1] <= people.size:
            self._open_within(due.span, persons)
            return Opened(failed, closing_days(nation, persons))
        people.standing[persons] = UNSEEN
        flags = people.flags[persons]
        keys = people.cells_in_order(persons) * len(CHANNELS) + 1
        keys += (flags & BY_LETTER) != 0
        counts.note("opened_automatically", keys)
        uninformed = (flags & INFORMED) == 0
        counts.note("opened_uninformed", keys[uninformed])
        if nation.law.notice.excluded:
            excluded = (flags & EXCLUDED) != 0
            counts.note_excluded("opened_automatically", keys[excluded])
            counts.note_excluded("opened_uninformed", keys[excluded & uninformed])
        return Opened(failed, closing_days(nation, persons))

    def _open_within(self, span: tuple[int, int], persons: Numbers) -> None:
        """Open the spaces of many among the neighbours of a range, all of them residents."""
        people, counts, within = self._nation.people, self._nation.counts, slice(*span)
        opens = np.zeros(span[1] - span[0], np.bool_)
        opens[persons - span[0]] = True
        np.putmask(people.standing[within], opens, UNSEEN)
        flags = people.flags[within]
        first, edges = people.layout.edges_between(*span)
        by_letter, excluded = (flags & BY_LETTER) != 0, (flags & EXCLUDED) != 0
        uninformed = opens & ((flags & INFORMED) == 0)
        for counter, those in (("opened_automatically", opens), ("opened_uninformed", uninformed)):
            by_channel = (LETTER, those & by_letter), (EMAIL, those & ~by_letter)
            for channel, some in by_channel:
                counts.note_cells(counter, channel, first, count_between(edges, some))
            if self._nation.law.notice.excluded:
                apart = count_between(edges, those & excluded)
                counts.note_excluded_cells(counter, first, apart)


def run_batch(nation: Nation, batch: Batch) -> Institution:
    """Open spaces every evening from the start of the batch."""
    while True:
        yield CREATION
        if nation.day >= nation.law.opening.starts:
            batch.open_spaces()
