"""`etalon doctor`: what is installed, what is missing and what that prevents."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.options import cores
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from etalon_text.language import Language

PYTHONS: Final = ((3, 11), (3, 12), (3, 13))
NEEDED_BY: Final[Mapping[str, str]] = {
    "duckdb": "simulate",
    "jinja2": "report",
    "matplotlib": "report",
    "numpy": "simulate",
    "pydantic": "scenarios",
    "python-docx": "note",
    "simpy": "simulate",
    "tzdata": "simulate",
    "xlsxwriter": "report",
}
"""Library -> the first command that needs it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        name: A library, `python` or `etalon`.
        found: Its version, or None.
        good: Whether it will do.
        prevents: The command that does not work without it, or an empty text.
    """

    name: str
    found: str | None
    good: bool
    prevents: str


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out: 0 when nothing is missing, 3 otherwise."""
    findings = [_python(), *(_library(name) for name in NEEDED_BY)]
    good = all(finding.good for finding in findings)
    if options.json:
        print_json(
            {
                "ready": good,
                "etalon_version": installed_version(),
                "system": platform.platform(),
                "cores": cores(),
                "findings": [_as_json(finding) for finding in findings],
            }
        )
    else:
        system = [installed_version(), platform.platform()]
        print_columns(
            [
                ["etalon", *system],
                ["cores", str(cores()), ""],
                *([f.name, f.found or "-", _verdict(f, language)] for f in findings),
            ]
        )
    say(text("doctor.ready" if good else "doctor.not_ready", language))
    return ExitCode.DONE if good else ExitCode.NO_ANSWER


def libraries_required() -> set[str]:
    """Name the libraries that the distribution itself declares, extras apart."""
    declared = requires("mes-etalon") or []
    bare = (line for line in declared if "extra ==" not in line)
    return {name[0] for line in bare if (name := re.match(r"[\w.-]+", line))}


def _python() -> Finding:
    found = platform.python_version()
    return Finding("python", found, sys.version_info[:2] in PYTHONS, "")


def _library(name: str) -> Finding:
    try:
        return Finding(name, version(name), good=True, prevents="")
    except PackageNotFoundError:
        return Finding(name, None, good=False, prevents=NEEDED_BY[name])


def _verdict(finding: Finding, language: Language) -> str:
    if finding.good:
        return text("doctor.good", language)
    if finding.found is None:
        return text("doctor.missing", language, command=finding.prevents)
    return text("doctor.python", language, accepted=", ".join(f"{a}.{b}" for a, b in PYTHONS))


def _as_json(finding: Finding) -> dict[str, str | bool | None]:
    return {
        "name": finding.name,
        "version": finding.found,
        "good": finding.good,
        "prevents": finding.prevents,
    }
