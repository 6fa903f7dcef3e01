"""The model as the sequential specification: what one client after the other is answered.

A state is a service. Commands are carried out at the instant they bear, or at that of the last
command on the person where that is later: the order is the search's to choose, not the clock's.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from etalon_conformance.histories.history import Answer
from etalon_model.access import ReadLog
from etalon_model.catalogue.catalogue import Catalogue
from etalon_model.catalogue.exchange import ReadExchanges
from etalon_model.command import Command
from etalon_model.digests import Without, digest_of
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.search import DocumentPage
from etalon_model.rights.consultation import ReportAccess
from etalon_model.service import Service
from etalon_model.value_codec import Json
from etalon_model.vectors.answers import plain

READERS_OF_LOGS: Final[tuple[type[Command], ...]] = (ReadLog, ReadExchanges, ReportAccess)
"""Commands whose outcome hangs on the access log: only they tell apart two orders by it."""

_UNREAD: Final[Without] = {
    Person: frozenset({"log", "older"}),
    Catalogue: frozenset({"acts"}),
}
_READ: Final[Without] = {Catalogue: frozenset({"acts"})}


class ServiceSpecification:
    """What a service answers about some people, one command after the other."""

    __slots__ = ("_people", "_readings", "_without")

    def __init__(
        self, readings: Sequence[Service], people: Collection[str], asked: Iterable[Command]
    ) -> None:
        """Judge by `readings`, which stay as they are.

        Args:
            readings: Where the service stands before: a service for each reading of the texts that
                is right, with the same people.
            people: Matricules of everybody whom the commands may concern.
            asked: The commands of the history.
        """
        self._readings = readings
        self._people = frozenset(people)
        is_read = any(isinstance(one, READERS_OF_LOGS) for one in asked)
        self._without = _READ if is_read else _UNREAD

    def starts(self) -> Iterable[Service]:
        """Return the readings."""
        return self._readings

    def steps(self, state: Service, asked: Command) -> Iterable[tuple[Answer, Service]]:
        """Return the answer of the model; under one reading there is one."""
        after = state.fork()
        outcome = after.apply(_in_time(after, asked))
        # A refusal leaves a row of the log, and nothing else.
        is_same = isinstance(outcome, Refusal) and self._without is _UNREAD
        return [(answer_of(outcome), state if is_same else after)]

    def key(self, state: Service) -> Hashable:
        """Return a digest of what the service knows of these people, and of nobody in particular.

        Under another reading the same memory answers otherwise: the key says which it is.
        """
        register = state.snapshot(copied=False).register
        people = self._people
        known = (
            [register.people.get(ins) for ins in sorted(people)],
            {ins: held for ins, held in register.dependants.items() if ins in people},
            {pair: held for pair, held in register.delegations.items() if people & {*pair}},
            register.catalogue,
            register.correspondents,
        )
        return id(register.parameters), register.seed, digest_of(known, without=self._without)

    def agrees(self, observed: Answer, allowed: Answer) -> bool:
        """Whether what was observed is a part of what the model answers.

        A search refused for whatever reason and one that lists nothing show the same: a service
        may answer either (ITI TF-2 Z.7).
        """
        if observed.accepted != allowed.accepted:
            done = observed if observed.accepted else allowed
            return not observed.codes and _lists_nothing(done)
        if not observed.accepted:
            return not observed.codes or not {*observed.codes}.isdisjoint(allowed.codes)
        return observed.seen is None or _is_part(observed.seen, allowed.seen)


def _lists_nothing(answer: Answer) -> bool:
    return isinstance(answer.seen, dict) and answer.seen.get("documents") == []


def answer_of(outcome: Outcome) -> Answer:
    """Return all that a client may learn from an outcome of the model."""
    if isinstance(outcome, Refusal):
        return Answer(accepted=False, codes=(outcome.code,))
    answer = outcome.answer
    if isinstance(answer, DocumentPage):
        ordered = tuple(sorted(answer.documents, key=lambda one: one.unique_id))
        answer = replace(answer, documents=ordered)
    return Answer(accepted=True, seen=plain(answer))


def _in_time(service: Service, command: Command) -> Command:
    """Return the command at an instant at which the service still takes it."""
    acts = service.catalogue_log
    latest = [acts[-1].at] if acts and not command.ins else []
    register = service.snapshot(copied=False).register
    person = register.people.get(command.ins)
    at = max([command.at, *latest] if person is None else [command.at, person.seen_at])
    return command if at == command.at else replace(command, at=at)


def _is_part(observed: Json, whole: Json) -> bool:
    """Whether `observed` is `whole` with keys of objects left out."""
    if isinstance(observed, dict):
        if not isinstance(whole, dict):
            return False
        known = cast("Mapping[str, Json]", whole)
        return all(key in known and _is_part(one, known[key]) for key, one in observed.items())
    if isinstance(observed, list):
        return (
            isinstance(whole, list)
            and len(observed) == len(whole)
            and all(map(_is_part, observed, whole))
        )
    return type(observed) is type(whole) and observed == whole
