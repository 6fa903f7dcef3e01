"""What a check finds wrong: where, under which rule, and on whose behalf.

A check returns `NONE` when all is well, so that a right value costs no allocation; the path is
put together on the way back up, from the place of the flaw to the root.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Scope:
    """What a check may look at beside the value itself.

    `container` is the resource that holds contained resources; `entries` the resources of the
    bundle by fullUrl, None outside a bundle; `transaction` whether references may be conditional.
    `digests` keeps length and SHA-1 of each document of the bundle, so that a document that many
    resources describe is read once.
    """

    container: Resource
    entries: Mapping[str, Resource] | None = None
    transaction: bool = False
    digests: dict[str, tuple[int, bytes] | None] = field(
        default_factory=dict[str, "tuple[int, bytes] | None"]
    )
    _contained: dict[str, Resource] | None = None

    def within(self, container: Resource) -> "Scope":
        """Return the scope of a resource of the same bundle."""
        return Scope(container, self.entries, self.transaction, self.digests)

    def contained(self, name: str) -> Resource | None:
        """Return the contained resource of id `name`, None when there is none."""
        if self._contained is None:
            held = self.container.get("contained")
            self._contained = {
                str(item.get("id")): item
                for item in (reversed(held) if isinstance(held, list) else ())
                if isinstance(item, dict)
            }
        return self._contained.get(name)


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
