"""Duties: what the insurer must have done by an instant, and has not.

A duty missed is no refusal, since doing it late is better than never: it is named here, so that
a harness can hold it against whoever missed it (decision 0016).

Sources: CSP art. R. 1111-36 (erasure within three months, archive of ten years, suspension);
regional agency of Occitanie (weekly batches of newcomers).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from etalon_model.erasure import archive_ends_at, erasure_due_at
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.states import State
from etalon_model.suspension import suspension_ends_at


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


@enforces("LIF-12", "LIF-13", "LIF-24", "LIF-27")
def duties(register: Register, person: Person) -> Iterator[Duty]:
    """Yield what is due to `person` from their present state, whenever it is due."""
    state = person.state
    dossier = person.dossier
    if dossier is None:
        return
    ins = person.identity.ins
    if state is State.NOT_NOTIFIED and dossier.newcomer:
        due_at = register.parameters.newcomer_batch.after(person.since)
        yield Duty("LIF-27", ins, due_at, "SendNotice")
    if state in (State.DELETION_REQUESTED, State.DELETION_RUNNING):
        due = erasure_due_at(register, person)
        if due is not None:
            yield Duty("LIF-13", ins, due, "FinishErasure")
    if state in (State.CLOSED_ARCHIVED, State.DECEASED):
        due = archive_ends_at(register, person)
        if due is not None:
            yield Duty("LIF-12", ins, due, "EndArchive")
    if state is State.SUSPENDED:
        due = suspension_ends_at(register, person)
        if due is not None:
            yield Duty("LIF-24", ins, due, "CloseSuspended")
