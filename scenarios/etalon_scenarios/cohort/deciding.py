"""Evenings: who decides, by which route they act, and acts that take effect at night."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.actors import Actors
from etalon_scenarios.cohort.attention import Intention
from etalon_scenarios.cohort.effects import (
    CLOSES,
    PURSUES,
    bring_about,
    conclude,
    meant,
    share_acts,
    take_effect,
)
from etalon_scenarios.cohort.minors import decide
from etalon_scenarios.cohort.people import ACTING
from etalon_scenarios.cohort.telephone import plan_calls
from etalon_scenarios.cohort.website import visit_minutes
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import upper, upper_below
from etalon_scenarios.timetable import DECISIONS, LATE_DECISIONS, REGENERATED_CODES

if TYPE_CHECKING:
    from etalon_scenarios.cohort.attention import Thresholds
    from etalon_scenarios.cohort.effects import Deeds
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


@dataclass(frozen=True, slots=True)
class Routes:
    """By which routes people act who begin to, by number.

    Attributes:
        callers: Who calls.
        writers: Who writes or goes to a counter.
        by_post: Which of these write.
        surfers: Who goes to the web site.
        minutes: Minute of tomorrow at which each of these comes.
    """

    callers: Numbers
    writers: Numbers
    by_post: Mask
    surfers: Numbers
    minutes: Numbers


def run_evenings(nation: Nation) -> Institution:
    """Advance the attention of every cohort each evening and let those awake choose a route."""
    people = nation.people
    while True:
        yield DECISIONS
        nation.ledger.shock[nation.day] = nation.attention.shock_step(nation.day) > 0
        awake = nation.attention.advance(nation.day)
        # Who begins to act on the first intention is no longer free for the second.
        for intention in (Intention.OPPOSE, Intention.ACTIVATE):
            decide_tonight(nation, awake[intention], intention is Intention.ACTIVATE)
        volunteers = awake[Intention.ASK_FOR_RECORD]
        nation.note("legacy_created", volunteers[people.living(volunteers)])


def decide_tonight(nation: Nation, persons: Numbers, activate: bool) -> None:  # noqa: FBT001
    """Let people, by number, begin to act on one intention."""
    for span in nation.crew.parts(len(persons)):
        set_out(nation, begin_to_act(nation, persons[slice(*span)], activate), activate)


def begin_to_act(nation: Nation, persons: Numbers, activate: bool) -> Routes:  # noqa: FBT001
    """Let those act who are free to, and whose intention still means something."""
    if nation.compiled:
        from etalon_scenarios.cohort.compiled import setting_out  # noqa: PLC0415 (where used)

        return Routes(*setting_out.begin_to_act(nation, persons, activate))
    to = Actors.of(nation, persons, np.full(len(persons), activate))
    free = (to.flags & ACTING) == 0
    to = to.only((meant(to) != 0) & free)
    nation.people.flags[to.persons] = to.flags | ACTING
    return choose_routes(nation, to)


def choose_routes(nation: Nation, to: Actors) -> Routes:
    """Choose between the telephone, the post, a counter and the web, and when to come there."""
    by_phone = nation.by_phone[decider_cells(nation, to)]
    phones, writes, by_post = route(nation, to, by_phone)
    surfers = to.persons[~(phones | writes)]
    minutes = visit_minutes(nation, surfers)
    return Routes(to.persons[phones], to.persons[writes], by_post[writes], surfers, minutes)


def route(nation: Nation, to: Actors, by_phone: Numbers) -> tuple[Mask, Mask, Mask]:
    """Tell who calls, who writes or goes to a counter, and who of these writes.

    Args:
        nation: Of the run.
        to: Who acts.
        by_phone: Share of the deciders like each one's who call, over 2 ** 32.
    """
    people, acting = nation.people, nation.law.acting
    drawn = upper(nation.chance(Slot.ROUTE, to.persons)).astype(np.int64)
    # The person in charge of a protected adult has no account on the web site: they write.
    in_charge = np.zeros(len(to.persons), np.bool_)
    opposing = (~to.activates).nonzero()[0]
    in_charge[opposing] = people.protected(to.persons[opposing], to.cells[opposing])
    phones = (drawn < by_phone) & ~in_charge
    writes = ~to.activates & (drawn < by_phone + acting.post + acting.counter) & ~phones
    by_post = (drawn < by_phone + acting.post) | in_charge
    return phones, writes | in_charge, by_post


def decider_cells(nation: Nation, to: Actors) -> Numbers:
    """Return the cell of who decides for each person."""
    cells = to.cells
    led = (to.heads != to.persons).nonzero()[0]
    if len(led):
        cells = cells.copy()
        cells[led] = nation.people.cells(to.heads[led])
    return decide(nation.law, nation.people, to.persons, to.heads, cells)[1]


def set_out(nation: Nation, routes: Routes, activate: bool) -> None:  # noqa: FBT001
    """Enter who comes when, by each route, to carry out one intention."""
    day, surfers = nation.day, routes.surfers
    nation.letters.enter(day + nation.law.acting.post_days, routes.writers, routes.by_post)
    plan_calls(nation, routes.callers, np.full(len(routes.callers), activate))
    first = np.zeros(len(surfers), np.uint8)
    wishes = np.full(len(surfers), activate)
    nation.visits.enter(day + 1, surfers, wishes, first, routes.minutes)


def run_late_decisions(nation: Nation) -> Institution:
    """Let letters and counters take effect, and holders change their minds about open spaces."""
    while True:
        yield LATE_DECISIONS
        persons, by_post = nation.letters.take(nation.day)
        for route, chosen in (("post", by_post != 0), ("counter", by_post == 0)):
            take_effect(nation, persons[chosen], np.zeros(int(chosen.sum()), np.bool_), route)
        (persons,) = nation.closings.take(nation.day)
        for deeds in share_acts(
            nation, partial(change_minds, nation), persons, np.zeros(len(persons), np.bool_)
        ):
            conclude(nation, deeds)


def change_minds(nation: Nation, to: Actors, _: Numbers) -> Deeds:
    """Let holders close their spaces; what they pursue otherwise goes on."""
    outcomes = meant(to)
    closes = outcomes == CLOSES
    return bring_about(nation, to, PURSUES | closes * np.uint8(CLOSES), "web")


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
        some = upper_below(bits, reach).nonzero()[0]
        return (some + span[0]).astype(np.int32), upper(bits[some]).astype(np.int64)

    for found in map(volunteers, nation.crew.spans(0, nation.people.size)):
        nation.attention.await_threshold(Intention.ASK_FOR_RECORD, found, 0, 0)
