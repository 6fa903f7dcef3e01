"""A walk that goes where it has not been: rare states first, and commands little tried in them."""

from typing import Final

from etalon_conformance.exploring.chance_arrays import mixed_in_arrays
from etalon_conformance.exploring.reached import DONE, Reached
from etalon_conformance.exploring.rules_met import rules_noted
from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.outcomes import Outcome
from etalon_model.parameters import Parameters
from etalon_model.states import State
from etalon_model.walks.acts import Act, acts_by_state
from etalon_model.walks.walk import Walk

_SEEKING: Final = 0.3
"""Share of the draws that are made among all commands, those little tried in a state first."""
_COMPARED: Final = 5
"""How many commands are drawn then, the least tried of which is taken."""
_RARE: Final = 0.3
"""How often the next command is about whoever stands where few stood."""
_COMMANDS_A_HOUSEHOLD: Final = 500
"""Then others move in: most of those who were there are in states that nobody leaves."""
_LOOKED_AT: Final = 2
"""How often a command is watched in a state to see which rules it calls upon."""


class GuidedWalk(Walk):
    """Households that live in one service, and rather do what was little done before.

    Attributes:
        reached: What was reached.
        given: The commands that the model accepted since they were last taken.
    """

    def __init__(self, parameters: Parameters, *, seed: int) -> None:
        """Start with a directory and nobody."""
        self.given: list[Command] = []
        self.reached = Reached()
        kinds = command_types().values()
        self._tried = {state: dict.fromkeys(kinds, 0) for state in State}
        self._stood = dict.fromkeys(State, 0)
        self._lived = 0
        self._acts = _every_act()
        super().__init__(parameters, seed=seed, journal=self.given.append, mix=mixed_in_arrays)

    def next_command(self) -> Command:
        """Return the next command, not applied; whoever stands where few stood comes first."""
        if self._lived >= _COMMANDS_A_HOUSEHOLD:
            self._left = self._lived = 0
        self._lived += 1
        if self.household and self._chance.happens(_RARE):
            stood = [self._stood[one.state] for one in self._members]
            self._ins = self.household[stood.index(min(stood))]
        return super().next_command()

    def carried_out(self, command: Command) -> Outcome:
        """Have the model carry a command of this walk out, and note what it reached."""
        state = self.service.state(command.ins)
        self._stood[state] += 1
        tried, kind = self._tried[state], type(command)
        tried[kind] += 1
        if tried[kind] > _LOOKED_AT:
            outcome = self.service.apply(command)
        else:
            with rules_noted(self.reached.rules):
                outcome = self.service.apply(command)
        self.reached.note(command, state, outcome)
        return outcome

    def brought(self) -> tuple[Command, ...]:
        """Return what the model accepted since, most of it to bring people in; each once."""
        if not self.given:
            return ()
        given = tuple(self.given)
        self.given.clear()
        for one in given:
            # Where somebody stood before is past; what counts is that it was accepted.
            self.reached.situations[type(one).__name__, State.NOT_ELIGIBLE.value, DONE] += 1
        return given

    def _drawn(self, state: State) -> Act:
        if not self._chance.happens(_SEEKING):
            return super()._drawn(state)
        acts, tried = self._chance.picks(self._acts, _COMPARED), self._tried[state]
        times = [tried[one.kind] for one in acts]
        return acts[times.index(min(times))]


def _every_act() -> tuple[Act, ...]:
    """Return each command as whoever may issues it, wherever that is."""
    known = {one.kind: one for acts, _ in acts_by_state().values() for one in acts}
    return tuple(known.values())
