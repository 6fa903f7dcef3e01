"""The terms in which commands are written: a command, a parameter, those that many share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Take = Literal["one", "switch", "each", "some"]
"""How many values a parameter takes: one, none, one each time it is repeated, one or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An operand (`scenario`) or an option (`--seed`) of a command.

    Attributes:
        name: As typed; an option starts with two hyphens.
        help: One sentence, in English, without a full stop.
        metavar: The name of its value in usage lines; None for a switch or a choice.
        take: How many values it takes.
        choices: The accepted values, if they are a closed list.
        default: What stands for it when it is not given, as the reference prints it.
        packed: How a value that a pack brings is written, `PACK:…`, where one is accepted beside
            the choices.
    """

    name: str
    help: str
    metavar: str | None = None
    take: Take = "one"
    choices: tuple[str, ...] = ()
    default: str | None = None
    packed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command.

    Attributes:
        words: What is typed after `etalon`: one word, a group and a verb, or a verb of that verb.
        help: One sentence, in English, without a full stop.
        module: The module of `etalon_cli` whose `run` carries it out.
        parameters: Its operands, then its options.
        examples: Lines that can be typed as they stand.
        notes: What the reference adds: files written, exit codes of its own.
    """

    words: tuple[str, ...]
    help: str
    module: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


LANG = Parameter(
    name="--lang",
    help="language of messages and of the report",
    choices=("fr", "en"),
    default="fr where the locale is French, en elsewhere",
)
JSON = Parameter(name="--json", help="print the result as JSON on stdout", take="switch")

SCENARIO = Parameter(
    name="scenario",
    help="name of a shipped scenario, or path of a TOML file",
    metavar="SCENARIO",
)
OUT = Parameter(
    name="--out",
    help="directory of the run; it must be empty or not exist",
    metavar="DIR",
    default="runs/COMMAND-NAME-SEED-N, next free N",
)
WORKERS = Parameter(
    name="--workers",
    help="processes for replications and knowledge draws; results do not depend on it",
    metavar="N",
    default="the number of cores, at most 8",
)
SET = Parameter(
    name="--set",
    help="change one value of the scenario, such as enrolment.opposition_window=P30D",
    metavar="PATH=VALUE",
    take="each",
)

INTERRUPTION_NOTE: Final = (
    "Ctrl-C or SIGTERM stops at the end of the simulated day: the directory is marked `partial`, "
    "holds every day done so far, and the exit code is 3. A second Ctrl-C stops at once."
)
