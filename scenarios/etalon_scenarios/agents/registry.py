"""Births and deaths, as the civil registry reports them to the insurer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_scenarios.agents import acts
from etalon_scenarios.agents.world import Agent, Standing
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.layout import BANDS, CELLS, MOTHER_BANDS
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import BIRTHS_AND_DEATHS

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from etalon_scenarios.agents.world import World


def run_registry(world: World) -> Generator[simpy.Event, object, None]:
    """Record the day's deaths, then its births, each by number."""
    deaths, births = plan_deaths(world), plan_births(world)
    for day in sorted({*deaths, *births}):
        yield world.until(day, BIRTHS_AND_DEATHS)
        for number in deaths.get(day, ()):
            acts.record_death(world, world.people[number])
        ranks: dict[int, int] = {}
        for number in births.get(day, ()):
            mother = world.people[number]
            if mother.standing is not Standing.DEAD:
                department = mother.cell // CELLS
                rank = ranks[department] = ranks.get(department, -1) + 1
                _give_birth(world, mother, rank)


def plan_deaths(world: World) -> dict[int, list[int]]:
    """Return who dies on each day: the day is the draw over the daily share, if within the run."""
    by_day: dict[int, list[int]] = {}
    daily, days = world.law.opening.deaths, world.law.days
    for agent in world.people:
        share = daily[agent.cell % CELLS // 2]
        drawn = world.chance(Slot.DEATH, agent.number) >> 32
        if drawn < share * days:
            by_day.setdefault(drawn // share, []).append(agent.number)
    return by_day


def plan_births(world: World) -> dict[int, list[int]]:
    """Return who gives birth on each day, at most once a run; adult women only."""
    by_day: dict[int, list[int]] = {}
    daily, days = world.law.opening.births, world.law.days
    for department in range(len(world.layout.departments)):
        for band in MOTHER_BANDS:
            share = daily[band]
            for number in world.layout.cell_range((department * BANDS + band) * 2):
                drawn = world.chance(Slot.CHILDBIRTH, number) >> 32
                if drawn < share * days:
                    by_day.setdefault(drawn // share, []).append(number)
    return by_day


def _give_birth(world: World, mother: Agent, rank: int) -> None:
    number = len(world.people)
    is_girl = FIELDS["newborn_sex"].of(world.chance(Slot.NEWBORN, number)) < (
        world.law.opening.newborn_girls
    )
    cell = mother.cell // CELLS * CELLS + (0 if is_girl else 1)
    child = acts.register_newborn(world, mother, number, cell, rank)
    world.people.append(child)
    world.note(child, COUNT["born"])
