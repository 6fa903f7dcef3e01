"""The command `etalon conformance differential`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

DIFFERENTIAL: Final = Command(
    words=("conformance", "differential"),
    module="differential_command",
    parameters=(
        Parameter(name="--target", metavar="TARGET", take="each"),
        Parameter(name="--budget", metavar="TIME", default="30s"),
        Parameter(name="--seed", metavar="SEED", default="1"),
        Parameter(name="--out", metavar="DIR", otherwise="next_differential"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon conformance differential --target embedded --target http://127.0.0.1:8080/fhir",
    ),
    notes=("differential_codes", "differential_files"),
)
