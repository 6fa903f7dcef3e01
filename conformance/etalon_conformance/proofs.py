"""What each requirement has for itself: a check that looks, and a server it was seen to catch.

A requirement is *linked* when a check claims it, and *proven* when some impostor that breaks it was
reported by a check that claims it. Linked without proven is a promise: the check may be blind.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from etalon_conformance.coverage import checks_by_requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_conformance.power import Trial
    from etalon_wire.json_body import Json


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands behind one requirement.

    Attributes:
        requirement: Its identifier.
        linked: A check claims it.
        impostors: How many servers that break it were tried.
        killed: How many of them were reported against it.
    """

    requirement: str
    linked: bool
    impostors: int
    killed: int

    @property
    def proven(self) -> bool:
        """Whether a server that breaks it was reported by a check that claims it."""
        return self.linked and self.killed > 0

    @property
    def plain(self) -> "dict[str, Json]":
        """The proof as JSON."""
        return {
            "requirement": self.requirement,
            "linked": self.linked,
            "proven": self.proven,
            "impostors": self.impostors,
            "killed": self.killed,
        }


def proofs(impostors: "tuple[Trial, ...]") -> tuple[Proof, ...]:
    """Return what stands behind each requirement that a check claims or that an impostor breaks.

    Args:
        impostors: The trials of impostors.
    """
    claimed: Mapping[str, tuple[str, ...]] = checks_by_requirement()
    broken: dict[str, list[bool]] = {}
    for one in impostors:
        broken.setdefault(one.requirement, []).append(bool(one.catches))
    return tuple(
        Proof(ident, ident in claimed, len(broken.get(ident, ())), sum(broken.get(ident, ())))
        for ident in sorted({*claimed, *broken})
    )
