"""What an agenda holds, and the limits of its texts.

Sources: CSP art. R. 1111-27 (content of the agenda), official application (states, limits),
guide of the ANS on shared agendas (statuses of an appointment).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from etalon_model.actors import Actor, ActorKind
from etalon_model.outcomes import Refusal
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

LIMITS: Final = {row["limit"]: int(row["value"]) for row in rows_of("agenda_limits.csv")}
"""Most reminders a day, longest texts (characters)."""

HOLDER_SIDE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
"""Who writes in an agenda from inside the space."""


class AppointmentState(StrEnum):
    """How far an appointment has come, in the words of the official application."""

    PROPOSED = "PROPOSED"
    PENDING = "PENDING"
    BOOKED = "BOOKED"
    ARRIVED = "ARRIVED"
    CHECKED_IN = "CHECKED_IN"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"
    NOSHOW = "NOSHOW"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    WAITLIST = "WAITLIST"


class PreventionState(StrEnum):
    """What is known of a prevention item."""

    TO_PLAN = "TO_PLAN"
    NOT_SPECIFIED = "NOT_SPECIFIED"
    DONE = "DONE"
    NOT_DONE = "NOT_DONE"


@dataclass(frozen=True, slots=True)
class SlotName:
    """What tells a slot of a schedule from all others.

    Attributes:
        editor: Identifier of the editor who keeps the schedule.
        schedule: Number of the schedule.
        starts_at: When the slot starts (UTC).
        offer: Rank of its service in the schedule, -1 where that names none.
    """

    editor: str
    schedule: int
    starts_at: datetime
    offer: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment, past or future.

    Attributes:
        identifier: Identifier given by its author, unique in the agenda.
        author: Who wrote it; an editor's appointment is read-only in the space.
        starts_at: When it starts (aware).
        title: What it is.
        note: What the author added.
        state: How far it has come.
        ends_at: When it ends (aware), or None when that is not said.
        slots: The slots it is given.
        revision: How many times it was written.
    """

    identifier: str
    author: Actor
    starts_at: datetime
    title: str
    note: str
    state: AppointmentState
    ends_at: datetime | None = None
    slots: tuple[SlotName, ...] = ()
    revision: int = 1

    @property
    def is_read_only(self) -> bool:
        """Whether it came from outside the space."""
        return self.author.kind not in HOLDER_SIDE


@dataclass(frozen=True, slots=True)
class Reminder:
    """A personal reminder.

    Attributes:
        number: Its number in the agenda, from 1.
        author: Who wrote it.
        due_on: The day it is due, in Paris.
        title: What to remember.
        comment: More about it.
    """

    number: int
    author: Actor
    due_on: date
    title: str
    comment: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody declared about a prevention item.

    Attributes:
        state: Done or not done.
        executed_on: The day it was done, or None.
    """

    state: PreventionState
    executed_on: date | None


@dataclass(slots=True)
class Agenda:
    """The agenda of one space; prevention items are computed, only what was declared is kept.

    Attributes:
        appointments: By identifier.
        reminders: By number.
        reminders_made: How many reminders were ever made.
        declarations: By key of the prevention item (`SCR_BREAST.1`).
        told: Identifiers of the appointments already announced.
        reminded: Numbers of the reminders already announced.
        invited_until_on: Last day whose prevention items were announced, or None.
    """

    appointments: dict[str, Appointment] = field(default_factory=dict[str, Appointment])
    reminders: dict[int, Reminder] = field(default_factory=dict[int, Reminder])
    reminders_made: int = 0
    declarations: dict[str, Declaration] = field(default_factory=dict[str, Declaration])
    told: set[str] = field(default_factory=set[str])
    reminded: set[int] = field(default_factory=set[int])
    invited_until_on: date | None = None


@enforces("AGD-07")
def refuse_text(ins: str, title: str, comment: str) -> Refusal | None:
    """Refuse a title that is missing or too long, and a comment that is too long."""
    longest = LIMITS["title"]
    if not 1 <= len(title) <= longest:
        return Refusal("AGD-07", "TITLE_LENGTH", ins, (len(title), longest))
    longest = LIMITS["comment"]
    if len(comment) > longest:
        return Refusal("AGD-07", "COMMENT_TOO_LONG", ins, (len(comment), longest))
    return None
