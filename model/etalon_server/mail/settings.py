"""What a server is told of mail at its start: where it listens, where mail goes, how much of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etalon_server.listening import Tls
    from etalon_server.mail.following import Follower


@dataclass(frozen=True, slots=True)
class Relay:
    """The one server that mail leaves by.

    Attributes:
        host: Its name or address.
        port: Its port.
    """

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class MailBounds:
    """How much one sender may ask for, so that no sender takes what all need.

    Attributes:
        message_bytes: Most bytes of a mail, encodings and all.
        text_characters: Most characters of what is written in a mail.
        waiting_bytes: Most bytes of all mails that are being received.
        connections: Most connections at once.
        idle_seconds: How long a sender may take for one command.
        data_seconds: How long a sender may take for one mail.
        transactions: Most mails over one connection.
        refused_recipients: How many recipients may be refused before the connection is closed.
        hops: Most servers that a mail came through.
    """

    message_bytes: int = 14 * 1024 * 1024
    text_characters: int = 1024 * 1024
    waiting_bytes: int = 256 * 1024 * 1024
    connections: int = 128
    idle_seconds: float = 60.0
    data_seconds: float = 120.0
    transactions: int = 10_000
    refused_recipients: int = 10
    hops: int = 50


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail comes and goes.

    Attributes:
        port: Port to listen on; 0 for one that is free.
        maildir: Folder of what leaves.
        relay: The server that it leaves by, or None to have it stay there.
        real_domains: Mailboxes that were not created in this service may be written to.
        bounds: How much one sender may ask for.
        tls: Certificates of mail alone; those of the endpoint when None.
        follower: Who follows the mail that comes, or None.
    """

    port: int
    maildir: Path
    relay: Relay | None = None
    real_domains: bool = False
    bounds: MailBounds = field(default_factory=MailBounds)
    tls: "Tls | None" = None
    follower: "Follower | None" = None
