"""Where what belongs to messages stands, beside commands."""

from datetime import datetime

from etalon_server.contents import key_of


def received_key(ins: str, sender: str, at: datetime) -> bytes:
    """Return what the identifier of a mail that came is kept under.

    Args:
        ins: Whose mailbox it came to.
        sender: Address it came from, as the message says it.
        at: When it came (UTC), as the message says it.
    """
    return key_of("received", ins, sender, at.isoformat())
