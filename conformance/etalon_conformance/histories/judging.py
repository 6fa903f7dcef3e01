"""Histories judged by the model, part by part: what concerns people who have nothing in common.

An order of each part makes an order of the whole (Herlihy and Wing 1990): parts are judged alone,
and the search stays short.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from etalon_conformance.histories.history import Answer
from etalon_conformance.histories.history_lines import CommandOperation
from etalon_conformance.histories.linearizing import STATES_MOST, Linearizable, NotKnown
from etalon_conformance.histories.sequential import ServiceSpecification
from etalon_conformance.histories.shrinking import Violation, checked
from etalon_model.affiliation import Affiliate
from etalon_model.command import Command
from etalon_model.command_codec import plain_command
from etalon_model.handlers import CATALOGUE_HANDLERS
from etalon_model.service import Service
from etalon_model.value_codec import Json

Verdict = Linearizable[Command, Answer] | Violation[Command, Answer] | NotKnown


@dataclass(frozen=True, slots=True)
class Part:
    """What a history says of people who have to do with one another.

    Attributes:
        people: Their matricules.
        history: What was asked about them.
    """

    people: frozenset[str]
    history: tuple[CommandOperation, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A part and what was found of it."""

    part: Part
    verdict: Verdict


def judged(
    history: Sequence[CommandOperation], readings: Sequence[Service], *, states: int = STATES_MOST
) -> tuple[Judgement, ...]:
    """Judge a history by the model.

    Args:
        history: What was recorded, whoever recorded it.
        readings: Where the service stands before: a service for each reading of the texts that is
            right, with the same people; the first when there is but one.
        states: How many states a search looks at before it is given up.

    Raises:
        ValueError: There is no reading.
    """
    if not readings:
        message = "a history is judged from where the service stands: no reading was given"
        raise ValueError(message)
    found: list[Judgement] = []
    for part in parts_of(history, readings[0]):
        commands = [one.asked for one in part.history]
        specification = ServiceSpecification(readings, part.people, commands)
        found.append(Judgement(part, checked(part.history, specification, states=states)))
    return tuple(found)


def parts_of(history: Sequence[CommandOperation], service: Service) -> tuple[Part, ...]:
    """Part a history by the people concerned, in the order in which they first come.

    Those whom a command names, or whom the service knows to be linked, stay together. A command on
    the catalogue or on somebody not yet affiliated may concern everybody: then there is one part.
    """
    register = service.snapshot(copied=False).register
    everybody = frozenset(register.people) | {one.asked.ins for one in history if one.asked.ins}
    if any(type(one.asked) in {*CATALOGUE_HANDLERS, Affiliate} for one in history):
        return (Part(everybody, tuple(history)),)
    circles = _Circles()
    named = [_named(one.asked, everybody) for one in history]
    for people in (*named, *_linked(service)):
        circles.join(people)
    members: dict[str, set[str]] = {}
    for ins in everybody:
        members.setdefault(circles.head(ins), set()).add(ins)
    asked: dict[str, list[CommandOperation]] = {}
    for one in history:
        asked.setdefault(circles.head(one.asked.ins), []).append(one)
    return tuple(Part(frozenset(members.get(head, ())), tuple(ops)) for head, ops in asked.items())


def _named(command: Command, everybody: frozenset[str]) -> list[str]:
    return [command.ins, *sorted(everybody.intersection(_texts(plain_command(command))))]


def _texts(value: Json) -> Iterator[str]:
    """Yield every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)


def _linked(service: Service) -> Iterator[list[str]]:
    """Yield people whom one command may concern together, though it names one of them."""
    register = service.snapshot(copied=False).register
    for ins, person in register.people.items():
        others = (person.protected_by, person.notice_to, *person.representatives)
        helped = () if person.dossier is None else person.dossier.caregivers + person.dossier.helps
        yield [ins, *(one for one in others if one), *helped]
    for ins, dependants in register.dependants.items():
        yield [ins, *dependants]
    yield from (list(pair) for pair in register.delegations)


class _Circles:
    """People who have to do with one another, joined as it is learnt."""

    __slots__ = ("_above",)

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def head(self, ins: str) -> str:
        """Return the one who stands for the circle of `ins`."""
        while (above := self._above.get(ins, ins)) != ins:
            ins = above
        return ins

    def join(self, people: Iterable[str]) -> None:
        """Make one circle of those of `people`."""
        first, *others = (self.head(ins) for ins in people)
        for other in others:
            if self.head(other) != first:
                self._above[self.head(other)] = first
