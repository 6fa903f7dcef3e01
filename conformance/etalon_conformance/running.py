"""Runs: the checks of a plan over one target, side by side, to the end or to the budget.

What a check concludes does not depend on how many run beside it: each has people of its own, and
those that move the clock run last, one at a time. A run that is cut says so of each check that it
did not finish.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from queue import Empty, SimpleQueue
from typing import Final
from uuid import uuid4

from etalon_conformance.bench import Bench
from etalon_conformance.checking import MAIL, RESTART, Check
from etalon_conformance.concluding import Concluded, Cut, Examined, conclude, examine
from etalon_conformance.guarding import Guard
from etalon_conformance.planning import Plan
from etalon_conformance.preflight import strangeness
from etalon_conformance.recording import RECORDING, Recording
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.statements import Json
from etalon_conformance.verdicts import Message, Result, Verdict
from etalon_target.cannot import CannotTest
from etalon_target.people import Leftovers
from etalon_target.targets import Target

CLEANING: Final = "clean-up"
"""The name that exchanges of the clean-up bear instead of that of a check."""
DECLARED: Final = "declared"
"""The name that results bear where the profile declares that a requirement does not apply."""

_NOTHING_LEFT: Final = Leftovers(0, ())
_GRACE_SECONDS: Final = 3.0
_WAIT_SECONDS: Final = 0.1
_PEOPLE: Final = frozenset({"create_person", "create_professional"})


def _nothing(_: Examined) -> None:
    """Keep nothing of a check."""


def _untold(_done: int, _total: int, _check: str) -> None:
    """Tell nobody how far a run is."""


def _never() -> bool:
    """Never ask a run to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """How a plan is carried out; none of it changes what is concluded.

    Attributes:
        plan: What to do.
        workers: How many checks run side by side.
        ends_at: Instant of `time.monotonic` at which the budget is spent.
        is_interrupted: Tells whether somebody asked to stop.
        kept: Called with each check that ended, one at a time, in any order.
        told: Called with how many checks ended, out of how many, and which was last.
    """

    plan: Plan
    workers: int = 1
    ends_at: float = inf
    is_interrupted: Callable[[], bool] = _never
    kept: Callable[[Examined], None] = _nothing
    told: Callable[[int, int, str], None] = _untold


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a run came to.

    Attributes:
        plan: What it set out to do.
        concluded: What each check concluded, in the order of the plan.
        cut: `budget` or `interrupted`, or empty when the plan was carried out to its end.
        unreachable: Why the target could not be tested at all or any more; empty when it was.
        leftovers: What cleaning up left.
        made: How many test people were made.
        named: How many of the profile were used.
        exchanges: How many went over the wire.
        started_at: When it began (UTC).
        ended_at: When it ended (UTC).
        seconds: How long it took.
        workers: How many checks ran side by side.
        faults: Check and traceback of each fault of ours.
        exploration: What exploring came to afterwards, as `verdicts.json` holds it; None without.
        races: What looking for races came to afterwards, likewise.
    """

    plan: Plan
    concluded: tuple[Concluded, ...]
    cut: str = ""
    unreachable: str = ""
    leftovers: Leftovers = _NOTHING_LEFT
    made: int = 0
    named: int = 0
    exchanges: int = 0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    workers: int = 1
    faults: tuple[Examined, ...] = ()
    exploration: Mapping[str, Json] | None = None
    races: Mapping[str, Json] | None = None

    @property
    def results(self) -> tuple[Result, ...]:
        """What was concluded, without what it rests on."""
        return tuple(one.result for one in self.concluded)


def run(order: RunOrder, target: Target) -> RunOutcome:
    """Carry a plan out on a target that was reached; clean up after it.

    Never raises for what a target or a check does: it is concluded, or a fault of ours is told.
    """
    return _Run(order, target).carried_out()


def unreached(plan: Plan, problem: str, workers: int = 1) -> RunOutcome:
    """Return what a run comes to whose target cannot be reached."""
    ended = CannotTest(key="cause.unreachable", problem=problem)
    concluded = tuple(
        each
        for check in plan.checks
        for each in conclude(
            Examined(check, (), (), ended), plan.looked_at(check), check.wire, lambda _: False
        )
    )
    return RunOutcome(plan=plan, concluded=concluded, unreachable=problem, workers=workers)


class _Run:
    """One run, while it lasts."""

    def __init__(self, order: RunOrder, target: Target) -> None:
        self._order = order
        self._target = target
        self._plan = _without_declared(order.plan, target)
        self._guard = Guard(order.ends_at, order.is_interrupted)
        self._nonce = "" if target.kind in {"embedded", "inprocess"} else uuid4().hex
        self._benches: dict[str, Bench] = {}
        self._ended: dict[str, Examined] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        self._failure: Exception | None = None

    def carried_out(self) -> RunOutcome:
        started_at, began = datetime.now(UTC), time.monotonic()
        self._target.observers.append(self._guard.observe)
        self._target.ends_at = self._order.ends_at
        try:
            self._guard.unreachable = strangeness(self._target)
            beside = [one for one in self._plan.checks if not one.alone]
            alone = [one for one in self._plan.checks if one.alone]
            self._side_by_side(beside, max(1, self._order.workers))
            self._side_by_side(alone, 1)
            if self._failure is not None:
                raise self._failure
            leftovers = self._cleaned()
        finally:
            self._target.observers.remove(self._guard.observe)
            self._target.ends_at = inf
        with self._lock:
            self._is_closed = True
        examined = [self._examined(one) for one in self._plan.checks]
        people = [one for bench in self._benches.values() for one in bench.people]
        seconds = time.monotonic() - began
        return RunOutcome(
            plan=self._order.plan,
            concluded=(*self._declared(), *self._concluded(examined)),
            cut=self._guard.cut,
            unreachable=self._guard.unreachable,
            leftovers=leftovers,
            made=sum(not one.label for one in people),
            named=sum(bool(one.label) for one in people),
            exchanges=sum(len(one.exchanges) for one in examined),
            started_at=started_at,
            ended_at=started_at + timedelta(seconds=seconds),
            seconds=seconds,
            workers=self._order.workers,
            faults=tuple(one for one in examined if one.is_fault),
        )

    def _side_by_side(self, checks: Sequence[Check], workers: int) -> None:
        """Run checks on as many threads, and wait for them as long as the run may last."""
        waiting: SimpleQueue[Check] = SimpleQueue()
        for one in checks:
            waiting.put(one)
        threads = [
            threading.Thread(target=self._work, args=(waiting,), name=f"check-{n}", daemon=True)
            for n in range(min(workers, len(checks)))
        ]
        for thread in threads:
            thread.start()
        patience = _GRACE_SECONDS
        while any(one.is_alive() for one in threads) and patience > 0:
            next(one for one in threads if one.is_alive()).join(_WAIT_SECONDS)
            if self._guard.is_over():
                # A call in flight ends by itself; a target that hangs is not waited for.
                patience -= _WAIT_SECONDS

    def _work(self, waiting: "SimpleQueue[Check]") -> None:
        while not self._guard.is_over():
            try:
                check = waiting.get_nowait()
            except Empty:
                return
            examined = self._run_one(check)
            with self._lock:
                if self._is_closed:
                    return
                self._ended[check.name] = examined
                try:
                    self._order.kept(examined)
                    self._order.told(len(self._ended), len(self._plan.checks), check.name)
                except Exception as error:  # noqa: BLE001 (told where the run was ordered)
                    self._failure = error
                    self._guard.cut = "interrupted"

    def _run_one(self, check: Check) -> Examined:
        bench = Bench(self._target, check, self._order.plan.choice.seed, self._nonce)
        bench.before_each = self._guard.allow
        self._benches[check.name] = bench
        try:
            self._guard.allow()
        except (Cut, CannotTest) as ended:
            return Examined(check, (), (), ended)
        lacking = next((one for one in check.needs if not _offers(self._target, one)), "")
        examined = examine(bench, lacking)
        if self._guard.is_over() and examined.ended is not None:
            return replace(examined, ended=Cut())
        return examined

    def _examined(self, check: Check) -> Examined:
        """Return what a check did; the run was cut where it did not end."""
        ended = self._ended.get(check.name)
        if ended is not None:
            return ended
        bench = self._benches.get(check.name)
        asserted = () if bench is None else tuple(bench.asserted)
        examined = Examined(check, asserted, () if bench is None else bench.exchanges, Cut())
        self._order.kept(examined)
        return examined

    def _concluded(self, examined: Sequence[Examined]) -> list[Concluded]:
        return [
            each
            for one in examined
            for each in conclude(
                one,
                self._plan.looked_at(one.check),
                wire_of(one.check, self._target),
                lambda ident: is_claimed(self._plan.requirements[ident], self._target),
            )
        ]

    def _declared(self) -> list[Concluded]:
        """Return what the profile declares not to apply."""
        kept = self._plan.requirements
        reasons = self._target.profile.about.not_applicable
        return [
            Concluded(
                Result(
                    requirement=ident,
                    check=DECLARED,
                    verdict=Verdict.NOT_APPLICABLE,
                    wire=one.wire or Wire.OFFICIAL,
                    message=Message("message.declared", {"reason": reasons[ident]}),
                )
            )
            for ident, one in self._order.plan.requirements.items()
            if ident not in kept
        ]

    def _cleaned(self) -> Leftovers:
        """Remove what was made, in the seconds that are left for it."""
        self._target.ends_at = time.monotonic() + _GRACE_SECONDS * 10
        recording = Recording()
        mark = RECORDING.set(recording)
        try:
            leftovers = self._target.people.clean()
        finally:
            RECORDING.reset(mark)
        if recording.exchanges:
            cleaning = Check(
                name=CLEANING,
                requirements=(),
                wire=Wire.OFFICIAL,
                needs=(),
                alone=True,
                suites=None,
                function=lambda _: iter(()),
            )
            self._order.kept(Examined(cleaning, (), tuple(recording.exchanges)))
        return leftovers


def wire_of(check: Check, target: Target) -> Wire:
    """Return the wire that a check counts under.

    Our own counts as mapped by the vendor for a target that says it speaks it, or whose profile
    maps every operation that the check needs.
    """
    if check.wire is not Wire.OWN:
        return check.wire
    mapped = bool(check.needs) and set(check.needs) <= target.operations.names()
    return Wire.VENDOR_MAPPED if target.speaks_own_wire or mapped else Wire.OWN


def is_claimed(requirement: Requirement, target: Target) -> bool:
    """Whether the profile of a target claims a requirement, by itself or by a suite."""
    claims: Collection[str] = target.profile.about.claims
    return requirement.ident in claims or not set(claims).isdisjoint(requirement.suites)


def _without_declared(plan: Plan, target: Target) -> Plan:
    """Return a plan without what the profile declares not to apply."""
    declared = target.profile.about.not_applicable
    kept = {ident: one for ident, one in plan.requirements.items() if ident not in declared}
    checks = [one for one in plan.checks if any(ident in kept for ident in one.requirements)]
    return Plan(plan.choice, kept, tuple(checks))


def _offers(target: Target, operation: str) -> bool:
    """Whether a target has a way to carry an operation out, or what stands for it."""
    if operation == MAIL:
        return target.post is not None
    if operation == RESTART and target.is_durable:
        return True
    if operation == "advance_clock":
        return target.clock.can_move
    if operation in _PEOPLE and (target.profile.people or target.profile.professionals):
        return True
    return target.operations.can(operation)
