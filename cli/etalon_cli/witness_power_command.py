"""`etalon conformance power --role client`: what the judge of clients is worth."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_json
from etalon_cli.conformance_options import refuse_others
from etalon_cli.console import ProgressLine, print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.power_command import write_score
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_cli.witness_trying import try_clients
from etalon_conformance.witness.client_power import LEAST, clients, plain_power
from etalon_conformance.witness.players.habits import client_named
from etalon_conformance.witness.scenario import profiles
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language


def run(options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    refuse_others(options, ("server", "workers"), "client")
    seed = whole_number("--seed", options.seed, 1, 0, LARGEST_SEED)
    progress = ProgressLine(language)
    total = len(clients()) - 1 + len(profiles())
    trials = try_clients(seed, lambda done: progress.show("clients", done, total))
    progress.end()
    told = cast("Mapping[str, Json]", plain_power(trials, datetime.now(UTC).date().isoformat()))
    if options.out:
        write_score(Path(options.out), told)
    if options.json:
        print_json(told)
    else:
        _print(told, language)
    enough = int(str(told["killed"])) >= LEAST * int(str(told["impostors"]))
    return (
        ExitCode.DONE if enough and not told["false_alarms"] and not told["void"] else ExitCode.NO
    )


def _print(told: Mapping[str, Json], language: Language) -> None:
    figures = {name: told[name] for name in ("killed", "impostors", "false_alarms", "variants")}
    print_result(text("witness.power", language, **figures))
    for reason in cast("list[str]", told["void"]):
        print_result(text("power.void", language, reason=reason))
    for name in cast("list[str]", told["survivors"]):
        one = client_named(name)
        said = {"name": name, "requirement": one.requirement, "story": one.story[language]}
        print_result(text("witness.survivor", language, **said))
    for name in cast("list[str]", told["alarms"]):
        said = {"name": name, "story": client_named(name).story[language]}
        print_result(text("witness.alarm", language, **said))
