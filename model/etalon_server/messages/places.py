"""Where what belongs to messages stands, beside commands."""

from datetime import datetime

from etalon_server.contents import key_of


def mail_id_key(ins: str, sender: str, at: datetime) -> bytes:
    """Return what the identifier of the mail that a message came or left as is kept under.

    Args:
        ins: Whose mailbox the message is in.
        sender: Address it came from, as the message says it.
        at: When it came or left (UTC), as the message says it.
    """
    return key_of("mail-id", ins, sender, at.isoformat())
