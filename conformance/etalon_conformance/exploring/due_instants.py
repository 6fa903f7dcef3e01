"""Instants at which something may change for somebody: what was done, a period later.

Every instant that the model remembers of a person is taken, and every period of its parameters:
which goes with which is what a service may get wrong.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Final, cast

from etalon_model.parameters import Parameters
from etalon_model.people import Person
from etalon_model.periods import PARIS, Period, birthday
from etalon_model.records.record import documents_of
from etalon_model.register import Register
from etalon_model.walks.chance import Chance

MAJORITY_YEARS: Final = 18
_MONTH: Final = Period("P1M")
"""How long a document is hidden at most (VIS-04)."""
_SIDES: Final = (
    timedelta(seconds=-1),
    timedelta(),
    timedelta(seconds=1),
    timedelta(days=-1),
    timedelta(days=1),
)


def periods_of(parameters: Parameters) -> tuple[Period, ...]:
    """Return the periods that a vintage knows."""
    held = (cast("object", getattr(parameters, one.name)) for one in fields(parameters))
    return (*(one for one in held if isinstance(one, Period)), _MONTH)


def next_instant(
    register: Register, person: Person, periods: tuple[Period, ...], chance: Chance
) -> datetime:
    """Return an instant on one side of a deadline of somebody, past or to come (UTC)."""
    since = tuple(_instants(register, person))
    at = chance.pick(since)
    lot = chance.below(len(periods) + 1)
    due_at = at if lot == len(periods) else periods[lot].after(at)
    return due_at + chance.pick(_SIDES)


def _instants(register: Register, person: Person) -> Iterator[datetime]:
    """Yield what happened to somebody, and when they come of age."""
    yield person.since
    of_age = birthday(person.identity.birth_on, MAJORITY_YEARS)
    yield datetime(of_age.year, of_age.month, of_age.day, tzinfo=PARIS)
    parts: list[object] = [person, person.dossier]
    holdings = person.holdings
    if holdings is not None:
        if holdings.rights is not None:
            parts += holdings.rights.standings.values()
        if holdings.pairings is not None:
            parts += holdings.pairings.by_service.values()
        parts += [one for one in documents_of(person).values() if one.confidentiality.hidden]
    parts += [one for (ins, _), one in register.delegations.items() if ins == person.ins][-2:]
    for part in parts:
        for name in _names(type(part)):
            value = cast("object", getattr(part, name))
            if isinstance(value, datetime):
                yield value


_NAMES: Final[dict[type, tuple[str, ...]]] = {type(None): ()}


def _names(kind: type) -> tuple[str, ...]:
    """Return the fields of a class that may hold an instant, by their names."""
    names = _NAMES.get(kind)
    if names is None:
        found = [one.name for one in fields(kind)]
        ends = ("_at", "until", "since")
        names = _NAMES[kind] = tuple(one for one in found if one.endswith(ends))
    return names
