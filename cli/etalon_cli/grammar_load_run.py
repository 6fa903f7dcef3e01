"""The commands that put load on a system: `etalon load run`, `capacity` and `worker`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance_run import CONNECTION
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

TARGET: Final = Parameter(
    name="--target",
    help="embedded (the reference server, in a process of its own), an http:// or https:// "
    "address of a FHIR base, or the path of a profile file",
    metavar="TARGET",
    default="embedded",
)
OWNED: Final = Parameter(
    name="--i-own-this-target",
    help="say that one may put load on a target outside this machine",
    take="switch",
)
SEED: Final = Parameter(
    name="--seed",
    help="seed of every draw, between 0 and 18446744073709551615",
    metavar="SEED",
    default="1",
)
_PROFILE: Final = Parameter(
    name="--profile",
    help="who arrives when: launch-day, media-shock, tuesday, winter-peak, constant, poisson, "
    "ramp, surge, soak, outage or restart",
    metavar="NAME",
)
JOURNEYS: Final = Parameter(
    name="--journeys",
    help="only these journeys, by name, parted by commas; those of a pack as PACK:JOURNEY",
    metavar="NAMES",
    default="all that arrive",
)
_PEOPLE: Final = Parameter(
    name="--people",
    help="people and credentials, as `etalon load prepare` writes them",
    metavar="FILE",
    default="those that the target lets one make",
)
_OBJECTIVES: Final = Parameter(
    name="--objectives",
    help="objectives of each journey and step: default, or the path of a TOML file",
    metavar="FILE",
    default="default",
)
_WORKERS: Final = Parameter(
    name="--workers",
    help="processes that send, between 1 and 64; the plan is the same",
    metavar="N",
    default="1",
)
_SHARED: Final = (
    Parameter(
        name="--sample",
        help="share of people whose answers are held against the reference model, from 0 to 1",
        metavar="SHARE",
        default="0.05",
    ),
    Parameter(
        name="--time-scale",
        help="divide thinking times, lives of tokens and, with --arrivals, the time between them "
        "by this; the report says so",
        metavar="FACTOR",
        default="1",
    ),
)
_CODES: Final = (
    "Exit code 0: every objective is held (PASS). 1: one is missed (FAIL). 3: not known to be "
    "either (INCONCLUSIVE), or the run did not offer what was planned (INVALID). 2: the target, a "
    "file or an option cannot be used."
)

RUN: Final = Command(
    words=("load", "run"),
    help="put load on a target, openly, and say whether its objectives hold",
    module="load_run_command",
    parameters=(
        TARGET,
        _PROFILE,
        JOURNEYS,
        Parameter(
            name="--arrivals",
            help="arrivals.parquet of a simulation, instead of a profile",
            metavar="FILE",
        ),
        Parameter(
            name="--window",
            help="the stretch of these arrivals that is used, such as 2022-02-03T18:00/PT1M",
            metavar="FROM/DURATION",
            default="all of them",
        ),
        Parameter(
            name="--peak",
            help="journeys in the busiest second; recorded arrivals are thinned down to it",
            metavar="RATE",
            default="50",
        ),
        Parameter(
            name="--duration",
            help="how long the run lasts, such as 20s, 5m or 1h",
            metavar="TIME",
            default="60s",
        ),
        _OBJECTIVES,
        SEED,
        _PEOPLE,
        _WORKERS,
        Parameter(
            name="--remote-workers",
            help="wait for so many workers of other machines too (etalon load worker)",
            metavar="N",
            default="0",
        ),
        Parameter(
            name="--listen",
            help="address and port at which workers of other machines reach this one",
            metavar="HOST:PORT",
            default="127.0.0.1, a free port",
        ),
        *_SHARED,
        Parameter(
            name="--max-rate",
            help="refuse a plan with more journeys in a second than this",
            metavar="RATE",
        ),
        Parameter(
            name="--stop-if",
            help="end the run when this holds, such as 'errors > 5 % for 30 s'; of errors, wrong, "
            "late and p99",
            metavar="RULE",
            take="each",
        ),
        Parameter(
            name="--fault",
            help="a fault of the reference server at 40 % of the run, or at a time of it: "
            "stall:2s, stall:2s@30s, slow:5%:500ms:10s, error:10%:10s, refuse:10%:10s, "
            "reset:10%:10s, slow-body:10%:1s:10s; restart:2s kills the embedded server, and starts "
            "it again 2 s later on what it kept",
            metavar="FAULT",
            take="each",
        ),
        Parameter(
            name="--retries",
            help="how often a client sends a request again that is refused for now (429, 503, no "
            "connection), after Retry-After or a growing pause; one request all the same, from "
            "its intended start",
            metavar="N",
            default="what the profile says: 5 for restart, else 0",
        ),
        Parameter(
            name="--web-port",
            help="show Locust's page, with the histograms of this run, at this port",
            metavar="PORT",
        ),
        OWNED,
        *CONNECTION,
        Parameter(
            name="--out",
            help="directory of the run; it must be empty or not exist",
            metavar="DIR",
            default="runs/load-NAME-SEED-N, next free N",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon load run --target embedded --profile launch-day --peak 300 --duration 60s --out L",
        "etalon load run --profile launch-day --peak 100 --duration 20s --fault stall:2s",
    ),
    notes=(
        _CODES,
        (
            "The directory holds summary.json, timeline.parquet, requests.hdr, junit.xml, the "
            "planned arrivals (plan.parquet) and report.html in French and English; `private/` "
            "holds the credentials of test people, for you alone."
        ),
        (
            "Ctrl-C or SIGTERM lets no further journey begin, waits for those under way and "
            "reports. A second Ctrl-C stops at once."
        ),
    ),
)

CAPACITY: Final = Command(
    words=("load", "capacity"),
    help="look for the greatest rate at which the objectives hold",
    module="load_capacity_command",
    parameters=(
        TARGET,
        Parameter(
            name="--profile",
            help="whose mix of journeys is sent, at constant rates",
            metavar="NAME",
            default="launch-day",
        ),
        JOURNEYS,
        _OBJECTIVES,
        Parameter(
            name="--first",
            help="the rate to begin with, in journeys a second",
            metavar="RATE",
            default="20",
        ),
        Parameter(
            name="--most",
            help="the greatest rate that is tried",
            metavar="RATE",
            default="2000",
        ),
        Parameter(
            name="--probe",
            help="how long each rate is held",
            metavar="TIME",
            default="10s",
        ),
        Parameter(
            name="--precision",
            help="how close the ends of the interval come, as a share of the upper one",
            metavar="SHARE",
            default="0.05",
        ),
        Parameter(
            name="--server-cores",
            help="cores that the server has, to reckon with",
            metavar="N",
        ),
        Parameter(
            name="--national-peak",
            help="journeys a second that the nation makes at its busiest, to reckon cores from",
            metavar="RATE",
            default="that of the profile",
        ),
        Parameter(
            name="--utilisation",
            help="how busy a core may be at that peak, above 0 and at most 1",
            metavar="SHARE",
            default="0.6",
        ),
        Parameter(
            name="--zones",
            help="zones of which one may be lost",
            metavar="N",
            default="3",
        ),
        SEED,
        _PEOPLE,
        _WORKERS,
        *_SHARED,
        OWNED,
        *CONNECTION,
        Parameter(
            name="--out",
            help="directory of the search; it must be empty or not exist",
            metavar="DIR",
            default="runs/load-capacity-SEED-N, next free N",
        ),
        LANG,
        JSON,
    ),
    examples=("etalon load capacity --target embedded",),
    notes=(
        (
            "Exit code 0: the capacity lies within the interval printed. 3: it does not, because "
            "every rate held, none did, or a probe was invalid. 2: the target, a file or an "
            "option cannot be used."
        ),
        (
            "The directory holds capacity.json, which `etalon load decide` reads and turns into "
            "what `platform.capacity` of a scenario reads."
        ),
    ),
)

WORKER: Final = Command(
    words=("load", "worker"),
    help="send part of the load that a run on another machine plans",
    module="load_worker_command",
    parameters=(
        Parameter(
            name="--master",
            help="address and port that `etalon load run --listen` names",
            metavar="HOST:PORT",
        ),
        LANG,
    ),
    examples=("etalon load worker --master 192.0.2.10:5557",),
    notes=(
        (
            "The plan, the people and their credentials come from the run, over a connection that"
            " is not encrypted: keep it within a network of your own."
        ),
        (
            "Exit code 0: the run ended. 2: nobody answers there. 3: the run was lost, or is of "
            "another version."
        ),
    ),
)
