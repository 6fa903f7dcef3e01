"""A whole space in one bundle, for whoever decides for it.

The person, the documents and lists that they see, their measures, their messages and drafts, their
agenda, their wishes and the accesses to their space. The bytes of a document, or of what is
attached to a message, are read at the address that its description gives.
"""

from collections.abc import Iterator

from etalon_model import Person, ReadLog, Refusal
from etalon_model.records.record import Status, documents_of
from etalon_model.records.search import Criteria, SearchDocuments
from etalon_server.agenda.holding import agenda_shown
from etalon_server.asking import known_caller, known_person, told
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.measures.places import measures_in
from etalon_server.measures.showing import Showing
from etalon_server.messages.seeing import mailbox_shown
from etalon_server.records.listing import lists_seen
from etalon_server.records.searching import view_of
from etalon_server.records.showing import replaced_among, shown
from etalon_server.routes.life_cycle import asked
from etalon_server.traces import told_in
from etalon_wire.consents import consent_resource
from etalon_wire.json_body import Json, Resource, read_json
from etalon_wire.life_cycle import space_resource
from etalon_wire.measures.showing import decider
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.instants import written
from etalon_wire.wishes import wishes_of


async def export_space(desk: Desk, request: Request) -> Answer:
    """Answer all that a space holds, as a collection.

    Raises:
        Refused: The model refuses it.
        Malformed: The parameters are not those of the operation.
    """
    caller, command = known_caller(request), asked(desk, request)
    await told(desk, command)
    person = known_person(desk, command.ins)
    await told(desk, ReadLog(command.at, caller.actor, person.ins))
    resources = [
        space_resource(person),
        *_documents(desk, request, person),
        *await lists_seen(desk, caller, person, request.base, by_address=False),
        *_measures(desk, request, person),
        *mailbox_shown(desk, request, person, command),
        *agenda_shown(desk, request, person),
        *(
            consent_resource(person.identity, one)
            for one in wishes_of(person, desk.host.parameters.policies)
        ),
        *_accesses(desk, person),
    ]
    entries: list[Json] = [
        {"fullUrl": f"{request.base}/{one['resourceType']}/{one['id']}", "resource": one}
        for one in resources
    ]
    bundle: Resource = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": written(command.at),
        "entry": entries,
    }
    return answer_resource(request, desk, bundle)


def _documents(desk: Desk, request: Request, person: Person) -> Iterator[Resource]:
    """Yield the descriptions of the documents that the caller sees, the superseded ones too.

    Raises:
        Refused: They see none.
    """
    at, actor = desk.host.clock.now(), known_caller(request).actor
    view = view_of(desk, person, SearchDocuments(at, actor, person.ins, Criteria()))
    if isinstance(view, Refusal):
        raise Refused(view)
    seen = [
        one
        for one in documents_of(person).values()
        if one.status is not Status.DELETED and view.sees(one)
    ]
    for one in seen:
        body = shown(desk, person, one, replaced_among(one, seen), request.base, "json")
        yield read_json(body, KEPT_LIMITS)


def _measures(desk: Desk, request: Request, person: Person) -> Iterator[Resource]:
    """Yield the measures, in the order they came, and the devices that took them."""
    held = measures_in(person)
    showing = Showing(desk, person.ins, decider(person.identity), request.base)
    yield from showing.resources(held.rows)
    for _, device in showing.device_resources(held.devices.values()):
        yield device


def _accesses(desk: Desk, person: Person) -> Iterator[Resource]:
    for event in told_in(desk, person):
        yield event.resource(person.identity)
