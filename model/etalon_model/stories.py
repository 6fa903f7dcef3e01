"""Stories: commands given to an empty service, one command more, and how it ends.

They are cut out of seeded walks: the shortest seen for every transition, every command accepted
and every refusal; then all is left out without which it ends the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from etalon_model.command import Command
from etalon_model.outcomes import Refusal
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_model.states import TRANSITIONS, State
from etalon_model.walks.walk import Walk

_STEPS: Final = 250
_WALKS: Final = 30
_MOST_WALKS: Final = 300
_SEEDS_APART: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ends.

    Attributes:
        before: State of the person concerned before the last command.
        after: Their state after it.
        rule: Rule under which it was refused, or an empty string.
        code: Code of the refusal, or an empty string.
        moves: Transitions that it took.
    """

    before: State
    after: State
    rule: str
    code: str
    moves: tuple[str, ...]

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the story shows, as pairs of a kind and a name, that of its command apart."""
        if self.code:
            return (("refused", f"{self.rule} {self.code}"),)
        return tuple(("transitions", move) for move in self.moves)


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        seed: Seed of the service, which gives the provisional codes.
        given: Commands carried out before, in their order.
        when: The last command.
        ending: How it ends.
    """

    seed: int
    given: tuple[Command, ...]
    when: Command
    ending: Ending


Stories = dict[tuple[str, str], Story]


def stories(parameters: Parameters, seed: int) -> Stories:
    """Return a story for every transition, and for the commands and refusals that walks meet.

    Keys are `("transitions", "T01")`, `("accepted", "SendNotice")`,
    `("refused", "LIF-04 WINDOW_OPEN")`.
    """
    found: Stories = {}
    for rank in range(_MOST_WALKS):
        moves = sum(kind == "transitions" for kind, _ in found)
        if rank >= _WALKS and moves == len(TRANSITIONS):
            break
        _walk(found, parameters, seed * _SEEDS_APART + rank)
    return {key: _pruned(parameters, story) for key, story in sorted(found.items())}


def _walk(found: Stories, parameters: Parameters, seed: int) -> None:
    """Walk once, and again step by step: so affiliations, which come unasked, are seen too."""
    given: list[tuple[Command, bool]] = []
    accepted: list[Command] = []
    walk = Walk(parameters, seed=seed, journal=lambda command: given.append((command, True)))
    for step in walk.steps(_STEPS):
        if isinstance(step.outcome, Refusal):
            given.append((step.command, False))  # noqa: PERF401 (the journal appends in between)
    service = Service(parameters, seed=seed)
    for command, is_accepted in given:
        ending = _end(service, command)
        names = ending.keys
        if is_accepted:
            names += (("accepted", type(command).__name__),)
        for name in names:
            known = found.get(name)
            if known is None or len(accepted) < len(known.given):
                found[name] = Story(seed, tuple(accepted), command, ending)
        if is_accepted:
            accepted.append(command)


def _end(service: Service, command: Command) -> Ending:
    """Carry out the last command and say how it ended."""
    before, taken = service.state(command.ins), service.transitions
    outcome = service.apply(command)
    now = service.transitions
    refusal = outcome if isinstance(outcome, Refusal) else None
    return Ending(
        before,
        service.state(command.ins),
        refusal.rule if refusal else "",
        refusal.code if refusal else "",
        tuple(move for move in now if now[move] > taken[move]),
    )


def told(parameters: Parameters, seed: int, given: Sequence[Command], when: Command) -> Ending:
    """Tell a story to a new service and return how it ends."""
    service = Service(parameters, seed=seed)
    for command in given:
        service.apply(command)
    return _end(service, when)


def _pruned(parameters: Parameters, story: Story) -> Story:
    """Leave out of a story, in ever smaller pieces, what changes nothing to its end."""
    given = story.given
    size = max(1, len(given) // 2)
    while size:
        place = 0
        while place < len(given):
            shorter = (*given[:place], *given[place + size :])
            if told(parameters, story.seed, shorter, story.when) == story.ending:
                given = shorter
            else:
                place += size
        size //= 2
    return Story(story.seed, given, story.when, story.ending)
