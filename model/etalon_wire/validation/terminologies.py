"""Value sets written as tables (`data/valuesets/*.csv`) and the checks of bindings.

A required binding that is not met is a flaw of the rule set that asks for it; an extensible one
a warning, a preferred one an information (FHIR R4, terminologies). `index.csv` gives the
source, version and date of each set.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from etalon_wire.json_body import Json
from etalon_wire.tables import rows_of
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope
from etalon_wire.validation.profiles import Binding, ElementRule


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The codes of a set: bare codes, or pairs of system and code; or a shape for endless sets."""

    name: str
    url: str
    codes: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    pattern: re.Pattern[str] | None = None

    def has_code(self, code: str) -> bool:
        """Whether a bare code is in the set."""
        if self.pattern is not None:
            return self.pattern.fullmatch(code) is not None
        return code in self.codes

    def has_coding(self, coding: Mapping[str, Json]) -> bool:
        """Whether a Coding (system and code) is in the set."""
        code, system = coding.get("code"), coding.get("system")
        if not isinstance(code, str):
            return False
        if not self.pairs:
            return self.has_code(code)
        return isinstance(system, str) and (system, code) in self.pairs


@cache
def value_sets() -> Mapping[str, ValueSet]:
    """Return every value set we hold, by name and by canonical address."""
    bare: dict[str, set[str]] = {}
    for row in rows_of("valuesets/fhir_codes.csv"):
        bare.setdefault(row["value_set"], set()).add(row["code"])
    shapes = {row["value_set"]: row["pattern"] for row in rows_of("valuesets/patterns.csv")}
    found: dict[str, ValueSet] = {}
    for row in rows_of("valuesets/index.csv"):
        name, file = row["value_set"], row["file"]
        if file == "patterns.csv":
            held = ValueSet(name, row["url"], pattern=re.compile(shapes[name]))
        elif file == "fhir_codes.csv":
            held = ValueSet(name, row["url"], codes=frozenset(bare[name]))
        else:
            rows = rows_of(f"valuesets/{file}")
            pairs = frozenset((code["system"], code["code"]) for code in rows)
            codes = frozenset(code["code"] for code in rows)
            held = ValueSet(name, row["url"], codes=codes, pairs=pairs)
        found[name] = found[row["url"]] = held
    return found


def value_set(name: str) -> ValueSet | None:
    """Return the value set of a name or canonical address, None when we do not hold it."""
    return value_sets().get(name.partition("|")[0])


def binding_checks(rule: ElementRule) -> list[Check]:
    """Return the checks of what binds `rule`: by its profile, and by FHIR where that is wider."""
    checks: list[Check] = []
    wider = rule.base.binding if rule.base is not None else None
    same = wider is not None and rule.binding is not None and _same(wider, rule.binding)
    if wider is not None and not same:
        checks.append(_binding_check(wider, "base", "W-REC-05a"))
    if rule.binding is not None:
        origin = "base" if same else rule.origin
        checks.append(_binding_check(rule.binding, origin, rule.requirement))
    return [check for check in checks if check is not _fits]


def _same(one: Binding, other: Binding) -> bool:
    """Whether two bindings bind as strongly to one set, by its name or by its address."""
    sets = value_set(one.value_set), value_set(other.value_set)
    return one.strength == other.strength and sets[0] is not None and sets[0] is sets[1]


def _fits(_value: Json, _scope: Scope) -> Flaws:
    return NONE


def _binding_check(binding: Binding, origin: str, requirement: str) -> Check:
    held = value_set(binding.value_set)
    if held is None or binding.strength == "example":
        return _fits
    level = origin if binding.strength == "required" else binding.strength

    def check(value: Json, _scope: Scope) -> Flaws:
        if _is_bound(value, held):
            return NONE
        message = f"{_shown(value)} is not in the value set {held.name} ({binding.strength})"
        return [Flaw("", "code-invalid", level, "binding", requirement, message)]

    return check


def _is_bound(value: Json, held: ValueSet) -> bool:
    """Whether a code, Coding or CodeableConcept is in the set; a form error is told elsewhere."""
    if isinstance(value, str):
        return held.has_code(value)
    if not isinstance(value, dict):
        return True
    codings = value.get("coding")
    if codings is None:
        return held.has_coding(value) if "code" in value else False
    if not isinstance(codings, list):
        return True
    return any(isinstance(coding, dict) and held.has_coding(coding) for coding in codings)


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return repr(value[:60])
    if not isinstance(value, dict):
        return "the value"
    codings = value.get("coding", [value])
    listed = codings if isinstance(codings, list) else []
    shown = [
        f"{coding.get('system', '')}#{coding.get('code', '')}"
        for coding in listed
        if isinstance(coding, dict)
    ]
    return ", ".join(shown)[:200] or "a concept without coding"
