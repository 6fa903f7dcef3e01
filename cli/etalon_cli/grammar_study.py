"""What may be typed to run many points of a scenario, to fit one, and to forecast with one."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import (
    INTERRUPTION_NOTE,
    JSON,
    LANG,
    OUT,
    SCENARIO,
    WORKERS,
    Command,
    Parameter,
)

_ENGINE = Parameter(
    name="--engine",
    help="agents: each person a process; cohort: people in arrays, the same results",
    choices=("agents", "cohort"),
    default="cohort",
)

SWEEP: Final = Command(
    words=("sweep",),
    help="run a scenario at many points of its parameters, and say what each one does",
    module="sweep_command",
    parameters=(
        Parameter(
            name="experiment",
            help="path of an experiment file (TOML), or a shipped one (what-moves-refusals)",
            metavar="FILE",
        ),
        _ENGINE,
        Parameter(
            name="--cluster",
            help="address of a Dask scheduler whose workers make the runs (extra `sweep`)",
            metavar="ADDRESS",
            default="processes of this machine",
        ),
        WORKERS,
        OUT,
        Parameter(
            name="--resume",
            help="go on in --out: runs that finished there are not made again, even when the "
            "experiment has grown since",
            take="switch",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon sweep what-moves-refusals --workers 2 --out S",
        "etalon sweep experiment.toml --cluster tcp://127.0.0.1:8786 --out S --resume",
    ),
    notes=(
        (
            "Writes `sweep.json`, `runs.parquet` (sorted by run key, the same wherever runs were "
            "made), `timing.parquet`, `kept-runs.jsonl` and the report. Latin hypercubes, Sobol "
            "and Morris need SALib, `--cluster` needs Dask: the extra `sweep`."
        ),
        (
            "Exit code 3 when some runs failed, or the cluster went away: what finished is kept, "
            "and `--resume` makes the rest."
        ),
        INTERRUPTION_NOTE,
    ),
)

CALIBRATE: Final = Command(
    words=("calibrate",),
    help="fit parameters of a scenario to measured figures, and say what the figures leave open",
    module="calibrate_command",
    parameters=(
        SCENARIO,
        Parameter(
            name="--targets",
            help="what is fitted to what: a shipped plan (dmp, launch, pilot), a plan of your "
            "own (TOML), or a table of figures (CSV) with --fit",
            metavar="PLAN",
        ),
        Parameter(
            name="--fit",
            help="a parameter to fit to all figures of a table",
            metavar="PATH",
            take="each",
        ),
        _ENGINE,
        Parameter(
            name="--population",
            help="people in each run",
            metavar="PEOPLE",
            default="those of the plan, or 20000",
        ),
        Parameter(
            name="--seeds",
            help="runs at each trial of the parameters",
            metavar="N",
            default="those of the plan, or 4",
        ),
        WORKERS,
        OUT,
        LANG,
        JSON,
    ),
    examples=(
        "etalon calibrate pilot-2021 --targets pilot --out K",
        "etalon calibrate pilot-2021 --targets figures.csv --fit intent.opposition --out K",
    ),
    notes=(
        (
            "Writes `calibration.json`, `scenario.toml` (the scenario with the values fitted, what "
            "they were fitted on, and their 95 % intervals as ranges) and the report. It needs "
            "SciPy: the extra `sweep`."
        ),
        "Exit code 1: no value of the parameters gives all figures; they contradict each other.",
    ),
)

FORECAST: Final = Command(
    words=("forecast",),
    help="say what follows the first weeks of a campaign or of a scheme, with intervals",
    module="forecast_command",
    parameters=(
        Parameter(
            name="scenario",
            help="name of a shipped scheme (england-ndop) or scenario, or path of a TOML file",
            metavar="SCENARIO",
        ),
        Parameter(
            name="--observed",
            help="the weeks observed (CSV: week_ends_on, group, total, population)",
            metavar="FILE",
            default="the series of the scheme",
        ),
        Parameter(
            name="--first",
            help="condition on so many weekly flows only, from the first",
            metavar="N",
            default="all; 4 for the series of a scheme",
        ),
        Parameter(name="--weeks", help="weeks to come", metavar="N", default="10"),
        Parameter(
            name="--draws",
            help="draws of the parameters of a scenario",
            metavar="N",
            default="128",
        ),
        Parameter(
            name="--population",
            help="people in each draw of a scenario",
            metavar="PEOPLE",
            default="20000",
        ),
        WORKERS,
        OUT,
        LANG,
        JSON,
    ),
    examples=(
        "etalon forecast england-ndop --first 4 --weeks 10 --out F",
        "etalon forecast launch-2022 --observed weekly.csv --out F",
    ),
    notes=(
        (
            "Writes `forecast.json` and the report. Draws of what is not known are weighed by how "
            "well they give the weeks observed. Exit code 3 when none resembles them: the forecast "
            "is written, and says so."
        ),
    ),
)

STUDY_COMMANDS: Final = (SWEEP, CALIBRATE, FORECAST)
