"""`etalon reproduce`: run a finished run again; same, different or cannot."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import ProgressLine, print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.later_forms import of_a_known_form
from etalon_cli.options import workers_asked
from etalon_cli.stopping import Stopped, because
from etalon_scenarios.engine import engine_named
from etalon_scenarios.policies.comparison import COMPARISON_FILE
from etalon_scenarios.reproduce import Cannot, DifferentDay, Same, reproduce
from etalon_text.refusals import refusal_in
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from etalon_scenarios.reproduce import Verdict
    from etalon_scenarios.study import Stage
    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    line = ProgressLine(language)
    with explained(language), interruptible() as interruption:
        try:
            path, verdict = _verdict(
                Path(options.run), workers_asked(options.workers), interruption.is_asked, line.show
            )
        finally:
            line.end()
    told = _told(verdict, path, language)
    code = told.exit_code if isinstance(told, Stopped) else ExitCode.DONE
    words = told.told(language) if isinstance(told, Stopped) else told
    if options.json:
        print_json({"verdict": _name(verdict), **asdict(verdict), "explanation": words})
    else:
        print_result(words)
    return code


def _verdict(
    path: Path,
    workers: int,
    stop: Callable[[], bool],
    progress: Callable[[Stage, int, int, str], None],
) -> tuple[Path, Verdict]:
    """Repeat a run, or the run of each policy of a comparison until one is not the same."""
    days = draws = 0
    for directory in _run_directories(of_a_known_form(path)):
        found = reproduce(directory, engine_named, workers=workers, stop=stop, progress=progress)
        if not isinstance(found, Same):
            return directory, found
        days, draws = days + found.days, draws + found.draws
    return path, Same(days, draws)


def _run_directories(path: Path) -> list[Path]:
    """Give the run directories to repeat: those of its policies for a comparison, else itself."""
    try:
        comparison = json.loads((path / COMPARISON_FILE).read_text(encoding="utf-8"))
        policies = [path / str(policy["directory"]) for policy in comparison["policies"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        policies = []
    return policies or [path]


def _name(verdict: Verdict) -> str:
    if isinstance(verdict, Same):
        return "same"
    return "cannot" if isinstance(verdict, Cannot) else "different"


def _told(verdict: Verdict, path: Path, language: Language) -> Stopped | str:
    """Give the words of a verdict, and through the catalogue its exit code."""
    if isinstance(verdict, Same):
        return text("reproduce.same", language, file=path, days=verdict.days, draws=verdict.draws)
    if isinstance(verdict, Cannot):
        words = {"found": refusal_in(verdict.found, language), "expected": verdict.expected}
        problem = text(f"reproduce.{verdict.reason}", language, **words)
        return because(reason="reproduce_impossible", file=path, problem=problem)
    if isinstance(verdict, DifferentDay):
        return because(reason="reproduce_different", file=path, **asdict(verdict))
    values = {"counter": verdict.key, "found": verdict.found, "expected": verdict.expected}
    return because(reason="reproduce_results_differ", file=path, part=verdict.file, **values)
