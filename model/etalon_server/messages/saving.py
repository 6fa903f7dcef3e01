"""Saving an attachment in the record (MSG-07), and finding whom one may write to (MSG-03)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast

from etalon_model import Person, Refusal
from etalon_model.messaging.attaching import SaveAttachment
from etalon_model.messaging.correspondents import BEARERS, Correspondent
from etalon_model.messaging.reading import FindContacts, mailbox_of
from etalon_server.asking import known_caller, known_person, told
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    MEDIA_TYPES,
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    form_accepted,
    received_resource,
)
from etalon_server.messages.seeing import attachment_at, content_of, messages_shown, person_at
from etalon_server.records.places import bytes_key
from etalon_server.records.reading import nothing_here, version_headers
from etalon_server.records.showing import shown
from etalon_wire.directory.entries import Entry, Kind, entry_resource
from etalon_wire.json_body import Json, Resource
from etalon_wire.life_cycle import whose
from etalon_wire.messages.places import MailPlace
from etalon_wire.operation_outcomes import Fault
from etalon_wire.operations import Value, read_parameters
from etalon_wire.records.instants import written

if TYPE_CHECKING:
    from etalon_model.records.record import Document

_BINARY: Final = "Binary/"
_PROFESSIONAL: Final = "professional"
_UUID_BYTES: Final = 16


async def save_attachment(desk: Desk, request: Request) -> Answer:
    """Add an attachment to the record; answer the document."""
    values = _asked(desk, request)
    resource_id = str(values["attachment"]).removeprefix(_BINARY)
    person, place = person_at(desk, request, resource_id)
    caller, at = known_caller(request), desk.host.clock.now()
    if place.is_draft or not place.attachment:
        raise nothing_here()
    command = SaveAttachment(
        at,
        caller.actor,
        person.ins,
        place.number,
        *_ranks(desk, request, person, place),
        _unique_id(resource_id, person),
        str(values["category"]),
    )
    attachment = attachment_at(desk, person, command, place)
    content = None if attachment is None else content_of(desk, person, attachment)
    kept: list[Kept] = []
    if content is not None:
        kept.append(Kept(bytes_key(person.ins, command.unique_id, at.isoformat()), content))
    outcome = await desk.host.write(command, kept)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    document = cast("Document", outcome.answer)
    form = form_accepted(request, desk.mode)
    body = shown(desk, person, document, None, request.base, form)
    return Answer(200, body, MEDIA_TYPES[form], version_headers(document))


def _asked(desk: Desk, request: Request) -> dict[str, Value]:
    """Return the parameters of an operation of one's own space.

    Raises:
        Refused: They name another space.
        Malformed: They are not those of the operation.
    """
    values = read_parameters(request.interaction.operation, received_resource(request, desk))
    ins = whose(values, known_caller(request))
    if isinstance(ins, Fault):
        raise Refused(ins)
    return values


def _ranks(desk: Desk, request: Request, person: Person, place: MailPlace) -> tuple[int, int]:
    """Return the ranks of a message and an attachment among those shown, 0 for what is not."""
    thread = mailbox_of(person).threads.get(place.number)
    if thread is None:
        return 0, 0
    looking = FindContacts(desk.host.clock.now(), known_caller(request).actor, person.ins)
    for rank, one in enumerate(messages_shown(desk, person, looking, thread), 1):
        if one.rank == place.message:
            listed = [stored for stored, _ in one.attachments]
            found = place.attachment in listed
            return rank, listed.index(place.attachment) + 1 if found else 0
    return 0, 0


def _unique_id(resource_id: str, person: Person) -> str:
    """Return the identifier that the space gives what is saved: the same one each time."""
    digest = sha256(f"{person.ins} {resource_id}".encode()).digest()[:_UUID_BYTES]
    return f"urn:oid:2.25.{int.from_bytes(digest)}"


async def find_contacts(desk: Desk, request: Request) -> Answer:
    """Answer whom one may write to: who wrote, then pharmacies, each with their mailboxes."""
    _asked(desk, request)
    caller, at = known_caller(request), desk.host.clock.now()
    person = known_person(desk, caller.patient)
    found = await told(desk, FindContacts(at, caller.actor, person.ins))
    listed = list(_entries(desk, request, cast("Sequence[Correspondent]", found)))
    entries: list[Json] = [
        {"fullUrl": f"{request.base}/{one['resourceType']}/{one['id']}", "resource": one}
        for one in listed
    ]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection", "timestamp": written(at)}
    if entries:
        bundle["entry"] = entries
    return answer_resource(request, desk, bundle)


def _entries(desk: Desk, request: Request, found: Sequence[Correspondent]) -> Iterator[Resource]:
    """Yield the bearers of mailboxes, each once and with those found alone."""
    borne: dict[tuple[str, str], list[Correspondent]] = {}
    for one in found:
        borne.setdefault((BEARERS[one.type], one.bearer), []).append(one)
    actor = known_caller(request).actor
    for (bearer, ident), mailboxes in borne.items():
        kind: Kind = "Practitioner" if bearer == _PROFESSIONAL else "Organization"
        entry = desk.directory.entry(desk.host, kind, ident, actor) or Entry(ident, "")
        yield entry_resource(kind, replace(entry, mailboxes=tuple(mailboxes)))
