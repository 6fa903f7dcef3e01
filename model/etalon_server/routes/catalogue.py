"""The catalogue of referenced services, for anybody: it names nobody and needs no token."""

from collections.abc import Mapping
from typing import Final

from etalon_server.exchange import Answer, Desk, Handler, Refused, Request, answer_resource
from etalon_server.records.paging import answer_page_of
from etalon_server.records.reading import nothing_here
from etalon_wire.catalogue import (
    Listed,
    device,
    endpoint,
    family_named,
    listed,
    organization,
    plain_view,
    read_service_search,
)
from etalon_wire.interactions import CATALOGUE, FHIR
from etalon_wire.json_body import write_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.search_parameters import is_strict

_JSON: Final = "application/json"


def _services(desk: Desk) -> list[Listed]:
    """Return the services that anybody sees now."""
    register = desk.host.service.snapshot(copied=False).register
    return listed(register.catalogue.services.values(), desk.host.clock.now())


async def list_catalogue(desk: Desk, _: Request) -> Answer:
    """Answer the services as plain JSON."""
    return Answer(200, write_json([plain_view(one) for one in _services(desk)]), _JSON)


async def find_services(desk: Desk, request: Request) -> Answer:
    """Answer a page of the services that match (W-CAT-03)."""
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_service_search(request.query, strict=strict)
    if isinstance(search, Fault):
        raise Refused(search)
    found = [one for one in _services(desk) if search.matches(one)]
    here = request._replace(base=f"{_root(request)}{CATALOGUE}")
    return answer_page_of(desk, here, search, found, device)


async def read_service(desk: Desk, request: Request) -> Answer:
    """Answer one service."""
    return answer_resource(request, desk, device(_named(desk, request)))


async def read_publisher(desk: Desk, request: Request) -> Answer:
    """Answer the publisher of a service."""
    return answer_resource(request, desk, organization(_named(desk, request)))


async def read_interface(desk: Desk, request: Request) -> Answer:
    """Answer where an interface that services call stands."""
    family = family_named(request.places["id"])
    if family is None:
        raise nothing_here()
    return answer_resource(request, desk, endpoint(family, _root(request)))


def _named(desk: Desk, request: Request) -> Listed:
    """Return the service at the address of a request.

    Raises:
        Refused: Nobody sees a service there.
    """
    for one in _services(desk):
        if one.service.ident == request.places["id"]:
            return one
    raise nothing_here()


def _root(request: Request) -> str:
    return request.base.removesuffix(FHIR)


HANDLERS: Final[Mapping[str, Handler]] = {
    "list_catalogue": list_catalogue,
    "find_services": find_services,
    "find_services_by_form": find_services,
    "read_service": read_service,
    "read_publisher": read_publisher,
    "read_interface": read_interface,
}
