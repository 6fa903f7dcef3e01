"""`etalon simulate`: run a scenario and write a run directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.checkpoint_options import arrivals_asked, checkpoints_asked, make_sure
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.options import (
    check_memory,
    departments_change,
    engine_asked,
    knowledge_asked,
    last_day_asked,
    people_asked,
    workers_asked,
)
from etalon_cli.outcome import print_outcome
from etalon_cli.simulation import Order, carry_out
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.memory import memory_available
from etalon_scenarios.population_table import population_table
from etalon_scenarios.run_record import Plan

if TYPE_CHECKING:
    from argparse import Namespace

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
    changes = (*departments_change(options.departments), *options.set)
    workers = workers_asked(options.workers)
    replications = whole_number("--replications", options.replications, 1, 1, MOST_REPLICATIONS)
    with explained(language):
        scenario = load_scenario(options.scenario, changes)
        full = population_table(scenario).full
    population = people_asked(options.population, full)
    checkpoints = checkpoints_asked(options)
    engine = engine_asked("cohort" if checkpoints.any else options.engine, population)
    knowledge = "0" if checkpoints.start_from is not None else options.knowledge
    draws, drawn = knowledge_asked(knowledge, engine, population, full)
    repeated = population * min(workers, max(1, replications - 1))
    check_memory(max(repeated, drawn * min(workers, draws)), memory_available(), engine)
    until = last_day_asked(options.until, scenario)
    plan = Plan(
        scenario=options.scenario,
        changes=changes,
        engine=engine,
        population=population,
        seed=whole_number("--seed", options.seed, scenario.seed, 0, LARGEST_SEED),
        until=until,
        replications=replications,
        knowledge_draws=draws,
        knowledge_population=drawn,
    )
    with explained(language):
        wanted = arrivals_asked(options.arrivals, scenario, until)
        make_sure(checkpoints, scenario, plan)
    return Order(
        command="simulate",
        typed=tuple(options.typed),
        plan=plan,
        scenario=scenario,
        out=Path(options.out) if options.out is not None else None,
        resume=options.resume,
        workers=workers,
        arrivals=wanted,
        save_on=checkpoints.save_on,
        start_from=checkpoints.start_from,
    )
