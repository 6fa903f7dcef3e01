"""What may be attached, what is shown of it, and what is saved in the record.

Sources: official application (file of the device, document of the space, section of the medical
profile; "add to my record"), truth table of visibility.
Reading: nobody attaches a document that they do not see, nor finds in a message one that is kept
from them in the record; a message kept from the representatives is not shown to them.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin, Draft, Message
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.nomenclature import UPLOAD_FORMATS
from etalon_model.records.reading import seen_document
from etalon_model.records.record import Status, documents_of
from etalon_model.records.sections import SECTIONS
from etalon_model.records.sighting import Sighting, sighting
from etalon_model.records.uploads import UploadDocument, upload_document
from etalon_model.register import Register
from etalon_model.rights.modes import AccessMode
from etalon_model.rules import enforces

_EXTENSIONS: Final = {mime: extension for extension, mime in reversed(UPLOAD_FORMATS.items())}


@enforces("MSG-06", "VIS-01")
def attached(
    register: Register, person: Person, command: Command, attachments: tuple[Attachment, ...]
) -> tuple[Attachment, ...] | Refusal:
    """Return what is really attached: documents as the record holds them."""
    kept: list[Attachment] = []
    for one in attachments:
        found: Attachment | Refusal = one
        if one.origin is AttachmentOrigin.DOCUMENT:
            found = _document(register, person, command, one.reference)
        elif one.origin is AttachmentOrigin.PROFILE and one.reference not in SECTIONS:
            found = Refusal("MSG-06", "NO_SUCH_SECTION", command.ins, (one.reference,))
        if isinstance(found, Refusal):
            return found
        kept.append(found)
    return tuple(kept)


def _document(
    register: Register, person: Person, command: Command, unique_id: str
) -> Attachment | Refusal:
    view = sighting(register, person, command, AccessMode.NORMAL)
    document = view if isinstance(view, Refusal) else seen_document(person, view, unique_id)
    if isinstance(document, Refusal):
        return document
    sheet = document.sheet
    return Attachment(
        sheet.title,
        sheet.form.mime,
        sheet.size_bytes,
        AttachmentOrigin.DOCUMENT,
        unique_id,
        sheet.sha1,
    )


@enforces("VIS-09")
def messages_for(actor: Actor, messages: list[Message]) -> list[Message]:
    """Return the messages that are not kept from whoever reads."""
    if actor.kind is not ActorKind.REPRESENTATIVE:
        return messages
    return [message for message in messages if not message.hidden_from_representatives]


@enforces("VIS-01")
def shown(
    register: Register, person: Person, command: Command, messages: list[Message]
) -> tuple[Message, ...]:
    """Return the messages as their reader may see them."""
    messages = messages_for(command.actor, messages)
    if not any(_is_document(one) for message in messages for one in message.attachments):
        return tuple(messages)
    view = sighting(register, person, command, AccessMode.NORMAL)
    return tuple(
        replace(message, attachments=_seen(person, view, message.attachments))
        for message in messages
    )


def _is_document(attachment: Attachment) -> bool:
    return attachment.origin is AttachmentOrigin.DOCUMENT


def _shows(person: Person, view: Sighting | Refusal, attachment: Attachment) -> bool:
    """Whether a reader finds an attachment: a document of the record as in the record."""
    if not _is_document(attachment):
        return True
    document = documents_of(person).get(attachment.reference)
    if document is None:
        return True
    deleted = document.status is Status.DELETED
    return not deleted and not isinstance(view, Refusal) and view.sees(document)


@enforces("VIS-01")
def shown_drafts(
    register: Register, person: Person, command: Command, drafts: tuple[Draft, ...]
) -> tuple[Draft, ...]:
    """Return the drafts with the attachments that their reader may see."""
    if not any(_is_document(one) for draft in drafts for one in draft.attachments):
        return drafts
    view = sighting(register, person, command, AccessMode.NORMAL)
    return tuple(
        replace(draft, attachments=_seen(person, view, draft.attachments)) for draft in drafts
    )


def _seen(
    person: Person, view: Sighting | Refusal, attachments: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    return tuple(one for one in attachments if _shows(person, view, one))


@dataclass(frozen=True, slots=True)
class SaveAttachment(Command):
    """Save an attachment of a conversation in the record.

    Attributes:
        thread: The conversation.
        message: Rank of the message among those shown, from 1.
        attachment: Rank of the attachment among those shown, from 1.
        unique_id: Identifier that the space gives the document.
        category: Display category chosen.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    thread: int
    message: int
    attachment: int
    unique_id: str
    category: str


@handles(SaveAttachment)
@enforces("MSG-07")
def save_attachment(register: Register, person: Person, command: SaveAttachment) -> Outcome:
    """Add the attachment to the record as an upload; answer the document."""
    refusal = refuse_operation(register, person, command, "read_messages")
    if refusal is not None:
        return refusal
    found = _attachment(register, person, command)
    if isinstance(found, Refusal):
        return found
    message, one = found
    if not one.can_add_to_record:
        return Refusal("MSG-07", "NOT_FOR_THE_RECORD", command.ins, (one.mime, one.size_bytes))
    upload = UploadDocument(
        command.at,
        command.actor,
        command.ins,
        command.unique_id,
        command.category,
        one.name,
        _EXTENSIONS[one.mime],
        one.size_bytes,
        one.sha1,
        message.at,
    )
    return upload_document(register, person, upload)


def _attachment(
    register: Register, person: Person, command: SaveAttachment
) -> tuple[Message, Attachment] | Refusal:
    held = person.holdings
    mailbox = None if held is None else held.mailbox
    thread = None if mailbox is None else mailbox.threads.get(command.thread)
    if thread is None:
        return Refusal("MSG-07", "NO_SUCH_THREAD", command.ins, (command.thread,))
    messages = shown(register, person, command, thread.messages)
    if 1 <= command.message <= len(messages):
        message = messages[command.message - 1]
        if 1 <= command.attachment <= len(message.attachments):
            return message, message.attachments[command.attachment - 1]
    facts = (command.message, command.attachment)
    return Refusal("MSG-07", "NO_SUCH_ATTACHMENT", command.ins, facts)
