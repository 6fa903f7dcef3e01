"""What an editor or a holder sends of an agenda: read, and held to its profile."""

from typing import Final

from etalon_server.exchange import Desk, Refused, Request, received_resource
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import gravest

_GRAVE: Final = frozenset({"fatal", "error"})


def received_valid(desk: Desk, request: Request) -> Resource:
    """Return the resource that a request brings, of the profile that its interaction names.

    Raises:
        Refused: Something grave is wrong with it, or its media type is none of FHIR.
        Malformed: It cannot be read.
    """
    resource = received_resource(request, desk)
    findings = desk.validator.validate(resource, request.interaction.profile, desk.mode)
    if gravest(findings) in _GRAVE:
        raise Refused(findings)
    return resource
