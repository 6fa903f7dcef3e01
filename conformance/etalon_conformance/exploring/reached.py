"""What a walk reached of the model, what it never did, and how fast new things still came."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.handlers import CATALOGUE_HANDLERS, HANDLERS
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.rules import enforcers
from etalon_model.states import TRANSITIONS, State
from etalon_wire.json_body import Json

DONE: Final = ""
"""What stands for the code of a refusal where there was none."""

Situation = tuple[str, str, str]
"""A command, the state of the person before it, and the code of the refusal or `DONE`."""


@dataclass(slots=True)
class Reached:
    """What was reached so far.

    Attributes:
        calls: How many commands were given.
        situations: How often each situation was met.
        transitions: How often each transition was taken, as the model counts them.
        curve: After how many calls how many situations had been met, at each doubling.
        rules: The rules whose functions ran.
    """

    calls: int = 0
    situations: Counter[Situation] = field(default_factory=Counter[Situation])
    transitions: Mapping[str, int] = field(default_factory=dict[str, int])
    curve: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    rules: set[str] = field(default_factory=set[str])

    def note(self, command: Command, state: State, outcome: Outcome) -> bool:
        """Note what the model answered to a command; whether that was met for the first time."""
        self.calls += 1
        code = outcome.code if isinstance(outcome, Refusal) else DONE
        situation = (type(command).__name__, state, code)
        is_new = situation not in self.situations
        self.situations[situation] += 1
        if not self.calls & (self.calls - 1):
            self.curve.append((self.calls, len(self.situations)))
        return is_new

    @property
    def states(self) -> frozenset[str]:
        """The states in which somebody stood when a command came."""
        return frozenset(state for _, state, _ in self.situations)

    @property
    def accepted(self) -> frozenset[str]:
        """The commands that were accepted at least once."""
        return frozenset(name for name, _, code in self.situations if code == DONE)


def rules_of(kind: type[Command]) -> tuple[str, ...]:
    """Return the rules that the function enforces which carries a command out; none for some."""
    function = HANDLERS.get(kind) or CATALOGUE_HANDLERS.get(kind)
    if function is None:
        return ()
    name = f"{function.__module__}.{getattr(function, '__qualname__', '')}"
    return tuple(rule for rule, names in enforcers().items() if name in names)


def plain_reached(reached: Reached) -> dict[str, Json]:
    """Return what was reached as JSON: each part with its whole, and who was never met by name."""
    return {
        "calls": reached.calls,
        "situations": len(reached.situations),
        "commands": _part(reached.accepted, command_types()),
        "states": _part(reached.states, [one.value for one in State]),
        "transitions": _part(reached.transitions, TRANSITIONS),
        "rules": _part(frozenset(reached.rules), enforcers()),
        "curve": [[calls, situations] for calls, situations in _curve(reached)],
    }


def _curve(reached: Reached) -> list[tuple[int, int]]:
    last = (reached.calls, len(reached.situations))
    return [*(one for one in reached.curve if one[0] < reached.calls), last]


def _part(
    met: "Mapping[str, object] | frozenset[str]", known: "Mapping[str, object] | list[str]"
) -> Json:
    never: list[Json] = [name for name in known if name not in met]
    return {"reached": len(known) - len(never), "known": len(known), "never": never}
