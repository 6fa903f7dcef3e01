"""Mailboxes of test professionals: each bears one from the moment the sandbox names them."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Final

from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.professionals import Professional
from etalon_server.service_host import Host

DOMAIN: Final = "etalon-test.mssante.fr"
"""Under what addresses of test mailboxes end, so that they are nobody's."""

_DOMAINS: Final = {
    "doctor": "medecin",
    "dentist": "chirurgien-dentiste",
    "midwife": "sage-femme",
    "pharmacist": "pharmacien",
    "nurse": "infirmier",
    "physiotherapist": "masseur-kinesitherapeute",
    "podiatrist": "pedicure-podologue",
}
"""First labels of the domains of professions; others share one."""

_SHARED: Final = "pro"
_PHARMACY: Final = "pharmacist"
_SHOWN_MOST: Final = 1000


def mailbox_of(who: Professional) -> str:
    """Return the address of the mailbox of a test professional."""
    return f"{who.rpps}@{_DOMAINS.get(who.profession, _SHARED)}.{DOMAIN}"


async def publish_mailboxes(host: Host, named: Sequence[Professional]) -> list[str]:
    """Publish the mailbox of each professional; return the addresses, in their order.

    That of a pharmacist is that of a pharmacy, to which anybody may write first (MSG-03). One that
    stands already stays as its bearer left it.
    """
    known = host.service.snapshot(copied=False).register.correspondents
    addresses = [mailbox_of(who) for who in named]
    at = host.clock.now()
    commands = [
        PublishMailbox(at, who.actor(), "", address, MailboxType.PER, who.profession == _PHARMACY)
        for who, address in zip(named, addresses, strict=True)
        if address not in known
    ]
    await asyncio.gather(*(host.write(one) for one in commands))
    return addresses


def mailboxes_of(host: Host) -> list[str]:
    """Return the addresses of the mailboxes that were created here, the first thousand of them."""
    known = host.service.snapshot(copied=False).register.correspondents
    return list(islice(known, _SHOWN_MOST))
