"""`etalon explore`: the page of the policy teams, on the loopback of this machine."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Final

from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.grammar_explore import DEFAULT_PEOPLE, DEFAULT_PORT
from etalon_cli.interruption import interruptible
from etalon_cli.options import workers_asked
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import whole_number
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
    with (
        explained(language),
        interruptible(),
        _listening(HOST, port) as listening,
        opened_house(scenario, people, workers, language) as house,
    ):
        address = f"http://{HOST}:{listening.getsockname()[1]}/?lang={language}"
        print_result(text("explore.serving", language, address=address))
        sys.stdout.flush()
        serve(house, listening)
    say(text("explore.closed", language))
    return ExitCode.DONE


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
