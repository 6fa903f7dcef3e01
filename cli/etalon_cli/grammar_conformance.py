"""The commands of the group `etalon conformance`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

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
