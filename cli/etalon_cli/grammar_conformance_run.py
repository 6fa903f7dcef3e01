"""The commands `etalon conformance run` and `etalon conformance prepare`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance import SUITES
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import CLIENT, ROLE

_TARGET: Final = Parameter(name="--target", metavar="TARGET")
_SUITE: Final = Parameter(
    name="--suite", choices=SUITES, packed="PACK:SUITE", otherwise="suite_claimed"
)
CONNECTION: Final = (
    Parameter(name="--ca-bundle", metavar="FILE"),
    Parameter(name="--client-certificate", metavar="FILE"),
    Parameter(name="--client-key", metavar="FILE"),
    Parameter(name="--client-password", metavar="WHERE"),
)
_BASELINE: Final = (
    Parameter(name="--baseline", metavar="FILE"),
    Parameter(name="--write-baseline", metavar="FILE"),
    Parameter(name="--accept-reason", metavar="TEXT"),
    Parameter(name="--accept-until", metavar="DATE"),
    Parameter(name="--answers", metavar="FILE"),
)

RUN: Final = Command(
    words=("conformance", "run"),
    module="conformance_command",
    parameters=(
        ROLE,
        _TARGET,
        _SUITE,
        Parameter(name="--requirement", metavar="ID", take="each"),
        Parameter(name="--check", metavar="NAME", take="each"),
        Parameter(name="--requirement-set", metavar="NAME", default="current"),
        Parameter(name="--seed", metavar="SEED", default="1"),
        Parameter(name="--out", metavar="DIR", otherwise="next_campaign"),
        Parameter(name="--budget", metavar="TIME", otherwise="checks_alone"),
        Parameter(name="--time-limit", metavar="TIME", default="10m"),
        Parameter(name="--workers", metavar="N", default="4"),
        Parameter(name="--findings-fail", take="switch"),
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
    notes=("campaign_codes", "campaign_files", "campaign_interrupted", "client_campaign"),
)

PREPARE: Final = Command(
    words=("conformance", "prepare"),
    module="prepare_command",
    parameters=(_TARGET, _SUITE, LANG, JSON),
    examples=("etalon conformance prepare --target embedded --suite records-server",),
    notes=("profile_read",),
)
