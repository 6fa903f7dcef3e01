"""FHIRPath Patch of a DocumentReference, told as the operations of a JSON Patch.

Of FHIRPath only the paths that PDSm needs are read: an element, one of its values by rank or by
code, an extension by its address, and the value of an extension.

Source: FHIR R4, 3.1.0.12 (FHIRPath Patch).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from etalon_model.records.changes import PATCHABLE
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, STRUCTURE, Malformed
from etalon_wire.operation_outcomes import Fault

_PATH: Final = re.compile(
    r"DocumentReference"
    r"(?:\.(?P<element>[A-Za-z]+)"
    r"(?:\[(?P<rank>[0-9]{1,3})\]"
    r"|\.where\(coding\.code ?= ?'(?P<code>[^']+)'\)"
    r"|\('(?P<url>[^']+)'\)"
    r"|\.where\(url ?= ?'(?P<address>[^']+)'\))?"
    r"(?P<value>\.value(?:Boolean)?)?)?"
)
_ELEMENT: Final = re.compile(r"DocumentReference\.(?P<element>[A-Za-z]+)")
_REPEATED: Final = frozenset({"extension", "securityLabel"})
IS_READ: Final = (
    "DocumentReference, .status, .securityLabel, .securityLabel[0], "
    ".securityLabel.where(coding.code='…'), .extension('…'), .extension('…').value"
)
_VERBS: Final = frozenset({"add", "insert", "delete", "replace", "move"})


@dataclass(frozen=True, slots=True)
class Step:
    """One operation as its parts say it.

    Attributes:
        verb: `add`, `insert`, `delete`, `replace` or `move`.
        path: What it is about, as FHIRPath.
        name: Name of the element that `add` adds, or an empty string.
        index: Where `insert` inserts, as it was written.
        value: What is added, inserted or put in the place.
    """

    verb: str
    path: str
    name: str
    index: str
    value: Json


def operations_of(resource: Resource, parameters: Resource) -> list[dict[str, Json]] | Fault:
    """Return the operations of a FHIRPath Patch as those of a JSON Patch.

    Args:
        resource: The document that the paths are read in.
        parameters: The patch, a `Parameters`.

    Returns:
        The operations in order, or a fault when a path leads nowhere or is not one that is read.

    Raises:
        Malformed: An operation lacks its type, its path or its value.
    """
    operations: list[dict[str, Json]] = []
    for step in steps_of(parameters):
        operation = _operation(resource, step)
        if isinstance(operation, Fault):
            return operation
        operations.append(operation)
    return operations


def steps_of(parameters: Resource) -> Iterator[Step]:
    """Yield the operations of a FHIRPath Patch, in order.

    Raises:
        Malformed: There is none, or one lacks its type, its path or its value.
    """
    rank = -1
    for rank, parameter in enumerate(_array(parameters.get("parameter"))):
        yield _step(parameter, f"Parameters.parameter[{rank}]")
    if rank < 0:
        raise Malformed(REQUIRED, "Parameters.parameter", "the patch has no operation")


def _operation(resource: Resource, step: Step) -> dict[str, Json] | Fault:
    """Tell one operation as that of a JSON Patch."""
    named = _ELEMENT.match(step.path)
    if named and named["element"] not in PATCHABLE:
        return {"op": "replace", "path": f"/{named['element']}"}
    found = _PATH.fullmatch(step.path)
    if found is None or step.verb == "move":
        return Fault("PATCH_FAILED", f"only such paths are read, and no move: {IS_READ}")
    element = found["element"]
    if step.verb in {"add", "insert"}:
        added = element or step.name
        end = step.index if step.verb == "insert" else "-"
        path = f"/{added}/{end}" if added in _REPEATED else f"/{added}"
        return {"op": "add", "path": path, "value": step.value}
    rank = _rank(resource, found)
    if rank is None:
        return Fault("PATCH_FAILED", "the path leads to nothing in this version: read it again")
    path = f"/{element or ''}{rank}{'/valueBoolean' if found['value'] else ''}"
    if step.verb == "delete":
        return {"op": "remove", "path": path}
    return {"op": "replace", "path": path, "value": step.value}


def _rank(resource: Resource, found: re.Match[str]) -> str | None:
    """Return the rank that a path asks for as the end of a pointer, None when nothing is there."""
    if found["rank"] is not None:
        return f"/{found['rank']}"
    url = found["url"] or found["address"]
    if url is None and found["code"] is None:
        return ""
    for rank, one in enumerate(_array(resource.get(found["element"]))):
        if isinstance(one, dict) and (
            one.get("url") == url if url is not None else found["code"] in _codes(one)
        ):
            return f"/{rank}"
    return None


def _codes(label: Resource) -> list[Json]:
    return [one.get("code") for one in _array(label.get("coding")) if isinstance(one, dict)]


def _step(parameter: Json, at: str) -> Step:
    """Read the parts of one operation."""
    if not isinstance(parameter, dict) or parameter.get("name") != "operation":
        raise Malformed(STRUCTURE, at, "a parameter of a patch is an operation")
    parts = {
        str(part.get("name")): _value(part)
        for part in _array(parameter.get("part"))
        if isinstance(part, dict)
    }
    verb, path = parts.get("type"), parts.get("path")
    if not isinstance(verb, str) or verb not in _VERBS or not isinstance(path, str):
        message = f"an operation has a type ({', '.join(sorted(_VERBS))}) and a path"
        raise Malformed(REQUIRED, at, message)
    wanted = {"add": ("name", "value"), "insert": ("index", "value"), "replace": ("value",)}
    missing = [name for name in wanted.get(verb, ()) if parts.get(name) is None]
    if missing:
        raise Malformed(REQUIRED, at, f"the operation {verb} lacks {' and '.join(missing)}")
    name, index = parts.get("name"), parts.get("index")
    return Step(verb, path, str(name or ""), str(index), parts.get("value"))


def _value(part: Resource) -> Json:
    """Return the value of a part, whatever its type; parts of parts make an object."""
    for name, value in part.items():
        if name.startswith("value"):
            return value
    inner = [one for one in _array(part.get("part")) if isinstance(one, dict)]
    made: Resource = {}
    for one in inner:
        typed = next((name for name in one if name.startswith("value")), None)
        name = str(one.get("name"))
        made[typed if typed and name == "value" else name] = _value(one)
    return made or None


def _array(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
