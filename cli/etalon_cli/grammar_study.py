"""What may be typed to run many points of a scenario, to fit one, and to forecast with one."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, OUT, SCENARIO, WORKERS, Command, Parameter

_ENGINE = Parameter(name="--engine", choices=("agents", "cohort"), default="cohort")

SWEEP: Final = Command(
    words=("sweep",),
    module="sweep_command",
    parameters=(
        Parameter(name="experiment", metavar="FILE"),
        _ENGINE,
        Parameter(name="--cluster", metavar="ADDRESS", otherwise="own_processes"),
        WORKERS,
        OUT,
        Parameter(name="--resume", take="switch"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon sweep what-moves-refusals --workers 2 --out S",
        "etalon sweep experiment.toml --cluster tcp://127.0.0.1:8786 --out S --resume",
    ),
    notes=("sweep_files", "sweep_codes", "day_interrupted"),
)

CALIBRATE: Final = Command(
    words=("calibrate",),
    module="calibrate_command",
    parameters=(
        SCENARIO,
        Parameter(name="--targets", metavar="PLAN"),
        Parameter(name="--fit", metavar="PATH", take="each"),
        _ENGINE,
        Parameter(name="--population", metavar="PEOPLE", otherwise="plan_people"),
        Parameter(name="--seeds", metavar="N", otherwise="plan_runs"),
        WORKERS,
        OUT,
        LANG,
        JSON,
    ),
    examples=(
        "etalon calibrate pilot-2021 --targets pilot --out K",
        "etalon calibrate pilot-2021 --targets figures.csv --fit intent.opposition --out K",
    ),
    notes=("calibration_files", "calibration_codes"),
)

FORECAST: Final = Command(
    words=("forecast",),
    module="forecast_command",
    parameters=(
        Parameter(name="scenario", metavar="SCENARIO"),
        Parameter(name="--observed", metavar="FILE", otherwise="scheme_series"),
        Parameter(name="--first", metavar="N", otherwise="weeks_known"),
        Parameter(name="--weeks", metavar="N", default="10"),
        Parameter(name="--draws", metavar="N", default="128"),
        Parameter(name="--population", metavar="PEOPLE", default="20000"),
        WORKERS,
        OUT,
        LANG,
        JSON,
    ),
    examples=(
        "etalon forecast england-ndop --first 4 --weeks 10 --out F",
        "etalon forecast launch-2022 --observed weekly.csv --out F",
    ),
    notes=("forecast_files",),
)

STUDY_COMMANDS: Final = (SWEEP, CALIBRATE, FORECAST)
