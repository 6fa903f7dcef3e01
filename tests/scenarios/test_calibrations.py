"""Calibration: what is recovered, what figures leave open, and which plans are refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

from etalon_scenarios.calibrations.calibration import Result, calibration_record
from etalon_scenarios.calibrations.fitted_scenario import scenario_text
from etalon_scenarios.calibrations.fitting import Figures, Fit, fit
from etalon_scenarios.calibrations.plan import read_plan, shipped_plans
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HEAD = "id,scenario,quantity,value,low,high,unit,source\n"
ROW = "{id},pilot-2021,{quantity},{value},{low},{high},share,https://example.org\n"


def figures_of(
    measured: Sequence[float] | Floats, error: float = 0.01, luck: float = 0.0, seeds: int = 30
) -> Figures:
    """Figures with the same error each, and independent luck."""
    return Figures(
        measured=np.array(measured, dtype=np.float64),
        error=np.full(len(measured), error),
        luck=np.eye(len(measured)) * luck,
        seeds_of_luck=seeds,
        simulated_share=0.5,
        measured_share=0.5,
    )


def fitted(
    course: Callable[[Floats], Sequence[float]], figures: Figures, parameters: int = 2
) -> Fit:
    """Fit parameters to figures that follow from them without luck."""
    bounds = (np.zeros(parameters), np.full(parameters, 20.0))

    def simulate(trials: Sequence[Floats]) -> list[Floats]:
        return [np.array(course(trial), dtype=np.float64) for trial in trials]

    return fit(figures, simulate, bounds)


def test_parameters_known_are_found_and_lie_within_their_intervals() -> None:
    """Two figures that curve with two parameters, from a start at one."""

    def course(at: Floats) -> Sequence[float]:
        return (at[0] * at[1] / 10, 1 - np.exp(-at[0]))

    found = fitted(course, figures_of(course(np.array([1.7, 0.6]))))

    assert found.values == pytest.approx([1.7, 0.6], rel=1e-2)
    assert (found.low < [1.7, 0.6]).all()
    assert (found.high > [1.7, 0.6]).all()
    assert found.identified == (True, True)
    assert found.probability is None


def test_intervals_hold_as_often_as_they_say() -> None:
    """Over 120 draws of the luck, 95 % intervals hold 90 to 99 % of the time."""
    random, true = np.random.default_rng(11), np.array([1.2, 0.8])

    def course(at: Floats) -> Sequence[float]:
        return (at[0] / 5, at[1] / 5, at[0] * at[1] / 5)

    held = 0
    for _ in range(120):
        luck = random.normal(0, 0.01, 3)
        found = fitted(course, figures_of(np.array(course(true)) + luck))
        held += int(((found.low <= true) & (true <= found.high)).sum())

    assert 0.90 <= held / 240 <= 0.99


def test_a_parameter_that_moves_nothing_is_not_identified_and_left_open() -> None:
    """Its interval is all that its key accepts."""
    found = fitted(lambda at: (at[0] / 5, at[0] / 3), figures_of([0.2, 0.33]))

    assert found.identified == (True, False)
    assert (found.low[1], found.high[1]) == (0.0, 20.0)


def test_two_parameters_that_only_act_together_are_not_identified() -> None:
    """Their product is known, neither of them is."""
    found = fitted(lambda at: (at[0] * at[1] / 5, at[0] * at[1] / 3), figures_of([0.2, 1 / 3]))

    assert found.identified == (False, False)


@pytest.mark.parametrize(("second", "contradictory"), [(0.3, True), (0.205, False)])
def test_figures_that_no_parameter_gives_contradict_each_other(
    second: float,
    contradictory: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """One parameter, two figures that ask for different values of it."""
    found = fitted(lambda at: (at[0] / 5, at[0] / 5), figures_of([0.2, second]), 1)

    assert found.contradictory is contradictory


def table_of(folder: Path, *rows: tuple[str, str, float, float, float]) -> str:
    """Write a table of figures of the pilot."""
    file = folder / "figures.csv"
    names = ("id", "quantity", "value", "low", "high")
    lines = [ROW.format(**dict(zip(names, row, strict=True))) for row in rows]
    file.write_text(HEAD + "".join(lines), encoding="utf-8")
    return str(file)


def test_plans_that_cannot_be_fitted_are_refused(tmp_path: Path) -> None:
    """More parameters than figures, an unknown path, figures that exclude each other."""
    one = table_of(tmp_path, ("F1", "opt_out_rate", 0.01, 0.009, 0.011))
    with pytest.raises(ScenarioError, match="as many figures"):
        read_plan("pilot-2021", one, ["intent.opposition", "intent.activation"])
    with pytest.raises(ScenarioError, match=r"intent\.opposition"):
        read_plan("pilot-2021", one, ["intent.oposition"])
    with pytest.raises(ScenarioError, match="at least one path"):
        read_plan("pilot-2021", one)
    with pytest.raises(ScenarioError, match=r"pilot.*path"):
        read_plan("pilot-2021", "pilote")
    two = table_of(
        tmp_path,
        ("F1", "opt_out_rate", 0.01, 0.009, 0.011),
        ("F2", "opt_out_rate", 0.05, 0.04, 0.06),
    )
    with pytest.raises(ScenarioError, match=r"F1 = 0\.01 and F2 = 0\.05"):
        read_plan("pilot-2021", two, ["intent.opposition"])


@pytest.mark.parametrize("name", shipped_plans())
def test_a_shipped_plan_fits_what_the_shipped_scenario_says_is_calibrated(name: str) -> None:
    """Each parameter and figure of a plan is one that the scenario names as calibrated."""
    scenario = {"pilot": "pilot-2021", "launch": "launch-2022", "dmp": "dmp-opt-in"}[name]
    plan = read_plan(scenario, name)
    stated = {(one.parameter, one.figure) for one in load_scenario(scenario).scenario.calibrated_on}

    assert {(one.path, one.figure) for one in plan.parameters} <= stated
    assert not {target.id for target in plan.fit} & {target.id for target in plan.held_out}


def test_the_scenario_written_says_what_was_fitted_on_what(tmp_path: Path) -> None:
    """It loads, its ranges are the intervals, and what the base was calibrated on stays."""
    plan = read_plan("pilot-2021", "pilot")
    plan = replace(plan, parameters=plan.parameters[3:4], held_out=())
    found = fitted(lambda at: [at[0] / 5] * 5, figures_of([0.26] * 5, luck=1e-5), 1)
    result = Result(plan, (Decimal("0.01"),), found, {})
    file = tmp_path / "fitted.toml"
    file.write_text(scenario_text(result), encoding="utf-8")
    scenario = load_scenario(str(file))
    number = scenario.intent.opposition

    assert number.value == result.values()["intent.opposition"][0] == Decimal("0.013")
    assert number.low < number.value < number.high
    assert (number.certainty, number.figure) == ("calibrated", "K05")
    assert len(scenario.scenario.calibrated_on) == 5
    jsonschema.validate(calibration_record(result), schema("calibration"))
