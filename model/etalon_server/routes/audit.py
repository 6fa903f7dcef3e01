"""The access log as AuditEvent, for whoever decides for a space, and traces sent to it.

The whole log is searched: what memory holds of it, the rows that left it (decision 0062), and the
traces that came from elsewhere, each as it was sent (decision 0121). Searching leaves a row too,
which that search does not find.

Source: ANS, Traçabilité des évènements 2.0.0 (ITI-20; ITI-81: a date is asked for).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from etalon_model import Person, ReadLog, Refusal
from etalon_model.rights.traces import RecordTrace
from etalon_server.asking import known_caller, known_person, told
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    Answer,
    Desk,
    Handler,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.records.paging import answer_page_of, page_asked
from etalon_server.records.reading import nothing_here
from etalon_server.records.searching import person_searched
from etalon_server.traces import told_in, trace_key, traces_shelf
from etalon_wire.bundles import etag
from etalon_wire.event_searching import PARAMETER_OF_NEWEST, Told, read_event_search
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault, gravest
from etalon_wire.records.addresses import Named, key_of
from etalon_wire.records.search_parameters import is_strict
from etalon_wire.traces import keep_trace, read_trace

_PROFILE: Final = "tde-auditevent"
_GRAVE: Final = frozenset({"fatal", "error"})
_MINIMAL: Final = "return=minimal"


async def record_trace(desk: Desk, request: Request) -> Answer:
    """Take in what a source says that it did with a space (ITI-20)."""
    resource = received_resource(request, desk)
    findings = desk.validator.validate(resource, _PROFILE, desk.mode)
    if findings and gravest(findings) in _GRAVE:
        raise Refused(findings)
    caller, at = known_caller(request), desk.host.clock.now()
    sent = read_trace(resource, caller.actor, at, request.base)
    if isinstance(sent, list):
        raise Refused(sent)
    person = person_searched(desk, caller, sent.who)
    if person is None:
        raise Refused(Refusal("ID-02", "UNKNOWN_PERSON", sent.who.ins))
    trace = keep_trace(sent, person.ins, at)
    kept = Kept(trace_key(trace.event_id), trace.to_bytes(), traces_shelf(person.ins))
    command = RecordTrace(at, caller.actor, person.ins, sent.transaction)
    outcome = await desk.host.write(command, (kept,))
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    location = ("Location", f"{request.base}/AuditEvent/{trace.event_id}")
    headers = (location, ("ETag", etag("1")))
    if _MINIMAL in request.headers.get("prefer", ""):
        return Answer(HTTPStatus.CREATED, headers=headers)
    return answer_resource(request, desk, trace.resource(), HTTPStatus.CREATED, headers)


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

    def resource_of(event: Told) -> Resource:
        return event.resource(person.identity)

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
            return answer_resource(request, desk, event.resource(person.identity))
    raise nothing_here()


async def _read(desk: Desk, request: Request, person: Person) -> list[Told]:
    """Return the events of a log as it is before this reading, in the order they came to it.

    Raises:
        Refused: The model refuses the reading.
    """
    known_person(desk, person.ins)
    events = told_in(desk, person)
    actor = known_caller(request).actor
    await told(desk, ReadLog(desk.host.clock.now(), actor, person.ins))
    return events


HANDLERS: Final[Mapping[str, Handler]] = {
    "record_trace": record_trace,
    "find_accesses": find_accesses,
    "find_accesses_by_form": find_accesses,
    "read_access": read_access,
}
