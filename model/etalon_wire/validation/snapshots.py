"""One StructureDefinition snapshot read into the rules that the compiler knows."""

from collections.abc import Mapping
from typing import Final, cast

from etalon_wire.json_body import Json, Resource
from etalon_wire.validation.invariants import is_evaluated
from etalon_wire.validation.primitives import primitive_checks
from etalon_wire.validation.profiles import (
    Binding,
    ElementRule,
    Profile,
    ProfileSet,
    Slicing,
    Strength,
    TypeRule,
)
from etalon_wire.validation.reading import part, parts, text

_SYSTEM: Final = "http://hl7.org/fhirpath/System."
_DISCRIMINATORS: Final = frozenset({"value", "pattern", "type", "profile"})
_STRENGTHS: Final = frozenset({"required", "extensible", "preferred", "example"})
Missing = dict[str, None]


def read_snapshot(resource: Resource, over: ProfileSet, missing: Missing) -> Profile:
    """Return the profile of a StructureDefinition; what is not evaluated is added to `missing`.

    Requirement identifiers, and the rules that only our tables hold (hash, key, links), come from
    our profile of the same address where there is one.

    Raises:
        ValueError: An element has no path, or a cardinality that is none.
    """
    url = text(resource, "url")
    ours = over.find(url)
    held = {rule.path: rule for rule in ours.elements} if ours is not None else {}
    elements = tuple(
        _rule(element, over, held.get(text(element, "id")), missing)
        for element in parts(part(resource, "snapshot"), "element")
    )
    return Profile(
        name=text(resource, "id") or url.rpartition("/")[2],
        url=url,
        version=text(resource, "version"),
        resource=text(resource, "type"),
        standing="official",
        source=f"{url}, {text(resource, 'date')[:10]}",
        elements=elements,
    )


def _rule(
    element: Resource, over: ProfileSet, ours: ElementRule | None, missing: Missing
) -> ElementRule:
    path = text(element, "id")
    base = base_rule(over.base, path) or _stated_base(element)
    types = _types(element, base)
    kept = base.invariants + (ours.invariants if ours is not None else ())
    return ElementRule(
        path=path,
        minimum=int(str(element.get("min", 0))),
        maximum=_maximum(text(element, "max") or "*"),
        types=types,
        profile=_type_profile(element, path, missing),
        fixed=_valued(element, "fixed"),
        pattern=_valued(element, "pattern"),
        binding=_binding(part(element, "binding")),
        slicing=_slicing(element, path, missing),
        invariants=tuple(dict.fromkeys((*_constraints(element, types, missing), *kept))),
        requirement=ours.requirement if ours is not None else "",
        origin="profile",
        same_as=text(element, "contentReference").rpartition("#")[2],
        base=base,
    )


def base_rule(base: Mapping[str, tuple[ElementRule, ...]], path: str) -> ElementRule | None:
    """Return the rule of R4 for an element of a snapshot, through data types; None if unknown."""
    first, *steps = (step.partition(":")[0] for step in path.split("."))
    rule = base[first][0] if first in base else None
    root = first
    for step in steps:
        if rule is None:
            return None
        below = _named(base, f"{root}.{step}")
        if below is None:
            root = rule.same_as or (rule.types[0].code if rule.types else "")
            below = _named(base, f"{root}.{step}")
        root, rule = f"{root}.{step}", below
    return rule


def _named(base: Mapping[str, tuple[ElementRule, ...]], path: str) -> ElementRule | None:
    rules = base.get(path.partition(".")[0], ())
    return next((rule for rule in rules if rule.path == path), None)


def _stated_base(element: Resource) -> ElementRule:
    """Return what the snapshot itself says of the element in R4: its cardinality."""
    base = part(element, "base")
    most = text(base, "max") or text(element, "max") or "*"
    return ElementRule(text(base, "path"), int(str(base.get("min", 0))), _maximum(most))


def _maximum(written: str) -> int | None:
    return None if written == "*" else int(written)


def _types(element: Resource, base: ElementRule) -> tuple[TypeRule, ...]:
    found: list[TypeRule] = []
    for kind in parts(element, "type"):
        code = text(kind, "code")
        if code.startswith(_SYSTEM):
            return base.types or (TypeRule("string"),)
        targets = tuple(item for item in _listed(kind, "targetProfile") if isinstance(item, str))
        found.append(TypeRule(code, targets, contained="contained" in _listed(kind, "aggregation")))
    return tuple(found) if len(found) <= len(primitive_checks()) else (TypeRule("*"),)


def _listed(value: Resource, key: str) -> list[Json]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _type_profile(element: Resource, path: str, missing: Missing) -> str:
    """Return the profile of the element's type; of several, none is evaluated."""
    asked = [item for kind in parts(element, "type") for item in _listed(kind, "profile")]
    if len(asked) > 1:
        missing[f"{path}: one of several profiles is asked"] = None
        return ""
    found = str(asked[0]).partition("|")[0] if asked else ""
    return "" if found.startswith("http://hl7.org/fhir/StructureDefinition/") else found


def _valued(element: Resource, stem: str) -> Json:
    for key, value in element.items():
        if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
            return value
    return None


def _binding(binding: Resource) -> Binding | None:
    strength, value_set = text(binding, "strength"), text(binding, "valueSet")
    if strength not in _STRENGTHS or not value_set:
        return None
    return Binding(cast("Strength", strength), value_set.partition("|")[0])


def _slicing(element: Resource, path: str, missing: Missing) -> Slicing | None:
    slicing = part(element, "slicing")
    if not slicing:
        return None
    found: list[tuple[str, str]] = []
    for item in parts(slicing, "discriminator"):
        kind, where = text(item, "type"), text(item, "path")
        if kind in _DISCRIMINATORS and "(" not in where:
            found.append((kind, where))
        else:
            missing[f"{path}: slices told by {kind} at {where} are not evaluated"] = None
    return Slicing(tuple(found), closed=slicing.get("rules") == "closed")


def _constraints(
    element: Resource, types: tuple[TypeRule, ...], missing: Missing
) -> tuple[str, ...]:
    """Return the invariants we evaluate; the others are noted, each with its key."""
    found: list[str] = []
    plain = len(types) == 1 and types[0].code in primitive_checks()
    for constraint in parts(element, "constraint"):
        key, expression = text(constraint, "key"), text(constraint, "expression")
        if is_evaluated(key, expression) and (not plain or key == "ele-1"):
            found.append(key)
        elif expression:
            missing[f"{text(element, 'id')}: the invariant {key} is not evaluated"] = None
        else:
            missing[f"{text(element, 'id')}: {key} is said in words, not evaluated"] = None
    return tuple(found)
