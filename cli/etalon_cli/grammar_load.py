"""The commands of load: `etalon load …`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance_run import CONNECTION
from etalon_cli.grammar_load_run import CAPACITY, JOURNEYS, OWNED, RUN, SEED, TARGET, WORKER
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

PREPARE: Final = Command(
    words=("load", "prepare"),
    module="load_people_command",
    parameters=(
        TARGET,
        Parameter(name="--people", metavar="N"),
        Parameter(name="--profile", metavar="NAME"),
        JOURNEYS,
        Parameter(name="--peak", metavar="RATE", default="50"),
        Parameter(name="--duration", metavar="TIME", default="60s"),
        SEED,
        OWNED,
        *CONNECTION,
        Parameter(name="--out", metavar="FILE"),
        LANG,
        JSON,
    ),
    examples=("etalon load prepare --target embedded --people 100 --out people.ndjson",),
    notes=("people_codes",),
)

CLEAN: Final = Command(
    words=("load", "clean"),
    module="load_people_command",
    parameters=(Parameter(name="file", metavar="FILE"), TARGET, OWNED, *CONNECTION, LANG, JSON),
    examples=("etalon load clean people.ndjson --target my-platform.toml",),
    notes=("clean_codes",),
)

DECIDE: Final = Command(
    words=("load", "decide"),
    module="load_decide_command",
    parameters=(
        Parameter(name="--runs", metavar="DIR"),
        Parameter(name="--capacity", metavar="PATH"),
        Parameter(name="--probability", metavar="SHARE", default="0.95"),
        Parameter(name="--find-waves", take="switch"),
        Parameter(name="--out", metavar="DIR", otherwise="next_decision"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon load decide --runs C --capacity L",
        "etalon load decide --runs C --capacity L --probability 0.9 --find-waves",
    ),
    notes=("decide_codes", "decide_files"),
)

COMPARE_LOAD: Final = Command(
    words=("load", "compare"),
    module="load_compare_command",
    parameters=(
        Parameter(name="before", metavar="BEFORE"),
        Parameter(name="after", metavar="AFTER"),
        Parameter(name="--out", metavar="DIR"),
        LANG,
        JSON,
    ),
    examples=("etalon load compare L1 L2 --out C",),
    notes=("compare_codes",),
)

LOAD_COMMANDS: Final = (RUN, CAPACITY, WORKER, PREPARE, CLEAN, DECIDE, COMPARE_LOAD)
