"""The commands of the group `etalon witness`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import PROFILES

_SETUP_NOTE: Final = (
    "DIR holds `kit.toml`, `certificates/` (PEM, and PKCS#12 under the password `etalon`), "
    "`identities.csv`, `documents/`, and the sheets to be printed: `sheets.pdf` (extra `pdf`), and "
    "`sheets.html` in any case. The key of the authority is written nowhere, and it may sign for "
    "these names alone: who trusts it trusts nothing else."
)
_PING_NOTE: Final = (
    "Each line says one thing: the name, the port, TLS, the client certificate, the login, the "
    "first call; what does not work says what to do, and what needs it is not tried. Run it on the "
    "machine of the client. Exit code 0: all work. 1: one does not."
)

_WATCH_NOTE: Final = (
    "The client is given the printed address for that of the server; addresses in what either says "
    "are written anew, documents are not. Ctrl-C ends the watch, and both sides are judged: DIR "
    "holds `verdicts.json`, the report in both languages, `exchanges.ndjson` (secrets included, "
    "for its owner alone) and `exchanges-redacted.ndjson`, as after any run, and can be signed "
    "like one."
)
_WATCH_CODES: Final = (
    "Exit code 1: a requirement failed on either side. 3: nothing went by, or nothing could be "
    "concluded on a side. 2: something asked for cannot be had. 0 otherwise."
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
    Command(
        words=("conformance", "watch"),
        help="stand between a client and a server that are not ours, and judge both",
        module="witness_watch_command",
        parameters=(
            Parameter(
                name="--upstream",
                help="FHIR base of the server behind, such as https://dmp.example.org/fhir",
                metavar="URL",
            ),
            Parameter(
                name="--out",
                help="directory of what goes by; it must be empty or not exist",
                metavar="DIR",
            ),
            Parameter(
                name="--kit",
                help="directory that `etalon witness setup` wrote: its names, port and TLS",
                metavar="KIT",
                default="plain HTTP",
            ),
            Parameter(
                name="--host",
                help="address to listen on",
                metavar="HOST",
                default="127.0.0.1, or that of the kit",
            ),
            Parameter(
                name="--port",
                help="port to listen on, between 0 and 65535; 0 takes a free one",
                metavar="PORT",
                default="8081, or that of the kit",
            ),
            Parameter(
                name="--seconds",
                help="how long to watch",
                metavar="S",
                default="until Ctrl-C",
            ),
            Parameter(
                name="--ca-bundle",
                help="authorities to trust behind (PEM)",
                metavar="FILE",
                default="those of the system",
            ),
            Parameter(
                name="--client-certificate",
                help="client certificate to show behind, with its key (PEM)",
                metavar="FILE",
                default="none",
            ),
            Parameter(name="--findings-fail", help="exit with 1 for a finding too", take="switch"),
            LANG,
            JSON,
        ),
        examples=("etalon conformance watch --upstream http://127.0.0.1:8080/fhir --out W",),
        notes=(_WATCH_NOTE, _WATCH_CODES),
    ),
)
