"""The access log: who did what on a space, when, refusals included.

Sources: CSP art. R. 1111-43 (every action is traced), L. 1111-19 (the holder reads the log);
official application (families, kinds of actor, pages of a hundred).
Reading: a refused call leaves a row too (TRC-01, choice of the model).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final, cast

from etalon_model.actors import Actor, ActorKind
from etalon_model.rules import enforces


class Family(StrEnum):
    """The three families of the log."""

    GENERAL = "GENERAL"
    SERVICES = "SERVICE_TIERS"
    DOCUMENTS = "MEDICAL_DOCUMENT"


class LogKind(StrEnum):
    """The kinds of actor the log knows; the list is closed (TRC-03)."""

    PROFESSIONAL = "professional"
    FACILITY = "facility"
    SUPPORT = "support"
    PATIENT = "patient"
    SERVICE = "service"
    SYSTEM = "system"
    ENROLMENT = "enrolment"


_LOG_KINDS: Final = {
    ActorKind.HOLDER: LogKind.PATIENT,
    ActorKind.REPRESENTATIVE: LogKind.PATIENT,
    ActorKind.CAREGIVER: LogKind.PATIENT,
    ActorKind.PROFESSIONAL: LogKind.PROFESSIONAL,
    ActorKind.STRUCTURE: LogKind.FACILITY,
    ActorKind.APP: LogKind.SERVICE,
    ActorKind.SUPPORT: LogKind.SUPPORT,
    ActorKind.INSURER: LogKind.ENROLMENT,
    ActorKind.SYSTEM: LogKind.SYSTEM,
}


@enforces("TRC-03")
def log_kind(kind: ActorKind) -> LogKind:
    """Return the kind under which an actor appears in the log."""
    return _LOG_KINDS[kind]


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, shared by all the rows that say the same.

    Attributes:
        action: Name of the command.
        detail: Channel, route or operation, or an empty string.
        refused: Code of the refusal, or an empty string when accepted.
        family: Family of the log.
    """

    action: str
    detail: str
    refused: str
    family: Family


@cache
def deed_of(action: str, family: Family, detail: str = "", refused: str = "") -> Deed:
    """Return the one deed that has these values."""
    return Deed(action, detail, refused, family)


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the access log.

    Attributes:
        at: Instant of the action (UTC).
        ins: The person whose space it was.
        actor: Who acted, under their own identity (TRC-05).
        deed: What was done or refused.
    """

    at: datetime
    ins: str
    actor: Actor
    deed: Deed

    @property
    def kind(self) -> LogKind:
        """The kind of actor, in the words of the log."""
        return log_kind(self.actor.kind)


# A person's log is kept flat: instant, actor (None for the holder) and deed, row after row.
Entry = datetime | Actor | Deed | None
ENTRY_WIDTH: Final = 3


@enforces("TRC-05")
def rows_of_person(ins: str, entries: list[Entry]) -> tuple[LogRow, ...]:
    """Return the rows kept in `entries`, oldest first."""
    holder = Actor(ActorKind.HOLDER, ins)
    instants = cast("list[datetime]", entries[0::ENTRY_WIDTH])
    actors = cast("list[Actor | None]", entries[1::ENTRY_WIDTH])
    deeds = cast("list[Deed]", entries[2::ENTRY_WIDTH])
    return tuple(
        LogRow(at, ins, actor or holder, deed)
        for at, actor, deed in zip(instants, actors, deeds, strict=True)
    )
