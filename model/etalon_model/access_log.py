"""The access log: who did what on a space, when, refusals included.

Sources: CSP art. R. 1111-43 (every action is traced), L. 1111-19 (the holder reads the log);
official application (families, kinds of actor, pages of a hundred).
Readings: a refused call leaves a row too (TRC-01, choice of the model); what memory holds of a
log is its last hundred rows at least, and of older ones those that a rule asks about (decision
0062).
"""

from collections.abc import Iterator
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
RECENT_ROWS: Final = 100
"""How many of the last rows of a person memory always holds."""
RECENT_MOST: Final = 2 * RECENT_ROWS * ENTRY_WIDTH
"""How long a flat log grows before its older half is sifted."""

_TRACE: Final = "RecordTrace"
_CARE: Final = frozenset({ActorKind.PROFESSIONAL, ActorKind.STRUCTURE})


@enforces("TRC-05")
def rows_of_person(ins: str, entries: list[Entry]) -> tuple[LogRow, ...]:
    """Return the rows kept in `entries`, oldest first."""
    holder = Actor(ActorKind.HOLDER, ins)
    return tuple(LogRow(at, ins, actor or holder, deed) for at, actor, deed in _rows(entries))


@dataclass(frozen=True, slots=True)
class Sifted:
    """A log that has grown too long, in three flat parts.

    Attributes:
        asked: Older rows that a rule asks about, which stay in memory.
        others: The other older rows, which leave it.
        recent: The last hundred rows.
    """

    asked: list[Entry]
    others: list[Entry]
    recent: list[Entry]


def sifted(entries: list[Entry]) -> Sifted:
    """Part a log: the holder reports an access however old, and reads what a service did."""
    asked: list[Entry] = []
    others: list[Entry] = []
    for at, actor, deed in _rows(entries[: -RECENT_ROWS * ENTRY_WIDTH]):
        part = asked if actor is not None and _is_asked_about(actor, deed) else others
        part += (at, actor, deed)
    return Sifted(asked, others, entries[-RECENT_ROWS * ENTRY_WIDTH :])


def _is_asked_about(actor: Actor, deed: Deed) -> bool:
    """Whether it is of a service, of somebody who cares, or the notice that told of the space."""
    if actor.kind is ActorKind.APP:
        return True
    return is_access(actor.kind, deed) or (not deed.refused and deed.action == "SendNotice")


def is_access(kind: ActorKind, deed: Deed) -> bool:
    """Whether a row is of somebody who came to the space to care; a trace sent later is not."""
    return kind in _CARE and not deed.refused and deed.action != _TRACE


def _rows(entries: list[Entry]) -> Iterator[tuple[datetime, Actor | None, Deed]]:
    instants = cast("list[datetime]", entries[0::ENTRY_WIDTH])
    actors = cast("list[Actor | None]", entries[1::ENTRY_WIDTH])
    deeds = cast("list[Deed]", entries[2::ENTRY_WIDTH])
    return zip(instants, actors, deeds, strict=True)
