"""The commands of the group `etalon witness`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import PROFILES

_SETUP_NOTE: Final = (
    "DIR holds `kit.toml`, `certificates/` (PEM, and PKCS#12 under the password `etalon`), "
    "`identities.csv`, `documents/` and `sheets.html`, to be printed. The key of the authority is "
    "written nowhere, and it may sign for these names alone: who trusts it trusts nothing else."
)
_PING_NOTE: Final = (
    "Each line says one thing: the name, the port, TLS, the client certificate, the login, the "
    "first call; what does not work says what to do, and what needs it is not tried. Run it on the "
    "machine of the client. Exit code 0: all work. 1: one does not."
)

KIT: Final = Parameter(
    name="kit", help="directory that `etalon witness setup` wrote", metavar="KIT"
)

WITNESS_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("witness", "setup"),
        help="make what connects a client: certificates, names, test identities, documents",
        module="witness_setup_command",
        parameters=(
            Parameter(
                name="folder",
                help="directory of the kit; it must be empty or not exist",
                metavar="DIR",
            ),
            Parameter(
                name="--name",
                help="host name or IP address under which the client looks for the service",
                metavar="HOST",
                take="each",
                default="localhost",
            ),
            Parameter(
                name="--address",
                help="IP address of this machine, as the machine of the client reaches it",
                metavar="IP",
                default="127.0.0.1",
            ),
            Parameter(
                name="--port",
                help="port of the witness, between 1 and 65535",
                metavar="PORT",
                default="8443",
            ),
            Parameter(
                name="--profile",
                help="what kind of client software it is: that says who the test people are",
                choices=PROFILES,
                default="lps",
            ),
            Parameter(
                name="--seed",
                help="seed of test people, between 0 and 18446744073709551615",
                metavar="SEED",
                default="1",
            ),
            LANG,
            JSON,
        ),
        examples=(
            "etalon witness setup kit",
            "etalon witness setup kit --name dmp.test --name psc.test --address 192.0.2.7",
        ),
        notes=(_SETUP_NOTE,),
    ),
    Command(
        words=("witness", "ping"),
        help="say which of name, port, TLS, client certificate, login and first call works",
        module="witness_ping_command",
        parameters=(
            KIT,
            Parameter(
                name="--seconds",
                help="how long each may take, between 1 and 60",
                metavar="S",
                default="5",
            ),
            LANG,
            JSON,
        ),
        examples=("etalon witness ping kit",),
        notes=(_PING_NOTE,),
    ),
)
