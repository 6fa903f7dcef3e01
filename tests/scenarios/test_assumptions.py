"""Every assumption is moved across its range: what it does to the headlines is printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number
from etalon_scenarios.population_table import population_table
from etalon_scenarios.summary import summarise
from etalon_scenarios.usage import usage_law

if TYPE_CHECKING:
    from decimal import Decimal

    from etalon_scenarios.scenario import Scenario

PILOT = load_scenario("pilot-2021")
PEOPLE = 500
SEED = 1
RANGES = {
    path: (parameter.low, parameter.high)
    if isinstance(parameter, Number)
    else (parameter.low_factor, parameter.high_factor)
    for path, parameter in PILOT.parameters()
    if parameter.certainty == "assumption"
}


def headlines(values: dict[str, Decimal]) -> dict[str, float]:
    """Return the headlines of the pilot under changed parameters, and what identifies its law."""
    scenario = PILOT.with_values(values)
    run = simulate(scenario, population=PEOPLE, seed=SEED)
    summary = summarise(run, scenario)
    costs = summary["cost_eur"]
    return {
        "opposed": run.ledger.totals()["opposed"],
        "activated": run.ledger.totals()["activated"],
        "calls": run.ledger.totals()["calls"],
        "opened_uninformed": run.ledger.totals()["opened_uninformed"],
        "cost_eur": float(str(costs["total"])) if isinstance(costs, dict) else 0.0,
        "law": law_at_full_scale(scenario),
    }


def law_at_full_scale(scenario: Scenario) -> int:
    """Return what identifies law, households and use where no capacity is rounded away."""
    table = population_table(scenario)
    layout = lay_out(scenario, table, table.full)
    days = (scenario.ends_on - scenario.starts_on).days + 1
    law = build_law(scenario, table, layout, days)
    return hash((law.digest, layout.shares, usage_law(scenario)))


@pytest.fixture(scope="module")
def central() -> dict[str, float]:
    """The headlines at the central values."""
    return headlines({})


@pytest.mark.parametrize("path", RANGES)
def test_an_assumption_moved_across_its_range_moves_the_run(
    path: str, central: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    """No assumption is decoration: its ends change law, households, cost or load."""
    low, high = (headlines({path: end}) for end in RANGES[path])

    with capsys.disabled():
        moves = " ".join(
            f"{name} {low[name] - central[name]:+.0f}/{high[name] - central[name]:+.0f}"
            for name in ("opposed", "activated", "calls", "opened_uninformed", "cost_eur")
        )
        sys.stdout.write(f"\n{path}: {moves}")
    assert low != high
