"""How a professional comes to a record: in the course of care, or in an emergency.

Sources: CSP art. L. 1111-17 (consent, emergency), R. 1111-46; proof of concept of Pro Santé
Connect (claim of a regulator). The words of these modes on the wire are gap G11.
"""

from dataclasses import dataclass
from enum import StrEnum


class AccessMode(StrEnum):
    """The mode a professional declares when reading."""

    NORMAL = "normal"
    BREAK_GLASS = "break_glass"
    SAMU = "samu"


class AuthorisationStatus(StrEnum):
    """What a professional is told about their own right to read (TD0.2)."""

    VALID = "valid"
    NONE = "none"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The answer to a professional who asks whether they may read (TD0.2).

    Attributes:
        exists: There is an open record to read.
        status: Where the professional stands.
        attending_doctor: The professional is the attending doctor declared to the insurer.
    """

    exists: bool
    status: AuthorisationStatus
    attending_doctor: bool
