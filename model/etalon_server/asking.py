"""Asking the service for something, from a handler: refusals leave as `Refused`."""

from etalon_model import Actor, Command, Outcome, Person, Refusal
from etalon_server.exchange import Desk, Refused, Request
from etalon_wire.claims import Caller


def known_caller(request: Request) -> Caller:
    """Return who asks, where the interaction asks for a token.

    Raises:
        LookupError: It asks for none: the row and its handler do not go together.
    """
    if request.caller is None:
        message = f"{request.interaction.name} was carried out for nobody"
        raise LookupError(message)
    return request.caller


def actor_asking(request: Request) -> Actor:
    """Return who asks, as the model names them."""
    return known_caller(request).actor


def known_person(desk: Desk, ins: str) -> Person:
    """Return what the service remembers of somebody.

    Raises:
        Refused: Nobody affiliated has that matricule. No row is kept of it, so that asking for
            people who do not exist fills no memory.
    """
    try:
        return desk.host.service.person(ins)
    except LookupError:
        raise Refused(Refusal("ID-02", "UNKNOWN_PERSON", ins)) from None


async def changed(desk: Desk, command: Command) -> object:
    """Carry out what changes something, and return its answer once it is kept.

    Raises:
        Refused: The model refuses it.
    """
    known_person(desk, command.ins)
    return _accepted(await desk.host.write(command))


async def told(desk: Desk, command: Command) -> object:
    """Carry out what leaves nothing but its trace, and return its answer.

    Raises:
        Refused: The model refuses it.
    """
    known_person(desk, command.ins)
    return _accepted(await desk.host.read(command))


def _accepted(outcome: Outcome) -> object:
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome.answer
