"""The `etalon` command: read the command line, carry it out, answer with an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from etalon_cli.console import (
    ReaderGoneError,
    accept_any_character,
    hand_over_results,
    language_of,
    open_closed_streams,
    say,
)
from etalon_cli.exit_codes import ExitCode
from etalon_cli.first_steps import first_steps
from etalon_cli.help_texts import value_name
from etalon_cli.interruption import Interrupted, ending_in_order
from etalon_cli.stopping import Stopped, because
from etalon_cli.usage import UsageError, parse
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from etalon_cli.grammar import Command
    from etalon_cli.interruption import Interruption
    from etalon_text.language import Language

_SHIPPED: Final = frozenset({"SCENARIO", "POLICY"})
"""Values that scenarios shipped with the product may fill."""


class _CommandModule(Protocol):
    """What the module of a command offers."""

    def run(self, verb: str, options: Namespace, language: Language) -> int:
        """Carry the command out and give its exit code."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line.

    Args:
        arguments: What follows `etalon`; None takes the arguments of the process.

    Returns:
        The exit code, as `ExitCode` says.
    """
    typed = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with ending_in_order() as interruption:
            open_closed_streams()
            accept_any_character()
            return _answered(typed, interruption)
    except KeyboardInterrupt:
        say(because(reason="interrupted_early").told(language_of(_language_typed(typed))))
        return ExitCode.NO_ANSWER


def _answered(typed: Sequence[str], interruption: Interruption) -> int:
    """Carry out what was typed, and say what keeps it from an answer.

    Raises:
        KeyboardInterrupt: A signal came.
    """
    language = language_of(_language_typed(typed))
    try:
        command, options = parse(typed, language)
        options.typed = typed
        return _carry_out(command, options, language)
    except UsageError as error:
        say(_usage_message(error, language))
        if error.names_no_command:
            say(first_steps(language))
        return ExitCode.BAD_INPUT
    except Stopped as stopped:
        say(stopped.told(language))
        return stopped.exit_code
    except ReaderGoneError:
        return ExitCode.DONE
    except Exception as error:  # the last resort: one line, a log, exit code 4
        if interruption.asked:
            # Python, or a library, made another error of the signal.
            raise Interrupted from error
        return _unforeseen(error, typed, language)


def _carry_out(command: Command, options: Namespace, language: Language) -> int:
    # Each command imports what it needs, once it is known: `--help` imports none of it.
    module = cast("_CommandModule", import_module(f"etalon_cli.{command.module}"))
    code = module.run(command.words[-1], options, language)
    hand_over_results()
    return code


def _unforeseen(error: Exception, typed: Sequence[str], language: Language) -> int:
    """Say which extra brings a library that a command lacks; any other is a fault of ours."""
    from etalon_cli.fault import report_fault  # noqa: PLC0415 (heavy, and rare)
    from etalon_cli.installed_parts import extra_bringing  # noqa: PLC0415 (as above)

    extra = extra_bringing(error.name) if isinstance(error, ModuleNotFoundError) else None
    if extra is None:
        return report_fault(error, typed, language)
    words = [word for word in typed[:2] if not word.startswith("-")]
    stopped = because(reason="extra_missing", feature=" ".join(["etalon", *words]), extra=extra)
    say(stopped.told(language))
    return stopped.exit_code


def _usage_message(error: UsageError, language: Language) -> str:
    named = "found" if error.mistake == "required" else "where"
    values = ", ".join(value_name(one, language) for one in error.found.get(named, "").split(", "))
    found = error.found | {named: values}
    problem = text(f"usage.{error.mistake}", language, program=error.program, **found)
    if error.mistake == "required" and _SHIPPED & set(error.found["found"].split(", ")):
        problem = text("usage.scenarios", language, problem=problem)
    if error.nearest is not None:
        problem = text("usage.nearest", language, problem=problem, nearest=error.nearest)
    return because(reason="usage", problem=problem, program=error.program).told(language)


def _language_typed(typed: Sequence[str]) -> str | None:
    """Find the language in a line that may not parse: its error is told in that language."""
    for place, word in enumerate(typed):
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang" and place + 1 < len(typed):
            return typed[place + 1]
    return None
