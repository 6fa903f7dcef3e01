"""Run a scenario on arrays: build its law, lay its people out, let the days pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_scenarios.cohort import compiled as kernels
from etalon_scenarios.cohort.campaign import run_newcomers, run_waves
from etalon_scenarios.cohort.compiled.village import is_village
from etalon_scenarios.cohort.crew import CHUNK, Crew, processes_for
from etalon_scenarios.cohort.deciding import (
    await_volunteers,
    run_evenings,
    run_late_decisions,
    run_regenerated_codes,
)
from etalon_scenarios.cohort.delivery import run_delivery
from etalon_scenarios.cohort.expiry import run_expiry, run_media
from etalon_scenarios.cohort.institutions import Calendar
from etalon_scenarios.cohort.nation import Nation
from etalon_scenarios.cohort.opening import Batch, run_batch
from etalon_scenarios.cohort.printing import run_printer
from etalon_scenarios.cohort.registry import Registry, run_registry
from etalon_scenarios.cohort.reminders import keep_account, run_arrivals, run_reminders
from etalon_scenarios.cohort.state import State, restore, state_of
from etalon_scenarios.cohort.telephone import run_hotline
from etalon_scenarios.cohort.waves import plan_waves
from etalon_scenarios.cohort.website import run_website
from etalon_scenarios.runs import Progress, Run
from etalon_scenarios.setting import setting_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.observation import Observer
    from etalon_scenarios.scenario import Scenario

    Saving = tuple[int, Callable[[State], None]]


def simulate(  # noqa: PLR0913 (all but the scenario by name)
    scenario: Scenario,
    *,
    population: int,
    seed: int,
    until: date | None = None,
    on_day: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    processes: int | None = None,
    chunk: int = CHUNK,
    compiled: bool | None = None,
    observer: Observer | None = None,
    save: Saving | None = None,
    resume: tuple[int, State] | None = None,
) -> Run:
    """Simulate a scenario with everybody in arrays.

    Args:
        scenario: What to simulate.
        population: People at the start.
        seed: Seed of every draw.
        until: Last day, or None for that of the scenario.
        on_day: Told after each day.
        stop: Asked after each day; yes ends the run there.
        processes: Processes that share the run, or None for one a processor where they pay; where
            they cannot be had, and with `save` or `resume`, one does it all. The run is the same.
        chunk: Neighbours that belong to one process; the run is the same.
        compiled: Whether kernels that Numba compiles do the costly passes, or None for where
            they are installed and pay; the run is the same.
        observer: Told which people came, called, entered and left.
        save: The day at whose beginning the state is wanted, and who is given it.
        resume: The day to begin with, and the state in which it begins.

    Raises:
        KernelsMissingError: Compiled kernels are asked for, and Numba is not installed.
    """
    law, layout, timetable, full = setting_of(scenario, population, until)
    whole = save is not None or resume is not None
    crew = Crew(1 if whole else processes_for(processes, layout.size), chunk)
    nation = Nation(
        law,
        layout,
        timetable,
        seed,
        crew,
        observer=observer,
        may_branch=save is not None,
        compiled=kernels.are_used(compiled, layout.size),
    )

    def live() -> int:
        if resume is None and is_village(nation):
            return _live_as_village(nation, on_day, stop)
        calendar = Calendar(0 if resume is None else resume[0])
        calendar.employ(institutions(nation).values())
        if resume is not None:
            restore(nation, resume[1], resume[0])
        return _let_days_pass(nation, calendar, on_day, stop, save)

    done = crew.together(live)
    return Run(
        ledger=nation.ledger,
        law=law,
        layout=layout,
        population=population,
        full=full,
        seed=seed,
        days_done=done,
    )


def _live_as_village(
    nation: Nation, on_day: Callable[[Progress], None] | None, stop: Callable[[], bool]
) -> int:
    from etalon_scenarios.cohort.compiled.village_life import (  # noqa: PLC0415 (Numba, if used)
        live_as_village,
    )

    def end_day(done: int) -> bool:
        if on_day is not None:
            on_day(Progress(nation.timetable.date(done - 1), done, nation.law.days))
        return stop()

    return live_as_village(nation, end_day)


def institutions(nation: Nation) -> dict[str, Institution]:
    """Return the institutions of the scheme, by name, ready to work, in a process of the crew."""
    nation.join_crew()
    working = {"registry": run_registry(nation, Registry(nation)), "evenings": run_evenings(nation)}
    if nation.law.opt_in:
        await_volunteers(nation)
        return working
    plan_waves(nation)
    if nation.law.reminders:
        working |= {"reminders": run_reminders(nation), "reminders' post": run_arrivals(nation)}
    if nation.law.reminders or nation.may_branch:
        keep_account(nation)
    nation.batch = Batch(nation)
    return {
        **working,
        "newcomers": run_newcomers(nation),
        "waves": run_waves(nation),
        "printer": run_printer(nation),
        "delivery": run_delivery(nation),
        "website": run_website(nation),
        "hotline": run_hotline(nation),
        "late decisions": run_late_decisions(nation),
        "regenerated codes": run_regenerated_codes(nation),
        "opening": run_batch(nation, nation.batch),
        "expiry": run_expiry(nation),
        "media": run_media(nation),
    }


def _let_days_pass(
    nation: Nation,
    calendar: Calendar,
    on_day: Callable[[Progress], None] | None,
    stop: Callable[[], bool],
    save: Saving | None,
) -> int:
    crew, day, days, stopped = nation.crew, calendar.day, nation.law.days, False
    # No process begins a day before all have ended the last, or once the first was told to stop.
    while day < days and not crew.gather(stopped)[0]:
        if save is not None and save[0] == day:
            save[1](state_of(nation))
        nation.day = day
        calendar.pass_day()
        nation.close_day()
        day += 1
        if crew.rank == 0:
            if on_day is not None:
                on_day(Progress(nation.timetable.date(day - 1), day, days))
            stopped = stop()
    nation.close_run()
    return day
