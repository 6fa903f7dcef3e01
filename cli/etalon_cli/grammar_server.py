"""The command `etalon serve`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

SERVE: Final = Command(
    words=("serve",),
    module="serve_command",
    parameters=(
        Parameter(name="--host", metavar="HOST", default="127.0.0.1"),
        Parameter(name="--port", metavar="PORT", default="8080"),
        Parameter(name="--public-address", metavar="URL", otherwise="address_used"),
        Parameter(name="--data", metavar="DIR", otherwise="memory_only"),
        Parameter(name="--vintage", metavar="NAME", default="steady-2023"),
        Parameter(name="--seed", metavar="SEED", default="1"),
        Parameter(name="--clock", choices=("real", "manual"), otherwise="clock"),
        Parameter(name="--people", metavar="N", default="0"),
        Parameter(name="--sandbox", take="switch"),
        Parameter(name="--impostor", metavar="NAME"),
        Parameter(name="--until-stdin-closes", take="switch"),
        Parameter(name="--force", take="switch"),
        Parameter(name="--audit", choices=("prompt", "strict"), default="prompt"),
        Parameter(
            name="--mode", choices=("pdsm-strict", "pdsm4dmp", "lenient"), default="pdsm-strict"
        ),
        Parameter(name="--ig", metavar="FILE", otherwise="own_profiles"),
        Parameter(name="--cda-kit", metavar="DIR", otherwise="header_only"),
        Parameter(name="--tls-cert", metavar="FILE"),
        Parameter(name="--tls-key", metavar="FILE"),
        Parameter(name="--client-ca", metavar="FILE"),
        Parameter(name="--smtp-port", metavar="PORT", otherwise="no_mail"),
        Parameter(name="--maildir", metavar="DIR", otherwise="maildir"),
        Parameter(name="--relay", metavar="HOST:PORT", otherwise="no_relay"),
        Parameter(name="--allow-real-domains", take="switch"),
        LANG,
        JSON,
    ),
    examples=(
        "etalon serve --sandbox",
        "etalon serve --sandbox --smtp-port 2525",
        "etalon serve --sandbox --clock manual --vintage launch-2022 --people 100",
        "etalon serve --data server-data --audit strict",
        "etalon serve --sandbox --impostor masked-found",
    ),
    notes=(
        "serve_ready",
        "serve_stops",
        "serve_sandbox",
        "serve_mail",
        "serve_impostor",
        "serve_codes",
    ),
)
