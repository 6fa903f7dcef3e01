"""`etalon conformance replay`: run counterexamples again."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.stopping import because
from etalon_conformance.evidence.replaying import Replay, Shown, counterexamples_in, replayed
from etalon_target.targets import Options, UnreachableError, target_of
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    directory = Path(options.directory)
    folders = counterexamples_in(directory)
    if not folders:
        raise because(reason="no_counterexample", file=directory)
    with ExitStack() as started:
        found: list[Replay] = []
        address, certificates = _address(str(options.target or ""), started)
        for one in replayed(folders, address, language, certificates):
            found.append(one)
            if not options.json:
                _tell(one, language)
    if options.json:
        print_json(
            {
                "replays": [
                    {"counterexample": one.name, "shown": one.shown.value, "said": one.said}
                    for one in found
                ]
            }
        )
    return _exit_code(found)


def _tell(one: Replay, language: Language) -> None:
    shown = text(f"replay.{one.shown}", language)
    print_result(f"{one.name} · {shown}")
    for line in one.said.splitlines():
        print_result(f"    {line}")


def _address(asked: str, started: ExitStack) -> tuple[str, Mapping[str, str]]:
    """Return the address that scripts are given, and what they have to know of TLS.

    A reference server is started when it is asked for.

    Raises:
        Stopped: It is no address, or the reference server does not start.
    """
    if asked != "embedded":
        if asked and not asked.startswith(("http://", "https://")):
            accepted = "embedded, http://…, https://…"
            raise because(
                reason="unknown_option_value", option="--target", found=asked, accepted=accepted
            )
        return asked, {}
    try:
        target = started.enter_context(target_of("embedded", Options(over_tls=True, mail=True)))
    except UnreachableError as error:
        raise because(reason="reference_not_started", problem=str(error)) from error
    return target.fhir_base, {} if target.files is None else target.files.environment


def _exit_code(found: Sequence[Replay]) -> int:
    shown = {one.shown for one in found}
    if Shown.DEFECT in shown:
        return ExitCode.NO
    return ExitCode.NO_ANSWER if Shown.UNKNOWN in shown else ExitCode.DONE
