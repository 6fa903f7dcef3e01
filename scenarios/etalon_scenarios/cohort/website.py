"""The web site: so many visits admitted a minute, in the order of the visitors' numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.actors import Actors
from etalon_scenarios.cohort.effects import (
    GIVES_UP,
    NEW_CODE,
    PURSUES,
    UNIDENTIFIED,
    bring_about,
    codes_lost,
    codes_serve,
    conclude,
    contacts_known,
    meant,
    share_acts,
)
from etalon_scenarios.cohort.people import ACTIVE
from etalon_scenarios.cohort.telephone import plan_calls
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper
from etalon_scenarios.timetable import DAY, MINUTE, WEB_CLOSES_MINUTE

if TYPE_CHECKING:
    from etalon_scenarios.cohort.effects import Deeds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

MINUTE_SHIFT: Final = np.uint64(32 - (QUANTILES.bit_length() - 1))


def visit_minutes(nation: Nation, persons: Numbers) -> Numbers:
    """Draw the minute of the day at which each person comes to the web site first."""
    minutes: Numbers = nation.web_minutes[
        upper(nation.chance(Slot.WEB_VISIT, persons)) >> MINUTE_SHIFT
    ]
    return minutes


class Doors:
    """One day at the doors of the web site: who visits when, and who is let in.

    A visit is known by its rank among those planned for the day, of every process.

    Attributes:
        persons: By visit, who comes.
        turned_away: By visit, how often it was turned away, today and before.
        today: By visit, how often it came today.
        admitted: By visit, whether it was let in.
        refused: By visit, whether it was turned away for the last time.
        tomorrow: By visit, the minute of tomorrow at which it comes again, or -1.
        returned: Visits that came again today, and their minutes, in parts.
    """

    def __init__(
        self, nation: Nation, persons: Numbers, turned_away: Numbers, minutes: Numbers
    ) -> None:
        self._nation = nation
        self.persons = persons
        self._minutes = minutes
        self.turned_away = turned_away
        self.today = np.ones(len(persons), np.int64)
        self.admitted = np.ones(len(persons), np.bool_)
        self.refused = np.zeros(len(persons), np.bool_)
        self.tomorrow = np.full(len(persons), -1)
        self.returned: list[tuple[Numbers, Numbers]] = []

    def admit(self, admissions: list[int]) -> None:
        """Let so many visitors in each minute; crowded minutes alone need looking at."""
        expected = np.bincount(self._minutes, minlength=WEB_CLOSES_MINUTE).tolist()
        order = self._minutes.argsort(kind="stable")
        edges = np.searchsorted(self._minutes[order], np.arange(WEB_CLOSES_MINUTE + 1)).tolist()
        returning: dict[int, list[Numbers]] = {}
        for minute in range(WEB_CLOSES_MINUTE):
            if expected[minute] <= admissions[minute]:
                continue
            planned = order[edges[minute] : edges[minute + 1]]
            present = np.concatenate([planned, *returning.pop(minute, [])])
            present = present[np.argsort(self.persons[present])]
            for later, visits in self._turn_away(minute, present[admissions[minute] :]).items():
                returning.setdefault(later, []).append(visits)
                expected[later] += len(visits)

    def part(self, visits: slice) -> Doors:
        """Return what became of some of the visits planned for the day, now ranked anew."""
        some = Doors(
            self._nation, self.persons[visits], self.turned_away[visits], self._minutes[visits]
        )
        some.today, some.tomorrow = self.today[visits], self.tomorrow[visits]
        some.admitted, some.refused = self.admitted[visits], self.refused[visits]
        for returned, minutes in self.returned:
            own = (visits.start <= returned) & (returned < visits.stop)
            some.returned.append((returned[own] - visits.start, minutes[own]))
        return some

    def came(self) -> tuple[Numbers, Numbers]:
        """Return every visit of the day, as often as it came, and the minutes of the run."""
        planned = (np.arange(len(self.persons)), self._minutes)
        visits, minutes = zip(planned, *self.returned, strict=True)
        midnight = self._nation.day * (DAY // MINUTE)
        return np.concatenate(visits), np.concatenate(minutes) + midnight

    def _turn_away(self, minute: int, visits: Numbers) -> dict[int, Numbers]:
        """Turn visits away; return those that come back today, by minute."""
        nation, web = self._nation, self._nation.law.web
        self.turned_away[visits] += 1
        last = self.turned_away[visits] > web.returns
        self.refused[visits[last]] = True
        back = visits[~last]
        self.admitted[visits[last]] = False
        drawn = upper(
            nation.repeated_chance(Slot.WEB_VISIT, self.turned_away[back], self.persons[back])
        )
        wait = (drawn * np.uint64(web.return_minutes) >> np.uint64(32)).astype(np.int64)
        later = minute + 1 + wait
        closed = later >= WEB_CLOSES_MINUTE
        self.tomorrow[back[closed]] = nation.web_minutes[drawn[closed] >> MINUTE_SHIFT]
        self.admitted[back[closed]] = False
        back, later = back[~closed], later[~closed]
        self.today[back] += 1
        self.returned.append((back, later))
        return {at: back[later == at] for at in np.unique(later).tolist()}


def run_website(nation: Nation) -> Institution:
    """Admit the day's visitors, who then act."""
    while True:
        yield WEB_CLOSES_MINUTE * MINUTE
        persons, activates, before, minutes = nation.visits.take(nation.day)
        # Several processes share the doors: each must come to them.
        if len(persons) or nation.crew.size > 1:
            receive(nation, persons, activates != 0, before, minutes)


def at_the_doors(nation: Nation, persons: Numbers, before: Numbers, minutes: Numbers) -> Doors:
    """Admit the visitors of every process, where a minute is crowded; return those of this one."""
    crew, web = nation.crew, nation.law.web
    own = np.bincount(minutes, minlength=WEB_CLOSES_MINUTE)
    expected: Numbers = np.sum(crew.gather(own), axis=0)
    if not web.ranges and expected.max() <= web.admissions:
        return Doors(nation, persons, before.copy(), minutes)
    midnight = nation.day * (DAY // MINUTE)
    admissions = [web.admissions_at(midnight + at) for at in range(WEB_CLOSES_MINUTE)]
    if (expected <= np.array(admissions)).all():
        return Doors(nation, persons, before.copy(), minutes)
    columns, within = crew.join(persons, before.copy(), minutes)
    doors = Doors(nation, *columns)
    doors.admit(admissions)
    return doors.part(within)


def receive(
    nation: Nation, persons: Numbers, activates: Mask, before: Numbers, minutes: Numbers
) -> None:
    """Let those who can act come to the doors, and those admitted act.

    Args:
        nation: Of the run.
        persons: Who is to come today, each once, in any order.
        activates: Whether each activates, or else opposes.
        before: How often each was turned away before today.
        minutes: Minute of the day at which each comes first.
    """
    # By number: neighbours among the people are neighbours in memory. They come in a few
    # ascending parts, which a stable sort merges.
    order = persons.argsort(kind="stable")

    def come(span: tuple[int, int]) -> tuple[Actors, Numbers]:
        places = order[slice(*span)]
        to = Actors.of(nation, persons[places], activates[places])
        places, to = places[to.able], to.only(to.able)
        nation.counts.note("web_visits", to.keys())
        return to, places

    found = [come(part) for part in nation.crew.parts(len(persons))]
    places = np.concatenate([np.empty(0, np.int64), *(places for _, places in found)])
    persons, activates, before = persons[places], activates[places], before[places]
    doors = at_the_doors(nation, persons, before, minutes[places])
    if nation.observer is not None:
        visits, instants = doors.came()
        nation.observer.visits(instants, persons[visits], ~activates[visits])
    if not doors.admitted.all() or doors.returned:
        _come_again(nation, doors, before, activates)
        _leave(nation, persons[doors.refused], activates[doors.refused])
    stops = np.cumsum([len(to.persons) for to, _ in found]).tolist()

    def act(rank: int) -> Deeds:
        to, stop = found[rank][0], stops[rank]
        to = to.only(doors.admitted[stop - len(to.persons) : stop])
        return bring_about(nation, to, judge_visit(nation, to), "web")

    for deeds in map(act, range(len(found))):
        _follow_up(nation, deeds)


def _come_again(nation: Nation, doors: Doors, before: Numbers, activates: Mask) -> None:
    """Count who was turned away, and note who comes back tomorrow."""
    persons = doors.persons
    nation.note("web_visits", np.repeat(persons, doors.today - 1))
    nation.note("web_turned_away", np.repeat(persons, doors.turned_away - before))
    again = doors.tomorrow >= 0
    nation.visits.enter(
        nation.day + 1,
        persons[again],
        activates[again],
        doors.turned_away[again],
        doors.tomorrow[again],
    )


def _follow_up(nation: Nation, deeds: Deeds) -> None:
    """Enter what visitors did; note who calls, and who comes back with a new code."""
    conclude(nation, deeds)
    persons, activates = deeds.to.persons, deeds.to.activates
    calling = deeds.whose(PURSUES | NEW_CODE, PURSUES)
    plan_calls(nation, persons[calling], activates[calling])
    waiting = deeds.whose(PURSUES | NEW_CODE, PURSUES | NEW_CODE)
    back = nation.day + nation.law.acting.regeneration_days
    issued = np.full(len(waiting), nation.day)
    nation.regenerated.enter(back, persons[waiting], activates[waiting], issued)


def _leave(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Let who was turned away too often call, or give up what still means something."""

    def leave(to: Actors, _: Numbers) -> Deeds:
        bits = nation.chance(Slot.WEB_VISIT, to.persons)
        calling = lower(bits) < np.uint64(nation.law.web.call_after_refusal)
        outcomes = np.where(calling, PURSUES, GIVES_UP).astype(np.uint8)
        outcomes[meant(to) == 0] = 0
        return bring_about(nation, to, outcomes, "web")

    for deeds in share_acts(nation, leave, persons, activates):
        _follow_up(nation, deeds)


def judge_visit(nation: Nation, to: Actors) -> Bytes:
    """Say what visits come to: one identifies oneself, then needs a code that serves."""
    if nation.compiled:
        from etalon_scenarios.cohort.compiled import acts  # noqa: PLC0415 (Numba, where used)

        return acts.judge_visit(nation, to)
    acting, outcomes = nation.law.acting, meant(to)
    inside = to.standing == ACTIVE
    some = ((outcomes != 0) & ~inside).nonzero()[0]
    failed, bits = nation.find_chance(Slot.IDENTITY_FORM, to.persons[some], acting.identity_failure)
    calling = lower(bits) < np.uint64(acting.call_after_failure)
    outcomes[some[failed]] = UNIDENTIFIED | np.where(calling, PURSUES, GIVES_UP).astype(np.uint8)
    some = np.delete(some, failed)
    have = codes_serve(nation, to, some) & ~codes_lost(nation, to.persons[some])
    lacking = some[~have]
    known = contacts_known(nation, to, lacking)
    outcomes[lacking] = PURSUES | np.uint8(NEW_CODE) * known
    return outcomes
