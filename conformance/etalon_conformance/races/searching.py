"""Races looked for until a time is spent: scene after scene, history after history.

What a target cannot do leaves its scenes out, and they are named; nothing it does ends the search.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import registry
from etalon_conformance.concluding import Cut, Examined
from etalon_conformance.expectations import accepted
from etalon_conformance.races.scene import Scene, scenes
from etalon_conformance.races.trying import Tally, Trying, shown
from etalon_conformance.statements import Json
from etalon_target.cannot import CannotTest
from etalon_target.targets import Target

SHARE_A_TURN: Final = 1
"""Histories of a scene before the next has its turn."""


def _allowed() -> None:
    """Let everything go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found in one scene.

    Attributes:
        scene: Its name.
        requirement: What a race in it breaks.
        tally: What its histories came to.
        lacking: Why it could not be tried, in English, or empty.
        examined: What shows the race, as a check does; None where none was found.
    """

    scene: str
    requirement: str
    tally: Tally
    lacking: str = ""
    examined: Examined | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceSummary:
    """What a search for races came to.

    Attributes:
        seconds: How long it took.
        scenes: What was found in each scene.
    """

    seconds: float
    scenes: tuple[Searched, ...]

    @property
    def histories(self) -> int:
        """How many histories were judged."""
        return sum(one.tally.histories for one in self.scenes)

    @property
    def found(self) -> tuple[Searched, ...]:
        """The scenes in which a race was found."""
        return tuple(one for one in self.scenes if one.examined is not None)

    def plain(self) -> dict[str, Json]:
        """Return the summary as JSON holds it."""
        tallies = [one.tally for one in self.scenes]
        return {
            "milliseconds": round(1000 * self.seconds),
            "histories": self.histories,
            "operations": sum(one.operations for one in tallies),
            "unanswered": sum(one.unanswered for one in tallies),
            "not_known": sum(one.not_known for one in tallies),
            "found": [one.scene for one in self.found],
            "untried": [one.scene for one in self.scenes if not one.tally.histories],
        }


class _Turns:
    """One scene, tried turn after turn."""

    def __init__(
        self, target: Target, scene: Scene, seed: int, before_each: Callable[[], None]
    ) -> None:
        known = registry()[scene.check]
        self.check = replace(known, name=f"raced_{scene.name.replace('-', '_')}", needs=())
        self.bench = Bench(target, self.check, seed)
        self.bench.before_each = before_each
        self.scene = scene
        self._trying = Trying(self.bench, scene)
        self.lacking = ""

    @property
    def tally(self) -> Tally:
        """What its histories came to."""
        return self._trying.tally

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be learnt."""
        return bool(self.lacking) or self.tally.race is not None

    def turn(self, ends_at: float) -> None:
        """Try some histories, to the end of the search at most."""
        try:
            self._trying.go_on(self.tally.histories + SHARE_A_TURN, ends_at)
        except CannotTest as error:
            self.lacking = str(error)

    def found(self) -> Searched:
        """Return what was found, with the assertion that shows a race."""
        requirement = self.check.requirements[0]
        examined: Examined | None = None
        if self.tally.race is not None:
            exchange = shown(self.bench, self.scene, self.tally)
            self.bench.expects(requirement, exchange, accepted())
            examined = Examined(self.check, tuple(self.bench.asserted), self.bench.exchanges)
        return Searched(
            scene=self.scene.name,
            requirement=requirement,
            tally=self.tally,
            lacking=self.lacking,
            examined=examined,
        )


def searched(
    target: Target,
    seconds: float,
    seed: int,
    before_each: Callable[[], None] = _allowed,
    requirements: Collection[str] | None = None,
) -> RaceSummary:
    """Look for races until a time is spent, or every scene showed one.

    Args:
        target: The system under test, reached.
        seconds: How long.
        seed: Of what clients do.
        before_each: Called before anything is asked; what it raises ends the search.
        requirements: Only scenes that break one of these; None for all of them.
    """
    began = monotonic()
    ends_at = began + seconds
    waiting = [
        _Turns(target, one, seed, before_each)
        for one in scenes().values()
        if requirements is None or registry()[one.check].requirements[0] in requirements
    ]
    try:
        while monotonic() < ends_at and not all(one.is_over for one in waiting):
            for one in waiting:
                if not one.is_over and monotonic() < ends_at:
                    one.turn(ends_at)
    except Cut:
        pass
    return RaceSummary(seconds=monotonic() - began, scenes=tuple(one.found() for one in waiting))
