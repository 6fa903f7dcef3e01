"""Where what came by mail stands: files of messages, marks of what was taken and of what leaves.

All are digests, so that no index of a file holds a matricule or an address.
"""

import re
from datetime import datetime
from typing import Final

from etalon_server.contents import key_of
from etalon_wire.mail.messages import PATIENTS

_OURS: Final = re.compile(
    r"<([1-9]\d{0,8})\.(\d{1,20})\.([0-9a-f]{32})@" + re.escape(PATIENTS) + ">"
)


def attachment_key(ins: str, sha1: str) -> bytes:
    """Return what a file attached to a message of a space is kept under."""
    return key_of("attachment", ins, sha1)


def taken_key(ins: str, sender: str, message_id: str, digest: str) -> bytes:
    """Return what tells that a mail was taken: the same one, sent again, is not taken twice."""
    return key_of("mail", ins, sender, message_id, digest)


def leaving_key(name: str) -> bytes:
    """Return what tells that the command was accepted with which a mail leaves."""
    return key_of("leaving", name)


def message_id(ins: str, thread: int, at: datetime) -> str:
    """Return the identifier of a mail that a space sends; it tells us its conversation.

    Args:
        ins: Whose space it is.
        thread: Number of the conversation.
        at: When it is sent (UTC).
    """
    instant = f"{round(at.timestamp() * 1_000_000)}"
    return f"<{thread}.{instant}.{_mark(ins, str(thread), instant)}@{PATIENTS}>"


def thread_named(ins: str, answered: str) -> int:
    """Return the conversation that a mail answered is in, 0 where the space did not send it."""
    found = _OURS.fullmatch(answered)
    if found is None or found[3] != _mark(ins, found[1], found[2]):
        return 0
    return int(found[1])


def _mark(ins: str, thread: str, instant: str) -> str:
    return key_of("sent", ins, thread, instant).hex()
