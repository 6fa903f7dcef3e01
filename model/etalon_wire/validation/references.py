"""References between resources: contained, in the same bundle, literal, conditional.

Source: FHIR R4, references and bundles (resolution); IHE MHD and PDSm for what is contained.
"""

import re
from typing import Final

from etalon_wire.json_body import Json, Resource
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope
from etalon_wire.validation.profiles import ElementRule, ProfileSet
from etalon_wire.validation.reading import parts, text

_LITERAL: Final = re.compile(
    r"(?:https?://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?[^\s=]+=\S*")


_ABSOLUTE: Final = re.compile(r"#\S*|[A-Za-z][A-Za-z0-9+.\-]*:\S+")


def is_reference(reference: str) -> bool:
    """Whether a text can be a reference of FHIR at all."""
    return any(form.fullmatch(reference) for form in (_LITERAL, _ABSOLUTE, _CONDITIONAL))


def scope_of(resource: Resource) -> Scope:
    """Return what the checks of a whole message may look at: itself, and its entries if any."""
    if resource.get("resourceType") != "Bundle":
        return Scope(resource)
    entries: dict[str, Resource] = {}
    for entry in parts(resource, "entry"):
        held = entry.get("resource")
        if isinstance(held, dict) and "fullUrl" in entry:
            entries[text(entry, "fullUrl")] = held
    return Scope(resource, entries, transaction=resource.get("type") == "transaction")


def target_type(reference: str, scope: Scope) -> str | None:
    """Return the type of the resource a reference names, None when that cannot be told here."""
    if reference.startswith("#"):
        name = reference[1:]
        found = scope.container if not name else scope.contained(name)
    elif scope.entries is not None and reference in scope.entries:
        found = scope.entries[reference]
    else:
        match = _LITERAL.fullmatch(reference) or _CONDITIONAL.fullmatch(reference)
        return match[1] if match is not None else None
    kind = found.get("resourceType") if found is not None else None
    return kind if isinstance(kind, str) else None


def target_check(rule: ElementRule, known: ProfileSet) -> Check:
    """Return the check of the targets of a reference and of where they have to stand."""
    types = rule.types
    kinds = {known.type_of(target) for kind in types for target in kind.targets}
    allowed = frozenset(kind for kind in kinds if kind is not None)
    any_kind = None in kinds or "Resource" in allowed
    contained = any(kind.contained for kind in types)
    names = ", ".join(sorted(allowed))

    def check(value: Json, scope: Scope) -> Flaws:
        if type(value) is not dict:
            return NONE
        reference = value.get("reference")
        if not isinstance(reference, str):
            return [_not_contained(rule)] if contained else NONE
        found = _conditional(reference, scope, rule)
        if contained and not reference.startswith("#"):
            found = [*found, _not_contained(rule)]
        if any_kind:
            return found
        kind = target_type(reference, scope)
        if kind is not None and kind not in allowed:
            message = f"refers to a {kind[:40]}: {names} is asked"
            flaw = Flaw("", "value", rule.origin, "target", rule.requirement, message, rule.path)
            found = [*found, flaw]
        return found

    return check


def _conditional(reference: str, scope: Scope, rule: ElementRule) -> Flaws:
    """A conditional reference is legal in a transaction only (FHIR R4, transactions)."""
    if _CONDITIONAL.fullmatch(reference) is None or scope.transaction:
        return NONE
    message = "a conditional reference is legal inside a transaction only"
    path = ".reference"
    return [Flaw(path, "value", "tolerated", "target", "W-REC-05a", message, rule.path)]


def _not_contained(rule: ElementRule) -> Flaw:
    message = "the resource referred to has to be contained"
    return Flaw("", "value", rule.origin, "contained", rule.requirement, message, rule.path)
