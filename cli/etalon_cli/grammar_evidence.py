"""The commands `etalon conformance replay` and `etalon conformance judge`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

EVIDENCE_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "replay"),
        module="replay_command",
        parameters=(
            Parameter(name="directory", metavar="DIR"),
            Parameter(name="--target", metavar="TARGET", otherwise="run_target"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance replay R",
            "etalon conformance replay R --target http://127.0.0.1:8080/fhir",
        ),
        notes=("replay_trusted", "replay_codes"),
    ),
    Command(
        words=("conformance", "judge"),
        module="judge_command",
        parameters=(
            Parameter(name="trace", metavar="TRACE"),
            Parameter(name="--role", choices=("server", "client"), otherwise="side_of_trace"),
            Parameter(name="--base", metavar="URL", otherwise="base_found"),
            Parameter(name="--requirement-set", metavar="NAME", default="current"),
            Parameter(name="--findings-fail", take="switch"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance judge trace.har",
            "etalon conformance judge R",
            "etalon conformance judge --role client trace.har",
        ),
        notes=("judged", "judge_codes"),
    ),
)
