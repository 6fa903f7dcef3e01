"""Typed looks into JSON whose shape is not believed: what is not of the type asked is not there."""

from collections.abc import Iterator

from etalon_wire.json_body import Json, Resource


def text(value: Resource, key: str) -> str:
    """Return the string under `key`, empty when there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def part(value: Resource, key: str) -> Resource:
    """Return the object under `key`, empty when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def parts(value: Resource, key: str) -> list[Resource]:
    """Return the objects of the array under `key`."""
    found = value.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def strings(value: Json) -> Iterator[str]:
    """Every string at any depth, keys left out."""
    stack: list[Json] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def references(value: Json) -> Iterator[str]:
    """Every `reference` at any depth."""
    stack: list[Json] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            found = item.get("reference")
            if isinstance(found, str):
                yield found
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
