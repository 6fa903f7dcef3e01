"""The life of spaces, one SimPy process a person: what `living` must agree with, event by event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import simpy

from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIELDS, Slot, draw, stream
from etalon_scenarios.layout import CELLS
from etalon_scenarios.life.account import Account
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KIND, MOMENT, PROGRAMMES
from etalon_scenarios.life.law import GAP_SHIFT, SLOT_BITS, SLOT_SHIFT, TICK_BITS
from etalon_scenarios.life.numbering import FOLLOWED, PHASE, SECOND_LIFE, reminder_number

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy import Environment, Event

    from etalon_scenarios.layout import Layout
    from etalon_scenarios.life.law import LifeLaw, StreamLaw
    from etalon_scenarios.life.spaces import Spaces

    Process = Generator[Event]


@dataclass
class Resident:
    """A person and their space.

    Attributes:
        number: Their number.
        band: Age band at the start.
        woman: Whether the person is a woman.
        department: Rank of the département.
        opened: Day the space opened.
        entered: Day its holder entered it, or `NEVER_DAY`.
        left: Day it ended, or the first after the run.
        died: Day of death, or `NEVER_DAY`.
        documents: Documents put there so far.
    """

    number: int
    band: int
    woman: bool
    department: int
    opened: int
    entered: int
    left: int
    died: int
    documents: int = 0


class Town:
    """The people of one run whose space opened.

    Attributes:
        law: The law of open spaces.
        account: What happens.
        later: Who entered after the campaign, and on which day.
    """

    def __init__(self, law: LifeLaw, spaces: Spaces, layout: Layout, seed: int) -> None:
        self.law = law
        self.account = Account(layout.departments, law.days)
        self.later: list[tuple[int, int]] = []
        self.keys = {slot: stream(seed, slot) for slot in Slot}
        self.env = simpy.Environment()
        self._spaces, self._layout = spaces, layout

    def live(self) -> Account:
        """Let the days pass, each person on their own."""
        for number, opened in enumerate(self._spaces.opened.tolist()):
            if opened < self.law.days:
                self._settle(self._resident(number, opened))
        self.env.run()
        return self.account

    def bits(self, resident: Resident, slot: Slot) -> int:
        """Draw the 64 bits of a decision of a person."""
        return draw(self.keys[slot], resident.number)

    def field(self, resident: Resident, name: str) -> int:
        """Draw one field of a decision of a person."""
        return FIELDS[name].of(self.bits(resident, FIELDS[name].slot))

    def note(self, moment: str, resident: Resident, day: int) -> None:
        """Count a moment of a person."""
        self.account.moments[MOMENT[moment], day, resident.band] += 1

    def deposit(self, resident: Resident, kind: int, day: int) -> None:
        """Count a document or a message."""
        self.account.deposits[resident.department, day, kind] += 1

    def _resident(self, number: int, opened: int) -> Resident:
        spaces, size = self._spaces, self._layout.size
        cell = self._layout.cell(number) if number < size else int(spaces.cells[number - size])
        return Resident(
            number,
            band=cell % CELLS // 2,
            woman=cell % 2 == 0,
            department=cell // CELLS,
            opened=opened,
            entered=int(spaces.entered[number]),
            left=int(spaces.left[number]),
            died=int(spaces.died[number]),
        )

    def _settle(self, resident: Resident) -> None:
        self.env.process(live_in_space(self.env, self, resident))
        for rank in range(len(PROGRAMMES)):
            self.env.process(be_reminded(self.env, self, resident, rank))


def live_in_space(env: Environment, town: Town, resident: Resident) -> Process:
    """Open the space, let documents come, close it, and open it again for some."""
    law = town.law
    yield env.timeout(resident.opened)
    if resident.opened >= resident.left:
        return
    town.note("space_opened", resident, resident.opened)
    _take_over(town, resident)
    _enter(env, town, resident)
    seed = town.bits(resident, Slot.DEPOSIT)
    env.process(receive(env, town, resident, law.care, seed, resident.opened, resident.left))
    if resident.left >= law.days:
        return
    yield env.timeout(resident.left - resident.opened)
    town.note("space_ended", resident, resident.left)
    again = resident.left + int(law.return_days[town.field(resident, "return_day")])
    end = min(law.days, resident.died)
    if town.field(resident, "return") < law.returning and again < end:
        yield env.timeout(again - resident.left)
        town.note("space_reopened", resident, again)
        # What the space held comes back into it (LIF-14): its documents go on being counted.
        second = draw(seed, SECOND_LIFE)
        env.process(receive(env, town, resident, law.care, second, again, end))
        if end < law.days:
            town.note("space_ended", resident, end)


def _take_over(town: Town, resident: Resident) -> None:
    """Move the documents of a record of before into the space."""
    law = town.law
    if town.field(resident, "legacy") >= law.legacy:
        return
    for _ in range(int(law.legacy_documents[town.field(resident, "legacy_documents")])):
        town.deposit(resident, KIND["legacy_document"], resident.opened)
        _count_document(town, resident, resident.opened)


def _count_document(town: Town, resident: Resident, day: int) -> None:
    resident.documents += 1
    if resident.documents == FIRST_DOCUMENTS[0]:
        town.note("first_document", resident, day)
    elif resident.documents == FIRST_DOCUMENTS[1]:
        town.note("fifth_document", resident, day)


def _enter(env: Environment, town: Town, resident: Resident) -> None:
    """Let the holder enter the space: when the campaign says, or later."""
    law = town.law
    if resident.entered == NEVER_DAY:
        drawn = town.field(resident, "later_activation")
        days = [day for day, share in enumerate(law.later[resident.band].tolist()) if share > drawn]
        after = days[0] if days else law.days
        if resident.opened + after >= resident.left:
            return
        resident.entered = resident.opened + after
        town.note("entered_later", resident, resident.entered)
        town.later.append((resident.number, resident.entered))
    if resident.entered >= resident.left:
        return
    town.note("entered", resident, resident.entered)
    if town.field(resident, "phone") < law.by_phone:
        town.note("entered_by_phone", resident, resident.entered)
    _pair(town, resident)
    seed = town.bits(resident, Slot.HOLDER)
    env.process(receive(env, town, resident, law.holder, seed, resident.entered, resident.left))


def _pair(town: Town, resident: Resident) -> None:
    """Pair an app with the space."""
    law, drawn = town.law, town.field(resident, "pairing")
    if drawn >= law.pairing:
        return
    day = resident.entered + int(law.pairing_days[drawn % QUANTILES])
    if day < resident.left:
        town.note("app_paired", resident, day)


def receive(  # noqa: PLR0913, PLR0917 (a stream, and between which days)
    env: Environment,
    town: Town,
    resident: Resident,
    events: StreamLaw,
    seed: int,
    first: int,
    end: int,
) -> Process:
    """Let events follow each other, gap after gap."""
    law, row = town.law, events.rows[resident.band]
    cells, days = events.cell_of_day[row], events.day_of_cell[row]
    pace = int(events.pace[row][town.field(resident, "care_seeking")])
    at, last, number = int(cells[first]) << TICK_BITS, int(cells[end]) << TICK_BITS, 0
    while True:
        word = draw(seed, number // 2) >> 32 * (number % 2)
        at += int(law.gaps[(word >> GAP_SHIFT) % QUANTILES]) * pace >> TICK_BITS
        if at >= last:
            return
        day = int(days[at >> TICK_BITS])
        yield env.timeout(max(0, day - int(env.now)))
        place = int(law.places_of_day[day]) + (word >> SLOT_SHIFT) % (1 << SLOT_BITS)
        town.deposit(resident, int(events.kinds[row][place]), day)
        if events is law.care:
            _count_document(town, resident, day)
        number += 1


def be_reminded(env: Environment, town: Town, resident: Resident, rank: int) -> Process:
    """Receive the reminders of a programme while the space is open, and follow some."""
    law, programme, shares = town.law, PROGRAMMES[rank], town.law.programmes[rank]
    if not programme.first_band <= resident.band <= programme.last_band:
        return
    if programme.women_only and not resident.woman:
        return
    seed = town.bits(resident, Slot.PREVENTION)
    due = shares.first + (
        PHASE.of(draw(seed, reminder_number(rank, 0))) * shares.span >> PHASE.width
    )
    time = 0
    while due < law.days:
        if resident.opened <= due < resident.left:
            yield env.timeout(due - int(env.now))
            town.note(f"{programme.name}_due", resident, due)
            word = draw(seed, reminder_number(rank, time))
            share = shares.entered if resident.entered <= due else shares.others
            day = due + int(law.follow_days[word % QUANTILES])
            if FOLLOWED.of(word) < share and day < law.days:
                town.note(f"{programme.name}_followed", resident, day)
        due += shares.every
        time += 1
