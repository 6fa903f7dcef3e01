"""Invariants by key: the table says what each asks (`invariants.csv`), a function answers.

No FHIRPath is evaluated at run time. Where FHIR or a profile gives an expression, the table holds
it: an official package whose expression differs from ours is not taken for the same rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from etalon_wire.json_body import Json, Resource
from etalon_wire.tables import rows_of
from etalon_wire.validation.agenda_rules import AGENDA_RULES
from etalon_wire.validation.bundle_rules import BUNDLE_RULES
from etalon_wire.validation.document_rules import DOCUMENT_RULES
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope
from etalon_wire.validation.identity_rules import IDENTITY_RULES
from etalon_wire.validation.measure_rules import MEASURE_RULES
from etalon_wire.validation.profiles import ElementRule
from etalon_wire.validation.resource_rules import RESOURCE_RULES

Rule: TypeAlias = Callable[[Resource, Scope], Sequence[tuple[str, str]]]
RULES: Final[Mapping[str, Rule]] = {
    **RESOURCE_RULES,
    **BUNDLE_RULES,
    **DOCUMENT_RULES,
    **IDENTITY_RULES,
    **MEASURE_RULES,
    **AGENDA_RULES,
}
# Enforced by the shape of every element (`shapes`), not by a function of its own.
BY_SHAPE: Final = frozenset({"ele-1"})


@dataclass(frozen=True, slots=True)
class Invariant:
    """What the table says of one invariant."""

    key: str
    level: str
    requirement: str
    text: str
    expression: str


@cache
def known_invariants() -> Mapping[str, Invariant]:
    """Return the invariants of the table, by key."""
    return {
        row["key"]: Invariant(
            row["key"], row["level"], row["requirement"], row["text"], row["expression"]
        )
        for row in rows_of("profiles/invariants.csv")
    }


def is_evaluated(key: str, expression: str) -> bool:
    """Whether an invariant of a package, by its key and expression, is one that we evaluate."""
    held = known_invariants().get(key)
    if held is None or (key not in RULES and key not in BY_SHAPE):
        return False
    return "".join(held.expression.split()) == "".join(expression.split())


def invariant_checks(keys: Sequence[str], rule: ElementRule) -> list[Check]:
    """Return the checks of the invariants `keys`, in order, each once.

    Raises:
        KeyError: A table names an invariant that has no row or no function.
    """
    return [_check(key, rule) for key in dict.fromkeys(keys) if key not in BY_SHAPE]


def _check(key: str, element: ElementRule) -> Check:
    held, rule = known_invariants()[key], RULES[key]

    def check(value: Json, scope: Scope) -> Flaws:
        if type(value) is not dict:
            return NONE
        breaches = rule(value, scope)
        if not breaches:
            return NONE
        code = "business-rule" if held.level in ("identity", "tolerated") else "invariant"
        return [
            Flaw(path, code, held.level, key, held.requirement, _said(held, detail), element.path)
            for path, detail in breaches
        ]

    return check


def _said(held: Invariant, detail: str) -> str:
    return f"{held.key}: {held.text}" + (f": {detail}" if detail else "")
