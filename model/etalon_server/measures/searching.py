"""Searching measures: a page of those of a kind, or the last one, with the devices asked for."""

from typing import cast

from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.measures import Measure
from etalon_model.catalogue.measuring import MeasurePage, SearchMeasures
from etalon_model.outcomes import Accepted, Refusal
from etalon_server.app_calls import AppCalling, app_call
from etalon_server.asking import known_person
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.measures.answering import answer_refused
from etalon_server.measures.places import Places, device_key, measure_key, measures_in
from etalon_wire.bundles import Hit, links_of, searchset
from etalon_wire.interactions import FHIR, MEASURES
from etalon_wire.json_body import Resource, read_value
from etalon_wire.measures.searching import MeasureSearch, links_to_pages, read_measure_search
from etalon_wire.measures.showing import Reader, device, observation
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
    hits = _hits(desk, request, calling, search, page)
    links = _links(request, search, page)
    return answer_resource(request, desk, searchset(hits, page.total, links))


def _links(request: Request, search: MeasureSearch, page: MeasurePage) -> dict[str, str]:
    """Return the address of the page and of those beside it; pages bear numbers (2.3.1.1)."""
    address = f"{request.base.removesuffix(FHIR)}{MEASURES}/Observation"
    links = links_of(address, request.query, None)
    for relation, number in links_to_pages(search, page).items():
        links[relation] = links_of(address, request.query, {"_offset": str(number)})["next"]
    return links


def _hits(
    desk: Desk, request: Request, calling: AppCalling, search: MeasureSearch, page: MeasurePage
) -> list[Hit]:
    base = f"{request.base.removesuffix(FHIR)}{MEASURES}"
    reader = Reader(calling.actor.ident, calling.id_pe)
    held = measures_in(known_person(desk, calling.ins))
    places = Places(held)
    kept = _observations(desk, calling.ins, page.rows)
    shown = [
        observation(reader, row, places.of(row), kept.get(measure_key(calling.ins, row)))
        for row in page.rows
    ]
    hits = [Hit(f"{base}/Observation/{one['id']}", one) for one in shown]
    if search.includes_devices:
        numbers = dict.fromkeys(row.device for row in page.rows if row.device is not None)
        conditions = {number: condition for condition, number in held.devices.items()}
        keys = {number: device_key(calling.ins, conditions[number]) for number in numbers}
        bodies = desk.contents.bodies(list(keys.values()))
        for number, key in keys.items():
            if key in bodies:
                one = device(reader, number, _resource(bodies[key]))
                hits.append(Hit(f"{base}/Device/{one['id']}", one, included=True))
    return hits


def _observations(desk: Desk, ins: str, rows: tuple[Measure, ...]) -> dict[bytes, Resource]:
    """Return what is kept of the observations of services, by key."""
    keys = [measure_key(ins, row) for row in rows if row.source]
    return {key: _resource(body) for key, body in desk.contents.bodies(keys).items()}


def _resource(body: bytes) -> Resource:
    return cast("Resource", read_value(body))
