"""The twelve states of a person's space and the twenty-six transitions between them.

Both are tables (`data/states.csv`, `data/transitions.csv`) with source and certainty per row.

Sources: CSP art. R. 1111-28 and R. 1111-36; the official mobile application.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from etalon_model.tables import rows_of


class State(StrEnum):
    """Where a person stands."""

    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    NOT_NOTIFIED = "NOT_NOTIFIED"
    NOTIFIED = "NOTIFIED"
    OPPOSED = "OPPOSED"
    OPEN_INACTIVE = "OPEN_INACTIVE"
    OPEN_ACTIVE = "OPEN_ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED_ARCHIVED = "CLOSED_ARCHIVED"
    DELETION_REQUESTED = "DELETION_REQUESTED"
    DELETION_RUNNING = "DELETION_RUNNING"
    PURGED = "PURGED"
    DECEASED = "DECEASED"


@dataclass(frozen=True, slots=True)
class Access:
    """What a state lets people do.

    Attributes:
        holder_logs_in: The holder, or whoever manages the account, may log in.
        professionals_feed: Professionals may deposit.
        professionals_read: Professionals may read, within the rules of consent.
        text: What the state means.
        source: Where it comes from.
        certainty: How sure the source is.
    """

    holder_logs_in: bool
    professionals_feed: bool
    professionals_read: bool
    text: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to another.

    Attributes:
        ident: `T01` to `T26`.
        sources: States it starts from.
        targets: States it ends in; more than one when it depends on the person.
        commands: Names of the commands that take it.
        text: What happens.
        source: Where it comes from.
        certainty: How sure the source is.
    """

    ident: str
    sources: tuple[State, ...]
    targets: tuple[State, ...]
    commands: tuple[str, ...]
    text: str
    source: str
    certainty: str


def _states(cell: str) -> tuple[State, ...]:
    return tuple(State(name) for name in cell.split("|"))


ACCESS: Final = {
    State(row["state"]): Access(
        holder_logs_in=row["holder_logs_in"] == "yes",
        professionals_feed=row["professionals_feed"] == "yes",
        professionals_read=row["professionals_read"] == "yes",
        text=row["text"],
        source=row["source"],
        certainty=row["certainty"],
    )
    for row in rows_of("states.csv")
}

TRANSITIONS: Final = {
    row["id"]: Transition(
        ident=row["id"],
        sources=_states(row["from"]),
        targets=_states(row["to"]),
        commands=tuple(row["command"].split("|")),
        text=row["text"],
        source=row["source"],
        certainty=row["certainty"],
    )
    for row in rows_of("transitions.csv")
}
