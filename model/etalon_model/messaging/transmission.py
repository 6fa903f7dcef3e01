"""Documents sent by a machine to a mailbox, and to whom their codes allow sending them.

A hospital information system sends one message per document, with an event (new, replaced,
deleted) and codes that say who may receive it. The send matrix decides from the codes:
professionals and patient, professionals only, patient only; any other combination is an error.

Source: specification of the ANS on sending documents in HL7v2 (events, matrix, acknowledgements,
`FIN` in the note segment).
Reading: what goes to professionals, or to the record (`DESTDMP`), leaves the messaging of the
space: the deposit is a command of the record. A deleted document leaves the messages that
carried it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.messaging.conversations import (
    Attachment,
    AttachmentOrigin,
    Mailbox,
    Message,
    Thread,
    Transmission,
)
from etalon_model.messaging.correspondents import address_of
from etalon_model.messaging.delivery import (
    announce_message,
    finalize,
    receive,
    refuse_delivery,
    refuse_sender,
    refuse_size,
)
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

NEW: Final = frozenset({"R01", "T02"})
"""Events of a new document."""
REPLACED: Final = "T10"
DELETED: Final = "T04"
FINAL_NOTE: Final = "FIN"
"""The note by which the sender ends the conversation."""

_ROWS: Final = rows_of("send_matrix.csv")

SEND_CODES: Final = tuple(
    name
    for name in _ROWS[0]
    if name not in {"case", "to_professionals", "to_patient", "source", "certainty"}
)
"""The codes that a message may bear, in the order of the matrix."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Whom a message goes to.

    Attributes:
        case: Row of the matrix, from 1.
        to_professionals: It goes to professionals.
        to_patient: It goes to the mailbox of the space.
    """

    case: int
    to_professionals: bool
    to_patient: bool


@enforces("MSG-16", "VIS-09")
def destinations(codes: Collection[str]) -> Destinations | None:
    """Return whom a message that bears `codes` goes to, or None when they do not combine."""
    return _destinations(frozenset(codes))


@cache
def _destinations(codes: frozenset[str]) -> Destinations | None:
    for row in _ROWS:
        if all(("Y" if code in codes else "N") in row[code].split("|") for code in SEND_CODES):
            return Destinations(
                int(row["case"]), row["to_professionals"] == "yes", row["to_patient"] == "yes"
            )
    return None


@dataclass(frozen=True, slots=True)
class TransmitDocument(Command):
    """Send a document, its replacement or its deletion, as a machine.

    Attributes:
        sender: Address of one's own mailbox.
        document: Identifier of the document.
        title: Its title.
        event: `R01`, `T02` (new), `T10` (replaced) or `T04` (deleted).
        codes: Codes of the send matrix that it bears.
        patient_ins: Matricule in the document, or an empty string.
        birth_on: Birth date in the document, or None.
        sex: Sex in the document, or an empty string.
        version: Version replaced or deleted; 1 for a new document.
        size_bytes: Size of the document.
        note: `FIN` to end the conversation.
    """

    family: ClassVar[Family] = Family.SERVICES

    sender: str
    document: str
    title: str
    event: str
    codes: tuple[str, ...]
    patient_ins: str
    birth_on: date | None
    sex: str
    version: int = 1
    size_bytes: int = 0
    note: str = ""

    def detail(self) -> str:
        """Return the event."""
        return self.event if self.event in {*NEW, REPLACED, DELETED} else ""


@handles(TransmitDocument)
@enforces("MSG-16")
def transmit_document(register: Register, person: Person, command: TransmitDocument) -> Outcome:
    """Answer the `Destinations`; the patient's mailbox gets, changes or loses the document."""
    refusal = (
        refuse_sender(register, command.ins, command.actor, command.sender)
        or _refuse_syntax(command)
        or _refuse_identity(person, command)
    )
    if refusal is not None:
        return refusal
    to = destinations(command.codes)
    if to is None:
        return Refusal("MSG-16", "COMBINATION_REJECTED", command.ins)
    if not to.to_patient:
        return Accepted(to)
    held = person.holdings
    mailbox = Mailbox() if held is None or held.mailbox is None else held.mailbox
    attached = _attachment(command)
    refusal = (
        refuse_delivery(person)
        or _refuse_version(mailbox, command)
        or refuse_size(register, command.ins, (attached,))
    )
    if refusal is not None:
        return refusal
    person.held().mailbox = mailbox
    if command.event == DELETED:
        _withdraw(mailbox, command.document)
    else:
        announce_message(register, person, _deliver(register, mailbox, command, attached))
    return Accepted(to)


@enforces("MSG-16")
def _refuse_syntax(command: TransmitDocument) -> Refusal | None:
    if not command.document or not command.title:
        return Refusal("MSG-16", "REQUIRED_FIELD_MISSING", command.ins)
    if command.event not in {*NEW, REPLACED, DELETED}:
        return Refusal("MSG-16", "EVENT_NOT_SUPPORTED", command.ins, (command.event,))
    unknown = sorted(set(command.codes) - set(SEND_CODES))
    if unknown:
        return Refusal("MSG-16", "TABLE_VALUE_NOT_FOUND", command.ins, (unknown[0],))
    return None


@enforces("MSG-16")
def _refuse_identity(person: Person, command: TransmitDocument) -> Refusal | None:
    """The identity in the document is complete, and that of the recipient."""
    if not command.patient_ins:
        return Refusal("MSG-16", "INS_MISSING", command.ins)
    if command.birth_on is None or not command.sex:
        return Refusal("MSG-16", "INS_INCOMPLETE", command.ins)
    known = person.identity
    if (command.patient_ins, command.birth_on, command.sex) != (
        known.ins,
        known.birth_on,
        known.sex,
    ):
        return Refusal("MSG-16", "INS_MISMATCH", command.ins)
    return None


@enforces("MSG-16")
def _refuse_version(mailbox: Mailbox, command: TransmitDocument) -> Refusal | None:
    """A new document is new; another event is its author's, on the latest version."""
    known = mailbox.transmissions.get(command.document)
    if command.event in NEW:
        if known is None:
            return None
        return Refusal("MSG-16", "DOCUMENT_ALREADY_SENT", command.ins, (command.document,))
    if known is None:
        return Refusal("MSG-16", "NO_SUCH_TRANSMISSION", command.ins, (command.document,))
    if known.author != command.actor:
        return Refusal("MSG-16", "SENDER_NOT_AUTHOR", command.ins, (command.actor.ident,))
    if known.version != command.version:
        facts = (command.version, known.version)
        return Refusal("MSG-16", "STALE_VERSION", command.ins, facts)
    return None


def _attachment(command: TransmitDocument) -> Attachment:
    return Attachment(
        command.title,
        "text/xml",
        command.size_bytes,
        AttachmentOrigin.DOCUMENT,
        command.document,
    )


@enforces("MSG-05", "MSG-16")
def _deliver(
    register: Register, mailbox: Mailbox, command: TransmitDocument, attached: Attachment
) -> Message:
    """Put a new document in a conversation of its own, its replacement in the same one."""
    known = mailbox.transmissions.get(command.document)
    thread = None if known is None else mailbox.threads.get(known.thread)
    if thread is None:
        thread = mailbox.open_thread(command.title, (command.sender,))
    message = Message(
        command.at,
        command.sender,
        command.actor,
        (address_of(command.ins),),
        "",
        (attached,),
        hidden_from_representatives="INVISIBLE_REP_LEGAUX" in command.codes,
    )
    receive(register, mailbox, thread, message)
    if command.note == FINAL_NOTE:
        finalize(thread, command.sender)
    version = 1 if known is None else known.version + 1
    mailbox.transmissions[command.document] = Transmission(command.actor, version, thread.number)
    return message


@enforces("MSG-16")
def _withdraw(mailbox: Mailbox, document: str) -> None:
    """Take a document out of the messages that carried it."""
    thread = mailbox.threads.get(mailbox.transmissions.pop(document).thread)
    if thread is not None:
        _drop(thread, document)


def _drop(thread: Thread, document: str) -> None:
    for rank, message in enumerate(thread.messages):
        kept = tuple(one for one in message.attachments if one.reference != document)
        if kept != message.attachments:
            thread.messages[rank] = replace(message, attachments=kept)
