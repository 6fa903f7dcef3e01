"""Addresses of what a mailbox holds: conversations, messages, drafts and their attachments.

An `id` begins with the key of the record, as all that a space holds does; then a letter, the number
of the conversation or of the draft, the rank of the message in it and that of the attachment, both
from 1 and as they are stored, so that an address leads to the same thing whoever reads.
"""

import re
from dataclasses import dataclass
from typing import Final

from etalon_wire.records.addresses import key_of, record_key

_PLACE: Final = re.compile(r"([cb])([0-9a-f]{5})([0-9a-f]{4})([0-9a-f]{2})")
_KEY: Final = len("00000000-0000-0000-0000-")
_CONVERSATION: Final = "c"
_DRAFT: Final = "b"
_BASE: Final = 16
ATTACHMENTS_MOST: Final = 100
"""Most attachments of one message."""


@dataclass(frozen=True, slots=True)
class MailPlace:
    """What an address of a mailbox names.

    Attributes:
        number: Number of the conversation or of the draft.
        message: Rank of the message, from 1; 0 for the conversation itself, and for a draft.
        attachment: Rank of the attachment, from 1; 0 for none.
        is_draft: It is of a draft.
    """

    number: int
    message: int = 0
    attachment: int = 0
    is_draft: bool = False


def mail_id(ins: str, place: MailPlace) -> str:
    """Return the `id` of something in the mailbox of the space of `ins`."""
    letter = _DRAFT if place.is_draft else _CONVERSATION
    ranks = f"{place.number:05x}{place.message:04x}{place.attachment:02x}"
    return f"{record_key(ins)}-{letter}{ranks}"


def mail_place(resource_id: str) -> MailPlace | None:
    """Return what an `id` names in a mailbox, None for any other `id`."""
    found = _PLACE.fullmatch(resource_id[_KEY:]) if key_of(resource_id) else None
    if found is None:
        return None
    number, message, attachment = (int(one, _BASE) for one in found.groups()[1:])
    return MailPlace(number, message, attachment, is_draft=found[1] == _DRAFT)
