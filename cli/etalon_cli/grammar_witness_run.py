"""What `etalon conformance run` takes with `--role client`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import Parameter

PROFILES: Final = ("agenda", "app", "citizen", "hospital", "laboratory", "lps")
"""Names of the profiles of clients; `etalon_conformance` holds what is in them."""

ROLE: Final = Parameter(name="--role", choices=("server", "client"), default="server")

CLIENT: Final = (
    Parameter(name="--profile", choices=PROFILES),
    Parameter(name="--driver", metavar="COMMAND"),
    Parameter(name="--self-play", take="switch"),
    Parameter(name="--impostor", metavar="NAME"),
    Parameter(name="--kit", metavar="DIR"),
    Parameter(name="--host", metavar="ADDRESS", otherwise="kit_host"),
    Parameter(name="--port", metavar="PORT", otherwise="kit_or_free_port"),
    Parameter(name="--smtp-port", metavar="PORT", default="0"),
    Parameter(name="--redirect-uri", metavar="URL", take="each"),
    Parameter(name="--step-time", metavar="TIME", default="15m"),
    Parameter(name="--resume", take="switch"),
)
