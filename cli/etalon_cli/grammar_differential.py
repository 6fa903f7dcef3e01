"""The command `etalon conformance differential`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_CODES: Final = (
    "Exit code 0: they answer alike, and as the model does, or differ only where the texts leave "
    "it open. 1: they differ, or answer alike and the model otherwise: then the report says that "
    "the model is suspect. 3: one cannot be reached, or nothing could be compared."
)
_FILES: Final = "The directory holds differential.json, and report.html in French and English."

DIFFERENTIAL: Final = Command(
    words=("conformance", "differential"),
    help="ask two targets the same, and hold their answers against one another and the model",
    module="differential_command",
    parameters=(
        Parameter(
            name="--target",
            help="a target, as `etalon conformance run` takes it; given twice",
            metavar="TARGET",
            take="each",
        ),
        Parameter(
            name="--budget",
            help="how long they are asked, such as 60s, 10m or 1h",
            metavar="TIME",
            default="30s",
        ),
        Parameter(
            name="--seed",
            help="seed of what is asked, between 0 and 18446744073709551615",
            metavar="SEED",
            default="1",
        ),
        Parameter(
            name="--out",
            help="directory of the comparison; it must be empty or not exist",
            metavar="DIR",
            default="runs/conformance-differential-SEED-N, next free N",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon conformance differential --target embedded --target http://127.0.0.1:8080/fhir",
    ),
    notes=(_CODES, _FILES),
)
