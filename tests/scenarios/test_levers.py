"""The levers of a policy: each moves the run, and moves it the way its documentation says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.curves import ONE
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.waves import wave_days, wave_order

if TYPE_CHECKING:
    from etalon_scenarios.agents import Run
    from etalon_scenarios.law import Law

PILOT = "pilot-2021"
PEOPLE = 1_500


def law_of(*changes: str, name: str = PILOT, people: int = 100_000) -> Law:
    """Build the law of a shipped scenario with some levers moved."""
    scenario = load_scenario(name, changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, people)
    return build_law(scenario, table, layout, (scenario.ends_on - scenario.starts_on).days + 1)


def run(*changes: str, name: str = PILOT, people: int = PEOPLE) -> Run:
    """Simulate a shipped scenario with some levers moved."""
    return simulate(load_scenario(name, changes), population=people, seed=5)


def test_a_lever_at_rest_leaves_the_law_as_it_was() -> None:
    """Saying what is the default is saying nothing."""
    changes = (
        "hotline.open_on=working-days",
        "intent.trust_shift=0",
        "response.deadline_publicity=0",
    )

    assert law_of(*changes).digest == law_of().digest


def test_letters_from_an_age_leave_the_younger_their_emails() -> None:
    """From 75 years on nobody is notified by e-mail; below, shares are those of before."""
    before, after = law_of().notice.email, law_of("notices.letter_from_age=75").notice.email

    for cell, share in enumerate(after):
        assert share == (before[cell] if cell % CELLS // 2 < 15 else 0)


ORDERS = {
    "department": ("31", "44", "80"),
    "reverse": ("80", "44", "31"),
    "descending": ("44", "31", "80"),
    "ascending": ("80", "31", "44"),
    "region": ("80", "31", "44"),
}
"""Hauts-de-France, Occitanie, Pays de la Loire; Loire-Atlantique is the most populous."""


@pytest.mark.parametrize("order", ORDERS)
def test_a_wave_reaches_departments_in_the_order_asked_for(order: str) -> None:
    """The first département of the order is notified first, the last one last."""
    scenario = load_scenario(PILOT, (f"waves.0.order={order}",))
    table, wave = population_table(scenario), law_of(f"waves.0.order={order}").waves[0]
    ranks = wave_order(scenario.waves[0].order, table)

    assert tuple(table.departments[rank] for rank in ranks) == ORDERS[order]
    assert [wave.send_day(rank, 0) for rank in ranks] == sorted(
        wave.send_day(rank, 0) for rank in ranks
    )
    assert wave.before[ranks[-1]] + wave.size[ranks[-1]] == wave.total


VOLUME = """
[scenario]
extends = "pilot-2021"
name = "volume"
title_fr = "Volume"
title_en = "Volume"

[[waves]]
first_on = 2021-08-30
departments = "all"
order = "department"
"""


@pytest.mark.parametrize(
    ("volume", "last_on"),
    [(4_000_000, "2021-08-30"), (3_450_924, "2021-08-31"), (1_000_000, "2021-09-02")],
)
def test_a_volume_gives_the_last_day(
    volume: int, last_on: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """3 450 925 people at so many a working day: the rest takes a day of its own."""
    path = tmp_path_factory.mktemp("volume") / "volume.toml"
    path.write_text(VOLUME + f"volume = {volume}\n", encoding="utf-8")
    scenario = load_scenario(str(path))

    days = wave_days(scenario.waves[0], population_table(scenario))
    assert days[-1] == dt.date.fromisoformat(last_on)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "waves.0.last_on: found nothing; accepted: last_on, or volume in its place"),
        ("volume = 9\nlast_on = 2021-09-15\n", "waves.0.last_on: found volume beside it"),
        ("volume = 9\n", "waves.0.volume: found 9, which takes until 2040-12-31; accepted: a"),
    ],
)
def test_a_wave_ends_by_its_date_or_by_its_volume(
    lines: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither, both, or a volume too small for the scenario: one message each."""
    path = tmp_path_factory.mktemp("volume") / "volume.toml"
    path.write_text(VOLUME + lines, encoding="utf-8")

    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    assert said in str(caught.value)


def test_the_hotline_answers_on_saturdays_when_asked_to() -> None:
    """4 September 2021 is a Saturday, the 5th a Sunday, 11 November a holiday."""
    saturday, sunday, holiday = 5, 6, 73
    opened = {
        on: law_of(f"hotline.open_on={on}").phone.open_days
        for on in ("working-days", "monday-to-saturday", "every-day")
    }

    assert [opened["working-days"][day] for day in (saturday, sunday, holiday)] == [False] * 3
    assert [opened["monday-to-saturday"][day] for day in (saturday, sunday, holiday)] == [
        True,
        False,
        False,
    ]
    assert all(opened["every-day"])


def test_ten_points_of_trust_lost_multiply_objections_as_the_elasticity_says() -> None:
    """exp(0.03 x 10) is 1.34986: levels of every cell grow alike."""
    before, after = law_of().response.oppose, law_of("intent.trust_shift=-10").response.oppose

    assert all(
        new == pytest.approx(old * 1.3498588, abs=2)
        for old, new in zip(before, after, strict=True)
        if new < ONE
    )


def test_publicity_adds_to_the_last_days_and_takes_nothing_from_the_others() -> None:
    """Half as many objections again, over the three last days of the window."""
    before, after = law_of().response, law_of("response.deadline_publicity=0.5").response

    assert after.oppose_steps == before.oppose_steps
    assert after.surge_step * after.surge_days == pytest.approx(ONE // 2, abs=3)


def test_a_run_may_stop_before_the_last_wave() -> None:
    """The calendar of a law goes beyond the days of its run."""
    scenario = load_scenario("launch-2022")

    run = simulate(scenario, population=300, seed=1, until=dt.date(2022, 2, 10))
    assert run.ledger.totals()["notified"] > 0


def test_the_excluded_get_letters_and_nobody_else_changes_channel() -> None:
    """E-mails fall by those of the households that cannot read one."""
    before, after = run(), run("notices.letter_to_excluded=true")
    sent = [ledger.totals() for ledger in (before.ledger, after.ledger)]

    assert sent[1]["sent_email"] < 0.95 * sent[0]["sent_email"]
    assert sent[1]["notified"] == sent[0]["notified"]
    assert after.ledger.excluded[0].sum() == before.ledger.excluded[0].sum()
    assert after.ledger.excluded[2].sum() > before.ledger.excluded[2].sum()


def test_whom_the_internet_excludes_is_counted_by_age() -> None:
    """Most of the notified of 95 years and more, one in twenty of those of 40."""
    ledger = run("population.vital_events=false", people=6_000).ledger
    notified = [0] * 20
    for (_, _, band, _, _), counts in ledger.table().items():
        notified[band] += counts[0]
    excluded = ledger.excluded[0].tolist()
    known = load_scenario(PILOT).notices.excluded_share
    assert known is not None
    expected = sum(
        people * float(share) for people, share in zip(notified, known.values, strict=True)
    )

    assert excluded[8] / notified[8] < 0.1
    assert excluded[16] / notified[16] > 0.4
    assert sum(excluded) == pytest.approx(expected, rel=0.1)


def test_the_excluded_may_read_fewer_emails() -> None:
    """A factor of nothing: no e-mail is read in a household that cannot; letters are."""
    settings = ("notices.email_bounce=0", "reading.email=1", "reading.letter=1")
    before, after = run(*settings), run("reading.excluded_factor=0", *settings)
    lost = before.ledger.totals()["read"] - after.ledger.totals()["read"]

    assert law_of("reading.excluded_factor=1").digest == law_of().digest
    assert lost > 50
    letters = run("reading.excluded_factor=0", "notices.letter_to_excluded=true", *settings)
    assert letters.ledger.totals()["read"] > after.ledger.totals()["read"] + 50


def test_without_a_second_channel_a_failed_email_ends_there() -> None:
    """Every e-mail failing: no letter but first ones, spaces open on time, nobody informed."""
    totals = run("notices.email_bounce=1", "notices.second_channel=none").ledger.totals()

    assert totals["bounced"] > 900
    assert totals["sent_letter"] + totals["sent_email"] == totals["notified"]
    assert totals["opened_uninformed"] > totals["bounced"] * 0.9


def test_no_minor_opens_by_silence_when_a_parent_must_ask() -> None:
    """Children's spaces stay closed; those of adults open as before."""
    before, after = run(), run("minors.rule=not-opened")
    opened = [
        sum(
            counts[COUNT["opened_automatically"]]
            for (_, _, band, _, _), counts in found.ledger.table().items()
            if band in bands
        )
        for found in (before, after)
        for bands in (range(3), range(4, 20))
    ]

    assert opened[0] > 100
    assert opened[2] == 0
    assert opened[3] == opened[1]


def test_at_sixteen_one_decides_for_oneself() -> None:
    """With every adult of working age objecting and no child of theirs, the older minors do."""
    settings = (
        "intent.opposition=1",
        "intent.child_opposition=0",
        "reading.email=1",
        "reading.letter=1",
    )
    before, after = run(*settings), run("minors.rule=own-from-16", *settings)
    opposed = [
        sum(
            counts[COUNT["opposed"]]
            for (_, _, band, _, _), counts in found.ledger.table().items()
            if band == 3
        )
        for found in (before, after)
    ]

    assert opposed[1] > opposed[0]


def test_the_voluntary_scheme_runs_under_the_rules_of_today() -> None:
    """A record created on request in 2022 is a counterfactual that the model accepts."""
    scenario = load_scenario("dmp-opt-in", ["scenario.vintage=launch-2022"])

    assert simulate(scenario, population=400, seed=1).ledger.totals()["legacy_created"] > 20
