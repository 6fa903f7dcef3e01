"""The terms in which commands are written: a command, a parameter, those that many share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Take = Literal["one", "switch", "each", "some"]
"""How many values a parameter takes: one, none, one each time it is repeated, one or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An operand (`scenario`) or an option (`--seed`) of a command; `help.csv` says what it is.

    Attributes:
        name: As typed; an option starts with two hyphens.
        metavar: The name of its value in usage lines; None for a switch or a choice.
        take: How many values it takes.
        choices: The accepted values, if they are a closed list.
        default: What stands for it when it is not given, as it would be typed.
        otherwise: Key `otherwise/…` of what then holds, where that cannot be typed.
        packed: How a value that a pack brings is written, `PACK:…`, where one is accepted beside
            the choices.
    """

    name: str
    metavar: str | None = None
    take: Take = "one"
    choices: tuple[str, ...] = ()
    default: str | None = None
    otherwise: str | None = None
    packed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; `help.csv` says what it does.

    Attributes:
        words: What is typed after `etalon`: one word, a group and a verb, or a verb of that verb.
        module: The module of `etalon_cli` whose `run` carries it out.
        parameters: Its operands, then its options.
        examples: Lines that can be typed as they stand.
        notes: Keys `note/…` of what the reference adds: files written, exit codes of its own.
    """

    words: tuple[str, ...]
    module: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


LANG = Parameter(name="--lang", choices=("fr", "en"), otherwise="locale")
JSON = Parameter(name="--json", take="switch")

SCENARIO = Parameter(name="scenario", metavar="SCENARIO")
OUT = Parameter(name="--out", metavar="DIR", otherwise="next_run")
WORKERS = Parameter(name="--workers", metavar="N", otherwise="cores")
SET = Parameter(name="--set", metavar="PATH=VALUE", take="each")
