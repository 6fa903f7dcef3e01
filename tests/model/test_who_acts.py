"""Acts that belong to the operator, the insurer or carers: each capacity tried on each."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from etalon_model import (
    Actor,
    ActorKind,
    Channel,
    CloseSuspended,
    ComeOfAge,
    Command,
    EndArchive,
    FeedSpace,
    FinishErasure,
    OpenAutomatically,
    RecordDeath,
    Refusal,
    Reinstate,
    ReportBounce,
    ReportOpeningFailure,
    ReportUndelivered,
    SendNotice,
    StartErasure,
    Suspend,
)
from etalon_model.records.automatic import (
    CopyMeasure,
    FeedReimbursement,
    GenerateSynthesis,
    Measured,
)
from etalon_model.records.hiding import InviteToConsult, ReleaseHidden
from etalon_model.records.wishes import RecallDirectives
from etalon_model.rights.consents import DeclareConsent, JoinCareTeam, LeaveCareTeam
from etalon_model.rights.consultation import AskAuthorisation
from etalon_model.rights.traces import RecordTrace
from etalon_model.sandbox import Sandbox
from etalon_model.vital_events import AnnounceMajority

Issue = Callable[[datetime, Actor, str], Command]

SYSTEM = {ActorKind.SYSTEM}
INSURER = {ActorKind.INSURER}
EITHER = SYSTEM | INSURER
CARERS = {ActorKind.PROFESSIONAL, ActorKind.STRUCTURE}

ACTS: list[tuple[Issue, set[ActorKind]]] = [
    (lambda at, who, ins: SendNotice(at, who, ins, Channel.EMAIL), INSURER),
    (ReportBounce, EITHER),
    (ReportUndelivered, EITHER),
    (OpenAutomatically, EITHER),
    (ReportOpeningFailure, EITHER),
    (lambda at, who, ins: Suspend(at, who, ins, "fraud"), INSURER),
    (Reinstate, INSURER),
    (CloseSuspended, EITHER),
    (StartErasure, EITHER),
    (FinishErasure, EITHER),
    (EndArchive, SYSTEM),
    (RecordDeath, INSURER),
    (AnnounceMajority, SYSTEM),
    (ComeOfAge, SYSTEM),
    (FeedSpace, CARERS | INSURER),
    (ReleaseHidden, SYSTEM),
    (InviteToConsult, SYSTEM),
    (RecallDirectives, SYSTEM),
    (lambda at, who, ins: FeedReimbursement(at, who, ins, "act", date(2022, 1, 3)), INSURER),
    (lambda at, who, ins: GenerateSynthesis(at, who, ins, "urn:oid:1.2.3"), SYSTEM),
    (lambda at, who, ins: CopyMeasure(at, who, ins, "urn:oid:1.2.3", next(iter(Measured))), SYSTEM),
    (AskAuthorisation, CARERS),
    (RecordTrace, CARERS),
    (lambda at, who, ins: DeclareConsent(at, who, ins, "899700366240"), CARERS),
    (lambda at, who, ins: JoinCareTeam(at, who, ins, informed=True), CARERS),
    (LeaveCareTeam, CARERS),
]


@pytest.mark.rule("TRC-03")
@pytest.mark.parametrize(("issue", "allowed"), ACTS)
@pytest.mark.parametrize("kind", ActorKind)
def test_acts_are_open_to_their_capacities_alone(
    launch: Sandbox, issue: Issue, allowed: set[ActorKind], kind: ActorKind
) -> None:
    """Whether the act is possible now or not: the capacity is what is looked at first."""
    ins = launch.person()

    outcome = launch.service.apply(issue(launch.now, Actor(kind, "899700366240"), ins))

    turned_away = isinstance(outcome, Refusal) and outcome.code == "NOT_FOR_THIS_ACTOR"
    assert turned_away is (kind not in allowed)
