"""What somebody in a space sees of its mailbox.

The model says which messages and attachments are shown; here they get the ranks that addresses
hold, which are those of what is stored.
"""

from collections.abc import Iterator, Sequence

from etalon_model import Command, Person
from etalon_model.messaging.attaching import messages_for, shown, shown_drafts
from etalon_model.messaging.conversations import (
    Attachment,
    AttachmentOrigin,
    Draft,
    Message,
    Thread,
)
from etalon_model.messaging.correspondents import address_of
from etalon_model.messaging.reading import listed_threads, mailbox_of, row_of
from etalon_model.records.record import documents_of
from etalon_server.asking import known_caller
from etalon_server.exchange import Desk, Request
from etalon_server.mail.places import attachment_key
from etalon_server.messages.places import mail_id_key
from etalon_server.records.places import kept_bytes_of
from etalon_server.records.reading import nothing_here
from etalon_wire.json_body import Resource
from etalon_wire.messages.places import MailPlace, mail_place
from etalon_wire.messages.writing import (
    ConversationSeen,
    MessageSeen,
    Seen,
    conversation_resource,
    draft_resource,
    message_resource,
)
from etalon_wire.records.addresses import key_of

Ranked = tuple[tuple[int, Attachment], ...]
"""What is attached, each with its rank among what is stored, from 1."""


def person_at(desk: Desk, request: Request, resource_id: str) -> tuple[Person, MailPlace]:
    """Return what an address of a mailbox leads to, in the space that the token is for.

    Raises:
        Refused: It is none, or of another space.
    """
    place, key = mail_place(resource_id), key_of(resource_id)
    person = None if key is None else desk.people.find(desk.host.service, key)
    if place is None or person is None or known_caller(request).patient != person.ins:
        raise nothing_here()
    return person, place


def conversation_shown(
    request: Request, person: Person, thread: Thread, messages: list[Message]
) -> Resource:
    """Return a conversation of which the reader sees some messages."""
    actor = known_caller(request).actor
    row = row_of(thread, messages, actor)
    one = ConversationSeen(
        thread.number,
        row.subject,
        _correspondents(person, thread, messages),
        row.messages,
        row.unread,
        thread.reply_kind,
        thread.finalized_by,
        messages[0].at,
        messages[-1].at,
    )
    return conversation_resource(Seen(person.identity, request.base), one)


def _correspondents(person: Person, thread: Thread, messages: list[Message]) -> tuple[str, ...]:
    """Return who is in a conversation; of one that is partly kept back, those of what is shown."""
    if len(messages) == len(thread.messages):
        return thread.correspondents
    named = [one for message in messages for one in (message.sender, *message.recipients)]
    return tuple(one for one in dict.fromkeys(named) if one != address_of(person.ins))


def messages_shown(
    desk: Desk, person: Person, command: Command, thread: Thread
) -> list[MessageSeen]:
    """Return the messages of a conversation that are shown to the actor of a command."""
    register = desk.host.service.snapshot(copied=False).register
    listed = messages_for(command.actor, thread.messages)
    kept = {id(one) for one in listed}
    stored = [(rank, one) for rank, one in enumerate(thread.messages, 1) if id(one) in kept]
    subject = row_of(thread, listed, command.actor).subject
    seen = shown(register, person, command, thread.messages)
    return [
        MessageSeen(
            thread.number,
            rank,
            subject,
            one,
            tuple(_ranked(held.attachments, one.attachments)),
            mail_id_of(desk, person, held),
            ends=bool(thread.finalized_by) and rank == len(thread.messages),
        )
        for (rank, held), one in zip(stored, seen, strict=True)
    ]


def mail_id_of(desk: Desk, person: Person, message: Message) -> str:
    """Return the identifier of the mail that a message came or left as, empty when it was none."""
    found = desk.contents.body(mail_id_key(person.ins, message.sender, message.at))
    return "" if found is None else found.decode()


def _ranked(
    stored: Sequence[Attachment], seen: Sequence[Attachment]
) -> Iterator[tuple[int, Attachment]]:
    """Yield what is shown with its rank among what is stored, of which it leaves some out."""
    following = iter(enumerate(stored, 1))
    for one in seen:
        yield next(rank for rank, held in following if held is one), one


def mailbox_shown(
    desk: Desk, request: Request, person: Person, command: Command
) -> Iterator[Resource]:
    """Yield all that the actor of a command sees of a mailbox; nothing of it is read by that.

    Args:
        desk: Of the server.
        request: The request.
        person: Whose mailbox.
        command: What leaves the trace that it was shown.
    """
    mailbox, actor = mailbox_of(person), command.actor
    for thread, messages in listed_threads(mailbox, actor):
        yield conversation_shown(request, person, thread, messages)
        for one in messages_shown(desk, person, command, thread):
            yield message_shown(request, person, one)
    for stored, seen in drafts_seen(desk, person, command):
        yield draft_shown(request, person, stored, seen)


def message_shown(request: Request, person: Person, one: MessageSeen) -> Resource:
    """Return a message."""
    return message_resource(Seen(person.identity, request.base), one)


def drafts_seen(desk: Desk, person: Person, command: Command) -> list[tuple[Draft, Draft]]:
    """Return the drafts as they are stored, each with it as the actor of a command sees it."""
    register = desk.host.service.snapshot(copied=False).register
    stored = tuple(mailbox_of(person).drafts.values())
    return list(zip(stored, shown_drafts(register, person, command, stored), strict=True))


def draft_shown(request: Request, person: Person, stored: Draft, seen: Draft) -> Resource:
    """Return a draft as it is shown to whoever asks."""
    ranked = tuple(_ranked(stored.attachments, seen.attachments))
    return draft_resource(Seen(person.identity, request.base), seen, ranked)


def attachment_at(
    desk: Desk, person: Person, command: Command, place: MailPlace
) -> Attachment | None:
    """Return the attachment at a place that is shown to the actor of a command, or None."""
    ranked = _attached_at(desk, person, command, place)
    return next((one for rank, one in ranked if rank == place.attachment), None)


def _attached_at(desk: Desk, person: Person, command: Command, place: MailPlace) -> Ranked:
    """Return what is attached to a message or a draft, none where there is no such."""
    mailbox = mailbox_of(person)
    if place.is_draft:
        return next(
            (
                tuple(_ranked(stored.attachments, seen.attachments))
                for stored, seen in drafts_seen(desk, person, command)
                if stored.number == place.number
            ),
            (),
        )
    thread = mailbox.threads.get(place.number)
    found = [] if thread is None else messages_shown(desk, person, command, thread)
    return next((one.attachments for one in found if one.rank == place.message), ())


def content_of(desk: Desk, person: Person, attachment: Attachment) -> bytes | None:
    """Return the bytes of an attachment, None where they never came."""
    ins = person.ins
    if attachment.origin is not AttachmentOrigin.DOCUMENT:
        return desk.contents.body(attachment_key(ins, attachment.sha1))
    document = documents_of(person).get(attachment.reference)
    return None if document is None else desk.contents.body(kept_bytes_of(ins, document))
