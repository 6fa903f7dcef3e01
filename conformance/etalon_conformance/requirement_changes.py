"""What differs between two sets of requirements, and which verdicts no longer hold.

A verdict is stale when what it depends on (`judged_parts`) changed since, or when its requirement
is gone: reports then show it beside the change, and never count it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from etalon_conformance.requirement import Requirement, digest, judged_parts


class Kind(StrEnum):
    """What became of a requirement between two sets."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ANNOTATED = "annotated"
    """Domain, sources or suites changed: verdicts hold."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a requirement differs between two sets.

    Attributes:
        ident: Its identifier.
        kind: What became of it.
        attributes: The attributes that differ, sorted; empty when it was added or removed.
    """

    ident: str
    kind: Kind
    attributes: tuple[str, ...] = ()


def changes(old: Mapping[str, Requirement], new: Mapping[str, Requirement]) -> tuple[Change, ...]:
    """Return what differs from `old` to `new`: removed first, then in the order of `new`."""
    removed = [Change(ident, Kind.REMOVED) for ident in old if ident not in new]
    others = [_change(old.get(ident), one) for ident, one in new.items()]
    return (*removed, *(change for change in others if change is not None))


def _change(old: Requirement | None, new: Requirement) -> Change | None:
    if old is None:
        return Change(new.ident, Kind.ADDED)
    before, after = judged_parts(old), judged_parts(new)
    judged = tuple(sorted(name for name in after if before[name] != after[name]))
    if judged:
        return Change(new.ident, Kind.CHANGED, judged)
    free = {
        "domain": old.domain != new.domain,
        "sources": old.sources != new.sources,
        "suites": old.suites != new.suites,
    }
    differing = tuple(name for name, differs in free.items() if differs)
    return Change(new.ident, Kind.ANNOTATED, differing) if differing else None


def stale(digests: Mapping[str, str], among: Mapping[str, Requirement]) -> tuple[str, ...]:
    """Return the requirements whose verdicts no longer hold, in the order given.

    Args:
        digests: Requirement -> its digest when it was judged, as `verdicts.json` holds them.
        among: The set that is to be held against them.
    """
    return tuple(
        ident
        for ident, judged in digests.items()
        if ident not in among or digest(among[ident]) != judged
    )


class _Judged(BaseModel):
    """What `verdicts.json` says of the requirements it was judged under."""

    digests: dict[str, str]


def digests_in(verdicts: bytes) -> Mapping[str, str]:
    """Return what each requirement was when it was judged: its digest.

    Args:
        verdicts: A file `verdicts.json`.

    Raises:
        ValueError: It is no such file, or holds no digests.
    """
    return _Judged.model_validate_json(verdicts).digests
