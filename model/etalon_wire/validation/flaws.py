"""What a check finds wrong: where, under which rule, and on whose behalf.

A check returns `NONE` when all is well, so that a right value costs no allocation; the path is
put together on the way back up, from the place of the flaw to the root.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from etalon_wire.json_body import Json, Resource


@dataclass(slots=True)
class Flaw:
    """One thing wrong.

    `path` grows leftwards as the flaw travels up. `code` is a FHIR issue type, `level` says which
    rule set asks (`data/profiles/severities.csv` gives the severity), `rule` is the kind of
    constraint or the key of the invariant.
    """

    path: str
    code: str
    level: str
    rule: str
    requirement: str
    message: str
    element: str = ""


class Scope:
    """What a check may look at beside the value itself.

    Attributes:
        looks: How often something beside a value was looked at.
    """

    __slots__ = ("_contained", "_container", "_digests", "_entries", "_transaction", "looks")

    def __init__(
        self,
        container: Resource,
        entries: Mapping[str, Resource] | None = None,
        *,
        transaction: bool = False,
        digests: "dict[str, Digest | None] | None" = None,
    ) -> None:
        """Take the surroundings.

        Args:
            container: The resource that holds contained resources.
            entries: The resources of the bundle by fullUrl, None outside a bundle.
            transaction: Whether references may be conditional.
            digests: Length and SHA-1 of each document of the bundle read so far.
        """
        self._container = container
        self._entries = entries
        self._transaction = transaction
        self._digests = {} if digests is None else digests
        self._contained: dict[str, Resource] | None = None
        self.looks = 0

    def is_container(self, value: Resource) -> bool:
        """Whether a value is the whole resource: its place says so, nothing beside it does."""
        return value is self._container

    @property
    def container(self) -> Resource:
        """The resource that holds contained resources."""
        self.looks += 1
        return self._container

    @property
    def entries(self) -> Mapping[str, Resource] | None:
        """The resources of the bundle by fullUrl, None outside a bundle."""
        self.looks += 1
        return self._entries

    @property
    def transaction(self) -> bool:
        """Whether references may be conditional."""
        self.looks += 1
        return self._transaction

    @property
    def digests(self) -> "dict[str, Digest | None]":
        """Length and SHA-1 of each document of the bundle: one that many describe is read once."""
        self.looks += 1
        return self._digests

    def within(self, container: Resource) -> "Scope":
        """Return the scope of a resource of the same bundle."""
        self.looks += 1
        return Scope(container, self._entries, transaction=self._transaction, digests=self._digests)

    def contained(self, name: str) -> Resource | None:
        """Return the contained resource of id `name`, None when there is none."""
        self.looks += 1
        if self._contained is None:
            held = self._container.get("contained")
            self._contained = {
                str(item.get("id")): item
                for item in (reversed(held) if isinstance(held, list) else ())
                if isinstance(item, dict)
            }
        return self._contained.get(name)


Digest: TypeAlias = tuple[int, bytes]
"""How many bytes a document has, and their SHA-1."""

Flaws: TypeAlias = Sequence[Flaw]
Check: TypeAlias = Callable[[Json, Scope], Flaws]
MOST_FLAWS: Final = 1000
NONE: Final[tuple[Flaw, ...]] = ()


def under(step: str, flaws: Flaws) -> Flaws:
    """Return the flaws with `step` (`.name`, `[2]`) put before their paths."""
    for flaw in flaws:
        flaw.path = step + flaw.path
    return flaws


def cut_short() -> Flaw:
    """Return the flaw of a resource with too many: the rest is not checked, so it cannot pass."""
    message = f"more than {MOST_FLAWS} findings: the rest is not checked, mend these first"
    return Flaw("", "too-costly", "base", "number", "W-REC-05a", message)
