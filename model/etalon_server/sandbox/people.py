"""Test people of a sandbox: rehearsed on a service of their own, then done on the real one.

Who is asked for is first brought to their state on an empty service of the same vintage and seed;
the commands that led there are then given to the host. What the rules refuse is so refused before
anything is written. Commands that take weeks (an opening by silence) lie in the past of the person,
never before it is possible: the last one is not after the present instant.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from etalon_model.codes import provisional_code
from etalon_model.command import Command
from etalon_model.identities import (
    METROPOLITAN_SERIALS,
    OVERSEAS_SERIALS,
    Identity,
    Sex,
    Traits,
    identity,
    matricule,
)
from etalon_model.outcomes import Refusal
from etalon_model.people import Contacts
from etalon_model.periods import is_younger, paris_date
from etalon_model.sandbox import Sandbox, UnexpectedOutcomeError
from etalon_model.states import State
from etalon_server.exchange import Refused
from etalon_server.sandbox.documents import give_documents
from etalon_server.service_host import Host
from etalon_wire.operation_outcomes import Fault

MAJORITY_YEARS: Final = 18
_GUARDIAN_AGE: Final = 38
REACHABLE: Final = Contacts(email=True, mobile=True)
_AN_HOUR: Final = timedelta(hours=1)
_FIRST_BIRTHDAY: Final = 60
_BIRTHDAYS: Final = 300
"""People of an age were born 60 to 359 days before the last birthday that would make them older."""


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """Test people to be made.

    Attributes:
        count: How many.
        state: Where they are to stand.
        age: Their age in years.
        sex: `F` or `M`, or None for one after the other.
        department: Code of the département of birth and residence.
        guardians: Matricules of the representatives of minors, each of the next one in turn; none
            to make one of all.
        contacts: How the insurer can reach them.
        documents: How many documents each record holds.
    """

    count: int
    state: State
    age: int
    sex: Sex | None
    department: str
    guardians: tuple[str, ...]
    contacts: Contacts
    documents: int = 0


async def make_people(host: Host, asked: PeopleAsked) -> list[Identity]:
    """Make test people, all or none; return them in order.

    The caller makes sure that nobody else makes people meanwhile.

    Raises:
        Refused: The rules do not lead to that state now, or every matricule is taken.
    """
    commands: list[Command] = []
    made: dict[str, Identity] = {}
    guardians: list[Identity | None] = [None]
    if asked.guardians:
        guardians = [host.service.person(ins).identity for ins in asked.guardians]
    elif asked.age < MAJORITY_YEARS:
        guardian = _somebody_new(host, made, _GUARDIAN_AGE, "F", asked.department)
        commands += rehearsed(host, guardian, State.OPEN_ACTIVE, REACHABLE)
        made[guardian.ins] = guardian
        guardians = [guardian]
    first = len(made)
    for rank in range(asked.count):
        sex: Sex = asked.sex or ("M" if len(made) % 2 else "F")
        who = _somebody_new(host, made, asked.age, sex, asked.department)
        represented_by = guardians[rank % len(guardians)]
        commands += rehearsed(host, who, asked.state, asked.contacts, represented_by)
        made[who.ins] = who
    await _carry_out(host, commands)
    people = list(made.values())[first:]
    if asked.documents:
        for who in people:
            await give_documents(host, who, asked.documents)
    return people


def _somebody_new(
    host: Host, made: Mapping[str, Identity], age: int, sex: Sex, department: str
) -> Identity:
    """Return an identity that nobody affiliated or just made has."""
    serials = OVERSEAS_SERIALS if len(department) == 3 else METROPOLITAN_SERIALS  # noqa: PLR2004
    number = len(host.service) + len(made) + 1
    born = _born(paris_date(host.clock.now()), age, number)
    for serial in range(number, number + serials):
        traits = Traits(born, sex, department, serial % serials)
        ins = matricule(traits)
        if host.service.state(ins) is State.NOT_ELIGIBLE and ins not in made:
            return identity(host.seed, number, traits)
    message = f"every matricule of département {department} and month {born:%Y-%m} is taken"
    raise Refused(Fault("PARAMETER_WRONG", message, "department"))


def _born(today: date, age: int, number: int) -> date:
    """Return a day of birth of somebody who is `age` years old on `today`."""
    days = _FIRST_BIRTHDAY + number * 7 % _BIRTHDAYS
    on = today - timedelta(days=days)
    # Nobody is born on the leap day, so that no year lacks their birthday.
    return on.replace(year=on.year - age, day=min(on.day, 28))


def rehearsed(
    host: Host,
    who: Identity,
    state: State,
    contacts: Contacts,
    guardian: Identity | None = None,
) -> list[Command]:
    """Return the commands that bring `who`, not affiliated yet, to `state` by now.

    Raises:
        Refused: The rules do not lead there.
    """
    now = host.clock.now()
    start = now - _AN_HOUR
    while True:
        commands, end = _rehearsed_from(start, host, who, state, contacts, guardian)
        if end <= now:
            return commands
        start -= end - now


def _rehearsed_from(  # noqa: PLR0913, PLR0917 (what a rehearsal needs)
    start: datetime,
    host: Host,
    who: Identity,
    state: State,
    contacts: Contacts,
    guardian: Identity | None,
) -> tuple[list[Command], datetime]:
    commands: list[Command] = []
    box = Sandbox(host.parameters, seed=host.seed, now=start, journal=commands.append)
    representatives: Sequence[str] = ()
    try:
        if guardian is not None:
            box.admit(guardian, contacts)
            representatives = (guardian.ins,)
            commands.clear()
        box.admit(who, contacts, *representatives)
        box.bring(who.ins, state)
    except UnexpectedOutcomeError as error:
        if error.refusal is None:
            raise
        raise Refused(error.refusal) from None
    return commands, box.now


async def _carry_out(host: Host, commands: Sequence[Command]) -> None:
    for outcome in await asyncio.gather(*(host.write(command) for command in commands)):
        if isinstance(outcome, Refusal):
            raise Refused(outcome)


def valid_code(host: Host, ins: str) -> str | None:
    """Return the provisional code that somebody can use now, or None."""
    person = host.service.person(ins)
    last = person.codes - 1
    if last < 0 or person.code_at is None or person.codes_used >> last & 1:
        return None
    if host.clock.now() >= host.parameters.code_validity.after(person.code_at):
        return None
    return provisional_code(host.seed, ins, last)


_AT_ONCE: Final = 500


async def populate(host: Host, people: int, shown: Callable[[int], object] = lambda _: None) -> int:
    """Affiliate the first `people` of the population of the seed who are not yet; say how many.

    Adults own an activated space, minors too, represented by the adult before them; where the
    vintage does not serve somebody yet they are known and not notified.

    Args:
        host: The service.
        people: How many are to be there.
        shown: Called now and then with how many were added.
    """
    added = 0
    commands: list[Command] = []
    for who, guardian in _population(host, people):
        if host.service.state(who.ins) is not State.NOT_ELIGIBLE:
            continue
        try:
            commands += rehearsed(host, who, State.OPEN_ACTIVE, REACHABLE, guardian)
        except Refused:
            commands += rehearsed(host, who, State.NOT_NOTIFIED, REACHABLE, guardian)
        added += 1
        if added % _AT_ONCE == 0:
            await _carry_out(host, commands)
            commands.clear()
            shown(added)
    await _carry_out(host, commands)
    return added


def _population(host: Host, people: int) -> Iterator[tuple[Identity, Identity | None]]:
    """Yield the people of the seed by number, each minor with the adult before them."""
    now = host.clock.now()
    adult: Identity | None = None
    for number in range(1, people + 1):
        who = identity(host.seed, number)
        if is_younger(who.birth_on, MAJORITY_YEARS, now):
            yield who, adult
        else:
            adult = who
            yield who, None
