"""The post of a target: where mails are given to it, and where those that leave it are found.

Sources: RFC 5321 (SMTP), RFC 3207 (STARTTLS), D. J. Bernstein, Maildir.
"""

import smtplib
import ssl
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path
from typing import Final

_FOLDERS: Final = ("new", "cur")
_LOOKED_AGAIN_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a server said of a mail.

    Attributes:
        code: Code of SMTP; 0 when there was no answer.
        text: Its words, or why there was none.
    """

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """How mail goes to a target, and how it comes from there.

    Attributes:
        host: Where it listens.
        port: On which port.
        maildir: Folder into which what leaves is written, or that a mailbox is copied to; None
            where nobody sees what leaves.
        seconds: How long one conversation may last.
        patience: How long what is to leave is waited for (seconds).
        tls: Whom to trust and which certificate to show, where the server offers STARTTLS.
    """

    host: str
    port: int
    maildir: Path | None = None
    seconds: float = 30.0
    patience: float = 5.0
    tls: ssl.SSLContext | None = None

    def deliver(self, sender: str, recipient: str, body: bytes) -> Delivered:
        """Give a mail to the server, under TLS where it offers that."""
        try:
            return self._delivered(sender, recipient, body)
        except smtplib.SMTPResponseException as error:
            return Delivered(error.smtp_code, _words(error.smtp_error))
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return Delivered(code, _words(said))
        except (OSError, smtplib.SMTPException) as error:
            return Delivered(0, f"{type(error).__name__}: {error}")

    def _delivered(self, sender: str, recipient: str, body: bytes) -> Delivered:
        with smtplib.SMTP(self.host, self.port, timeout=self.seconds) as server:
            server.ehlo()
            if server.has_extn("starttls") and self.tls is not None:
                server.starttls(context=self.tls)
                server.ehlo()
            for code, said in (server.mail(sender), server.rcpt(recipient)):
                if code not in {250, 251}:
                    return Delivered(code, _words(said))
            code, said = server.data(body)
            return Delivered(code, _words(said))

    def received(self, address: str, answering: str) -> list[bytes]:
        """Return the mails to an address that answer another, waiting for the first of them.

        Args:
            address: To whom they go.
            answering: Identifier of the mail that they answer, between angle brackets.
        """
        ends_at = time.monotonic() + self.patience
        while True:
            found = [one for one in self._mails() if _is_answer(one, address, answering)]
            if found or time.monotonic() >= ends_at:
                return found
            time.sleep(_LOOKED_AGAIN_SECONDS)

    def _mails(self) -> list[bytes]:
        """Return what lies in the folder, oldest first."""
        if self.maildir is None:
            return []
        files = [
            (file.stat().st_mtime_ns, file)
            for name in _FOLDERS
            if (self.maildir / name).is_dir()
            for file in (self.maildir / name).iterdir()
            if file.is_file()
        ]
        return [file.read_bytes() for _, file in sorted(files)]


def _is_answer(body: bytes, address: str, answering: str) -> bool:
    mail = message_from_bytes(body)
    recipients = {one.lower() for _, one in getaddresses(mail.get_all("To", []))}
    return address.lower() in recipients and answering in str(mail.get("In-Reply-To", ""))


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
