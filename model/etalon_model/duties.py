"""Duties: what the insurer must have done by an instant, and has not.

A duty missed is no refusal, since doing it late is better than never: it is named here, so that
a harness can hold it against whoever missed it (decision 0016).

Sources: CSP art. R. 1111-36 (erasure within three months, archive of ten years, suspension);
regional agency of Occitanie (weekly batches of newcomers).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.catalogue.pairings import list_due_at
from etalon_model.erasure import archive_ends_at, erasure_due_at
from etalon_model.people import Person
from etalon_model.records.hiding import invitation_due_at, release_due_at
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.states import State
from etalon_model.suspension import suspension_ends_at

DueAt = Callable[[Register, Person], datetime | None]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is due.

    Attributes:
        rule: The rule that makes it due.
        ins: The person it is due to.
        due_at: The instant by which it must be done (UTC).
        command: Name of the command that does it.
    """

    rule: str
    ins: str
    due_at: datetime
    command: str


@enforces("LIF-12", "LIF-13", "LIF-24", "LIF-27", "VIS-05", "CAT-12")
def duties(register: Register, person: Person) -> Iterator[Duty]:
    """Yield what is due to `person` from their present state, whenever it is due."""
    for states, rule, due_at_of, command in _DUTIES:
        due_at = due_at_of(register, person) if person.state in states else None
        if due_at is not None:
            yield Duty(rule, person.identity.ins, due_at, command)


def _notice_due_at(register: Register, person: Person) -> datetime | None:
    if person.dossier is None or not person.dossier.newcomer:
        return None
    return register.parameters.newcomer_batch.after(person.since)


_OPEN: Final = (State.OPEN_ACTIVE, State.OPEN_INACTIVE)
_DUTIES: Final[tuple[tuple[tuple[State, ...], str, DueAt, str], ...]] = (
    ((State.NOT_NOTIFIED,), "LIF-27", _notice_due_at, "SendNotice"),
    (
        (State.DELETION_REQUESTED, State.DELETION_RUNNING),
        "LIF-13",
        erasure_due_at,
        "FinishErasure",
    ),
    ((State.CLOSED_ARCHIVED, State.DECEASED), "LIF-12", archive_ends_at, "EndArchive"),
    ((State.SUSPENDED,), "LIF-24", suspension_ends_at, "CloseSuspended"),
    (_OPEN, "VIS-05", invitation_due_at, "InviteToConsult"),
    (_OPEN, "VIS-04", release_due_at, "ReleaseHidden"),
    ((State.OPEN_ACTIVE,), "CAT-12", list_due_at, "SendServiceList"),
)
