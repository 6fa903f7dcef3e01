"""Writing messages, keeping drafts, deleting.

`completed` sends, `preparation` keeps a draft; a draft that is put as `completed` is sent and
forgotten. A conversation is deleted as a whole, its messages with it (MSG-09).
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from etalon_model import Person, Refusal
from etalon_model.messaging.reading import DeleteThread, mailbox_of
from etalon_model.messaging.writing import DeleteDraft, SaveDraft, WriteMessage
from etalon_server.asking import changed, known_caller, known_person
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.messages.enclosing import Attached, attached
from etalon_server.messages.leaving import send
from etalon_server.messages.seeing import (
    draft_shown,
    message_shown,
    messages_shown,
    person_at,
)
from etalon_server.records.reading import nothing_here
from etalon_wire.json_body import Resource
from etalon_wire.messages.reading import Writing, named_subject, writing_of
from etalon_wire.operation_outcomes import Fault, gravest
from etalon_wire.records.addresses import Named, record_key

if TYPE_CHECKING:
    from etalon_model.messaging.conversations import Draft

_PROFILE: Final = "mes-communication"
_GRAVE: Final = frozenset({"fatal", "error"})


async def send_message(desk: Desk, request: Request) -> Answer:
    """Send a message, or keep a draft; answer it as it now stands."""
    writing, person = _written(desk, request)
    return await _carried_out(desk, request, person, writing, HTTPStatus.CREATED)


async def change_draft(desk: Desk, request: Request) -> Answer:
    """Keep a draft as it is put, or send it and forget it."""
    holder, place = person_at(desk, request, request.places["id"])
    if not place.is_draft or place.attachment:
        message = "a message that was sent does not change: send another one"
        raise Refused(Fault("METHOD_NOT_ALLOWED", message))
    writing, person = _written(desk, request)
    if person is not holder:
        raise nothing_here()
    return await _carried_out(desk, request, person, writing, HTTPStatus.OK, place.number)


async def _carried_out(  # noqa: PLR0913, PLR0917 (what is written, where, how it is answered)
    desk: Desk,
    request: Request,
    person: Person,
    writing: Writing,
    status: HTTPStatus,
    draft: int = 0,
) -> Answer:
    brought = await attached(desk, request, person, writing.enclosed)
    if writing.sends:
        resource = await _sent(desk, request, person, writing, brought, draft)
    else:
        resource = await _kept(desk, request, person, writing, brought, draft)
    address = f"{request.base}/Communication/{resource['id']}"
    return answer_resource(request, desk, resource, status, (("Location", address),))


async def _sent(  # noqa: PLR0913, PLR0917 (what is written, where, with what)
    desk: Desk, request: Request, person: Person, writing: Writing, brought: Attached, draft: int
) -> Resource:
    """Send a message; return it."""
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command = WriteMessage(
        at,
        actor,
        person.ins,
        writing.text,
        writing.kind,
        writing.thread,
        writing.to,
        writing.subject,
        brought.attachments,
        draft,
    )
    outcome = await send(desk, person, command, brought.kept)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return _message_of(desk, request, person, command, cast("int", outcome.answer))


def _message_of(
    desk: Desk, request: Request, person: Person, command: WriteMessage, number: int
) -> Resource:
    """Return the message that a command made: others may have come since."""
    thread = mailbox_of(person).threads.get(number)
    seen = [] if thread is None else messages_shown(desk, person, command, thread)
    for one in reversed(seen):
        message = one.message
        if (message.author, message.text) == (command.actor, command.text):
            return message_shown(request, person, one)
    raise nothing_here()


async def _kept(  # noqa: PLR0913, PLR0917 (what is written, where, with what)
    desk: Desk, request: Request, person: Person, writing: Writing, brought: Attached, draft: int
) -> Resource:
    """Keep a draft; return it."""
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command = SaveDraft(
        at,
        actor,
        person.ins,
        writing.text,
        writing.to,
        writing.thread,
        writing.subject,
        brought.attachments,
        draft,
    )
    outcome = await desk.host.write(command, brought.kept)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    kept = cast("Draft", outcome.answer)
    return draft_shown(request, person, kept, kept)


def _written(desk: Desk, request: Request) -> tuple[Writing, Person]:
    """Return what a request writes, and in whose space.

    Raises:
        Refused: It is not valid, or is about another space than the token.
        Malformed: It cannot be read.
    """
    resource, caller = received_resource(request, desk), known_caller(request)
    findings = desk.validator.validate(resource, _PROFILE, desk.mode)
    if gravest(findings) in _GRAVE:
        raise Refused([one for one in findings if one.severity in _GRAVE])
    writing = writing_of(resource, request.base)
    person = known_person(desk, caller.patient)
    key = record_key(person.ins)
    named = named_subject(resource, request.base) or Named(key=key)
    is_own = named.ins in {"", person.ins} and named.key in {"", key}
    if not is_own or writing.thread_key not in {"", key}:
        message = "the token is for another space than the message is of"
        raise Refused(Fault("NOT_ALLOWED", message, "Communication.subject"))
    return writing, person


async def delete_message(desk: Desk, request: Request) -> Answer:
    """Delete a draft, or a conversation with all its messages."""
    person, place = person_at(desk, request, request.places["id"])
    if place.message or place.attachment:
        message = "a message is deleted with its conversation: delete that"
        raise Refused(Fault("METHOD_NOT_ALLOWED", message))
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command = DeleteDraft if place.is_draft else DeleteThread
    await changed(desk, command(at, actor, person.ins, place.number))
    return Answer(HTTPStatus.NO_CONTENT)
