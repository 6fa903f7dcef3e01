"""`etalon demo`: the tour of ten minutes, or, quickly, the 2021 pilot beside what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.options import workers_asked
from etalon_cli.outcome import print_outcome
from etalon_cli.reporting import draw_reports
from etalon_cli.simulation import Order, carry_out
from etalon_cli.tour import TOUR_FILE, show, tour
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.run_record import Plan
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language

SCENARIO: Final = "pilot-2021"
POPULATION: Final = 40_000
DRAWS: Final = 16
DRAW_POPULATION: Final = 10_000
SEED: Final = 1
"""Of the parts of the tour, as their commands have it by default."""


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    return _pilot(options, language) if options.quick else _tour(options, language)


def _tour(options: Namespace, language: Language) -> int:
    """Show every part, and draw the page that explains them."""
    out = Path(options.out) if options.out is not None else None
    parts = tour()
    with explained(language):
        directory = new_run_directory(out, command="demo", name="tour", seed=SEED)
        say(text("tour.announced", language, count=len(parts), file=directory.path))
        whole = show(directory, parts, language)
    [page] = draw_reports(directory.path, language, ("html",))
    if options.json:
        print_json(directory.read_json(TOUR_FILE))
    else:
        print_result(text("tour.written", language, file=page))
    return ExitCode.DONE if whole else ExitCode.NO_ANSWER


def _pilot(options: Namespace, language: Language) -> int:
    with explained(language):
        scenario = load_scenario(SCENARIO)
    plan = Plan(
        scenario=SCENARIO,
        changes=(),
        engine="agents",
        population=POPULATION,
        seed=scenario.seed,
        until=None,
        replications=1,
        knowledge_draws=DRAWS,
        knowledge_population=DRAW_POPULATION,
    )
    order = Order(
        command="demo",
        typed=tuple(options.typed),
        plan=plan,
        scenario=scenario,
        out=Path(options.out) if options.out is not None else None,
        resume=False,
        workers=workers_asked(options.workers),
    )
    sizes = {
        "population": number(POPULATION, language),
        "draws": DRAWS,
        "each": number(DRAW_POPULATION, language),
    }
    say(text("demo.announced", language, **sizes))
    study = carry_out(order, language)
    if options.json:
        print_json(study.summary)
    else:
        print_outcome(study.summary, study.directory.path, language)
    return ExitCode.DONE
