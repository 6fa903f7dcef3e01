"""The life of a space: operations that answer the person as a Patient."""

from collections.abc import Mapping
from typing import Final

from etalon_model import ActorKind, Command, Notice, RegenerateCode
from etalon_server.asking import changed, known_caller, known_person
from etalon_server.exchange import (
    Answer,
    Desk,
    Handler,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_wire.interactions import of_family
from etalon_wire.life_cycle import command_of, space_resource, whose
from etalon_wire.operation_outcomes import Fault
from etalon_wire.operations import Value, read_parameters
from etalon_wire.records.patients import patient_resource, standing_of
from etalon_wire.wishes import CARERS

_FAMILY: Final = "life_cycle"


async def carry_out(desk: Desk, request: Request) -> Answer:
    """Carry out an operation and answer where the space of the person stands.

    Raises:
        Refused: The parameters name nobody the caller may ask about, or the model refuses.
        Malformed: The parameters are not those of the operation.
    """
    command = asked(desk, request)
    answer = await changed(desk, command)
    person = known_person(desk, command.ins)
    if command.actor.kind in CARERS:
        # Who cares for somebody learns what TD0.2 tells, and nothing of how their space stands.
        standing = standing_of(person)
        if standing is not None:
            return answer_resource(request, desk, patient_resource(standing))
    code = _code_told(desk, request, command, answer)
    return answer_resource(request, desk, space_resource(person, code))


def asked(desk: Desk, request: Request) -> Command:
    """Return the command that a request for an operation asks for.

    Raises:
        Refused: The parameters name nobody, or somebody the token is not for.
        Malformed: The parameters are not those of the operation.
    """
    caller = known_caller(request)
    operation = request.interaction.operation
    values: dict[str, Value] = read_parameters(operation, received_resource(request, desk))
    ins = whose(values, caller)
    if isinstance(ins, Fault):
        raise Refused(ins)
    return command_of(operation, desk.host.clock.now(), ins, values, caller)


def _code_told(desk: Desk, request: Request, command: Command, answer: object) -> str:
    """Return the code to tell: to the insurer who sends it, and to anybody in a sandbox."""
    if known_caller(request).actor.kind is ActorKind.INSURER or desk.settings.sandbox:
        if isinstance(answer, Notice):
            return answer.code
        if isinstance(command, RegenerateCode) and isinstance(answer, str):
            return answer
    return ""


HANDLERS: Final[Mapping[str, Handler]] = {row.name: carry_out for row in of_family(_FAMILY)}
