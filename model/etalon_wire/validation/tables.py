"""The profiles written as tables of ours (`data/profiles/*.csv`), read into rows of rules.

`base.csv` holds R4 itself: resources we carry and data types. A profile's table names only what
it constrains; the rest comes from the base, a data type being unfolded where the table goes
deeper. Sources and dates: `data/profiles/index.csv`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final, cast

from etalon_wire.json_body import Json
from etalon_wire.tables import rows_of
from etalon_wire.validation.profiles import (
    Binding,
    ElementRule,
    Profile,
    ProfileSet,
    Slicing,
    Strength,
    TypeRule,
)

_TYPE: Final = re.compile(r"([A-Za-z0-9#*.]+)(?:\(([^)]*)\))?(!contained)?")
_CODED: Final = frozenset({"CodeableConcept", "Coding", "Quantity"})
Rows = list[dict[str, str]]


@cache
def own_profiles() -> ProfileSet:
    """Return base R4 and every profile written in our tables."""
    base = base_types()
    profiles: dict[str, Profile] = {}
    for row in rows_of("profiles/index.csv"):
        name = row["profile"]
        origin = "own" if row["standing"] == "own" else "profile"
        elements = _constrained(base, row["resource"], rows_of(f"profiles/{name}.csv"), origin)
        profile = Profile(
            name=name,
            url=row["url"],
            version=row["version"],
            resource=row["resource"],
            standing=row["standing"],
            source=f"{row['source']}, {row['date']}",
            elements=elements,
        )
        profiles[name] = profiles[row["url"]] = profile
    targets = {row["target"]: row["resource"] for row in rows_of("profiles/targets.csv")}
    return ProfileSet(base, profiles, targets)


@cache
def base_types() -> Mapping[str, tuple[ElementRule, ...]]:
    """Return the elements of each R4 resource and data type that we carry, by type."""
    found: dict[str, list[ElementRule]] = {}
    for row in rows_of("profiles/base.csv"):
        types = _types(row["types"])
        same_as = types[0].code[1:] if types and types[0].code.startswith("#") else ""
        rule = ElementRule(
            path=row["element"],
            minimum=int(row["min"]),
            maximum=_maximum(row["max"]),
            types=() if same_as else types,
            binding=_binding(row["binding"]),
            slicing=_by_url(row["element"]),
            invariants=tuple(row["invariants"].split()),
            requirement="W-REC-05a",
            same_as=same_as,
        )
        found.setdefault(rule.path.partition(".")[0], []).append(rule)
    return {name: tuple(rules) for name, rules in found.items()}


def _by_url(path: str) -> Slicing | None:
    """Extensions are told apart by their address, everywhere."""
    return Slicing((("value", "url"),)) if path.endswith(".extension") else None


def _constrained(
    base: Mapping[str, tuple[ElementRule, ...]], resource: str, rows: Rows, origin: str
) -> tuple[ElementRule, ...]:
    """Return the base elements of `resource` with the constraints of `rows` laid over them."""
    elements = {rule.path: rule for rule in base[resource]}
    for row in rows:
        path = row["element"]
        _unfold(base, elements, path)
        elements[path] = _overlaid(elements[path], row, origin)
    return tuple(sorted(elements.values(), key=lambda rule: rule.path.split(".")))


def _unfold(
    base: Mapping[str, tuple[ElementRule, ...]], elements: dict[str, ElementRule], path: str
) -> None:
    """Make `path` stand in `elements`: slices copy what they slice, data types are unfolded."""
    if path in elements:
        return
    parent, _, last = path.rpartition(".")
    if not parent:
        message = f"profile table: no element {path}"
        raise ValueError(message)
    _unfold(base, elements, parent)
    if path not in elements and ":" not in last:
        _unfold_type(base, elements, parent)
    sliced, colon, _ = path.rpartition(":") if ":" in last else (path, "", "")
    if colon:
        _unfold(base, elements, sliced)
        _copy(elements, sliced, path)
    if path not in elements:
        message = f"profile table: no element {path} in FHIR R4"
        raise ValueError(message)


def _unfold_type(
    base: Mapping[str, tuple[ElementRule, ...]], elements: dict[str, ElementRule], parent: str
) -> None:
    rule = elements[parent]
    source = rule.same_as or (rule.types[0].code if rule.types else "")
    held = {item.path: item for item in base[source.partition(".")[0]]} | (
        elements if rule.same_as else {}
    )
    for item in list(held.values()):
        if item.path.startswith(source + "."):
            path = parent + item.path.removeprefix(source)
            elements.setdefault(path, replace(item, path=path))


def _copy(elements: dict[str, ElementRule], sliced: str, path: str) -> None:
    """A new slice begins as the element it slices, none asked for, and takes its children."""
    elements[path] = replace(elements[sliced], path=path, minimum=0, slicing=None)
    for rule in list(elements.values()):
        if rule.path.startswith(sliced + "."):
            child = path + rule.path.removeprefix(sliced)
            elements[child] = replace(rule, path=child)


def _overlaid(rule: ElementRule, row: dict[str, str], origin: str) -> ElementRule:
    """Return `rule` with the constraints of a profile's row; empty cells change nothing."""
    types = _types(row["types"]) or rule.types
    changed = replace(
        rule,
        minimum=int(row["min"]) if row["min"] else rule.minimum,
        maximum=_maximum(row["max"]) if row["max"] else rule.maximum,
        types=types,
        profile=row["profile"] or rule.profile,
        fixed=_value(row["fixed"], types) or rule.fixed,
        pattern=_value(row["pattern"], types) or rule.pattern,
        binding=_binding(row["binding"]) or rule.binding,
        slicing=_slicing(row["slicing"]) or rule.slicing,
        invariants=rule.invariants + tuple(row["invariants"].split()),
        requirement=row["requirement"],
    )
    if replace(changed, requirement=rule.requirement) == rule:
        return changed
    return replace(changed, origin=origin, base=rule.base or rule)


def _types(text: str) -> tuple[TypeRule, ...]:
    found = (cast("re.Match[str]", _TYPE.fullmatch(word)) for word in text.split())
    return tuple(
        TypeRule(m[1], tuple(m[2].split("|")) if m[2] else (), contained=bool(m[3])) for m in found
    )


def _maximum(text: str) -> int | None:
    return None if text == "*" else int(text)


def _binding(text: str) -> Binding | None:
    strength, _, value_set = text.partition(":")
    return Binding(cast("Strength", strength), value_set) if value_set else None


def _slicing(text: str) -> Slicing | None:
    if not text:
        return None
    *pairs, rules = text.split()
    split = (pair.partition(":") for pair in pairs)
    return Slicing(tuple((kind, path) for kind, _, path in split), closed=rules == "closed")


def _value(text: str, types: tuple[TypeRule, ...]) -> Json:
    """Return a fixed value or pattern: `system#code` for what is coded, the text for the rest."""
    if not text or not types or types[0].code not in _CODED:
        return text or None
    system, _, code = text.rpartition("#")
    coding: Json = {"system": system, "code": code}
    return {"coding": [coding]} if types[0].code == "CodeableConcept" else coding
