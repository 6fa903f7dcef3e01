"""Stories cut out of seeded walks: the shortest seen, less what changes nothing to its end."""

from collections.abc import Callable
from typing import Final

from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.outcomes import Outcome
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_model.states import TRANSITIONS
from etalon_model.vectors.stories import Ending, Key, Story, ended, scene_of
from etalon_model.walks.walk import Walk

_STEPS: Final = 1_500
_WALKS: Final = 20
_MOST_WALKS: Final = 100
_SEEDS_APART: Final = 1_000

_Found = dict[Key, tuple[Story, Ending]]


def walked_stories(parameters: Parameters, seed: int) -> dict[Key, Story]:
    """Return a story for every transition and command, and for the refusals that walks meet.

    Keys are `("transitions", "T01")`, `("accepted", "SendNotice")`,
    `("refused", "LIF-04 WINDOW_OPEN")`.
    """
    found: _Found = {}
    wanted = {("transitions", move) for move in TRANSITIONS}
    wanted |= {("accepted", name) for name in command_types()}
    for rank in range(_MOST_WALKS):
        if rank >= _WALKS and wanted <= found.keys():
            break
        _walk(found, parameters, seed * _SEEDS_APART + rank)
    return {key: _pruned(parameters, *told) for key, told in sorted(found.items())}


class _Watched(Service):
    """A service that is told how each command ended, affiliations that come unasked included."""

    __slots__ = ("_tell",)

    def __init__(
        self, parameters: Parameters, seed: int, tell: Callable[[Command, Ending], object]
    ) -> None:
        super().__init__(parameters, seed=seed)
        self._tell = tell

    def apply(self, command: Command) -> Outcome:
        """Carry out a command, or refuse it, and tell its end."""
        ending, outcome = ended(self, command, super().apply)
        self._tell(command, ending)
        return outcome


def _walk(found: _Found, parameters: Parameters, seed: int) -> None:
    """Walk, and keep each end that no shorter story shows."""
    accepted: list[Command] = []

    def tell(command: Command, ending: Ending) -> None:
        for key in _keys(command, ending):
            known = found.get(key)
            if known is None or len(accepted) < len(known[0].given):
                found[key] = Story(seed, tuple(accepted), command), ending
        if not ending.code:
            accepted.append(command)

    walk = Walk(parameters, seed=seed, service=_Watched(parameters, seed, tell))
    for _ in walk.steps(_STEPS):
        pass


def _keys(command: Command, ending: Ending) -> tuple[Key, ...]:
    """Return what a command shows by its end."""
    if ending.code:
        return (("refused", f"{ending.rule} {ending.code}"),)
    moves = tuple(("transitions", move) for move in ending.moves)
    return (*moves, ("accepted", type(command).__name__))


def _pruned(parameters: Parameters, story: Story, ending: Ending) -> Story:
    """Leave out of a story, in ever smaller pieces, what changes nothing to its end."""
    given = story.given
    size = max(1, len(given) // 2)
    while size:
        place = 0
        while place < len(given):
            shorter = (*given[:place], *given[place + size :])
            service = scene_of(parameters, story.seed, shorter)
            if ended(service, story.when)[0] == ending:
                given = shorter
            else:
                place += size
        size //= 2
    return Story(story.seed, given, story.when)
