# pyright: standard
"""The hotline 3422: agents, waiting places, impatience, closing time.

First come, first served by (instant, person). At one instant, callers whose patience ends leave
first, then calls end and free their agents, then new calls arrive. A caller who finds every agent
and every waiting place taken hears the engaged tone; nobody waits past closing time, but a call
being answered goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy.resources.resource import Request

URGENT: Final = 0
NORMAL: Final = 1
LAST: Final = 2


class Moment(simpy.Event):
    """An event due after a delay, with the rank it has among the events of its instant."""

    def __init__(self, env: simpy.Environment, delay: int, rank: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=rank, delay=delay)  # type: ignore[arg-type]


@dataclass(slots=True, order=True)
class Call:
    """One call to the hotline.

    Attributes:
        instant: Arrival, microseconds of the run.
        person: Number of the caller; orders calls of one instant.
        patience: Longest wait, microseconds.
        service: Length once answered, microseconds.
        ended: Succeeds with True when answered, with False when turned away or left.
    """

    instant: int
    person: int
    patience: int = field(compare=False)
    service: int = field(compare=False)
    ended: simpy.Event = field(compare=False)


class Hotline:
    """The telephone exchange of one run.

    Attributes:
        lines: Waiting places.
    """

    def __init__(
        self,
        env: simpy.Environment,
        agents: int,
        lines: int,
        report: Callable[[Call, str, int], None],
        can_act: Callable[[int], bool],
    ) -> None:
        """Open the exchange.

        Args:
            env: Clock, in microseconds.
            agents: Calls served at once.
            lines: Waiting places.
            report: Told (call, "calls" | "calls_answered" | "calls_blocked" | "calls_abandoned",
                microseconds waited).
            can_act: Whether a person can still call.
        """
        self._env = env
        self._agents = simpy.Resource(env, agents)
        self.lines = lines
        self._report = report
        self._can_act = can_act
        self._booked: dict[int, list[Call]] = {}

    def book(self, day: int, call: Call) -> simpy.Event:
        """Note that a call will come in on a later day; return the event of its end."""
        self._booked.setdefault(day, []).append(call)
        return call.ended

    def serve(self, day: int, closes: int) -> Generator[simpy.Event, None, None]:
        """Take the calls of one day, in order, until closing time."""
        for call in sorted(self._booked.pop(day, [])):
            if not self._can_act(call.person):
                call.ended.succeed(value=False)
                continue
            yield Moment(self._env, call.instant - int(self._env.now), LAST)
            self._arrive(call, closes)

    def _arrive(self, call: Call, closes: int) -> None:
        self._report(call, "calls", 0)
        busy = self._agents.count >= self._agents.capacity
        if busy and len(self._agents.queue) >= self.lines:
            self._report(call, "calls_blocked", 0)
            call.ended.succeed(value=False)
            return
        request = self._agents.request()
        waits = not request.triggered
        if request.callbacks is not None:
            request.callbacks.append(lambda _: self._answer(call, request))
        if waits:
            self._await_patience(call, request, closes)

    def _await_patience(self, call: Call, request: Request, closes: int) -> None:
        delay = min(call.patience, closes - call.instant)
        leaving = Moment(self._env, delay, URGENT)
        if leaving.callbacks is not None:
            leaving.callbacks.append(lambda _: self._leave(call, request))

    def _answer(self, call: Call, request: Request) -> None:
        self._report(call, "calls_answered", int(self._env.now) - call.instant)
        call.ended.succeed(value=True)
        done = Moment(self._env, call.service, NORMAL)
        if done.callbacks is not None:
            done.callbacks.append(lambda _: self._free(request))

    def _free(self, request: Request) -> None:
        self._agents.release(request)

    def _leave(self, call: Call, request: Request) -> None:
        if not request.triggered:
            request.cancel()
            self._report(call, "calls_abandoned", 0)
            call.ended.succeed(value=False)
