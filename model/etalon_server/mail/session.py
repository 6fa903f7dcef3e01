# pyright: standard
"""One conversation in SMTP: commands by aiosmtpd, and what it leaves to be bounded done here.

One patient a mail: who names a second one is asked to send it again.

Sources: RFC 5321 (SMTP), 3207 (STARTTLS), 1870 (SIZE), 3463 (enhanced codes); W-MSS-10, W-SEC-01.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from etalon_server.mail.following import Follower
from etalon_server.mail.intake import Intake, Received, Reply
from etalon_server.mail.receiving import MailRefused, Receiving
from etalon_server.mail.settings import MailBounds
from etalon_wire.mail.messages import PATIENTS, matricule_in

if TYPE_CHECKING:
    from asyncio.sslproto import SSLProtocol

NAME: Final = "etalon"
"""How the server calls itself."""

_IN_CLEAR: Final = "530 Must issue a STARTTLS"
"""What aiosmtpd says to a command that comes before TLS."""
_PIECE: Final = 64 * 1024
_PASSED: Final = b"\nreceived:"
_HEADERS: Final = 64 * 1024
_LEAVING_SECONDS: Final = 5.0
_COMMANDS_MOST: Final = 100
_NOBODY: Final = "550 5.1.1 nobody has this mailbox"
_ELSEWHERE: Final = f"550 5.7.1 this server takes mail to {PATIENTS} alone, and relays none"
_ONE: Final = "452 4.5.3 one patient a mail: send it to the next one apart"
_TOO_MANY: Final = "421 4.7.0 too many mailboxes that nobody has"
_NO_SENDER: Final = "550 5.7.1 a mailbox of a patient takes no mail without a sender"
_NOT_PROVED: Final = "530 5.7.0 show the certificate of an operator first"
_CUT: Final = Reply(451, "4.4.2 the mail was cut off: send it again")
_FULL: Final = Reply(452, "4.3.1 too much mail at once: send it again later")
_LOOPS: Final = Reply(554, "5.4.6 the mail came through too many servers")
_STOPPING: Final = "421 4.3.2 the server is being stopped: send it again later"
_SLOW: Final = "421 4.4.2 nothing came for too long"
_CROWDED: Final = "421 4.3.2 too many are connected: come back later"
_FAULT: Final = Reply(451, "4.3.0 the server failed: send it again later")


@dataclass(slots=True)
class Traffic:
    """What all conversations weigh.

    Attributes:
        waiting_bytes: Bytes of the mails that are being received.
        conversations: Those that are open.
    """

    waiting_bytes: int = 0
    conversations: set["Conversation"] = field(default_factory=set["Conversation"])


@dataclass(frozen=True, slots=True)
class Witness:
    """Who is told of what happens in conversations.

    Attributes:
        answered: Told what was answered to a mail, after how many seconds, and its size.
        failed: Told of a fault of ours.
        follower: Who follows the mail, or None.
    """

    answered: Callable[[Reply, float, int], None]
    failed: Callable[[BaseException], None]
    follower: Follower | None = None


class _Hooks:
    """What aiosmtpd asks at each command."""

    def __init__(self, intake: Intake, bounds: MailBounds, witness: Witness) -> None:
        self._intake, self._bounds, self._witness = intake, bounds, witness
        self._refused = 0

    async def handle_EHLO(  # noqa: N802 (aiosmtpd calls it by this name)
        self,
        server: "Conversation",
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Announce no authentication: operators show certificates."""
        del server, envelope
        session.host_name = hostname
        return [one for one in responses if not one.startswith("250-AUTH")]

    async def handle_MAIL(  # noqa: N802 (as above)
        self,
        server: "Conversation",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take the name of a sender, whom the mail itself will have to name too."""
        del session, options
        if "@" not in address:
            return _NO_SENDER
        if server.domains == frozenset():
            return _NOT_PROVED
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 (as above)
        self,
        server: "Conversation",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take one patient; let nobody find out whose mailboxes there are by trying many."""
        del session, options
        told = self._recipient(server, envelope, address)
        if not told.startswith("250"):
            server.refused(envelope.mail_from or "", address, told)
        return told

    def _recipient(self, server: "Conversation", envelope: Envelope, address: str) -> str:
        name, _, domain = address.rpartition("@")
        if domain.lower() != PATIENTS:
            return _ELSEWHERE
        ins = matricule_in(f"{name.upper()}@{PATIENTS}")
        if not self._intake.knows(ins):
            self._refused += 1
            if self._refused < self._bounds.refused_recipients:
                return _NOBODY
            server.dismiss_soon()
            return _TOO_MANY
        if envelope.rcpt_tos:
            return _ONE
        envelope.rcpt_tos.append(ins)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Tell of a fault of ours, and the sender that it is one."""
        self._witness.failed(error)
        return _FAULT.line


class Conversation(SMTP):
    """A conversation with one sender.

    Attributes:
        domains: Domains that the certificate of the client answers for, none without one; None
            where no certificate is asked for.
        is_answering: A mail is whole and waits for its answer.
    """

    def __init__(
        self,
        intake: Intake,
        bounds: MailBounds,
        traffic: Traffic,
        witness: Witness,
        tls: ssl.SSLContext | None,
    ) -> None:
        """Begin; with certificates, TLS comes before any mail."""
        most = {"*": _COMMANDS_MOST}
        most |= dict.fromkeys(("MAIL", "RCPT", "DATA", "RSET", "NOOP"), bounds.transactions)
        super().__init__(
            _Hooks(intake, bounds, witness),
            data_size_limit=bounds.message_bytes,
            hostname=NAME,
            ident="ESMTP",
            tls_context=tls,
            require_starttls=tls is not None,
            timeout=bounds.idle_seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=most,
            loop=asyncio.get_running_loop(),
        )
        self._intake, self._bounds = intake, bounds
        self._traffic, self._witness = traffic, witness
        self._is_leaving = self._is_told = False
        asks = tls is not None and tls.verify_mode is not ssl.CERT_NONE
        self.domains: frozenset[str] | None = frozenset() if asks else None
        self.is_answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless too many are connected."""
        held = self._traffic.conversations
        if len(held) >= self._bounds.connections:
            way = cast("asyncio.WriteTransport", transport)
            way.write(f"{_CROWDED}\r\n".encode())
            way.close()
            self._is_leaving = True
            return
        held.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End; what was taken goes on."""
        if self in self._traffic.conversations:
            self._traffic.conversations.discard(self)
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless the sender was turned away."""
        if not self._is_leaving or self in self._traffic.conversations:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """End when the sender does."""
        return super().eof_received() if self in self._traffic.conversations else False

    def dismiss(self, line: str = _STOPPING) -> None:
        """Say why, and close."""
        self._is_leaving = True
        transport = cast("asyncio.WriteTransport | None", self.transport)
        if transport is None:
            return
        if not transport.is_closing():
            transport.write(f"{line}\r\n".encode())
            transport.close()
        self.loop.call_later(_LEAVING_SECONDS, transport.abort)

    def dismiss_soon(self) -> None:
        """Close once the answer under way is written."""
        self._is_leaving = True

    async def push(self, status: str | bytes) -> None:
        """Write an answer; close behind it where that was asked."""
        if isinstance(status, str) and status.startswith(_IN_CLEAR) and not self._is_told:
            self._is_told = True
            self.refused("", "", status)
        await super().push(status)  # type: ignore[type-var]
        if self._is_leaving and self.transport is not None:
            self.transport.close()

    def refused(self, sender: str, recipient: str, line: str) -> None:
        """Tell who follows the mail of one that was refused before it came."""
        follower = self._witness.follower
        if follower is not None:
            code, _, words = line.partition(" ")
            reply = int(code), words
            follower.followed(sender, recipient, b"", reply, secured=self._is_secured)

    @property
    def _is_secured(self) -> bool | None:
        return None if self.tls_context is None else self._tls_protocol is not None

    def _timeout_cb(self) -> None:
        self.dismiss(_SLOW)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802 (the name of the command)
        """Tell nobody whose mailboxes there are."""
        del arg
        await self.push("252 2.5.2 send the mail to know")

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 (the name of the command)
        """Take no password."""
        del arg
        await self.push("502 5.5.1 not here")

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 (the name of the command)
        """Begin TLS in the loop's own way, and begin the conversation again."""
        if arg or self.tls_context is None or self._tls_protocol is not None:
            await self.push("503 5.5.1 not now" if self.tls_context else "454 4.7.0 no TLS here")
            return
        if self._reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001 (RFC 3207, 4: nothing behind)
            self.dismiss_soon()
            await self.push("501 5.5.4 something follows STARTTLS before its answer")
            return
        await self.push("220 2.0.0 ready")
        plain = cast("asyncio.Transport", self.transport)
        try:
            secured = await self.loop.start_tls(
                plain,
                self,
                self.tls_context,
                server_side=True,
                ssl_handshake_timeout=self._bounds.idle_seconds,
            )
        except (OSError, asyncio.IncompleteReadError):
            plain.abort()
            return
        if secured is not None:
            self._go_on(plain, secured)

    def _go_on(self, plain: asyncio.Transport, secured: asyncio.Transport) -> None:
        """Forget what was said in clear (RFC 3207, 4.2)."""
        self._original_transport = plain
        # aiosmtpd looks here to know whether TLS began.
        self._tls_protocol = cast("SSLProtocol", secured)
        self.transport = secured
        self._reader._transport = secured  # type: ignore[attr-defined]  # noqa: SLF001 (as aiosmtpd does)
        self._writer._transport = secured  # type: ignore[attr-defined]  # noqa: SLF001
        self._over_ssl = True
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self.session = self._create_session()
        self.session.ssl = {}
        if self.domains is not None:
            self.domains = _domains_of(secured.get_extra_info("peercert"))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (the name of the command)
        """Read a mail, have it taken, and answer."""
        envelope = cast("Envelope", self.envelope)
        if arg or not envelope.mail_from or not envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA stands alone" if arg else "503 5.5.1 to whom?")
            return
        await self.push("354 end with <CR><LF>.<CR><LF>")
        self._reset_timeout(self._bounds.data_seconds)
        started, size = perf_counter(), 0
        try:
            body = await self._body()
            started, size = perf_counter(), len(body)
            reply = await self._taken(envelope, body)
        except MailRefused as refused:
            reply = refused.reply
            self._is_leaving |= refused.closes
        self._witness.answered(reply, perf_counter() - started, size)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        self._reset_timeout()
        await self.push(reply.line)

    async def _taken(self, envelope: Envelope, body: bytes) -> Reply:
        if (b"\n" + body[:_HEADERS].lower()).count(_PASSED) > self._bounds.hops:
            return _LOOPS
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        sender, ins = envelope.mail_from or "", envelope.rcpt_tos[0]
        self.is_answering = True
        try:
            return await self._answer(Received(sender, ins, body, self.domains))
        except Exception as error:  # noqa: BLE001 (whatever it is, the sender sends again later)
            self._witness.failed(error)
            return _FAULT
        finally:
            self.is_answering = False

    async def _answer(self, received: Received) -> Reply:
        """Have a mail taken; who follows the mail is told, and may answer it."""
        follower = self._witness.follower
        if follower is None:
            return await self._intake.take(received)
        whole = received.sender, f"{received.ins}@{PATIENTS}", received.body
        told = follower.answer_for(*whole)
        reply = await self._intake.take(received) if told is None else Reply(*told)
        follower.followed(*whole, (reply.code, reply.text), secured=self._is_secured)
        return reply

    async def _body(self) -> bytes:
        """Return a mail, within what all mails may weigh together.

        Raises:
            MailRefused: It is not taken.
        """
        receiving, traffic, weighed = Receiving(self._bounds.message_bytes), self._traffic, 0
        try:
            while True:
                piece = await self._reader.read(_PIECE)
                if not piece:
                    raise MailRefused(_CUT, closes=True)
                body = receiving.take(piece)
                if body is not None:
                    return body
                traffic.waiting_bytes += receiving.weighs - weighed
                weighed = receiving.weighs
                if traffic.waiting_bytes > self._bounds.waiting_bytes:
                    raise MailRefused(_FULL, closes=True)
        finally:
            traffic.waiting_bytes -= weighed


def _domains_of(certificate: Mapping[str, object] | None) -> frozenset[str]:
    """Return the domains that a certificate answers for; none without one."""
    names = cast("Iterable[tuple[str, str]]", (certificate or {}).get("subjectAltName", ()))
    return frozenset(name.lower() for kind, name in names if kind == "DNS")
