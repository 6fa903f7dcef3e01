"""Reminders to people who have kept silent since their notice.

A reminder is mail without effect in law. Who had read nothing and reads it is informed from that
day, and begins to pay attention anew; who had read the notice may act sooner. What an earlier
attention still holds for them is then void: `Reminded` says which of their thresholds hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.crew import CHUNK
from etalon_scenarios.cohort.delivery import Addressees, are_read
from etalon_scenarios.cohort.minors import are_minors
from etalon_scenarios.cohort.people import (
    AWAITS_LETTER,
    BY_LETTER,
    EXCLUDED,
    INFORMED,
    NOTIFIED,
    UNSEEN,
)
from etalon_scenarios.curves import SIXTEEN_BITS
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.law import NEVER, ReminderChannel
from etalon_scenarios.layout import CELLS
from etalon_scenarios.timetable import DELIVERY, REMINDERS

if TYPE_CHECKING:
    from etalon_scenarios.cohort.attention import Intention, Thresholds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.law import ReminderLaw
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

    Place = tuple[Intention, Thresholds, int, int]

SIXTEEN: Final = np.uint64(SIXTEEN_BITS - 1)
DELAY_SHIFT: Final = np.uint64(FIELDS["reminder_delay"].shift)
POST_SHIFT: Final = np.uint64(FIELDS["post_delay"].shift)


class Reminded:
    """What reminders have changed for each person.

    Attributes:
        anew: Day, plus one, on which attention began anew; 0 for nobody reminded so.
        bumps: Reminders read since, by whoever had read before.
        spent: Intentions that have ripened since, a bit each.
        reached: Whether a reminder was the first message to arrive.
    """

    def __init__(self, people: int) -> None:
        self.anew = np.zeros(people, np.uint16)
        self.bumps = np.zeros(people, np.uint8)
        self.spent = np.zeros(people, np.uint8)
        self.reached = np.zeros(people, np.bool_)

    def keep(self, intention: Intention, began: Numbers, persons: Numbers) -> Numbers:
        """Keep those for whom a threshold that is passed still holds, and note that it ripened.

        Args:
            intention: What they waited for.
            began: Day on which the attention that passed each threshold began.
            persons: Whose threshold is passed.
        """
        anew, bit = self.anew[persons], 1 << intention
        holds = ((anew == 0) | (anew == began + 1)) & ((self.spent[persons] & bit) == 0)
        # Two reminders may have left two thresholds to be passed on one evening.
        kept = np.unique(persons[holds])
        self.spent[kept] |= bit
        return kept

    def begin_anew(self, persons: Numbers, day: int) -> None:
        """Let nothing hold but what begins today."""
        self.anew[persons] = day + 1
        self.bumps[persons] = 0
        self.spent[persons] = 0


def keep_account(nation: Nation) -> None:
    """Begin to note what reminders change, once room is made for everybody."""
    nation.reminded = Reminded(len(nation.people.standing))
    nation.attention.keep = nation.reminded.keep


def run_reminders(nation: Nation) -> Institution:
    """Send the reminders that fall due, each morning before the printer starts."""
    by_day: dict[int, list[tuple[int, int]]] = {}
    for rank, reminder in enumerate(nation.law.reminders):
        for sent, day in enumerate(reminder.due):
            if day != NEVER:
                by_day.setdefault(day, []).append((rank, sent))
    while True:
        yield REMINDERS
        for rank, sent in by_day.pop(nation.day, ()):
            remind(nation, rank, sent)


def remind(nation: Nation, rank: int, sent: int) -> None:
    """Remind the silent people whose last notice left on one day."""
    reminder, day = nation.law.reminders[rank], nation.day

    def choose(span: tuple[int, int]) -> tuple[Numbers, Numbers, Numbers]:
        people = nation.people
        persons = _silent(nation, reminder, sent, span)
        letters = people.have(persons, BY_LETTER)
        emails = ~letters & (reminder.channel is not ReminderChannel.LETTER)
        asked = persons[~emails] if reminder.channel is not ReminderChannel.EMAIL else persons[:0]
        emailed = persons[emails]
        keys = people.keys(emailed, people.cells_in_order(emailed))
        nation.counts.note("sent_email", keys)
        return asked, emailed, emailed[~_emails_failed(nation, emailed)]

    for asked, emailed, arriving in map(choose, nation.spans_sent(sent)):
        nation.printer.ask(day, asked, 1 + rank)
        nation.ledger.reminders[day, 0] += len(emailed)
        _expect(nation, day, arriving, rank, by_letter=False)


def _silent(nation: Nation, reminder: ReminderLaw, sent: int, span: tuple[int, int]) -> Numbers:
    people, within = nation.people, slice(*span)
    silent = (people.sent[within] == sent) & (people.standing[within] == NOTIFIED)
    silent &= (people.flags[within] & AWAITS_LETTER) == 0
    places: Numbers = silent.nonzero()[0]
    persons = places + span[0]
    if reminder.from_band:
        cells = Addressees.of(nation, persons).head_cells
        persons = persons[cells % CELLS // 2 >= reminder.from_band]
    if reminder.minors is not None:
        persons = persons[are_minors(people, persons) == reminder.minors]
    return persons


def _emails_failed(nation: Nation, persons: Numbers) -> Mask:
    """Tell for which people notified by e-mail it failed for good: nothing followed."""
    if nation.law.notice.letter_after_bounce:
        return np.zeros(len(persons), np.bool_)
    heads = Addressees.of(nation, persons).heads
    bounce = np.uint64(nation.law.notice.bounce)
    return (nation.chance(Slot.NOTICE, heads) & SIXTEEN) < bounce


def _expect(nation: Nation, day: int, persons: Numbers, rank: int, *, by_letter: bool) -> None:
    columns = (np.full(len(persons), rank), np.full(len(persons), by_letter))
    nation.reminders.enter(day, persons, *columns)


def post_reminders(nation: Nation, rank: int, persons: Numbers) -> None:
    """Post reminders: an address that is wrong stays wrong."""
    people, law = nation.people, nation.law
    nation.ledger.reminders[nation.day, 1] += len(persons)

    def dispatch(span: tuple[int, int]) -> tuple[Numbers, Numbers]:
        to = Addressees.of(nation, persons[slice(*span)])
        nation.counts.note("sent_letter", people.keys(to.persons, to.cells))
        bits = nation.chance(Slot.DELIVERY, to.heads)
        arrives = ((bits & SIXTEEN) >= np.uint64(law.notice.undelivered)).nonzero()[0]
        drawn = _draw(nation, rank, to.heads[arrives])
        delays = nation.post.days_of((drawn >> DELAY_SHIFT) & SIXTEEN)
        return to.persons[arrives], delays

    for arriving, delays in map(dispatch, nation.crew.parts(len(persons), CHUNK)):
        for delay in np.unique(delays).tolist():
            day = law.mail_day(min(nation.day + delay, law.days))
            _expect(nation, day, arriving[delays == delay], rank, by_letter=True)


def _draw(nation: Nation, rank: int, heads: Numbers) -> Bits:
    return nation.random.draw_many(nation.random.key(Slot.REMINDER, rank), heads)


def run_arrivals(nation: Nation) -> Institution:
    """Let the reminders of each day arrive."""
    while True:
        yield DELIVERY
        persons, ranks, by_letter = nation.reminders.take(nation.day)
        for rank in range(len(nation.law.reminders)):
            for letters in (False, True):
                chosen = persons[(ranks == rank) & (by_letter == letters)]
                receive(nation, rank, np.sort(chosen), by_letter=letters)


def receive(nation: Nation, rank: int, persons: Numbers, *, by_letter: bool) -> None:
    """Receive a reminder, where it finds people whose notice has arrived or failed."""
    for part in nation.crew.parts(len(persons), CHUNK):
        for place in _read(nation, rank, persons[slice(*part)], by_letter=by_letter):
            nation.attention.await_threshold(*place)


def _read(nation: Nation, rank: int, persons: Numbers, *, by_letter: bool) -> list[Place]:
    """Let people read a reminder; return who sleeps until which attention of which cohort."""
    people, reminded, counts = nation.people, nation.reminded, nation.counts
    standing = people.standing[persons]
    persons = persons[(standing == NOTIFIED) | (standing == UNSEEN)]
    to = Addressees.of(nation, persons)
    if by_letter:
        first = _emails_failed(nation, persons)
        first &= ~people.have(persons, BY_LETTER) & ~reminded.reached[persons]
        began = _began(nation, to)
        waits = began < nation.day
        first &= waits
        reminded.reached[persons[first]] = True
        keys = people.keys(persons[first])
        counts.note("delivered", keys)
        counts.note_excluded("delivered", keys[people.have(persons[first], EXCLUDED)])
    else:
        waits = reminded.anew[persons] != nation.day + 1
    read = waits & are_read(nation, to.heads, _draw(nation, rank, to.heads), by_letter=by_letter)
    informed = people.have(persons, INFORMED)
    places = _inform(nation, Addressees.of(nation, persons[read & ~informed]))
    if nation.law.response.reminder_bump:
        places += _bring_forward(nation, Addressees.of(nation, persons[read & informed]))
    return places


def _began(nation: Nation, to: Addressees) -> Numbers:
    """Return the day each person's attention began."""
    people, law, persons = nation.people, nation.law, to.persons
    began = people.sent[persons].astype(np.int64)
    letters = people.have(persons, BY_LETTER).nonzero()[0]
    bits = nation.chance(Slot.DELIVERY, to.heads[letters])
    delays = nation.post.days_of((bits >> POST_SHIFT) & SIXTEEN)
    began[letters] = nation.mail_days[np.minimum(began[letters] + delays, law.days)]
    astray = _emails_failed(nation, persons)
    astray[letters] = False
    began[astray] += law.notice.bounce_days
    anew = nation.reminded.anew[persons].astype(np.int64)
    return np.where(anew > 0, anew - 1, began)


def _inform(nation: Nation, to: Addressees) -> list[Place]:
    """Let people who read only now pay attention from today."""
    people = nation.people
    keys = people.keys(to.persons, to.cells)
    nation.counts.note("read", keys)
    nation.counts.note_excluded("read", keys[people.have(to.persons, EXCLUDED)])
    people.set(to.persons, INFORMED)
    nation.reminded.begin_anew(to.persons, nation.day)
    began = np.full(len(to.persons), nation.day)
    return [
        place
        for intention, wish in _wishes(nation, to)
        for place in _part(nation, to, began, intention, wish)
    ]


def _bring_forward(nation: Nation, to: Addressees) -> list[Place]:
    """Lower the thresholds that people who had read before still wait for."""
    bump, reminded = nation.law.response.reminder_bump, nation.reminded
    reminded.bumps[to.persons] += 1
    began = _began(nation, to)
    places: list[Place] = []
    for intention, (persons, thresholds) in _wishes(nation, to):
        waiting = (reminded.spent[persons] & (1 << intention)) == 0
        lowered = thresholds - bump * reminded.bumps[persons].astype(np.int64)
        earlier = (persons[waiting], np.maximum(lowered[waiting], 0))
        places += _part(nation, to, began, intention, earlier)
    return places


def _wishes(nation: Nation, to: Addressees) -> list[tuple[Intention, Thresholds]]:
    informed = np.ones(len(to.persons), np.bool_)
    return nation.response.thresholds(to.persons, to.heads, to.head_cells, informed)


def _part(
    nation: Nation, to: Addressees, began: Numbers, intention: Intention, wish: Thresholds
) -> list[Place]:
    """Part people by day of their notice and day on which their attention began."""
    persons, thresholds = wish
    sent = nation.people.sent[persons].astype(np.int64)
    width = nation.law.days + 1
    keys = sent * width + began[to.persons.searchsorted(persons)]
    order = keys.argsort(kind="stable")
    found, edges = np.unique(keys[order], return_index=True)
    groups = zip(
        np.split(persons[order], edges[1:]), np.split(thresholds[order], edges[1:]), strict=True
    )
    return [
        (intention, group, key // width, key % width)
        for key, group in zip(found.tolist(), groups, strict=False)
    ]
