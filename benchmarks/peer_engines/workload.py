"""The workload that every peer runs: its plan, its hotline, its counts and their digest.

NumPy and the standard library alone, so that it runs in the environment of any peer. The plan
holds what people draw; an engine lets the days pass over it. Making the plan counts in the time
of each engine.

A person is notified, may wish to object or to activate on a drawn day, and is given a space by
silence in the end. Within a day acts come before openings. An objection ends the matter before
the space opens and closes the space after; nobody activates what is closed or refused.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Integers: TypeAlias = NDArray[np.int64]
    Bits: TypeAlias = NDArray[np.uint64]

DAY = 86_400_000_000
"""Microseconds of a day."""

NEVER = 32_000
"""A day that no run sees; fits in 16 bits."""

COUNTERS = (
    "notified",
    "activated",
    "opposed",
    "opened_automatically",
    "closed",
    "calls",
    "calls_answered",
    "calls_abandoned",
    "waiting",
)
"""What is counted each day; waiting in microseconds."""

WAITING, NOTIFIED, ACTIVE, REFUSED, UNSEEN, CLOSED = range(6)
"""Where a person stands."""

CELLS = 40
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)


class Workload:
    """The integers of the workload.

    Attributes:
        people: How many.
        days: How long.
        tables: The other tables, by name.
        keys: Keys of the draws.
    """

    def __init__(self, file: Path) -> None:
        with np.load(file) as archive:
            self.tables: dict[str, Integers] = {name: archive[name] for name in archive.files}
        self.people = int(self.tables["people"][0])
        self.days = int(self.tables["days"][0])
        self.keys: Bits = self.tables["keys"].view(np.uint64)

    def number(self, name: str) -> int:
        """Return a table of one integer."""
        return int(self.tables[name][0])


@dataclass
class Plan:
    """What people draw, as arrays by person.

    Attributes:
        notified: Day the notice leaves.
        opposes: Day on which the person acts to object, or `NEVER`.
        activates: Day on which the person acts to activate, or `NEVER`.
        opens: Day on which silence opens the space.
        caller: People who call.
        call_at: Instant of each call, microseconds.
        service: Length of each call, microseconds.
        patience: Longest wait of each caller, microseconds.
    """

    notified: NDArray[np.int16]
    opposes: NDArray[np.int16]
    activates: NDArray[np.int16]
    opens: NDArray[np.int16]
    caller: Integers
    call_at: Integers
    service: Integers
    patience: Integers


def draw(key: np.uint64, people: Bits) -> Bits:
    """Return the 64 bits of these people under a key."""
    bits = people * GOLDEN
    bits += key
    bits ^= bits >> np.uint64(30)
    bits *= FIRST_MULTIPLIER
    bits ^= bits >> np.uint64(27)
    bits *= SECOND_MULTIPLIER
    bits ^= bits >> np.uint64(31)
    return bits


def plan(work: Workload, block: int = 1 << 16) -> Plan:
    """Draw for everybody, block by block."""
    parts = [
        _plan_block(work, first, min(first + block, work.people))
        for first in range(0, work.people, block)
    ]
    return Plan(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _plan_block(work: Workload, first: int, last: int) -> tuple[NDArray[Any], ...]:
    tables = work.tables
    people = np.arange(first, last, dtype=np.uint64)
    cell = _cells(tables["cell_starts"], first, last)
    notice, delivery = draw(work.keys[0], people), draw(work.keys[1], people)
    notified = _send_day(work, cell // CELLS, notice >> np.uint64(32))
    late = np.searchsorted(tables["post_delay"], _low16(delivery >> np.uint64(16)), "right") + 1
    by_email = _low16(notice >> np.uint64(16)) < tables["email"][cell]
    arrives = np.minimum(notified + late, work.days)
    delivered = np.where(by_email, notified, tables["mail_day"][arrives])
    opposes = delivered + _ripens(work, "oppose", cell, draw(work.keys[2], people))
    activates = delivered + _ripens(work, "activate", cell, draw(work.keys[3], people))
    activates[activates == opposes] = NEVER
    days = (notified, opposes, activates, tables["opens_on"][notified])
    return (*(day.astype(np.int16) for day in days), *_calls(work, people, delivered))


def _cells(starts: Integers, first: int, last: int) -> Integers:
    """Return the cell of each person of a range."""
    found: Integers = np.searchsorted(starts, np.array((first, last - 1)), "right") - 1
    low, high = int(found[0]), int(found[1])
    edges: Integers = np.clip(starts[low : high + 2], first, last)
    people: Integers = np.diff(edges)
    return np.repeat(np.arange(low, high + 1), people)


def _low16(bits: Bits) -> Integers:
    return (bits & np.uint64(0xFFFF)).astype(np.int64)


def _send_day(work: Workload, department: Integers, position: Bits) -> Integers:
    tables = work.tables
    before, size = tables["wave_before"].view(np.uint64), tables["wave_size"].view(np.uint64)
    reached = (before[department] << np.uint64(32)) + position * size[department]
    days, total = tables["wave_days"], np.uint64(work.number("wave_total") << 32)
    # Days and people multiplied pass 64 bits: the quotient is found by comparing with the edges.
    edges = [-(-rank * int(total) // len(days)) for rank in range(1, len(days))]
    return days[np.searchsorted(np.array(edges, dtype=np.uint64), reached, "right")]


def _ripens(work: Workload, wish: str, cell: Integers, bits: Bits) -> Integers:
    """Return the days from delivery to the act: attention passes the threshold, then one day."""
    level = work.tables[wish].view(np.uint64)[cell]
    reached = work.tables[f"{wish}_reached"]
    days = np.full(len(bits), NEVER // 2)
    drawn = bits >> np.uint64(32)
    # No attention passes 2 ** 32: above the level nobody ever acts, and few are left to divide.
    some = np.flatnonzero(drawn < level)
    threshold = (drawn[some] << np.uint64(32)) // level[some]
    found = np.searchsorted(reached, threshold.astype(np.int64), "right")
    days[some] = np.where(found < len(reached), found + 1, NEVER // 2)
    return days


def _calls(work: Workload, people: Bits, delivered: Integers) -> tuple[Integers, ...]:
    bits = draw(work.keys[4], people)
    some = np.flatnonzero((bits >> np.uint64(32)).astype(np.int64) < work.number("information"))
    later = (bits[some] & np.uint64(0xFFFFFFFF)) * np.uint64(work.number("information_days"))
    day = delivered[some] + 1 + (later >> np.uint64(32)).astype(np.int64)
    some, day = some[day < work.days], day[day < work.days]
    day = work.tables["answering_day"][day]
    instant, lengths = draw(work.keys[5], people[some]), draw(work.keys[6], people[some])
    # Of 32 bits times microseconds of a day only the upper part is wanted, in two steps of 16.
    span, high = np.uint64(work.number("phone_span")), instant >> np.uint64(32)
    low = (high & np.uint64(0xFFFF)) * span >> np.uint64(16)
    within = ((high >> np.uint64(16)) * span + low) >> np.uint64(16)
    at = day * DAY + work.number("phone_opens") + within.astype(np.int64)
    service = work.tables["service"][_low16(lengths >> np.uint64(32)) >> 4]
    patience = work.tables["patience"][_low16(lengths) >> 4]
    return people[some].astype(np.int64), at, service, patience


def counts(work: Workload) -> dict[str, Integers]:
    """Return a table of counts by day, empty."""
    return {name: np.zeros(work.days, dtype=np.int64) for name in COUNTERS}


def closing(work: Workload, at: int) -> int:
    """Return the instant at which the hotline closes on the day of an instant."""
    return at // DAY * DAY + work.number("phone_opens") + work.number("phone_span")


def serve(work: Workload, drawn: Plan, counted: dict[str, Integers]) -> None:
    """Let the hotline serve: first come first served, until patience or the day ends.

    For engines that have no queue of their own.
    """
    order = np.lexsort((drawn.caller, drawn.call_at))
    free = [0] * work.number("agents")
    calls, answered, abandoned, waiting = (
        counted[name] for name in ("calls", "calls_answered", "calls_abandoned", "waiting")
    )
    columns = (drawn.call_at, drawn.service, drawn.patience)
    for at, service, patience in zip(*(c[order].tolist() for c in columns), strict=True):
        day = at // DAY
        if day >= work.days:
            break
        calls[day] += 1
        begins = max(at, free[0])
        if begins > at and begins - at >= min(patience, closing(work, at) - at):
            abandoned[day] += 1
            continue
        heapq.heapreplace(free, begins + service)
        answered[day] += 1
        waiting[day] += begins - at


def digest(counted: dict[str, Integers]) -> str:
    """Return the SHA-256 of all counts, by counter and day, as little-endian 64-bit words."""
    rows = np.stack([np.asarray(counted[name], dtype="<i8") for name in COUNTERS])
    return hashlib.sha256(rows.tobytes()).hexdigest()
