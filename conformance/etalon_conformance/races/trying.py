"""Histories tried one after the other, until one shows a race: what a check asserts of them."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion
from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.expectations import accepted
from etalon_conformance.races.racing import Race, raced
from etalon_conformance.races.scene import Scene, scenes
from etalon_target.cannot import CannotTest
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_wire.json_body import Json, write_json

if TYPE_CHECKING:
    from etalon_target.people import TestProfessional

HISTORIES: Final = 16
"""Histories that a check records, unless one shows a race before."""
_LEAST_ANSWERED: Final = 0.5
"""Share of the operations that has to be answered: what nobody answers contradicts nothing."""


class Tally:
    """What histories of one scene came to.

    Attributes:
        histories: How many were judged.
        operations: How many operations they held.
        unanswered: Of how many operations nobody knows what became.
        not_known: How many histories were given up by the search.
        race: The first that no order explains, or None.
    """

    __slots__ = ("histories", "not_known", "operations", "race", "unanswered")

    def __init__(self) -> None:
        """Count nothing yet."""
        self.histories = self.operations = self.unanswered = self.not_known = 0
        self.race: Race | None = None

    def add(self, race: Race) -> None:
        """Count a history."""
        self.histories += 1
        self.operations += len(race.history)
        self.unanswered += race.unanswered
        self.not_known += race.is_explained and not race.is_known
        if not race.is_explained and self.race is None:
            self.race = race

    @property
    def says_nothing(self) -> bool:
        """Whether too little was answered, or judged, for silence to mean anything."""
        answered = self.operations - self.unanswered
        few = answered < _LEAST_ANSWERED * self.operations
        return self.race is None and (few or self.not_known == self.histories)


class Trying:
    """Histories of one scene, tried one after the other by one bench.

    Attributes:
        bench: What people are asked for with.
        scene: What clients do.
        tally: What the histories came to so far.
    """

    def __init__(self, bench: Bench, scene: Scene) -> None:
        """Try nothing yet."""
        self.bench = bench
        self.scene = scene
        self.tally = Tally()
        self._cast: dict[str, TestProfessional] = {}
        self._kept = len(bench.exchanges)

    def go_on(self, histories: int, ends_at: float = inf) -> None:
        """Try histories until so many were, one shows a race, or the time is over.

        What goes over the wire is kept of the history that shows a race alone.

        Args:
            histories: How many in all, those before among them.
            ends_at: Instant of `time.monotonic` after which none begins.

        Raises:
            CannotTest: The target offers no such people, or is gone.
        """
        tally, bench = self.tally, self.bench
        while tally.race is None and tally.histories < histories and monotonic() < ends_at:
            race = raced(bench, self.scene, self._cast, bench.random)
            tally.add(race)
            if race.is_explained:
                del bench.recording.exchanges[self._kept :]


def explained(bench: Bench, requirement: str) -> Iterator[Assertion]:
    """In the scene of a check, an order explains what clients were answered side by side.

    Raises:
        CannotTest: Nothing can be said: too little was answered, or every search was given up.
    """
    scene = next(one for one in scenes().values() if one.check == bench.check.name)
    trying = Trying(bench, scene)
    trying.go_on(HISTORIES)
    if trying.tally.says_nothing:
        raise CannotTest(key="cause.races_open", scene=scene.name)
    yield bench.expects(requirement, shown(bench, scene, trying.tally), accepted())


def shown(bench: Bench, scene: Scene, tally: Tally) -> Exchange:
    """Record what histories came to, after the exchanges of the one that shows a race."""
    race, recording = tally.race, bench.recording
    for one in () if race is None else race.exchanges:
        recording.exchanges.append(replace(one, number=len(recording.exchanges) + 1))
    told: dict[str, Json] = {
        "histories": tally.histories,
        "operations": tally.operations,
        "unanswered": tally.unanswered,
        "not_known": tally.not_known,
    }
    if race is not None:
        told["drawing"] = {"fr": race.drawn("fr"), "en": race.drawn("en")}
        told["history"] = race.lines()
    request = HttpRequest(OPERATION, f"race {scene.name}")
    answer = HttpResponse(200, (), write_json(told), 0.0, scene.name)
    exchange = recording.add(None, request, answer, control=False)
    exchange = replace(exchange, accepted=race is None)
    recording.exchanges[exchange.number - 1] = exchange
    return exchange
