"""Reading a mailbox from inside the space: conversations, drafts, contacts.

Source: official application (pages of fifty conversations; deleting a conversation loses its
messages; contacts and pharmacies). Mailboxes on the red list are not found.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.attaching import messages_for, shown, shown_drafts
from etalon_model.messaging.conversations import Draft, Mailbox, Message, ReplyKind, Thread
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rules import enforces

PAGE_CONVERSATIONS: Final = 50
"""Conversations in a page (official application)."""


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A conversation in the list.

    Attributes:
        number: Its number.
        subject: What it is about.
        messages: How many messages it has.
        unread: How many of them were not read.
    """

    number: int
    subject: str
    messages: int
    unread: int


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """A page of the list of conversations, the latest first.

    Attributes:
        rows: The conversations.
        page: Number of the page, from 1.
        pages: How many pages there are.
        drafts: The drafts, in order.
    """

    rows: tuple[ThreadRow, ...]
    page: int
    pages: int
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is read.

    Attributes:
        subject: What it is about.
        messages: In order of time.
        reply_kind: What may follow.
        finalized_by: Address of whoever ended it, or an empty string.
    """

    subject: str
    messages: tuple[Message, ...]
    reply_kind: ReplyKind
    finalized_by: str


def mailbox_of(person: Person) -> Mailbox:
    """Return the mailbox of a space, an empty one where nothing came and nothing was written."""
    held = person.holdings
    return Mailbox() if held is None or held.mailbox is None else held.mailbox


@dataclass(frozen=True, slots=True)
class ReadMailbox(Command):
    """List conversations and drafts.

    Attributes:
        page: Number of the page, from 1.
    """

    family: ClassVar[Family] = Family.SERVICES

    page: int = 1


@handles(ReadMailbox)
@enforces("MSG-09", "MSG-10", "MSG-14")
def read_mailbox(register: Register, person: Person, command: ReadMailbox) -> Outcome:
    """Answer a `MailboxPage`; what waited before the space was entered is in it."""
    refusal = refuse_operation(register, person, command, "read_messages")
    if refusal is not None:
        return refusal
    mailbox = mailbox_of(person)
    listed = listed_threads(mailbox, command.actor)
    drafts = shown_drafts(register, person, command, tuple(mailbox.drafts.values()))
    pages = max(1, -(-len(listed) // PAGE_CONVERSATIONS))
    if not 1 <= command.page <= pages:
        return Refusal("MSG-09", "NO_SUCH_PAGE", command.ins, (command.page, pages))
    start = (command.page - 1) * PAGE_CONVERSATIONS
    rows = tuple(
        row_of(thread, messages, command.actor)
        for thread, messages in listed[start : start + PAGE_CONVERSATIONS]
    )
    return Accepted(MailboxPage(rows, command.page, pages, drafts))


def listed_threads(mailbox: Mailbox, actor: Actor) -> list[tuple[Thread, list[Message]]]:
    """Return the conversations that have messages to show to a reader, with these, latest first."""
    threads = ((one, messages_for(actor, one.messages)) for one in mailbox.threads.values())
    return sorted(
        ((thread, messages) for thread, messages in threads if messages),
        key=lambda row: (row[1][-1].at, row[0].number),
        reverse=True,
    )


def row_of(thread: Thread, messages: list[Message], actor: Actor) -> ThreadRow:
    """Return how a conversation stands in the list.

    Args:
        thread: The conversation.
        messages: Those of its messages that the reader sees.
        actor: Who reads.
    """
    unread = messages_for(actor, thread.messages[thread.read :])
    return ThreadRow(thread.number, _subject(thread, actor), len(messages), len(unread))


@enforces("VIS-09")
def _subject(thread: Thread, actor: Actor) -> str:
    """Return what a conversation is about, unless the message that said so is kept from them."""
    return thread.subject if messages_for(actor, thread.messages[:1]) else ""


@dataclass(frozen=True, slots=True)
class ReadThread(Command):
    """Read a conversation.

    Attributes:
        thread: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    thread: int


@handles(ReadThread)
@enforces("MSG-09")
def read_thread(register: Register, person: Person, command: ReadThread) -> Outcome:
    """Answer a `Conversation`, read from now on."""
    refusal = refuse_operation(register, person, command, "read_messages")
    if refusal is not None:
        return refusal
    thread = mailbox_of(person).threads.get(command.thread)
    if thread is None:
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
    messages = shown(register, person, command, thread.messages)
    if not messages:
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
    about = _subject(thread, command.actor)
    thread.read = len(thread.messages)
    return Accepted(Conversation(about, messages, thread.reply_kind, thread.finalized_by))


@dataclass(frozen=True, slots=True)
class DeleteThread(Command):
    """Delete a conversation with its messages.

    Attributes:
        thread: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    thread: int


@handles(DeleteThread)
@enforces("MSG-09", "VIS-09")
def delete_thread(register: Register, person: Person, command: DeleteThread) -> Outcome:
    """Delete for good; whoever wrote stays a contact."""
    refusal = refuse_operation(register, person, command, "write_message")
    if refusal is not None:
        return refusal
    mailbox = mailbox_of(person)
    thread = mailbox.threads.get(command.thread)
    if thread is None or not messages_for(command.actor, thread.messages):
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
    del mailbox.threads[command.thread]
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class FindContacts(Command):
    """Find whom one may write to: those who wrote, and published pharmacies."""

    family: ClassVar[Family] = Family.SERVICES


@handles(FindContacts)
@enforces("MSG-03", "MSG-12")
def find_contacts(register: Register, person: Person, command: FindContacts) -> Outcome:
    """Answer active mailboxes: contacts first, then pharmacies that are not on the red list."""
    refusal = refuse_operation(register, person, command, "read_messages")
    if refusal is not None:
        return refusal
    contacts = mailbox_of(person).contacts
    known = [register.correspondents[address] for address in contacts]
    pharmacies = [
        other
        for other in register.correspondents.values()
        if other.pharmacy and not other.red_listed and other.address not in contacts
    ]
    return Accepted(tuple(other for other in (*known, *pharmacies) if other.active))
