"""Where mail is received: a socket in the loop of the server, until it stops."""

import asyncio
import logging
import socket
import ssl
from typing import Final

from etalon_server.exchange import Desk
from etalon_server.log import Log
from etalon_server.mail.failures import MailPortError
from etalon_server.mail.intake import Intake, Reply
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.relaying import Courier
from etalon_server.mail.session import Conversation, Traffic, Witness
from etalon_server.mail.settings import MailSettings

INTERACTION: Final = "smtp_data"
"""What mails count as, in the metrics of the server."""

_BACKLOG: Final = 256
_LIBRARY: Final = "mail.log"
_LOOKED_AT_SECONDS: Final = 0.02


class MailServer:
    """What receives mail, and what has it leave.

    Attributes:
        address: Where it is reached, `host:port`; empty before it listens.
        outbox: What leaves.
    """

    def __init__(
        self,
        desk: Desk,
        settings: MailSettings,
        host: str,
        tls: ssl.SSLContext | None = None,
        log: Log | None = None,
    ) -> None:
        """Bind the port and open the folder; nothing is received before `start`.

        Args:
            desk: What mails are taken with.
            settings: What was asked.
            host: Address of an interface.
            tls: Certificates; with them, TLS comes before any mail.
            log: Where answers and faults are told, or None.

        Raises:
            MailPortError: Nothing can listen there.
            OutboxError: The folder of what leaves cannot be written.
        """
        self.address = ""
        self._desk, self._settings, self._tls, self._log = desk, settings, tls, log
        self.outbox = Outbox(settings.maildir, durable=desk.host.directory is not None)
        self._intake = Intake(desk, self.outbox, settings.bounds)
        self._traffic = Traffic()
        self._server: asyncio.Server | None = None
        self._courier: asyncio.Task[None] | None = None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._listener = socket.create_server((host, settings.port), family=family)
        except OSError as error:
            raise MailPortError(error.errno, error.strerror) from error

    async def start(self) -> None:
        """Listen; what a process that was killed had accepted leaves first.

        Raises:
            OSError: The folder of what leaves cannot be read or written.
        """
        desk, settings = self._desk, self._settings
        # aiosmtpd writes addresses to it.
        logging.getLogger(_LIBRARY).setLevel(logging.CRITICAL + 1)
        self.outbox.settle(desk.contents)
        witness = Witness(self._answered, self._failed, settings.follower)

        def conversation() -> Conversation:
            return Conversation(self._intake, settings.bounds, self._traffic, witness, self._tls)

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(conversation, sock=self._listener, backlog=_BACKLOG)
        host, port, *_ = self._listener.getsockname()
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        desk.outbox, desk.smtp = self.outbox, self.address
        if settings.relay is not None:
            courier = Courier(desk.host, self.outbox, settings.relay, self._log)
            run = courier.run(real_domains=settings.real_domains)
            self._courier = asyncio.create_task(run)

    async def close(self, graceful_seconds: float) -> None:
        """Take no more mails, answer those that are whole, and end the conversations."""
        if self._server is None:
            self._listener.close()
            return
        self._server.close()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + graceful_seconds
        held = self._traffic.conversations
        for one in [one for one in held if not one.is_answering]:
            one.dismiss()
        while any(one.is_answering for one in held) and loop.time() < deadline:  # noqa: ASYNC110 (of many)
            await asyncio.sleep(_LOOKED_AT_SECONDS)
        await self._intake.finish()
        for one in list(held):
            one.dismiss()
        if self._courier is not None:
            self._courier.cancel()
            await asyncio.wait([self._courier])

    def _answered(self, reply: Reply, seconds: float, size: int) -> None:
        self._desk.metrics.count(INTERACTION, reply.code, seconds)
        if self._log is not None:
            took = round(seconds * 1000, 3)
            self._log.event("mail", code=reply.code, milliseconds=took, bytes=size)

    def _failed(self, error: BaseException) -> None:
        if self._log is not None:
            self._log.fault("", error)
