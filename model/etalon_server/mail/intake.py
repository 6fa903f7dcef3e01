"""What comes of a mail: a message in the mailbox of a space, documents in its record, a receipt.

All of a mail is one hand-over to the service: the message and its documents, or nothing but the
trace that it came. It is answered once that is on the disk, and its receipt too. The same mail sent
again, as whoever was told nothing does, is not taken twice.

Sources: ANS, volet of documents by mail (receipts, error codes); RFC 5321, 6.1 (what 250 means) and
6.3 (loops), RFC 3463 (enhanced codes), RFC 3834 (automatic mail is not answered).
Readings (decision 0115): the sender is the mailbox of `From`, which the envelope names too; a
mail without documents has no receipt; professionals are known to their operator by strong means.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_model.actors import Actor, ActorKind
from etalon_model.messaging import conversations
from etalon_model.messaging.conversations import AttachmentOrigin
from etalon_model.messaging.correspondents import BEARERS, Correspondent
from etalon_model.messaging.delivery import FINAL_HEADER, DeliverMessage
from etalon_model.messaging.delivery_codes import NUMBERS, acknowledgement
from etalon_model.outcomes import Refusal
from etalon_model.records.deposit import Means
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import Desk
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.places import attachment_key, taken_key, thread_named
from etalon_server.mail.settings import MailBounds
from etalon_server.messages.places import mail_id_key
from etalon_server.records.places import bytes_key
from etalon_server.rehearsal import Act, Halted
from etalon_wire.mail.messages import PATIENTS, patient_address
from etalon_wire.mail.receipts import TAKEN, compose_receipt
from etalon_wire.mail.taking import OTHER, Brought, brought_by, fault_of
from etalon_wire.malformed import Malformed
from etalon_wire.parts import Posting
from etalon_wire.records.documents import deposit_of, measured_content

if TYPE_CHECKING:
    from etalon_model.register import Register

UNKNOWN_SENDER: Final = Actor(ActorKind.STRUCTURE, "unknown sender")
"""Who a mail comes from that nobody of the directory sent, as the access log names them."""

_MEANS: Final = {
    ActorKind.PROFESSIONAL: Means.PRO_SANTE_CONNECT,
    ActorKind.STRUCTURE: Means.STRUCTURE_CERTIFICATE,
}


class Reply(NamedTuple):
    """What a sender is told at the end of a mail.

    Attributes:
        code: Code of SMTP.
        text: Enhanced code, and words.
    """

    code: int
    text: str

    @property
    def line(self) -> str:
        """The line, of plain characters, whatever the words quote."""
        words = "".join(one if " " <= one <= "~" else "?" for one in self.text[:_LINE_MOST])
        return f"{self.code} {words}"


_REFUSED: Final = {
    450: "4.2.1 the mailbox is unavailable for a time: send it again later",
    523: "5.2.3 the files are larger than a mailbox of a patient takes",
    530: "5.7.1 the sender is no mailbox of the directory, or is not proved to be it",
    550: "5.2.1 the mailbox is unavailable",
}
_NOBODY: Final = Reply(550, "5.1.1 nobody has this mailbox")
_LATER: Final = Reply(451, "4.3.0 not now: send it again later")
_LINE_MOST: Final = 400
_ASIDE_BYTES: Final = 256 * 1024
"""Larger mails are read and written on another thread, so that others are answered meanwhile."""


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as it was received.

    Attributes:
        sender: Address of the envelope, empty for none.
        ins: Matricule of the one patient of the envelope.
        body: The mail.
        domains: Domains that the certificate of the client answers for, or None when none is asked.
    """

    sender: str
    ins: str
    body: bytes
    domains: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Taking:
    """A mail being taken.

    Attributes:
        at: When (UTC).
        ins: Whose mailbox it came to.
        actor: Who sends it.
        sender: Address of their mailbox.
        key: What tells that it was taken.
        brought: What it brings.
    """

    at: datetime
    ins: str
    actor: Actor
    sender: str
    key: bytes
    brought: Brought


class Intake:
    """Takes mails, one hand-over each.

    Attributes:
        outbox: Where receipts leave.
    """

    __slots__ = ("_bounds", "_desk", "_under_way", "outbox")

    def __init__(self, desk: Desk, outbox: Outbox, bounds: MailBounds) -> None:
        self.outbox = outbox
        self._desk = desk
        self._bounds = bounds
        self._under_way: dict[bytes, asyncio.Task[Reply]] = {}

    def knows(self, ins: str) -> bool:
        """Whether somebody of this matricule is affiliated, whatever the state of their space."""
        return ins in self._register.people

    async def take(self, received: Received) -> Reply:
        """Take a mail, or say why not; what comes of it goes on if the sender leaves.

        Raises:
            OSError: The receipt cannot be written.
            JournalFailedError: The service could not write what came of it.
            HostClosedError: The service is being stopped.
            ServiceBrokenError: The service takes nothing more.
        """
        try:
            brought = await self._read(received)
        except Malformed as malformed:
            return await self._unreadable(received, malformed)
        mail = brought.mail
        if len(mail.text) > self._bounds.text_characters:
            return Reply(552, "5.3.4 the text is too long: attach it")
        known = self._correspondent(mail.sender)
        sender = mail.sender if known is None else known.address
        is_proved = known is not None and _is_proved(received, mail.sender)
        actor = _bearer(known) if known is not None and is_proved else UNKNOWN_SENDER
        at = self._desk.host.clock.now()
        key = taken_key(received.ins, sender, mail.message_id, _digest(brought))
        return await self._alone(_Taking(at, received.ins, actor, sender, key, brought))

    async def finish(self) -> None:
        """Wait for the mails that are being taken."""
        if self._under_way:
            await asyncio.wait(self._under_way.values())

    @property
    def _register(self) -> "Register":
        return self._desk.host.service.snapshot(copied=False).register

    async def _read(self, received: Received) -> Brought:
        body, ins, kit = received.body, received.ins, self._desk.clinical_kit
        judge = None if kit is None or self._desk.mode == "lenient" else kit.judge
        if len(body) < _ASIDE_BYTES and judge is None:
            return brought_by(body, ins, self.knows)
        return await asyncio.to_thread(brought_by, body, ins, self.knows, judge)

    def _correspondent(self, address: str) -> Correspondent | None:
        known = self._register.correspondents
        return known.get(address) or known.get(address.lower())

    async def _unreadable(self, received: Received, malformed: Malformed) -> Reply:
        """Refuse what cannot be answered by a mail; the log says that it came."""
        known = self._correspondent(received.sender)
        is_proved = known is not None and _is_proved(received, received.sender)
        actor = _bearer(known) if known is not None and is_proved else UNKNOWN_SENDER
        host = self._desk.host
        at, ins, sender = host.clock.now(), received.ins, received.sender
        await host.write(DeliverMessage(at, actor, ins, sender, "", "", fault=OTHER))
        return Reply(554, f"5.6.0 {malformed.message}")

    async def _alone(self, taking: _Taking) -> Reply:
        """Take a mail once, though it be sent twice at once."""
        key = taking.key
        if key in self._under_way:
            return _LATER
        task = self._under_way[key] = asyncio.create_task(self._taken(taking))
        task.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(task)

    def _end(self, key: bytes, done: asyncio.Task[Reply]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            # Whoever waited hears of it; nobody may wait any more.
            done.exception()

    async def _taken(self, taking: _Taking) -> Reply:
        host, fault = self._desk.host, taking.brought.fault
        is_again = self._desk.contents.body(taking.key) is not None
        if is_again and taking.actor != UNKNOWN_SENDER:
            return await self._told(taking, TAKEN)
        if fault is None:
            halted = await host.write_all(list(self._acts(taking)))
            if not isinstance(halted, Halted):
                return await self._told(taking, TAKEN)
            if halted.rank == 0:
                return _reply_to(halted.refusal)
            fault = fault_of(halted.refusal)
        taking = replace(taking, at=host.clock.now())
        outcome = await host.write(self._delivery(taking, fault.number))
        if isinstance(outcome, Refusal) and outcome.code != "LOT_REFUSED":
            return _reply_to(outcome)
        return await self._told(taking, fault.number)

    async def _told(self, taking: _Taking, number: int) -> Reply:
        """Have the receipt leave, if the mail carried documents and a person or system reads it."""
        brought, ins = taking.brought, taking.ins
        if brought.announces and not brought.mail.automatic:
            named = f"<{token_hex(16)}@{PATIENTS}>"
            mail, to = brought.mail, patient_address(ins)
            answer = partial(compose_receipt, mail, to, number, taking.at, named)
            size = sum(len(one.content) for one in mail.attachments)
            is_small = size < _ASIDE_BYTES
            body = answer() if is_small else await asyncio.to_thread(answer)
            codec = self._desk.codec
            body = codec.posting(body) if isinstance(codec, Posting) else body
            if body:
                await self.outbox.post(body)
        if number == TAKEN:
            return Reply(250, "2.6.0 taken")
        return Reply(250, "2.6.0 received, its documents not taken: the receipt says why")

    def _acts(self, taking: _Taking) -> Iterator[Act]:
        """Yield what the service is asked: the message, then each document."""
        at, ins, actor = taking.at, taking.ins, taking.actor
        files = (
            (attachment_key(ins, measured_content(one.content)[1]), one)
            for one in taking.brought.files
        )
        kept = [Kept(key, one.content) for key, one in files]
        named = Kept(mail_id_key(ins, taking.sender, at), taking.brought.mail.message_id.encode())
        yield self._delivery(taking), [*kept, named, Kept(taking.key, b"1")]
        for enclosed in taking.brought.documents:
            described = enclosed.described
            means, replaced = _MEANS[actor.kind], described.replaced
            command = deposit_of(described, at, actor, ins, means, replaced=replaced)
            key = bytes_key(ins, described.sheet.unique_id, at.isoformat())
            yield command, [Kept(key, enclosed.content)]

    def _delivery(self, taking: _Taking, fault: int = 0) -> DeliverMessage:
        brought, mail = taking.brought, taking.brought.mail
        return DeliverMessage(
            taking.at,
            taking.actor,
            taking.ins,
            taking.sender,
            mail.subject,
            mail.text,
            self._thread(taking),
            self._others(taking),
            tuple(_attachments(brought)),
            (FINAL_HEADER,) if mail.closes else (),
            brought.is_kept_from_representatives,
            fault,
        )

    def _thread(self, taking: _Taking) -> int:
        """Return the conversation that the mail answers, if its sender is in it, else 0."""
        number = thread_named(taking.ins, taking.brought.mail.answers)
        person = self._register.people.get(taking.ins)
        held = None if person is None else person.holdings
        mailbox = None if held is None else held.mailbox
        thread = None if mailbox is None else mailbox.threads.get(number)
        return number if thread is not None and taking.sender in thread.correspondents else 0

    def _others(self, taking: _Taking) -> tuple[str, ...]:
        """Return the other mailboxes of the directory that the mail went to."""
        named = (self._correspondent(one) for one in taking.brought.mail.recipients)
        known = (one.address for one in named if one is not None and one.active)
        return tuple(dict.fromkeys(one for one in known if one != taking.sender))


def _attachments(brought: Brought) -> Iterator[conversations.Attachment]:
    for enclosed in brought.documents:
        sheet = enclosed.described.sheet
        yield conversations.Attachment(
            sheet.title,
            sheet.form.mime,
            sheet.size_bytes,
            AttachmentOrigin.DOCUMENT,
            sheet.unique_id,
            sheet.sha1,
        )
    for one in brought.files:
        size, sha1 = measured_content(one.content)
        yield conversations.Attachment(one.name, one.media_type, size, sha1=sha1)


def _bearer(known: Correspondent) -> Actor:
    return Actor(ActorKind(BEARERS[known.type]), known.bearer)


def _is_proved(received: Received, sender: str) -> bool:
    """Whether the envelope names the sender, and the certificate answers for their domain."""
    domain = sender.rpartition("@")[2].lower()
    is_named = received.sender.casefold() == sender.casefold()
    return is_named and (received.domains is None or domain in received.domains)


def _reply_to(refusal: Refusal) -> Reply:
    """Return what a sender is told of a message that the model refuses."""
    try:
        number = acknowledgement(refusal).detail
    except KeyError:
        return _LATER
    return Reply(number, _REFUSED[number]) if number in NUMBERS["smtp"] else _NOBODY


def _digest(brought: Brought) -> str:
    """Return a digest of a mail, without what those it came through wrote in it."""
    mail = brought.mail
    said = hashlib.sha256(repr(mail).encode())
    for one in mail.attachments:
        said.update(f"\n{one.name}\n{one.media_type}\n{len(one.content)}\n".encode())
        said.update(one.content)
    return said.hexdigest()
