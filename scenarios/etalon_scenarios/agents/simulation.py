"""Run a scenario: build its law, settle its people, let the days pass."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etalon_model import Period, vintage
from etalon_scenarios.agents import acts, campaign, opening, registry, reminders
from etalon_scenarios.agents.life import volunteer
from etalon_scenarios.agents.world import World
from etalon_scenarios.population_table import scenario_departments
from etalon_scenarios.runs import Progress, Run
from etalon_scenarios.setting import setting_of
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date

    from etalon_model import Parameters
    from etalon_scenarios.observation import Observer
    from etalon_scenarios.scenario import Scenario

YOUNG_OBJECTS: Final = 200_000
"""Objects made before the collector looks: a run makes many that live to its end."""


def simulate(  # noqa: PLR0913 (all but the scenario by name)
    scenario: Scenario,
    *,
    population: int,
    seed: int,
    until: date | None = None,
    on_day: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    observer: Observer | None = None,
) -> Run:
    """Simulate a scenario with one process per person.

    Args:
        scenario: What to simulate.
        population: People at the start.
        seed: Seed of every draw.
        until: Last day, or None for that of the scenario.
        on_day: Told after each day.
        stop: Asked after each day; yes ends the run there.
        observer: Told which people came, called, entered and left.

    Raises:
        UnexpectedOutcomeError: The model answered otherwise than the law predicts.
    """
    law, layout, timetable, full = setting_of(scenario, population, until)
    with quiet_collector():
        world = World(law, layout, timetable, model_parameters(scenario), seed, observer=observer)
        done = _let_days_pass(world, on_day, stop)
    return Run(
        ledger=world.ledger,
        law=law,
        layout=layout,
        population=population,
        full=full,
        seed=seed,
        days_done=done,
    )


def model_parameters(scenario: Scenario) -> Parameters:
    """Return the values of the model: those of the vintage, where and as long as the scenario says.

    A scenario may hold the pilot in other départements, or earlier, than history did (LIF-01);
    a voluntary scheme goes on creating records as long as it runs (LIF-20).
    """
    history = vintage(scenario.vintage)
    records_until = history.legacy_creation_end_on
    if scenario.enrolment.mode == "opt-in":
        records_until = max(records_until, scenario.ends_on + timedelta(days=1))
    return replace(
        history,
        pilot_departments=frozenset(scenario_departments(scenario)),
        pilot_start_on=min(history.pilot_start_on, scenario.starts_on),
        opposition_window=Period(scenario.enrolment.opposition_window),
        code_validity=Period(scenario.enrolment.code_validity),
        legacy_creation_end_on=records_until,
    )


def start(world: World) -> None:
    """Settle the people and start the institutions, in the order of the day."""
    acts.settle(world)
    processes = [registry.run_registry, opening.run_evenings]
    if world.law.opt_in:
        for agent in world.people:
            world.env.process(volunteer(world, agent))
    else:
        processes += [
            campaign.run_newcomers,
            campaign.run_waves,
            reminders.run_reminders,
            campaign.run_printer,
            opening.run_hotline,
            opening.run_batch,
            opening.run_expiry,
            opening.run_media,
        ]
    for process in processes:
        world.env.process(process(world))


def _let_days_pass(
    world: World, on_day: Callable[[Progress], None] | None, stop: Callable[[], bool]
) -> int:
    start(world)
    gc.freeze()
    for day in range(world.law.days):
        world.begin_day(day)
        world.env.run(until=(day + 1) * DAY)
        world.close_day()
        if on_day is not None:
            on_day(Progress(world.timetable.date(day), day + 1, world.law.days))
        if stop():
            return day + 1
    return world.law.days


@contextmanager
def quiet_collector() -> Generator[None, None, None]:
    """Let the garbage collector look less often while a run lasts.

    A run makes many objects that live to its end, and the default collector visits them all
    again and again: cost per person would grow with the population.
    """
    before = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, before[1], before[2])
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
