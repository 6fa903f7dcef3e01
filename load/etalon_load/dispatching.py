# pyright: standard
"""Journeys begun at their instants, whatever became of those before.

One dispatcher a worker. It sleeps until the next arrival and hands it to a parked greenlet, so that
a journey costs no new one. Waking up is what costs most: where arrivals come close together it does
so once for those of a moment (`grain`). The steps of a journey follow each other, each meant for
when the one before ended and its thinking was over. Where a step begins late, the lateness is part
of what is measured.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import gevent
from gevent.hub import Hub, get_hub

from etalon_load.alarm import Alarm, alarm_of
from etalon_load.arrivals import Arrival
from etalon_load.http_client import Answer, FailedError
from etalon_load.measures import FORGOTTEN, Measures, Outcome, Step, Wrong
from etalon_load.patience import Patience
from etalon_load.people.pool import PoolDry

_SECOND: Final = 1_000_000
_CATCH_UP: Final = 64
"""Behind time, sockets are looked at after so many arrivals."""

_MOMENT: Final = 1e-6
"""gevent's sleep(0) yields without looking at the sockets; this does not."""

_TRACE_BITS: Final = 128
_REFUSING: Final = frozenset({401, 429})
"""The server asks for another token, or to come again later."""

_FAILING: Final = 500
"""From here on the server says that it failed."""


class Taken(NamedTuple):
    """A step that was taken.

    Attributes:
        step: Which.
        trace: Trace identifier of its journey (32 hexadecimal digits).
        intended: When it was meant to begin (µs from the start of the run).
        response: From then to the end of the answer (µs).
        status: Of the answer, 0 when none came.
        size: Bytes of its body.
        outcome: What it was worth.
        wrong: What was wrong with it; for a failure without an answer, what happened, as its key.
    """

    step: Step
    trace: str
    intended: int
    response: int
    status: int
    size: int
    outcome: Outcome
    wrong: Wrong


Told = Callable[[Taken], None]
"""Told of each step that was taken."""


class Clock:
    """Microseconds from the start of a run, by the clock that never goes back."""

    __slots__ = ("_start",)

    def __init__(self, start: float) -> None:
        """Count from an instant of `time.perf_counter` (seconds)."""
        self._start = start

    def now(self) -> int:
        """Return the microseconds since the start; below 0 before it."""
        return int((time.perf_counter() - self._start) * _SECOND)


@dataclass(slots=True)
class Walk:
    """One journey on its way.

    Attributes:
        arrival: Whose, and which.
        due: When the next step is meant to begin (µs from the start of the run).
        clock: Of the run.
        measures: Where answers are counted.
        told: Told of each step, or None.
        trace: Trace identifier of the journey (W3C Trace Context: 32 hexadecimal digits, not 0).
        patience: How often a refused request is sent again, or None.
    """

    arrival: Arrival
    due: int
    clock: Clock
    measures: Measures
    told: Told | None = None
    trace: str = ""
    patience: Patience | None = None

    def step(
        self,
        name: str,
        send: Callable[[], Answer],
        judge: Callable[[Answer], str | Wrong],
    ) -> Answer | None:
        """Take a step: send, wait, count; the next one is meant for when this one ended.

        Args:
            name: Of the step.
            send: Sends the request and returns its answer.
            judge: Returns what is wrong with an answer: a key of `load.wrong.KEY`, with or without
                values, or an empty string.

        Returns:
            The answer when it was right, else None: the journey cannot go on from it.
        """
        step, intended, sent = Step(self.arrival.kind, name), self.due, self.clock.now()
        answer: Answer | None = None
        try:
            answer = send() if self.patience is None else self.patience.sent(step, send)
        except FailedError as error:
            done = self.clock.now()
            wrong, outcome = Wrong(str(error), {}), Outcome.FAILED
        else:
            # Judging is our own time: nobody waits for it.
            done = self.clock.now()
            found = judge(answer)
            wrong = Wrong(found, {}) if isinstance(found, str) else found
            outcome = Outcome.WRONG if wrong.key else Outcome.RIGHT
            refused = answer.status >= _FAILING or answer.status in _REFUSING
            if wrong.key and (refused or wrong.key == FORGOTTEN):
                outcome = Outcome.FAILED
        self.measures.answered(step, intended, sent, done, outcome)
        if self.told is not None:
            status, size = (0, 0) if answer is None else (answer.status, len(answer.body))
            took = done - intended
            self.told(Taken(step, self.trace, intended, took, status, size, outcome, wrong))
        self.due = done
        return answer if outcome is Outcome.RIGHT else None

    def think(self, seconds: float) -> None:
        """Wait as a person does before the next step."""
        self.due += int(seconds * _SECOND)
        gevent.sleep(max(0.0, (self.due - self.clock.now()) / _SECOND))


Journey = Callable[[Walk], None]


@dataclass(slots=True)
class Flight:
    """How many journeys are under way, and for how long they were.

    Attributes:
        now: Under way.
        most: The most there ever were.
        area: Journeys times microseconds so far.
        seconds_spent: Microseconds from intended start to end, over journeys that ended.
    """

    now: int = 0
    most: int = 0
    area: int = 0
    spent: int = 0
    _since: int = 0

    def change(self, by: int, at: int) -> None:
        """Count one more or one fewer from an instant on (µs)."""
        self.area += self.now * (at - self._since)
        self._since = at
        self.now += by
        self.most = max(self.most, self.now)


@dataclass(slots=True)
class Dispatcher:
    """Begins journeys.

    Attributes:
        journeys: By kind.
        measures: Where everything is counted.
        clock: Of the run.
        told: Told of each step, or None.
        patience: Of the clients, or None where a refused request is not sent again.
        grain: It wakes no sooner than so long after it woke last (µs).
        flight: What is under way.
        broken: Journeys that ended in a fault of their own, with what it was.
        dry: Journeys for which nobody was left.
    """

    journeys: dict[str, Journey]
    measures: Measures
    clock: Clock
    told: Told | None = None
    patience: Patience | None = None
    grain: int = 0
    flight: Flight = field(default_factory=Flight)
    broken: list[str] = field(default_factory=list[str])
    dry: int = 0
    _parked: list[Any] = field(default_factory=list[Any])

    def run(self, arrivals: Iterable[Arrival], drain_seconds: float) -> None:
        """Begin every journey at its instant, then wait for those under way.

        Args:
            arrivals: In their order.
            drain_seconds: How long to wait at the end; what is under way then is unfinished.
        """
        hub = get_hub()
        alarm = alarm_of(hub)
        try:
            self._begin_all(arrivals, hub, alarm)
        finally:
            alarm.close()
        ends = self.clock.now() + int(drain_seconds * _SECOND)
        while self.flight.now and self.clock.now() < ends:
            gevent.sleep(0.005)

    def _begin_all(self, arrivals: Iterable[Arrival], hub: Hub, alarm: Alarm) -> None:
        soon, own = hub.loop.run_callback, gevent.getcurrent()
        soonest = self.clock.now()
        for rank, arrival in enumerate(arrivals):
            now = self.clock.now()
            wait = arrival.at_microsecond - now
            if wait > 0:
                alarm.sleep(max(wait, soonest - now) / _SECOND)
                soonest = self.clock.now() + self.grain
            elif rank % _CATCH_UP == 0:
                gevent.sleep(_MOMENT)
            now = self.clock.now()
            self.flight.change(1, now)
            if not self._parked:
                gevent.spawn(self._walk, arrival)
            elif wait > 0:
                # In time: the journey goes first, and counting follows when it waits.
                soon(own.switch)
                self._parked.pop().switch(arrival)
            else:
                soon(self._parked.pop().switch, arrival)
            self.measures.dispatched(arrival.at_microsecond, now)

    def _walk(self, first: Arrival) -> None:
        """Take one journey after the other, parked between them."""
        hub, own = get_hub(), gevent.getcurrent()
        arrival: Arrival = first
        drawn = random.getrandbits
        while True:
            walk = Walk(arrival, arrival.at_microsecond, self.clock, self.measures, self.told)
            walk.trace, walk.patience = f"{drawn(_TRACE_BITS):032x}", self.patience
            try:
                self.journeys[arrival.kind](walk)
            except PoolDry:
                self.dry += 1
            except Exception as error:  # noqa: BLE001 (a fault of a journey ends that one alone)
                self.broken.append(f"{arrival.kind}: {type(error).__name__}: {error}")
            else:
                self.measures.finished += 1
            now = self.clock.now()
            self.flight.change(-1, now)
            self.flight.spent += now - arrival.at_microsecond
            self._parked.append(own)
            arrival = hub.switch()
