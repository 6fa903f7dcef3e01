"""Sending: waves of notices, the printer, the newcomers of the week."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from etalon_scenarios.agents import acts, notices
from etalon_scenarios.agents.life import receive_email, receive_letter
from etalon_scenarios.agents.printer import NOTICE
from etalon_scenarios.agents.reminders import post_reminder
from etalon_scenarios.agents.world import Standing
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.layout import CELLS
from etalon_scenarios.timetable import NEWCOMERS, PRINTER, WAVES

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import Agent, World

Institution = Generator[simpy.Event, object, None]


def run_waves(world: World) -> Institution:
    """Send the campaign's notices, each household on its day, by number."""
    by_day = plan_waves(world)
    for day in sorted(by_day):
        yield world.until(day, WAVES)
        for number in by_day[day]:
            notify(world, world.people[number])


def plan_waves(world: World) -> dict[int, list[int]]:
    """Return whom the campaign notifies on each day, by number."""
    by_day: dict[int, list[int]] = {}
    for agent in world.people:
        position = FIELDS["wave_position"].of(world.chance(Slot.NOTICE, agent.head))
        day = world.law.send_day(agent.cell // CELLS, position)
        if day < world.law.days:
            by_day.setdefault(day, []).append(agent.number)
    return by_day


def notify(world: World, agent: Agent) -> None:
    """Send the notice by e-mail, or ask for a letter (LIF-05)."""
    if agent.standing is not Standing.WAITING:
        return
    if acts.has_email(world, agent):
        notices.send_email(world, agent)
        world.env.process(receive_email(world, agent))
    else:
        world.printer.ask(world.day, agent.number)


def run_printer(world: World) -> Institution:
    """Print on working days."""
    for day in range(world.law.days):
        if world.law.working[day]:
            yield world.until(day, PRINTER)
            print_letters(world)


def print_letters(world: World) -> None:
    """Print and post what the day's capacity allows.

    Notices of the dead are taken off the pile, and reminders of whoever is silent no more.
    """
    left = world.law.notice.letters_per_day
    while left and (asked := world.printer.take()) is not None:
        number, kind = asked
        agent = world.people[number]
        if kind != NOTICE and agent.standing is Standing.NOTIFIED:
            post_reminder(world, agent, kind - 1)
            left -= 1
        elif kind == NOTICE and agent.standing is not Standing.DEAD:
            notices.send_letter(world, agent)
            world.env.process(receive_letter(world, agent))
            left -= 1


def run_newcomers(world: World) -> Institution:
    """Affiliate and notify the children born since the last weekly batch (LIF-27)."""
    done = world.layout.size
    for day in range(world.law.days):
        if world.timetable.date(day).weekday() == world.law.opening.newcomer_weekday:
            yield world.until(day, NEWCOMERS)
            for agent in world.people[done:]:
                acts.affiliate_newborn(world, agent)
                notify(world, agent)
            done = len(world.people)
