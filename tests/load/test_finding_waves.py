"""The fastest notification plan that holds is found with few simulations."""

import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.deciding import Answer, Belief, Decision
from etalon_load.finding_waves import (
    WEEKS,
    Candidate,
    Wave,
    WavesError,
    candidates,
    experiment_text,
    fastest,
    scenario_text,
)
from etalon_scenarios.loading import load_scenario

LAUNCH = (Wave(date(2022, 1, 31), date(2022, 3, 28), (), "department"),)
TWO = (
    Wave(date(2022, 1, 31), date(2022, 2, 13), ("01", "02"), "spread"),
    Wave(date(2022, 2, 14), date(2022, 2, 27), ("03",), "department"),
)


def _decision(answer: Answer) -> Decision:
    belief = Belief(0.5, 0.4, 0.6)
    return Decision(
        answer=answer,
        reason="holds",
        asked=0.95,
        holds=belief,
        at_held=belief,
        at_missed=belief,
        busiest=(1.0, 2.0, 3.0),
        busiest_by_chance=(1.0, 2.0, 3.0),
        busiest_at=datetime(2022, 3, 28, 10),  # noqa: DTZ001 (civil time)
        mix={"activation": 1.0},
        minutes_over=(0.0, 0.0, 0.0),
        turned_away=(0.0, 0.0, 0.0),
        deciding=None,
    )


def test_plans_take_their_weeks_and_end_in_time() -> None:
    """Fastest first; a plan that would end after the scenario sees its effect is left out."""
    plans = candidates(LAUNCH, date(2022, 5, 19))

    assert [plan.weeks for plan in plans] == [weeks for weeks in WEEKS if weeks <= 12]
    assert all(plan.waves[0].first_on == date(2022, 1, 31) for plan in plans)
    assert [(plan.last_on - date(2022, 1, 31)).days + 1 for plan in plans] == [
        7 * plan.weeks for plan in plans
    ]


def test_several_waves_keep_their_order_and_their_share_of_the_time() -> None:
    """Two waves of two weeks each become two of four, or of half a week, without overlap."""
    for plan in candidates(TWO, date(2022, 12, 31)):
        one, other = plan.waves
        assert one.first_on <= one.last_on < other.first_on <= other.last_on
        assert (one.departments, other.departments) == (("01", "02"), ("03",))
        assert (other.last_on - one.first_on).days + 1 == 7 * plan.weeks


@pytest.mark.parametrize(
    ("waves", "latest", "words"),
    [((), date(2022, 12, 31), "no notices in waves"), (LAUNCH, date(2022, 2, 1), "too short")],
)
def test_a_scenario_whose_waves_cannot_change_is_refused(
    waves: tuple[Wave, ...], latest: date, words: str
) -> None:
    """The message says why."""
    with pytest.raises(WavesError, match=words):
        candidates(waves, latest)


@given(st.integers(0, 12), st.integers(1, 12))
def test_the_fastest_plan_that_holds_is_found(threshold: int, many: int) -> None:
    """Whatever the slowest week that fails: the next is found, with no plan tried twice."""
    plans = [Candidate(weeks, LAUNCH) for weeks in range(1, many + 1)]
    found = fastest(
        plans,
        lambda plan: _decision(Answer.GO if plan.weeks > threshold else Answer.NOT_KNOWN),
    )
    tried = [plan.weeks for plan, _ in found.tried]

    assert (found.best.weeks if found.best else None) == (
        threshold + 1 if threshold < many else None
    )
    assert found.answer is (Answer.GO if found.best else Answer.NOT_KNOWN)
    assert tried == sorted(set(tried), reverse=True)
    assert len(tried) <= 5


def test_the_scenario_of_a_plan_can_be_simulated(tmp_path: Path) -> None:
    """It is read with its waves, the scenario below it, and openings after the last notice."""
    plan = candidates(LAUNCH, date(2022, 5, 19))[0]
    file = tmp_path / f"{plan.name}.toml"
    file.write_text(scenario_text("launch-2022", plan), encoding="utf-8")

    scenario = load_scenario(str(file))

    assert [(wave.first_on, wave.last_on) for wave in scenario.waves] == [
        (date(2022, 1, 31), date(2022, 2, 6))
    ]
    assert scenario.creation.starts_on == date(2022, 2, 7)
    assert scenario.website.admissions_per_minute.whole == 20_000


def test_the_experiment_names_every_plan_and_how_it_is_simulated() -> None:
    """It is TOML, with a scenario and a run directory for each."""
    plans = candidates(LAUNCH, date(2022, 5, 19))
    read = tomllib.loads(experiment_text("launch-2022", plans, ["simulate", "FILE"], 0.9))

    assert read["probability"] == 0.9
    assert read["command"] == ["simulate", "FILE"]
    assert [one["scenario"] for one in read["candidate"]] == [f"{p.name}.toml" for p in plans]
