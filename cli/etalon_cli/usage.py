"""A command line as it is read; a mistake names the nearest valid word."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from etalon_cli.parsing import COMMAND, JOINED, MistypedError, build_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from etalon_cli.grammar import Command
    from etalon_text.language import Language

_HELP: Final = {"-h", "--help"}

_MISTAKES: Final = (
    (
        "choice",
        r"argument (?P<where>\S+): invalid choice: '(?P<found>.*)' \(.* from (?P<accepted>.*)\)",
    ),
    ("required", r"the following arguments are required: (?P<found>.*)"),
    ("value", r"argument (?P<where>\S+): expected .*argument"),
    ("no_value", r"argument (?P<where>\S+): ignored explicit argument '(?P<found>.*)'"),
    ("other", r"(?P<found>.*)"),
)
"""What argparse says, and which string `usage.KEY` says it in both languages."""


class UsageError(Exception):
    """What was typed is not a command line of Étalon.

    Attributes:
        program: The command it was typed to, such as `etalon simulate`.
        mistake: `choice`, `unknown`, `required`, `value`, `no_value` or `other`.
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

    @property
    def names_no_command(self) -> bool:
        """Whether nothing was typed that names a command."""
        return self.program == "etalon" and self.mistake == "required"


def parse(
    arguments: Sequence[str], language: Language = "en"
) -> tuple[Command, argparse.Namespace]:
    """Read a command line.

    Args:
        arguments: What follows `etalon`.
        language: In which help is told, where it is asked for.

    Raises:
        UsageError: No command has that form.
        SystemExit: `--help` or `--version` was asked for and answered.
    """
    parser = build_parser(None if _HELP.isdisjoint(arguments) else language)
    try:
        namespace, unknown = parser.parse_known_args(_joined(arguments))
    except MistypedError as error:
        raise _mistake(error) from None
    command: Command = getattr(namespace, COMMAND)
    if unknown:
        program = " ".join(("etalon", *command.words))
        names = [p.name for p in command.parameters if p.name.startswith("--")]
        nearest = _nearest(unknown[0].split("=")[0], names)
        raise UsageError(program, "unknown", {"found": " ".join(unknown)}, nearest)
    return command, namespace


def _joined(arguments: Sequence[str]) -> list[str]:
    """Return the words typed, those of a verb of a command that takes operands as one word."""
    typed = list(arguments)
    first = 2 if typed[:1] == ["--lang"] else int(" ".join(typed[:1]).startswith("--lang="))
    for words in JOINED:
        if tuple(typed[first : first + len(words)]) == words:
            return [*typed[:first], " ".join(words), *typed[first + len(words) :]]
    return typed


def _mistake(error: MistypedError) -> UsageError:
    for mistake, pattern in _MISTAKES:
        if match := re.fullmatch(pattern, error.message, re.DOTALL):
            found = {key: value.replace("'", "") for key, value in match.groupdict().items()}
            accepted = found.get("accepted", "").split(", ")
            nearest = _nearest(found.get("found"), accepted)
            return UsageError(error.program, mistake, found, nearest)
    raise AssertionError(error.message)  # pragma: no cover - the last pattern takes everything


def _nearest(found: str | None, accepted: Sequence[str]) -> str | None:
    return next(iter(get_close_matches(found, accepted, n=1)), None) if found else None
