"""What is seen of a run while it goes: answers by the second in which they came, latencies of late.

Rules that end a run, the figures on the terminal and Locust's page read this; verdicts never do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from pydantic import TypeAdapter

from etalon_load.histogram import Histogram
from etalon_load.measures import MICROSECONDS, Outcome


@dataclass(slots=True)
class Tick:
    """What came in one second.

    Attributes:
        answered: Steps that ended, failures too.
        failed: Of these, failures.
        wrong: Of these, wrong answers.
        late: Of these, right answers beyond the bound of their objective.
    """

    answered: int = 0
    failed: int = 0
    wrong: int = 0
    late: int = 0

    def add(self, other: "Tick") -> None:
        """Add what another counted."""
        self.answered += other.answered
        self.failed += other.failed
        self.wrong += other.wrong
        self.late += other.late


@dataclass(slots=True)
class Live:
    """What has been seen so far, or since it was drained.

    Attributes:
        ticks: By second of the run in which answers came.
        recent: Latencies since the last look (µs).
        offered: Journeys begun.
        finished: Journeys ended.
        in_flight: Journeys under way when it was drained.
        busiest: The share of a core used in the busiest second.
    """

    ticks: dict[int, Tick] = field(default_factory=dict[int, Tick])
    recent: Histogram = field(default_factory=Histogram)
    offered: int = 0
    finished: int = 0
    in_flight: int = 0
    busiest: float = 0.0

    def answered(self, at: int, response: int, outcome: Outcome, *, late: bool) -> None:
        """Count an answer.

        Args:
            at: When it came (µs from the start of the run).
            response: From its intended start (µs).
            outcome: What it was worth.
            late: Whether it was right, and beyond its bound.
        """
        self.recent.record(response)
        tick = self.ticks.setdefault(at // MICROSECONDS, Tick())
        tick.answered += 1
        tick.failed += outcome is Outcome.FAILED
        tick.wrong += outcome is Outcome.WRONG
        tick.late += late

    def total(self) -> Tick:
        """Return what came in all seconds together."""
        whole = Tick()
        for tick in self.ticks.values():
            whole.add(tick)
        return whole

    def merge(self, other: "Live") -> None:
        """Add what a worker saw since it was asked last; what it has under way is its own."""
        for second, tick in other.ticks.items():
            self.ticks.setdefault(second, Tick()).add(tick)
        self.recent.merge(other.recent)
        self.offered += other.offered
        self.finished += other.finished
        self.busiest = max(self.busiest, other.busiest)

    def plain(self) -> dict[str, object]:
        """Return it as messages between workers hold it."""
        ticks = {
            second: (one.answered, one.failed, one.wrong, one.late)
            for second, one in self.ticks.items()
        }
        counts = (self.offered, self.finished, self.in_flight)
        written = _Plain(ticks, self.recent.plain(), counts, self.busiest)
        return cast("dict[str, object]", _PLAIN.dump_python(written, mode="json"))

    @classmethod
    def from_plain(cls, plain: object) -> "Live":
        """Return what `plain` wrote.

        Raises:
            ValueError: It is no such object.
        """
        read = _PLAIN.validate_python(plain)
        ticks = {second: Tick(*counts) for second, counts in read.ticks.items()}
        return cls(ticks, Histogram.from_plain(read.recent), *read.counts, read.busiest)


@dataclass(frozen=True, slots=True)
class _Plain:
    ticks: Mapping[int, tuple[int, int, int, int]]
    recent: dict[str, int]
    counts: tuple[int, int, int]
    busiest: float


_PLAIN: Final = TypeAdapter(_Plain)
