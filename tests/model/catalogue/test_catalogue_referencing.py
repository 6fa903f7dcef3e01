"""Referencing: who decides, in which order, under which criteria."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from etalon_model import INSURER, Refusal, vintage
from etalon_model.catalogue.catalogue import (
    STATE_RIGHTS,
    Direction,
    EconomicModel,
    ExchangeFamily,
    Purpose,
    ServiceState,
    Use,
)
from etalon_model.catalogue.criteria import FamilyScore
from etalon_model.catalogue.referencing import (
    COMMISSION,
    MINISTER,
    DecideReferencing,
    GiveOpinion,
    MoveService,
    PublishVersion,
    SignAgreement,
    publisher,
)
from etalon_model.catalogue.rehearsal import (
    AGREED_UNTIL,
    SOLUTION,
    USES,
    full_scores,
    move,
    put_online,
    request,
    sign,
)
from etalon_model.policies import Policies
from etalon_model.sandbox import Sandbox

A_DAY = timedelta(days=1)


def state(box: Sandbox) -> ServiceState:
    """Return where the service stands now."""
    return box.service.catalogue[SOLUTION].state_at(box.now)


@pytest.mark.rule("CAT-01")
def test_nothing_comes_before_what_it_rests_on(box: Sandbox) -> None:
    """Request, opinion, decision, three signatures, then the catalogue."""
    opinion = GiveOpinion(box.now, COMMISSION, "", SOLUTION, favourable=True)
    decision = DecideReferencing(box.now, MINISTER, "", SOLUTION, referenced=True)
    signature = SignAgreement(box.now, INSURER, "", SOLUTION, AGREED_UNTIL)
    online = MoveService(box.now, INSURER, "", SOLUTION, ServiceState.ONLINE)

    for command in (opinion, decision, signature, online):
        assert box.refusal(command) == ("CAT-01", "UNKNOWN_SERVICE")
    box.do(request(box))
    assert box.refusal(decision) == ("CAT-01", "NO_FAVOURABLE_OPINION")
    box.do(opinion)
    assert box.refusal(opinion) == ("CAT-01", "OPINION_GIVEN")
    assert box.refusal(signature) == ("CAT-01", "NOT_DECIDED")
    box.do(decision)
    box.do(signature)
    assert box.refusal(online) == ("CAT-01", "NO_AGREEMENT")
    sign(box)
    assert state(box) is ServiceState.CANDIDATE
    box.do(online)
    assert state(box) is ServiceState.ONLINE


@pytest.mark.rule("CAT-01")
def test_each_step_belongs_to_one_decider(box: Sandbox) -> None:
    """Nobody does another's part."""
    asked = request(box)

    assert box.refusal(replace(asked, actor=INSURER)) == ("CAT-01", "NOT_THE_DECIDER")
    box.do(asked)
    opinion = GiveOpinion(box.now, MINISTER, "", SOLUTION, favourable=True)
    assert box.refusal(opinion) == ("CAT-01", "NOT_THE_DECIDER")
    box.do(replace(opinion, actor=COMMISSION))
    decision = DecideReferencing(box.now, COMMISSION, "", SOLUTION, referenced=True)
    assert box.refusal(decision) == ("CAT-01", "NOT_THE_DECIDER")
    box.do(replace(decision, actor=MINISTER))
    signature = SignAgreement(box.now, COMMISSION, "", SOLUTION, AGREED_UNTIL)
    assert box.refusal(signature) == ("CAT-01", "NOT_THE_DECIDER")
    sign(box)
    shown = MoveService(box.now, publisher(SOLUTION), "", SOLUTION, ServiceState.ONLINE)
    assert box.refusal(shown) == ("CAT-01", "NOT_THE_DECIDER")


@pytest.mark.rule("CAT-01")
@pytest.mark.parametrize("by", ["commission", "minister"])
def test_a_service_turned_down_is_never_visible(box: Sandbox, by: str) -> None:
    """An unfavourable opinion or decision rejects; the publisher may ask again."""
    ins = box.person()
    box.do(request(box))
    box.do(GiveOpinion(box.now, COMMISSION, "", SOLUTION, favourable=by == "minister"))
    if by == "minister":
        box.do(DecideReferencing(box.now, MINISTER, "", SOLUTION, referenced=False))

    assert state(box) is ServiceState.REJECTED
    assert not box.service.catalogue[SOLUTION].is_visible(ins, box.now)
    signature = SignAgreement(box.now, INSURER, "", SOLUTION, AGREED_UNTIL)
    assert box.refusal(signature) == ("CAT-01", "SERVICE_STATE")
    box.do(request(box))
    decision = DecideReferencing(box.now, MINISTER, "", SOLUTION, referenced=True)
    assert box.refusal(decision) == ("CAT-01", "NO_FAVOURABLE_OPINION")


@pytest.mark.rule("CAT-01")
def test_a_request_needs_an_impact_assessment_and_no_request_under_way(box: Sandbox) -> None:
    """A candidate does not ask twice."""
    asked = request(box)

    without = replace(asked, impact_assessment=False)
    assert box.refusal(without) == ("CAT-01", "NO_IMPACT_ASSESSMENT")
    box.do(asked)
    assert box.refusal(asked) == ("CAT-01", "SERVICE_STATE")


@pytest.mark.rule("CAT-01")
@pytest.mark.parametrize("ident", ["1", "3.2", "1.2.", "1.02", "1.2.250.x", "carnet"])
def test_a_service_is_known_by_an_object_identifier(box: Sandbox, ident: str) -> None:
    """Digits and points, no number beginning with a nought."""
    asked = request(box, ident)

    assert box.refusal(asked) == ("CAT-01", "SERVICE_IDENTIFIER_WRONG")


@pytest.mark.rule("CAT-01", "CAT-09")
def test_the_parties_sign_the_same_agreement_and_it_ends(box: Sandbox) -> None:
    """The last day counts; the day after, the service is off line."""
    box.do(request(box))
    box.do(GiveOpinion(box.now, COMMISSION, "", SOLUTION, favourable=True))
    box.do(DecideReferencing(box.now, MINISTER, "", SOLUTION, referenced=True))
    past = SignAgreement(box.now, INSURER, "", SOLUTION, box.now.date())
    assert box.refusal(past) == ("CAT-01", "AGREEMENT_OVER")
    box.do(SignAgreement(box.now, MINISTER, "", SOLUTION, AGREED_UNTIL))
    other = SignAgreement(box.now, INSURER, "", SOLUTION, AGREED_UNTIL + A_DAY)
    assert box.refusal(other) == ("CAT-01", "AGREEMENT_DIFFERS")
    sign(box)
    move(box, ServiceState.ONLINE)

    service = box.service.catalogue[SOLUTION]
    last = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)
    assert service.state_at(last) is ServiceState.ONLINE
    assert service.state_at(last + timedelta(minutes=1)) is ServiceState.OFFLINE


@pytest.mark.rule("CAT-02")
@pytest.mark.parametrize(
    ("family", "met", "code"),
    [
        ("urbanisation", 13, "CRITERIA_NOT_MET"),
        ("urbanisation", 15, "CRITERIA_UNKNOWN"),
        ("interoperability", 3, "CRITERIA_NOT_MET"),
        ("security", 57, "CRITERIA_NOT_MET"),
        ("security", 59, "CRITERIA_UNKNOWN"),
    ],
)
def test_every_mandatory_criterion_is_met_and_none_invented(
    box: Sandbox, family: str, met: int, code: str
) -> None:
    """One less or one more in a family is refused."""
    scores = {score.family: score for score in full_scores(2)}
    scores[family] = FamilyScore(family, met)

    asked = replace(request(box), scores=tuple(scores.values()))
    assert box.refusal(asked) == ("CAT-02", code)


@pytest.mark.rule("CAT-02")
@pytest.mark.parametrize("missing", ["urbanisation", "interoperability", "security", "ethics"])
def test_a_sheet_has_a_line_per_family(box: Sandbox, missing: str) -> None:
    """Without one of the four it is incomplete; with a fifth it is wrong."""
    scores = tuple(score for score in full_scores(2) if score.family != missing)

    incomplete = replace(request(box), scores=scores)
    assert box.refusal(incomplete) == ("CAT-02", "CRITERIA_FAMILY_MISSING")
    fifth = replace(request(box), scores=(*full_scores(2), FamilyScore("beauty", 0)))
    assert box.refusal(fifth) == ("CAT-02", "CRITERIA_UNKNOWN")


@pytest.mark.rule("CAT-02")
@pytest.mark.parametrize(("optional", "accepted"), [(3, True), (4, False)])
def test_optional_criteria_are_counted(box: Sandbox, optional: int, *, accepted: bool) -> None:
    """Three of urbanisation are optional."""
    scores = {score.family: score for score in full_scores(2)}
    scores["urbanisation"] = FamilyScore("urbanisation", 14, optional)
    outcome = box.service.apply(replace(request(box), scores=tuple(scores.values())))

    assert isinstance(outcome, Refusal) is not accepted


@pytest.mark.rule("CAT-03")
def test_no_exchange_under_the_first_criteria() -> None:
    """They allow presence only; the second are refused before their publication."""
    box = Sandbox(vintage("launch-2022"), now=datetime(2022, 9, 1, 9, tzinfo=UTC))

    first = request(box, uses=USES, criteria_version=1)
    assert box.refusal(first) == ("CAT-03", "EXCHANGE_NEEDS_SECOND_CRITERIA")
    second = request(box, criteria_version=2)
    assert box.refusal(second) == ("CAT-03", "CRITERIA_NOT_PUBLISHED")
    third = replace(second, criteria_version=3, at=datetime(2024, 1, 1, tzinfo=UTC))
    assert box.refusal(third) == ("CAT-02", "NO_SUCH_CRITERIA")
    put_online(Sandbox(vintage("launch-2022"), now=box.now), uses=(), criteria_version=1)


@pytest.mark.rule("CAT-03")
@pytest.mark.parametrize(("at", "accepted"), [("30T22:59", False), ("30T23:00", True)])
def test_exchange_begins_with_the_second_criteria(at: str, *, accepted: bool) -> None:
    """On 31 October 2023 in Paris."""
    now = datetime.fromisoformat(f"2023-10-{at}").replace(tzinfo=UTC)
    box = Sandbox(vintage("steady-2023"), now=now)

    assert isinstance(box.service.apply(request(box)), Refusal) is not accepted


@pytest.mark.rule("CAT-04")
@pytest.mark.parametrize("purpose", ["research", "insurance", "advertising"])
def test_no_other_purpose_is_referenced(box: Sandbox, purpose: str) -> None:
    """Research included."""
    use = Use(purpose, ExchangeFamily.MEASURES, Direction.READ)

    assert box.refusal(request(box, uses=(use,))) == ("CAT-04", "PURPOSE_NOT_ALLOWED")


@pytest.mark.rule("CAT-04", "CAT-14")
def test_the_four_purposes_and_the_three_families_are_referenced(box: Sandbox) -> None:
    """Each purpose with each family, in both directions."""
    uses = tuple(
        Use(purpose, family, direction)
        for purpose in Purpose
        for family in ExchangeFamily
        for direction in Direction
    )
    put_online(box, uses=uses)

    assert len(uses) == 24
    assert {family.value for family in ExchangeFamily} == {"documents", "agenda", "measures"}
    assert box.service.catalogue[SOLUTION].uses == uses


@pytest.mark.rule("CAT-09")
def test_services_move_along_the_table_only(box: Sandbox) -> None:
    """Every pair of states that the insurer could ask for, on line first."""
    put_online(box)
    moves = {
        (before, after)
        for before in ServiceState
        for after in ServiceState
        if after not in (ServiceState.CANDIDATE, ServiceState.REJECTED)
    }
    service = box.service.catalogue[SOLUTION]
    for before, after in sorted(moves):
        service.states.append((box.now, before))
        outcome = box.service.apply(MoveService(box.now, INSURER, "", SOLUTION, after))
        allowed = after in STATE_RIGHTS[before].next_states
        assert isinstance(outcome, Refusal) is not allowed, (before, after)
    service.states.append((box.now, ServiceState.DELISTED))
    back = MoveService(box.now, INSURER, "", SOLUTION, ServiceState.CANDIDATE)
    assert box.refusal(back) == ("CAT-09", "SERVICE_CANNOT_MOVE")
    unknown = MoveService(box.now, INSURER, "", "1.2.3", ServiceState.ONLINE)
    assert box.refusal(unknown) == ("CAT-01", "UNKNOWN_SERVICE")


@pytest.mark.rule("CAT-09")
def test_the_states_are_those_of_the_application() -> None:
    """Five, beside the two of a request."""
    assert {value.value for value in ServiceState} == {
        "CANDIDATE",
        "REJECTED",
        "EN_LIGNE",
        "HORS_LIGNE",
        "DEREFERENCEE",
        "PRESERIE",
        "SUSPENDUE",
    }
    assert set(STATE_RIGHTS) == set(ServiceState)


@pytest.mark.rule("CAT-01", "CAT-09")
def test_a_delisted_service_asks_again(box: Sandbox) -> None:
    """Its old decision and agreement count no more."""
    put_online(box)
    move(box, ServiceState.DELISTED)
    box.do(request(box, version="2.0"))

    shown = MoveService(box.now, INSURER, "", SOLUTION, ServiceState.ONLINE)
    assert box.refusal(shown) == ("CAT-01", "NO_AGREEMENT")


@pytest.mark.rule("CAT-10")
def test_a_version_is_published_once_by_its_publisher(online: Sandbox) -> None:
    """While the service is on trial or on line."""
    new = PublishVersion(online.now, publisher(SOLUTION), "", SOLUTION, "2.0")

    assert online.refusal(replace(new, actor=INSURER)) == ("CAT-01", "NOT_THE_DECIDER")
    assert online.refusal(replace(new, version="1.0")) == ("CAT-10", "VERSION_PUBLISHED")
    unknown = replace(new, service="1.2.3", actor=publisher("1.2.3"))
    assert online.refusal(unknown) == ("CAT-01", "UNKNOWN_SERVICE")
    online.do(new)
    move(online, ServiceState.OFFLINE)
    later = replace(new, version="3.0")
    assert online.refusal(later) == ("CAT-10", "SERVICE_STATE")


@pytest.mark.rule("CAT-11")
def test_the_economic_models_are_three(online: Sandbox) -> None:
    """Free, paying, free with purchases; the catalogue keeps which."""
    assert [model.value for model in EconomicModel] == ["free", "paying", "free with purchases"]
    assert online.service.catalogue[SOLUTION].economic_model is EconomicModel.FREE


@pytest.mark.parametrize(
    ("days", "waited", "accepted"),
    [(None, 400, True), (30, 30, True), (30, 31, False)],
)
def test_g8_a_deadline_for_the_opinion_is_a_policy(
    days: int | None, waited: int, *, accepted: bool
) -> None:
    """None by default; with one, a late opinion is refused."""
    parameters = replace(vintage("steady-2023"), policies=Policies(opinion_days=days))
    box = Sandbox(parameters, now=datetime(2023, 11, 6, 9, tzinfo=UTC))
    box.do(request(box))
    box.wait(timedelta(days=waited))

    outcome = box.service.apply(GiveOpinion(box.now, COMMISSION, "", SOLUTION, favourable=True))
    assert isinstance(outcome, Refusal) is not accepted
    assert accepted or getattr(outcome, "code", "") == "OPINION_TOO_LATE"


@pytest.mark.rule("TRC-01")
def test_acts_on_the_catalogue_leave_a_row_and_come_in_order(box: Sandbox) -> None:
    """Refused ones too; the message names the service and no person."""
    box.do(request(box))
    outcome = box.service.apply(request(box))

    assert isinstance(outcome, Refusal)
    assert outcome.message.startswith(f"the service {SOLUTION} is CANDIDATE (CAT-01)")
    rows = box.service.catalogue_log
    assert [(row.ins, row.deed.action, row.deed.refused) for row in rows] == [
        ("", "RequestReferencing", ""),
        ("", "RequestReferencing", "SERVICE_STATE"),
    ]
    box.now -= A_DAY
    early = GiveOpinion(box.now, COMMISSION, "", SOLUTION, favourable=True)
    assert box.refusal(early) == ("TRC-01", "OUT_OF_ORDER")
    assert len(box.service.catalogue_log) == 2
    assert box.service.turned_away[-1].actor == COMMISSION
