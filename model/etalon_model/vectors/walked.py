"""Stories cut out of seeded walks: the shortest seen, less what changes nothing to its end."""

from typing import Final

from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.outcomes import Refusal
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


def _walk(found: _Found, parameters: Parameters, seed: int) -> None:
    """Walk once, and again step by step: so affiliations, which come unasked, are seen too."""
    given: list[tuple[Command, bool]] = []
    accepted: list[Command] = []
    walk = Walk(parameters, seed=seed, journal=lambda command: given.append((command, True)))
    for step in walk.steps(_STEPS):
        if isinstance(step.outcome, Refusal):
            given.append((step.command, False))  # noqa: PERF401 (the journal appends in between)
    service = Service(parameters, seed=seed)
    for command, is_accepted in given:
        ending, _ = ended(service, command)
        for key in _keys(command, ending):
            known = found.get(key)
            if known is None or len(accepted) < len(known[0].given):
                found[key] = Story(seed, tuple(accepted), command), ending
        if is_accepted:
            accepted.append(command)


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
