"""Stretches of a run in which nothing was answered, seen while it goes.

A queue that is long already hides a stall in its latencies; that no answer came shows all the same.
What several workers did not hear at the same time, nobody heard.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from etalon_load.stalls import SHORTEST_US, Stall

HELD_UP_LEAST: Final = 5
"""Fewer requests that waited say nothing of the service: perhaps there was little to answer."""

NOISE_SHARE: Final = 0.25
"""Beside a long silence, one of less than this share of it is not told."""

_MOST: Final = 5
_MOST_KEPT: Final = 1_000
_LOOKED_BACK: Final = 8
"""A request that waited through more silences than this counts in the last ones."""


class Silence(NamedTuple):
    """Nothing was answered.

    Attributes:
        begins: The last answer before (µs from the start of the run).
        ends: The first one after.
        held_up: Requests meant for before its end and answered after it, or never.
    """

    begins: int
    ends: int
    held_up: int


class Listening:
    """What one worker hears."""

    __slots__ = ("_found", "_last", "_unanswered")

    def __init__(self) -> None:
        """Hear from the start of the run on."""
        self._found: list[list[int]] = []
        self._last = 0
        self._unanswered = 0

    def answered(self, at: int, intended: int) -> None:
        """Hear an answer: when it came and when its request was meant to leave (µs)."""
        if at - self._last >= SHORTEST_US and len(self._found) < _MOST_KEPT:
            self._found.append([self._last, at, self._unanswered])
        self._unanswered = 0
        self._last = at
        for rank in range(len(self._found) - 1, max(-1, len(self._found) - 1 - _LOOKED_BACK), -1):
            if intended >= self._found[rank][1]:
                break
            self._found[rank][2] += 1

    def gave_up(self) -> None:
        """Note a request that was not answered at all."""
        self._unanswered += 1

    def until(self, end: int) -> list[Silence]:
        """Return what was not heard up to an instant (µs)."""
        found = [Silence(*one) for one in self._found]
        if end - self._last >= SHORTEST_US:
            found.append(Silence(self._last, end, self._unanswered))
        return found


def heard_by_nobody(workers: Iterable[Sequence[Silence]]) -> list[Silence]:
    """Return the stretches that every worker was left without an answer."""
    common: list[Silence] | None = None
    for silences in workers:
        common = list(silences) if common is None else _both(common, silences)
    return common or []


def _both(some: Sequence[Silence], others: Sequence[Silence]) -> list[Silence]:
    found = [
        Silence(
            max(one.begins, other.begins), min(one.ends, other.ends), one.held_up + other.held_up
        )
        for one in some
        for other in others
    ]
    return [one for one in found if one.ends - one.begins >= SHORTEST_US]


def stalls_in(silences: Iterable[Silence]) -> tuple[Stall, ...]:
    """Return the silences that tell of a service that stood still, in their order."""
    held = [one for one in silences if one.held_up >= HELD_UP_LEAST]
    longest = max((one.ends - one.begins for one in held), default=0)
    told = sorted(
        (one for one in held if one.ends - one.begins >= NOISE_SHARE * longest),
        key=lambda one: one.begins - one.ends,
    )
    return tuple(
        Stall(one.begins, one.ends - one.begins, one.held_up) for one in sorted(told[:_MOST])
    )
