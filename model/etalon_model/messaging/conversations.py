"""What the mailbox of a space holds: conversations, messages, drafts.

Sources: official application (reply kinds, drafts, attachments and remaining size, "add to my
record"), specification of the ANS in HL7v2 (end of a conversation).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from etalon_model.actors import Actor, ActorKind
from etalon_model.records.nomenclature import LIMITS, UPLOAD_FORMATS
from etalon_model.rules import enforces


class ReplyKind(StrEnum):
    """What may follow in a conversation, and what a message of the holder's side is."""

    REPLY = "REPLY"
    REPLY_TO_ALL = "REPLY_TO_ALL"
    REPLY_BLOCKED = "REPLY_BLOCKED"
    NO_REPLY = "NO_REPLY"
    NEW_MESSAGE = "NEW_MESSAGE"


class AttachmentOrigin(StrEnum):
    """Where an attachment comes from."""

    DEVICE = "device"
    DOCUMENT = "document"
    PROFILE = "profile"


_SAVED_FORMATS: Final = frozenset(UPLOAD_FORMATS.values())


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a message.

    Attributes:
        name: Name of the file, the document or the section.
        mime: Media type.
        size_bytes: Size.
        origin: Where it comes from.
        reference: Identifier of the document, name of the section, or an empty string.
        sha1: Digest of its content, forty hexadecimal digits, or an empty string.
    """

    name: str
    mime: str
    size_bytes: int
    origin: AttachmentOrigin = AttachmentOrigin.DEVICE
    reference: str = ""
    sha1: str = ""

    @property
    @enforces("MSG-07")
    def can_add_to_record(self) -> bool:
        """Whether the application offers to save it: format and size as an upload's."""
        return self.mime in _SAVED_FORMATS and self.size_bytes <= LIMITS["upload_bytes"]


def size_of(attachments: tuple[Attachment, ...]) -> int:
    """Return the total size of attachments, in bytes."""
    return sum(attached.size_bytes for attached in attachments)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation.

    Attributes:
        at: When it was sent (UTC).
        sender: Address it came from.
        author: Who wrote it.
        recipients: Addresses it went to.
        text: What it says.
        attachments: What is attached.
        hidden_from_representatives: A minor's, not shown to those who represent them.
    """

    at: datetime
    sender: str
    author: Actor
    recipients: tuple[str, ...]
    text: str
    attachments: tuple[Attachment, ...] = ()
    hidden_from_representatives: bool = False

    @property
    @enforces("REP-12")
    def caregiver(self) -> str:
        """Matricule of the caregiver who wrote it, or an empty string."""
        return self.author.ident if self.author.kind is ActorKind.CAREGIVER else ""


@dataclass(slots=True)
class Thread:
    """A conversation.

    Attributes:
        number: Its number in the mailbox, from 1.
        subject: What it is about.
        correspondents: Addresses of the professionals in it, the first one the first to write
            or to be written to.
        messages: In order of time.
        read: How many messages were read from inside the space.
        answerable: Its correspondent takes answers.
        finalized_by: Address of whoever ended it, or an empty string.
    """

    number: int
    subject: str
    correspondents: tuple[str, ...]
    messages: list[Message] = field(default_factory=list[Message])
    read: int = 0
    answerable: bool = True
    finalized_by: str = ""

    @property
    @enforces("MSG-04", "MSG-05")
    def reply_kind(self) -> ReplyKind:
        """What the holder's side may do next in it."""
        if self.finalized_by:
            return ReplyKind.REPLY_BLOCKED
        if not self.answerable:
            return ReplyKind.NO_REPLY
        return ReplyKind.REPLY_TO_ALL if len(self.correspondents) > 1 else ReplyKind.REPLY


@dataclass(frozen=True, slots=True)
class Draft:
    """A message not yet sent, kept by the service.

    Attributes:
        number: Its number in the mailbox, from 1.
        author: Who last saved it.
        to: Address of the recipient, or an empty string while there is none.
        thread: Number of the conversation it answers, or 0.
        subject: What it is about.
        text: What it says so far.
        attachments: What is attached so far.
        remaining_bytes: What attachments may still weigh.
    """

    number: int
    author: Actor
    to: str
    thread: int
    subject: str
    text: str
    attachments: tuple[Attachment, ...]
    remaining_bytes: int


@dataclass(frozen=True, slots=True)
class Transmission:
    """A document sent to the space by a machine.

    Attributes:
        author: Who sent it.
        version: Its latest version, from 1.
        thread: Number of the conversation that carries it.
    """

    author: Actor
    version: int
    thread: int


@dataclass(slots=True)
class Mailbox:
    """The mailbox of one space.

    Attributes:
        threads: Conversations by number.
        threads_made: How many conversations there ever were.
        drafts: Drafts by number.
        drafts_made: How many drafts there ever were.
        contacts: Addresses that ever wrote to the space, in the order of their first message.
        transmissions: Documents sent by machines, by identifier.
    """

    threads: dict[int, Thread] = field(default_factory=dict[int, Thread])
    threads_made: int = 0
    drafts: dict[int, Draft] = field(default_factory=dict[int, Draft])
    drafts_made: int = 0
    contacts: dict[str, None] = field(default_factory=dict[str, None])
    transmissions: dict[str, Transmission] = field(default_factory=dict[str, Transmission])

    def open_thread(self, subject: str, correspondents: tuple[str, ...]) -> Thread:
        """Return a new conversation."""
        self.threads_made += 1
        thread = self.threads[self.threads_made] = Thread(
            self.threads_made, subject, correspondents
        )
        return thread
