"""The parser, built from the tables of `grammar`; it says what is wrong in place of leaving."""

from __future__ import annotations

import argparse
from functools import cache, partial
from typing import TYPE_CHECKING, Final, NoReturn, Protocol, TypeAlias

from etalon_cli.console import print_result
from etalon_cli.grammar import COMMANDS, GROUPS, Command, Parameter
from etalon_cli.grammar_terms import LANG
from etalon_cli.help_texts import parameter_help, sentence, told, value_name
from etalon_text.packs import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from etalon_text.language import Language

_Adder: TypeAlias = "Callable[..., _Parser]"
"""Adds a command, or a verb, to a parser."""

COMMAND: Final = "_command"
"""Where the parser puts the command that was typed."""

_OPERATED: Final = {
    command.words
    for command in COMMANDS
    if any(not parameter.name.startswith("--") for parameter in command.parameters)
}
JOINED: Final = tuple(c.words for c in COMMANDS if c.words[:-1] in _OPERATED)
"""Verbs of commands that take operands: argparse would take the verb for the first of them."""


class _Taking(Protocol):
    """What takes arguments: a group of them."""

    @property
    def add_argument(self) -> Callable[..., argparse.Action]:
        """Take one."""
        ...


class _Formatter(Protocol):
    """Makes what writes the help of a command."""

    def __call__(self, *, prog: str) -> argparse.HelpFormatter:
        """Make it for the name of the command."""
        ...


class MistypedError(Exception):
    """What was typed does not parse.

    Attributes:
        program: The command it was typed to, such as `etalon simulate`.
        message: What argparse says of it.
    """

    def __init__(self, program: str, message: str) -> None:
        """State the command and the message."""
        super().__init__(program, message)
        self.program = program
        self.message = message


class _Help(argparse.HelpFormatter):
    """Help whose headings are in the language asked for."""

    def __init__(self, prog: str, language: Language) -> None:
        super().__init__(prog)
        self._language: Language = language

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],  # pyright: ignore[reportPrivateUsage] (argparse has no other name for it)
        prefix: str | None = None,
    ) -> None:
        told_prefix = f"{told('word/usage', self._language)} "
        super().add_usage(usage, actions, groups, told_prefix if prefix is None else prefix)


class _RawHelp(_Help, argparse.RawDescriptionHelpFormatter):
    """The same, in which examples keep their lines."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        raise MistypedError(self.prog, message)


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


class _ChoicesOrPacked(tuple[str, ...]):
    """Choices beside which a value that a pack brings is accepted, to be looked up later."""

    __slots__ = ()

    def __contains__(self, found: object) -> bool:
        """Tell whether a value is one of them, or that of a pack."""
        return super().__contains__(found) or (isinstance(found, str) and BETWEEN in found)


@cache
def build_parser(language: Language | None) -> argparse.ArgumentParser:
    """Build the parser of every command.

    Args:
        language: In which help is told; None leaves it out, and is faster.
    """
    parser = _Parser(
        prog="etalon",
        description=language and told("word/etalon", language),
        epilog=language and told("word/exit", language),
        formatter_class=_format(_Help, language),
        allow_abbrev=False,
        add_help=False,
    )
    adders: dict[tuple[str, ...], _Adder] = {(): _verbs(parser, "COMMAND", language)}
    _fill_root(_options(parser, language), language)
    made: dict[tuple[str, ...], _Parser] = {}
    for name in GROUPS:
        group = _made(adders[()], name, (name,), language)
        adders[(name,)] = _verbs(group, "VERB", language)
        _add_language(_options(group, language), language)
    for command in COMMANDS:
        above = command.words[:-1]
        if command.words in JOINED:
            add, name = adders[()], " ".join(command.words)
        else:
            if above not in adders:
                # A verb of a command that also stands alone: `requirements`, `requirements diff`.
                adders[above] = _verbs(made[above], "VERB", language, required=False)
            add, name = adders[above], command.words[-1]
        made[command.words] = _made(add, name, command.words, language, command.examples)
        _fill(made[command.words], command, language)
    return parser


def _format(form: type[_Help], language: Language | None) -> _Formatter:
    return argparse.HelpFormatter if language is None else partial(form, language=language)


def _verbs(
    parser: _Parser, name: str, language: Language | None, *, required: bool = True
) -> _Adder:
    return parser.add_subparsers(
        metavar=_value(name, language),
        title=_heading("word/arguments", language) or "",
        required=required,
    ).add_parser


def _options(parser: _Parser, language: Language | None) -> _Taking:
    options = parser.add_argument_group(_heading("word/options", language))
    text = language and told("word/help", language)
    options.add_argument("-h", "--help", action="help", help=text)
    return options


def _fill_root(options: _Taking, language: Language | None) -> None:
    text = language and told("word/version", language)
    options.add_argument("--version", action=_VersionAction, nargs=0, help=text)
    _add_language(options, language)


def _add_language(options: _Taking, language: Language | None) -> None:
    """Let the language stand before the command, or before the verb of a group, too."""
    text = language and told(LANG.name, language)
    options.add_argument(LANG.name, choices=LANG.choices, help=text)


def _made(
    add: _Adder,
    name: str,
    words: tuple[str, ...],
    language: Language | None,
    examples: tuple[str, ...] = (),
) -> _Parser:
    key = " ".join(words)
    lines = [f"  {example}" for example in examples]
    return add(
        name,
        help=language and told(key, language),
        description=language and sentence(key, language),
        epilog=language and "\n".join([told("word/examples", language), *lines]) if lines else None,
        formatter_class=_format(_RawHelp, language),
        allow_abbrev=False,
        add_help=False,
    )


def _fill(parser: _Parser, command: Command, language: Language | None) -> None:
    parser.set_defaults(**{COMMAND: command})
    operands = parser.add_argument_group(_heading("word/arguments", language))
    options = _options(parser, language)
    for parameter in command.parameters:
        text = language and parameter_help(command, parameter, language).replace("%", "%%")
        value = _value(parameter.metavar, language)
        _add(options if parameter.name.startswith("--") else operands, parameter, value, text)


def _add(group: _Taking, parameter: Parameter, value: str | None, text: str | None) -> None:
    name = parameter.name
    if parameter.take == "switch":
        group.add_argument(name, action="store_true", help=text)
    elif parameter.take == "each":
        group.add_argument(name, action="append", default=[], metavar=value, help=text)
    elif parameter.take == "some":
        group.add_argument(name, nargs="+", metavar=value, help=text)
    elif parameter.choices:
        choices = _ChoicesOrPacked(parameter.choices) if parameter.packed else parameter.choices
        group.add_argument(name, choices=choices, help=text)
    elif parameter.default and not name.startswith("--"):
        group.add_argument(name, nargs="?", metavar=value, help=text)
    else:
        group.add_argument(name, metavar=value, help=text)


def _value(name: str | None, language: Language | None) -> str | None:
    return name if name is None or language is None else value_name(name, language)


def _heading(key: str, language: Language | None) -> str | None:
    """Return a heading without its colon: argparse writes that."""
    return None if language is None else told(key, language).removesuffix(":")
