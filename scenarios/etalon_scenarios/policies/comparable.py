"""Whether scenarios can be compared: the same days, the same people, each named once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etalon_scenarios.population_table import population_table, scenario_departments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Apart:
    """Why two scenarios cannot be compared.

    Attributes:
        name: The scenario that differs from the first.
        key: Path of the key that differs; `scenario.name` when a name stands twice.
        found: Its value.
        expected: Value of the first scenario.
    """

    name: str
    key: str
    found: str
    expected: str


def first_apart(scenarios: Sequence[Scenario]) -> Apart | None:
    """Find the first scenario that cannot be compared with the first of all, or None.

    Policies share their days and their people: otherwise what differs would not be the policy.
    """
    first = scenarios[0]
    named = Counter(scenario.name for scenario in scenarios)
    for scenario in scenarios:
        if named[scenario.name] > 1:
            return Apart(scenario.name, "scenario.name", scenario.name, "each name once")
        expected = _shared(first)
        for key, found in _shared(scenario).items():
            if found != expected[key]:
                return Apart(scenario.name, key, found, expected[key])
    return None


def _shared(scenario: Scenario) -> dict[str, str]:
    return {
        "scenario.starts_on": str(scenario.starts_on),
        "scenario.ends_on": str(scenario.ends_on),
        "population.basis": scenario.population.basis,
        "population.departments": ", ".join(scenario_departments(scenario)),
        "population": str(population_table(scenario).full),
    }
