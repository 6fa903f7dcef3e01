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
from etalon_cli.grammar_terms import JSON, LANG, OUT, SCENARIO, SET, WORKERS, Command, Parameter
from etalon_cli.grammar_witness import WITNESS_COMMANDS

__all__ = ["COMMANDS", "GROUPS", "Command", "Parameter"]


COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("demo",),
        module="demo_command",
        parameters=(Parameter(name="--quick", take="switch"), OUT, WORKERS, LANG, JSON),
        examples=("etalon demo --quick", "etalon demo --out tour"),
        notes=("tour", "day_interrupted"),
    ),
    Command(
        words=("scenarios", "list"),
        module="scenarios_command",
        parameters=(LANG, JSON),
        examples=("etalon scenarios list",),
    ),
    Command(
        words=("scenarios", "show"),
        module="scenarios_command",
        parameters=(SCENARIO, SET, LANG, JSON),
        examples=("etalon scenarios show pilot-2021",),
    ),
    Command(
        words=("scenarios", "validate"),
        module="scenarios_command",
        parameters=(Parameter(name="file", metavar="FILE"), LANG, JSON),
        examples=("etalon scenarios validate pilot-2021",),
    ),
    Command(
        words=("scenarios", "schema"),
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
        module="reproduce_command",
        parameters=(Parameter(name="run", metavar="RUN"), WORKERS, LANG, JSON),
        examples=("etalon reproduce runs/simulate-pilot-2021-7-1",),
        notes=("reproduce_codes",),
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
        module="explain_command",
        parameters=(Parameter(name="id", metavar="ID"), LANG, JSON),
        examples=("etalon explain LIF-04",),
    ),
    Command(
        words=("doctor",),
        module="doctor_command",
        parameters=(LANG, JSON),
        examples=("etalon doctor",),
    ),
)

GROUPS: Final = ("scenarios", "conformance", "witness", "load", "keys", "model")
"""Commands that are a group of verbs."""
