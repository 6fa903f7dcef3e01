"""Packs: what other distributions bring, found by their entry points and named `PACK:NAME`.

A pack is a distribution that declares an entry point in one of the groups of `Kind`. The name of
the entry point is that of the pack; its value is a package whose folder holds files, or for
journeys the object that makes them. A pack that breaks its contract is refused when it is asked
for, and harms no other.

Source: PyPA, Entry points specification.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

BETWEEN: Final = ":"
"""Between the name of a pack and what is meant of it."""


class Kind(StrEnum):
    """What a pack brings; the value is the group of its entry points."""

    SCENARIOS = "mes_etalon.scenarios"
    SUITES = "mes_etalon.suites"
    REQUIREMENT_SETS = "mes_etalon.requirement_sets"
    JOURNEYS = "mes_etalon.journeys"


class PackError(ValueError):
    """A pack cannot be used.

    Attributes:
        pack: Its name.
        problem: What was found in place of a pack that can be used.
    """

    def __init__(self, pack: str, problem: str) -> None:
        """Keep both."""
        self.pack = pack
        self.problem = problem
        super().__init__(pack, problem)

    def __str__(self) -> str:
        """The one-line message."""
        return f"pack {self.pack}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Pack:
    """What one distribution brings of one kind.

    Attributes:
        name: Of the entry point, as typed before the colon.
        kind: What it brings.
        distribution: Name and version of the distribution, `name 1.0`.
        point: Where it is.
    """

    name: str
    kind: Kind
    distribution: str
    point: EntryPoint


@cache
def packs(kind: Kind) -> tuple[Pack, ...]:
    """Return the packs that are installed, by name; one that is there twice is left in twice."""
    found = [Pack(point.name, kind, _origin(point), point) for point in entry_points(group=kind)]
    return tuple(sorted(found, key=lambda one: (one.name, one.distribution)))


def _origin(point: EntryPoint) -> str:
    held = point.dist
    return "" if held is None else f"{held.name} {held.version}"


def pack_named(kind: Kind, name: str) -> Pack:
    """Return a pack.

    Raises:
        PackError: None that brings such things has this name, or several have.
    """
    found = [one for one in packs(kind) if one.name == name]
    if not found:
        known = ", ".join(pack_names(kind)) or "none"
        raise PackError(name, f"no pack of this name that declares {kind} (installed: {known})")
    if len(found) > 1:
        both = " and ".join(one.distribution for one in found)
        raise PackError(name, f"several packs of this name: {both}")
    return found[0]


def pack_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the packs that are installed, each once."""
    return tuple(dict.fromkeys(one.name for one in packs(kind)))


def folder_of(pack: Pack) -> Path:
    """Return the folder of the files that a pack brings.

    Raises:
        PackError: Its package cannot be imported, or is no folder on the disk.
    """
    try:
        folder = resources.files(pack.point.module)
    except Exception as error:
        # A pack is somebody else's program: whatever it raises is its own fault.
        problem = f"a package that cannot be imported, {pack.point.module} ({error})"
        raise PackError(pack.name, problem) from error
    if not isinstance(folder, Path):
        problem = f"a package that is no single folder on the disk, {pack.point.module}"
        raise PackError(pack.name, problem)
    return folder


def object_of(pack: Pack) -> object:
    """Return the object that a pack brings.

    Raises:
        PackError: It cannot be imported.
    """
    try:
        brought: object = pack.point.load()
    except Exception as error:
        problem = f"an object that cannot be loaded, {pack.point.value} ({error})"
        raise PackError(pack.name, problem) from error
    return brought


def parted(named: str) -> tuple[str, str] | None:
    """Return the pack and what is meant of it, of `PACK:NAME`; None for a name without a pack."""
    pack, between, name = named.partition(BETWEEN)
    return (pack, name) if between else None
