"""The parser, built from the tables of `grammar`; a mistake names the nearest valid word."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final, NoReturn

from etalon_cli.console import print_result
from etalon_cli.grammar import COMMANDS, GROUPS, Command, Parameter
from etalon_text.packs import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DESCRIPTION: Final = "Executable reference of Mon espace santé: simulate, reproduce, report."
_EPILOG: Final = (
    "Exit codes: 0 done, 1 the answer is no, 2 bad usage or bad input, 3 could not answer, "
    "4 a fault of ours. Results go to stdout, messages to stderr."
)
_COMMAND: Final = "_command"

_OPERATED: Final = {
    command.words
    for command in COMMANDS
    if any(not parameter.name.startswith("--") for parameter in command.parameters)
}
_JOINED: Final = tuple(c.words for c in COMMANDS if c.words[:-1] in _OPERATED)
"""Verbs of commands that take operands: argparse would take the verb for the first of them."""

_MISTAKES: Final = (
    (
        "choice",
        r"argument (?P<where>\S+): invalid choice: '(?P<found>.*)' \(.* from (?P<accepted>.*)\)",
    ),
    ("required", r"the following arguments are required: (?P<found>.*)"),
    ("value", r"argument (?P<where>\S+): expected .*argument"),
    ("other", r"(?P<found>.*)"),
)
"""What argparse says, and which string `usage.KEY` says it in both languages."""


class UsageError(Exception):
    """What was typed is not a command line of Étalon.

    Attributes:
        program: The command it was typed to, such as `etalon simulate`.
        mistake: `choice`, `unknown`, `required`, `value` or `other`.
        found: What fills the string `usage.MISTAKE`, `program` apart.
        nearest: The valid word nearest to the one found, if any is near.
    """

    def __init__(
        self, program: str, mistake: str, found: dict[str, str], nearest: str | None = None
    ) -> None:
        """State the command, the mistake and the nearest valid word."""
        super().__init__(program, mistake, found, nearest)
        self.program = program
        self.mistake = mistake
        self.found = found
        self.nearest = nearest


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        for mistake, pattern in _MISTAKES:
            if match := re.fullmatch(pattern, message, re.DOTALL):
                found = {key: value.replace("'", "") for key, value in match.groupdict().items()}
                accepted = found.get("accepted", "").split(", ")
                raise UsageError(self.prog, mistake, found, _nearest(found.get("found"), accepted))
        raise AssertionError(message)  # pragma: no cover - the last pattern takes everything


class _VersionAction(argparse.Action):
    """`--version`: the metadata of the distribution are read only when asked for."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 (the signature of argparse)
        values: object,  # noqa: ARG002 (the signature of argparse)
        option_string: str | None = None,  # noqa: ARG002 (the signature of argparse)
    ) -> None:
        from etalon_scenarios.versions import installed_version  # noqa: PLC0415 (slow, and rare)

        print_result(f"etalon {installed_version()}")
        parser.exit()


def parse(arguments: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """Read a command line.

    Raises:
        UsageError: No command has that form.
        SystemExit: `--help` or `--version` was asked for and answered.
    """
    namespace, unknown = build_parser().parse_known_args(_joined(arguments))
    command: Command = getattr(namespace, _COMMAND)
    if unknown:
        program = " ".join(("etalon", *command.words))
        names = [p.name for p in command.parameters if p.name.startswith("--")]
        nearest = _nearest(unknown[0].split("=")[0], names)
        raise UsageError(program, "unknown", {"found": " ".join(unknown)}, nearest)
    return command, namespace


@cache
def build_parser() -> argparse.ArgumentParser:
    """Build the parser of every command."""
    parser = _Parser(prog="etalon", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument(
        "--version", action=_VersionAction, nargs=0, help="print the version and leave"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    adders: dict[tuple[str, ...], Callable[..., _Parser]] = {(): commands.add_parser}
    for name, text in GROUPS.items():
        group = commands.add_parser(
            name, help=text, description=_sentence(text), allow_abbrev=False
        )
        adders[(name,)] = group.add_subparsers(metavar="VERB", required=True).add_parser
    made: dict[tuple[str, ...], _Parser] = {}
    for command in COMMANDS:
        above = command.words[:-1]
        if command.words in _JOINED:
            made[command.words] = _made(adders[()], " ".join(command.words), command)
            continue
        if above not in adders:
            # A verb of a command that also stands alone: `requirements`, `requirements diff`.
            adders[above] = made[above].add_subparsers(metavar="VERB", required=False).add_parser
        made[command.words] = _made(adders[above], command.words[-1], command)
    return parser


def _joined(arguments: Sequence[str]) -> list[str]:
    """Return the words typed, those of a verb of a command that takes operands as one word."""
    typed = list(arguments)
    for words in _JOINED:
        if tuple(typed[: len(words)]) == words:
            return [" ".join(words), *typed[len(words) :]]
    return typed


def _made(add: Callable[..., _Parser], name: str, command: Command) -> _Parser:
    parser = add(
        name,
        help=command.help,
        description=_sentence(command.help),
        epilog=_examples(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _fill(parser, command)
    return parser


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.set_defaults(**{_COMMAND: command})
    for parameter in command.parameters:
        _add(parser, parameter)


def _add(parser: argparse.ArgumentParser, parameter: Parameter) -> None:
    text = _help(parameter).replace("%", "%%")
    if parameter.take == "switch":
        parser.add_argument(parameter.name, action="store_true", help=text)
    elif parameter.take == "each":
        parser.add_argument(
            parameter.name, action="append", default=[], metavar=parameter.metavar, help=text
        )
    elif parameter.take == "some":
        parser.add_argument(parameter.name, nargs="+", metavar=parameter.metavar, help=text)
    elif parameter.choices:
        choices = _ChoicesOrPacked(parameter.choices) if parameter.packed else parameter.choices
        parser.add_argument(parameter.name, choices=choices, help=text)
    elif parameter.default and not parameter.name.startswith("--"):
        parser.add_argument(parameter.name, nargs="?", metavar=parameter.metavar, help=text)
    else:
        parser.add_argument(parameter.name, metavar=parameter.metavar, help=text)


class _ChoicesOrPacked(tuple[str, ...]):
    """Choices beside which a value that a pack brings is accepted, to be looked up later."""

    __slots__ = ()

    def __contains__(self, found: object) -> bool:
        """Tell whether a value is one of them, or that of a pack."""
        return super().__contains__(found) or (isinstance(found, str) and BETWEEN in found)


def _help(parameter: Parameter) -> str:
    default = f" (default: {parameter.default})" if parameter.default else ""
    return parameter.help + default


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _examples(command: Command) -> str:
    lines = "\n".join(f"  {example}" for example in command.examples)
    return f"examples:\n{lines}" if lines else ""


def _nearest(found: str | None, accepted: Sequence[str]) -> str | None:
    return next(iter(get_close_matches(found, accepted, n=1)), None) if found else None
