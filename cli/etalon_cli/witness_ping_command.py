"""`etalon witness ping`: which of the things that a client needs of the witness works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.exit_codes import ExitCode
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import whole_number
from etalon_conformance.witness.connecting.kit import KitError, read_kit
from etalon_conformance.witness.connecting.pinging import ping
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_conformance.witness.connecting.pinging import Probe
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_SECONDS: Final = 5
_SECONDS_MOST: Final = 60


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    seconds = whole_number("--seconds", options.seconds, _SECONDS, 1, _SECONDS_MOST)
    try:
        found = ping(read_kit(Path(options.kit)), seconds)
    except KitError as error:
        raise because(reason="witness_kit", problem=error.told(language)) from error
    if options.json:
        print_json([_plain(one, language) for one in found])
    else:
        print_columns([_row(one, language) for one in found])
    works = all(one.state == "works" for one in found)
    return ExitCode.DONE if works else ExitCode.NO


def _plain(one: Probe, language: Language) -> Json:
    return {
        "probe": one.name,
        "host": one.host,
        "state": one.state,
        "says": one.told(language),
    }


def _row(one: Probe, language: Language) -> list[str]:
    state = text(f"witness.state.{one.state}", language)
    return [state, text(f"witness.probe.{one.name}", language), one.told(language)]
