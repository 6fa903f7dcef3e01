"""What a suite asks of a target before it can say anything: test people, operations.

`data/wanted.csv` holds what each check asked for when it ran against the reference
(`scripts/wanted_table.py` writes it). A target that makes test people on demand has the people; one
that does not names them in its profile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from etalon_conformance.planning import Plan
from etalon_conformance.tables import rows_of


class Kind(StrEnum):
    """What is wanted."""

    PERSON = "person"
    PROFESSIONAL = "professional"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one check wants.

    Attributes:
        kind: What it is.
        what: In the keys of a profile: `state=NOTIFIED age=34`, `profession=10`; or the name of an
            operation.
        count: How many; 1 for an operation.
    """

    kind: Kind
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Need:
    """What a plan wants, and what it is good for.

    Attributes:
        kind: What it is.
        what: As in a wish.
        count: How many people the checks of the plan use up together; how many professionals the
            most demanding one works with; 1 for an operation.
        requirements: The requirements whose checks want it, in the order of the plan.
    """

    kind: Kind
    what: str
    count: int
    requirements: tuple[str, ...]


@cache
def wishes() -> Mapping[str, tuple[Wish, ...]]:
    """Return what each check wants, by its name; nothing for one that wants nothing."""
    found: dict[str, list[Wish]] = {}
    for row in rows_of("wanted.csv"):
        wish = Wish(Kind(row["kind"]), row["what"], int(row["count"]))
        found.setdefault(row["check"], []).append(wish)
    return {check: tuple(wanted) for check, wanted in found.items()}


def needs(plan: Plan, wanted: Mapping[str, Iterable[Wish]] | None = None) -> tuple[Need, ...]:
    """Return what a plan wants, each thing once, what unlocks most first.

    Args:
        plan: The plan.
        wanted: What each check wants; None for the table.
    """
    table = wishes() if wanted is None else wanted
    counts: dict[tuple[Kind, str], int] = {}
    unlocked: dict[tuple[Kind, str], dict[str, None]] = {}
    for check in plan.checks:
        named = [one.ident for one in plan.looked_at(check)]
        for wish in table.get(check.name, ()):
            place = (wish.kind, wish.what)
            # A check uses a person up; professionals serve the next one as well.
            before = counts.get(place, 0)
            used_up = wish.kind is Kind.PERSON
            counts[place] = before + wish.count if used_up else max(before, wish.count)
            unlocked.setdefault(place, {}).update(dict.fromkeys(named))
    found = [
        Need(
            kind=kind,
            what=what,
            count=count,
            requirements=tuple(one for one in plan.requirements if one in unlocked[kind, what]),
        )
        for (kind, what), count in counts.items()
    ]
    ranks = list(Kind)
    return tuple(
        sorted(found, key=lambda one: (ranks.index(one.kind), -len(one.requirements), one.what))
    )
