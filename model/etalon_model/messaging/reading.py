"""Reading a mailbox from inside the space: conversations, drafts, contacts.

Source: official application (pages of fifty conversations; deleting a conversation loses its
messages; contacts and pharmacies). Mailboxes on the red list are not found.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.attaching import shown
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


def _mailbox(person: Person) -> Mailbox:
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
    mailbox = _mailbox(person)
    threads = _listed(mailbox, command.actor)
    pages = max(1, -(-len(threads) // PAGE_CONVERSATIONS))
    if not 1 <= command.page <= pages:
        return Refusal("MSG-09", "NO_SUCH_PAGE", command.ins, (command.page, pages))
    latest = sorted(
        threads,
        key=lambda thread: (thread.messages[-1].at, thread.number),
        reverse=True,
    )
    start = (command.page - 1) * PAGE_CONVERSATIONS
    rows = tuple(
        ThreadRow(
            thread.number, thread.subject, len(thread.messages), len(thread.messages) - thread.read
        )
        for thread in latest[start : start + PAGE_CONVERSATIONS]
    )
    return Accepted(MailboxPage(rows, command.page, pages, tuple(mailbox.drafts.values())))


@enforces("VIS-09")
def _listed(mailbox: Mailbox, actor: Actor) -> list[Thread]:
    """Return the conversations that have a message to show to the reader."""
    if actor.kind is not ActorKind.REPRESENTATIVE:
        return list(mailbox.threads.values())
    return [
        thread
        for thread in mailbox.threads.values()
        if not all(message.hidden_from_representatives for message in thread.messages)
    ]


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
    thread = _mailbox(person).threads.get(command.thread)
    if thread is None:
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
    messages = shown(register, person, command, thread.messages)
    if not messages:
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
    thread.read = len(thread.messages)
    return Accepted(Conversation(thread.subject, messages, thread.reply_kind, thread.finalized_by))


@dataclass(frozen=True, slots=True)
class DeleteThread(Command):
    """Delete a conversation with its messages.

    Attributes:
        thread: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    thread: int


@handles(DeleteThread)
@enforces("MSG-09")
def delete_thread(register: Register, person: Person, command: DeleteThread) -> Outcome:
    """Delete for good; whoever wrote stays a contact."""
    refusal = refuse_operation(register, person, command, "write_message")
    if refusal is not None:
        return refusal
    mailbox = _mailbox(person)
    if mailbox.threads.pop(command.thread, None) is None:
        return Refusal("MSG-09", "NO_SUCH_THREAD", command.ins, (command.thread,))
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
    contacts = _mailbox(person).contacts
    known = [register.correspondents[address] for address in contacts]
    pharmacies = [
        other
        for other in register.correspondents.values()
        if other.pharmacy and not other.red_listed and other.address not in contacts
    ]
    return Accepted(tuple(other for other in (*known, *pharmacies) if other.active))
