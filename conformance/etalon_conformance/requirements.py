"""The requirements: what a system must do, who says so, and what a breach of it is worth.

Two families make the catalogue. The rules of the service stand in the tables of `etalon_model`;
this package adds the level and the actor of each. The assertions on the wire, `W-…`, stand in
`data/wire_assertions.csv`, with their sources in `data/wire_sources.csv`.

A requirement is evidence against somebody else's system only under the conditions of `can_fail`.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from etalon_conformance.catalogue import current_requirements
from etalon_conformance.frozen_sets import frozen_names, frozen_requirements
from etalon_conformance.requirement import (
    Actor,
    Level,
    Requirement,
    Source,
    Standing,
    Wire,
    Words,
    can_fail,
    digest,
)

__all__ = [
    "CURRENT",
    "Actor",
    "Level",
    "Requirement",
    "Source",
    "Standing",
    "UnknownSetError",
    "Wire",
    "Words",
    "can_fail",
    "digest",
    "requirement_set",
    "set_names",
]

CURRENT: Final = "current"
"""The name of the set that the tables give; every other one is frozen in `data/sets`."""


class UnknownSetError(LookupError):
    """No set of requirements has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        """Name it, and those there are."""
        super().__init__(f"no set of requirements {name!r}; there are {', '.join(known)}")
        self.name = name
        self.known = known


@cache
def requirement_set(version: str = CURRENT) -> Mapping[str, Requirement]:
    """Return the requirements of a set by identifier: rules first, then assertions on the wire.

    Raises:
        UnknownSetError: No set has this name.
    """
    if version not in set_names():
        raise UnknownSetError(version, set_names())
    found = current_requirements() if version == CURRENT else frozen_requirements(version)
    return MappingProxyType({one.ident: one for one in found})


def set_names() -> tuple[str, ...]:
    """Return the names of the sets: the frozen ones, oldest first, and then `current`."""
    return (*frozen_names(), CURRENT)
