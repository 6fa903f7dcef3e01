"""The commands of the group `etalon model`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_SEED: Final = Parameter(
    name="--seed",
    help="seed of the walk, between 0 and 18446744073709551615",
    metavar="SEED",
    default="1",
)

MODEL_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("model", "rules"),
        help="list every rule with its standing, the functions that enforce it and its tests",
        module="model_command",
        parameters=(LANG, JSON),
        examples=("etalon model rules --lang fr",),
        notes=(
            "French texts are marked `reformulation, non opposable`: they oblige nobody.",
            "A link or a date that nobody of this project has is null in JSON, never guessed.",
        ),
    ),
    Command(
        words=("model", "policies"),
        help="list the contradictions and gaps of the texts, and what the model does about each",
        module="model_command",
        parameters=(LANG, JSON),
        examples=("etalon model policies",),
    ),
    Command(
        words=("model", "state-diagram"),
        help="write the life cycle of a space as life-cycle.svg and life-cycle.mmd (Mermaid)",
        module="model_command",
        parameters=(
            Parameter(
                name="--out",
                help="directory of the two files",
                metavar="DIR",
                default="the current directory",
            ),
            LANG,
        ),
        examples=("etalon model state-diagram --out pictures",),
    ),
    Command(
        words=("model", "record"),
        help="walk through a service at random and write the journal of the accepted commands",
        module="model_command",
        parameters=(
            Parameter(
                name="--commands",
                help="accepted commands in the journal; a household that moves in may add a few",
                metavar="N",
                default="10000",
            ),
            _SEED,
            Parameter(
                name="--out", help="file of the journal", metavar="FILE", default="journal.jsonl"
            ),
            LANG,
            JSON,
        ),
        examples=("etalon model record --commands 10000 --seed 1 --out journal.jsonl",),
        notes=("The last line of the journal holds the digest of the state that it leads to.",),
    ),
    Command(
        words=("model", "replay"),
        help="carry a journal out again and compare the digest of the state with the recorded one",
        module="model_command",
        parameters=(
            Parameter(name="journal", help="file of the journal", metavar="FILE"),
            LANG,
            JSON,
        ),
        examples=("etalon model replay journal.jsonl",),
        notes=("Exit code 0: same digest. 1: another. 3: no whole journal of this version.",),
    ),
    Command(
        words=("model", "vectors"),
        help="write test vectors for programs in any language, as JSON with its schema",
        module="model_command",
        parameters=(
            Parameter(
                name="--out",
                help="directory of the files; it must be empty or not exist",
                metavar="DIR",
                default="vectors",
            ),
            _SEED,
            LANG,
        ),
        examples=("etalon model vectors --out vectors",),
        notes=(
            "The same seed gives the same bytes; what the vectors show is counted at the end.",
            "Each says what another answer to an open question would change.",
            "`docs/vectors/runner.mjs` checks in JavaScript those that need no service.",
            "`scripts/run_vectors.py` checks all of them against the model.",
        ),
    ),
)
