# pyright: standard
"""One worker of a run: its journeys, what they meet, and how it behaves itself.

It knows nothing of Locust, which starts it and carries what it tells.
"""

import gc
import heapq
import socket
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final, Protocol, cast

import gevent
from gevent.event import AsyncResult, Event

from etalon_load.arrivals import Arrival, Plan
from etalon_load.conduct import WorkerConduct
from etalon_load.dispatching import Clock, Dispatcher, Journey, Taken
from etalon_load.gathering import SLOWEST, Listed, step_of
from etalon_load.journeys import by_the_sandbox
from etalon_load.live import Live
from etalon_load.measures import Measures, Outcome, Step
from etalon_load.patience import Patience
from etalon_load.silences import Listening
from etalon_load.workload import Workload

WRONG_MOST: Final = 10_000
"""How many wrong answers of a worker are listed; all are counted."""

_REASONS_MOST: Final = 1_000
_LOOK_SECONDS: Final = 0.05
"""An arrival nearer than this is slept for; before that one looks whether the run was stopped."""

_SAMPLE_SECONDS: Final = 1.0
_GRAIN_MOST: Final = 1_000
_GRAINS: Final = 100
_COLLECTIONS: Final = (20_000, 20, 50)
"""How rarely the collector looks: journeys leave hardly a cycle behind."""

_SECOND: Final = 1_000_000
Fired = Callable[[Taken], None]


class JourneysMaker(Protocol):
    """Makes the journeys of a worker."""

    def __call__(
        self, workload: Workload, plan: Plan, people: Sequence[str], rank: int
    ) -> Mapping[str, Journey]:
        """Return them by name.

        Args:
            workload: What is asked.
            plan: All arrivals of the run.
            people: Lines of the file of test people.
            rank: Of the worker.
        """
        ...


class MakerError(LookupError):
    """There is no such maker of journeys."""


def maker_of(named: str) -> JourneysMaker:
    """Return the maker of journeys that `module:function` names.

    Raises:
        MakerError: There is none.
    """
    module, _, name = named.partition(":")
    try:
        return cast("JourneysMaker", getattr(import_module(module), name))
    except (ImportError, AttributeError, ValueError) as error:
        message = f"{named!r} makes no journeys: {error}"
        raise MakerError(message) from error


@dataclass(slots=True)
class Kept:
    """Steps that are listed one by one.

    Attributes:
        wrong: Wrong answers.
        failed: How often each step failed for each reason.
        patience: Of the clients, which counts what it sends again.
    """

    wrong: list[Taken] = field(default_factory=list[Taken])
    failed: Counter[tuple[Step, str]] = field(default_factory=Counter[tuple[Step, str]])
    patience: Patience = field(default_factory=lambda: Patience(0))
    _slowest: list[tuple[int, int, Taken]] = field(default_factory=list[tuple[int, int, Taken]])
    _count: int = 0

    def keep(self, taken: Taken) -> None:
        """Keep a step if it belongs to the slowest, is wrong, or failed."""
        self._count += 1
        if len(self._slowest) < SLOWEST:
            heapq.heappush(self._slowest, (taken.response, self._count, taken))
        elif taken.response > self._slowest[0][0]:
            heapq.heapreplace(self._slowest, (taken.response, self._count, taken))
        if taken.outcome is Outcome.RIGHT:
            return
        if taken.outcome is Outcome.WRONG:
            if len(self.wrong) < WRONG_MOST:
                self.wrong.append(taken)
            return
        reason = (taken.step, _reason(taken))
        if reason in self.failed or len(self.failed) < _REASONS_MOST:
            self.failed[reason] += 1

    def plain(self) -> Listed:
        """Return them as `measured.json` holds them, the slowest first."""
        ordered = sorted(self._slowest, key=lambda one: (-one[0], one[1]))
        return {
            "slowest": [_plain_slow(taken) for _, _, taken in ordered],
            "wrong": [_plain_wrong(taken) for taken in self.wrong],
            "failed": _plain_counts(self.failed),
            "retried": _plain_counts(self.patience.again),
        }


def _plain_counts(counts: Counter[tuple[Step, str]]) -> list[dict[str, object]]:
    return [
        {"journey": step.journey, "step": step.name, "reason": reason, "count": count}
        for (step, reason), count in counts.most_common()
    ]


def _reason(taken: Taken) -> str:
    """Return why a step failed, in a few words."""
    key = taken.wrong.key
    return f"status {taken.status}" if key == "status" else key


def _plain_slow(taken: Taken) -> dict[str, object]:
    return {
        "trace": taken.trace,
        "journey": taken.step.journey,
        "step": taken.step.name,
        "at": taken.intended,
        "response_us": taken.response,
        "status": taken.status,
    }


def _plain_wrong(taken: Taken) -> dict[str, object]:
    return {
        "trace": taken.trace,
        "journey": taken.step.journey,
        "step": taken.step.name,
        "at": taken.intended,
        "reason": taken.wrong.key,
        "values": dict(taken.wrong.values),
    }


class Generator:
    """Sends the part of one worker.

    Attributes:
        measures: What has been measured since it was drained last.
        live: What has been seen since it was drained last.
        kept: Steps that are listed.
        faults: Faults of our own that nobody else would tell of.
    """

    def __init__(
        self,
        workload: Workload,
        plan: Plan,
        journeys: Mapping[str, Journey],
        rank: int,
        fired: Fired | None = None,
    ) -> None:
        """Send nothing yet.

        Args:
            workload: What is asked.
            plan: All arrivals of the run.
            journeys: By name.
            rank: Of the worker.
            fired: Told of each step too.
        """
        bounds = {step_of(written): bound for written, bound in workload.bounds.items()}
        self.measures = Measures(bounds)
        self.live = Live()
        self.kept = Kept(patience=Patience(workload.retries, workload.time_scale))
        self.faults: list[str] = []
        self._workload = workload
        self._plan = plan
        self._journeys = dict(journeys)
        self._rank = rank
        self._fired = fired
        self._stopped = Event()
        self._begun = 0
        self._listening = Listening()
        self._unheard = by_the_sandbox()
        self._clock = Clock(0.0)
        self._dispatcher: Dispatcher | None = None
        self._busiest = 0.0
        self._stopped_at: int | None = None

    def stop(self) -> None:
        """Let no further journey begin."""
        if self._stopped_at is None:
            self._stopped_at = self._clock.now()
        self._stopped.set()

    def run(self, start: float) -> WorkerConduct:
        """Send everything, and return how that went.

        Args:
            start: When the run begins, by `time.perf_counter` (seconds).
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTIONS)
        self._clock = Clock(start)
        late = self._clock.now()
        patience = self.kept.patience if self._workload.retries else None
        grain = grain_of(self.measures.bounds.values())
        dispatcher = Dispatcher(
            self._journeys, self.measures, self._clock, self._tell, patience, grain
        )
        self._dispatcher = dispatcher
        watch = gevent.spawn(self._watch)
        used = time.process_time()
        dispatcher.run(self._arrivals(), self._workload.drain_seconds)
        watch.kill()
        now = self._clock.now()
        dispatcher.flight.change(0, now)
        unfinished = dispatcher.flight.now
        return WorkerConduct(
            rank=self._rank,
            host=socket.gethostname(),
            planned=self._planned(),
            offered=self._begun,
            ended=self._begun - unfinished,
            busiest=self._busiest,
            cpu_seconds=time.process_time() - used,
            area=dispatcher.flight.area,
            spent=dispatcher.flight.spent,
            lasted=now,
            late_ms=late / 1000 if late > 0 else None,
            dry=dispatcher.dry,
            silences=self._listening.until(now),
            broken=_counted(dispatcher.broken),
        )

    def drained(self) -> tuple[Measures, Live]:
        """Return what was measured and seen since the last time."""
        measures, live = self.measures.drain(), self.live
        live.offered = sum(measures.offered.values())
        live.finished = measures.finished
        live.busiest = self._busiest
        live.in_flight = self.in_flight
        self.live = Live()
        return measures, live

    @property
    def in_flight(self) -> int:
        """How many journeys are under way."""
        return 0 if self._dispatcher is None else self._dispatcher.flight.now

    def _arrivals(self) -> Iterator[Arrival]:
        """Yield the arrivals of this worker until the run is stopped."""
        clock, stopped = self._clock, self._stopped
        for arrival in self._plan.of_worker(self._rank, self._workload.workers):
            wait = (arrival.at_microsecond - clock.now()) / _SECOND - _LOOK_SECONDS
            if stopped.is_set() or (wait > 0 and stopped.wait(wait)):
                return
            self._begun += 1
            yield arrival

    def _planned(self) -> int:
        """Return how many journeys were to begin here before the run ended."""
        until, own = self._stopped_at, self._plan.of_worker(self._rank, self._workload.workers)
        planned = sum(until is None or one.at_microsecond <= until for one in own)
        # The next one is taken a moment before its instant.
        return planned if until is None else max(planned, self._begun)

    def _tell(self, taken: Taken) -> None:
        """Count a step beside the measures; a fault here is kept and ends nothing."""
        try:
            bound = self.measures.bounds.get(taken.step)
            late = taken.outcome is Outcome.RIGHT and bound is not None and taken.response > bound
            at = taken.intended + taken.response
            self.live.answered(at, taken.response, taken.outcome, late=late)
            self.kept.keep(taken)
            if not taken.status:
                self._listening.gave_up()
            elif taken.step not in self._unheard:
                self._listening.answered(at, taken.intended)
            if self._fired is not None:
                self._fired(taken)
        except Exception:  # noqa: BLE001 (the journey is not at fault; the run is told)
            if not self.faults:
                self.faults.append(traceback.format_exc())

    def _watch(self) -> None:
        """See how busy this process is, second by second, while journeys begin."""
        ends = self._workload.seconds * _SECOND
        gevent.sleep(max(0.0, -self._clock.now() / _SECOND))
        at, used = time.perf_counter(), time.process_time()
        while self._clock.now() < ends:
            gevent.sleep(_SAMPLE_SECONDS)
            now, spent = time.perf_counter(), time.process_time()
            self._busiest = max(self._busiest, (spent - used) / (now - at))
            at, used = now, spent


def grain_of(bounds: Iterable[int]) -> int:
    """Return how long a dispatcher may let arrivals wait for each other (µs).

    A hundredth of the tightest bound (µs), which is a fifth of the lag that a run may have, and
    never more than a millisecond (decision 0124).
    """
    tightest = min(bounds, default=_GRAIN_MOST * _GRAINS)
    return min(tightest // _GRAINS, _GRAIN_MOST)


def _counted(broken: Sequence[str]) -> list[str]:
    """Return what journeys broke on, the most frequent first, with how often."""
    most = Counter(broken).most_common(_REASONS_MOST)
    return [f"{what} (x {count})" if count > 1 else what for what, count in most]


class Part:
    """What a process sends, begun by the one user that Locust spawns in it.

    Attributes:
        generator: Its worker, once it is made.
        starts: Instant of `time.perf_counter` at which the run begins, once it is known.
        ended: How it went (`WorkerConduct`), or what it broke on.
    """

    def __init__(self) -> None:
        """Wait for what is to be sent."""
        self.generator: Generator | None = None
        self.starts: AsyncResult[float] = AsyncResult()
        self.ended: AsyncResult[WorkerConduct] = AsyncResult()
        self._begun = False

    def begin(self) -> None:
        """Begin, whoever asks first; in a greenlet of its own, which no stopped user takes away."""
        if not self._begun:
            self._begun = True
            gevent.spawn(self._send).link(self.ended)

    def stop(self) -> None:
        """Let no further journey begin."""
        if self.generator is not None:
            self.generator.stop()

    def _send(self) -> WorkerConduct:
        start = cast("float", self.starts.get())
        assert self.generator is not None  # noqa: S101 (made before the start is named)
        return self.generator.run(start)
