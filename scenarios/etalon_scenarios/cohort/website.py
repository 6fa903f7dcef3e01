"""The web site: so many visits admitted a minute, in the order of the visitors' numbers."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.effects import (
    are_open_to,
    carry_out,
    codes_lost,
    codes_serve,
    contacts_known,
    give_up,
    regenerate_codes,
)
from etalon_scenarios.cohort.people import ACTING, ACTIVE
from etalon_scenarios.cohort.telephone import plan_calls
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper, upper_below
from etalon_scenarios.timetable import DAY, MINUTE, WEB_CLOSES_MINUTE

if TYPE_CHECKING:
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

MINUTE_SHIFT: Final = np.uint64(32 - (QUANTILES.bit_length() - 1))


def plan_visits(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Note that people come to the web site tomorrow."""
    first = np.zeros(len(persons), np.int64)
    drawn = upper(nation.repeated_chance(Slot.WEB_VISIT, first, persons))
    minutes = nation.web_minutes[drawn >> MINUTE_SHIFT]
    nation.visits.enter(nation.day + 1, persons, activates, first, minutes)


class Doors:
    """One day at the doors of the web site: who visits when, and who is let in.

    A visit is known by its rank among those planned for the day.

    Attributes:
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
        self._persons = persons
        self._minutes = minutes
        self.turned_away = turned_away
        self.today = np.ones(len(persons), np.int64)
        self.admitted = np.ones(len(persons), np.bool_)
        self.refused = np.zeros(len(persons), np.bool_)
        self.tomorrow = np.full(len(persons), -1)
        self.returned: list[tuple[Numbers, Numbers]] = []

    def admit(self) -> None:
        """Let visitors in, minute by minute; crowded minutes alone need looking at."""
        web, midnight = self._nation.law.web, self._nation.day * (DAY // MINUTE)
        admissions = (
            [web.admissions_at(midnight + at) for at in range(WEB_CLOSES_MINUTE)]
            if web.ranges
            else [web.admissions] * WEB_CLOSES_MINUTE
        )
        expected = np.bincount(self._minutes, minlength=WEB_CLOSES_MINUTE).tolist()
        if all(map(operator.le, expected, admissions)):
            return
        order = np.argsort(self._minutes, kind="stable")
        edges = np.searchsorted(self._minutes[order], np.arange(WEB_CLOSES_MINUTE + 1)).tolist()
        returning: dict[int, list[Numbers]] = {}
        for minute in range(WEB_CLOSES_MINUTE):
            if expected[minute] <= admissions[minute]:
                continue
            planned = order[edges[minute] : edges[minute + 1]]
            present = np.concatenate([planned, *returning.pop(minute, [])])
            present = present[np.argsort(self._persons[present])]
            for later, visits in self._turn_away(minute, present[admissions[minute] :]).items():
                returning.setdefault(later, []).append(visits)
                expected[later] += len(visits)

    def came(self) -> tuple[Numbers, Numbers]:
        """Return every visit of the day, as often as it came, and the minutes of the run."""
        planned = (np.arange(len(self._persons)), self._minutes)
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
            nation.repeated_chance(Slot.WEB_VISIT, self.turned_away[back], self._persons[back])
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
    people = nation.people
    while True:
        yield WEB_CLOSES_MINUTE * MINUTE
        persons, activates, before, minutes = nation.visits.take(nation.day)
        # By number: neighbours among the people are neighbours in memory.
        order = np.argsort(persons)
        order = order[people.can_act(persons[order])]
        persons, activates, before = persons[order], activates[order] != 0, before[order]
        doors = Doors(nation, persons, before.copy(), minutes[order])
        doors.admit()
        nation.note("web_visits", np.repeat(persons, doors.today))
        if nation.observer is not None:
            visits, instants = doors.came()
            nation.observer.visits(instants, persons[visits], ~activates[visits])
        nation.note("web_turned_away", np.repeat(persons, doors.turned_away - before))
        again = doors.tomorrow >= 0
        nation.visits.enter(
            nation.day + 1,
            persons[again],
            activates[again],
            doors.turned_away[again],
            doors.tomorrow[again],
        )
        _leave(nation, persons[doors.refused], activates[doors.refused])
        nation.share_acts(_act, persons[doors.admitted], activates[doors.admitted])


def _leave(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Let who was turned away too often call, or give up what still means something."""
    still = are_open_to(nation, persons, activates)
    nation.people.clear(persons[~still], ACTING)
    persons, activates = persons[still], activates[still]
    bits = nation.repeated_chance(Slot.WEB_VISIT, np.zeros(len(persons), np.int64), persons)
    calling = lower(bits) < np.uint64(nation.law.web.call_after_refusal)
    plan_calls(nation, persons[calling], activates[calling])
    give_up(nation, persons[~calling])


def _act(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Act on the web site: identify oneself, have a code that serves."""
    people, acting = nation.people, nation.law.acting
    still = are_open_to(nation, persons, activates)
    people.clear(persons[~still], ACTING)
    inside = still & (people.standing[persons] == ACTIVE)
    carry_out(nation, persons[inside], activates[inside], "web", inside[inside])
    persons, activates = persons[still & ~inside], activates[still & ~inside]
    bits = nation.chance(Slot.IDENTITY_FORM, persons)
    failed = upper_below(bits, acting.identity_failure)
    nation.note("identity_refused", persons[failed])
    calling = failed & (lower(bits) < np.uint64(acting.call_after_failure))
    plan_calls(nation, persons[calling], activates[calling])
    give_up(nation, persons[failed & ~calling])
    _enter_code(nation, persons[~failed], activates[~failed])


def _enter_code(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Give the code of the notice, or ask for another; nobody here has one already."""
    day = nation.day
    have = codes_serve(nation, persons) & ~codes_lost(nation, persons)
    carry_out(nation, persons[have], activates[have], "web", have[have])
    persons, activates = persons[~have], activates[~have]
    known = contacts_known(nation, persons)
    regenerate_codes(nation, persons[known])
    nation.regenerated.enter(
        day + nation.law.acting.regeneration_days,
        persons[known],
        activates[known],
        np.full(int(known.sum()), day),
    )
    plan_calls(nation, persons[~known], activates[~known])
