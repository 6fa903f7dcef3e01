"""The hotline 3422: first come, first served by (instant, person), to the microsecond.

At one instant callers whose patience ends leave first, then calls end, then new calls arrive. A
call finds an agent, a waiting place or the engaged tone; nobody waits past closing time, but a call
being answered goes on, into the next day if it must.
"""

from __future__ import annotations

from bisect import bisect_right
from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.cohort.actors import Actors
from etalon_scenarios.cohort.delivery import INFORMATION, INFORMATION_ATTEMPT
from etalon_scenarios.cohort.effects import (
    GIVES_UP,
    bring_about,
    conclude,
    judge,
    meant,
)
from etalon_scenarios.cohort.ordering import ascending
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

ANSWERED: Final = 0
BLOCKED: Final = 1
ABANDONED: Final = 2
OUTCOMES: Final = (
    (ANSWERED, "calls_answered"),
    (BLOCKED, "calls_blocked"),
    (ABANDONED, "calls_abandoned"),
)
"""What each outcome of a call counts as."""

WINDOW: Final = 1 << 14
"""Calls tried at a time as if nobody had to wait."""

STRETCH: Final = 1 << 12
"""Calls taken one by one before trying again."""

QUANTILE_SHIFT: Final = np.uint64(16 - (QUANTILES.bit_length() - 1))
SIXTEEN: Final = np.uint64(0xFFFF)


class Exchange:
    """The telephone exchange of one run.

    Attributes:
        agents: Calls served at once.
        lines: Waiting places.
        compiled: Whether a kernel takes the calls.
    """

    def __init__(self, agents: int, lines: int, *, compiled: bool = False) -> None:
        self.compiled = compiled
        self.agents = agents
        self.lines = lines
        self._ends = np.empty(0, np.int64)
        # Who waits leaves at the instant noted: those answered do so in order, others as they like.
        self._answered: list[int] = []
        self._impatient: list[int] = []

    def serve(
        self, instants: Numbers, services: Numbers, leaving: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Take the calls of one day.

        Args:
            instants: Arrivals, ascending, in microseconds of the run.
            services: Length of each call once answered.
            leaving: Instant at which each caller who still waits leaves.

        Returns:
            What became of each call, and the microseconds that the answered ones waited.
        """
        if self.compiled and len(instants):
            return self._serve_compiled(instants, services, leaving)
        outcomes = np.zeros(len(instants), np.int64)
        waited = np.zeros(len(instants), np.int64)
        self._answered.clear()
        self._impatient.clear()
        at = 0
        while at < len(instants):
            window = slice(at, at + WINDOW)
            if np.count_nonzero(self._ends > instants[at]) < self.agents:
                at += self._serve_at_once(instants[window], services[window])
            if at < min(window.stop, len(instants)):
                part = slice(at, at + STRETCH)
                self._serve_in_turn(
                    instants[part], services[part], leaving[part], outcomes[part], waited[part]
                )
                at += STRETCH
        return outcomes, waited

    def _serve_compiled(
        self, instants: Numbers, services: Numbers, leaving: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Take the calls of one day one by one, which costs little once it is compiled."""
        from etalon_scenarios.cohort.compiled.services import take_in_turn  # noqa: PLC0415 (Numba)

        free = np.zeros(max(self.agents, len(self._ends)), np.int64)
        free[len(free) - len(self._ends) :] = np.sort(self._ends)
        found: tuple[Numbers, Numbers] = take_in_turn(free, self.lines, instants, services, leaving)
        self._ends = free[free > instants[-1]]
        return found

    def _serve_at_once(self, instants: Numbers, services: Numbers) -> int:
        """Answer the first calls as long as each finds a free agent; return how many."""
        ends = instants + services
        ranks = np.arange(len(instants))
        busy = ranks - np.searchsorted(np.sort(ends), instants, side="right")
        busy += len(self._ends) - np.searchsorted(np.sort(self._ends), instants, side="right")
        full = (busy >= self.agents).nonzero()[0]
        served = int(full[0]) if len(full) else len(instants)
        if served:
            both = np.concatenate([self._ends, ends[:served]])
            self._ends = both[both > instants[served - 1]]
        return served

    def _serve_in_turn(
        self,
        instants: Numbers,
        services: Numbers,
        leaving: Numbers,
        outcomes: Numbers,
        waited: Numbers,
    ) -> None:
        """Take calls one by one; agents and waiting places are kept by the instant they free."""
        free = self._ends.tolist()
        free += [0] * (self.agents - len(free))
        heapify(free)
        answered, impatient, lines = self._answered, self._impatient, self.lines
        calls = zip(instants.tolist(), services.tolist(), leaving.tolist(), strict=True)
        for rank, (instant, service, leaves) in enumerate(calls):
            soonest = free[0]
            if soonest <= instant:
                heapreplace(free, instant + service)
            # Some of these may have left since; it is time to look when they fill the lines.
            elif len(answered) + len(impatient) >= lines and self._waiting(instant) >= lines:
                outcomes[rank] = BLOCKED
            elif soonest < leaves:
                heapreplace(free, soonest + service)
                answered.append(soonest)
                waited[rank] = soonest - instant
            else:
                heappush(impatient, leaves)
                outcomes[rank] = ABANDONED
        ends = np.array(free, dtype=np.int64)
        self._ends = ends[ends > instants[-1]]

    def _waiting(self, instant: int) -> int:
        """Count who still waits at an instant; forget who has left."""
        answered, impatient = self._answered, self._impatient
        del answered[: bisect_right(answered, instant)]
        while impatient and impatient[0] <= instant:
            heappop(impatient)
        return len(answered) + len(impatient)


def plan_calls(nation: Nation, persons: Numbers, activates: Mask) -> None:
    """Note that people call from tomorrow on, to carry out what they decided."""
    law = nation.law
    day = law.phone.open_day(min(nation.day + 1, law.days))
    nation.calls.enter(day, persons, activates, np.zeros(len(persons), np.int64))


def run_hotline(nation: Nation) -> Institution:
    """Take the calls of each open day, who then act or try again."""
    while True:
        yield nation.law.phone.opens + nation.law.phone.span
        due = _due(nation)
        # Several processes have one queue: each must come to it.
        if len(due[0]) or nation.crew.size > 1:
            answer(nation, *due)


def answer(nation: Nation, persons: Numbers, purposes: Numbers, attempts: Numbers) -> None:
    """Take the calls of those who can act, who then act or try again.

    Args:
        nation: Of the run.
        persons: Who calls today, in any order.
        purposes: What for.
        attempts: At which attempt.
    """
    order = persons.argsort(kind="stable")
    to = Actors.of(nation, persons[order], purposes[order] != 0)
    order, to = order[to.able], to.only(to.able)
    persons, purposes, attempts = to.persons, purposes[order], attempts[order]
    bits = nation.repeated_chance(Slot.CALL, attempts, persons)
    outcomes = take_calls(nation, to, attempts, instants_of(nation, bits))
    again = try_again(nation, bits, purposes, attempts, outcomes)
    nation.calls.enter(
        nation.law.phone.open_day(nation.day + 1),
        persons[again],
        purposes[again],
        attempts[again] + 1,
    )
    settle_calls(nation, to, purposes, outcomes == ANSWERED, again)


def _due(nation: Nation) -> tuple[Numbers, Numbers, Numbers]:
    """Return who calls today, for what, and at which attempt."""
    persons, purposes, attempts = nation.calls.take(nation.day)
    (asking,) = nation.questions.take(nation.day)
    if not len(asking):
        return persons, purposes, attempts
    return (
        np.append(persons, asking),
        np.append(purposes, np.full(len(asking), INFORMATION)),
        np.append(attempts, np.full(len(asking), INFORMATION_ATTEMPT)),
    )


def instants_of(nation: Nation, bits: Bits) -> Numbers:
    """Return the microseconds of the run at which calls come in today."""
    phone = nation.law.phone
    # draw * span >> 32, in two halves: the product does not fit 64 bits.
    high, low = np.uint64(phone.span >> 16), np.uint64(phone.span & 0xFFFF)
    drawn = upper(bits)
    within = (drawn * high + (drawn * low >> np.uint64(16))) >> np.uint64(16)
    return within.astype(np.int64) + (nation.day * DAY + phone.opens)


def take_calls(nation: Nation, to: Actors, attempts: Numbers, instants: Numbers) -> Numbers:
    """Let the exchange take calls by (instant, person); return what became of each."""
    law, day, persons, keys = nation.law.phone, nation.day, to.persons, to.keys()
    lengths = nation.repeated_chance(Slot.CALL_LENGTH, attempts, persons)
    services = nation.services[(upper(lengths) & SIXTEEN) >> QUANTILE_SHIFT]
    patience = nation.patience[(lengths & SIXTEEN) >> QUANTILE_SHIFT]
    closes = day * DAY + law.opens + law.span
    leaving = np.minimum(instants + patience, closes)
    outcomes = _in_one_queue(nation, persons, instants, services, leaving)
    if nation.observer is not None:
        nation.observer.calls(instants, persons)
    nation.counts.note("calls", keys)
    if not np.count_nonzero(outcomes):
        nation.counts.note("calls_answered", keys)
        return outcomes
    for outcome, counter in OUTCOMES:
        nation.counts.note(counter, keys[outcomes == outcome])
    return outcomes


def _in_one_queue(
    nation: Nation, persons: Numbers, instants: Numbers, services: Numbers, leaving: Numbers
) -> Numbers:
    """Let the calls of every process queue together; return what became of those of this one."""
    ledger = nation.ledger

    def serve(persons: Numbers, instants: Numbers, services: Numbers, leaving: Numbers) -> Numbers:
        order = ascending(instants)
        in_order = instants[order]
        if (in_order[1:] == in_order[:-1]).any():
            order = np.lexsort((persons, instants))
        outcomes, waited = nation.exchange.serve(in_order, services[order], leaving[order])
        ledger.waiting[nation.day] += int(waited.sum())
        ledger.waits.frombytes(waited[outcomes == ANSWERED].tobytes())
        found = np.empty_like(outcomes)
        found[order] = outcomes
        return found

    return nation.crew.entrust(serve, persons, instants, services, leaving)


def try_again(
    nation: Nation, bits: Bits, purposes: Numbers, attempts: Numbers, outcomes: Numbers
) -> Mask:
    """Tell which calls in vain are followed by another on the next open day."""
    phone = nation.law.phone
    done = attempts + 1 - np.where(purposes == INFORMATION, INFORMATION_ATTEMPT, 0)
    stubborn = lower(bits) < np.uint64(phone.retry)
    again: Mask = (outcomes != ANSWERED) & stubborn & (done < phone.attempts)
    return again


def settle_calls(
    nation: Nation, to: Actors, purposes: Numbers, answered: Mask, again: Mask
) -> None:
    """Let callers who decided something act, or give up when they do not call again."""
    decided = purposes != INFORMATION
    acting = to.only(decided & answered)
    if len(acting.persons):
        outcomes = judge(nation, acting, "phone")
        conclude(nation, bring_about(nation, acting, outcomes, "phone"))
    vain = to.only(decided & ~answered & ~again)
    if len(vain.persons):
        outcomes = (meant(vain) != 0) * np.uint8(GIVES_UP)
        conclude(nation, bring_about(nation, vain, outcomes, "phone"))
