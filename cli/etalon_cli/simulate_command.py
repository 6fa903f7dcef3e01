"""`etalon simulate`: run a scenario and write a run directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.checkpoint_options import arrivals_asked, checkpoints_asked, make_sure
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.options import (
    check_memory,
    compiled_asked,
    departments_change,
    engine_asked,
    knowledge_asked,
    last_day_asked,
    people_asked,
    workers_asked,
    years_change,
)
from etalon_cli.outcome import print_outcome
from etalon_cli.resuming import out_asked
from etalon_cli.simulation import Order, carry_out
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_scenarios.life.following import counts_lives
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.memory import memory_available
from etalon_scenarios.population_table import population_table
from etalon_scenarios.run_record import Plan
from etalon_scenarios.trials import days_planned

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_cli.checkpoint_options import Checkpoints
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

MOST_REPLICATIONS = 1000


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    order = _order(options, language)
    study = carry_out(order, language)
    if options.json:
        print_json(study.summary)
    else:
        print_outcome(study.summary, study.directory.path, language)
    return ExitCode.DONE


def _order(options: Namespace, language: Language) -> Order:
    """Read the options, all of them, before anything is written."""
    workers = workers_asked(options.workers)
    replications = whole_number("--replications", options.replications, 1, 1, MOST_REPLICATIONS)
    scenario, full = _scenario(options, language)
    population = people_asked(options.population, full)
    checkpoints = checkpoints_asked(options)
    engine = _engine(options, checkpoints, population)
    compiled, kernels = compiled_asked(options.compiled, engine, population)
    knowledge = options.knowledge if checkpoints.start_from is None else "0"
    draws, drawn = knowledge_asked(knowledge, engine, population, full)
    together = (population * min(workers, max(1, replications - 1)), drawn * min(workers, draws))
    check_memory(max(together), memory_available(), engine, lives_for=_days_lived(scenario))
    plan = Plan(
        scenario=options.scenario,
        changes=scenario.changes,
        engine=engine,
        population=population,
        seed=whole_number("--seed", options.seed, scenario.seed, 0, LARGEST_SEED),
        until=last_day_asked(options.until, scenario),
        replications=replications,
        knowledge_draws=draws,
        knowledge_population=drawn,
    )
    with explained(language):
        make_sure(checkpoints, scenario, plan)
        wanted = arrivals_asked(options.arrivals, scenario, plan.until)
    return Order(
        command="simulate",
        typed=tuple(options.typed),
        plan=plan,
        scenario=scenario,
        out=out_asked(options),
        resume=options.resume,
        workers=workers,
        arrivals=wanted,
        arrivals_typed=options.arrivals,
        compiled=compiled,
        kernels=kernels,
        save_on=checkpoints.save_on,
        start_from=checkpoints.start_from,
    )


def _scenario(options: Namespace, language: Language) -> tuple[Scenario, int]:
    """Load the scenario, and count the people of its scope."""
    changes = (*departments_change(options.departments), *options.set)
    with explained(language):
        scenario = load_scenario(options.scenario, changes)
        beyond = years_change(options.until, scenario)
        if beyond:
            scenario = load_scenario(options.scenario, (*changes, *beyond))
        return scenario, population_table(scenario).full


def _days_lived(scenario: Scenario) -> int:
    """Count the days of a run that counts the life of open spaces; 0 for another run."""
    return days_planned(scenario, None) if counts_lives(scenario) else 0


def _engine(options: Namespace, checkpoints: Checkpoints, population: int) -> str:
    """Name the engine asked for: only one has checkpoints and kernels."""
    cohort = checkpoints.any or (options.engine is None and options.compiled == "yes")
    return engine_asked("cohort" if cohort else options.engine, population)
