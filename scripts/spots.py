"""Every place of a JSON value, for tests that put something else there."""

from typing import TypeAlias, cast

from etalon_wire.json_body import Json

Spot: TypeAlias = tuple[str | int, ...]
"""Names and ranks, from the outside in."""


def spots(value: Json, path: Spot = ()) -> list[Spot]:
    """Return every place of a value, its own left out."""
    pairs: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    found = [path] if path else []
    for key, inner in pairs:
        found += spots(inner, (*path, key))
    return found


def put(value: Json, where: Spot, other: Json) -> None:
    """Put something else at a place of a value."""
    held = value
    for step in where[:-1]:
        held = cast("dict[str | int, Json]", held)[step]
    cast("dict[str | int, Json]", held)[where[-1]] = other
