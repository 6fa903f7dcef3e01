"""Exploring a target over its wire: sequences drawn with knowledge of what the model would say.

Each sequence has people of its own. What it comes to is judged as it is met; the first that goes
wrong under a rule is made again, made short, and made once more as a check, so that its verdict
and its evidence are those of any other check.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, Check
from etalon_conformance.concluding import Concluded, Cut, Examined, conclude, examine
from etalon_conformance.exploring.calls import Call, kinds
from etalon_conformance.exploring.company import Opening, gathered
from etalon_conformance.exploring.drawing import LENGTH, Drawing, is_possible, situation
from etalon_conformance.exploring.sequence import Met, Playing, expectation_of, kept_to
from etalon_conformance.exploring.shortening import shortest
from etalon_conformance.planning import Plan
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.running import is_claimed, wire_of
from etalon_target.cannot import CannotTest
from etalon_wire.interactions import interactions

if TYPE_CHECKING:
    from etalon_target.people import TestProfessional
    from etalon_target.targets import Target

CHECK: Final = "explored"
"""What the name of a check begins with that was found by exploring; its requirement follows."""
_TRIALS: Final = 60
_OWN: Final = frozenset(row.name for row in interactions().values() if row.standing == "own")
_BUSY: Final = frozenset({429, 503})
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0
_GRACE_SECONDS: Final = 20.0
_REFUSALS_MOST: Final = 3
"""Sequences in a row whose people are not to be had, after which exploring ends."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sequence that shows a target wrong.

    Attributes:
        requirement: Under which requirement.
        calls: The shortest sequence that shows it.
        concluded: The verdict.
        examined: What the check did that made it once more.
        after: Seconds of exploring after which it went wrong for the first time.
    """

    requirement: str
    calls: tuple[Call, ...]
    concluded: Concluded
    examined: Examined
    after: float


@dataclass(slots=True, kw_only=True)
class Exploration:
    """What exploring a target came to.

    Attributes:
        seconds: How long it lasted.
        sequences: How many sequences were made to their end.
        calls: How many calls they held.
        exchanges: How many went over the wire.
        situations: How many different situations were met.
        met: How often each situation was met.
        curve: After how many calls how many situations had been met, at each doubling.
        unanswered: How many sequences ended at a call of which nobody knows what became.
        unsteady: How many went wrong once, and not again.
        paused: Seconds waited because the target asked for it, or did not answer.
        outside: Rules broken that the suite does not hold.
        stopped: Key of the text that says why it ended early; empty where its time was spent.
        sent: The kinds of command of the model that were asked of the target.
        found: What was found wrong, each requirement once.
    """

    seconds: float = 0.0
    sequences: int = 0
    calls: int = 0
    exchanges: int = 0
    situations: int = 0
    met: dict[tuple[str, ...], int] = field(default_factory=dict[tuple[str, ...], int])
    curve: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    unanswered: int = 0
    unsteady: int = 0
    paused: float = 0.0
    outside: list[str] = field(default_factory=list[str])
    stopped: str = ""
    sent: set[str] = field(default_factory=set[str])
    found: list[Found] = field(default_factory=list[Found])


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a target is explored.

    Attributes:
        plan: The plan of the run: its requirements, its seed.
        seconds: How long.
        nonce: What is this run's alone, so that identifiers are never those of a former one.
        is_interrupted: Tells whether somebody asked to stop.
        sequences: How many sequences are made at most; 0 for as many as there is time for.
        until_found: End once something is found wrong.
    """

    plan: Plan
    seconds: float
    nonce: str = ""
    is_interrupted: Callable[[], bool] = lambda: False
    sequences: int = 0
    until_found: bool = False


def explore(target: "Target", search: Search) -> Exploration:
    """Explore a target that was reached, until the time is spent.

    Never raises for what a target does.
    """
    return _Explorer(target, search).carried_out()


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sequence that went wrong, as it can be made again."""

    opening: Opening
    calls: tuple[Call, ...]
    met: Met
    after: float


class _Explorer:
    """One exploration, while it lasts."""

    def __init__(self, target: "Target", search: Search) -> None:
        self._target = target
        self._search = search
        self._seed = search.plan.choice.seed
        self._drawing = Drawing(Random(f"{self._seed}/{CHECK}"))  # noqa: S311 (tests, no secret)
        self._cast: dict[str, TestProfessional] = {}
        self._told = Exploration()
        self._benches = 0
        self._pause = 0.0
        self._began = time.monotonic()
        self._ends_at = self._began + search.seconds
        self._is_shortening = False

    def carried_out(self) -> Exploration:
        before = self._target.ends_at
        failures = 0
        self._target.ends_at = self._ends_at + _GRACE_SECONDS
        try:
            while failures < _REFUSALS_MOST and not self._is_over():
                failures = 0 if self._sequence() else failures + 1
        finally:
            self._target.ends_at = before
        told = self._told
        told.seconds = time.monotonic() - self._began
        told.met = dict(self._drawing.met)
        told.situations = len(told.met)
        return told

    def _is_over(self) -> bool:
        enough = 0 < self._search.sequences <= self._told.sequences
        if self._search.until_found and self._told.found:
            return True
        return enough or self._search.is_interrupted() or time.monotonic() >= self._ends_at

    def _allow(self) -> None:
        """Let a call go on.

        Raises:
            Cut: The time is spent.
        """
        grace = _GRACE_SECONDS if self._is_shortening else 0
        if self._search.is_interrupted() or time.monotonic() >= self._ends_at + grace:
            raise Cut

    def _sequence(self) -> bool:
        """Make a sequence; whether its people were to be had."""
        opening = self._drawing.opening()
        bench = self._bench()
        try:
            playing = Playing(gathered(bench, opening, self._cast))
        except Cut:
            return True
        except CannotTest as error:
            self._told.stopped = error.key
            self._wait(bench)
            return False
        self._told.stopped = ""
        try:
            wrong = self._played(playing)
        except (Cut, CannotTest):
            return True
        finally:
            self._told.exchanges += len(bench.exchanges)
            self._told.sent |= playing.sent
        if wrong is not None:
            calls = tuple(one.call for one in playing.met)
            self._follow(_Shown(opening, calls, wrong, time.monotonic() - self._began))
        return True

    def _played(self, playing: Playing) -> Met | None:
        """Make the calls of a sequence; return the one that goes wrong, if one does."""
        for _ in range(LENGTH):
            call = self._drawing.next_call(playing)
            where = situation(call, playing)
            met = playing.makes(call)
            self._count(where, met)
            if met.agrees is None:
                self._told.unanswered += 1
                self._wait(playing.company.stage.bench)
                return None
            self._pause = 0.0
            if not met.agrees:
                return met
        self._told.sequences += 1
        return None

    def _count(self, where: tuple[str, ...], met: Met) -> None:
        self._drawing.note(where, met)
        self._told.calls += 1
        calls = self._told.calls
        if not calls & (calls - 1):
            self._told.curve.append((calls, len(self._drawing.met)))

    def _wait(self, bench: Bench) -> None:
        """Wait longer each time that a target asks for it, or does not answer."""
        last = bench.exchanges[-1:]
        if last and last[0].status not in _BUSY and last[0].status != 0:
            return
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause))
        pause = min(self._pause, max(0.0, self._ends_at - time.monotonic()))
        self._told.paused += pause
        time.sleep(pause)

    def _follow(self, shown: _Shown) -> None:
        """Make what went wrong again, short, and as a check; unless its rule was broken before."""
        requirement = self._requirement(shown.met)
        if requirement is None:
            if shown.met.rule not in self._told.outside:
                self._told.outside.append(shown.met.rule)
            return
        if any(one.requirement == requirement.ident for one in self._told.found):
            self._told.sequences += 1
            return
        self._is_shortening = True
        try:
            self._conclude(shown, requirement)
        except Cut:
            self._told.unsteady += 1
        finally:
            self._is_shortening = False

    def _conclude(self, shown: _Shown, requirement: Requirement) -> None:
        def shows(calls: Sequence[Call]) -> bool:
            again = self._again(shown.opening, calls)
            return again is not None and again.rule == shown.met.rule

        if not shows(shown.calls):
            self._told.unsteady += 1
            return
        calls = shortest(shown.calls, shows, trials=_TRIALS)
        check = _check(shown.opening, calls, requirement)
        bench = Bench(self._target, check, self._seed, self._search.nonce)
        bench.before_each = self._allow
        examined = examine(bench)
        self._told.exchanges += len(bench.exchanges)
        claimed = is_claimed(requirement, self._target)
        wire = wire_of(check, self._target)
        concluded = conclude(examined, [requirement], wire, lambda _: claimed)[0]
        if concluded.assertion is None or concluded.assertion.control:
            self._told.unsteady += 1
            return
        self._told.found.append(Found(requirement.ident, calls, concluded, examined, shown.after))

    def _requirement(self, met: Met) -> Requirement | None:
        """Return what a call breaks: the rule that the model cites, else the one of the act."""
        known = self._search.plan.requirements
        return known.get(met.rule) or known.get(kinds()[met.call.act].rule)

    def _again(self, opening: Opening, calls: Sequence[Call]) -> Met | None:
        """Make calls on new people; return the last where it alone goes wrong."""
        bench = self._bench()
        try:
            playing = Playing(gathered(bench, opening, self._cast))
            for call in calls:
                if not is_possible(call, playing):
                    return None
                met = playing.makes(call)
                if met.agrees is not True:
                    return met if met.agrees is False and call is calls[-1] else None
        except CannotTest:
            return None
        finally:
            self._told.exchanges += len(bench.exchanges)
        return None

    def _bench(self) -> Bench:
        self._benches += 1
        check = Check(
            name=f"{CHECK}_sequence_{self._benches}",
            requirements=(),
            wire=Wire.OFFICIAL,
            needs=(),
            alone=True,
            suites=None,
            function=lambda _: iter(()),
        )
        bench = Bench(self._target, check, self._seed, self._search.nonce)
        bench.before_each = self._allow
        return bench


def _check(opening: Opening, calls: tuple[Call, ...], requirement: Requirement) -> Check:
    """Return the check that makes a sequence: what comes before its last call is a control."""
    needs = {kinds()[one.act].operation for one in calls} & _OWN
    parts = {part for one in calls for part in (one.who, one.about)}
    certain = not requirement.certain_part["en"]

    def function(bench: Bench) -> Iterator[Assertion]:
        playing = Playing(gathered(bench, opening, {}, parts))
        for call in calls:
            if not is_possible(call, playing):
                raise CannotTest(key="cause.explored_otherwise", call=str(call))
            met = playing.makes(call)
            if not met.asked.looked:
                raise CannotTest(key="cause.explored_otherwise", call=str(call))
            if call is not calls[-1]:
                if met.asked.listed is None and not met.asked.lacks:
                    kept = kept_to(met.wanted[0])
                    bench.expects(requirement.ident, met.asked.looked, kept, control=True)
                continue
            wrong = met.agrees is False
            expectation = expectation_of(met) if wrong else kept_to(met.wanted[0])
            yield bench.expects(requirement.ident, met.asked.looked, expectation, certain=certain)

    return Check(
        name=f"{CHECK}_{requirement.ident.lower().replace('-', '_')}",
        requirements=(requirement.ident,),
        wire=Wire.OWN if needs else Wire.OFFICIAL,
        needs=tuple(sorted(needs)),
        alone=True,
        suites=None,
        function=function,
    )
