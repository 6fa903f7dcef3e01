"""Invariants of R4 about observations and vital signs, by key.

Sources: FHIR R4, Observation; the profile of vital signs, on which those of the measures stand.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from etalon_wire.json_body import Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import part, parts, text
from etalon_wire.validation.resource_rules import holds

_DAY: Final = len("2022-08-22")


def _has_value(value: Resource) -> bool:
    return any(key.startswith(("value", "_value")) for key in value)


def _codes(concept: Resource) -> set[tuple[str, str]]:
    return {(text(one, "system"), text(one, "code")) for one in parts(concept, "coding")}


def _measured_once(value: Resource) -> bool:
    """obs-7: where there is a value, no component has the code of the whole."""
    if not _has_value(value):
        return True
    whole = _codes(part(value, "code"))
    return all(whole.isdisjoint(_codes(part(one, "code"))) for one in parts(value, "component"))


def _is_dated(value: Resource) -> bool:
    """vs-1: a date says at least the day."""
    return "effectiveDateTime" not in value or len(text(value, "effectiveDateTime")) >= _DAY


def _says_something(value: Resource) -> bool:
    """vs-2: without components or members, a value or why there is none."""
    if "component" in value or "hasMember" in value:
        return True
    return "dataAbsentReason" in value or _has_value(value)


MEASURE_RULES: Final[Mapping[str, Callable[[Resource, Scope], Sequence[tuple[str, str]]]]] = {
    "obs-3": holds(lambda value: bool({"low", "high", "text"} & value.keys())),
    "obs-6": holds(lambda value: "dataAbsentReason" not in value or not _has_value(value)),
    "obs-7": holds(_measured_once),
    "vs-1": holds(_is_dated),
    "vs-2": holds(_says_something),
    "vs-3": holds(lambda value: _has_value(value) or "dataAbsentReason" in value),
}
