"""Servers that are right to one client at a time: what they check, show or acknowledge is stale.

Each waits some milliseconds where a hurried vendor has a virus scan, a queue, a replica or a
cache. They are milliseconds of work of the process, so that a busy machine, on which everybody is
slower, shows the same; a process without work waits a little longer, and no more. Where somebody
stood meanwhile is kept for two seconds.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, fields, replace
from math import inf
from time import monotonic, process_time
from typing import Final

from etalon_conformance.transforms.commands import as_they_stand
from etalon_conformance.transforms.exchanges import Asked, Onward, Told, exchanging
from etalon_conformance.transforms.facts import held
from etalon_conformance.transforms.service import Case, deciding, kinds_of
from etalon_model.copies import copy_of
from etalon_model.delegation import InviteCaregiver
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.people import Person
from etalon_model.records.record import documents_of, record_or_none
from etalon_wire.parts import Application, Codec, Deciding, Transform

_ARRIVED: Final[ContextVar[float]] = ContextVar("arrived", default=inf)
_KEPT_SECONDS: Final = 2.0
_A_MILLISECOND: Final = 0.001
_WAIT_IDLE_TIMES: Final = 3
_LAG_IDLE_TIMES: Final = 10
_TRACES: Final = frozenset({"log", "older", "seen_at"})
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BASES: Final = ("/fhir", "/pairings", "/sandbox/relations")

Earlier = Callable[[Case, Person], AbstractContextManager[None]]
"""Has a fact be for a while what it was of the person as they stood earlier."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """An instant: of the clock, and of the work that the process has done (seconds)."""

    at: float
    worked: float

    def is_past(self, milliseconds: str, *, idle_times: int) -> bool:
        """Whether so much work was done since; or many times as long went by, mostly idle."""
        seconds = int(milliseconds) / 1000
        now = _now()
        return now.worked - self.worked >= seconds or now.at - self.at >= idle_times * seconds


def _now() -> _Moment:
    return _Moment(monotonic(), process_time())


class _Past:
    """Where people stood a moment ago."""

    def __init__(self) -> None:
        self._by_ins: dict[str, deque[tuple[_Moment, Person]]] = {}

    def note(self, person: Person) -> None:
        """Keep where somebody stands, before they are changed."""
        now = _now()
        kept = self._by_ins.setdefault(person.ins, deque())
        while kept and kept[0][0].at < now.at - _KEPT_SECONDS:
            kept.popleft()
        kept.append((now, copy_of(copy(person))))

    def at(self, person: Person, arrived: float) -> Person | None:
        """Return where somebody stood at an instant; None where they have not moved since."""
        noted: Iterable[tuple[_Moment, Person]] = self._by_ins.get(person.ins, ())
        return next((one for moment, one in noted if moment.at >= arrived), None)

    def late(self, person: Person, milliseconds: str) -> Person | None:
        """Return where somebody stood some milliseconds ago; None where they have not moved."""
        noted: Iterable[tuple[_Moment, Person]] = self._by_ins.get(person.ins, ())
        fresh = (
            one
            for moment, one in noted
            if not moment.is_past(milliseconds, idle_times=_LAG_IDLE_TIMES)
        )
        return next(fresh, None)


async def _passed(milliseconds: str) -> None:
    """Wait for so much work of the process; a few times as long when it does none."""
    began = _now()
    idle_times = _WAIT_IDLE_TIMES
    while not began.is_past(milliseconds, idle_times=idle_times):  # noqa: ASYNC110 (no event)
        await asyncio.sleep(_A_MILLISECOND)


def _both(deciding_so: Transform, answering_so: Transform) -> Transform:
    """Return the transform that does both."""

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return answering_so(*deciding_so(service, codec, app))

    return transform


def _arriving(milliseconds: str) -> Transform:
    """Return the transform that lets changes wait, and knows when each request came."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        arrived = monotonic()
        if asked.verb not in _READS and asked.path.startswith(_BASES):
            await _passed(milliseconds)
        # A server may go on after a wait in another context than before: it is set last.
        _ARRIVED.set(arrived)
        try:
            return await onward(asked)
        finally:
            _ARRIVED.set(inf)

    return exchanging(exchange)


def _in_the_place_of(case: Case, stand_in: Person) -> Outcome:
    """Have a command carried out on a copy of a person; the trace stays with the person."""
    person, people = case.person, case.register.people
    rows = len(stand_in.log)
    people[person.ins] = stand_in
    try:
        outcome = case.decided()
    finally:
        people[person.ins] = person
    person.log.extend(stand_in.log[rows:])
    return outcome


def checked_early(*, fact: str, commands: str, milliseconds: str) -> Transform:
    """Check a fact when a request comes, and act on it some milliseconds later."""
    past = _Past()
    deciding_so = _of_then(fact, commands, past, lambda person: past.at(person, _ARRIVED.get()))
    return _both(deciding_so, _arriving(milliseconds))


def remembered(*, fact: str, commands: str, milliseconds: str) -> Transform:
    """Carry commands out by what a fact was some milliseconds ago."""
    past = _Past()
    return _of_then(fact, commands, past, lambda person: past.late(person, milliseconds))


def _of_then(
    fact: str, commands: str, past: _Past, then: Callable[[Person], Person | None]
) -> Transform:
    """Return the transform that goes by what a fact was then."""
    kinds, as_it_was = kinds_of(commands), _EARLIER[fact]

    def act(case: Case) -> Outcome:
        earlier = then(case.person)
        past.note(case.person)
        if earlier is None or not isinstance(case.command, kinds):
            return case.decided()
        with as_it_was(case, earlier):
            return case.decided()

    return deciding(act)


def overwritten(*, commands: str, milliseconds: str) -> Transform:
    """Write everything back as it was when the request came, with what the request changes."""
    past, kinds = _Past(), kinds_of(commands)

    def act(case: Case) -> Outcome:
        earlier = past.at(case.person, _ARRIVED.get())
        past.note(case.person)
        if earlier is None or not isinstance(case.command, kinds):
            return case.decided()
        stand_in = copy_of(copy(earlier))
        outcome = _in_the_place_of(case, stand_in)
        if isinstance(outcome, Accepted):
            for field in fields(Person):
                if field.name not in _TRACES:
                    setattr(case.person, field.name, getattr(stand_in, field.name))
        return outcome

    return _both(deciding(act), _arriving(milliseconds))


def shown_late(*, commands: str, milliseconds: str) -> Transform:
    """Answer readings by where somebody stood some milliseconds ago."""
    past, kinds = _Past(), kinds_of(commands)

    def act(case: Case) -> Outcome:
        if not isinstance(case.command, kinds):
            past.note(case.person)
            return case.decided()
        earlier = past.late(case.person, milliseconds)
        if earlier is None:
            return case.decided()
        outcome = _in_the_place_of(case, copy_of(copy(earlier)))
        return as_they_stand(case.person, outcome)

    return deciding(act)


def written_late(*, commands: str, milliseconds: str) -> Transform:
    """Acknowledge commands that are carried out some milliseconds later."""

    def act(case: Case) -> Outcome:
        outcome = _in_the_place_of(case, copy_of(copy(case.person)))
        if isinstance(outcome, Accepted):
            _carry_out_late(case, _now(), milliseconds)
        return outcome

    return deciding(act, *kinds_of(commands))


def _carry_out_late(case: Case, acknowledged: _Moment, milliseconds: str) -> None:
    if not acknowledged.is_past(milliseconds, idle_times=_WAIT_IDLE_TIMES):
        loop = asyncio.get_running_loop()
        loop.call_later(_A_MILLISECOND, _carry_out_late, case, acknowledged, milliseconds)
        return
    command = case.command
    late = replace(command, at=max(command.at, case.person.seen_at))
    replace(case, command=late).decided()


def answers_shared(*, milliseconds: str) -> Transform:
    """Give whoever asks the same beside somebody, in the same name, the answer of the first."""
    under_way: dict[tuple[str, str, bytes], Told] = {}

    async def exchange(asked: Asked, onward: Onward) -> Told:
        if asked.verb != "GET" or not asked.path.startswith("/fhir/DocumentReference"):
            return await onward(asked)
        key = asked.path, str(asked.query), asked.header(b"authorization")
        if key in under_way:
            return under_way[key]
        told = under_way[key] = await onward(asked)
        await _passed(milliseconds)
        del under_way[key]
        return told

    return exchanging(exchange)


def _closed(case: Case, earlier: Person) -> AbstractContextManager[None]:
    return held(case.person, state=earlier.state)


def _code(case: Case, earlier: Person) -> AbstractContextManager[None]:
    return held(case.person, state=earlier.state, codes_used=earlier.codes_used)


@contextmanager
def _feeding(case: Case, earlier: Person) -> Generator[None]:
    record, before = record_or_none(case.person), record_or_none(earlier)
    if record is None:
        yield
        return
    with held(record, objections=None if before is None else before.objections):
        yield


@contextmanager
def _documents(case: Case, earlier: Person) -> Generator[None]:
    """What came meanwhile is not seen; it stays where nothing takes its place."""
    if record_or_none(case.person) is None:
        yield
        return
    documents = documents_of(case.person)
    before = documents_of(earlier) if record_or_none(earlier) is not None else {}
    aside = {name: one for name, one in documents.items() if name not in before}
    for name in aside:
        del documents[name]
    try:
        yield
    finally:
        for name, one in aside.items():
            documents.setdefault(name, one)


@contextmanager
def _delegations(case: Case, earlier: Person) -> Generator[None]:
    """An invitation made since the person stood there is not seen."""
    command, known = case.command, case.register.delegations
    pair = (command.ins, command.guest) if isinstance(command, InviteCaregiver) else ("", "")
    was_there = earlier.dossier is not None and pair[1] in earlier.dossier.caregivers
    if not was_there:
        known.pop(pair, None)
    yield


_EARLIER: Final[Mapping[str, Earlier]] = {
    "closed": _closed,
    "code": _code,
    "feeding": _feeding,
    "documents": _documents,
    "delegations": _delegations,
}
"""Facts that may be those of an earlier moment, by name."""

MAKERS: Final = (
    checked_early,
    remembered,
    overwritten,
    shown_late,
    written_late,
    answers_shared,
)
