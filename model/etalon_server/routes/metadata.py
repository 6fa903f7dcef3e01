"""What the server says of itself: its CapabilityStatement and its OpenAPI document."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from etalon_server.durable.recovery import installed_version
from etalon_server.exchange import Answer, Desk, Handler, Request, answer_resource
from etalon_wire.capability import capability_statement
from etalon_wire.interactions import FHIR, Interaction, interactions
from etalon_wire.json_body import write_json
from etalon_wire.openapi import openapi_document

_JSON: Final = "application/json"
_ADDRESSES: Final = 8
"""Under how many addresses a server remembers its description."""


async def capabilities(desk: Desk, request: Request) -> Answer:
    """Answer what the server can do at the base that is asked (W-COM-03)."""
    at = desk.host.clock.now()
    under = request.interaction.path.removesuffix("/metadata")
    base = f"{request.base.removesuffix(FHIR)}{under}"
    statement = capability_statement(
        base, installed_version(), at, offered(desk.settings.sandbox), under
    )
    return answer_resource(request, desk, statement)


async def api_description(desk: Desk, request: Request) -> Answer:
    """Answer the OpenAPI document."""
    root = request.base.removesuffix(FHIR)
    return Answer(200, _description(root, sandbox=desk.settings.sandbox), _JSON)


def offered(sandbox: bool) -> tuple[Interaction, ...]:  # noqa: FBT001 (a setting, handed through)
    """Return the interactions that a server offers: those of a sandbox only where it is one."""
    return tuple(row for row in interactions().values() if sandbox or row.family != "sandbox")


@lru_cache(maxsize=_ADDRESSES)
def _description(root: str, *, sandbox: bool) -> bytes:
    return write_json(openapi_document(root, installed_version(), offered(sandbox)))


HANDLERS: Final[Mapping[str, Handler]] = {
    "capabilities": capabilities,
    "measures_capabilities": capabilities,
    "catalogue_capabilities": capabilities,
    "api_description": api_description,
}
