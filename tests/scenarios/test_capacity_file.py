"""The measured capacity of the platform, and what becomes of the visits it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError

if TYPE_CHECKING:
    from etalon_scenarios.agents import Run
    from etalon_scenarios.law import Law

PILOT = "pilot-2021"


def run(*changes: str) -> Run:
    """Simulate a small pilot with some levers moved."""
    return simulate(load_scenario(PILOT, changes), population=1_500, seed=5)


def law_of(*changes: str) -> Law:
    """Build the law of the pilot with some levers moved."""
    scenario = load_scenario(PILOT, changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, 100_000)
    return build_law(scenario, table, layout, (scenario.ends_on - scenario.starts_on).days + 1)


CROWD = (
    "waves.0.last_on=2021-08-30",
    "intent.activation=1",
    "response.activation_fast_share=1",
    "response.activation_fast_tau_days=0.1",
    "website.admissions_per_minute=1",
    "website.returns=0",
)
"""Everybody comes at once to a narrow web site, and once only."""


def test_who_comes_back_in_vain_may_call() -> None:
    """With one admission a minute, returns spent, all of them call and fewer give up."""
    before = run(*CROWD).ledger.totals()
    after = run("website.calls_after_refusal=1", *CROWD).ledger.totals()

    assert after["calls"] > before["calls"] + 10
    assert after["gave_up"] < before["gave_up"]


CAPACITY = """scenario,version,from,to,admissions_per_minute
{scenario},0.4,2021-08-31T00:00,2021-09-30T00:00,{admissions}
{scenario},0.4,2021-10-01T08:00,2021-10-01T09:30,{admissions}
"""


def capacity_file(
    factory: pytest.TempPathFactory, text: str = "", *, scenario: str = PILOT, name: str = "c.csv"
) -> str:
    """Write a file of capacity."""
    path = factory.mktemp("capacity") / name
    path.write_text(text or CAPACITY.format(scenario=scenario, admissions=0), encoding="utf-8")
    return str(path)


def test_a_measured_capacity_holds_over_its_minutes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Minutes outside the stretches keep the capacity of the scenario; a platform down is down."""
    law = law_of(f"platform.capacity={capacity_file(tmp_path_factory)}")
    day = 24 * 60
    outage = 32 * day + 8 * 60

    assert law.web.ranges == ((day, 31 * day, 0), (outage, outage + 90, 0))
    assert [
        law.web.admissions_at(minute) > 0
        for minute in (0, day - 1, day, 31 * day - 1, 31 * day, outage + 89, outage + 90)
    ] == [True, True, False, False, True, False, True]


def test_refused_visits_come_back_call_and_object_late(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A month without a web site: visits are turned away, calls and late objections follow."""
    file = capacity_file(tmp_path_factory)
    settings = ("intent.opposition=0.3", "website.calls_after_refusal=1")
    before = run(*settings)
    after = run(f"platform.capacity={file}", *settings)

    assert before.ledger.totals()["web_turned_away"] == 0
    assert after.ledger.totals()["web_turned_away"] > 100
    assert after.ledger.totals()["calls"] > before.ledger.totals()["calls"]
    assert mean_delay(after) > mean_delay(before) + 1


def mean_delay(found: Run) -> float:
    """Mean days from a notice to the objection."""
    curve = found.ledger.since_notice["opposed"]
    return sum(day * count for day, count in enumerate(curve)) / sum(curve)


def test_a_capacity_in_json_says_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The two forms of the file give one law."""
    stretches = [
        {"from": "2021-08-31T00:00", "to": "2021-09-30T00:00", "admissions_per_minute": 0},
        {"from": "2021-10-01T08:00", "to": "2021-10-01T09:30", "admissions_per_minute": 0},
    ]
    text = json.dumps({"scenario": PILOT, "version": "0.4", "ranges": stretches})
    files = (
        capacity_file(tmp_path_factory),
        capacity_file(tmp_path_factory, text, name="c.json"),
    )

    one, other = (law_of(f"platform.capacity={file}").digest for file in files)
    assert one == other != law_of().digest


def test_a_policy_uses_the_capacity_of_the_scenario_it_extends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What was measured for the pilot serves the pilot as announced, not the launch."""
    file = capacity_file(tmp_path_factory)

    assert load_scenario("pilot-announced", [f"platform.capacity={file}"]).capacity
    other = capacity_file(tmp_path_factory, scenario="launch-2022")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("pilot-announced", [f"platform.capacity={other}"])
    assert (
        'line 2, scenario: found "launch-2022" (version 0.4); accepted: a capacity measured for '
        '"pilot-announced", which extends pilot-2021'
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2021-09-30T00:00", "2021-08-31T00:00", "line 2, to: found 2021-08-31T00:00; accepted:"),
        ("2021-10-01T08:00", "2021-09-29T08:00", "line 3, from: found 2021-09-29T08:00"),
        ("2021-10-01T08:00", "8 o'clock", "a time of Paris to the minute"),
        (",0\n", ",-1\n", "a whole number between 0 and 1000000000"),
        ("scenario,", "", "line 1: found no column"),
    ],
)
def test_a_broken_file_of_capacity_is_refused_in_one_message(
    old: str, new: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Times in order, without overlap, capacities that are counts."""
    text = CAPACITY.format(scenario=PILOT, admissions=0).replace(old, new)
    file = capacity_file(tmp_path_factory, text)

    with pytest.raises(ScenarioError) as caught:
        load_scenario(PILOT, [f"platform.capacity={file}"])
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["{", "{}", '{"ranges": [{}]}', '{"ranges": []}', "[1]"])
def test_json_that_is_no_capacity_is_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One message, whatever the shape."""
    with pytest.raises(ScenarioError):
        load_scenario(PILOT, [f"platform.capacity={capacity_file(tmp_path_factory, text)}"])
