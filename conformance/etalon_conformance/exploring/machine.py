"""The second engine: Hypothesis chooses who does what, and makes what it finds short by itself.

Slower by far than a walk, and better at data: it goes back to what nearly showed something, and
leaves out what shows nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as given
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from etalon_conformance.exploring.guided import GuidedWalk
from etalon_conformance.exploring.inside import Divergence, MakeTarget, replayed
from etalon_model.command import Command
from etalon_model.parameters import Parameters

_WALK_SEED: Final = 1
_LUCK_MOST: Final = 1 << 16
_DRAWS_A_COMMAND: Final = 1 << 12
_HOUSEHOLD: Final = 5
_STEPS: Final = 30


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard Hypothesis looks.

    Attributes:
        examples: How many sequences it tries.
        seed: Of its draws.
    """

    examples: int = 100
    seed: int = 1


class DivergedError(Exception):
    """A target went wrong.

    Attributes:
        divergence: Where.
    """

    def __init__(self, divergence: Divergence) -> None:
        """Say under which rule."""
        super().__init__(divergence.rule)
        self.divergence = divergence


class _ToldWalk(GuidedWalk):
    """A walk that is told what comes next; only what a command carries is drawn."""

    def __init__(self, parameters: Parameters) -> None:
        super().__init__(parameters, seed=_WALK_SEED)
        for _ in range(2):
            # The first household lives before the spaces exist.
            self._left = 0
            self.next_command()

    def told(self, name: str, rank: int, luck: int) -> Command:
        """Return a command of that name about somebody of the household, not applied."""
        self._ins = self.household[rank]
        self._chance.draws = luck * _DRAWS_A_COMMAND
        act = next(one for one in self._acts if one.kind.__name__ == name)
        self._pass_time(act)
        actor = self._actor(act.actor)
        self._contents.actor = actor
        return self._made(act.kind, actor)

    def names(self) -> list[str]:
        """Return the names of commands, each as often as it weighs; what weighs nothing once."""
        every = {one.kind.__name__: max(1, round(one.weight)) for one in self._acts}
        return [name for name in sorted(every) for _ in range(every[name])]


def found(
    make: MakeTarget, readings: Sequence[Parameters], effort: Effort | None = None
) -> Divergence | None:
    """Have Hypothesis look for a sequence that shows a target wrong.

    Args:
        make: Makes the target.
        readings: The readings of the texts; commands are drawn with knowledge of the first.
        effort: How hard it looks.

    Returns:
        The shortest it came to, or None.
    """
    effort = effort or Effort()
    machine = seed(effort.seed)(_machine(make, readings))
    try:
        run_state_machine_as_test(machine, settings=_settings(effort))
    except DivergedError as error:
        return error.divergence
    return None


def _settings(effort: Effort) -> settings:
    return settings(
        max_examples=effort.examples,
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
        print_blob=False,
    )


def _machine(make: MakeTarget, readings: Sequence[Parameters]) -> type[RuleBasedStateMachine]:
    """Return the machine that gives a target what the model is given."""
    names = _ToldWalk(readings[0]).names()

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.walk = _ToldWalk(readings[0])
            self.commands: list[Command] = []

        @rule(
            name=given.sampled_from(names),
            rank=given.integers(0, _HOUSEHOLD - 1),
            luck=given.integers(0, _LUCK_MOST),
        )
        def comes(self, name: str, rank: int, luck: int) -> None:
            command = self.walk.told(name, rank, luck)
            self.commands += self.walk.brought()
            self.walk.carried_out(command)
            self.walk.given.clear()
            self.commands.append(command)

        def teardown(self) -> None:
            divergence = replayed(self.commands, make, readings, seed=_WALK_SEED)
            if divergence is not None:
                raise DivergedError(divergence)

    return Machine
