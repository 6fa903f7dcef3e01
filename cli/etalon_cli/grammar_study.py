"""What may be typed to run many points of a scenario, to fit one, and to forecast with one."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import INTERRUPTION_NOTE, JSON, LANG, OUT, WORKERS, Command, Parameter

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
        Parameter(name="experiment", help="path of an experiment file (TOML)", metavar="FILE"),
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
        "etalon sweep experiment.toml --workers 2 --out S",
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

STUDY_COMMANDS: Final = (SWEEP,)
