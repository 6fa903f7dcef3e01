"""Profiles compiled to closures, once, at start-up.

Each element becomes one function of its value; a resource is checked by calling the function of
its root. Types and profiles that contain each other are reached through the compiler's table, so
that each is compiled once. What cannot be evaluated is listed, never passed over in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import RLock

from etalon_wire.json_body import Json, Resource
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope
from etalon_wire.validation.invariants import invariant_checks
from etalon_wire.validation.nodes import Node, tree_of
from etalon_wire.validation.primitives import primitive_checks
from etalon_wire.validation.profiles import ElementRule, Profile, ProfileSet
from etalon_wire.validation.recurring import RECURRING, RightValues
from etalon_wire.validation.references import scope_of, target_check
from etalon_wire.validation.shapes import (
    Member,
    Needed,
    Slice,
    absence,
    array_check,
    object_check,
    passes,
    single_check,
)
from etalon_wire.validation.slices import fits_pattern, slice_predicate
from etalon_wire.validation.terminologies import binding_checks, value_set

_BESIDE = "_"
_BACKBONES = frozenset({"BackboneElement", "Element"})
_OTHER_TYPES = (
    "Age",
    "ContactDetail",
    "Contributor",
    "Count",
    "DataRequirement",
    "Distance",
    "Dosage",
    "Duration",
    "Expression",
    "ParameterDefinition",
    "RelatedArtifact",
    "SampledData",
    "Timing",
    "TriggerDefinition",
    "UsageContext",
)


class Compiler:
    """The closures of a set of profiles.

    Attributes:
        not_evaluated: What the profiles ask that no check of ours evaluates, each said once.
    """

    def __init__(self, known: ProfileSet, right: RightValues | None = None) -> None:
        """Compile nothing yet.

        Args:
            known: The profiles.
            right: What remembers values found right, or None to check each anew.
        """
        self.known = known
        self._right = right
        self.not_evaluated: dict[str, None] = {}
        self._compiling = RLock()
        self._types: dict[str, Check] = {}
        self._profiles: dict[str, Check] = {}
        self._repeated: dict[str, Check] = {}
        self._types[_BESIDE] = _later(self._types, _BESIDE)
        self._types[_BESIDE] = self._beside_check()

    def profile_check(self, profile: Profile) -> Check:
        """Return the check of a resource or value against `profile`."""
        found = self._profiles.get(profile.url)
        if found is None:
            self._profiles[profile.url] = _later(self._profiles, profile.url)
            root = tree_of(profile.elements)
            found = self._profiles[profile.url] = self._item(root, profile.resource)
        return found

    def type_check(self, name: str) -> Check:
        """Return the check of a resource or data type of R4 itself; several threads may ask."""
        with self._compiling:
            found = primitive_checks().get(name) or self._types.get(name)
            if found is None:
                if name not in self.known.base:
                    return passes
                self._types[name] = _later(self._types, name)
                found = self._types[name] = self._item(tree_of(self.known.base[name]), name)
            return found

    def _item(self, node: Node, kind: str = "") -> Check:
        """Return the check of one value of the element `node`.

        `kind` names the type or resource when the node is the root of one.
        """
        rule = node.rule
        checks: list[Check] = []
        if node.children:
            checks.append(self._object(node, kind if self._is_resource(kind) else ""))
        elif rule.same_as:
            checks.append(self._same_as(rule))
        elif rule.types and not kind:
            checks.append(self._typed(rule, rule.types[0].code))
        checks += self._constraints(rule)
        inherited = () if kind or not node.children else self._type_invariants(rule)
        return _all(checks, invariant_checks((*inherited, *rule.invariants), rule))

    def _type_invariants(self, rule: ElementRule) -> tuple[str, ...]:
        """An element whose type is unfolded in the profile keeps the invariants of the type."""
        kind = rule.types[0].code if rule.types else ""
        base = self.known.base.get(kind)
        if base is None or kind in _BACKBONES:
            return ()
        return tuple(key for key in base[0].invariants if key not in rule.invariants)

    def _constraints(self, rule: ElementRule) -> list[Check]:
        checks: list[Check] = []
        if rule.fixed is not None or rule.pattern is not None:
            checks.append(_equal(rule))
        if rule.binding is not None:
            checks += binding_checks(rule)
            if value_set(rule.binding.value_set) is None and rule.binding.strength != "example":
                self._note(f"{rule.path}: the value set {rule.binding.value_set} is not held")
        if rule.types and rule.types[0].code == "Reference" and rule.types[0].targets:
            checks.append(target_check(rule, self.known))
            self._note_targets(rule)
        profile = self.known.find(rule.profile) if rule.profile else None
        if profile is not None and not self._is_resource(profile.resource):
            checks.append(self.profile_check(profile))
        elif rule.profile and profile is None:
            self._note(f"{rule.path}: the profile {rule.profile} is not held")
        return checks

    def _note_targets(self, rule: ElementRule) -> None:
        for target in (target for kind in rule.types for target in kind.targets):
            kind = self.known.type_of(target)
            if kind is None:
                self._note(f"{rule.path}: what {target} stands for is not known")
            elif kind != target.partition("|")[0].rpartition("/")[2]:
                self._note(f"{rule.path}: of a target, the type is checked, not {target}")

    def _note(self, text: str) -> None:
        self.not_evaluated[text] = None

    def _is_resource(self, kind: str) -> bool:
        base = self.known.base.get(kind)
        return base is not None and any(rule.path == f"{kind}.meta" for rule in base)

    def _typed(self, rule: ElementRule, kind: str) -> Check:
        if kind == "Resource" or self._is_resource(kind):
            return self._resource(rule, kind)
        if kind not in self.known.base and kind not in primitive_checks():
            self._note(f"values of type {kind} are not checked")
        return self.type_check(kind)

    def _resource(self, rule: ElementRule, kind: str) -> Check:
        """Return the check of a resource inside another: its profile, the one it says, or R4."""
        asked = self.known.find(rule.profile) if rule.profile else None
        stays = rule.path.endswith(".contained")

        def check(value: Json, scope: Scope) -> Flaws:
            if type(value) is not dict:
                return [Flaw("", "structure", "base", "shape", "W-REC-05a", "a resource is asked")]
            name = value.get("resourceType")
            if not isinstance(name, str) or kind not in ("Resource", name):
                message = f"a resource of type {kind} is asked"
                return [Flaw("", "structure", "base", "type", "W-REC-05a", message)]
            inner = scope if stays else _inside(value, name, scope)
            if asked is not None:
                return self.profile_check(asked)(value, inner)
            if name not in self.known.base:
                message = f"resources of type {name[:40]!r} are not checked"
                return [Flaw("", "not-supported", "unevaluated", "type", "", message)]
            profile = self._declared(value, name)
            found = self.profile_check(profile) if profile else self.type_check(name)
            return found(value, inner)

        return self._remembering(check) if stays else check

    def _remembering(self, check: Check) -> Check:
        return check if self._right is None else self._right.remembering(check)

    def _declared(self, value: dict[str, Json], name: str) -> Profile | None:
        meta = value.get("meta")
        addresses = meta.get("profile") if isinstance(meta, dict) else None
        for address in addresses if isinstance(addresses, list) else ():
            profile = self.known.find(address) if isinstance(address, str) else None
            if profile is not None and profile.resource == name:
                return profile
        return None

    def _same_as(self, rule: ElementRule) -> Check:
        """Return the check of an element that repeats the content of another of its type."""
        path = rule.same_as
        if path not in self._repeated:
            self._repeated[path] = _later(self._repeated, path)
            root = tree_of(self.known.base[path.partition(".")[0]])
            at = root.below(path.partition(".")[2])
            self._repeated[path] = self._item(at) if at is not None else passes
        return self._repeated[path]

    def _object(self, node: Node, kind: str) -> Check:
        members: list[Member] = []
        needed: list[Needed] = []
        for child in node.children.values():
            found, need = self._member(child)
            members += found
            if need is not None:
                needed.append(need)
        return object_check(kind, members, needed, self._types[_BESIDE])

    def _member(self, node: Node) -> tuple[list[Member], Needed | None]:
        name = node.rule.path.rpartition(".")[2]
        if name.endswith("[x]"):
            members = self._choice(node, name)
            asked = [cut for cut in node.slices.values() if cut.rule.minimum]
            need = absence(asked[0].rule if asked else node.rule)
            keys = tuple(
                member.key for member in members if not asked or member.key.endswith(_key(asked[0]))
            )
            return members, replace(need, keys=keys) if need is not None else None
        primitive = node.type in primitive_checks()
        if not node.repeats:
            check = single_check(node.rule, self._item(node))
            if node.type in RECURRING:
                check = self._remembering(check)
            return [Member(name, name, check, primitive)], absence(node.rule)
        cuts = self._slices(node)
        closed = node.rule.slicing is not None and node.rule.slicing.closed
        check = array_check(node.rule, self._item(node), cuts, closed=closed, primitive=primitive)
        if node.type in RECURRING:
            check = self._remembering(check)
        return [Member(name, name, check, primitive)], absence(node.rule, cuts)

    def _slices(self, node: Node) -> Sequence[Slice]:
        slicing = node.rule.slicing
        found: list[Slice] = []
        for name, cut in node.slices.items():
            matches = slice_predicate(cut, slicing, self.known) if slicing is not None else None
            if matches is None:
                self._note(f"{cut.rule.path}: nothing tells which items belong to the slice")
            else:
                found.append(Slice(name, cut.rule, matches, self._item(cut)))
        return found

    def _choice(self, node: Node, name: str) -> list[Member]:
        stem = name.removesuffix("[x]")
        codes = [rule.code for rule in node.rule.types]
        if codes == ["*"]:
            codes = [*primitive_checks(), *self._data_types(), *_OTHER_TYPES]
        members: list[Member] = []
        for code in codes:
            at = next((cut for cut in node.slices.values() if cut.type == code), node)
            kept = tuple(kind for kind in at.rule.types if kind.code in (code, "*"))
            one = replace(at.rule, types=(replace(kept[0], code=code),))
            check = single_check(one, self._item(Node(one, at.children)))
            key = stem + code[:1].upper() + code[1:]
            members.append(Member(key, name, check, code in primitive_checks()))
        return members

    def _data_types(self) -> list[str]:
        return [name for name in self.known.base if not self._is_resource(name)]

    def _beside_check(self) -> Check:
        """Return the check of `_key`: an id and extensions, nothing else."""
        base = self.known.base["Period"]
        kept = [rule for rule in base if rule.path in ("Period.id", "Period.extension")]
        root = Node(replace(base[0], invariants=()))
        for rule in kept:
            root.children[rule.path.partition(".")[2]] = Node(rule)
        members = [member for child in root.children.values() for member in self._member(child)[0]]
        return object_check("", members, (), passes)


def _key(cut: Node) -> str:
    """Return how the key of a choice ends when it is of the type of the slice `cut`."""
    return cut.type[:1].upper() + cut.type[1:]


def _inside(resource: Resource, name: str, scope: Scope) -> Scope:
    """Return the scope of a resource in a bundle; a bundle in a bundle resolves its own entries."""
    return scope_of(resource) if name == "Bundle" else scope.within(resource)


def _later(table: Mapping[str, Check], key: str) -> Check:
    """Return a check that looks itself up when called: types and profiles hold each other."""

    def check(value: Json, scope: Scope) -> Flaws:
        return table[key](value, scope)

    return check


def _equal(rule: ElementRule) -> Check:
    value, exact = (rule.fixed, True) if rule.fixed is not None else (rule.pattern, False)

    def check(found: Json, _scope: Scope) -> Flaws:
        if found == value if exact else fits_pattern(found, value):
            return NONE
        kind = "fixed" if exact else "pattern"
        message = f"{str(found)[:60]} is found where {value} is asked"
        return [Flaw("", "value", rule.origin, kind, rule.requirement, message, rule.path)]

    return check


def _all(checks: Sequence[Check], invariants: Sequence[Check]) -> Check:
    """Return one check of all; invariants are asked of what has the shape of FHIR only."""
    firsts, lasts = tuple(checks), tuple(invariants)

    def all_firsts(value: Json, scope: Scope) -> Flaws:
        found: Flaws = NONE
        for step in firsts:
            flaws = step(value, scope)
            if flaws:
                found = [*found, *flaws]
        return found

    shape = firsts[0] if len(firsts) == 1 else all_firsts
    if not lasts:
        return shape

    def check(value: Json, scope: Scope) -> Flaws:
        found = shape(value, scope)
        if found and any(flaw.level == "base" for flaw in found):
            return found
        for step in lasts:
            flaws = step(value, scope)
            if flaws:
                found = [*found, *flaws]
        return found

    return check
