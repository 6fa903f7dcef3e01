"""What `etalon serve` was asked of mail, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_cli.whole_numbers import whole_number

if TYPE_CHECKING:
    from argparse import Namespace

_HIGHEST_PORT: Final = 65_535
_FOLDER: Final = "maildir"
_RELAY: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+)):(?P<port>\d{1,5})"
)


@dataclass(frozen=True, slots=True)
class MailAsked:
    """What was asked of mail.

    Attributes:
        port: Port to listen on; 0 for a free one.
        maildir: Folder of what leaves, or None for one that ends with the process.
        relay: Name and port of the server that it leaves by, or None to have it stay there.
        real_domains: Mailboxes that were not created here may be written to.
    """

    port: int
    maildir: Path | None
    relay: tuple[str, int] | None
    real_domains: bool


def mail_asked_for(options: Namespace) -> MailAsked | None:
    """Read the options of mail; None where no mail is asked for.

    Raises:
        Stopped: One of them cannot be what it says, or does not go with the others.
    """
    alone = {"--maildir": options.maildir, "--relay": options.relay}
    alone["--allow-real-domains"] = options.allow_real_domains
    if options.smtp_port is None:
        for option, given in alone.items():
            if given:
                raise because(reason="serve_alone", option=option, missing="--smtp-port")
        return None
    if options.allow_real_domains and not options.relay:
        raise because(reason="serve_alone", option="--allow-real-domains", missing="--relay")
    maildir = Path(options.maildir) if options.maildir else None
    if maildir is None and options.data:
        maildir = Path(options.data) / _FOLDER
    port = whole_number("--smtp-port", options.smtp_port, 0, 0, _HIGHEST_PORT)
    return MailAsked(port, maildir, _relay(options.relay), bool(options.allow_real_domains))


def _relay(typed: str | None) -> tuple[str, int] | None:
    if not typed:
        return None
    found = _RELAY.fullmatch(typed)
    if found is None or not 0 < int(found["port"]) <= _HIGHEST_PORT:
        raise because(reason="serve_relay", found=typed)
    return found["six"] or found["name"], int(found["port"])
