"""Searching measures: a page of those of a kind, or the last one, with the devices asked for."""

from typing import cast

from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.measuring import MeasurePage, SearchMeasures
from etalon_model.outcomes import Accepted, Refusal
from etalon_server.app_calls import AppCalling, app_call
from etalon_server.exchange import Answer, Desk, Refused, Request
from etalon_server.measures.answering import answer_refused
from etalon_server.measures.showing import Showing
from etalon_server.records.searching import answer_page
from etalon_wire.bundles import links_of
from etalon_wire.interactions import FHIR, MEASURES
from etalon_wire.measures.searching import MeasureSearch, links_to_pages, read_measure_search
from etalon_wire.measures.showing import Reader
from etalon_wire.records.search_parameters import is_strict


async def find_measures(desk: Desk, request: Request) -> Answer:
    """Answer the measures that a search asks for (W-MEA-05)."""
    calling = app_call(desk, request, ExchangeFamily.MEASURES, Direction.READ)
    solution = calling.actor.ident
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_measure_search(request.query, solution, strict=strict)
    # A search that cannot be read names no mode: who may not search is told that first.
    readable = search.fault is None
    outcome = await desk.host.read(
        SearchMeasures(
            calling.at,
            calling.actor,
            calling.ins,
            calling.tokens,
            calling.purpose,
            search.id_pe,
            search.code,
            search.from_on if readable else None,
            search.to_on if readable else None,
            search.count if readable else None,
            search.offset if readable else None,
            search.sort if readable else "",
        )
    )
    if isinstance(outcome, Refusal):
        if search.fault is not None and outcome.code == "NO_SEARCH_MODE":
            raise Refused(search.fault)
        return answer_refused(request, desk, outcome, solution, search)
    page = cast("Accepted[MeasurePage]", outcome).answer
    entries = _entries(desk, request, calling, search, page)
    return answer_page(desk, request, entries, page.total, _links(request, search, page), None)


def _links(request: Request, search: MeasureSearch, page: MeasurePage) -> dict[str, str]:
    """Return the address of the page and of those beside it; pages bear numbers (2.3.1.1)."""
    address = f"{request.base.removesuffix(FHIR)}{MEASURES}/Observation"
    links = links_of(address, request.query, None)
    for relation, number in links_to_pages(search, page).items():
        links[relation] = links_of(address, request.query, {"_offset": str(number)})["next"]
    return links


def _entries(
    desk: Desk, request: Request, calling: AppCalling, search: MeasureSearch, page: MeasurePage
) -> list[bytes]:
    """Return the entries of a page: measures, then each device asked for once."""
    reader = Reader(calling.actor.ident, calling.id_pe)
    base = f"{request.base.removesuffix(FHIR)}{MEASURES}"
    showing = Showing(desk, calling.ins, reader, base)
    entries = showing.measures(page.rows)
    if search.includes_devices:
        numbers = dict.fromkeys(row.device for row in page.rows if row.device is not None)
        entries += showing.devices(numbers)
    return entries
