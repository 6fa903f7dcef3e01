"""The commands `etalon conformance run` and `etalon conformance prepare`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance import SUITES
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import CLIENT, CLIENT_NOTE, ROLE

_TARGET: Final = Parameter(
    name="--target",
    help="embedded (the reference server), inprocess (the same in this process), an http:// or "
    "https:// address of a FHIR base, python:module:factory, or the path of a profile file",
    metavar="TARGET",
)
_SUITE: Final = Parameter(
    name="--suite",
    help="what kind of product is tested",
    choices=SUITES,
    packed="PACK:SUITE",
    default="the suite that the profile claims, or whole-service",
)
CONNECTION: Final = (
    Parameter(
        name="--ca-bundle",
        help="authorities to trust (PEM), instead of those of the profile or of the system",
        metavar="FILE",
    ),
    Parameter(
        name="--client-certificate",
        help="client certificate to show (PEM or PKCS#12)",
        metavar="FILE",
    ),
    Parameter(
        name="--client-key",
        help="private key of that certificate (PEM)",
        metavar="FILE",
    ),
    Parameter(
        name="--client-password",
        help="where the password of the key is: env:NAME, file:PATH or command:…",
        metavar="WHERE",
    ),
)
_BASELINE: Final = (
    Parameter(
        name="--baseline",
        help="breaches accepted beforehand, with reason and expiry; new ones alone count",
        metavar="FILE",
    ),
    Parameter(
        name="--write-baseline",
        help="write the breaches of this run as a baseline",
        metavar="FILE",
    ),
    Parameter(
        name="--accept-reason",
        help="why they are accepted; left out, it is to be filled in by hand",
        metavar="TEXT",
    ),
    Parameter(
        name="--accept-until",
        help="last day on which they are; left out, it is to be filled in by hand",
        metavar="DATE",
    ),
    Parameter(
        name="--answers",
        help="what people answer to what no check can see (etalon conformance questions)",
        metavar="FILE",
    ),
)
_CODES: Final = (
    "Exit code 0: nothing failed, and nothing that was claimed is left open. 1: a requirement "
    "failed (with --findings-fail or a baseline, also a new finding). 3: the target cannot be "
    "reached, the run was cut, nothing could be concluded, or what the profile claims could not be "
    "tested. 2, after the run: the baseline has entries that are not needed any more."
)
_FILES: Final = (
    "The directory holds verdicts.json, plan.json, the exchanges (exchanges.ndjson, for you alone, "
    "holds tokens; exchanges-redacted.ndjson may be shared), counterexamples/ with a stand-alone "
    "script for each breach, requirements/ with the evidence of each requirement, and report.html "
    "in French and English."
)
_PARTIAL: Final = (
    "Ctrl-C or SIGTERM ends the run: what was concluded so far is written, and the directory is "
    "marked `partial`. A second Ctrl-C stops at once."
)

RUN: Final = Command(
    words=("conformance", "run"),
    help="test a server, or client software, against the requirements, and keep the evidence",
    module="conformance_command",
    parameters=(
        ROLE,
        _TARGET,
        _SUITE,
        Parameter(
            name="--requirement",
            help="only this requirement of the suite",
            metavar="ID",
            take="each",
        ),
        Parameter(
            name="--check",
            help="only this check",
            metavar="NAME",
            take="each",
        ),
        Parameter(
            name="--requirement-set",
            help="which set of requirements",
            metavar="NAME",
            default="current",
        ),
        Parameter(
            name="--seed",
            help="seed of every draw, between 0 and 18446744073709551615",
            metavar="SEED",
            default="1",
        ),
        Parameter(
            name="--out",
            help="directory of the run; it must be empty or not exist",
            metavar="DIR",
            default="runs/conformance-SUITE-SEED-N, next free N",
        ),
        Parameter(
            name="--budget",
            help="time given to exploring after the checks, such as 30s or 10m: sequences that "
            "nobody wrote, drawn from the model and judged by it",
            metavar="TIME",
            default="none: the checks alone",
        ),
        Parameter(
            name="--time-limit",
            help="time after which the run is cut, such as 60s, 10m or 1h",
            metavar="TIME",
            default="10m",
        ),
        Parameter(
            name="--workers",
            help="how many checks run side by side, between 1 and 16; the plan is the same",
            metavar="N",
            default="4",
        ),
        Parameter(
            name="--findings-fail",
            help="let a finding count as a failure; the cover of the report says so",
            take="switch",
        ),
        *_BASELINE,
        *CONNECTION,
        *CLIENT,
        LANG,
        JSON,
    ),
    examples=(
        "etalon conformance run --target embedded --suite records-server --out first-run",
        "etalon conformance run --target http://127.0.0.1:8080/fhir --findings-fail",
        "etalon conformance run --role client --profile lps --self-play --out client-run",
    ),
    notes=(
        _CODES,
        _FILES,
        _PARTIAL,
        CLIENT_NOTE,
    ),
)

PREPARE: Final = Command(
    words=("conformance", "prepare"),
    help="list the test people and operations that a suite asks of a target, by what they unlock",
    module="prepare_command",
    parameters=(
        _TARGET,
        _SUITE,
        LANG,
        JSON,
    ),
    examples=("etalon conformance prepare --target embedded --suite records-server",),
    notes=("The target is not spoken to: its profile is read.",),
)
