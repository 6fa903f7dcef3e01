"""The commands of the group `etalon witness`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter
from etalon_cli.grammar_witness_run import PROFILES

KIT: Final = Parameter(name="kit", metavar="KIT")

WITNESS_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        words=("witness", "setup"),
        module="witness_setup_command",
        parameters=(
            Parameter(name="folder", metavar="DIR"),
            Parameter(name="--name", metavar="HOST", take="each", default="localhost"),
            Parameter(name="--address", metavar="IP", default="127.0.0.1"),
            Parameter(name="--port", metavar="PORT", default="8443"),
            Parameter(name="--profile", choices=PROFILES, default="lps"),
            Parameter(name="--seed", metavar="SEED", default="1"),
            LANG,
            JSON,
        ),
        examples=(
            "etalon witness setup kit",
            "etalon witness setup kit --name dmp.test --name psc.test --address 192.0.2.7",
        ),
        notes=("kit_files",),
    ),
    Command(
        words=("witness", "ping"),
        module="witness_ping_command",
        parameters=(KIT, Parameter(name="--seconds", metavar="S", default="5"), LANG, JSON),
        examples=("etalon witness ping kit",),
        notes=("ping_lines",),
    ),
    Command(
        words=("conformance", "watch"),
        module="witness_watch_command",
        parameters=(
            Parameter(name="--upstream", metavar="URL"),
            Parameter(name="--out", metavar="DIR"),
            Parameter(name="--kit", metavar="KIT", otherwise="plain_http"),
            Parameter(name="--host", metavar="HOST", otherwise="kit_host"),
            Parameter(name="--port", metavar="PORT", otherwise="kit_or_usual_port"),
            Parameter(name="--seconds", metavar="S", otherwise="until_stopped"),
            Parameter(name="--ca-bundle", metavar="FILE", otherwise="system_authorities"),
            Parameter(name="--client-certificate", metavar="FILE", otherwise="no_certificate"),
            Parameter(name="--findings-fail", take="switch"),
            LANG,
            JSON,
        ),
        examples=("etalon conformance watch --upstream http://127.0.0.1:8080/fhir --out W",),
        notes=("watch_files", "watch_codes"),
    ),
)
