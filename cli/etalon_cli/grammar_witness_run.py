"""What `etalon conformance run` takes with `--role client`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import Parameter

PROFILES: Final = ("agenda", "app", "citizen", "hospital", "laboratory", "lps")
"""Names of the profiles of clients; `etalon_conformance` holds what is in them."""

ROLE: Final = Parameter(
    name="--role",
    help="what is tested: a server, or client software before the witness",
    choices=("server", "client"),
    default="server",
)

CLIENT: Final = (
    Parameter(
        name="--profile",
        help="with --role client: what kind of client software it is",
        choices=PROFILES,
    ),
    Parameter(
        name="--driver",
        help="with --role client: command that carries each step out; it reads the step and the "
        "identities as JSON, exits 0 when done and 77 when the client cannot do it",
        metavar="COMMAND",
    ),
    Parameter(
        name="--self-play",
        help="with --role client: a client of ours plays the profile",
        take="switch",
    ),
    Parameter(
        name="--impostor",
        help="with --role client: a client of ours known to be wrong, or to differ, plays it; "
        "a finding counts as a failure then",
        metavar="NAME",
    ),
    Parameter(
        name="--kit",
        help="with --role client: directory that `etalon witness setup` wrote (names, port, TLS)",
        metavar="DIR",
    ),
    Parameter(
        name="--host",
        help="with --role client: interface to listen on",
        metavar="ADDRESS",
        default="127.0.0.1, or that of the kit",
    ),
    Parameter(
        name="--port",
        help="with --role client: port to listen on, 0 for one that is free",
        metavar="PORT",
        default="0, or that of the kit",
    ),
    Parameter(
        name="--smtp-port",
        help="with --role client: port on which mail is taken, 0 for one that is free; profiles "
        "laboratory and hospital",
        metavar="PORT",
        default="0",
    ),
    Parameter(
        name="--redirect-uri",
        help="with --role client: where the client is sent back to after a login",
        metavar="URL",
        take="each",
    ),
    Parameter(
        name="--step-time",
        help="with --role client: how long a step may take, such as 30s, 15m or 1h",
        metavar="TIME",
        default="15m",
    ),
    Parameter(
        name="--resume",
        help="with --role client: take up the session that --out holds, which was stopped",
        take="switch",
    ),
)

CLIENT_NOTE: Final = (
    "With --role client the reference server runs behind a recorder and the steps of the profile "
    "are told one by one: on the terminal (Enter: done, s: skip, q: stop) and on a page of the "
    "witness. Each request is judged against the wire tables and the model; the witness misbehaves "
    "on purpose. The directory holds session.json, events.ndjson, the exchanges and the same "
    "report as for a server. What belongs to one role is refused with the other."
)
