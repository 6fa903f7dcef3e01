"""Scenario files: what is read, what lies on top of what, and where each number comes from."""

from __future__ import annotations

import pickle
import time
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.loading import load_scenario, shipped_scenarios, tables_of
from etalon_scenarios.parameters import Number, Series
from etalon_scenarios.population_table import scenario_departments
from etalon_scenarios.targets import shipped_targets, targets_for

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = (
    "all-letters",
    "big-bang",
    "dmp-opt-in",
    "early-opening",
    "launch-2022",
    "letters-to-excluded",
    "letters-to-seniors",
    "opt-in",
    "pilot-2021",
    "pilot-announced",
    "press-scare",
    "reminder-day-28",
    "small-hotline",
    "stress-500-million",
    "template-new-scheme",
    "ten-week-window",
    "trust-falls",
)
OWN = """
[scenario]
extends = "pilot-2021"
name = "own"
title_fr = "Le nôtre"
title_en = "Ours"
"""


def own_scenario(folder: Path, more: str = "", name: str = "own.toml") -> str:
    """Write a scenario that extends the pilot, and give its path."""
    path = folder / name
    path.write_text(OWN + more, encoding="utf-8")
    return str(path)


def test_the_scenarios_of_the_documentation_are_shipped() -> None:
    """The names that the documentation gives are those that can be loaded."""
    assert shipped_scenarios() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_of_a_shipped_scenario_is_cited_or_an_assumption(name: str) -> None:
    """No source without a number read in it: an address, or "none" and the word assumption."""
    for path, parameter in load_scenario(name).parameters():
        cited = parameter.source != "none"
        assert cited == (parameter.certainty != "assumption"), path
        assert not cited or "." in parameter.source or "England" in parameter.source, path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_assumption_has_a_range(name: str) -> None:
    """A number without source may lie somewhere, not at one point only."""
    for path, parameter in load_scenario(name).parameters():
        if parameter.certainty == "assumption":
            if isinstance(parameter, Number):
                assert parameter.low < parameter.high, path
            else:
                assert parameter.low_factor < parameter.high_factor, path


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_calibrated_names_a_figure_of_the_targets(name: str) -> None:
    """Each calibrated number cites a figure that the table of targets holds, and is announced."""
    scenario = load_scenario(name)
    figures = {target.id for target in shipped_targets()}
    calibrated = {p: q for p, q in scenario.parameters() if q.certainty == "calibrated"}
    announced = {fitted.parameter: fitted.figure for fitted in scenario.scenario.calibrated_on}

    assert {parameter.figure for parameter in calibrated.values()} <= figures
    assert {path: parameter.figure for path, parameter in calibrated.items()} == announced


def test_the_pilot_has_its_dates_and_departments() -> None:
    """Sent from 30 August to 15 September 2021 in 31, 44 and 80, with six weeks to object."""
    scenario = load_scenario("pilot-2021")

    assert scenario_departments(scenario) == ("31", "44", "80")
    assert [(wave.first_on, wave.last_on) for wave in scenario.waves] == [
        (date(2021, 8, 30), date(2021, 9, 15))
    ]
    assert scenario.enrolment.opposition_window == "P6W"
    assert scenario.creation.starts_on == date(2021, 10, 10)


def test_the_announced_pilot_differs_by_its_window_alone() -> None:
    """Comparing the two pilots compares a month with six weeks and nothing else."""
    pilot, announced = load_scenario("pilot-2021"), load_scenario("pilot-announced")

    assert announced.enrolment.opposition_window == "P1M"
    assert announced.parameters() == pilot.parameters()
    assert announced.waves == pilot.waves


def test_the_launch_covers_every_department_but_those_of_the_pilot() -> None:
    """98 départements, whose automatic openings wait for the last wave."""
    scenario = load_scenario("launch-2022")
    codes = scenario_departments(scenario)

    assert len(codes) == 98
    assert not {"31", "44", "80"} & set(codes)
    assert scenario.creation.clock == "last-wave"


def test_the_opt_in_scheme_uses_no_number_about_notices() -> None:
    """What the voluntary scheme does not use is neither varied nor listed as an assumption."""
    paths = {path for path, _ in load_scenario("dmp-opt-in").parameters()}

    assert {path.split(".")[0] for path in paths} == {"population", "optin"}


def test_numbers_are_exact() -> None:
    """A number is the decimal that stands in the file, not its binary neighbour."""
    scenario = load_scenario("pilot-2021")

    assert scenario.notices.email_bounce.value == Decimal("0.05")
    assert str(scenario.costs.email.low) == "0.0005"
    assert scenario.hotline.agents.whole == scenario.hotline.agents.value


def test_a_file_that_extends_another_holds_only_what_differs(tmp_path: Path) -> None:
    """Keys not restated keep the value of the scenario extended."""
    more = '[reading.email]\nvalue = 0.4\nlow = 0.3\nhigh = 0.5\nunit = "share"\n'
    more += 'certainty = "measured"\nsource = "our survey"\n'

    scenario = load_scenario(own_scenario(tmp_path, more))

    assert scenario.reading.email.value == Decimal("0.4")
    assert scenario.reading.email.source == "our survey"
    assert scenario.reading.letter == load_scenario("pilot-2021").reading.letter
    assert scenario.name == "own"


def test_a_file_can_extend_a_file_of_its_own_folder(tmp_path: Path) -> None:
    """The path of the scenario extended is relative to the file that names it."""
    own_scenario(tmp_path, '[enrolment]\nopposition_window = "P8W"\n', "base.toml")
    child = tmp_path / "child.toml"
    child.write_text(OWN.replace('"pilot-2021"', '"base.toml"'), encoding="utf-8")

    assert load_scenario(str(child)).enrolment.opposition_window == "P8W"


def test_a_change_of_a_number_makes_it_the_users() -> None:
    """The range closes on the value, and neither source nor note of the old value survives."""
    number = load_scenario("pilot-2021", ["post.undelivered=0.02"]).post.undelivered

    assert (number.value, number.low, number.high) == (Decimal("0.02"),) * 3
    assert (number.certainty, number.source, number.note) == ("user", "--set", None)


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ('enrolment.opposition_window="P30D"', "enrolment.opposition_window", "P30D"),
        ("enrolment.opposition_window=P30D", "enrolment.opposition_window", "P30D"),
        ('population.departments=["31"]', "population.departments", ("31",)),
        ("scenario.ends_on=2021-11-30", "scenario.ends_on", date(2021, 11, 30)),
        ("population.vital_events=false", "population.vital_events", False),
        ("reading.email.value=0.6", "reading.email.value", Decimal("0.6")),
        ("reading.email.high=0.7", "reading.email.high", Decimal("0.7")),
    ],
)
def test_a_change_is_read_as_toml_or_as_plain_text(change: str, path: str, value: object) -> None:
    """Quotes that the shell took away are not missed."""
    held: object = load_scenario("pilot-2021", [change])
    for key in path.split("."):
        held = getattr(held, key)

    assert held == value


def test_a_series_can_be_changed_on_the_command_line() -> None:
    """Twenty values replace twenty values, and become the user's."""
    values = ",".join(["0.5"] * 20)

    series = load_scenario("pilot-2021", [f"notices.email_share=[{values}]"]).notices.email_share

    assert series.values == (Decimal("0.5"),) * 20
    assert series.certainty == "user"


def test_changes_are_remembered_in_order() -> None:
    """The report says what was changed, as it was asked for."""
    changes = ["reading.email=0.4", "reading.letter=0.8"]

    assert load_scenario("pilot-2021", changes).changes == tuple(changes)


def test_changes_leave_what_was_read_as_it_was(tmp_path: Path) -> None:
    """A file is parsed once a process: numbers, lists and keys laid on it are another's."""
    before = load_scenario("pilot-2021")
    own = load_scenario(own_scenario(tmp_path), ["waves.0.last_on=2021-08-30"])
    load_scenario("pilot-2021", ["reading.email=0.9", "reminders=[]"])

    assert own != before
    assert load_scenario("pilot-2021") == before


def test_inputs_name_each_file_with_its_digest(tmp_path: Path) -> None:
    """A run can be traced to the bytes it was read from, the scenario extended included."""
    inputs = load_scenario(own_scenario(tmp_path)).inputs()

    assert [role for role, _, _ in inputs] == ["scenario", "scenario", "population.table"]
    assert inputs[1][1] == "data/scenarios/pilot-2021.toml"
    assert all(len(sha256) == 64 for _, _, sha256 in inputs)


def test_a_scenario_travels_to_another_process(tmp_path: Path) -> None:
    """A worker gets the same scenario, with what was read beside it."""
    scenario = load_scenario(own_scenario(tmp_path), ["reading.email=0.4"])

    there = pickle.loads(pickle.dumps(scenario))  # noqa: S301 (bytes made one call before)

    assert there == scenario
    assert there.inputs() == scenario.inputs()
    assert there.changes == scenario.changes


def test_with_values_changes_numbers_and_series() -> None:
    """A number takes the value given, a series the common factor; the rest is untouched."""
    pilot = load_scenario("pilot-2021")

    varied = pilot.with_values(
        {"reading.email": Decimal("0.6"), "population.deaths_per_year": Decimal("1.1")}
    )

    assert varied.reading.email.value == Decimal("0.6")
    assert varied.population.deaths_per_year.values == tuple(
        value * Decimal("1.1") for value in pilot.population.deaths_per_year.values
    )
    assert varied.reading.letter is pilot.reading.letter
    assert pilot.reading.email.value == Decimal("0.5")


def test_with_values_stays_within_what_a_key_accepts() -> None:
    """A share does not exceed one, a count of agents stays whole."""
    varied = load_scenario("pilot-2021").with_values(
        {"notices.email_share": Decimal(3), "hotline.agents": Decimal("61.4")}
    )

    assert max(varied.notices.email_share.values) == 1
    assert varied.hotline.agents.value == 61


def test_with_values_refuses_a_path_that_holds_no_parameter() -> None:
    """A misspelt path is an error of the program, never a change without effect."""
    with pytest.raises(LookupError, match=r"reading\.emial"):
        load_scenario("pilot-2021").with_values({"reading.emial": Decimal(1)})


def test_the_factor_of_a_gradient_is_its_strength() -> None:
    """At factor 0 nobody differs by age; at factor 1 the gradient is as read."""
    pilot = load_scenario("pilot-2021")

    flat = pilot.with_values({"intent.opposition_by_age": Decimal(0)})
    same = pilot.with_values({"intent.opposition_by_age": Decimal(1)})

    assert set(flat.intent.opposition_by_age.values) == {1}
    assert same.intent.opposition_by_age.values == pilot.intent.opposition_by_age.values


@pytest.mark.parametrize("factor", ["0.5", "0.9", "1", "1.25", "2"])
def test_stretched_delays_keep_every_letter(factor: str) -> None:
    """Whatever the stretch, the shares by day sum to one and the mean moves the same way."""
    pilot = load_scenario("pilot-2021")

    varied = pilot.with_values({"post.delay_days": Decimal(factor)})

    assert sum(varied.post.delay_days.values) == 1
    difference = _mean(varied.post.delay_days) - _mean(pilot.post.delay_days)
    assert (difference > 0) == (Decimal(factor) > 1)
    assert (difference < 0) == (Decimal(factor) < 1)


def _mean(series: Series) -> Decimal:
    return sum((day * share for day, share in enumerate(series.values, start=1)), Decimal(0))


def test_media_parameters_count_only_when_a_shock_is_on() -> None:
    """A mechanism that is off has nothing to vary."""
    off = dict(load_scenario("pilot-2021").parameters())
    on = dict(load_scenario("pilot-2021", ["media.shock_on=2021-09-20"]).parameters())

    assert set(on) - set(off) == {"media.shock_size", "media.half_life_days"}


def test_targets_of_the_pilot_are_the_published_figures() -> None:
    """The pilot is set beside 23 180 refusals, and the launch beside 11.2 million spaces."""
    pilot = {target.id: target for target in targets_for(load_scenario("pilot-2021"))}
    launch = {target.id: target for target in targets_for(load_scenario("launch-2022"))}

    assert pilot["K05"].value == Decimal("0.006835")
    assert launch["K13"].value == 11_200_000
    assert launch["K13"].on == date(2022, 5, 31)
    assert targets_for(load_scenario("pilot-announced")) == []


def test_counts_measured_on_other_people_are_left_out() -> None:
    """The 3.4 million notices of the pilot say nothing of one of its départements; its rates do."""
    units = {
        target.unit
        for target in targets_for(load_scenario("pilot-2021", ['population.departments=["31"]']))
    }

    assert units == {"share"}


def test_loading_a_shipped_scenario_is_quick() -> None:
    """Less than 60 ms of CPU once the modules are there, its files parsed again."""
    load_scenario("launch-2022")
    tables_of.cache_clear()
    before = time.process_time()

    load_scenario("launch-2022")

    assert time.process_time() - before < 0.06
