"""What may be typed to simulate and to compare."""

from __future__ import annotations

from typing import Final

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

_ENGINE = Parameter(
    name="--engine",
    help="agents: each person a process that sends commands to the model; cohort: people in "
    "arrays, the same results",
    choices=("agents", "cohort"),
    default="agents up to 200000 people, cohort above",
)
_COMPILED = Parameter(
    name="--compiled",
    help="whether compiled kernels do the costly passes of the cohort engine, with the same "
    "results; they need Numba, the extra `fast`",
    choices=("yes", "no"),
    default="yes from 5000000 people where Numba is installed",
)


def _until(beyond: str = "") -> Parameter:
    return Parameter(
        name="--until",
        help=f"last day simulated, as YYYY-MM-DD{beyond}",
        metavar="DATE",
        default="the last day of the scenario",
    )


_KNOWLEDGE = Parameter(
    name="--knowledge",
    help="draws of the parameters within their ranges; 0 for none; full: 16 draws of everybody, "
    "which queues need",
    metavar="N",
    default="64",
)


def _population(default: str) -> Parameter:
    return Parameter(
        name="--population",
        help="people simulated: a number (100000), a share (0.01) or full",
        metavar="PEOPLE",
        default=default,
    )


def _seed(default: str) -> Parameter:
    return Parameter(
        name="--seed",
        help="seed of every draw, between 0 and 18446744073709551615",
        metavar="SEED",
        default=default,
    )


SIMULATE: Final = Command(
    words=("simulate",),
    help="run a scenario and write a run directory",
    module="simulate_command",
    parameters=(
        SCENARIO,
        _ENGINE,
        _COMPILED,
        _population("100000, or full where the scenario has fewer people"),
        Parameter(
            name="--departments",
            help="only these départements, by INSEE code, parted by commas",
            metavar="CODES",
            default="those of the scenario",
        ),
        _seed("that of the scenario"),
        SET,
        Parameter(
            name="--replications",
            help="runs with the seeds SEED, SEED+1, …; the files describe the first",
            metavar="N",
            default="1",
        ),
        _until("; beyond the scenario, the life of open spaces is counted until then"),
        _KNOWLEDGE,
        Parameter(
            name="--arrivals",
            help="also write who arrives at the service one by one: from a civil time, for a "
            "duration, as in 2022-02-03T18:00/PT1H; or busiest, for the busiest hour",
            metavar="FROM/DURATION",
        ),
        Parameter(
            name="--checkpoint",
            help="save the run as it stands at the beginning of a day, YYYY-MM-DD (cohort engine)",
            metavar="DATE",
        ),
        Parameter(
            name="--from",
            help="go on from a checkpoint: of the same scenario, or of one that it extends, whose "
            "days before the checkpoint stay as they were (cohort engine)",
            metavar="CHECKPOINT",
        ),
        WORKERS,
        OUT,
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
        "etalon simulate launch-2022 --population full",
        "etalon simulate launch-2022 --until 2025-12-31 --population full --out Y",
        "etalon simulate launch-2022 --population full --checkpoint 2022-03-01 --out A",
        "etalon simulate reminder-day-28 --population full --from A/checkpoint-2022-03-01.npz",
    ),
    notes=(
        INTERRUPTION_NOTE,
        (
            "Draws simulate 20 000 people with the agents engine, 200 000 with the cohort engine, "
            "or as many as the run if it has fewer."
        ),
        (
            "Every run writes `arrivals_minute.parquet`; `--arrivals` adds `arrivals.parquet`, "
            "`--checkpoint` `checkpoint-DATE.npz`. A run that goes on from a checkpoint makes no "
            "draws of the parameters and no replications, and says so: stderr, `run.json`, report. "
            "A checkpoint of the whole country takes about 150 MB."
        ),
        (
            "The first run with compiled kernels compiles them, half a minute once; later runs "
            "read them from disk. `machine.compiled` in `run.json` says which way a run went."
        ),
    ),
)

COMPARE: Final = Command(
    words=("compare",),
    help="run policies on the same people and luck, and say how each differs from the first",
    module="compare_command",
    parameters=(
        Parameter(
            name="policies",
            help="two policies or more: names of shipped scenarios, or paths of TOML files; the "
            "first is the one the others are compared with",
            metavar="POLICY",
            take="some",
        ),
        _ENGINE,
        _population("full"),
        _seed("that of the first policy"),
        SET,
        _until("; beyond the scenarios, the life of open spaces is compared until then"),
        _KNOWLEDGE,
        WORKERS,
        OUT,
        Parameter(
            name="--resume",
            help="go on with the partial comparison in --out; finished policies, draws and "
            "replications are kept",
            take="switch",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon compare launch-2022 letters-to-seniors reminder-day-28 ten-week-window opt-in",
        "etalon compare launch-2022 my-policy.toml --population 0.01 --knowledge 16 --out C",
    ),
    notes=(
        (
            "Each policy is a run directory of its own inside that of the comparison; "
            "`comparison.json` holds the differences. `--set` changes every policy."
        ),
        (
            "A difference whose interval of knowledge, or of chance, contains zero is printed as "
            "not distinguishable. The interval of chance comes from 16 further seeds, the same "
            "for all."
        ),
        (
            "Ctrl-C or SIGTERM stops at the end of the simulated day: the directory is marked "
            "`partial`, the policies done so far stay, and the exit code is 3. `--resume` with the "
            "same options goes on from there, and gives the same files."
        ),
    ),
)
