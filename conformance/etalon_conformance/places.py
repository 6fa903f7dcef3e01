"""Paths into a body: names parted by dots, arrays crossed without a word, items chosen in brackets.

`entry.resource.id` gives those of all entries. `link[relation=next].url` gives that of the link
whose relation is `next`; what stands before the equals sign is a path too, and what stands after
it is a text that goes to the bracket: `identifier[system=urn:oid:1.2].value`. A number takes the
item of that rank, from 0, among those chosen so far: `entry[2].response.location`.

Source: FHIRPath 2.0, 4.2 (collections are crossed by a step).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etalon_wire.json_body import Json, write_json

_STEP: Final = re.compile(r"([^.\[\]]+)((?:\[[^\]]*\])*)(?:\.|$)")
_CHOICE: Final = re.compile(r"\[(?:([0-9]+)|([^=\]]+)=([^\]]*))\]")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path.

    Attributes:
        name: The member it goes into.
        chosen: For each pair of brackets, the rank of an item, or path and value that it holds.
    """

    name: str
    chosen: "tuple[int | tuple[str, str], ...]" = ()


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """Return the steps of a path.

    Raises:
        ValueError: It is no path.
    """
    found: list[Step] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        brackets = match[2] if match else ""
        chosen = tuple(
            int(rank) if rank else (key, value) for rank, key, value in _CHOICE.findall(brackets)
        )
        if match is None or brackets.count("[") != len(chosen):
            message = f"no path: {path!r}, from character {at + 1}"
            raise ValueError(message)
        found.append(Step(match[1], chosen))
        at = match.end()
    return tuple(found)


def values_at(tree: Json, path: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the values at a path, as texts: as JSON writes them, a text without its quotes."""
    return tuple(_text(one) for one in _found(tree, path) if one is not None)


def _found(tree: Json, path: tuple[Step, ...]) -> Iterator[Json]:
    if isinstance(tree, list):
        for item in tree:
            yield from _found(item, path)
    elif not path:
        yield tree
    elif isinstance(tree, dict) and path[0].name in tree:
        for item in _chosen(list(_items(tree[path[0].name])), path[0]):
            yield from _found(item, path[1:])


def _chosen(items: list[Json], step: Step) -> list[Json]:
    for choice in step.chosen:
        if isinstance(choice, int):
            items = items[choice : choice + 1]
        else:
            path, value = steps(choice[0]), choice[1]
            items = [item for item in items if value in values_at(item, path)]
    return items


def _items(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _items(item)
    else:
        yield value


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return write_json(value).decode()
    return str(value)
