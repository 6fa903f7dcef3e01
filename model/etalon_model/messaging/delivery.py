"""Messages from professionals and establishments to a space.

A professional or an establishment writes first. The mailbox exists as long as the space is
open: a message to an opponent or to a closed space bounces; it waits in a space that nobody
has entered yet.

Sources: official application, notes on the citizens' messaging, specification of the ANS in
HL7v2 (`X-MSS-MES: FIN` ends a conversation; errors of delivery).
Readings: bounces and waiting are inferred; a suspended space answers a temporary error; the
size limit is gap G2; nothing is announced to somebody who never entered their space.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.conversations import Attachment, Mailbox, Message, Thread, size_of
from etalon_model.messaging.correspondents import (
    BEARERS,
    SENDS_ONLY,
    Correspondent,
    address_of,
)
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS, State

FINAL_HEADER: Final = ("X-MSS-MES", "FIN")
"""The header by which a professional ends a conversation."""


@dataclass(frozen=True, slots=True)
class DeliverMessage(Command):
    """Write to a space, as a professional or an establishment.

    Attributes:
        sender: Address of one's own mailbox.
        subject: What it is about.
        text: What it says.
        thread: Conversation it goes on with, or 0 to begin one.
        others: Addresses of other professionals in the conversation.
        attachments: Files attached.
        headers: Headers, names and values.
        hidden_from_representatives: What it carries is not for those who represent a minor.
        fault: Number of the reason why what it carries cannot be taken, or 0.
    """

    family: ClassVar[Family] = Family.SERVICES

    sender: str
    subject: str
    text: str
    thread: int = 0
    others: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    hidden_from_representatives: bool = False
    fault: int = 0

    @property
    def is_final(self) -> bool:
        """Whether it ends the conversation."""
        return FINAL_HEADER in self.headers


@handles(DeliverMessage)
@enforces("MSG-02", "MSG-14")
def deliver_message(register: Register, person: Person, command: DeliverMessage) -> Outcome:
    """Put the message in the mailbox, tell who reads it; answer the conversation's number."""
    refusal = (
        refuse_sender(register, command.ins, command.actor, command.sender)
        or refuse_delivery(person)
        or refuse_size(register, command.ins, command.attachments)
        or _refuse_unusable(command)
    )
    if refusal is not None:
        return refusal
    held = person.holdings
    mailbox = Mailbox() if held is None or held.mailbox is None else held.mailbox
    thread = mailbox.threads.get(command.thread)
    if command.thread and (thread is None or command.sender not in thread.correspondents):
        return Refusal("MSG-02", "NO_SUCH_THREAD", command.ins, (command.thread,))
    person.held().mailbox = mailbox
    if thread is None:
        thread = mailbox.open_thread(command.subject, (command.sender, *command.others))
    message = Message(
        command.at,
        command.sender,
        command.actor,
        (address_of(command.ins),),
        command.text,
        command.attachments,
        command.hidden_from_representatives,
    )
    receive(register, mailbox, thread, message)
    if command.is_final:
        finalize(thread, command.sender)
    announce_message(register, person, message)
    return Accepted(thread.number)


@enforces("MSG-02", "MSG-12")
def refuse_sender(register: Register, ins: str, actor: Actor, sender: str) -> Refusal | None:
    """Refuse whoever does not write from a mailbox of their own that is still active."""
    if actor.kind not in {ActorKind.PROFESSIONAL, ActorKind.STRUCTURE}:
        return Refusal("MSG-02", "NOT_FOR_THIS_ACTOR", ins, (actor.kind.value,))
    known = register.correspondents.get(sender)
    if known is None or not known.active or not _bears(actor, known):
        return Refusal("MSG-12", "SENDER_UNKNOWN", ins, (sender,))
    return None


def _bears(actor: Actor, known: Correspondent) -> bool:
    return actor.ident == known.bearer and actor.kind.value == BEARERS[known.type]


@enforces("MSG-13", "MSG-15")
def refuse_delivery(person: Person) -> Refusal | None:
    """Bounce what goes to a space that is not open."""
    state = person.state
    if ACCESS[state].professionals_feed:
        return None
    if state is State.SUSPENDED:
        return Refusal("MSG-15", "MAILBOX_SUSPENDED", person.ins, (state.value,))
    return Refusal("MSG-13", "MAILBOX_UNAVAILABLE", person.ins, (state.value,))


@enforces("MSG-06", "MSG-15")
def refuse_size(
    register: Register, ins: str, attachments: tuple[Attachment, ...]
) -> Refusal | None:
    """Refuse what is larger than a citizen's mailbox accepts."""
    most = register.parameters.policies.message_limit_bytes
    size = size_of(attachments)
    if size > most:
        return Refusal("MSG-15", "MESSAGE_TOO_LARGE", ins, (size, most))
    return None


@enforces("MSG-16")
def _refuse_unusable(command: DeliverMessage) -> Refusal | None:
    """Send back, whole, what carries documents that cannot be taken; the log says that it came."""
    if not command.fault:
        return None
    return Refusal("MSG-16", "LOT_REFUSED", command.ins, (command.fault,))


@enforces("MSG-02")
def receive(register: Register, mailbox: Mailbox, thread: Thread, message: Message) -> None:
    """Add a professional's message to a conversation: its sender may be answered from now on."""
    thread.messages.append(message)
    mailbox.contacts[message.sender] = None
    thread.answerable = register.correspondents[message.sender].type not in SENDS_ONLY


@enforces("MSG-05")
def finalize(thread: Thread, by: str) -> None:
    """End a conversation: it takes no answer any longer."""
    thread.finalized_by = by


@enforces("MSG-08", "MSG-14")
def announce_message(register: Register, person: Person, message: Message) -> None:
    """Tell the holder, or the adult for a minor, and the caregivers; nothing of the message."""
    if not ACCESS[person.state].holder_logs_in:
        return
    caregivers = () if person.dossier is None else person.dossier.caregivers
    for to in (addressee_of(person, message.at) or person.ins, *caregivers):
        if not _is_kept_from(person, message, to):
            register.tell(person, "MESSAGE", to, message.at)


@enforces("VIS-09")
def _is_kept_from(person: Person, message: Message, to: str) -> bool:
    return message.hidden_from_representatives and to in person.representatives
