"""The agents engine: conservation, the model's own view, determinism, levers that bite."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model import State
from etalon_scenarios.agents import Run, simulate
from etalon_scenarios.agents.simulation import model_parameters, start
from etalon_scenarios.agents.world import Agent, Standing, World
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.tally import Tally
from etalon_scenarios.timetable import DAY, ORDER, Timetable

if TYPE_CHECKING:
    from etalon_scenarios.scenario import Scenario

PILOT = load_scenario("pilot-2021")

STATES = {
    Standing.WAITING: State.NOT_NOTIFIED,
    Standing.NOTIFIED: State.NOTIFIED,
    Standing.OPPOSED: State.OPPOSED,
    Standing.UNSEEN: State.OPEN_INACTIVE,
    Standing.ACTIVE: State.OPEN_ACTIVE,
    Standing.CLOSED: State.CLOSED_ARCHIVED,
}

VARIED = (
    "intent.opposition",
    "intent.activation",
    "notices.email_bounce",
    "post.undelivered",
    "friction.identity_failure",
    "friction.lost_code",
    "friction.contact_known_letter",
    "routes.post",
    "routes.counter",
    "hotline.information_calls",
    "closing.per_year",
    "creation.impossible_share",
    "population.twin_share",
    "population.protected_share",
)
"""Shares that a random scenario draws anew: rare paths become common."""


SHARES = ("0", "0.1", "0.4", "0.9")


def let_live(scenario: Scenario, population: int, seed: int) -> World:
    """Run a scenario to its end and return its world."""
    table = population_table(scenario)
    days = (scenario.ends_on - scenario.starts_on).days + 1
    layout = lay_out(scenario, table, population)
    law = build_law(scenario, table, layout, days)
    timetable = Timetable(scenario.starts_on, days)
    world = World(law, layout, timetable, model_parameters(scenario), seed)
    start(world)
    for day in range(days):
        world.begin_day(day)
        world.env.run(until=(day + 1) * DAY)
        world.close_day()
    return world


def run(scenario: Scenario = PILOT, population: int = 3_000, seed: int = 1) -> Run:
    """Simulate and return the run."""
    return simulate(scenario, population=population, seed=seed)


def affiliated(world: World) -> list[Agent]:
    """The people the insurer knows by the end."""
    return [agent for agent in world.people if agent.number not in world.newborns]


def scenario_with(
    shares: tuple[str, ...], clock: str, window: str, surge: str, *, shock: bool
) -> Scenario:
    """Load the pilot with some of its numbers and switches changed."""
    changes = [f"{path}={share}" for path, share in zip(VARIED, shares, strict=True)]
    changes += [
        f"creation.clock={clock}",
        f"enrolment.opposition_window={window}",
        f"enrolment.code_validity={window}",
        f"response.deadline_surge={surge}",
    ]
    if shock:
        changes += ["media.shock_on=2021-10-05", "media.shock_size=20"]
    return load_scenario("pilot-2021", changes)


random_scenarios = st.builds(
    scenario_with,
    st.tuples(
        *(
            st.sampled_from(["0", "0.1", "0.3"] if path.startswith("routes") else SHARES)
            for path in VARIED
        )
    ),
    st.sampled_from(["own-notice", "last-wave"]),
    st.sampled_from(["P1M", "P6W", "P10D"]),
    st.sampled_from(["0", "0.3"]),
    shock=st.booleans(),
)


@settings(max_examples=settings().max_examples // 4)
@given(random_scenarios, st.integers(1, 400), st.integers(0, 2**32))
def test_in_any_scenario_the_law_foresees_every_outcome_and_counts_agree_with_the_model(
    scenario: Scenario, population: int, seed: int
) -> None:
    """No command surprises, agents stand where the model says, counters balance."""
    world = let_live(scenario, population, seed)

    for agent in affiliated(world):
        known = world.service.person(agent.ins)
        assert (
            known.is_dead
            if agent.standing is Standing.DEAD
            else known.state is STATES[agent.standing]
        )
    totals = world.ledger.totals()
    standing = Counter(agent.standing for agent in world.people)
    assert totals["notified"] == sum(agent.sent >= 0 for agent in world.people)
    assert totals["notified"] <= totals["sent_email"] + totals["sent_letter"]
    assert totals["opposed"] == sum(
        totals[f"opposed_{route}"] for route in ("web", "phone", "post", "counter")
    )
    assert totals["calls"] == (
        totals["calls_answered"] + totals["calls_blocked"] + totals["calls_abandoned"]
    )
    assert standing[Standing.DEAD] == totals["died"]
    assert standing[Standing.OPPOSED] <= totals["opposed"]
    assert len(world.people) == population + totals["born"]
    assert totals["opened_uninformed"] <= totals["opened_automatically"]
    assert totals["read"] <= totals["delivered"]


def test_the_same_seed_gives_the_same_ledger() -> None:
    """Two runs of one scenario, population and seed share every cell."""
    assert run().ledger.digest() == run().ledger.digest()


def test_another_seed_gives_another_ledger_under_the_same_law() -> None:
    """The seed moves people, not the law."""
    one, other = run(seed=1), run(seed=2)

    assert one.ledger.digest() != other.ledger.digest()
    assert one.law_digest == other.law_digest


def test_a_person_draws_the_same_under_two_policies() -> None:
    """Common random numbers: whoever opposes at a lower wish opposes at a higher one too."""
    low = let_live(PILOT.with_values({"intent.opposition": Decimal("0.1")}), 1_500, 3)
    high = let_live(PILOT.with_values({"intent.opposition": Decimal("0.2")}), 1_500, 3)
    moved = [
        agent.number
        for agent in low.people[:1_500]
        if agent.standing is Standing.OPPOSED
        and high.people[agent.number].standing
        not in (Standing.OPPOSED, Standing.DEAD, Standing.CLOSED)
    ]

    assert moved == []
    assert high.ledger.totals()["opposed"] > 1.5 * low.ledger.totals()["opposed"]


def test_stopping_after_a_day_leaves_the_days_done_as_they_were() -> None:
    """A run stopped early holds the same first days as the whole run."""
    whole = run(population=2_000)
    days = iter(range(1, 1_000))
    part = simulate(PILOT, population=2_000, seed=1, stop=lambda: next(days) == 30)

    assert part.days_done == 30
    assert part.ledger.table() == {
        key: counts for key, counts in whole.ledger.table().items() if key[0] < 30
    }


def test_a_run_until_a_date_stops_there() -> None:
    """`until` bounds the days and the law."""
    part = simulate(PILOT, population=500, seed=1, until=date(2021, 9, 30))

    assert part.days_done == 32


def test_nobody_is_opened_before_the_window_has_ended() -> None:
    """The first automatic opening falls 42 days after the first notice, never sooner."""
    ledger = run().ledger

    assert sum(ledger.since_notice["opened_automatically"][:42]) == 0
    assert ledger.since_notice["opened_automatically"][42] > 0


def test_a_quota_bounds_the_spaces_opened_a_day() -> None:
    """No day opens more than the scaled quota."""
    scenario = load_scenario("pilot-2021", ["creation.per_day=34509"])  # 1 % of the population
    tally = Tally(run(scenario))
    opened = [tally.of_day("opened_automatically", day) for day in range(114)]

    assert max(opened) == 30
    assert tally.run.law.opening.per_day == 30


def test_the_clock_of_the_last_wave_delays_every_opening() -> None:
    """Under `last-wave` nobody is opened before the last sending plus the window."""
    scenario = load_scenario("pilot-2021", ["creation.clock=last-wave"])
    tally = Tally(run(scenario))
    last = (date(2021, 9, 15) - date(2021, 8, 30)).days + 42

    assert tally.until("opened_automatically", last - 1) == 0
    assert tally.of_day("opened_automatically", last) > 0


def test_letters_wait_for_the_printer() -> None:
    """A printer ten times too small posts its capacity each working day, never more."""
    scenario = load_scenario("pilot-2021", ["post.letters_per_day=5000"])
    tally = Tally(run(scenario))
    posted = [tally.of_day("sent_letter", day) for day in range(114)]

    assert max(posted) == tally.run.law.notice.letters_per_day == 5
    assert all(not posted[day] for day in range(114) if not tally.run.law.working[day])


def test_a_failed_email_is_followed_by_a_letter() -> None:
    """With every e-mail failing, each is reported and a letter is posted (LIF-05)."""
    scenario = load_scenario("pilot-2021", ["notices.email_bounce=1"])
    totals = run(scenario, population=500).ledger.totals()

    assert totals["bounced"] > 300
    assert totals["sent_letter"] >= totals["bounced"]
    assert totals["sent_letter"] <= totals["notified"]


def test_siblings_decide_together() -> None:
    """Children of one parent object on the same evening, or not at all, save for their routes."""
    scenario = load_scenario(
        "pilot-2021",
        [
            "intent.opposition=0.3",
            "friction.identity_failure=0",
            "friction.lost_code=0",
            "routes.post=0",
            "routes.counter=0",
            "routes.phone=[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
            "population.vital_events=false",
            "creation.impossible_share=0",
        ],
    )
    world = let_live(scenario, 3_000, 5)
    by_head: dict[int, set[bool]] = {}
    for agent in world.people:
        if agent.is_child:
            by_head.setdefault(agent.head, set()).add(agent.standing is Standing.OPPOSED)

    assert {frozenset(found) for found in by_head.values()} == {
        frozenset({True}),
        frozenset({False}),
    }


@pytest.mark.parametrize(
    "change",
    [
        "media.shock_on=2021-09-20",
        (
            'media.trigger_share={value = 0.0001, unit = "share", low = 0.0001, high = 0.0001, '
            'certainty = "assumption", source = "none"}'
        ),
    ],
)
def test_a_media_shock_adds_oppositions(change: str) -> None:
    """A shock, dated or set off by a day of oppositions, raises them, and its days are marked."""
    calm = run(population=6_000)
    shaken = run(load_scenario("pilot-2021", [change, "media.shock_size=5"]), population=6_000)

    assert shaken.ledger.totals()["opposed"] > 2 * calm.ledger.totals()["opposed"]
    assert sum(shaken.ledger.shock) > 0 == sum(calm.ledger.shock)


def test_a_narrow_web_site_turns_visitors_away() -> None:
    """One admission a minute at the scale of the run: crowds come back later or give up."""
    scenario = load_scenario(
        "pilot-2021", ["intent.activation=0.9", "website.admissions_per_minute=1"]
    )
    totals = run(scenario).ledger.totals()

    assert totals["web_turned_away"] > 0
    assert totals["web_visits"] > totals["web_turned_away"]


def test_the_voluntary_scheme_opens_only_what_is_asked_for() -> None:
    """Opt-in: nobody is notified, about fourteen in a hundred hold a record at the end."""
    totals = run(load_scenario("dmp-opt-in"), population=2_000).ledger.totals()

    assert totals["notified"] == totals["opened_automatically"] == 0
    assert 0.12 < totals["legacy_created"] / 2_000 < 0.17


def test_the_order_of_a_day_is_written_down_in_order() -> None:
    """The table of the day's places ascends, but for the telephone that shares the web's hours."""
    moments = [moment for name, moment in ORDER if name != "telephone"]

    assert moments == sorted(moments)
    assert len({name for name, _ in ORDER}) == len(ORDER)
