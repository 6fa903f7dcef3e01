"""The shape of JSON objects and arrays as checks: which keys, how many items, which slices."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from etalon_wire.json_body import Json
from etalon_wire.validation.flaws import (
    MOST_FLAWS,
    NONE,
    Check,
    Flaw,
    Flaws,
    Scope,
    cut_short,
    under,
)
from etalon_wire.validation.profiles import ElementRule
from etalon_wire.validation.slices import Matches

_NO_NULL = "null"


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of a repeated element: which items, how they are checked, how many."""

    name: str
    rule: ElementRule
    matches: Matches
    check: Check


@dataclass(frozen=True, slots=True)
class Member:
    """One key of an object: its check, the flaws of its absence, the element it writes."""

    key: str
    element: str
    check: Check
    primitive: bool


@dataclass(frozen=True, slots=True)
class Needed:
    """An element that has to be there, under one of its keys."""

    keys: tuple[str, ...]
    absent: tuple[tuple[str, str, str, str, str], ...]

    def flaws(self) -> list[Flaw]:
        """Return what is wrong when it is absent."""
        return [
            Flaw(path, "required", level, "minimum", requirement, message, element)
            for path, level, requirement, message, element in self.absent
        ]


def object_check(
    kind: str, members: Sequence[Member], needed: Sequence[Needed], extension: Check
) -> Check:
    """Return the check of an object: its keys, what must be there, what may be there once.

    `kind` is the resource type when the object is a resource, else empty; `extension` checks what
    stands beside a primitive (`_key`).
    """
    checks = _Steps(kind, members, extension)
    missing = _missing(needed)
    # Where every element stands under the first of its keys, none is missing.
    usual: AbstractSet[str | None] = frozenset(names[0] if names else None for names, _ in missing)
    choices = _choices(members)
    chosen = frozenset[str]().union(*(written for _, written in choices))

    def check(value: Json, scope: Scope) -> Flaws:
        if type(value) is not dict:
            return [_structure("", "an object is expected here")]
        found: list[Flaw] = [] if value else [_structure("", "an element is never empty")]
        for key, item in value.items():
            flaws = checks[key](item, scope)
            if flaws:
                found += _kept(under("." + key[:40], flaws), beside="_" + key in value)
                if len(found) > MOST_FLAWS:
                    return _first(found)
        keys = value.keys()
        if not keys >= usual:
            found += _absent_ones(keys, missing)
        if choices and len(keys & chosen) > 1:
            found += _chosen_twice(keys, choices)
        return found

    return check


def _absent_ones(
    keys: AbstractSet[str], missing: Sequence[tuple[tuple[str, ...], Needed]]
) -> Iterator[Flaw]:
    for names, need in missing:
        if keys.isdisjoint(names):
            yield from need.flaws()


def _chosen_twice(
    keys: AbstractSet[str], choices: Sequence[tuple[str, frozenset[str]]]
) -> Iterator[Flaw]:
    for name, written in choices:
        if len(keys & written) > 1:
            yield _structure("." + name, f"one type at most for {name}[x]")


class _Steps(dict[str, Check]):
    """The check of each key, and of keys that name no element: what stands beside, the rest."""

    def __init__(self, kind: str, members: Sequence[Member], extension: Check) -> None:
        super().__init__({member.key: member.check for member in members})
        self._beside = frozenset("_" + member.key for member in members if member.primitive)
        self._extension = extension
        if kind:
            self.setdefault("resourceType", self._type_check(kind))

    def __missing__(self, key: str) -> Check:
        """Return the check of another key; it is not remembered, for there is no end of them."""
        if key in self._beside:
            return partial(_beside, self._extension)
        return lambda _value, _scope: [_unknown(key)]

    @staticmethod
    def _type_check(kind: str) -> Check:
        def check(value: Json, _scope: Scope) -> Flaws:
            return NONE if value == kind else [_unknown("resourceType")]

        return check


def _unknown(key: str) -> Flaw:
    return _structure("", f"FHIR R4 has no {key[:40]!r} here")


def _missing(needed: Sequence[Needed]) -> tuple[tuple[tuple[str, ...], Needed], ...]:
    return tuple(((*need.keys, *("_" + key for key in need.keys)), need) for need in needed)


def _choices(members: Sequence[Member]) -> tuple[tuple[str, frozenset[str]], ...]:
    by_element: dict[str, set[str]] = {}
    for member in members:
        by_element.setdefault(member.element, set()).add(member.key)
    return tuple(
        (element.removesuffix("[x]"), frozenset(keys))
        for element, keys in by_element.items()
        if len(keys) > 1
    )


def _kept(flaws: Flaws, *, beside: bool) -> Flaws:
    """A null in an array of primitives stands for extensions beside it, and only then."""
    return [flaw for flaw in flaws if flaw.rule != _NO_NULL] if beside else flaws


def _beside(extension: Check, value: Json, scope: Scope) -> Flaws:
    if type(value) is not list:
        return extension(value, scope)
    found: list[Flaw] = []
    for index, item in enumerate(value):
        if item is not None:
            found += under(f"[{index}]", extension(item, scope))
    return found


def array_check(
    rule: ElementRule, item: Check, slices: Sequence[Slice], *, closed: bool, primitive: bool
) -> Check:
    """Return the check of an array: how many items, each under its slice or as the rest."""
    minimum, maximum = rule.minimum, rule.maximum
    held = tuple(slices)
    one = _sliced(rule, item, held, closed=closed) if held else None

    def check(value: Json, scope: Scope) -> Flaws:
        if type(value) is not list:
            return [_structure("", "an array is expected here")]
        found: list[Flaw] = [] if value else [_structure("", "an array is never empty")]
        if len(value) < minimum or (maximum is not None and len(value) > maximum):
            found.append(_count(rule, len(value)))
        counts = dict.fromkeys(range(len(held)), 0)
        for index, part in enumerate(value):
            if part is None and primitive:
                flaws: Flaws = [Flaw("", "structure", "base", _NO_NULL, "W-REC-05a", "null")]
            else:
                flaws = item(part, scope) if one is None else one(part, scope, counts)
            if flaws:
                found += under(f"[{index}]", flaws)
                if len(found) > MOST_FLAWS:
                    return _first(found)
        for rank, cut in enumerate(held):
            most = cut.rule.maximum
            if counts[rank] < cut.rule.minimum or (most is not None and counts[rank] > most):
                found.append(_count(cut.rule, counts[rank], cut.name))
        return found

    return check


def _sliced(
    rule: ElementRule, rest: Check, held: tuple[Slice, ...], *, closed: bool
) -> Callable[[Json, Scope, dict[int, int]], Flaws]:
    def one(part: Json, scope: Scope, counts: dict[int, int]) -> Flaws:
        for rank, cut in enumerate(held):
            if cut.matches(part):
                counts[rank] += 1
                return cut.check(part, scope)
        flaws = rest(part, scope)
        if not closed:
            return flaws
        names = ", ".join(cut.name for cut in held)
        message = f"fits no slice of {rule.path}: {names}"
        return [*flaws, Flaw("", "structure", rule.origin, "slicing", rule.requirement, message)]

    return one


def single_check(rule: ElementRule, item: Check) -> Check:
    """Return the check of an element that is not repeated, or not allowed at all."""
    if rule.maximum != 0:
        return item

    def check(_value: Json, _scope: Scope) -> Flaws:
        return [_count(rule, 1)]

    return check


def absence(rule: ElementRule, cuts: Sequence[Slice] = ()) -> Needed | None:
    """Return what must be said when the element is absent, None when it may be."""
    name = rule.path.rpartition(".")[2]
    keys = () if name.endswith("[x]") else (name,)
    absent = tuple(_absent(cut.rule, cut.name) for cut in cuts if cut.rule.minimum)
    if not absent and rule.minimum:
        absent = (_absent(rule, ""),)
    return Needed(keys, absent) if absent else None


def _absent(rule: ElementRule, cut: str) -> tuple[str, str, str, str, str]:
    name = rule.path.rpartition(".")[2].partition(":")[0].removesuffix("[x]")
    most = "*" if rule.maximum is None else str(rule.maximum)
    whole = f"the slice {cut} of {name}" if cut else name
    message = f"{whole} is missing: {rule.minimum}..{most} is asked"
    return "." + name, rule.origin_of_minimum, rule.requirement, message, rule.path


def _count(rule: ElementRule, found: int, cut: str = "") -> Flaw:
    most = "*" if rule.maximum is None else str(rule.maximum)
    code = "required" if found < rule.minimum else "structure"
    kind = "minimum" if found < rule.minimum else "maximum"
    level = rule.origin_of_minimum if found < rule.minimum else rule.origin
    whole = f"of the slice {cut} " if cut else ""
    message = f"{found} {whole}found, {rule.minimum}..{most} is asked"
    return Flaw("", code, level, kind, rule.requirement, message, rule.path)


def _first(found: list[Flaw]) -> Flaws:
    """Return the first flaws of very many, and that the rest is not checked."""
    del found[MOST_FLAWS:]
    return [*found, cut_short()]


def _structure(path: str, message: str) -> Flaw:
    return Flaw(path, "structure", "base", "shape", "W-REC-05a", message)


def passes(_value: Json, _scope: Scope) -> Flaws:
    """The check of what nothing constrains."""
    return NONE
