"""Exploring a service of this process: the model and the target are given the same commands.

What the target answers must be what the model answers under one reading of the texts at least, and
always the same one: a reading that was contradicted once is out.
"""

import gc
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from etalon_conformance.exploring.citing import Raised, cited
from etalon_conformance.exploring.guided import GuidedWalk
from etalon_conformance.exploring.reached import Reached
from etalon_conformance.exploring.shortening import shortest
from etalon_model.access_log import ENTRY_WIDTH
from etalon_model.affiliation import Affiliate
from etalon_model.command import Command
from etalon_model.notices import Notification
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome
from etalon_model.parameters import Parameters
from etalon_model.people import Person
from etalon_model.service import Service
from etalon_model.vectors.answers import plain_outcome
from etalon_wire.parts import Deciding

UNASKED_RULE: Final = "TRC-01"
"""What is cited where a log or a notification is otherwise, and the command enforces no rule."""
_YOUNG_OBJECTS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """A target that answers what no reading of the texts allows.

    Attributes:
        commands: What it was given since it knew nobody; it goes wrong at the last one.
        expected: What the model answers, under each reading that was still right.
        observed: What it answered.
        rule: The rule that the model cites.
        seed: Seed of the provisional codes.
    """

    commands: tuple[Command, ...]
    expected: tuple[Outcome, ...]
    observed: Outcome | Raised
    rule: str
    seed: int


@dataclass(frozen=True, slots=True)
class Explored:
    """What a walk came to.

    Attributes:
        reached: What it reached of the model.
        divergence: Where the target went wrong, or None.
    """

    reached: Reached
    divergence: Divergence | None


MakeTarget = Callable[[Parameters, int], Deciding]
"""Makes a service that knows nobody, from parameters and the seed of the codes."""


def service_of(parameters: Parameters, seed: int) -> Deciding:
    """Return the service of the model: what the reference decides by."""
    return Service(parameters, seed=seed)


def explored(
    make: MakeTarget, readings: Sequence[Parameters], *, seed: int, calls: int
) -> Explored:
    """Give a target that many commands, or fewer where it goes wrong before.

    Args:
        make: Makes the target.
        readings: The readings of the texts; commands are drawn with knowledge of the first.
        seed: Of the walk.
        calls: How many commands, those that bring people in aside.
    """
    walk = GuidedWalk(readings[0], seed=seed)
    judge = _Judge(make, readings, seed, walk.service)
    with _quiet_collector():
        divergence = _diverged(walk, judge, calls)
    walk.reached.transitions = walk.service.transitions
    return Explored(walk.reached, divergence)


def _diverged(walk: GuidedWalk, judge: "_Judge", calls: int) -> Divergence | None:
    for _ in range(calls):
        command = walk.next_command()
        for brought in walk.brought():
            if judge.brings(brought) is not None:
                return judge.divergence
        expected = walk.carried_out(command)
        walk.given.clear()
        if judge.gives(command, expected) is not None:
            return judge.divergence
    return None


@contextmanager
def _quiet_collector() -> Generator[None]:
    """Let the garbage collector look less often: what a walk makes lives as long as the walk."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _YOUNG_OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Judge:
    """A target, and the readings beside that of the walk."""

    __slots__ = (
        "_commands",
        "_follows_walk",
        "_others",
        "_ours",
        "_seed",
        "_target",
        "_theirs",
        "divergence",
    )

    def __init__(
        self, make: MakeTarget, readings: Sequence[Parameters], seed: int, first: Service
    ) -> None:
        self._target = make(readings[0], seed)
        self._ours, self._theirs = people_of(first), people_of(self._target)
        self._follows_walk = True
        self._others = [Service(one, seed=seed) for one in readings[1:]]
        self._seed = seed
        self._commands: list[Command] = []
        self.divergence: Divergence | None = None

    def brings(self, command: Command) -> Divergence | None:
        """Give the target a command that every reading accepts."""
        for one in self._others:
            one.apply(command)
        observed = answered(self._target, command)
        self._commands.append(command)
        return None if isinstance(observed, Accepted) else self._broken((ACCEPTED,), observed)

    def gives(self, command: Command, expected: Outcome) -> Divergence | None:
        """Give the target a command, and hold its answer against those of the readings."""
        allowed = [(one, one.apply(command)) for one in self._others]
        observed = answered(self._target, command)
        self._commands.append(command)
        if self._follows_walk and same(observed, expected):
            if allowed:
                self._others = [one for one, outcome in allowed if same(observed, outcome)]
            ins = command.ins
            if ins in self._ours and not tells_the_same(self._ours[ins], self._theirs.get(ins)):
                return self._told_otherwise(ins)
            return None
        self._others = [one for one, outcome in allowed if same(observed, outcome)]
        if self._others:
            self._follows_walk = False
            return None
        right = [expected] if self._follows_walk else []
        return self._broken((*right, *(outcome for _, outcome in allowed)), observed)

    def _told_otherwise(self, ins: str) -> Divergence:
        """Return that somebody is told otherwise than by the model what became of them."""
        ours, theirs = self._ours[ins], self._theirs.get(ins)
        seen = () if theirs is None else told_of(theirs)
        expected = (Accepted(told_of(ours)),)
        rule = cited(self._commands[-1], expected, Accepted(seen)) or UNASKED_RULE
        return self._broken(expected, Accepted(seen), rule)

    def _broken(
        self, expected: tuple[Outcome, ...], observed: Outcome | Raised, rule: str = ""
    ) -> Divergence:
        self.divergence = Divergence(
            commands=tuple(self._commands),
            expected=expected,
            observed=observed,
            rule=rule or cited(self._commands[-1], expected, observed),
            seed=self._seed,
        )
        return self.divergence


def people_of(service: Deciding) -> Mapping[str, Person]:
    """Return the people of a service as they stand, now and later."""
    return service.snapshot(copied=False).register.people


def tells_the_same(ours: Person, theirs: Person | None) -> bool:
    """Whether two services tell the same of somebody unasked: state, log, last notification."""
    if theirs is None or theirs.state is not ours.state:
        return False
    mine, others = ours.log, theirs.log
    if len(mine) != len(others) or mine[-2:] != others[-2:]:
        return False
    ours_kept, theirs_kept = ours.dossier, theirs.dossier
    if ours_kept is None or theirs_kept is None:
        return not told_of(ours)[2] and not told_of(theirs)[2]
    told, heard = ours_kept.told, theirs_kept.told
    return len(told) == len(heard) and told[-1:] == heard[-1:]


def told_of(person: Person) -> tuple[str, int, tuple[Notification, ...]]:
    """Return where somebody stands, how long their log is, and what they were notified of."""
    told = () if person.dossier is None else tuple(person.dossier.told)
    return person.state.value, len(person.log) // ENTRY_WIDTH, told


def answered(target: Deciding, command: Command) -> Outcome | Raised:
    """Return what a target answers to a command, though it breaks."""
    try:
        return target.apply(command)
    except Exception as error:  # noqa: BLE001 (whatever a target under test raises)
        return Raised(type(error).__name__)


def same(observed: Outcome | Raised, expected: Outcome) -> bool:
    """Whether two answers tell a reader the same."""
    if observed is expected or observed == expected:
        return True
    if isinstance(observed, Raised) or type(observed) is not type(expected):
        return False
    return plain_outcome(observed) == plain_outcome(expected)


def shortened(
    divergence: Divergence, make: MakeTarget, readings: Sequence[Parameters]
) -> Divergence:
    """Return the divergence with as few commands before it as show it still.

    The command that goes wrong stays, and so does the rule.
    """
    found = divergence

    def shows(commands: Sequence[Command]) -> bool:
        nonlocal found
        again = replayed(commands, make, readings, seed=divergence.seed)
        if again is None or again.rule != divergence.rule:
            return False
        if len(again.commands) != len(commands):
            return False
        found = again
        return True

    commands = divergence.commands
    circle = _circle(commands)
    near = tuple(one for one in commands if not one.ins or one.ins in circle)
    if len(near) < len(commands) and shows(near):
        commands = near
    shortest(commands, shows)
    return found


def replayed(
    commands: Sequence[Command], make: MakeTarget, readings: Sequence[Parameters], *, seed: int
) -> Divergence | None:
    """Give the target commands since it knew nobody; return where it goes wrong, if it does."""
    first = Service(readings[0], seed=seed)
    judge = _Judge(make, readings, seed, first)
    for command in commands:
        found = judge.gives(command, first.apply(command))
        if found is not None:
            return found
    return None


def _circle(commands: Sequence[Command]) -> frozenset[str]:
    """Return the people affiliated with the one whom the last command concerns."""
    last = commands[-1].ins
    brought = [one.ins for one in commands if isinstance(one, Affiliate)]
    if last not in brought:
        return frozenset((*brought, last))
    household = next(lot for lot in _lots(commands) if last in lot)
    return frozenset(household)


def _lots(commands: Sequence[Command]) -> Iterator[tuple[str, ...]]:
    """Yield the people who were affiliated one right after the other."""
    lot: list[str] = []
    for one in commands:
        if isinstance(one, Affiliate):
            lot.append(one.ins)
        elif lot:
            yield tuple(lot)
            lot = []
    yield tuple(lot)
