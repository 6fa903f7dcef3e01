"""`etalon compare`: policies on the same people and luck, and how each differs from the first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.comparison_outcome import print_comparison
from etalon_cli.console import ProgressLine, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.options import (
    check_memory,
    engine_asked,
    knowledge_asked,
    last_day_asked,
    people_asked,
    workers_asked,
    years_change,
)
from etalon_cli.reporting import draw_reports
from etalon_cli.resuming import directory_resumed, out_asked
from etalon_cli.simulation import full_draws_announced
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_scenarios.engine import engine_named
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.memory import memory_available
from etalon_scenarios.policies.comparable import first_apart
from etalon_scenarios.policies.comparison import Comparison
from etalon_scenarios.policies.pairing import REPLICATIONS
from etalon_scenarios.population_table import population_table
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord, inputs_of
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from etalon_cli.interruption import Interruption
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

Policies = tuple[tuple[str, "Scenario"], ...]


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    workers = workers_asked(options.workers)
    policies, changes = _policies(options, language)
    plan = _plan(options, policies, changes)
    simulated = max(plan.population, plan.knowledge_population * workers)
    check_memory(simulated, memory_available(), plan.engine)
    with explained(language, plan.population), interruptible() as interruption:
        directory = _directory(options, plan, policies)
        say(text("compare.writing", language, file=directory.path))
        comparison = Comparison(
            record=ComparisonRecord(
                plan=plan,
                arguments=tuple(options.typed[1:]),
                started_at=datetime.now(UTC),
                inputs=_inputs(policies),
            ),
            scenarios=policies,
            directory=directory,
            engine=engine_named(plan.engine),
            workers=workers,
            stop=interruption.is_asked,
            after_first=_announcement(plan, workers, language)
            if options.knowledge == "full"
            else _nothing_announced,
        )
        _carry_out(comparison, interruption, language, resume=options.resume)
    if options.json:
        print_json(comparison.result)
    else:
        print_comparison(comparison.result, directory.path, language)
    return ExitCode.DONE


def _directory(options: Namespace, plan: ComparisonPlan, policies: Policies) -> RunDirectory:
    """Make the directory, or take up that of the same comparison.

    Raises:
        UnusableDirectoryError: It cannot receive the comparison.
        Stopped: It holds another one.
    """
    out = out_asked(options)
    if options.resume and out is not None:
        return directory_resumed(out, "comparison", plan.as_json(), _inputs(policies))
    return new_run_directory(out, command="compare", name=plan.policies[0], seed=plan.seed)


def _policies(options: Namespace, language: Language) -> tuple[Policies, tuple[str, ...]]:
    """Load the policies, all of them, before anything is written; return their changes too.

    Raises:
        Stopped: There is one policy only, one cannot be used, or they cannot be compared.
    """
    asked: list[str] = options.policies
    if len(asked) == 1:
        raise because(reason="policies_few", found=asked[0])
    with explained(language):
        # Beyond the first policy, all go on: what follows the campaign is compared too.
        beyond = years_change(options.until, load_scenario(asked[0], options.set))
        changes = (*options.set, *beyond)
        policies = tuple((name, load_scenario(name, changes)) for name in asked)
        apart = first_apart([scenario for _, scenario in policies])
    if apart is not None:
        first = policies[0][1].name
        reason = "policies_same_name" if apart.key == "scenario.name" else "policies_apart"
        raise because(
            reason=reason,
            name=apart.name,
            what=apart.key,
            found=apart.found,
            expected=apart.expected,
            first=first,
        )
    return policies, changes


def _plan(options: Namespace, policies: Policies, changes: tuple[str, ...]) -> ComparisonPlan:
    first = policies[0][1]
    full = population_table(first).full
    population = people_asked(options.population, full, default=full)
    engine = engine_asked(options.engine, population)
    draws, drawn = knowledge_asked(options.knowledge, engine, population, full)
    return ComparisonPlan(
        policies=tuple(name for name, _ in policies),
        changes=changes,
        engine=engine,
        population=population,
        seed=whole_number("--seed", options.seed, first.seed, 0, LARGEST_SEED),
        until=last_day_asked(options.until, first),
        knowledge_draws=draws,
        knowledge_population=drawn,
        replications=REPLICATIONS,
    )


def _inputs(policies: Policies) -> tuple[dict[str, str], ...]:
    """Give the files that the policies were read from, each once."""
    read = {
        (entry["role"], entry["path"]): entry
        for _, scenario in policies
        for entry in inputs_of(scenario)
    }
    return tuple(read.values())


def _announcement(
    plan: ComparisonPlan, workers: int, language: Language
) -> Callable[[float], None]:
    """Say how long the draws of everybody will take, once one run has been timed."""

    def announce(seconds: float) -> None:
        runs = len(plan.policies) * (plan.knowledge_draws + 1 + plan.replications)
        say(full_draws_announced(seconds, runs, workers, language))

    return announce


def _nothing_announced(_seconds: float) -> None:
    """Say nothing: the draws take little."""


def _carry_out(
    comparison: Comparison, interruption: Interruption, language: Language, *, resume: bool
) -> None:
    """Simulate, write, and draw the report.

    Raises:
        Stopped: The user interrupted, or the report could not be drawn.
    """
    directory: RunDirectory = comparison.directory
    line = ProgressLine(language)

    def show(policy: str, stage: str, done: int, total: int, detail: str) -> None:
        line.show(stage, done, total, f"{policy} {detail}".rstrip())

    comparison.progress = show
    comparison.stop = interruption.is_asked
    try:
        complete = comparison.carry_out(resume=resume)
    finally:
        line.end()
    if not complete:
        raise because(reason="comparison_interrupted", file=directory.path)
    line.show("report", 0, 1)
    draw_reports(directory.path, language, ("html",))
    line.show("report", 1, 1)
    line.end()
