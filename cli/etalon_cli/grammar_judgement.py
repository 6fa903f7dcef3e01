"""What may be typed to make keys, to sign, verify and contest a run, and to answer questions."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance import SUITES
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_RUN: Final = Parameter(name="run", metavar="DIR")
_BY: Final = Parameter(name="--by", metavar="NAME")
_KEY: Final = Parameter(name="--key", metavar="FILE", otherwise="key_place")
_PASSPHRASE: Final = Parameter(name="--passphrase", metavar="WHERE", otherwise="no_passphrase")
_TRUSTED: Final = Parameter(name="--trusted", metavar="FILE", otherwise="signers_place")

KEYS_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("keys", "new"),
        module="keys_command",
        parameters=(
            Parameter(name="--holder", metavar="NAME", otherwise="account_name"),
            Parameter(name="--out", metavar="FILE", otherwise="key_place"),
            _PASSPHRASE,
            LANG,
            JSON,
        ),
        examples=("etalon keys new --holder 'Jeanne Martin, Dossier SA'",),
        notes=("private_key",),
    ),
    Command(
        words=("keys", "trust"),
        module="keys_command",
        parameters=(Parameter(name="file", metavar="FILE"), _TRUSTED, LANG, JSON),
        examples=("etalon keys trust signing-key.pub.toml",),
        notes=("fingerprints",),
    ),
)

SIGN: Final = Command(
    words=("report", "sign"),
    module="sign_command",
    parameters=(_RUN, _BY, Parameter(name="--role", metavar="ROLE"), _KEY, _PASSPHRASE, LANG, JSON),
    examples=("etalon report sign R --by 'Jeanne Martin' --role 'Quality director'",),
    notes=("signatures", "called_sign"),
)

JUDGEMENT_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "questions"),
        module="questions_command",
        parameters=(
            Parameter(name="--suite", choices=SUITES, packed="PACK:SUITE"),
            Parameter(name="--out", metavar="FILE", otherwise="printed"),
            LANG,
            JSON,
        ),
        examples=("etalon conformance questions --suite records-server --out answers.toml",),
        notes=("questions",),
    ),
    Command(
        words=("conformance", "contest"),
        module="contest_command",
        parameters=(
            Parameter(name="id", metavar="ID"),
            _RUN,
            _BY,
            Parameter(name="--reason", metavar="TEXT"),
            Parameter(name="--key", metavar="FILE", otherwise="key_place_if_any"),
            _PASSPHRASE,
            Parameter(name="--unsigned", take="switch"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance contest REC-04 R --by 'Paul Roux' --reason 'Lenient recipient'",
        ),
        notes=("contests",),
    ),
    Command(
        words=("conformance", "verify"),
        module="verify_command",
        parameters=(_RUN, _TRUSTED, LANG, JSON),
        examples=("etalon conformance verify R",),
        notes=("verify_codes",),
    ),
)
