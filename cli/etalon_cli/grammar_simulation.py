"""What may be typed to simulate and to compare."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, OUT, SCENARIO, SET, WORKERS, Command, Parameter

_ENGINE = Parameter(name="--engine", choices=("agents", "cohort"), otherwise="engine_by_size")
_COMPILED = Parameter(name="--compiled", choices=("yes", "no"), otherwise="compiled_by_size")


_UNTIL = Parameter(name="--until", metavar="DATE", otherwise="scenario_end")


_KNOWLEDGE = Parameter(name="--knowledge", metavar="N", default="64")


SIMULATE: Final = Command(
    words=("simulate",),
    module="simulate_command",
    parameters=(
        SCENARIO,
        _ENGINE,
        _COMPILED,
        Parameter(name="--population", metavar="PEOPLE", otherwise="scope_or_sample"),
        Parameter(name="--departments", metavar="CODES", otherwise="scenario_departments"),
        Parameter(name="--seed", metavar="SEED", otherwise="scenario_seed"),
        SET,
        Parameter(name="--replications", metavar="N", default="1"),
        _UNTIL,
        _KNOWLEDGE,
        Parameter(name="--arrivals", metavar="FROM/DURATION"),
        Parameter(name="--checkpoint", metavar="DATE"),
        Parameter(name="--from", metavar="CHECKPOINT"),
        WORKERS,
        OUT,
        Parameter(name="--resume", take="switch"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon simulate pilot-2021 --population 50000 --seed 7 --out A --json",
        "etalon simulate launch-2022 --set enrolment.opposition_window=P30D",
        "etalon simulate launch-2022 --population full",
        "etalon simulate launch-2022 --until 2025-12-31 --population full --out Y",
        "etalon simulate launch-2022 --population full --checkpoint 2022-03-01 --out A",
        "etalon simulate reminder-day-28 --population full --from A/checkpoint-2022-03-01.npz",
    ),
    notes=("day_interrupted", "draws", "run_files", "kernels"),
)

COMPARE: Final = Command(
    words=("compare",),
    module="compare_command",
    parameters=(
        Parameter(name="policies", metavar="POLICY", take="some"),
        _ENGINE,
        Parameter(name="--population", metavar="PEOPLE", default="full"),
        Parameter(name="--seed", metavar="SEED", otherwise="first_policy_seed"),
        SET,
        _UNTIL,
        _KNOWLEDGE,
        WORKERS,
        OUT,
        Parameter(name="--resume", take="switch"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon compare launch-2022 letters-to-seniors reminder-day-28 ten-week-window opt-in",
        "etalon compare launch-2022 my-policy.toml --population 0.01 --knowledge 16 --out C",
    ),
    notes=("policy_directories", "distinguishable", "comparison_interrupted"),
)
