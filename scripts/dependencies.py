"""What the lock pins, what each package comes with, and under which licence it stands.

The lock holds every platform; metadata are those of the packages installed here.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import PackageMetadata

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
BASE: Final = "base"
DEVELOPMENT: Final = "development"
PLACES: Final = tuple(
    {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_system": system,
        "os_name": "nt" if platform == "win32" else "posix",
    }
    for python in ("3.11", "3.12", "3.13")
    for platform, system in (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin"))
)
"""Systems and Pythons that we name, as markers of requirements see them."""
_PIN: Final = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
_SHORT: Final = 80
_CLASSIFIER: Final = "License :: "
_VAGUE: Final = {"OSI Approved", "DFSG approved"}


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the lock.

    Attributes:
        name: Its normalised name.
        versions: Those pinned: more than one where platforms or Pythons differ.
        comes_with: `base`, names of extras, or `development` alone, sorted.
        licence: As its metadata say; None where it is not installed here.
    """

    name: str
    versions: tuple[str, ...]
    comes_with: tuple[str, ...]
    licence: str | None


def packages() -> list[Package]:
    """Return every package of the lock, by name."""
    pins: dict[str, list[str]] = {}
    for name, version in _PIN.findall(LOCK.read_text(encoding="utf-8")):
        pins.setdefault(canonicalize_name(name), []).append(version)
    origins = _origins()
    return [
        Package(
            name,
            tuple(dict.fromkeys(versions)),
            tuple(sorted(origins.get(name, {DEVELOPMENT}))),
            licence_here(name),
        )
        for name, versions in sorted(pins.items())
    ]


def licence_here(name: str) -> str | None:
    """Return the licence that an installed package declares, None when it is not installed."""
    try:
        declared = metadata(name)
    except PackageNotFoundError:
        return None
    return licence_of(declared)


def licence_of(declared: PackageMetadata) -> str:
    """Return a licence: the expression, else the classifiers, else the name that was written."""
    if expression := _first(declared, "License-Expression"):
        return expression
    classified = [
        part
        for line in declared.get_all("Classifier") or []
        if str(line).startswith(_CLASSIFIER)
        and (part := str(line).rpartition(" :: ")[2]) not in _VAGUE
    ]
    if classified:
        return " or ".join(classified)
    written = _first(declared, "License").strip()
    if written and len(written) <= _SHORT and "\n" not in written:
        return written
    files = [str(file) for file in declared.get_all("License-File") or []]
    return f"in its file {files[0]}" if files else "not declared"


def _first(declared: PackageMetadata, field: str) -> str:
    return next((str(line) for line in declared.get_all(field) or []), "")


def declared_extras() -> dict[str, list[str]]:
    """Return what a user may install, as pyproject.toml writes it: `base`, then each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {BASE: project["dependencies"], **project["optional-dependencies"]}


def _origins() -> dict[str, set[str]]:
    """Tell for each package what brings it to a user, as far as packages here say."""
    found: dict[str, set[str]] = {}
    for origin, lines in declared_extras().items():
        for name in closure(lines):
            found.setdefault(name, set()).add(origin)
    return found


def closure(lines: Iterable[str]) -> set[str]:
    """Return the names of the packages that requirements bring, those that they bring included."""
    ahead = [(Requirement(line), "") for line in lines]
    seen: set[tuple[str, str]] = set()
    while ahead:
        wanted, extra = ahead.pop()
        if not _wanted_somewhere(wanted, extra):
            continue
        for asked in ("", *sorted(wanted.extras)):
            place = (canonicalize_name(wanted.name), asked)
            if place not in seen:
                seen.add(place)
                ahead += [(one, asked) for one in _required(wanted.name)]
    return {name for name, _ in seen}


def _wanted_somewhere(wanted: Requirement, extra: str) -> bool:
    """Tell whether any system and Python that we name asks for a requirement."""
    marker = wanted.marker
    return marker is None or any(marker.evaluate({**place, "extra": extra}) for place in PLACES)


def _required(name: str) -> Iterator[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    yield from map(Requirement, lines)
