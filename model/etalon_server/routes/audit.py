"""The access log as AuditEvent, for whoever decides for a space (TRC-02).

The whole log is searched: what memory holds of it, and the rows that left it (decision 0062).
Searching leaves a row too, which that search does not find.

Source: ANS, Traçabilité des évènements 2.0.0 (ITI-81: a date is asked for).
"""

from collections.abc import Mapping
from typing import Final

from etalon_model import Person, ReadLog
from etalon_server.asking import known_caller, told
from etalon_server.exchange import Answer, Desk, Handler, Refused, Request, answer_resource
from etalon_server.leaving_rows import whole_log
from etalon_server.records.paging import answer_page_of, page_asked
from etalon_server.records.reading import nothing_here
from etalon_server.records.searching import person_searched
from etalon_wire.audit import (
    PARAMETER_OF_NEWEST,
    Event,
    event_resource,
    events_of,
    read_event_search,
)
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, key_of
from etalon_wire.records.search_parameters import is_strict


async def find_accesses(desk: Desk, request: Request) -> Answer:
    """Answer a page of the accesses to a space, newest first."""
    strict = is_strict(request.headers.get("prefer", ""))
    asked = read_event_search(request.query, strict=strict, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)
    caller, search = known_caller(request), asked.search
    who = search.who if search.who != Named() else Named(caller.patient)
    person = person_searched(desk, caller, who)
    if person is None:
        raise nothing_here()
    page_asked(desk, request, search)
    events = await _read(desk, request, person)
    more = {} if asked.newest else {PARAMETER_OF_NEWEST: events[-1].event_id}

    def resource_of(event: Event) -> Resource:
        return event_resource(person.identity, event)

    return answer_page_of(desk, request, search, asked.among(events), resource_of, more)


async def read_access(desk: Desk, request: Request) -> Answer:
    """Answer one access, to whoever may read the log it is in."""
    event_id = request.places["id"]
    key = key_of(event_id)
    if key is None:
        raise nothing_here()
    person = desk.people.find(desk.host.service, key)
    caller = known_caller(request)
    if person is None or caller.patient != person.ins:
        raise nothing_here()
    for event in await _read(desk, request, person):
        if event.event_id == event_id:
            return answer_resource(request, desk, event_resource(person.identity, event))
    raise nothing_here()


async def _read(desk: Desk, request: Request, person: Person) -> list[Event]:
    """Return the events of a log as it is before this reading, oldest first.

    Raises:
        Refused: The model refuses the reading.
    """
    rows = whole_log(desk.contents, person.ins, desk.host.service.log(person.ins))
    actor = known_caller(request).actor
    await told(desk, ReadLog(desk.host.clock.now(), actor, person.ins))
    return events_of([row for row in rows if row.actor.ident])


HANDLERS: Final[Mapping[str, Handler]] = {
    "find_accesses": find_accesses,
    "find_accesses_by_form": find_accesses,
    "read_access": read_access,
}
