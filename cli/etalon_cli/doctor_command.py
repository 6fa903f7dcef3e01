"""`etalon doctor`: what is installed, what is missing and what that costs the user."""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.installed_parts import PYTHONS, extra_parts, required_parts
from etalon_cli.machine_parts import machine_parts
from etalon_cli.options import cores
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_cli.installed_parts import Finding
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_GIGABYTES: Final = re.compile(r"(\d+)\.(\d) GB")


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out: 3 when a thing that every command needs is missing, else 0."""
    findings = [*required_parts(), *extra_parts(), *machine_parts()]
    ready = all(finding.good for finding in findings if finding.kind == "required")
    lacking = sum(finding.good is False for finding in findings)
    if options.json:
        print_json(
            {
                "ready": ready,
                "etalon_version": installed_version(),
                "system": platform.platform(),
                "cores": cores(),
                "findings": [_as_json(finding, language) for finding in findings],
            }
        )
    else:
        _print(findings, language)
    told = "not_ready" if not ready else "lacking" if lacking else "ready"
    say(text(f"doctor.{told}", language, count=lacking))
    return ExitCode.DONE if ready else ExitCode.NO_ANSWER


def _print(findings: list[Finding], language: Language) -> None:
    many = [text("doctor.name.cores", language), str(cores()), ""]
    print_columns([["etalon", installed_version(), platform.platform()], many])
    for kind in ("required", "extra", "machine"):
        print_result(f"\n{text(f'doctor.heading.{kind}', language)}")
        print_columns(
            [
                [_name(finding, language), _shown(finding, language), _verdict(finding, language)]
                for finding in findings
                if finding.kind == kind
            ]
        )


def _name(finding: Finding, language: Language) -> str:
    if finding.kind != "machine":
        return finding.name
    return text(f"doctor.name.{finding.name}", language)


def _shown(finding: Finding, language: Language) -> str:
    """Give what was found; the many versions of an extra are for `--json`."""
    found = "" if finding.kind == "extra" else finding.found or "-"
    return _GIGABYTES.sub(r"\1,\2 Go", found) if language == "fr" else found


def _verdict(finding: Finding, language: Language) -> str:
    if finding.good is None:
        return text("doctor.unknown", language)
    if finding.good:
        return text("doctor.good", language)
    cost = _cost(finding, language)
    if finding.kind == "extra":
        lacking = ", ".join(finding.missing)
        return text("doctor.extra", language, missing=lacking, cost=cost, extra=finding.name)
    return cost


def _cost(finding: Finding, language: Language) -> str:
    """Say what the user cannot do, or gets in a worse way, without it."""
    if finding.kind != "required":
        return text(f"doctor.cost.{finding.kind}.{finding.name}", language)
    if finding.found is None:
        return text("doctor.missing", language, command=finding.prevents)
    return text("doctor.python", language, accepted=", ".join(f"{a}.{b}" for a, b in PYTHONS))


def _as_json(finding: Finding, language: Language) -> Json:
    return {
        "name": finding.name,
        "kind": finding.kind,
        "version": finding.found,
        "good": finding.good,
        "missing": list(finding.missing),
        "prevents": finding.prevents,
        "cost": _cost(finding, language) if finding.good is False else "",
    }
