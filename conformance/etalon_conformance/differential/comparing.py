"""Sequences made on two targets, until a time is spent; each difference is made short.

People and documents are each target's own: what is held against one another is done or refused,
and which documents of the sequence are listed. The first of a kind of difference is made again,
shorter, on both.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Check
from etalon_conformance.concluding import Cut
from etalon_conformance.differential.sides import DIFFERENCES, Pair, Standing, paired
from etalon_conformance.exploring.calls import Call
from etalon_conformance.exploring.company import Opening, gathered
from etalon_conformance.exploring.drawing import LENGTH, Drawing, situation
from etalon_conformance.exploring.sequence import Playing
from etalon_conformance.exploring.shortening import shortest
from etalon_conformance.requirement import Wire
from etalon_target.cannot import CannotTest

if TYPE_CHECKING:
    from etalon_target.people import TestProfessional
    from etalon_target.targets import Target

KINDS_MOST: Final = 20
"""Kinds of difference that are told; the others are counted."""
_TRIALS: Final = 40
_FAILURES_MOST: Final = 3
"""Sequences in a row whose people are not to be had, after which comparing ends."""
_OURS: Final = frozenset({"embedded", "inprocess"})


@dataclass(frozen=True, slots=True)
class Difference:
    """The shortest sequence found that shows a kind of difference.

    Attributes:
        calls: Its calls; the last is answered otherwise.
        pair: What was answered to the last.
    """

    calls: tuple[Call, ...]
    pair: Pair


@dataclass(slots=True, kw_only=True)
class Compared:
    """What comparing came to.

    Attributes:
        seconds: How long it lasted.
        sequences: How many sequences were made to their end, or to a difference.
        calls: How many calls were made on both.
        situations: How many different situations were met.
        either: To how many calls they differ where the model allows both.
        unknown: How many sequences ended at a call of which nobody knows what became.
        unsteady: How many differences did not show again.
        met: How many sequences met a difference, by how they stand.
        differences: One of each kind: how they stand, under which rule, at which act.
        stopped: Why comparing ended early, in English, or empty.
    """

    seconds: float = 0.0
    sequences: int = 0
    calls: int = 0
    situations: int = 0
    either: int = 0
    unknown: int = 0
    unsteady: int = 0
    met: dict[Standing, int] = field(default_factory=dict[Standing, int])
    differences: list[Difference] = field(default_factory=list[Difference])
    stopped: str = ""


def compared(
    first: "Target", second: "Target", *, seconds: float, seed: int, sequences: int = 0
) -> Compared:
    """Ask two targets that were reached the same, until the time is spent.

    Args:
        first: One target.
        second: The other; it may be at the same address.
        seconds: How long.
        seed: Of what is asked.
        sequences: How many sequences are made at most; 0 for as many as there is time for.
    """
    return _Comparing((first, second), seconds, seed, sequences).carried_out()


_Playings = tuple[Playing, Playing]


class _Comparing:
    """One comparison, while it lasts."""

    def __init__(
        self, targets: tuple["Target", "Target"], seconds: float, seed: int, sequences: int
    ) -> None:
        self._targets = targets
        self._seed = seed
        self._most = sequences
        self._drawing = Drawing(Random(f"{seed}/differential"), moves_clock=False)  # noqa: S311 (tests, no secret)
        self._casts: tuple[dict[str, TestProfessional], dict[str, TestProfessional]] = ({}, {})
        lasts = not all(one.kind in _OURS for one in targets)
        self._run = uuid4().hex if lasts else str(seed)
        self._told = Compared()
        self._benches = 0
        self._began = time.monotonic()
        self._ends_at = self._began + seconds

    def carried_out(self) -> Compared:
        failures = 0
        while failures < _FAILURES_MOST and not self._is_over():
            failures = 0 if self._sequence() else failures + 1
        self._told.seconds = time.monotonic() - self._began
        self._told.situations = len(self._drawing.met)
        return self._told

    def _is_over(self) -> bool:
        enough = 0 < self._most <= self._told.sequences
        return enough or time.monotonic() >= self._ends_at

    def _allow(self) -> None:
        if time.monotonic() >= self._ends_at:
            raise Cut

    def _sequence(self) -> bool:
        """Make a sequence on both; whether its people were to be had."""
        opening = self._drawing.opening()
        try:
            playings = self._opened(opening)
        except Cut:
            return True
        except CannotTest as error:
            self._told.stopped = str(error)
            return False
        self._told.stopped = ""
        calls: list[Call] = []
        try:
            different = self._played(playings, calls)
        except (Cut, CannotTest):
            return True
        self._told.sequences += 1
        if different is not None:
            self._follow(opening, calls, different)
        return True

    def _opened(self, opening: Opening) -> _Playings:
        """Make the people of a sequence on both targets, in the same way."""
        self._benches += 1
        playings = [
            Playing(gathered(self._bench(target, side), opening, cast))
            for target, side, cast in zip(self._targets, "ab", self._casts, strict=True)
        ]
        return playings[0], playings[1]

    def _bench(self, target: "Target", side: str) -> Bench:
        check = Check(
            name=f"differential_{self._benches}",
            requirements=(),
            wire=Wire.OFFICIAL,
            needs=(),
            alone=False,
            suites=None,
            function=lambda _: iter(()),
        )
        bench = Bench(target, check, self._seed, f"{self._run}/{side}")
        bench.before_each = self._allow
        return bench

    def _played(self, playings: _Playings, calls: list[Call]) -> Pair | None:
        """Make the calls of a sequence; return the one at which somebody is wrong."""
        for _ in range(LENGTH):
            call = self._drawing.next_call(playings[0])
            where = situation(call, playings[0])
            calls.append(call)
            pair = _made(call, playings)
            self._drawing.note(where, playings[0].met[-1])
            self._told.calls += 1
            self._told.either += pair.standing is Standing.EITHER
            if pair.standing is Standing.UNKNOWN:
                self._told.unknown += 1
                return None
            if pair.standing in DIFFERENCES:
                return pair
        return None

    def _follow(self, opening: Opening, calls: Sequence[Call], pair: Pair) -> None:
        """Count a difference; make the first of its kind again, short."""
        told = self._told
        told.met[pair.standing] = told.met.get(pair.standing, 0) + 1
        known = {_kind(one.pair) for one in told.differences}
        if _kind(pair) in known or len(known) >= KINDS_MOST:
            return

        def shows(part: Sequence[Call]) -> bool:
            again = self._again(opening, part)
            return again is not None and _kind(again) == _kind(pair)

        if not shows(calls):
            told.unsteady += 1
            return
        short = shortest(tuple(calls), shows, trials=_TRIALS)
        last = self._again(opening, short)
        if last is not None:
            told.differences.append(Difference(short, last))

    def _again(self, opening: Opening, calls: Sequence[Call]) -> Pair | None:
        """Make calls on new people; return the last where it alone is a difference."""
        try:
            playings = self._opened(opening)
            for call in calls:
                if any(_lacks(call, one) for one in playings):
                    return None
                pair = _made(call, playings)
                if pair.standing in DIFFERENCES:
                    return pair if call is calls[-1] else None
        except (Cut, CannotTest):
            return None
        return None


def _made(call: Call, playings: _Playings) -> Pair:
    """Make a call on both targets, one after the other."""
    first, second = (one.makes(call) for one in playings)
    return paired(first, second, (playings[0].company, playings[1].company))


def _kind(pair: Pair) -> tuple[Standing, str, str]:
    return pair.standing, pair.rule, pair.call.act


def _lacks(call: Call, playing: Playing) -> bool:
    """Whether a call is about a document that nobody deposited."""
    is_new = call.act == "deposit" or not call.document
    return not is_new and call.document not in playing.company.shelf
