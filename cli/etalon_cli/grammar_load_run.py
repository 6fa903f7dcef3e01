"""The commands that put load on a system: `etalon load run`, `capacity` and `worker`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance_run import CONNECTION
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

TARGET: Final = Parameter(name="--target", metavar="TARGET", default="embedded")
OWNED: Final = Parameter(name="--i-own-this-target", take="switch")
SEED: Final = Parameter(name="--seed", metavar="SEED", default="1")
_PROFILE: Final = Parameter(name="--profile", metavar="NAME")
JOURNEYS: Final = Parameter(name="--journeys", metavar="NAMES", otherwise="every_journey")
_PEOPLE: Final = Parameter(name="--people", metavar="FILE", otherwise="people_made")
_OBJECTIVES: Final = Parameter(name="--objectives", metavar="FILE", default="default")
_WORKERS: Final = Parameter(name="--workers", metavar="N", default="1")
_SHARED: Final = (
    Parameter(name="--sample", metavar="SHARE", default="0.05"),
    Parameter(name="--time-scale", metavar="FACTOR", default="1"),
)

RUN: Final = Command(
    words=("load", "run"),
    module="load_run_command",
    parameters=(
        TARGET,
        _PROFILE,
        JOURNEYS,
        Parameter(name="--arrivals", metavar="FILE"),
        Parameter(name="--window", metavar="FROM/DURATION", otherwise="every_arrival"),
        Parameter(name="--peak", metavar="RATE", default="50"),
        Parameter(name="--duration", metavar="TIME", default="60s"),
        _OBJECTIVES,
        SEED,
        _PEOPLE,
        _WORKERS,
        Parameter(name="--remote-workers", metavar="N", default="0"),
        Parameter(name="--listen", metavar="HOST:PORT", otherwise="free_port"),
        *_SHARED,
        Parameter(name="--max-rate", metavar="RATE"),
        Parameter(name="--stop-if", metavar="RULE", take="each"),
        Parameter(name="--fault", metavar="FAULT", take="each"),
        Parameter(name="--retries", metavar="N", otherwise="profile_retries"),
        Parameter(name="--web-port", metavar="PORT"),
        OWNED,
        *CONNECTION,
        Parameter(name="--out", metavar="DIR", otherwise="next_load"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon load run --target embedded --profile launch-day --peak 300 --duration 60s --out L",
        "etalon load run --profile launch-day --peak 100 --duration 20s --fault stall:2s",
    ),
    notes=("load_codes", "load_files", "load_interrupted"),
)

CAPACITY: Final = Command(
    words=("load", "capacity"),
    module="load_capacity_command",
    parameters=(
        TARGET,
        Parameter(name="--profile", metavar="NAME", default="launch-day"),
        JOURNEYS,
        _OBJECTIVES,
        Parameter(name="--first", metavar="RATE", default="20"),
        Parameter(name="--most", metavar="RATE", default="2000"),
        Parameter(name="--probe", metavar="TIME", default="10s"),
        Parameter(name="--precision", metavar="SHARE", default="0.05"),
        Parameter(name="--server-cores", metavar="N"),
        Parameter(name="--national-peak", metavar="RATE", otherwise="profile_peak"),
        Parameter(name="--utilisation", metavar="SHARE", default="0.6"),
        Parameter(name="--zones", metavar="N", default="3"),
        SEED,
        _PEOPLE,
        _WORKERS,
        *_SHARED,
        OWNED,
        *CONNECTION,
        Parameter(name="--out", metavar="DIR", otherwise="next_capacity"),
        LANG,
        JSON,
    ),
    examples=("etalon load capacity --target embedded",),
    notes=("capacity_codes", "capacity_files"),
)

WORKER: Final = Command(
    words=("load", "worker"),
    module="load_worker_command",
    parameters=(Parameter(name="--master", metavar="HOST:PORT"), LANG),
    examples=("etalon load worker --master 192.0.2.10:5557",),
    notes=("worker_network", "worker_codes"),
)
