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


@dataclass(slots=True)
class Scope:
    """What a check may look at beside the value itself.

    `container` is the resource that holds contained resources; `entries` the resources of the
    bundle by fullUrl, None outside a bundle; `transaction` whether references may be conditional.
    """

    container: Resource
    entries: Mapping[str, Resource] | None = None
    transaction: bool = False


Flaws: TypeAlias = Sequence[Flaw]
Check: TypeAlias = Callable[[Json, Scope], Flaws]
NONE: Final[tuple[Flaw, ...]] = ()


def under(step: str, flaws: Flaws) -> Flaws:
    """Return the flaws with `step` (`.name`, `[2]`) put before their paths."""
    for flaw in flaws:
        flaw.path = step + flaw.path
    return flaws
