"""What may be typed: commands, operands and options, as tables.

The parser and `docs/reference/command-line.md` are both built from `COMMANDS`, so neither can
know an option that the other does not.
"""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_model import MODEL_COMMANDS
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

__all__ = ["COMMANDS", "GROUPS", "Command", "Parameter"]

_SCENARIO = Parameter(
    name="scenario",
    help="name of a shipped scenario, or path of a TOML file",
    metavar="SCENARIO",
)
_OUT = Parameter(
    name="--out",
    help="directory of the run; it must be empty or not exist",
    metavar="DIR",
    default="runs/COMMAND-NAME-SEED-N, next free N",
)
_WORKERS = Parameter(
    name="--workers",
    help="processes for replications and knowledge draws; results do not depend on it",
    metavar="N",
    default="the number of cores, at most 8",
)
_SET = Parameter(
    name="--set",
    help="change one value of the scenario, such as enrolment.opposition_window=P30D",
    metavar="PATH=VALUE",
    take="each",
)

_INTERRUPTION_NOTE: Final = (
    "Ctrl-C or SIGTERM stops at the end of the simulated day: the directory is marked `partial`, "
    "holds every day done so far, and the exit code is 3. A second Ctrl-C stops at once."
)

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("demo",),
        help="simulate the 2021 pilot, print simulated against measured, draw the report",
        module="demo_command",
        parameters=(
            Parameter(
                name="--quick",
                help="stay under a minute; for now the tour without it is the same",
                take="switch",
            ),
            _OUT,
            _WORKERS,
            LANG,
            JSON,
        ),
        examples=("etalon demo --quick",),
        notes=(_INTERRUPTION_NOTE,),
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
        parameters=(_SCENARIO, _SET, LANG, JSON),
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
    Command(
        words=("simulate",),
        help="run a scenario and write a run directory",
        module="simulate_command",
        parameters=(
            _SCENARIO,
            Parameter(
                name="--engine",
                help="agents: each person a process that sends commands to the model",
                choices=("agents",),
                default="agents",
            ),
            Parameter(
                name="--population",
                help="people simulated: a number (100000), a share (0.01) or full",
                metavar="PEOPLE",
                default="100000, or full where the scenario has fewer people",
            ),
            Parameter(
                name="--departments",
                help="only these départements, by INSEE code, parted by commas",
                metavar="CODES",
                default="those of the scenario",
            ),
            Parameter(
                name="--seed",
                help="seed of every draw, between 0 and 18446744073709551615",
                metavar="SEED",
                default="that of the scenario",
            ),
            _SET,
            Parameter(
                name="--replications",
                help="runs with the seeds SEED, SEED+1, …; the files describe the first",
                metavar="N",
                default="1",
            ),
            Parameter(
                name="--until",
                help="last day simulated, as YYYY-MM-DD",
                metavar="DATE",
                default="the last day of the scenario",
            ),
            Parameter(
                name="--knowledge",
                help="draws of the parameters within their ranges; 0 for none",
                metavar="N",
                default="64",
            ),
            _WORKERS,
            _OUT,
            Parameter(
                name="--resume",
                help="go on with the partial run in --out; finished draws are kept",
                take="switch",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon simulate pilot-2021 --population 50000 --seed 7 --out A --json",
            "etalon simulate launch-2022 --set enrolment.opposition_window=P30D",
        ),
        notes=(_INTERRUPTION_NOTE,),
    ),
    Command(
        words=("reproduce",),
        help="run a finished run again and say whether it gives the same",
        module="reproduce_command",
        parameters=(
            Parameter(name="run", help="directory of the run", metavar="RUN"),
            _WORKERS,
            LANG,
            JSON,
        ),
        examples=("etalon reproduce runs/simulate-pilot-2021-7-1",),
        notes=(
            "Exit code 0: same. 1: different, with what differs first. 3: cannot, with the reason.",
        ),
    ),
    Command(
        words=("report",),
        help="draw the report of run directories again, from their files alone",
        module="report_command",
        parameters=(
            Parameter(name="runs", help="directories of runs", metavar="DIR", take="some"),
            LANG,
            Parameter(
                name="--format",
                help="formats, parted by commas: html, csv (one file a table), xlsx",
                metavar="FORMATS",
                default="html",
            ),
            JSON,
        ),
        examples=("etalon report runs/simulate-pilot-2021-7-1 --lang en --format html,csv,xlsx",),
    ),
    *MODEL_COMMANDS,
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
    "model": "look into the reference model, record it, replay it, draw test vectors from it",
}
"""Commands that are a group of verbs, with their help."""
