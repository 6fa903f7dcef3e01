"""Messages and drafts of the holder's side: answers, and first messages where they are allowed.

Sources: official application (who may be written to, pharmacies, attachments within the
remaining size, drafts kept by the service, warning on a contact no longer active).
Reading: a contact no longer active gets no message; the draft is kept.
"""

from dataclasses import dataclass
from typing import ClassVar

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.attaching import attached, messages_for
from etalon_model.messaging.conversations import (
    Attachment,
    Draft,
    Mailbox,
    Message,
    ReplyKind,
    Thread,
    size_of,
)
from etalon_model.messaging.correspondents import SENDS_ONLY, address_of
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class WriteMessage(Command):
    """Write to professionals, from inside the space.

    Attributes:
        text: What it says.
        kind: An answer, an answer to everybody, or a new message.
        thread: Conversation answered; 0 for a new message.
        to: Address of the recipient of a new message, else an empty string.
        subject: Subject of a new message, else an empty string.
        attachments: What is attached.
        draft: Draft that is sent and forgotten, or 0.
    """

    family: ClassVar[Family] = Family.SERVICES

    text: str
    kind: ReplyKind = ReplyKind.REPLY
    thread: int = 0
    to: str = ""
    subject: str = ""
    attachments: tuple[Attachment, ...] = ()
    draft: int = 0

    def detail(self) -> str:
        """Return the kind of message."""
        return self.kind.value


@handles(WriteMessage)
@enforces("MSG-04", "MSG-10")
def write_message(register: Register, person: Person, command: WriteMessage) -> Outcome:
    """Send the message under its author's own name; answer the number of the conversation."""
    refusal = refuse_operation(register, person, command, "write_message")
    if refusal is not None:
        return refusal
    held = person.holdings
    mailbox = Mailbox() if held is None or held.mailbox is None else held.mailbox
    thread = _answered(mailbox, command)
    refusal = (
        _refuse_kind(register, mailbox, thread, command)
        or _refuse_inactive(register, command.ins, recipients_of(thread, command))
        or _refuse_draft(mailbox, command.ins, command.draft)
    )
    if refusal is not None:
        return refusal
    files = _files(register, person, command, command.attachments)
    if isinstance(files, Refusal):
        return files
    recipients = recipients_of(thread, command)
    person.held().mailbox = mailbox
    thread = thread or mailbox.open_thread(command.subject, recipients)
    thread.messages.append(
        Message(
            command.at,
            address_of(command.ins),
            command.actor,
            recipients,
            command.text,
            files,
        )
    )
    mailbox.drafts.pop(command.draft, None)
    return Accepted(thread.number)


@enforces("MSG-04", "MSG-05")
def _refuse_kind(
    register: Register, mailbox: Mailbox, thread: Thread | None, command: WriteMessage
) -> Refusal | None:
    """An answer needs a conversation that takes one; a new message, somebody to write to."""
    if command.kind is ReplyKind.NEW_MESSAGE:
        if command.thread:
            return Refusal("MSG-04", "NOT_A_REPLY_KIND", command.ins, (command.kind.value,))
        return _refuse_first(register, mailbox, command)
    if thread is None:
        return Refusal("MSG-04", "NO_SUCH_THREAD", command.ins, (command.thread,))
    return _refuse_reply(thread, command)


@enforces("MSG-04", "MSG-05")
def _refuse_reply(thread: Thread, command: WriteMessage) -> Refusal | None:
    """A conversation says which kinds of answer it takes, if any."""
    allowed = thread.reply_kind
    if allowed is ReplyKind.REPLY_BLOCKED:
        return Refusal("MSG-05", "REPLY_BLOCKED", command.ins, (thread.finalized_by,))
    if allowed is ReplyKind.NO_REPLY:
        return Refusal("MSG-04", "NO_REPLY", command.ins, (thread.correspondents[0],))
    if command.kind not in {ReplyKind.REPLY, allowed}:
        return Refusal("MSG-04", "NOT_A_REPLY_KIND", command.ins, (command.kind.value,))
    return None


@enforces("MSG-02", "MSG-03")
def _refuse_first(register: Register, mailbox: Mailbox, command: WriteMessage) -> Refusal | None:
    """Write first to a pharmacy or to somebody who wrote before, to nobody else."""
    known = register.correspondents.get(command.to)
    if known is None or not (known.pharmacy or command.to in mailbox.contacts):
        return Refusal("MSG-02", "NEVER_WROTE", command.ins, (command.to,))
    if known.type in SENDS_ONLY:
        return Refusal("MSG-04", "NO_REPLY", command.ins, (command.to,))
    return None


@enforces("VIS-09")
def _answered(mailbox: Mailbox, command: WriteMessage) -> Thread | None:
    """Return the conversation that is answered, unless all of it is kept from whoever writes."""
    thread = mailbox.threads.get(command.thread)
    if thread is None or not messages_for(command.actor, thread.messages):
        return None
    return thread


def recipients_of(thread: Thread | None, command: WriteMessage) -> tuple[str, ...]:
    """Return whom a message goes to: an answer, to the last who wrote or to all.

    Args:
        thread: The conversation that it answers, None for a new message.
        command: The message.
    """
    if thread is None:
        return (command.to,)
    if command.kind is ReplyKind.REPLY_TO_ALL:
        return thread.correspondents
    own = address_of(command.ins)
    others = (message.sender for message in reversed(thread.messages) if message.sender != own)
    return (next(others, thread.correspondents[0]),)


@enforces("MSG-11")
def _refuse_inactive(register: Register, ins: str, recipients: tuple[str, ...]) -> Refusal | None:
    """Warn, and send nothing, when a recipient has left the directory."""
    for address in recipients:
        known = register.correspondents.get(address)
        if known is None or not known.active:
            return Refusal("MSG-11", "CONTACT_NOT_ACTIVE", ins, (address,))
    return None


@enforces("MSG-06")
def _files(
    register: Register, person: Person, command: Command, attachments: tuple[Attachment, ...]
) -> tuple[Attachment, ...] | Refusal:
    """Return what is attached, within what a message may weigh."""
    files = attached(register, person, command, attachments)
    if isinstance(files, Refusal):
        return files
    most = register.parameters.policies.message_limit_bytes
    size = size_of(files)
    if size > most:
        return Refusal("MSG-06", "MSG_FILE_SIZE_EXCEEDED_ERROR", command.ins, (size, most))
    return files


@enforces("MSG-10")
def _refuse_draft(mailbox: Mailbox, ins: str, draft: int) -> Refusal | None:
    if draft and draft not in mailbox.drafts:
        return Refusal("MSG-10", "NO_SUCH_DRAFT", ins, (draft,))
    return None


@dataclass(frozen=True, slots=True)
class SaveDraft(Command):
    """Keep a message for later.

    Attributes:
        text: What it says so far.
        to: Recipient so far.
        thread: Conversation it answers, or 0.
        subject: What it is about so far.
        attachments: What is attached so far.
        draft: Draft it replaces, or 0 for a new one.
    """

    family: ClassVar[Family] = Family.SERVICES

    text: str
    to: str = ""
    thread: int = 0
    subject: str = ""
    attachments: tuple[Attachment, ...] = ()
    draft: int = 0


@handles(SaveDraft)
@enforces("MSG-06", "MSG-10")
def save_draft(register: Register, person: Person, command: SaveDraft) -> Outcome:
    """Answer the `Draft` kept, with what its attachments may still weigh."""
    held = person.holdings
    mailbox = Mailbox() if held is None or held.mailbox is None else held.mailbox
    refusal = refuse_operation(register, person, command, "write_message") or _refuse_draft(
        mailbox, command.ins, command.draft
    )
    if refusal is not None:
        return refusal
    files = _files(register, person, command, command.attachments)
    if isinstance(files, Refusal):
        return files
    person.held().mailbox = mailbox
    number = command.draft
    if not number:
        mailbox.drafts_made += 1
        number = mailbox.drafts_made
    most = register.parameters.policies.message_limit_bytes
    draft = mailbox.drafts[number] = Draft(
        number,
        command.actor,
        command.to,
        command.thread,
        command.subject,
        command.text,
        files,
        most - size_of(files),
    )
    return Accepted(draft)


@dataclass(frozen=True, slots=True)
class DeleteDraft(Command):
    """Forget a draft.

    Attributes:
        draft: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    draft: int


@handles(DeleteDraft)
@enforces("MSG-10")
def delete_draft(register: Register, person: Person, command: DeleteDraft) -> Outcome:
    """Delete the draft."""
    refusal = refuse_operation(register, person, command, "write_message")
    if refusal is not None:
        return refusal
    held = person.holdings
    if held is None or held.mailbox is None or command.draft not in held.mailbox.drafts:
        return Refusal("MSG-10", "NO_SUCH_DRAFT", command.ins, (command.draft,))
    del held.mailbox.drafts[command.draft]
    return ACCEPTED
