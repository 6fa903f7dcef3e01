"""`etalon explore`: the page of the policy teams, on the loopback of this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.console import ProgressLine, hand_over_results, print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.grammar_explore import DEFAULT_PEOPLE, DEFAULT_PORT
from etalon_cli.interruption import interruptible
from etalon_cli.options import workers_asked
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import whole_number
from etalon_scenarios.run_directory import storage_error
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language

_SCENARIO: Final = "launch-2022"
_HIGHEST_PORT: Final = 65_535
_FEWEST, _MOST = 1_000, 1_000_000


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    port = whole_number("--port", options.port, DEFAULT_PORT, 0, _HIGHEST_PORT)
    people = whole_number("--population", options.population, DEFAULT_PEOPLE, _FEWEST, _MOST)
    workers = workers_asked(options.workers)
    try:
        from etalon_explore.serving import HOST, opened_house, serve  # noqa: PLC0415 (an extra)
    except ImportError as error:
        if (error.name or "").startswith("etalon"):
            raise
        feature = "etalon explore"
        raise because(reason="extra_missing", feature=feature, extra="explore") from error
    scenario = options.scenario or _SCENARIO
    if options.export is not None:
        return _export(scenario, people, workers, options, language)
    if options.sweep:
        raise because(reason="explore_sweep", found=options.sweep[0], problem=_alone(language))
    with (
        explained(language),
        interruptible() as interruption,
        _listening(HOST, port) as listening,
        opened_house(scenario, people, workers, language) as house,
    ):
        address = f"http://{HOST}:{listening.getsockname()[1]}/?lang={language}"
        print_result(text("explore.serving", language, address=address))
        hand_over_results()
        serve(house, listening, interruption.is_asked)
    say(text("explore.closed", language))
    return ExitCode.DONE


def _export(
    scenario: str, people: int, workers: int, options: Namespace, language: Language
) -> int:
    """Sweep the levers asked for, and write the page.

    Raises:
        Stopped: The scenario, a lever or the file cannot be used, or the user interrupted.
    """
    from etalon_explore.exporting import DEFAULT_SWEEP, export  # noqa: PLC0415 (an extra)
    from etalon_explore.swept import SweepError  # noqa: PLC0415 (likewise)

    line = ProgressLine(language)
    target = Path(options.export)
    if target.is_dir():
        raise because(
            reason="bad_option", option=f"--export {options.export}", problem="Is a directory"
        )
    with explained(language, people), interruptible() as interruption:
        try:
            written = export(
                scenario,
                options.sweep or DEFAULT_SWEEP,
                target,
                people=people,
                workers=workers,
                language=language,
                stop=interruption.is_asked,
                told=lambda done, total: line.show("points", done, total),
            )
        except SweepError as error:
            problem = text(f"explore.sweep_{error.reason}", language)
            raise because(reason="explore_sweep", found=error.found, problem=problem) from error
        except OSError as error:
            raise storage_error(target, error) from error
        finally:
            line.end()
    if not written:
        raise because(reason="interrupted_early")
    print_result(str(target.resolve()))
    return ExitCode.DONE


def _alone(language: Language) -> str:
    return text("explore.sweep_alone", language)


def _listening(host: str, port: int) -> socket.socket:
    """Listen on a port.

    Raises:
        Stopped: The port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        problem = error.strerror or str(error)
        raise because(reason="serve_port", host=host, port=port, problem=problem) from error
    return listening
