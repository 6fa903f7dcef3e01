"""The commands `etalon conformance replay` and `etalon conformance judge`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_TRUSTED: Final = (
    "Runs `replay.sh` (sh, curl and python3), or `test_replay.py` where there is no sh: only run "
    "what you trust."
)
_REPLAY_CODES: Final = (
    "Exit code 0: no defect shows. 1: one does. 3: none does, and of one nothing can be said (no "
    "server, or another call went wrong before)."
)
_JUDGED: Final = (
    "What an exchange shows by itself is looked at, and nothing is asked of anybody: a requirement "
    "that no exchange shows is not in the answer. Of the directory of a run, what its checks "
    "expected is held against its exchanges again, and judged under the set asked for."
)
_JUDGE_CODES: Final = (
    "Exit code 1: a requirement failed. 3: nothing could be concluded. 0 otherwise."
)

EVIDENCE_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "replay"),
        help="run counterexamples again, and say whether each defect still shows",
        module="replay_command",
        parameters=(
            Parameter(
                name="directory",
                help="directory of a run, or of one counterexample",
                metavar="DIR",
            ),
            Parameter(
                name="--target",
                help="FHIR base of the server, or embedded (the reference server)",
                metavar="TARGET",
                default="that of the run",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance replay R",
            "etalon conformance replay R --target http://127.0.0.1:8080/fhir",
        ),
        notes=(_TRUSTED, _REPLAY_CODES),
    ),
    Command(
        words=("conformance", "judge"),
        help="judge exchanges that were recorded, without any server: a HAR file, or a run",
        module="judge_command",
        parameters=(
            Parameter(
                name="trace",
                help="a HAR file, an exchanges.ndjson, or the directory of a run",
                metavar="TRACE",
            ),
            Parameter(
                name="--role",
                help="whose side is judged: what the server answered, or what the client sent",
                choices=("server", "client"),
                default="server; client for a session of the witness, both for a watch",
            ),
            Parameter(
                name="--base",
                help="FHIR base in a HAR file",
                metavar="URL",
                default="found by what is asked",
            ),
            Parameter(
                name="--requirement-set",
                help="which set of requirements",
                metavar="NAME",
                default="current",
            ),
            Parameter(
                name="--findings-fail",
                help="exit with 1 for a finding too",
                take="switch",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance judge trace.har",
            "etalon conformance judge R",
            "etalon conformance judge --role client trace.har",
        ),
        notes=(_JUDGED, _JUDGE_CODES),
    ),
)
