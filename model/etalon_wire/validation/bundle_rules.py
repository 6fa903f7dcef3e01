"""Invariants of bundles: those of R4, and the rules of addresses. Source: FHIR R4, Bundle."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from etalon_wire.json_body import Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import part, parts, references, text
from etalon_wire.validation.resource_rules import holds

Breaches = Sequence[tuple[str, str]]
_ABSOLUTE: Final = re.compile(
    r"https?://\S+|urn:oid:[0-2](\.(0|[1-9][0-9]*))+|"
    r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_REQUESTS: Final = frozenset({"batch", "transaction", "history"})
_RESPONSES: Final = frozenset({"batch-response", "transaction-response", "history"})
_COUNTED: Final = frozenset({"searchset", "history"})


def _entries_where(
    test: Callable[[str, Resource], bool],
) -> Callable[[Resource, Scope], Breaches]:
    """Return the rule that breaks at each entry for which `test(bundle type, entry)` fails."""

    def rule(value: Resource, _scope: Scope) -> Breaches:
        kind = text(value, "type")
        return [
            (f".entry[{rank}]", "")
            for rank, entry in enumerate(parts(value, "entry"))
            if not test(kind, entry)
        ]

    return rule


def _distinct(value: Resource, _scope: Scope) -> Breaches:
    """bdl-7: a fullUrl once, or once by version."""
    if value.get("type") == "history":
        return ()
    seen: set[str] = set()
    found: list[tuple[str, str]] = []
    for rank, entry in enumerate(parts(value, "entry")):
        url = text(entry, "fullUrl")
        key = url + text(part(part(entry, "resource"), "meta"), "versionId")
        if url and key in seen:
            found.append((f".entry[{rank}].fullUrl", url[:80]))
        seen.add(key)
    return found


def _absolute(value: Resource, _scope: Scope) -> Breaches:
    return [
        (f".entry[{rank}].fullUrl", url[:80])
        for rank, entry in enumerate(parts(value, "entry"))
        if (url := text(entry, "fullUrl")) and _ABSOLUTE.fullmatch(url) is None
    ]


def _linked(value: Resource, _scope: Scope) -> Breaches:
    """A transaction cannot resolve a reference by URN to anything but its own entries."""
    if value.get("type") != "transaction":
        return ()
    entries = parts(value, "entry")
    held = {text(entry, "fullUrl") for entry in entries}
    return [
        (f".entry[{rank}].resource", f"{name[:80]} is no entry of the bundle")
        for rank, entry in enumerate(entries)
        for name in sorted(references(part(entry, "resource")))
        if name.startswith("urn:") and name.partition("#")[0] not in held
    ]


def _first_is(kind: str, name: str) -> Callable[[Resource], bool]:
    def test(value: Resource) -> bool:
        if value.get("type") != kind:
            return True
        entries = parts(value, "entry")
        return bool(entries) and part(entries[0], "resource").get("resourceType") == name

    return test


def _identified(value: Resource) -> bool:
    identifier = part(value, "identifier")
    return value.get("type") != "document" or ("system" in identifier and "value" in identifier)


BUNDLE_RULES: Final[Mapping[str, Callable[[Resource, Scope], Breaches]]] = {
    "bdl-1": holds(lambda value: "total" not in value or value.get("type") in _COUNTED),
    "bdl-2": _entries_where(lambda kind, entry: "search" not in entry or kind == "searchset"),
    "bdl-3": _entries_where(lambda kind, entry: ("request" in entry) == (kind in _REQUESTS)),
    "bdl-4": _entries_where(lambda kind, entry: ("response" in entry) == (kind in _RESPONSES)),
    "bdl-5": holds(lambda entry: bool({"resource", "request", "response"} & entry.keys())),
    "bdl-7": _distinct,
    "bdl-8": holds(lambda entry: "/_history/" not in text(entry, "fullUrl")),
    "bdl-9": holds(_identified),
    "bdl-10": holds(lambda value: value.get("type") != "document" or "timestamp" in value),
    "bdl-11": holds(_first_is("document", "Composition")),
    "bdl-12": holds(_first_is("message", "MessageHeader")),
    "bundle-full-url": _absolute,
    "bundle-links": _linked,
}
