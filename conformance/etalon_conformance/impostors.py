"""Servers known to be wrong, and servers that differ and are right.

`data/impostors.csv` was written from what hurried vendors do, before the checks: each row breaks
one requirement. `data/variants.csv` holds what a text allows, with the clause that does. A row
whose `transform` is empty tells a server that is not made yet, and that is refused by name.
No check reads these names: they are for whoever measures what checks are worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Final

from etalon_conformance.requirement import Standing, Wire, Words, words
from etalon_conformance.tables import rows_of
from etalon_wire.parts import Transform

OF_TRANSPORT: Final = frozenset({"ID-12", "W-SEC-01", "W-SEC-03"})
"""Requirements that only a server behind a socket keeps or breaks, and over TLS alone."""


class UnknownServerError(LookupError):
    """No impostor and no variant has that name.

    Attributes:
        name: The name asked for.
        nearest: The name nearest to it.
    """

    def __init__(self, name: str, nearest: str) -> None:
        super().__init__(name, nearest)
        self.name = name
        self.nearest = nearest


class NotMadeError(LookupError):
    """The table tells that server, and no transform makes it yet.

    Attributes:
        name: Its name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Impostor:
    """A server known to be wrong.

    Attributes:
        name: Its name.
        requirement: Identifier of the requirement that it breaks.
        standing: What that requirement rests on.
        wire: Over which exchange the breach is seen.
        theme: Part of the service that it touches: rights, paging, audit, …
        story: What a hurried vendor did.
        transform: What makes it of the reference, or None while nothing does.
    """

    name: str
    requirement: str
    standing: Standing
    wire: Wire
    theme: str
    story: Words
    transform: Transform | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A server that differs from the reference and is right.

    Attributes:
        name: Its name.
        clause: The text that allows it.
        story: How it differs.
        transform: What makes it of the reference, or None while nothing does.
    """

    name: str
    clause: str
    story: Words
    transform: Transform | None


@cache
def impostors() -> Mapping[str, Impostor]:
    """Return the servers known to be wrong, by name, in the order of their table."""
    return _table("impostors.csv")


@cache
def explored_impostors() -> Mapping[str, Impostor]:
    """Return the servers that were made for no check to catch, by name; exploring finds them."""
    return _table("explored_impostors.csv")


def _table(name: str) -> Mapping[str, Impostor]:
    found = [
        Impostor(
            name=row["name"],
            requirement=row["requirement"],
            standing=Standing(row["standing"]),
            wire=Wire(row["wire"]),
            theme=row["theme"],
            story=words(row["story_fr"], row["story_en"]),
            transform=_made(row),
        )
        for row in rows_of(name)
    ]
    return MappingProxyType({one.name: one for one in found})


@cache
def variants() -> Mapping[str, Variant]:
    """Return the servers that differ and are right, by name, in the order of their table."""
    found = [
        Variant(
            name=row["name"],
            clause=row["clause"],
            story=words(row["story_fr"], row["story_en"]),
            transform=_made(row),
        )
        for row in rows_of("variants.csv")
    ]
    return MappingProxyType({one.name: one for one in found})


def _made(row: Mapping[str, str]) -> Transform | None:
    """Return what a row tells: the transform of that name, with its values (`key=value`)."""
    if not row["transform"]:
        return None
    from etalon_conformance.transforms import MAKERS  # noqa: PLC0415 (most uses need no server)

    parted = (one.partition("=") for one in row["values"].split())
    return MAKERS[row["transform"]](**{key: value for key, _, value in parted})


def transform_of(name: str) -> Transform:
    """Return what makes the impostor or the variant `name` of the reference.

    Raises:
        UnknownServerError: Nothing has that name.
        NotMadeError: Nothing makes it yet.
    """
    found = _known(name)
    if found.transform is None:
        raise NotMadeError(name)
    return found.transform


def story_of(name: str) -> Words:
    """Return what the impostor or the variant `name` does, in each language.

    Raises:
        UnknownServerError: Nothing has that name.
    """
    return _known(name).story


def _known(name: str) -> Impostor | Variant:
    known: Mapping[str, Impostor | Variant] = {
        **impostors(),
        **explored_impostors(),
        **variants(),
    }
    found = known.get(name)
    if found is None:
        raise UnknownServerError(name, get_close_matches(name, known, n=1, cutoff=0)[0])
    return found
