"""Stories: commands given to an empty service, one command more, and what then holds.

Walks give the stories of what they meet (`walked`); scenes are told on purpose (`scenes`).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from etalon_model.command import Command
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.value_codec import Json
from etalon_model.vectors.answers import plain_outcome
from etalon_model.vectors.tracing import noting_rules
from etalon_model.vectors.views import View, seen, views_of

Key = tuple[str, str]
"""A file of vectors, and what a story in it shows."""


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


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        seed: Seed of the service, which gives the provisional codes.
        given: Commands carried out before, in their order.
        when: The last command.
        looks: What is looked at in the end, instead of what suits the last command.
    """

    seed: int
    given: tuple[Command, ...]
    when: Command
    looks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What a service makes of a story.

    Attributes:
        ending: How it ends.
        outcome: The outcome of the last command, as JSON holds it.
        seen: What each view answers, by its name.
    """

    ending: Ending
    outcome: dict[str, Json]
    seen: dict[str, Json]


def scene_of(parameters: Parameters, seed: int, given: Sequence[Command]) -> Service:
    """Return a new service to which the commands were given."""
    service = Service(parameters, seed=seed)
    for command in given:
        service.apply(command)
    return service


def ended(
    service: Service, command: Command, apply: Callable[[Command], Outcome] | None = None
) -> tuple[Ending, Outcome]:
    """Carry out the last command; return how it ended, and its outcome.

    Args:
        service: The service that it is given to.
        command: The command.
        apply: What has it carried out there, instead of `service.apply`.
    """
    before, taken = service.state(command.ins), service.transitions
    outcome = (apply or service.apply)(command)
    now = service.transitions
    refusal = outcome if isinstance(outcome, Refusal) else None
    ending = Ending(
        before,
        service.state(command.ins),
        refusal.rule if refusal else "",
        refusal.code if refusal else "",
        tuple(move for move in now if now[move] > taken[move]) if now != taken else (),
    )
    return ending, outcome


def questions(parameters: Parameters, story: Story) -> tuple[View, ...]:
    """Return what is to be asked at the end of a story."""
    service = scene_of(parameters, story.seed, story.given)
    service.apply(story.when)
    return views_of(service, story.when, story.given, story.looks)


def told(
    parameters: Parameters, story: Story, views: Sequence[View], ran: set[str] | None = None
) -> Telling:
    """Tell a story to a new service, and ask the views, each of a service of its own.

    Args:
        parameters: Values of a vintage.
        story: The story.
        views: What is asked in the end.
        ran: A set to which the rules are added that have a say in the end and in what is seen.
    """
    service = scene_of(parameters, story.seed, story.given)
    with _noting(ran):
        ending, outcome = ended(service, story.when)
    answers: dict[str, Json] = {}
    for view in views:
        # To tell a story again costs less than to copy a service.
        again = scene_of(parameters, story.seed, (*story.given, story.when)) if view.reads else None
        with _noting(ran):
            answers[view.who] = seen(again or service, view)
    return Telling(ending, plain_outcome(outcome), answers)


def _noting(ran: set[str] | None) -> AbstractContextManager[None]:
    return nullcontext() if ran is None else noting_rules(ran)
