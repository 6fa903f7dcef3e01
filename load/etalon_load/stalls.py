"""When a service stood still: all who came then waited until it went on.

Whoever came first waited longest. From the slowest answers the beginning and the length of a stall
follow; that most of those who came in it waited too tells it from one slow answer, and that those
who came just before did not wait tells it from a queue that grew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from etalon_load.histogram import Histogram, bounds_of

SHORTEST_US: Final = 300_000
"""Less is no stall."""

AT_LEAST_MEDIANS: Final = 5.0
"""A stall lasts so many times the median latency at least."""

_SECOND: Final = 1_000_000
_WAITED: Final = 0.1
"""Who waited less than this share of the stall was not held up by it."""

_MOST_WAITED: Final = 0.7
"""Of those who came in a stall, at least so many waited, as a share of those expected to."""

_BEFORE: Final = 0.25
"""Half of those of the second before a stall waited less than this share of it."""

_MOST_STALLS: Final = 5


class Answered(NamedTuple):
    """An answer: when it was meant to leave, and what it took (µs)."""

    at: int
    response_us: int


@dataclass(frozen=True, slots=True)
class Stall:
    """A stretch of time in which nothing was answered.

    Attributes:
        at_us: When it began (µs from the start of the run).
        length_us: How long it lasted.
        held_up: Requests that waited for its end.
    """

    at_us: int
    length_us: int
    held_up: int


def stalls_of(slowest: Iterable[Answered], heat: Mapping[int, Histogram]) -> tuple[Stall, ...]:
    """Return the stalls of a run, in their order.

    Args:
        slowest: Its slowest answers, in any order.
        heat: All responses, by second of intended start.
    """
    whole = Histogram()
    for latencies in heat.values():
        whole.merge(latencies)
    if not whole.total:
        return ()
    shortest = max(SHORTEST_US, AT_LEAST_MEDIANS * whole.percentile(50.0))
    found: list[Stall] = []
    for one in sorted(slowest, key=lambda answer: (-answer.response_us, answer.at)):
        if one.response_us < shortest or len(found) >= _MOST_STALLS:
            break
        if any(_in(stall, one.at) for stall in found):
            continue
        expected, waited = _who_waited(one, heat)
        if waited >= _MOST_WAITED * expected and _sudden(one, heat):
            found.append(Stall(one.at, one.response_us, waited))
    return tuple(sorted(found, key=lambda stall: stall.at_us))


def _in(stall: Stall, at: int) -> bool:
    """Tell whether a request was held up by a stall, or by those that it held up."""
    return stall.at_us - _SECOND <= at <= stall.at_us + 2 * stall.length_us


def _sudden(one: Answered, heat: Mapping[int, Histogram]) -> bool:
    before = heat.get(one.at // _SECOND - 1)
    return before is None or before.percentile(50.0) < _BEFORE * one.response_us


def _who_waited(one: Answered, heat: Mapping[int, Histogram]) -> tuple[float, int]:
    """Return how many would have waited, had all stood still from there on, and how many did."""
    begins, ends = one.at, one.at + one.response_us
    least = int(_WAITED * one.response_us)
    expected, waited = 0.0, 0
    for second in range(begins // _SECOND, ends // _SECOND + 1):
        latencies = heat.get(second)
        if latencies is None:
            continue
        first, last = max(begins, second * _SECOND), min(ends, (second + 1) * _SECOND)
        part = max(0, last - first) / _SECOND
        expected += latencies.total * part * (1 - _WAITED)
        waited += sum(
            count for bucket, count in latencies.counts.items() if bounds_of(bucket)[1] >= least
        )
    return expected, waited
