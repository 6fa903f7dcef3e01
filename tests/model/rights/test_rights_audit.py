"""Rows of the access log as audit events."""

import pytest

from etalon_model.access_log import LogKind
from etalon_model.actors import Actor, ActorKind, professional
from etalon_model.rights.audit import Agent, AuditEvent, audit_event
from etalon_model.rights.consents import DeclareConsent, JoinCareTeam
from etalon_model.rights.consultation import OpenRecord
from etalon_model.sandbox import Sandbox

GP = professional("810000000017", "doctor")
NURSE = professional("810000000025", "nurse")


@pytest.mark.rule("TRC-04")
def test_every_row_has_a_start_and_identified_agents(launch: Sandbox, ins: str) -> None:
    """Refused calls too; a consent for a colleague names both."""
    refused = OpenRecord(launch.now, GP, ins)
    assert launch.refusal(refused) == ("ACC-01", "NO_CONSENT")
    launch.do(DeclareConsent(launch.now, GP, ins, GP.ident))
    launch.do(DeclareConsent(launch.now, NURSE, ins, GP.ident))
    events = [audit_event(row) for row in launch.service.log(ins)]

    assert events[-3:] == [
        AuditEvent(launch.now, (doctor_asks(),), "OpenRecord", "NO_CONSENT"),
        AuditEvent(launch.now, (doctor_asks(),), "DeclareConsent", ""),
        AuditEvent(
            launch.now,
            (
                Agent(LogKind.PROFESSIONAL, NURSE.ident, requests=True),
                Agent(LogKind.PROFESSIONAL, GP.ident, requests=False),
            ),
            "DeclareConsent",
            "",
        ),
    ]
    assert all(event.agents[0].requests for event in events)


def doctor_asks() -> Agent:
    """Return the doctor as the one who asks."""
    return Agent(LogKind.PROFESSIONAL, GP.ident, requests=True)


@pytest.mark.rule("TRC-04")
@pytest.mark.parametrize("kind", [ActorKind.PROFESSIONAL, ActorKind.HOLDER])
def test_nobody_does_nothing(launch: Sandbox, ins: str, kind: ActorKind) -> None:
    """A call without an identity is turned away, and its row is no audit event."""
    before = launch.service.log(ins)
    command = JoinCareTeam(launch.now, Actor(kind, "", "doctor"), ins, informed=True)

    assert launch.refusal(command) == ("TRC-04", "NOBODY_ACTS")
    assert launch.service.log(ins) == before
    with pytest.raises(ValueError, match="needs an identifier"):
        audit_event(launch.service.turned_away[-1])


@pytest.mark.rule("TRC-04")
@pytest.mark.parametrize("number", [0, 3])
def test_an_event_has_one_or_two_agents(launch: Sandbox, number: int) -> None:
    """Neither none nor three."""
    agents = (doctor_asks(),) * number
    with pytest.raises(ValueError, match=f"one or two agents, found {number}"):
        AuditEvent(launch.now, agents, "OpenRecord", "")
    assert len(AuditEvent(launch.now, (doctor_asks(),) * 2, "OpenRecord", "").agents) == 2
