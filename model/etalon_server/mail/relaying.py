"""The way out: from the Maildir to the one relay that was named, never to whom a domain names.

What the relay refuses for good is set aside, what it refuses for now is tried again. Only mailboxes
that were created in this service are written to, unless the operator let all in.

Sources: RFC 5321, 4.5.4.1 (when to send again) and 4.5.5 (no sender); RFC 8098, 3 (a receipt has no
sender).
"""

import asyncio
import smtplib
import ssl
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path
from typing import Final, Literal, NamedTuple

from etalon_model.messaging.correspondents import is_professional_address
from etalon_server.log import Log
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.settings import Relay
from etalon_server.service_host import Host
from etalon_wire.mail.messages import AUTOMATIC_HEADER

Fate = Literal["sent", "later", "never"]

_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 300.0
_TIMEOUT_SECONDS: Final = 30.0
_FOR_GOOD: Final = 500


class Envelope(NamedTuple):
    """Whom a mail comes from and goes to.

    Attributes:
        sender: Address that failures are told to, empty for what a program wrote.
        recipients: Addresses.
    """

    sender: str
    recipients: tuple[str, ...]


def envelope_of(body: bytes) -> Envelope:
    """Return the envelope of a mail that this server wrote."""
    mail = message_from_bytes(body)
    recipients = tuple(address for _, address in getaddresses([str(mail["To"])]))
    sender = "" if mail[AUTOMATIC_HEADER] else str(mail["From"])
    return Envelope(sender, recipients)


class Courier:
    """Takes what waits in the outbox to the relay."""

    __slots__ = ("_host", "_log", "_outbox", "_relay")

    def __init__(self, host: Host, outbox: Outbox, relay: Relay, log: Log | None) -> None:
        self._host, self._outbox, self._relay, self._log = host, outbox, relay, log

    async def run(self, *, real_domains: bool) -> None:
        """Go on until cancelled.

        Args:
            real_domains: Mailboxes that were not created in this service may be written to.
        """
        wait = _FIRST_WAIT_SECONDS
        while True:
            self._outbox.arrived.clear()
            fates = [await self._carried(one, real_domains) for one in self._outbox.waiting()]
            if "later" in fates:
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            else:
                wait = _FIRST_WAIT_SECONDS
                await self._outbox.arrived.wait()

    def may_reach(self, address: str, *, real_domains: bool) -> bool:
        """Whether a mailbox may be written to."""
        known = self._host.service.snapshot(copied=False).register.correspondents
        found = known.get(address)
        if found is not None:
            return found.active
        return real_domains and is_professional_address(address)

    async def _carried(self, file: Path, real_domains: bool) -> Fate:  # noqa: FBT001 (passed on)
        body = await asyncio.to_thread(file.read_bytes)
        asked = envelope_of(body)
        reached = tuple(
            one for one in asked.recipients if self.may_reach(one, real_domains=real_domains)
        )
        fate: Fate = "never"
        if reached:
            envelope = Envelope(asked.sender, reached)
            fate = await asyncio.to_thread(handed_over, self._relay, envelope, body)
        if fate != "later":
            self._outbox.sent(file, "S" if fate == "sent" else "T")
        if self._log is not None:
            withheld = len(asked.recipients) - len(reached)
            self._log.event("mail_out", fate=fate, withheld=withheld, bytes=len(body))
        return fate


def handed_over(relay: Relay, envelope: Envelope, body: bytes) -> Fate:
    """Hand a mail to the relay, over TLS where it offers that; say what became of it."""
    try:
        with smtplib.SMTP(relay.host, relay.port, timeout=_TIMEOUT_SECONDS) as way:
            way.ehlo_or_helo_if_needed()
            if way.has_extn("starttls"):
                way.starttls(context=_opportunistic())
            way.sendmail(envelope.sender or "<>", envelope.recipients, body)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        return "never" if all(code >= _FOR_GOOD for code in codes) else "later"
    except smtplib.SMTPResponseException as refused:
        return "never" if refused.smtp_code >= _FOR_GOOD else "later"
    except (OSError, smtplib.SMTPException):
        return "later"
    return "sent"


def _opportunistic() -> ssl.SSLContext:
    """Return settings that hide what is sent, and ask no proof of a relay that was named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
