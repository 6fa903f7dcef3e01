"""Which slice an item of a repeated element belongs to: discriminators as predicates.

Source: FHIR R4, profiling, discriminators. By `value` and `pattern` an item is told by a fixed
value, a pattern or a required binding at the path; by `type` by its resource type; by `profile`
by its resource type and by what the profile asks of its codes, which names the right slice even
where the item breaks the profile elsewhere.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from etalon_wire.json_body import Json
from etalon_wire.validation.nodes import Node
from etalon_wire.validation.profiles import ProfileSet, Slicing
from etalon_wire.validation.terminologies import value_set

Matches: TypeAlias = Callable[[Json], bool]


def values_at(value: Json, steps: tuple[str, ...]) -> Iterator[Json]:
    """Return every value at a path, through arrays."""
    if isinstance(value, list):
        for item in value:
            yield from values_at(item, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from values_at(value[steps[0]], steps[1:])


def fits_pattern(value: Json, pattern: Json) -> bool:
    """Whether `value` holds everything that `pattern` holds."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and fits_pattern(value[key], part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(fits_pattern(item, part) for item in value) for part in pattern
        )
    return type(value) is type(pattern) and value == pattern


def slice_predicate(node: Node, slicing: Slicing, known: ProfileSet) -> Matches | None:
    """Return whether an item belongs to the slice `node`; None when nothing tells."""
    found = [
        test
        for kind, path in slicing.discriminators
        if (test := _discriminator(node, kind, path, known)) is not None
    ]
    if not found:
        return None
    return lambda item: all(test(item) for test in found)


def _discriminator(node: Node, kind: str, path: str, known: ProfileSet) -> Matches | None:
    if kind in ("profile", "type"):
        return _by_resource(node, path, known)
    at = node.below(path)
    test = _value_test(at) if at is not None else None
    if test is None and (profile := known.find(node.rule.profile)) is not None:
        for rule in profile.elements:
            if rule.path.partition(".")[2] == path:
                test = _value_test(Node(rule))
    steps = () if path == "$this" else tuple(path.split("."))
    if test is None:
        return _through_a_slice(node, steps)
    return _reaching(steps, test)


def _through_a_slice(node: Node, steps: tuple[str, ...]) -> Matches | None:
    """Return the test of an element below one that must hold one slice: an item in it is enough."""
    at, passed = node, False
    for step in steps:
        below = at.children.get(step)
        if below is None:
            return None
        asked = [cut for cut in below.slices.values() if cut.rule.minimum]
        at, passed = (asked[0], True) if len(asked) == 1 else (below, passed)
    test = _value_test(at) if passed else None
    if test is None:
        return None
    return lambda item: any(test(value) for value in values_at(item, steps))


def _reaching(steps: tuple[str, ...], test: Matches) -> Matches:
    def matches(item: Json) -> bool:
        found = False
        for value in values_at(item, steps):
            found = True
            if not test(value):
                return False
        return found

    return matches


def _value_test(node: Node) -> Matches | None:
    rule = node.rule
    if rule.fixed is not None:
        return lambda value: value == rule.fixed
    if rule.pattern is not None:
        return lambda value: fits_pattern(value, rule.pattern)
    binding = rule.binding
    if binding is not None and binding.strength == "required" and rule.origin != "base":
        held = value_set(binding.value_set)
        if held is not None:
            return lambda value: isinstance(value, str) and held.has_code(value)
    return None


def _by_resource(node: Node, path: str, known: ProfileSet) -> Matches | None:
    at = node.below(path)
    if at is None or not at.type:
        return None
    kind = at.type
    profile = known.find(at.rule.profile)
    asked = {
        rule.path.partition(".")[2]: rule.pattern
        for rule in (profile.elements if profile is not None else ())
        if isinstance(rule.pattern, dict) and rule.path.count(".") == 1 and ":" not in rule.path
    }
    steps = () if path == "$this" else tuple(path.split("."))

    def matches(item: Json) -> bool:
        return any(
            isinstance(value, dict)
            and value.get("resourceType") == kind
            and all(fits_pattern(value.get(name), pattern) for name, pattern in asked.items())
            for value in values_at(item, steps)
        )

    return matches
