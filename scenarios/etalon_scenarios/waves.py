"""Waves of notices: whom they reach, in which order, on which working days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from etalon_scenarios.departments import departments
from etalon_scenarios.population_table import population_table
from etalon_scenarios.public_holidays import LAST_DAY, is_working_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from etalon_scenarios.population_table import PopulationTable
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sending_sections import Wave, WaveOrder


def is_in_wave(wave: Wave, department: str) -> bool:
    """Tell whether a wave notifies a département."""
    return wave.departments == "all" or department in wave.departments


def wave_days(wave: Wave, table: PopulationTable) -> list[dt.date]:
    """Return the working days of a wave, to its last date or as many as its volume needs.

    The volume counts the people of the scenario at full scale, whatever the size of the run.
    """
    if wave.volume is None:
        last_on, needed = wave.last_on or wave.first_on, None
    else:
        last_on, needed = LAST_DAY, max(1, -(-_people(wave, table) // wave.volume))
    found: list[dt.date] = []
    on = wave.first_on
    while on <= last_on and len(found) != needed:
        if is_working_day(on):
            found.append(on)
        on += timedelta(days=1)
    return found


def last_day(wave: Wave, scenario: Scenario) -> dt.date:
    """Return the last date of a wave, stated or following from its volume."""
    if wave.last_on is not None:
        return wave.last_on
    return wave_days(wave, population_table(scenario))[-1]


def _people(wave: Wave, table: PopulationTable) -> int:
    return sum(
        sum(pair)
        for code in table.departments
        if is_in_wave(wave, code)
        for pair in table.counts[code]
    )


def wave_order(order: WaveOrder, table: PopulationTable) -> Sequence[int]:
    """Return the ranks of the départements in the order in which a wave reaches them."""
    ranks = range(len(table.departments))
    people = [sum(sum(pair) for pair in table.counts[code]) for code in table.departments]
    if order == "reverse":
        return ranks[::-1]
    if order == "descending":
        return sorted(ranks, key=lambda rank: (-people[rank], rank))
    if order == "ascending":
        return sorted(ranks, key=lambda rank: (people[rank], rank))
    if order == "region":
        known = departments()
        return sorted(ranks, key=lambda rank: (known[table.departments[rank]].region, rank))
    return ranks
