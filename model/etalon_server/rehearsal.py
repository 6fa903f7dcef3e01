"""Commands carried out all or none: tried first on a copy of one person, or of the directory.

What is put in a record changes that record and its person, and nobody else: so a copy of the
person is enough to know. A mailbox that is published changes the directory alone.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from etalon_model.command import Command
from etalon_model.copies import copy_of
from etalon_model.handlers import CATALOGUE_HANDLERS, HANDLERS
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_model.outcomes import Refusal
from etalon_model.register import Register
from etalon_model.service import Service
from etalon_server.durable.encoding import Kept

Act = tuple[Command, Sequence[Kept]]
"""A command, and what is kept with it when it is accepted."""


@dataclass(frozen=True, slots=True)
class Halted:
    """Why none of several commands was carried out.

    Attributes:
        rank: Rank of the command that was refused, from 0.
        refusal: Why.
    """

    rank: int
    refusal: Refusal


def rehearsed(service: Service, commands: Sequence[Command]) -> Halted | None:
    """Return the first command on a record that would be refused, or None when none would.

    Nothing changes: neither the service nor its access log.

    Raises:
        LookupError: One is neither about a person's space nor about a mailbox of the directory.
    """
    register = service.snapshot(copied=False).register
    if isinstance(commands[0], _OF_THE_DIRECTORY):
        return _rehearsed_in_directory(register, commands)
    ins = commands[0].ins
    known = register.people.get(ins)
    if known is None:
        return Halted(0, Refusal("ID-02", "UNKNOWN_PERSON", ins))
    person = copy_of(known)
    for rank, command in enumerate(commands):
        if command.at < person.seen_at:
            facts = (command.at, person.seen_at)
            return Halted(rank, Refusal("TRC-01", "OUT_OF_ORDER", ins, facts))
        outcome = HANDLERS[type(command)](register, person, command)
        if isinstance(outcome, Refusal):
            return Halted(rank, outcome)
        person.seen_at = command.at
    return None


_OF_THE_DIRECTORY = (PublishMailbox, RemoveMailbox)


def _rehearsed_in_directory(register: Register, commands: Sequence[Command]) -> Halted | None:
    tried = copy(register)
    tried.correspondents = dict(register.correspondents)
    for rank, command in enumerate(commands):
        outcome = CATALOGUE_HANDLERS[type(command)](tried, command)
        if isinstance(outcome, Refusal):
            return Halted(rank, outcome)
    return None


def possible(service: Service, acts: Sequence[Act]) -> tuple[Sequence[Act], Halted | None]:
    """Return what is to be carried out of several commands: all of them, or why not.

    Where one would be refused it is carried out alone, so that its refusal leaves its trace; unless
    it would be refused only because of those before it: then nothing is.

    Raises:
        LookupError: One is not about a person's space.
    """
    halted = rehearsed(service, [command for command, _ in acts])
    if halted is None:
        return acts, None
    alone = acts[halted.rank : halted.rank + 1]
    is_refused_alone = halted.rank == 0 or rehearsed(service, [alone[0][0]]) is not None
    return (alone if is_refused_alone else ()), halted
