"""Places in a resource that a path names, and what a FHIRPath Patch does there.

Of FHIRPath the steps are read that name an element, one of its values by rank or by an equal
member, an extension by its address, and the value of an extension.

Source: FHIR R4, 3.1.0.12 (FHIRPath Patch).
"""

import re
from dataclasses import dataclass
from typing import Final, NoReturn, cast

from etalon_wire.fhirpath_patch import Step
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import Fault

_STEP: Final = re.compile(
    r"\.(?:where\((?P<key>[A-Za-z]+) ?= ?'(?P<is>[^']*)'\)"
    r"|extension\('(?P<url>[^']+)'\)"
    r"|(?P<name>[A-Za-z]+)(?:\[(?P<rank>[0-9]{1,3})\])?)"
)
_LONGEST: Final = 1024
_REPEATED: Final = frozenset({"extension", "telecom"})
_RANK: Final = re.compile(r"[0-9]{1,3}")


class NotAppliedError(Exception):
    """Carries why a patch does not apply out of it.

    Attributes:
        fault: What is wrong.
    """

    def __init__(self, message: str) -> None:
        """Make the fault of a message."""
        super().__init__(message)
        self.fault = Fault("PATCH_FAILED", message)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: in an object under a name, in an array under a rank."""

    holder: Resource | list[Json]
    key: str | int

    @property
    def value(self) -> Json:
        if isinstance(self.holder, list):
            return self.holder[cast("int", self.key)]
        return self.holder[cast("str", self.key)]

    def put(self, value: Json) -> None:
        if isinstance(self.holder, list):
            self.holder[cast("int", self.key)] = value
        else:
            self.holder[cast("str", self.key)] = value

    def take_out(self) -> None:
        if isinstance(self.holder, list):
            del self.holder[cast("int", self.key)]
        else:
            del self.holder[cast("str", self.key)]


def apply_step(resource: Resource, step: Step) -> None:
    """Carry out one operation of a patch on a resource, in place.

    Raises:
        NotAppliedError: The path is not read, leads to nothing or to several places, or the
            operation cannot be carried out there.
    """
    if step.verb == "move":
        _refuse("move is not applied: delete and insert")
    if step.verb == "insert":
        _insert(resource, step)
        return
    place = _only(resource, step.path)
    if step.verb != "add" and place.value is resource:
        _refuse(f"{step.verb} is about a part of the resource, not the whole of it")
    if step.verb == "delete":
        place.take_out()
    elif step.verb == "replace":
        place.put(step.value)
    else:
        _add(place.value, step)


def _add(held: Json, step: Step) -> None:
    if not isinstance(held, dict):
        _refuse(f"nothing can be added to {_shown(step.path)}: it is no object")
    if step.name not in _REPEATED:
        held[step.name] = step.value
        return
    listed = held.setdefault(step.name, [])
    if not isinstance(listed, list):
        _refuse(f"{_shown(step.name)} is no list")
    listed.append(step.value)


def _insert(resource: Resource, step: Step) -> None:
    head, dot, name = step.path.rpartition(".")
    if not dot or name not in _REPEATED:
        _refuse(f"insert takes the path of a list: telecom or extension, not {_shown(step.path)}")
    held = _only(resource, head).value
    listed = held.setdefault(name, []) if isinstance(held, dict) else None
    if not isinstance(listed, list) or not _RANK.fullmatch(step.index):
        _refuse("insert takes an index, a number from 0")
    if int(step.index) > len(listed):
        _refuse(f"the list has {len(listed)} values: an index is that or less")
    listed.insert(int(step.index), step.value)


def _only(resource: Resource, path: str) -> _Place:
    """Return the one place that a path names."""
    places = _places(resource, path)
    if len(places) != 1:
        found = "several places" if places else "nothing"
        _refuse(f"the path {_shown(path)} leads to {found}: read the resource again")
    return places[0]


def _places(resource: Resource, path: str) -> list[_Place]:
    kind = str(resource.get("resourceType"))
    if len(path) > _LONGEST or not (path == kind or path.startswith(f"{kind}.")):
        _refuse(f"a path begins with {kind}")
    places, at = [_Place([resource], 0)], len(kind)
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            _refuse(f"{_shown(path[at:])} is not read: name an element, [0], where(a='b')")
        places = _next(places, found)
        at = found.end()
    return places


def _next(places: list[_Place], step: re.Match[str]) -> list[_Place]:
    """Return where one more step leads from some places."""
    if step["key"] is not None:
        return [one for one in places if _member(one.value, step["key"]) == step["is"]]
    name = step["name"] or "extension"
    found = [inner for one in places for inner in _inside(one.value, name)]
    if step["url"] is not None:
        return [one for one in found if _member(one.value, "url") == step["url"]]
    return found if step["rank"] is None else found[int(step["rank"]) :][:1]


def _inside(held: Json, name: str) -> list[_Place]:
    """Return the places under a name; `value` names the value of an extension, of any type."""
    if not isinstance(held, dict):
        return []
    if name == "value" and name not in held:
        name = next((one for one in held if one.startswith("value")), name)
    if name not in held:
        return []
    value = held[name]
    if isinstance(value, list):
        return [_Place(value, rank) for rank in range(len(value))]
    return [_Place(held, name)]


def _member(held: Json, name: str) -> Json:
    return held.get(name) if isinstance(held, dict) else None


def _shown(said: str) -> str:
    return repr(said[:80])


def _refuse(message: str) -> NoReturn:
    raise NotAppliedError(message)
