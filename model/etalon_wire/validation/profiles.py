"""A profile as data: the elements of a resource or data type, and what each may hold.

Elements are named as in FHIR snapshots: `DocumentReference.content.attachment.url`,
`List.extension:designationType.value[x]`. Tables of ours and official snapshots both become
these rows; `compiling` knows no other form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from etalon_wire.json_body import Json

Strength = Literal["required", "extensible", "preferred", "example"]


@dataclass(frozen=True, slots=True)
class TypeRule:
    """One type an element may have, with the targets of a reference and where they must stand."""

    code: str
    targets: tuple[str, ...] = ()
    contained: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """The value set of a coded element and how strongly it binds."""

    strength: Strength
    value_set: str


@dataclass(frozen=True, slots=True)
class Slicing:
    """How the items of a repeated element fall into slices: (kind, path) in turn."""

    discriminators: tuple[tuple[str, str], ...]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What one element may hold.

    `maximum` None means any number. `origin` says who asks: FHIR itself, a profile, or ours.
    `base` is the rule of FHIR that a profile narrows: what breaks it too is no matter of profile.
    `same_as` names the element whose content this one repeats.
    """

    path: str
    minimum: int
    maximum: int | None
    types: tuple[TypeRule, ...] = ()
    profile: str = ""
    fixed: Json = None
    pattern: Json = None
    binding: Binding | None = None
    slicing: Slicing | None = None
    invariants: tuple[str, ...] = ()
    requirement: str = ""
    origin: str = "base"
    same_as: str = ""
    base: "ElementRule | None" = field(default=None, repr=False)

    @property
    def origin_of_minimum(self) -> str:
        """Who asks that the element be there."""
        return "base" if self.base is not None and self.base.minimum else self.origin


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile: its canonical address, version, the type it constrains, and its elements."""

    name: str
    url: str
    version: str
    resource: str
    standing: str
    source: str
    elements: tuple[ElementRule, ...] = field(repr=False)

    def element(self, path: str) -> ElementRule:
        """Return the rule of the element `path`.

        Raises:
            KeyError: The profile says nothing of it.
        """
        for rule in self.elements:
            if rule.path == path:
                return rule
        raise KeyError(path)


@dataclass(frozen=True, slots=True)
class ProfileSet:
    """The profiles known together: base types by name, profiles by name and by address.

    `targets` gives the resource type that a profile named in a reference constrains.
    """

    base: Mapping[str, tuple[ElementRule, ...]]
    profiles: Mapping[str, Profile]
    targets: Mapping[str, str]

    def find(self, name: str) -> Profile | None:
        """Return the profile of a name or canonical address (a version after `|` is let go)."""
        return self.profiles.get(name.partition("|")[0])

    def type_of(self, target: str) -> str | None:
        """Return the resource type that `target` (a type, a profile, an address) stands for."""
        tail = target.partition("|")[0].rpartition("/")[2]
        profile = self.find(target)
        if profile is not None:
            return profile.resource
        known = self.targets.get(tail)
        return known or (tail if tail[:1].isupper() and tail.isalpha() else None)

    def __iter__(self) -> Iterator[Profile]:
        """Every profile once, by name."""
        seen: dict[str, Profile] = {profile.url: profile for profile in self.profiles.values()}
        return iter(sorted(seen.values(), key=lambda profile: profile.name))
