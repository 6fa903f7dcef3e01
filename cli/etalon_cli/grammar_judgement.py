"""What may be typed to make keys, to sign, verify and contest a run, and to answer questions."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_conformance import SUITES
from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_KEY_PLACE: Final = "etalon/signing-key.pem in the user's configuration folder"
_LIST_PLACE: Final = "etalon/trusted-signers.toml in the user's configuration folder"

_KEY_NOTE: Final = (
    "The private key can be read by its owner alone (mode 600) and is never written over. "
    "Beside it, FILE with `.pub.toml` holds the public key: give that to those who verify."
)
_TRUST_NOTE: Final = (
    "Compare the fingerprint that is printed with the one its holder tells, by another way "
    "than the one the file came."
)
_SIGN_NOTE: Final = (
    "The signature is written to DIR/signatures/0001.json, then 0002.json: several people may "
    "sign, and each covers the signatures before. From then on `etalon report DIR` draws into "
    "DIR/redrawn, which no signature covers."
)
_QUESTIONS_NOTE: Final = (
    "Only what no check looks at is asked. The file goes to `etalon conformance run "
    "--answers`: yes reads `manual`, no counts as a breach, and what nobody answered waits."
)
_CONTEST_NOTE: Final = (
    "A contest is a file of its own, DIR/contests/0001.json, then 0002.json; it may join a "
    "run that is signed. No verdict, count or exit code changes."
)
_VERIFY_NOTE: Final = (
    "Exit code 0: nothing changed since it was signed, and one signer at least is trusted. "
    "1: something changed, or nobody signed. 3: nothing changed, and every signer is "
    "unknown. What was changed, added or removed is named."
)

_RUN: Final = Parameter(name="run", help="directory of a run", metavar="DIR")
_BY: Final = Parameter(name="--by", help="name of the person; always needed", metavar="NAME")
_KEY: Final = Parameter(
    name="--key", help="private key that signs", metavar="FILE", default=_KEY_PLACE
)
_PASSPHRASE: Final = Parameter(
    name="--passphrase",
    help="where the passphrase of the key is: env:NAME, file:PATH or command:…",
    metavar="WHERE",
    default="none",
)
_TRUSTED: Final = Parameter(
    name="--trusted",
    help="list of the signers that one trusts",
    metavar="FILE",
    default=_LIST_PLACE,
)

KEYS_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("keys", "new"),
        help="make a signing key (Ed25519) and print its holder and its fingerprint",
        module="keys_command",
        parameters=(
            Parameter(
                name="--holder",
                help="whose key it is",
                metavar="NAME",
                default="the name of the account",
            ),
            Parameter(
                name="--out",
                help="file of the private key; never in the directory of a run",
                metavar="FILE",
                default=_KEY_PLACE,
            ),
            _PASSPHRASE,
            LANG,
            JSON,
        ),
        examples=("etalon keys new --holder 'Jeanne Martin, Dossier SA'",),
        notes=(_KEY_NOTE,),
    ),
    Command(
        words=("keys", "trust"),
        help="add signers to the list of those that one trusts",
        module="keys_command",
        parameters=(
            Parameter(
                name="file", help="public key, or list of public keys (.pub.toml)", metavar="FILE"
            ),
            _TRUSTED,
            LANG,
            JSON,
        ),
        examples=("etalon keys trust signing-key.pub.toml",),
        notes=(_TRUST_NOTE,),
    ),
)

SIGN: Final = Command(
    words=("report", "sign"),
    help="sign every file of a run directory",
    module="sign_command",
    parameters=(
        _RUN,
        _BY,
        Parameter(name="--role", help="in what role; always needed", metavar="ROLE"),
        _KEY,
        _PASSPHRASE,
        LANG,
        JSON,
    ),
    examples=("etalon report sign R --by 'Jeanne Martin' --role 'Quality director'",),
    notes=(
        _SIGN_NOTE,
        "A directory that is called `sign` is drawn with `etalon report ./sign`.",
    ),
)

JUDGEMENT_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("conformance", "questions"),
        help="print the questions that a person answers, as a file to fill in",
        module="questions_command",
        parameters=(
            Parameter(
                name="--suite",
                help="of which suite; always needed",
                choices=SUITES,
                packed="PACK:SUITE",
            ),
            Parameter(
                name="--out", help="file to write", metavar="FILE", default="printed on stdout"
            ),
            LANG,
            JSON,
        ),
        examples=("etalon conformance questions --suite records-server --out answers.toml",),
        notes=(_QUESTIONS_NOTE,),
    ),
    Command(
        words=("conformance", "contest"),
        help="say why a verdict should not stand; it stands all the same, beside the contest",
        module="contest_command",
        parameters=(
            Parameter(name="id", help="requirement whose verdict is contested", metavar="ID"),
            _RUN,
            _BY,
            Parameter(name="--reason", help="why; always needed", metavar="TEXT"),
            Parameter(
                name="--key",
                help="private key that signs the contest",
                metavar="FILE",
                default=f"{_KEY_PLACE} when there is one",
            ),
            _PASSPHRASE,
            Parameter(
                name="--unsigned", help="leave the contest unsigned, and marked so", take="switch"
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon conformance contest REC-04 R --by 'Paul Roux' --reason 'Lenient recipient'",
        ),
        notes=(_CONTEST_NOTE,),
    ),
    Command(
        words=("conformance", "verify"),
        help="say whether a run is what was signed, and by whom",
        module="verify_command",
        parameters=(_RUN, _TRUSTED, LANG, JSON),
        examples=("etalon conformance verify R",),
        notes=(_VERIFY_NOTE,),
    ),
)
