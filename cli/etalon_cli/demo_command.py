"""`etalon demo`: the 2021 pilot, simulated in under a minute, beside what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_json
from etalon_cli.console import say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.options import workers_asked
from etalon_cli.outcome import print_outcome
from etalon_cli.simulation import Order, carry_out
from etalon_scenarios.loading import load_scenario
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


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
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
