"""The commands of the group `etalon model`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_SEED: Final = Parameter(name="--seed", metavar="SEED", default="1")

MODEL_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("model", "rules"),
        module="model_command",
        parameters=(LANG, JSON),
        examples=("etalon model rules --lang fr",),
        notes=("reworded", "never_guessed"),
    ),
    Command(
        words=("model", "policies"),
        module="model_command",
        parameters=(LANG, JSON),
        examples=("etalon model policies",),
    ),
    Command(
        words=("model", "state-diagram"),
        module="model_command",
        parameters=(Parameter(name="--out", metavar="DIR", otherwise="current_directory"), LANG),
        examples=("etalon model state-diagram --out pictures",),
    ),
    Command(
        words=("model", "record"),
        module="model_command",
        parameters=(
            Parameter(name="--commands", metavar="N", default="10000"),
            _SEED,
            Parameter(name="--out", metavar="FILE", default="journal.jsonl"),
            LANG,
            JSON,
        ),
        examples=("etalon model record --commands 10000 --seed 1 --out journal.jsonl",),
        notes=("journal_digest",),
    ),
    Command(
        words=("model", "replay"),
        module="model_command",
        parameters=(Parameter(name="journal", metavar="FILE"), LANG, JSON),
        examples=("etalon model replay journal.jsonl",),
        notes=("journal_codes",),
    ),
    Command(
        words=("model", "vectors"),
        module="model_command",
        parameters=(Parameter(name="--out", metavar="DIR", default="vectors"), _SEED, LANG),
        examples=("etalon model vectors --out vectors",),
        notes=("vectors_same", "vectors_open", "vectors_javascript", "vectors_model"),
    ),
)
