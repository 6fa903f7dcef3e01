"""Notifications: what the service tells people about the life cycle and delegations.

Codes, recipients and carriers stand in `data/notifications.csv`; those in capitals and French
are event codes of the official application.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.tables import rows_of


@dataclass(frozen=True, slots=True)
class Notification:
    """Something the service told somebody.

    Attributes:
        at: When (UTC).
        code: Its code in `data/notifications.csv`.
        ins: The person it is about.
        to: Matricule of whom it was sent to.
    """

    at: datetime
    code: str
    ins: str
    to: str


NOTIFICATION_CODES: Final = {row["code"]: row["code"] for row in rows_of("notifications.csv")}
"""The codes of the table, each under itself: an unknown code is a KeyError."""

PREFERENCE_OF: Final = {
    code: row["preference"]
    for row in rows_of("notification_preferences.csv")
    for code in row["codes"].split("|")
}
"""The preference that may silence a code; the other codes are always sent."""
