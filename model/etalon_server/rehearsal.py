"""Commands tried on a copy of one person, to know whether all of them would be accepted.

What is put in a record changes that record and its person, and nobody else: so a copy of the
person is enough to know.
"""

from collections.abc import Sequence

from etalon_model.command import Command
from etalon_model.copies import copy_of
from etalon_model.handlers import HANDLERS
from etalon_model.outcomes import Refusal
from etalon_model.service import Service


def first_refused(service: Service, commands: Sequence[Command]) -> int | None:
    """Return the rank of the first command that would be refused, or None when none would.

    Nothing changes: neither the service nor its access log.

    Raises:
        LookupError: One is not about a person's space.
    """
    register = service.snapshot(copied=False).register
    known = register.people.get(commands[0].ins)
    if known is None:
        return 0
    person = copy_of(known)
    for rank, command in enumerate(commands):
        if command.at < person.seen_at or not command.actor.ident:
            return rank
        outcome = HANDLERS[type(command)](register, person, command)
        if isinstance(outcome, Refusal):
            return rank
        person.seen_at = command.at
    return None
