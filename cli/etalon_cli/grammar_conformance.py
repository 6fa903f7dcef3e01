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


CONFORMANCE_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "requirements"),
        module="requirements_command",
        parameters=(
            Parameter(name="--suite", choices=SUITES, packed="PACK:SUITE"),
            Parameter(name="--requirement", metavar="ID"),
            Parameter(name="--requirement-set", metavar="NAME", default="current"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance requirements --suite records-server",
            "etalon conformance requirements --requirement W-REC-27 --lang fr",
        ),
        notes=("may_fail", "requirement_sets"),
    ),
    Command(
        words=("conformance", "power"),
        module="power_command",
        parameters=(
            ROLE,
            Parameter(name="--server", metavar="NAME", take="each"),
            Parameter(name="--out", metavar="FILE"),
            Parameter(name="--seed", metavar="SEED", default="1"),
            Parameter(name="--workers", metavar="N", otherwise="cores"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance power",
            "etalon conformance power --server masked-found --server other-order --json",
            "etalon conformance power --role client",
        ),
        notes=("caught", "power_codes", "client_power"),
    ),
    Command(
        words=("conformance", "requirements", "diff"),
        module="requirements_command",
        parameters=(
            Parameter(name="old", metavar="OLD"),
            Parameter(name="new", metavar="NEW"),
            Parameter(name="--verdicts", metavar="FILE"),
            LANG,
            JSON,
        ),
        examples=("etalon conformance requirements diff 2026-11 current",),
        notes=("stale_codes", "requirement_sets"),
    ),
)
