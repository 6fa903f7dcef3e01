"""The commands of load: `etalon load …`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance_run import CONNECTION
from etalon_cli.grammar_load_run import CAPACITY, JOURNEYS, OWNED, RUN, SEED, TARGET, WORKER
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

PREPARE: Final = Command(
    words=("load", "prepare"),
    help="make the test people that a run asks for, and keep their credentials in a file",
    module="load_people_command",
    parameters=(
        TARGET,
        Parameter(
            name="--people",
            help="how many people, of every kind, in the proportions of an ordinary day",
            metavar="N",
        ),
        Parameter(
            name="--profile",
            help="as many as this profile of arrivals asks for, instead of --people",
            metavar="NAME",
        ),
        JOURNEYS,
        Parameter(
            name="--peak",
            help="journeys in the busiest second of that profile",
            metavar="RATE",
            default="50",
        ),
        Parameter(
            name="--duration",
            help="how long that profile lasts, such as 20s, 5m or 1h",
            metavar="TIME",
            default="60s",
        ),
        SEED,
        OWNED,
        *CONNECTION,
        Parameter(
            name="--out",
            help="file to write, for you alone (NDJSON); it must not exist",
            metavar="FILE",
        ),
        LANG,
        JSON,
    ),
    examples=("etalon load prepare --target embedded --people 100 --out people.ndjson",),
    notes=(
        "Exit code 0: every one was made and found again. 1: some were not. 3: no target there.",
    ),
)

CLEAN: Final = Command(
    words=("load", "clean"),
    help="take away the test people of a file, and count what is left of them",
    module="load_people_command",
    parameters=(
        Parameter(
            name="file",
            help="people and credentials, as `etalon load prepare` wrote them",
            metavar="FILE",
        ),
        TARGET,
        OWNED,
        *CONNECTION,
        LANG,
        JSON,
    ),
    examples=("etalon load clean people.ndjson --target my-platform.toml",),
    notes=(
        (
            "Exit code 0: nothing is left, but for what a sandbox keeps as long as itself. 1: "
            "something is. 3: the target cannot be reached."
        ),
    ),
)

DECIDE: Final = Command(
    words=("load", "decide"),
    help="say whether a platform carries a simulated launch: go, no-go or not enough known",
    module="load_decide_command",
    parameters=(
        Parameter(
            name="--runs",
            help="run directory of a simulation with knowledge draws, or one of etalon compare",
            metavar="DIR",
        ),
        Parameter(
            name="--capacity",
            help="directory or capacity.json of `etalon load capacity`",
            metavar="PATH",
        ),
        Parameter(
            name="--probability",
            help="how sure the plan has to be to hold, above 0 and below 1",
            metavar="SHARE",
            default="0.95",
        ),
        Parameter(
            name="--find-waves",
            help="look for the fastest notification plan that holds",
            take="switch",
        ),
        Parameter(
            name="--out",
            help="directory of the decision; it must be empty or not exist",
            metavar="DIR",
            default="runs/load-decide-NAME-SEED-N, next free N",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon load decide --runs C --capacity L",
        "etalon load decide --runs C --capacity L --probability 0.9 --find-waves",
    ),
    notes=(
        (
            "Exit code 0: go. 1: no-go. 3: not enough known. With --find-waves, 0: a plan was "
            "found; else the code of the slowest plan."
        ),
        (
            "The directory holds decision.json, report.html in French and English, report.pdf, and "
            "platform-capacity.json, which platform.capacity of the scenario reads; with "
            "--find-waves also experiment.toml, the plans and their runs."
        ),
    ),
)

COMPARE_LOAD: Final = Command(
    words=("load", "compare"),
    help="compare two runs of the same plan: regression, improvement or not known",
    module="load_compare_command",
    parameters=(
        Parameter(
            name="before",
            help="directory of a load run",
            metavar="BEFORE",
        ),
        Parameter(
            name="after",
            help="directory of another, of the same planned arrivals",
            metavar="AFTER",
        ),
        Parameter(
            name="--out",
            help="directory in which the comparison and its report land; it must be empty or not "
            "exist; without it the comparison is printed alone",
            metavar="DIR",
        ),
        LANG,
        JSON,
    ),
    examples=("etalon load compare L1 L2 --out C",),
    notes=("Exit code 0: nothing got worse. 1: something did. 3: not known. 2: the plans differ.",),
)

LOAD_COMMANDS: Final = (RUN, CAPACITY, WORKER, PREPARE, CLEAN, DECIDE, COMPARE_LOAD)
