"""Invariants of R4 about single resources and data types. Source: FHIR R4, by key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from etalon_wire.json_body import Json, Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import fragments, part, parts, text
from etalon_wire.validation.references import is_reference

Breaches = Sequence[tuple[str, str]]
_WHOLE: Final[Breaches] = (("", ""),)
_MINUTES: Final = 16


def holds(test: Callable[[Resource], bool]) -> Callable[[Resource, Scope], Breaches]:
    """Return the rule that breaks at the element itself when `test` fails."""
    return lambda value, _scope: () if test(value) else _WHOLE


def _at(kind: str, indices: Sequence[int]) -> Breaches:
    return [(f".{kind}[{index}]", "") for index in indices]


def _contained_breaking(test: Callable[[Resource], bool]) -> Callable[[Resource, Scope], Breaches]:
    def rule(value: Resource, _scope: Scope) -> Breaches:
        if "contained" not in value:
            return ()
        held = parts(value, "contained")
        return _at("contained", [rank for rank, item in enumerate(held) if test(item)])

    return rule


def _unreferenced(value: Resource, _scope: Scope) -> Breaches:
    """dom-3: a contained resource is named by its container or names it back."""
    if "contained" not in value:
        return ()
    named = fragments(value)
    return [
        (f".contained[{rank}]", "")
        for rank, item in enumerate(parts(value, "contained"))
        if "#" + text(item, "id") not in named and "#" not in fragments(item)
    ]


def _narrated(value: Resource, scope: Scope) -> Breaches:
    """dom-6, of whole resources: a contained one should have no narrative of its own."""
    return () if not scope.is_container(value) or "div" in part(value, "text") else _WHOLE


def _dangling(value: Resource, scope: Scope) -> Breaches:
    reference = value.get("reference")
    if type(reference) is not str or reference[:1] != "#" or reference == "#":
        return ()
    if scope.contained(reference[1:]) is not None:
        return ()
    return [(".reference", f"nothing contained has the id {reference[1:65]}")]


def _unreadable(value: Resource, _scope: Scope) -> Breaches:
    reference = value.get("reference")
    if type(reference) is not str or is_reference(reference):
        return ()
    return [(".reference", f"{reference[:60]!r}")]


def _backwards(value: Resource, _scope: Scope) -> Breaches:
    """per-1: instants compare when both have a zone, else dates as far as both are written."""
    start, end = text(value, "start"), text(value, "end")
    if not start or not end:
        return ()
    if len(start) >= _MINUTES and len(end) >= _MINUTES:
        return () if _instant(start) <= _instant(end) else _WHOLE
    shared = min(len(start), len(end), 10)
    return () if start[:shared] <= end[:shared] else _WHOLE


def _instant(written: str) -> datetime:
    """Return the instant of a FHIR dateTime with a time; a leap second is the second before."""
    head, _, tail = written.partition("T")
    return datetime.fromisoformat(f"{head}T{tail.replace(':60', ':59', 1)}")


def _value_keys(value: Resource) -> list[str]:
    return [key for key in value if key.startswith("value")]


def _one_or_the_other(value: Resource) -> bool:
    """ext-1: a value (or what stands beside one), or extensions."""
    valued = any(key.startswith(("value", "_value")) for key in value)
    return ("extension" in value) is not valued


def _one_content(value: Resource) -> bool:
    """inv-1: a value, a resource or parts."""
    given = [bool(_value_keys(value)), "resource" in value, "part" in value]
    return sum(given) == 1


def _bounds_in_order(value: Resource) -> bool:
    low, high = part(value, "low").get("value"), part(value, "high").get("value")
    return not (_number(low) and _number(high)) or float(str(low)) <= float(str(high))


def _number(value: Json) -> bool:
    return value is not None and not isinstance(value, str | bool | list | dict)


def _ratio(value: Resource) -> bool:
    terms = {"numerator", "denominator"} & value.keys()
    return len(terms) != 1 and bool(terms or "extension" in value)


def _has_meta(name: str) -> Callable[[Resource], bool]:
    return lambda item: name in part(item, "meta")


RESOURCE_RULES: Final[Mapping[str, Callable[[Resource, Scope], Breaches]]] = {
    "ext-1": holds(_one_or_the_other),
    "dom-2": _contained_breaking(lambda item: "contained" in item),
    "dom-3": _unreferenced,
    "dom-4": _contained_breaking(
        lambda item: bool({"versionId", "lastUpdated"} & part(item, "meta").keys())
    ),
    "dom-5": _contained_breaking(_has_meta("security")),
    "dom-6": _narrated,
    "lst-1": holds(lambda value: "emptyReason" not in value or "entry" not in value),
    "lst-2": holds(
        lambda value: (
            value.get("mode") == "changes"
            or not any("deleted" in entry for entry in parts(value, "entry"))
        )
    ),
    "lst-3": holds(
        lambda value: (
            value.get("mode") == "working"
            or not any("date" in entry for entry in parts(value, "entry"))
        )
    ),
    "ref-1": _dangling,
    "reference-form": _unreadable,
    "per-1": _backwards,
    "cpt-2": holds(lambda value: "value" not in value or "system" in value),
    "att-1": holds(lambda value: "data" not in value or "contentType" in value),
    "qty-3": holds(lambda value: "code" not in value or "system" in value),
    "rng-2": holds(_bounds_in_order),
    "rat-1": holds(_ratio),
    "pat-1": holds(lambda value: bool({"name", "telecom", "address", "organization"} & set(value))),
    "org-1": holds(lambda value: "name" in value or "identifier" in value),
    "org-2": holds(lambda value: value.get("use") != "home"),
    "org-3": holds(lambda value: value.get("use") != "home"),
    "inv-1": holds(_one_content),
    "sev-1": holds(lambda value: "name" not in value or "query" not in value),
    "ppc-1": holds(lambda value: "policy" in value or "policyRule" in value),
}
