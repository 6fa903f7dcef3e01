"""Evenings: who decides, by which route they act, and acts that take effect at night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.attention import Intention
from etalon_scenarios.cohort.effects import are_open_to, close, take_effect
from etalon_scenarios.cohort.minors import decide
from etalon_scenarios.cohort.people import ACTING, ACTIVE, UNSEEN
from etalon_scenarios.cohort.telephone import plan_calls
from etalon_scenarios.cohort.website import plan_visits
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import upper, upper_below
from etalon_scenarios.layout import CELLS
from etalon_scenarios.timetable import DECISIONS, LATE_DECISIONS, REGENERATED_CODES

if TYPE_CHECKING:
    from etalon_scenarios.cohort.attention import Thresholds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


def run_evenings(nation: Nation) -> Institution:
    """Advance the attention of every cohort each evening and let those awake choose a route."""
    people = nation.people
    while True:
        yield DECISIONS
        nation.ledger.shock[nation.day] = nation.attention.shock_step(nation.day) > 0
        awake = nation.attention.advance(nation.day)
        # Who begins to act on the first intention is no longer free for the second.
        for intention in (Intention.OPPOSE, Intention.ACTIVATE):
            persons = np.sort(awake[intention])
            activates = np.full(len(persons), intention is Intention.ACTIVATE)
            nation.share_acts(begin_to_act, persons, activates)
        volunteers = awake[Intention.ASK_FOR_RECORD]
        nation.note("legacy_created", volunteers[people.living(volunteers)])


def begin_to_act(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Let those act who are free to, and whose intention still means something."""
    free = ~nation.people.have(persons, ACTING)
    persons, activates = persons[free], activates[free]
    ready = are_open_to(nation, persons, activates)
    nation.people.set(persons[ready], ACTING)
    choose_route(nation, persons[ready], activates[ready])


def choose_route(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Send people to the telephone, the post, a counter or the web."""
    people, acting = nation.people, nation.law.acting
    cells = people.cells(persons)
    heads = people.heads(persons, cells)
    _, decider_cells = decide(nation.law, people, persons, heads, people.cells(heads))
    bands = decider_cells % CELLS // 2
    drawn = upper(nation.chance(Slot.ROUTE, persons)).astype(np.int64)
    by_phone = np.array(acting.phone, dtype=np.int64)[bands]
    # The person in charge of a protected adult has no account on the web site: they write.
    in_charge = np.zeros(len(persons), np.bool_)
    opposing = np.flatnonzero(~activates)
    in_charge[opposing] = people.protected(persons[opposing], cells[opposing])
    phone = (drawn < by_phone) & ~in_charge
    writes = ~activates & (drawn < by_phone + acting.post + acting.counter) & ~phone
    writes |= in_charge
    by_post = (drawn < by_phone + acting.post) | in_charge
    nation.letters.enter(nation.day + acting.post_days, persons[writes], by_post[writes])
    plan_calls(nation, persons[phone], activates[phone])
    web = ~(phone | writes)
    plan_visits(nation, persons[web], activates[web])


def run_late_decisions(nation: Nation) -> Institution:
    """Let letters and counters take effect, and holders change their minds about open spaces."""
    people = nation.people
    while True:
        yield LATE_DECISIONS
        persons, by_post = nation.letters.take(nation.day)
        for route, chosen in (("post", by_post != 0), ("counter", by_post == 0)):
            take_effect(nation, persons[chosen], np.zeros(int(chosen.sum()), np.bool_), route)
        (persons,) = nation.closings.take(nation.day)
        standing = people.standing[persons]
        persons = persons[(standing == UNSEEN) | (standing == ACTIVE)]
        able = people.can_act(persons)
        close(nation, persons[able])


def run_regenerated_codes(nation: Nation) -> Institution:
    """Let people whose new code has arrived come back."""
    while True:
        yield REGENERATED_CODES
        persons, activates, issued = nation.regenerated.take(nation.day)
        serve = nation.day < nation.code_ends[issued]
        take_effect(nation, persons, activates != 0, "web", serve)


def await_volunteers(nation: Nation) -> None:
    """Put to sleep the residents who ask for a record of the voluntary scheme in this run."""
    reach = sum(nation.law.opening.opt_in_steps)

    def volunteers(span: tuple[int, int]) -> Thresholds:
        bits = nation.chance_within(Slot.OPT_IN, *span)
        some = np.flatnonzero(upper_below(bits, reach))
        return (some + span[0]).astype(np.int32), upper(bits[some]).astype(np.int64)

    for found in nation.crew.share(volunteers, nation.crew.spans(0, nation.people.size)):
        nation.attention.await_threshold(Intention.ASK_FOR_RECORD, found, 0, 0)
