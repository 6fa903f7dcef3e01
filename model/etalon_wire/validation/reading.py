"""Typed looks into JSON whose shape is not believed: what is not of the type asked is not there."""

from etalon_wire.json_body import Json, Resource


def text(value: Resource, key: str) -> str:
    """Return the string under `key`, empty when there is none."""
    found = value.get(key)
    return found if type(found) is str else ""


def part(value: Resource, key: str) -> Resource:
    """Return the object under `key`, empty when there is none."""
    found = value.get(key)
    return found if type(found) is dict else {}


def parts(value: Resource, key: str) -> list[Resource]:
    """Return the objects of the array under `key`."""
    found = value.get(key)
    if type(found) is not list:
        return []
    return [item for item in found if type(item) is dict]


def first(value: Resource, key: str) -> Resource:
    """Return the first object of the array under `key`, empty when there is none."""
    found = value.get(key)
    if type(found) is list:
        for item in found:
            if type(item) is dict:
                return item
    return {}


def fragments(value: Resource) -> set[str]:
    """Return every string at any depth that begins with `#`."""
    found: set[str] = set()
    stack: list[dict[str, Json] | list[Json]] = [value]
    while stack:
        held = stack.pop()
        for item in held.values() if type(held) is dict else held:
            if type(item) is str:
                if item[:1] == "#":
                    found.add(item)
            elif type(item) is dict or type(item) is list:
                stack.append(item)
    return found


def references(value: Resource) -> set[str]:
    """Return every `reference` at any depth."""
    found: set[str] = set()
    stack: list[dict[str, Json] | list[Json]] = [value]
    while stack:
        held = stack.pop()
        if type(held) is dict and type(reference := held.get("reference")) is str:
            found.add(reference)
        items = held.values() if type(held) is dict else held
        stack.extend(item for item in items if type(item) is dict or type(item) is list)
    return found
