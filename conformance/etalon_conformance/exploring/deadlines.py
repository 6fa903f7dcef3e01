"""What is due to happen to somebody, and the clock moved to one side of it.

What a service does by itself at a deadline a target may have done already: it is asked for then,
and its answer is no matter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.exploring.company import Company
from etalon_model.actors import INSURER, SYSTEM, Actor
from etalon_model.command import Command
from etalon_model.erasure import EndArchive, archive_ends_at
from etalon_model.opening import OpenAutomatically
from etalon_model.people import Person
from etalon_model.periods import PARIS, birthday
from etalon_model.records.hiding import release_due_at
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.suspension import CloseSuspended, suspension_ends_at

BEFORE: Final = "before"
AFTER: Final = "after"
_HALF_A_DAY: Final = timedelta(hours=12)
_HOUR: Final = timedelta(hours=1)
_MAJORITY_YEARS: Final = 18
FAR: Final = frozenset({"archive", "majority"})
"""Deadlines that are years away: services that were agreed upon end before them."""

DueAt = Callable[[Register, Person, datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Settling:
    """What is asked for after a deadline, by whom: an operation of the life of a space."""

    operation: str
    kind: type[Command]
    part: str
    actor: Actor


def _window(_: Register, person: Person, at: datetime) -> datetime | None:
    del at
    return person.window_ends_at if person.state is State.NOTIFIED else None


def _code(register: Register, person: Person, at: datetime) -> datetime | None:
    del at
    sent_at = person.code_at
    return None if sent_at is None else register.parameters.code_validity.after(sent_at)


def _archive(register: Register, person: Person, at: datetime) -> datetime | None:
    del at
    return archive_ends_at(register, person) if person.state is State.CLOSED_ARCHIVED else None


def _suspension(register: Register, person: Person, at: datetime) -> datetime | None:
    del at
    return suspension_ends_at(register, person) if person.state is State.SUSPENDED else None


def _hiding(register: Register, person: Person, at: datetime) -> datetime | None:
    del at
    return release_due_at(register, person)


def _consultation(_: Register, person: Person, at: datetime) -> datetime | None:
    rights = None if person.holdings is None else person.holdings.rights
    standings = [] if rights is None else list(rights.standings.values())
    ends = [one.until for one in standings if one.until is not None and one.until > at]
    return min(ends, default=None)


def _majority(_: Register, person: Person, at: datetime) -> datetime | None:
    if not is_minor(person, at):
        return None
    day = birthday(person.identity.birth_on, _MAJORITY_YEARS)
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


_DUE: Final[Mapping[str, DueAt]] = {
    "window": _window,
    "code": _code,
    "hiding": _hiding,
    "suspension": _suspension,
    "consultation": _consultation,
    "archive": _archive,
    "majority": _majority,
}
_SETTLED: Final[Mapping[str, Settling]] = {
    "window": Settling("open_space", OpenAutomatically, "system", SYSTEM),
    "suspension": Settling("close_suspended", CloseSuspended, "insurer", INSURER),
    "archive": Settling("end_archive", EndArchive, "system", SYSTEM),
}


def edges(service: Service, ins: str, now: datetime) -> dict[str, datetime]:
    """Return the instants to which the clock may be moved, by deadline and side.

    They are half a day off: how the people came where they stand took a target some hours more, or
    less, than the model. What lasts some hours only is looked at from an hour away. None is beyond
    a deadline at which a service acts by itself, that deadline aside.
    """
    register, person = service.snapshot(copied=False).register, service.person(ins)
    due = {name: due_at_of(register, person, now) for name, due_at_of in _DUE.items()}
    found: dict[str, datetime] = {}
    for name, due_at in due.items():
        if due_at is None:
            continue
        others = [at for other in _SETTLED if other != name and (at := due[other]) is not None]
        off = _HOUR if due_at - now < 2 * _HALF_A_DAY else _HALF_A_DAY
        for side, at in ((BEFORE, due_at - off), (AFTER, due_at + off)):
            if at >= now + _HOUR and all(at < other - off for other in others):
                found[f"{name} {side}"] = at
    return found


def moved(bench: Bench, company: Company, edge: str) -> tuple[type[Command], ...]:
    """Move the clock of the target and of the model to an edge, and settle what is due there.

    Returns:
        The kinds of command that were asked for to settle it.

    Raises:
        CannotTest: The target has no clock that moves so.
        KeyError: Nothing is due.
    """
    stage = company.stage
    at = edges(stage.readings[0], stage.ins, stage.now)[edge]
    hours = round((at - stage.now) / _HOUR)
    bench.advance(f"P{hours // 24}DT{hours % 24}H" if hours >= 24 else f"PT{hours}H")  # noqa: PLR2004 (hours of a day)
    stage.now = bench.now()
    name, _, side = edge.partition(" ")
    if name in FAR:
        stage.solution = ""
    settling = _SETTLED.get(name)
    if side == BEFORE or settling is None:
        return ()
    bench.operation(settling.operation, stage.whos[settling.part], patient=stage.ins)
    for service in stage.readings:
        service.apply(settling.kind(stage.now, settling.actor, stage.ins))
    return (settling.kind,)
