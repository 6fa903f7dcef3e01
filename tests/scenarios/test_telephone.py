"""The hotline, against a queue computed by hand: one heap, no simulation."""

from __future__ import annotations

from heapq import heappop, heappush

import simpy
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.agents.telephone import Call, Hotline

CLOSES = 40

Counts = dict[str, int]
calls = st.lists(
    st.tuples(st.integers(1, CLOSES - 1), st.integers(1, 12), st.integers(1, 12)),
    max_size=25,
)


def queue_by_hand(
    arrivals: list[tuple[int, int, int]], agents: int, lines: int
) -> tuple[Counts, int]:
    """First come first served with leaving callers: start = max(arrival, earliest free agent)."""
    counts = {"calls": 0, "calls_answered": 0, "calls_blocked": 0, "calls_abandoned": 0}
    free = [0] * agents
    waiting: list[int] = []
    waited = 0
    for arrival, patience, service in arrivals:
        counts["calls"] += 1
        waiting = [end for end in waiting if end > arrival]
        start = max(arrival, free[0])
        if start > arrival and len(waiting) >= lines:
            counts["calls_blocked"] += 1
            continue
        leaves = min(arrival + patience, CLOSES)
        if start > arrival and start >= leaves:
            counts["calls_abandoned"] += 1
            waiting.append(leaves)
            continue
        if start > arrival:
            waiting.append(start)
        counts["calls_answered"] += 1
        waited += start - arrival
        heappop(free)
        heappush(free, start + service)
    return counts, waited


def queue_simulated(
    arrivals: list[tuple[int, int, int]], agents: int, lines: int
) -> tuple[Counts, int]:
    """The same through the exchange of the engine."""
    counts = {"calls": 0, "calls_answered": 0, "calls_blocked": 0, "calls_abandoned": 0}
    waits: list[int] = []
    env = simpy.Environment()

    def report(_: Call, counter: str, waited: int) -> None:
        counts[counter] += 1
        waits.append(waited)

    hotline = Hotline(env, agents, lines, report, lambda _: True)
    for person, (instant, patience, service) in reversed(list(enumerate(arrivals))):
        hotline.book(0, Call(instant, person, patience, service, env.event()))
    env.process(hotline.serve(0, CLOSES))
    env.run()
    return counts, sum(waits)


@given(calls, st.integers(1, 3), st.integers(0, 3))
def test_the_hotline_equals_a_queue_computed_by_hand(
    drawn: list[tuple[int, int, int]], agents: int, lines: int
) -> None:
    """Answers, engaged tones, hang-ups and waiting agree, ties included."""
    arrivals = sorted(drawn, key=lambda call: call[0])

    assert queue_simulated(arrivals, agents, lines) == queue_by_hand(arrivals, agents, lines)


def test_callers_of_one_instant_are_served_by_number() -> None:
    """Of two calls of one microsecond, the lower number is answered first."""
    env, answered = simpy.Environment(), list[int]()

    def report(call: Call, counter: str, _: int) -> None:
        if counter == "calls_answered":
            answered.append(call.person)

    hotline = Hotline(env, 1, 5, report, lambda _: True)
    for person in (9, 2, 5):
        hotline.book(0, Call(10, person, 100, 3, env.event()))
    env.process(hotline.serve(0, 1_000))
    env.run()

    assert answered == [2, 5, 9]


def test_a_dead_person_does_not_call() -> None:
    """A booked call of somebody who died is not counted, and ends unanswered."""
    env, counted = simpy.Environment(), list[str]()
    hotline = Hotline(env, 1, 5, lambda _, counter, __: counted.append(counter), lambda _: False)
    ended = hotline.book(0, Call(10, 1, 100, 3, env.event()))
    env.process(hotline.serve(0, 1_000))
    env.run()

    assert (counted, ended.value) == ([], False)
