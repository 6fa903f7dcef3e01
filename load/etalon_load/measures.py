"""What a run measured, by journey and step, and by second of intended start.

Three histograms of each step are kept apart: what a person feels (from the intended start), what
the service took (from the sending), and what the generator added (from the intended start to the
sending). All counts merge by addition, so that workers may be many.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Self, cast

from pydantic import TypeAdapter

from etalon_load.histogram import Histogram

MICROSECONDS: Final = 1_000_000


class Outcome(StrEnum):
    """What an answer was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    """It came, and is not what a right service answers."""
    FAILED = "failed"
    """Refused, 5xx, cut, or never came."""


class Wrong(NamedTuple):
    """What is wrong with an answer.

    Attributes:
        key: Of `load.wrong.KEY`; empty when nothing is.
        values: What fills it.
    """

    key: str
    values: Mapping[str, str]


FORGOTTEN: Final = "login_forgotten"
"""Key of a login that its server does not know any more: it failed, and nothing wrong was told."""


class Step(NamedTuple):
    """A step of a journey."""

    journey: str
    name: str

    def __str__(self) -> str:
        """Write both, as files name them."""
        return f"{self.journey}/{self.name}"


@dataclass(slots=True)
class Second:
    """What became of the requests meant for one second.

    Attributes:
        sent: How many there were.
        within: How many were right, and within the bound of their objective.
        wrong: How many were answered wrong.
        failed: How many failed.
    """

    sent: int = 0
    within: int = 0
    wrong: int = 0
    failed: int = 0

    def add(self, other: "Second") -> None:
        """Add what another counted."""
        self.sent += other.sent
        self.within += other.within
        self.wrong += other.wrong
        self.failed += other.failed


@dataclass(slots=True)
class Measured:
    """What was measured of one step.

    Attributes:
        response: From the intended start to the end of the answer (µs).
        service: From the sending to the end of the answer (µs).
        seconds: What became of requests, by second of their intended start.
        heat: Responses by second of their intended start.
    """

    response: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    seconds: dict[int, Second] = field(default_factory=dict[int, Second])
    heat: dict[int, Histogram] = field(default_factory=dict[int, Histogram])

    def merge(self, other: "Measured") -> None:
        """Add what another measured."""
        self.response.merge(other.response)
        self.service.merge(other.service)
        for second, counts in other.seconds.items():
            self.seconds.setdefault(second, Second()).add(counts)
        for second, latencies in other.heat.items():
            self.heat.setdefault(second, Histogram()).merge(latencies)


@dataclass(slots=True)
class Measures:
    """What a worker, or a whole run, measured.

    Attributes:
        bounds: The bound of each step (µs) that counts as within; steps without one have none.
        steps: By journey and step.
        lag: From the intended start of a journey to its dispatch (µs).
        offered: Journeys dispatched, by second of intended start.
        finished: Journeys that came to their end.
    """

    bounds: Mapping[Step, int] = field(default_factory=dict[Step, int])
    steps: dict[Step, Measured] = field(default_factory=lambda: defaultdict(Measured))
    lag: Histogram = field(default_factory=Histogram)
    offered: dict[int, int] = field(default_factory=dict[int, int])
    finished: int = 0

    def dispatched(self, intended: int, sent: int) -> None:
        """Count a journey that was begun (µs from the start of the run)."""
        self.lag.record(sent - intended)
        second = intended // MICROSECONDS
        self.offered[second] = self.offered.get(second, 0) + 1

    def answered(self, step: Step, intended: int, sent: int, done: int, outcome: Outcome) -> None:
        """Count an answer.

        Args:
            step: Of which journey.
            intended: When the request was meant to leave (µs from the start of the run).
            sent: When it left.
            done: When the answer was there, or when it was given up.
            outcome: What it was worth.
        """
        measured = self.steps[step]
        response = done - intended
        measured.response.record(response)
        measured.service.record(done - sent)
        second = intended // MICROSECONDS
        measured.heat.setdefault(second, Histogram()).record(response)
        counts = measured.seconds.setdefault(second, Second())
        counts.sent += 1
        bound = self.bounds.get(step)
        right = outcome is Outcome.RIGHT
        counts.within += right and (bound is None or response <= bound)
        counts.wrong += outcome is Outcome.WRONG
        counts.failed += outcome is Outcome.FAILED

    def merge(self, other: "Measures") -> None:
        """Add what another worker measured under the same bounds.

        Raises:
            ValueError: Its bounds are others, so that "within" means something else.
        """
        if self.bounds != other.bounds:
            message = "measures of other bounds do not merge: give every worker the same objectives"
            raise ValueError(message)
        for step, measured in other.steps.items():
            self.steps[step].merge(measured)
        self.lag.merge(other.lag)
        for second, journeys in other.offered.items():
            self.offered[second] = self.offered.get(second, 0) + journeys
        self.finished += other.finished

    def drain(self) -> "Measures":
        """Return what was measured, and go on from nothing."""
        drained = Measures(self.bounds, self.steps, self.lag, self.offered, self.finished)
        fresh = Measures(self.bounds)
        self.steps, self.lag = fresh.steps, fresh.lag
        self.offered, self.finished = fresh.offered, 0
        return drained

    def journeys(self) -> frozenset[str]:
        """Return the journeys of which something was measured."""
        return frozenset(step.journey for step in self.steps)

    def of_journey(self, journey: str) -> Measured:
        """Return what was measured of all steps of a journey together."""
        return together(one for step, one in self.steps.items() if step.journey == journey)

    def plain(self) -> dict[str, object]:
        """Return the measures as JSON and messages between workers hold them."""
        written = _Plain(
            bounds={str(step): bound for step, bound in self.bounds.items()},
            steps={str(step): _plain_step(one) for step, one in sorted(self.steps.items())},
            lag=self.lag.plain(),
            offered=dict(sorted(self.offered.items())),
            finished=self.finished,
        )
        return cast("dict[str, object]", _PLAIN.dump_python(written, mode="json"))

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """Return the measures that `plain` wrote.

        Raises:
            ValueError: It is no such object; the message says which part.
        """
        read = _PLAIN.validate_python(plain)
        measures = cls({_step(name): bound for name, bound in read.bounds.items()})
        for name, one in read.steps.items():
            measures.steps[_step(name)] = _step_from(one)
        measures.lag = Histogram.from_plain(read.lag)
        measures.offered = dict(read.offered)
        measures.finished = read.finished
        return measures


@dataclass(frozen=True, slots=True)
class _PlainStep:
    response: dict[str, int]
    service: dict[str, int]
    seconds: dict[int, tuple[int, int, int, int]]
    heat: dict[int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Plain:
    bounds: dict[str, int]
    steps: dict[str, _PlainStep]
    lag: dict[str, int]
    offered: dict[int, int]
    finished: int


_PLAIN: Final = TypeAdapter(_Plain)


def _plain_step(one: Measured) -> _PlainStep:
    seconds = {
        second: (counts.sent, counts.within, counts.wrong, counts.failed)
        for second, counts in sorted(one.seconds.items())
    }
    heat = {second: latencies.plain() for second, latencies in sorted(one.heat.items())}
    return _PlainStep(one.response.plain(), one.service.plain(), seconds, heat)


def _step_from(plain: _PlainStep) -> Measured:
    return Measured(
        Histogram.from_plain(plain.response),
        Histogram.from_plain(plain.service),
        {second: Second(*counts) for second, counts in plain.seconds.items()},
        {second: Histogram.from_plain(latencies) for second, latencies in plain.heat.items()},
    )


def _step(written: str) -> Step:
    journey, _, name = written.partition("/")
    return Step(journey, name)


def together(measured: Iterable[Measured]) -> Measured:
    """Return what several steps measured as one."""
    whole = Measured()
    for one in measured:
        whole.merge(one)
    return whole
