"""Runs the scripts of counterexamples again, and says of each whether the defect still shows."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from etalon_conformance.evidence.counterexamples import FOLDER, SCRIPT, TEST
from etalon_target.programs import ProgramError, run_program
from etalon_text.language import Language

_SECONDS: Final = 600.0
_MOST: Final = 1024 * 1024
_DEFECT: Final = 1
_KEPT: Final = 0


class Shown(StrEnum):
    """What a replay came to."""

    DEFECT = "defect"
    KEPT = "kept"
    UNKNOWN = "unknown"
    """Nothing can be said: no server, or another call went wrong before."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One counterexample, run again.

    Attributes:
        name: Its name, that of its folder.
        shown: What it came to.
        said: What the script said.
    """

    name: str
    shown: Shown
    said: str


def counterexamples_in(directory: Path) -> tuple[Path, ...]:
    """Return the folders of counterexamples: the one given, or those of the run given, by name."""
    if (directory / SCRIPT).is_file():
        return (directory,)
    inside = directory if directory.name == FOLDER else directory / FOLDER
    return tuple(sorted(one.parent for one in inside.glob(f"*/{SCRIPT}")))


def replayed(
    folders: tuple[Path, ...],
    address: str = "",
    language: Language = "en",
    certificates: Mapping[str, str] | None = None,
) -> Iterator[Replay]:
    """Run counterexamples one after the other.

    Args:
        folders: Their folders.
        address: FHIR base of the server; empty for that of the run.
        language: In which scripts speak.
        certificates: What scripts have to know of TLS, as variables of the environment.
    """
    environment: dict[str, str] = {"ETALON_LANG": language, **(certificates or {})}
    if address:
        environment["ETALON_TARGET"] = address
    for folder in folders:
        yield _one(folder, environment)


def _one(folder: Path, environment: Mapping[str, str]) -> Replay:
    folder = folder.resolve()
    line = [sys.executable, str(folder / TEST)]
    if shutil.which("sh") and shutil.which("curl"):
        line = ["sh", str(folder / SCRIPT)]
    try:
        ran = run_program(line, folder, _SECONDS, _MOST, environment)
    except ProgramError as error:
        return Replay(folder.name, Shown.UNKNOWN, str(error))
    said = f"{ran.output.decode('utf-8', 'replace')}\n{ran.errors}".strip()
    shown = {_DEFECT: Shown.DEFECT, _KEPT: Shown.KEPT}.get(ran.code, Shown.UNKNOWN)
    return Replay(folder.name, shown, said)
