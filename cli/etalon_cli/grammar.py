"""What may be typed: commands, operands and options, as tables.

The parser and `docs/reference/command-line.md` are both built from `COMMANDS`, so neither can
know an option that the other does not.
"""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance import CONFORMANCE_COMMANDS
from etalon_cli.grammar_conformance_run import PREPARE, RUN
from etalon_cli.grammar_differential import DIFFERENTIAL
from etalon_cli.grammar_evidence import EVIDENCE_COMMANDS
from etalon_cli.grammar_explore import EXPLORE
from etalon_cli.grammar_judgement import JUDGEMENT_COMMANDS, KEYS_COMMANDS, SIGN
from etalon_cli.grammar_load import LOAD_COMMANDS
from etalon_cli.grammar_model import MODEL_COMMANDS
from etalon_cli.grammar_report import NOTE, REPORT
from etalon_cli.grammar_server import SERVE
from etalon_cli.grammar_simulation import COMPARE, SIMULATE
from etalon_cli.grammar_study import STUDY_COMMANDS
from etalon_cli.grammar_terms import (
    INTERRUPTION_NOTE,
    JSON,
    LANG,
    OUT,
    SCENARIO,
    SET,
    WORKERS,
    Command,
    Parameter,
)
from etalon_cli.grammar_witness import WITNESS_COMMANDS

__all__ = ["COMMANDS", "GROUPS", "Command", "Parameter"]

_TOUR_NOTE: Final = (
    "Each part of the tour is a command that could be typed, and leaves its own run directory and "
    "report; `report.html` explains them, in French and English, and leads to their guides. It "
    "takes ten minutes at most on two cores. A part whose extra is not installed is left out, and "
    "the page says so."
)

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("demo",),
        help="show what Étalon does: pilot, nation, an impostor caught, a load with a stall",
        module="demo_command",
        parameters=(
            Parameter(
                name="--quick",
                help="the 2021 pilot alone, beside what was measured; under a minute",
                take="switch",
            ),
            OUT,
            WORKERS,
            LANG,
            JSON,
        ),
        examples=("etalon demo --quick", "etalon demo --out tour"),
        notes=(_TOUR_NOTE, INTERRUPTION_NOTE),
    ),
    Command(
        words=("scenarios", "list"),
        help="list the shipped scenarios",
        module="scenarios_command",
        parameters=(LANG, JSON),
        examples=("etalon scenarios list",),
    ),
    Command(
        words=("scenarios", "show"),
        help="print a scenario: every parameter with value, unit, range, certainty and source",
        module="scenarios_command",
        parameters=(SCENARIO, SET, LANG, JSON),
        examples=("etalon scenarios show pilot-2021",),
    ),
    Command(
        words=("scenarios", "validate"),
        help="check a scenario file, or a shipped scenario, without running it",
        module="scenarios_command",
        parameters=(
            Parameter(name="file", help="path of a TOML file, or a shipped name", metavar="FILE"),
            LANG,
            JSON,
        ),
        examples=("etalon scenarios validate pilot-2021",),
    ),
    Command(
        words=("scenarios", "schema"),
        help="print the JSON Schema of a scenario file",
        module="scenarios_command",
        parameters=(LANG,),
        examples=("etalon scenarios schema",),
    ),
    SIMULATE,
    COMPARE,
    EXPLORE,
    *STUDY_COMMANDS,
    Command(
        words=("reproduce",),
        help="run a finished run again and say whether it gives the same",
        module="reproduce_command",
        parameters=(
            Parameter(
                name="run",
                help="directory of the run, or of a comparison, whose policies are all run again",
                metavar="RUN",
            ),
            WORKERS,
            LANG,
            JSON,
        ),
        examples=("etalon reproduce runs/simulate-pilot-2021-7-1",),
        notes=(
            "Exit code 0: same. 1: different, with what differs first. 3: cannot, with the reason.",
        ),
    ),
    REPORT,
    SIGN,
    NOTE,
    *MODEL_COMMANDS,
    SERVE,
    RUN,
    PREPARE,
    *CONFORMANCE_COMMANDS,
    DIFFERENTIAL,
    *EVIDENCE_COMMANDS,
    *JUDGEMENT_COMMANDS,
    *KEYS_COMMANDS,
    *WITNESS_COMMANDS,
    *LOAD_COMMANDS,
    Command(
        words=("explain",),
        help="print a rule: its text, standing, sources, values, functions, tests and questions",
        module="explain_command",
        parameters=(
            Parameter(name="id", help="identifier of the rule, such as LIF-04", metavar="ID"),
            LANG,
            JSON,
        ),
        examples=("etalon explain LIF-04",),
    ),
    Command(
        words=("doctor",),
        help="say what is installed, what is missing and what that prevents",
        module="doctor_command",
        parameters=(LANG, JSON),
        examples=("etalon doctor",),
    ),
)

GROUPS: Final[dict[str, str]] = {
    "scenarios": "list, show and check scenarios",
    "conformance": "say what a system must do, and what one does",
    "witness": "connect a client to the service that is played for it",
    "load": "put load on a system, and say what it carries",
    "keys": "make keys that sign runs, and say whose one trusts",
    "model": "look into the reference model, record it, replay it, draw test vectors from it",
}
"""Commands that are a group of verbs, with their help."""
