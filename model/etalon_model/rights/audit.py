"""A row of the access log as an audit event: a start, and who took part.

Sources: guide of the ANS on the trace of events (TDE): the start of the period is required, one
or two agents take part, each with an identity.
Reading: the second agent is the colleague for whom a consent is declared.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.access_log import LogKind, LogRow
from etalon_model.rules import enforces

_MOST_AGENTS: Final = 2
_WITH_A_BENEFICIARY: Final = "DeclareConsent"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who took part in an event.

    Attributes:
        kind: The kind of actor, in the words of the log.
        ident: Their identifier.
        requests: They asked for the action, rather than benefit from it.
    """

    kind: LogKind
    ident: str
    requests: bool


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What the log says, in the shape of the published profile.

    Attributes:
        started_at: When it began (UTC).
        agents: Who took part, the requester first.
        action: Name of the command.
        refused: Code of the refusal, or an empty string.
    """

    started_at: datetime
    agents: tuple[Agent, ...]
    action: str
    refused: str

    @enforces("TRC-04")
    def __post_init__(self) -> None:
        """Check the number of agents and their identity.

        Raises:
            ValueError: There are none or too many, or one of them is nobody.
        """
        if not 1 <= len(self.agents) <= _MOST_AGENTS:
            message = f"an audit event has one or two agents, found {len(self.agents)} (TRC-04)"
            raise ValueError(message)
        if not all(agent.ident for agent in self.agents):
            message = f"each agent of {self.action} needs an identifier (TRC-04)"
            raise ValueError(message)


def audit_event(row: LogRow) -> AuditEvent:
    """Return the audit event of a row.

    Raises:
        ValueError: The row is of a call turned away because nobody made it.
    """
    agents: tuple[Agent, ...] = (Agent(row.kind, row.actor.ident, requests=True),)
    beneficiary = row.deed.detail if row.deed.action == _WITH_A_BENEFICIARY else ""
    if beneficiary not in ("", row.actor.ident):
        agents = (*agents, Agent(LogKind.PROFESSIONAL, beneficiary, requests=False))
    return AuditEvent(row.at, agents, row.deed.action, row.deed.refused)
