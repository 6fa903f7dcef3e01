"""Who writes to citizens: professional mailboxes, and the address of a space.

Sources: draft guide of the ANS on mailboxes (types, immutable address and type, red list),
specification of the ANS in HL7v2 (address of a citizen).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from etalon_model.rules import enforces
from etalon_model.tables import rows_of

TRUST_SPACE: Final = ".mssante.fr"
"""How the domain of every address of the trust space ends."""

_CITIZENS: Final = "@patient.mssante.fr"


class MailboxType(StrEnum):
    """The four types of professional mailbox; a citizen's is a type of its own."""

    PER = "PER"
    ORG = "ORG"
    APP = "APP"
    CAB = "CAB"


BEARERS: Final = {
    MailboxType(row["code"]): row["bearer"]
    for row in rows_of("mailbox_types.csv")
    if row["code"] in set(MailboxType)
}
"""Whether a professional or a structure bears each type."""

SENDS_ONLY: Final = frozenset(
    MailboxType(row["code"])
    for row in rows_of("mailbox_types.csv")
    if row["writes_to_citizens"] == "sends only"
)
"""Types that nobody answers."""


@enforces("MSG-01")
def address_of(ins: str) -> str:
    """Return the address of the mailbox of the space of `ins`."""
    return ins + _CITIZENS


def is_professional_address(address: str) -> bool:
    """Whether an address is of the trust space and not a citizen's."""
    name, _, domain = address.rpartition("@")
    return (
        bool(name)
        and "@" not in name
        and ("." + domain).endswith(TRUST_SPACE)
        and not address.endswith(_CITIZENS)
    )


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A professional mailbox.

    Attributes:
        address: Its address.
        type: Its type.
        bearer: National identifier of whoever bears it.
        pharmacy: It is that of a pharmacy.
        red_listed: It is not published.
        active: It still stands in the directory.
    """

    address: str
    type: MailboxType
    bearer: str
    pharmacy: bool = False
    red_listed: bool = False
    active: bool = True
