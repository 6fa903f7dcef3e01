"""What is installed of what the distribution declares: libraries it requires, and extras."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["required", "extra", "machine"]
DISTRIBUTION: Final = "mes-etalon"
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

_NAME: Final = re.compile(r"[\w.-]+")
_EXTRA: Final = re.compile(r"extra == ['\"]([\w.-]+)['\"]")
_NOT_ON_WINDOWS: Final = re.compile(r"sys_platform != ['\"]win32['\"]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        name: A library, an extra or a part of the machine.
        kind: Whether every command needs it, an extra brings it, or the machine has it.
        found: Its version or amount, None where there is none.
        good: Whether it will do; None where this system does not say.
        missing: For an extra, its libraries that are not installed.
    """

    name: str
    kind: Kind
    found: str | None
    good: bool | None
    missing: tuple[str, ...] = ()

    @property
    def prevents(self) -> str:
        """The first command that does not work without it, or an empty text."""
        return NEEDED_BY.get(self.name, "") if self.kind == "required" else ""


def required_parts() -> list[Finding]:
    """Look for Python and for the libraries without which no command works."""
    accepted = sys.version_info[:2] in PYTHONS
    python = Finding("python", "required", platform.python_version(), accepted)
    return [python, *(_library(name) for name in NEEDED_BY)]


def extra_parts() -> list[Finding]:
    """Look for the libraries of each extra: installed, incomplete or left out."""
    return [_extra(name, libraries) for name, libraries in sorted(libraries_of_extras().items())]


def libraries_required() -> set[str]:
    """Name the libraries that the distribution itself declares, extras apart."""
    return {name for name, extra in _declared() if extra is None}


def libraries_of_extras() -> dict[str, tuple[str, ...]]:
    """Name the libraries that each extra brings on this system.

    Raises:
        PackageNotFoundError: The distribution is not installed.
    """
    named: list[str] = metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    brought = list(_declared())
    return {extra: tuple(name for name, of in brought if of == extra) for extra in named}


def extra_bringing(module: str | None) -> str | None:
    """Name the first extra that brings a module which is not installed, None when none does."""
    top = (module or "").partition(".")[0].lower()
    brought = libraries_of_extras().items()
    found = (name for name, libraries in brought for one in libraries if one.lower() == top)
    return next(found, None)


def _declared() -> Iterator[tuple[str, str | None]]:
    """Yield each library declared for this system, with its extra or None."""
    for line in requires(DISTRIBUTION) or []:
        name, extra = _NAME.match(line), _EXTRA.search(line)
        left_out = sys.platform == "win32" and _NOT_ON_WINDOWS.search(line)
        if name is not None and not left_out:
            yield name[0], extra[1] if extra else None


def _library(name: str) -> Finding:
    found = _version(name)
    return Finding(name, "required", found, found is not None)


def _extra(name: str, libraries: tuple[str, ...]) -> Finding:
    versions = {library: _version(library) for library in libraries}
    missing = tuple(library for library, found in versions.items() if found is None)
    told = ", ".join(f"{library} {found}" for library, found in versions.items() if found)
    return Finding(name, "extra", told or None, not missing, missing)


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
