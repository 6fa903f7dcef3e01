"""Arrivals are begun at their instants, and those of a moment together."""

import select
import sys
import time
from itertools import pairwise

import pytest

from etalon_load.arrivals import Arrival
from etalon_load.dispatching import Clock, Dispatcher, Walk
from etalon_load.generator import grain_of
from etalon_load.measures import Measures
from etalon_load.timer_descriptor import TimerDescriptor

EVERY = 10_000
"""Microseconds between two arrivals."""


def begun(grain: int, count: int) -> list[int]:
    """When so many journeys began (µs), planned at even distances."""
    found: list[int] = []

    def visit(walk: Walk) -> None:
        found.append(walk.clock.now())

    clock = Clock(time.perf_counter() + 0.02)
    dispatcher = Dispatcher({"visit": visit}, Measures(), clock, grain=grain)
    dispatcher.run([Arrival(rank * EVERY, "visit", rank) for rank in range(count)], 5.0)
    return found


def groups(instants: list[int]) -> int:
    """How many times somebody began after nobody had for half the distance of two arrivals."""
    return 1 + sum(after - before > EVERY / 2 for before, after in pairwise(instants))


@pytest.mark.parametrize("grain", [0, 4 * EVERY])
def test_nobody_begins_before_their_instant(grain: int) -> None:
    """However many are begun at once."""
    found = begun(grain, 20)

    assert len(found) == 20
    assert all(at >= rank * EVERY for rank, at in enumerate(found))


def test_those_of_a_moment_begin_together() -> None:
    """Twenty arrivals within five moments take five wake-ups, and one for the first."""
    assert groups(begun(4 * EVERY, 20)) <= 6


@pytest.mark.parametrize(
    ("bounds", "grain"),
    [([], 1_000), ([1_000_000, 2_000_000], 1_000), ([500_000, 50_000], 500), ([99], 0)],
)
def test_a_moment_is_a_hundredth_of_the_tightest_bound(bounds: list[int], grain: int) -> None:
    """And a millisecond at most."""
    assert grain_of(bounds) == grain


def test_a_timer_descriptor_tells_once_and_not_before_its_time() -> None:
    """Set again, it tells of the last time only; cleared or not, it can be set again."""
    try:
        timer = TimerDescriptor()
    except OSError:
        assert sys.platform != "linux"
        return
    timer.set(60.0)
    began = time.monotonic()
    timer.set(0.01)
    told = select.select([timer.number], [], [], 30.0)[0]

    assert told == [timer.number]
    assert time.monotonic() - began >= 0.01
    timer.stop()
    timer.stop()
    assert select.select([timer.number], [], [], 0.0)[0] == []
    timer.set(0.0)
    assert select.select([timer.number], [], [], 30.0)[0] == told
    timer.close()
