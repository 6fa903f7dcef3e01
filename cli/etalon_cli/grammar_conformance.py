"""The commands of the group `etalon conformance`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import ROLE

SUITES: Final = (
    "records-server",
    "agenda-server",
    "mailbox-operator",
    "directory",
    "app-platform",
    "whole-service",
)
"""Names of the suites; `etalon_conformance` holds what is in them."""

_FAILURE_NOTE: Final = (
    "A requirement may fail when law or a published specification asks for it as SHALL, with "
    "certainty, and it is seen over an official exchange or one that the vendor mapped. Everything "
    "else gives findings."
)
_SET_NOTE: Final = (
    "`current` is the set of this version; every other one is frozen, and named after the month it "
    "was frozen in."
)

_CAUGHT_NOTE: Final = (
    "An impostor is caught when a check that claims the requirement it breaks reports it there, as "
    "a failure or as a finding. On the reference and on the variants, which are right, every check "
    "runs."
)
_ENOUGH_NOTE: Final = (
    "Exit code 0: the reference is accused of nothing, the canary is caught, and so are all "
    "impostors on rights and opt-out and nineteen in twenty of the others, and no variant is "
    "accused. 1: not so."
)

_CLIENTS_NOTE: Final = (
    "With --role client, every client of the tables plays its profile before the witness, and our "
    "good client each of them: 0 when that one is accused of nothing, nineteen wrong clients in "
    "twenty are caught and no right one is accused."
)

CONFORMANCE_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "requirements"),
        help="list what a system must do: who asks for it, how strongly, on what authority",
        module="requirements_command",
        parameters=(
            Parameter(
                name="--suite",
                help="only the requirements of a suite, with what it needs and its shortest "
                "profile file",
                choices=SUITES,
                packed="PACK:SUITE",
            ),
            Parameter(
                name="--requirement",
                help="one requirement in full: condition, certainty, sources, checks",
                metavar="ID",
            ),
            Parameter(
                name="--requirement-set",
                help="which set of requirements",
                metavar="NAME",
                default="current",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance requirements --suite records-server",
            "etalon conformance requirements --requirement W-REC-27 --lang fr",
        ),
        notes=(
            _FAILURE_NOTE,
            _SET_NOTE,
        ),
    ),
    Command(
        words=("conformance", "power"),
        help="measure what the checks are worth, on servers or clients known to be wrong or right",
        module="power_command",
        parameters=(
            ROLE,
            Parameter(
                name="--server",
                help="try this impostor or variant only, beside the reference and the canary",
                metavar="NAME",
                take="each",
            ),
            Parameter(
                name="--out",
                help="file to write the score to: who was caught, by which check",
                metavar="FILE",
            ),
            Parameter(
                name="--seed",
                help="seed of the checks and of the servers",
                metavar="SEED",
                default="1",
            ),
            Parameter(
                name="--workers",
                help="processes; the score does not depend on it",
                metavar="N",
                default="the number of cores, at most 8",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance power",
            "etalon conformance power --server masked-found --server other-order --json",
            "etalon conformance power --role client",
        ),
        notes=(
            _CAUGHT_NOTE,
            _ENOUGH_NOTE,
            _CLIENTS_NOTE,
        ),
    ),
    Command(
        words=("conformance", "requirements", "diff"),
        help="list what changed between two sets of requirements, and the verdicts made stale",
        module="requirements_command",
        parameters=(
            Parameter(name="old", help="name of a set", metavar="OLD"),
            Parameter(name="new", help="name of a set", metavar="NEW"),
            Parameter(
                name="--verdicts",
                help="verdicts.json of a run: name the verdicts that no longer hold under NEW",
                metavar="FILE",
            ),
            LANG,
            JSON,
        ),
        examples=("etalon conformance requirements diff 2026-11 current",),
        notes=(
            "Exit code 0: no verdict of FILE is stale, or no FILE is given. 1: some are.",
            _SET_NOTE,
        ),
    ),
)
