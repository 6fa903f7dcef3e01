"""A user's own numbers and figures, from tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.targets import targets_for, targets_of

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = """path,value,low,high,source,certainty
reading.email,0.42,0.4,0.45,our survey of 2024,measured
friction.lost_code,0.05,,,none,assumption
"""
FIGURES = """id,scenario,quantity,value,low,high,unit,source,day
O1,pilot-2021,opt_out_rate,0.01,0.005,0.02,share,our register,22
"""


def with_file(folder: Path, key: str, text: str) -> list[str]:
    """Write a table and give the change that names it."""
    path = folder / f"{key}.csv"
    path.write_text(text, encoding="utf-8")
    return [f"{key}={path}"]


def test_a_table_of_numbers_overrides_the_scenario(tmp_path: Path) -> None:
    """Value, range, source and certainty are those of the table; the unit is the key's."""
    scenario = load_scenario("pilot-2021", with_file(tmp_path, "parameters", NUMBERS))

    email = scenario.reading.email
    assert (email.value, email.low, email.high) == (
        Decimal("0.42"),
        Decimal("0.4"),
        Decimal("0.45"),
    )
    assert (email.source, email.certainty, email.unit) == (
        "our survey of 2024",
        "measured",
        "share",
    )
    assert scenario.friction.lost_code.high == Decimal("0.05")
    assert [role for role, _, _ in scenario.inputs()].count("parameters") == 1


def test_a_change_wins_over_a_table_of_numbers(tmp_path: Path) -> None:
    """What is typed last is what is meant."""
    changes = [*with_file(tmp_path, "parameters", NUMBERS), "reading.email=0.3"]

    assert load_scenario("pilot-2021", changes).reading.email.value == Decimal("0.3")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reading.email", "reading.emial", "line 2, column path"),
        ("reading.email", "reading.emial", "(nearest valid name: reading.email)"),
        ("reading.email", "notices.email_share", "values by age band or by day are given in"),
        ("0.42", "1.42", 'line 2, column value: found "1.42"'),
        ("0.42", "0.5", "a value between low = 0.4 and high = 0.45"),
        ("0.42", "much", 'line 2, column value: found "much"; accepted: a number'),
        ("measured", "sure", 'line 2, column certainty: found "sure"'),
        ("none,assumption", "us,assumption", 'line 3, column source: found "us"'),
        ("our survey of 2024", "", "line 2, column source"),
        ("friction.lost_code", "reading.email", "each path once; line 2 has it too"),
    ],
)
def test_a_broken_table_of_numbers_is_refused_by_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    """The message gives line, column, value and what is accepted."""
    changes = with_file(tmp_path, "parameters", NUMBERS.replace(old, new, 1))

    with pytest.raises(ScenarioError) as caught:
        load_scenario("pilot-2021", changes)

    assert message in str(caught.value)


def test_figures_of_ones_own_replace_the_shipped_ones(tmp_path: Path) -> None:
    """They are compared with the scenario that they name, and with no other."""
    changes = with_file(tmp_path, "targets", FIGURES)

    targets = targets_for(load_scenario("pilot-2021", changes))

    assert [(target.id, target.day) for target in targets] == [("O1", 22)]
    assert targets_for(load_scenario("launch-2022", changes)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("opt_out_rate", "opt_out", "(nearest valid name: opt_out_rate)"),
        ("share,our", "people,our", 'column unit: found "people"; accepted: share'),
        ("0.02", "0.009", "a value between low = 0.005 and high = 0.009"),
        ("0.01,", "1.01,", "a share between 0 and 1"),
        (",22", ",soon", 'line 2, column day: found "soon"'),
        ("our register", "", "line 2, column source"),
    ],
)
def test_a_broken_table_of_figures_is_refused_by_line(old: str, new: str, message: str) -> None:
    """A figure that could not be compared is refused before the run, not after."""
    with pytest.raises(ScenarioError) as caught:
        targets_of(FIGURES.replace(old, new, 1), "own.csv")

    assert message in str(caught.value)
