"""What a run of either engine stands on: its people, its law, its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.population_table import population_table
from etalon_scenarios.timetable import Timetable

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.law import Law
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.scenario import Scenario


class Setting(NamedTuple):
    """What a run stands on.

    Attributes:
        law: The numbers it runs under.
        layout: Its people at the start.
        timetable: Its days.
        full: People of the scope, scale applied.
    """

    law: Law
    layout: Layout
    timetable: Timetable
    full: int


_last: list[tuple[Scenario, int, date | None, Setting]] = []
"""What the last run stood on: replications differ by their seed alone."""


def setting_of(scenario: Scenario, population: int, until: date | None) -> Setting:
    """Build what a run of a scenario stands on.

    Args:
        scenario: What to simulate.
        population: People at the start.
        until: Last day, or None for that of the scenario, which no run goes beyond.
    """
    for same, people, last_day, found in _last:
        # A scenario never changes: the same object is the same scenario.
        if same is scenario and (people, last_day) == (population, until):
            return found
    found = _build(scenario, population, until)
    _last[:] = [(scenario, population, until, found)]
    return found


def _build(scenario: Scenario, population: int, until: date | None) -> Setting:
    table = population_table(scenario)
    ends_on = scenario.ends_on if until is None else min(until, scenario.ends_on)
    days = (ends_on - scenario.starts_on).days + 1
    layout = lay_out(scenario, table, population)
    law = build_law(scenario, table, layout, days)
    return Setting(law, layout, Timetable(scenario.starts_on, days), table.full)
