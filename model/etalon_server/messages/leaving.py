"""A message of a space as the mail that leaves with it.

Where the server has no mail, messages stay in the space. What is refused never leaves, and writes
nothing to the disk: a command that would be refused is carried out alone.
"""

import mimetypes
import re
from collections.abc import Mapping, Sequence
from typing import Final

from etalon_model import ActorKind, Outcome, Person
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin
from etalon_model.messaging.correspondents import address_of
from etalon_model.messaging.reading import mailbox_of
from etalon_model.messaging.writing import WriteMessage, recipients_of
from etalon_model.records.record import documents_of
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import Desk, Refused
from etalon_server.mail.places import attachment_key, message_id
from etalon_server.messages.seeing import content_of, mail_id_of
from etalon_server.rehearsal import rehearsed
from etalon_wire.mail.messages import CONTROL, Mail
from etalon_wire.mail.messages import Attachment as Enclosed
from etalon_wire.operation_outcomes import Fault

_ANSWER: Final = "Re: "
_BY_A_CAREGIVER: Final = (
    "[Message écrit par un aidant du titulaire. Written by a caregiver of the holder.]\n\n"
)
_UNNAMED: Final = re.compile(r'[/\\"]')
_LONGEST: Final = 150


async def send(desk: Desk, person: Person, command: WriteMessage, kept: Sequence[Kept]) -> Outcome:
    """Carry out a message; if it is accepted, its mail leaves.

    Raises:
        Malformed: The mail cannot be written as one; nothing was carried out.
        Refused: The disk does not take it.
    """
    host = desk.host
    if desk.outbox is None or rehearsed(host.service, [command]) is not None:
        return await host.write(command, kept)
    mail = mail_of(desk, person, command, kept)
    try:
        return await desk.outbox.write(host, command, mail, kept)
    except OSError:
        # The disk may fail once the message stands: its mail then leaves at the next start.
        message = "the disk does not take the mail: see whether the message stands before another"
        raise Refused(Fault("UNAVAILABLE", message)) from None


def mail_of(desk: Desk, person: Person, command: WriteMessage, kept: Sequence[Kept] = ()) -> Mail:
    """Return the mail that leaves with a message.

    Args:
        desk: Of the server.
        person: Whose space it comes from.
        command: The message.
        kept: Bytes that come with it, and stand nowhere yet.
    """
    mailbox, ins = mailbox_of(person), person.ins
    thread = mailbox.threads.get(command.thread)
    # A new conversation has the next number.
    number = mailbox.threads_made + 1 if thread is None else thread.number
    subject = " ".join((command.subject if thread is None else thread.subject).split())
    answers = ""
    if thread is not None:
        subject = subject if subject.startswith(_ANSWER) else f"{_ANSWER}{subject}".strip()
        answers = mail_id_of(desk, person, thread.messages[-1])
    brought = {one.key: one.body for one in kept}
    return Mail(
        sender=address_of(ins),
        recipients=recipients_of(thread, command),
        subject=subject,
        at=command.at,
        message_id=message_id(ins, number, command.at),
        text=_text(command),
        attachments=tuple(_enclosed(desk, person, one, brought) for one in command.attachments),
        answers=answers,
    )


def _text(command: WriteMessage) -> str:
    """Return what is written, marked as written by a caregiver where one did (REP-12)."""
    is_caregiver = command.actor.kind is ActorKind.CAREGIVER
    return f"{_BY_A_CAREGIVER}{command.text}" if is_caregiver else command.text


def _enclosed(
    desk: Desk, person: Person, attachment: Attachment, brought: Mapping[bytes, bytes]
) -> Enclosed:
    """Return what is attached as a file of the mail; a document as the record holds it."""
    document = None
    if attachment.origin is AttachmentOrigin.DOCUMENT:
        document = documents_of(person).get(attachment.reference)
    name, mime = attachment.name, attachment.mime
    if document is not None:
        name, mime = document.sheet.title, document.sheet.form.mime
    content = brought.get(attachment_key(person.ins, attachment.sha1))
    if content is None:
        content = content_of(desk, person, attachment) or b""
    return Enclosed(_file_name(name, mime), mime.partition(";")[0].strip(), content)


def _file_name(name: str, mime: str) -> str:
    """Return a name that names a file and no folder, with an ending that says its media type."""
    plain = _UNNAMED.sub("_", CONTROL.sub(" ", name)).strip(". ")[:_LONGEST].strip() or "document"
    ending = mimetypes.guess_extension(mime.partition(";")[0].strip()) or ""
    return plain if "." in plain[-6:] or not ending else f"{plain}{ending}"
