"""Erasure: on request within three months, or when the archive ends after ten years.

Sources: CSP art. R. 1111-36; official application (message at the end, not activable meanwhile).
Reading: an erasure that ends late is late, not refused: `duties` names it (decision 0016).
"""

from dataclasses import dataclass
from datetime import datetime

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless, refuse_unless_decides
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State

_T14 = TRANSITIONS["T14"]
_T15 = TRANSITIONS["T15"]
_T16 = TRANSITIONS["T16"]
_T19 = TRANSITIONS["T19"]


@dataclass(frozen=True, slots=True)
class RequestErasure(Command):
    """Ask for the erasure of a closed space while its archive lasts (T14)."""


@handles(RequestErasure)
@enforces("LIF-13")
def request_erasure(register: Register, person: Person, command: RequestErasure) -> Outcome:
    """Record the request; the limit to carry it out runs from now."""
    refusal = refuse_unless_decides(register, person, command.actor, command.at)
    if refusal is not None:
        return refusal
    ends_at = archive_ends_at(register, person)
    if person.state is not State.CLOSED_ARCHIVED or ends_at is None:
        return Refusal("LIF-13", "NOTHING_TO_ERASE", command.ins, (person.state.value,))
    if command.at >= ends_at:
        return Refusal("LIF-12", "ARCHIVE_ENDED", command.ins, (ends_at,))
    person.kept().erasure_asked_at = command.at
    register.move(person, _T14, command.at)
    return ACCEPTED


def archive_ends_at(register: Register, person: Person) -> datetime | None:
    """Return when the archive of a closed space ends (UTC), or None when there is none."""
    if person.dossier is None or person.dossier.closed_at is None:
        return None
    return register.parameters.archive.after(person.dossier.closed_at)


def erasure_due_at(register: Register, person: Person) -> datetime | None:
    """Return when the erasure asked for must be done (UTC), or None when none was asked for."""
    if person.dossier is None or person.dossier.erasure_asked_at is None:
        return None
    return register.parameters.erasure_limit.after(person.dossier.erasure_asked_at)


@dataclass(frozen=True, slots=True)
class StartErasure(Command):
    """Start the erasure that was asked for (T15)."""


@handles(StartErasure)
def start_erasure(register: Register, person: Person, command: StartErasure) -> Outcome:
    """Start erasing: from now on nothing is activable until the end."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    if person.state is not State.DELETION_REQUESTED:
        return Refusal("LIF-13", "NOTHING_TO_ERASE", command.ins, (person.state.value,))
    register.move(person, _T15, command.at)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure carried out.

    Attributes:
        asked_at: When it was asked for (UTC).
        done_at: When it ended (UTC).
        due_at: When it had to be done (UTC).
    """

    asked_at: datetime
    done_at: datetime
    due_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether the limit had passed."""
        return self.done_at > self.due_at


@dataclass(frozen=True, slots=True)
class FinishErasure(Command):
    """End the erasure (T16)."""


@handles(FinishErasure)
@enforces("LIF-13", "LIF-16")
def finish_erasure(register: Register, person: Person, command: FinishErasure) -> Outcome:
    """Erase everything and tell the former holder; answer the `Erasure`."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM, ActorKind.INSURER)
    if refusal is not None:
        return refusal
    due_at = erasure_due_at(register, person)
    asked_at = None if person.dossier is None else person.dossier.erasure_asked_at
    if person.state is not State.DELETION_RUNNING or due_at is None or asked_at is None:
        return Refusal("LIF-13", "NOTHING_TO_ERASE", command.ins, (person.state.value,))
    _empty(person)
    register.tell(person, "DELETION_DONE", command.ins, command.at)
    register.move(person, _T16, command.at)
    return Accepted(Erasure(asked_at, command.at, due_at))


def _empty(person: Person) -> None:
    """Erase what the space held, consents and blocks included."""
    dossier = person.kept()
    dossier.undescribed = 0
    dossier.legacy_documents = None
    dossier.closed_at = None
    dossier.erasure_asked_at = None
    dossier.choices = None
    dossier.terms = ""
    person.holdings = None


@dataclass(frozen=True, slots=True)
class EndArchive(Command):
    """Erase an archive whose ten years are over (T19)."""


@handles(EndArchive)
@enforces("LIF-12")
def end_archive(register: Register, person: Person, command: EndArchive) -> Outcome:
    """Erase the archive, not before its end; a dead person's state stays what it is."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    ends_at = archive_ends_at(register, person)
    if ends_at is None or person.state not in (State.CLOSED_ARCHIVED, State.DECEASED):
        return Refusal("LIF-12", "NO_ARCHIVE", command.ins, (person.state.value,))
    if command.at < ends_at:
        return Refusal("LIF-12", "ARCHIVE_RUNNING", command.ins, (ends_at,))
    _empty(person)
    if person.state is State.CLOSED_ARCHIVED:
        register.move(person, _T19, command.at)
    return ACCEPTED
