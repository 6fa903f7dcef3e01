"""Reading a mailbox: conversations and drafts, the messages of a conversation, attachments.

A conversation is listed without being read; it is read with its messages (MSG-09).
"""

from typing import TYPE_CHECKING, cast

from etalon_model import Command, Person
from etalon_model.messaging.conversations import Draft, Message, Thread
from etalon_model.messaging.reading import (
    ReadMailbox,
    ReadThread,
    listed_threads,
    mailbox_of,
)
from etalon_server.asking import known_caller, told
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.messages.seeing import (
    attachment_at,
    content_of,
    conversation_shown,
    draft_shown,
    drafts_seen,
    message_shown,
    messages_shown,
    person_at,
)
from etalon_server.records.paging import answer_page_of, page_asked
from etalon_server.records.reading import content_answer, nothing_here
from etalon_server.records.searching import person_searched
from etalon_wire.json_body import Resource
from etalon_wire.messages.searching import Listed, MailSearch, read_mail_search
from etalon_wire.messages.writing import MessageSeen
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, record_key
from etalon_wire.records.search_parameters import is_strict

if TYPE_CHECKING:
    from collections.abc import Sequence


async def find_messages(desk: Desk, request: Request) -> Answer:
    """Answer a page of conversations and drafts, or of the messages of a conversation."""
    strict = is_strict(request.headers.get("prefer", ""))
    asked = read_mail_search(request.query, strict=strict, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)
    caller, who = known_caller(request), asked.search.who
    person = person_searched(desk, caller, who if who != Named() else Named(caller.patient))
    if person is None:
        raise nothing_here()
    page_asked(desk, request, asked.search)
    if asked.part_of is None:
        return await _listed(desk, request, person, asked)
    return await _messages(desk, request, person, asked)


async def _listed(desk: Desk, request: Request, person: Person, asked: MailSearch) -> Answer:
    """Answer conversations, latest first, then drafts."""
    drafts = await drafts_of(desk, request, person)
    stored = {id(seen): one for one, seen in drafts}
    actor = known_caller(request).actor
    messages_of = {
        thread.number: (thread, messages)
        for thread, messages in listed_threads(mailbox_of(person), actor)
    }
    listed: Sequence[Listed] = [
        *(thread for thread, _ in messages_of.values()),
        *(seen for _, seen in drafts),
    ]

    def resource_of(one: Listed) -> Resource:
        if isinstance(one, Draft):
            return draft_shown(request, person, stored[id(one)], one)
        return conversation_shown(request, person, *messages_of[cast("Thread", one).number])

    found = [one for one in listed if asked.search.matches(one)]
    return answer_page_of(desk, request, asked.search, found, resource_of)


async def _messages(desk: Desk, request: Request, person: Person, asked: MailSearch) -> Answer:
    """Answer the messages of a conversation, oldest first."""
    key, number = asked.part_of or ("", 0)
    if key != record_key(person.ins):
        raise nothing_here()
    seen = {id(one.message): one for one in await messages_of(desk, request, person, number)}
    listed: list[Message] = [one.message for one in seen.values()]

    def resource_of(message: Message) -> Resource:
        return message_shown(request, person, seen[id(message)])

    found = [one for one in listed if asked.search.matches(one)]
    return answer_page_of(desk, request, asked.search, found, resource_of)


async def drafts_of(desk: Desk, request: Request, person: Person) -> list[tuple[Draft, Draft]]:
    """Return the drafts as they are stored, each with it as whoever asks sees it.

    That the mailbox was listed leaves its trace.

    Raises:
        Refused: The model refuses it.
    """
    command = ReadMailbox(desk.host.clock.now(), known_caller(request).actor, person.ins)
    await told(desk, command)
    # What is there by now is shown: another request may have changed it meanwhile.
    return drafts_seen(desk, person, command)


async def messages_of(
    desk: Desk, request: Request, person: Person, number: int
) -> list[MessageSeen]:
    """Return the messages of a conversation, which is read from now on.

    Raises:
        Refused: The model refuses it, or it has none for whoever asks.
    """
    command = ReadThread(desk.host.clock.now(), known_caller(request).actor, person.ins, number)
    await told(desk, command)
    thread = mailbox_of(person).threads.get(number)
    if thread is None:
        raise nothing_here()
    return messages_shown(desk, person, command, thread)


async def read_message(desk: Desk, request: Request) -> Answer:
    """Answer one conversation, message or draft."""
    person, place = person_at(desk, request, request.places["id"])
    if place.attachment:
        raise nothing_here()
    found: Resource | None = None
    if place.message:
        listed = await messages_of(desk, request, person, place.number)
        message = next((one for one in listed if one.rank == place.message), None)
        found = None if message is None else message_shown(request, person, message)
    else:
        drafts = await drafts_of(desk, request, person)
        if place.is_draft:
            named = [pair for pair in drafts if pair[0].number == place.number]
            found = draft_shown(request, person, *named[0]) if named else None
        else:
            found = _conversation(request, person, place.number)
    if found is None:
        raise nothing_here()
    return answer_resource(request, desk, found)


def _conversation(request: Request, person: Person, number: int) -> Resource | None:
    actor = known_caller(request).actor
    for thread, messages in listed_threads(mailbox_of(person), actor):
        if thread.number == number:
            return conversation_shown(request, person, thread, messages)
    return None


async def read_attachment(desk: Desk, request: Request) -> Answer:
    """Answer the bytes of an attachment, or the Binary that holds them."""
    person, place = person_at(desk, request, request.places["id"])
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command: Command = ReadThread(at, actor, person.ins, place.number)
    if place.is_draft:
        command = ReadMailbox(at, actor, person.ins)
    await told(desk, command)
    attachment = attachment_at(desk, person, command, place)
    content = None if attachment is None else content_of(desk, person, attachment)
    if attachment is None or content is None:
        raise nothing_here()
    return content_answer(desk, request, attachment.mime, content)
