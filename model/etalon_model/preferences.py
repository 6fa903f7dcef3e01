"""Preferences of notification: what a holder does not want to be told.

The preferences stand in `data/notification_preferences.csv`, each with the codes it silences.
Notices of access are a legal duty and cannot be switched off.

Source: official application. Reading: whatever no preference names is always sent, and every
preference is on until it is switched off (the defaults of the real service are not known).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from etalon_model.access import refuse_operation
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.tables import rows_of


class Preference(StrEnum):
    """What can be wanted or not; the last one cannot."""

    MESSAGE = "NOTIF_MESSAGE"
    DOCUMENT = "NOTIF_DOCUMENT"
    APPOINTMENT = "NOTIF_APPOINTMENT"
    SCREENING = "NOTIF_DEPISTAGE"
    SYNCHRONIZED_SERVICE = "NOTIF_SYNCHRONIZED_SERVICE"
    ACCESS = "NOTIF_ACCESS"


SWITCHABLE: Final = frozenset(
    Preference(row["preference"])
    for row in rows_of("notification_preferences.csv")
    if row["switchable"] == "yes"
)
"""Those that may be switched off."""


@dataclass(frozen=True, slots=True)
class SetPreference(Command):
    """Switch a kind of notification on or off.

    Attributes:
        preference: Which kind.
        wanted: Whether it is to be sent.
    """

    preference: Preference
    wanted: bool

    def detail(self) -> str:
        """Return the preference."""
        return self.preference.value


@handles(SetPreference)
@enforces("MSG-08")
def set_preference(register: Register, person: Person, command: SetPreference) -> Outcome:
    """Keep the choice; what the law has told is told whatever the choice."""
    refusal = refuse_operation(register, person, command, "change_preferences")
    if refusal is not None:
        return refusal
    preference = command.preference
    if not command.wanted and preference not in SWITCHABLE:
        return Refusal("ACC-10", "ALWAYS_TOLD", command.ins, (preference.value,))
    dossier = person.kept()
    muted = tuple(other for other in dossier.muted if other != preference.value)
    dossier.muted = muted if command.wanted else (*muted, preference.value)
    return ACCEPTED
