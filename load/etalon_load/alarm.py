# pyright: standard
"""Sleeping to the microsecond where the system can: Linux wakes a descriptor at its instant.

libev waits in whole milliseconds, so that a sleeper wakes up to one of them late, and an arrival is
a sleep. A timer descriptor wakes the loop when it is due; where there is none, libev's own timer
serves. The descriptor stays in the loop, so that a sleep costs one call of the system.
"""

from typing import Any, Final, Protocol

from gevent import getcurrent
from gevent.hub import Hub

from etalon_load.timer_descriptor import TimerDescriptor

_READ: Final = 1


class Alarm(Protocol):
    """Wakes one greenlet."""

    def sleep(self, seconds: float) -> None:
        """Let others run for so long (above 0)."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class DescriptorAlarm:
    """A timer of the system, as a descriptor in the loop.

    One greenlet sleeps on it at a time.
    """

    __slots__ = ("_hub", "_timer", "_waiting", "_watcher")

    def __init__(self, hub: Hub) -> None:
        """Make the timer.

        Raises:
            OSError: The system has none, or no descriptor is left.
        """
        self._timer = TimerDescriptor()
        self._hub = hub
        self._waiting: Any = None
        self._watcher: Any = hub.loop.io(self._timer.number, _READ)
        self._watcher.start(self._ring)

    def sleep(self, seconds: float) -> None:
        """Let others run for so long."""
        self._timer.set(seconds)
        self._waiting = getcurrent()
        try:
            self._hub.switch()
        finally:
            self._waiting = None

    def close(self) -> None:
        """Give the descriptor back."""
        self._watcher.stop()
        self._watcher.close()
        self._timer.close()

    def _ring(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            # It rang for a sleeper who is up already.
            self._timer.stop()
        else:
            waiting.switch()


class LoopAlarm:
    """A timer of the loop, in whole milliseconds."""

    __slots__ = ("_hub",)

    def __init__(self, hub: Hub) -> None:
        """Sleep in a loop."""
        self._hub = hub

    def sleep(self, seconds: float) -> None:
        """Let others run for so long: as `gevent.sleep` does, which costs a third more."""
        self._hub.loop.update_now()
        timer = self._hub.loop.timer(seconds)
        try:
            timer.start(getcurrent().switch)
            self._hub.switch()
        finally:
            timer.stop()
            timer.close()

    def close(self) -> None:
        """Hold nothing."""


def alarm_of(hub: Hub) -> Alarm:
    """Return the most precise alarm that this system has."""
    try:
        return DescriptorAlarm(hub)
    except OSError:
        return LoopAlarm(hub)
