"""Who decides for whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    AnnounceMajority,
    ComeOfAge,
    InviteCaregiver,
    Oppose,
    Period,
    ReadSpace,
    RecordDeath,
    Route,
    State,
    holder,
    representative,
)
from etalon_model.sandbox import Sandbox

CHILD_BORN = date(2017, 9, 3)
NEARLY_ADULT_BORN = date(2004, 6, 15)
A_DAY = timedelta(days=1)


@pytest.mark.rule("REP-01")
@pytest.mark.parametrize(
    ("actor", "refused"),
    [
        ("parent", None),
        ("child", ("REP-01", "MINOR_CANNOT_DECIDE")),
        ("stranger", ("REP-01", "NOT_A_REPRESENTATIVE")),
        ("professional", ("REP-01", "NOT_FOR_THIS_ACTOR")),
    ],
)
def test_a_minors_objection_belongs_to_the_representative(
    launch: Sandbox, actor: str, refused: tuple[str, str] | None
) -> None:
    """Neither the minor, a stranger nor a professional objects."""
    parent, stranger = launch.person(), launch.person()
    child = launch.person(parent, born=CHILD_BORN)
    launch.notify(child)
    by = {
        "parent": representative(parent),
        "child": holder(child),
        "stranger": representative(stranger),
        "professional": Actor(ActorKind.PROFESSIONAL, "899700366240"),
    }[actor]
    inputs = launch.service.inputs(child, launch.now)
    command = Oppose(launch.now, by, child, Route.PHONE, inputs)

    if refused is None:
        launch.do(command)
        assert launch.service.state(child) is State.OPPOSED
    else:
        assert launch.refusal(command) == refused


@pytest.mark.rule("REP-01")
def test_when_parents_disagree_each_validated_request_counts(launch: Sandbox) -> None:
    """Gap G4: one objection is enough, and the other parent may still ask for the space."""
    mother, father = launch.person(), launch.person(sex="M")
    child = launch.person(mother, father, born=CHILD_BORN)
    launch.notify(child)
    launch.oppose(child)
    launch.wait(A_DAY)
    code = launch.new_code(child)

    launch.do(replace(launch.activation(child, code), actor=representative(father)))

    assert launch.service.state(child) is State.OPEN_ACTIVE


@pytest.mark.rule("REP-02")
@pytest.mark.parametrize("by_adult", [True, False])
def test_a_protected_adult_and_the_person_in_charge_may_both_object(
    launch: Sandbox, *, by_adult: bool
) -> None:
    """Either of them; a third person may not."""
    guardian, stranger = launch.person(), launch.person()
    adult = launch.person(protected_by=guardian)
    launch.notify(adult)
    inputs = launch.service.inputs(adult, launch.now)

    def objection(actor: Actor) -> Oppose:
        return Oppose(launch.now, actor, adult, Route.PHONE, inputs)

    assert launch.refusal(objection(representative(stranger)))[0] == "REP-04"
    launch.do(objection(holder(adult) if by_adult else representative(guardian)))
    assert launch.service.state(adult) is State.OPPOSED


@pytest.mark.rule("REP-02")
def test_the_person_in_charge_of_an_adult_may_object_only(launch: Sandbox) -> None:
    """Closing stays with the adult."""
    guardian = launch.person()
    adult = launch.person(protected_by=guardian)
    launch.bring(adult, State.OPEN_ACTIVE)

    command = InviteCaregiver(launch.now, representative(guardian), adult, guardian)

    assert launch.refusal(command) == ("REP-04", "REPRESENTATION_ENDED")


@pytest.mark.rule("REP-04")
@pytest.mark.parametrize(
    ("at", "is_adult"),
    [
        (datetime(2022, 6, 14, 21, 59, tzinfo=UTC), False),
        (datetime(2022, 6, 14, 22, 0, tzinfo=UTC), True),
    ],
)
def test_representation_ends_at_eighteen_in_paris(
    launch: Sandbox, at: datetime, *, is_adult: bool
) -> None:
    """From midnight on the representative is refused, even before the insurer's own batch."""
    parent = launch.person()
    young = launch.person(parent, born=NEARLY_ADULT_BORN)
    launch.bring(young, State.OPEN_ACTIVE)

    outcome = launch.service.apply(ReadSpace(at, representative(parent), young))

    assert getattr(outcome, "rule", None) == ("REP-04" if is_adult else None)


@pytest.mark.rule("REP-04")
def test_majority_is_announced_to_the_parents_then_told_to_the_adult(launch: Sandbox) -> None:
    """Before the birthday the representatives, after it the new adult, who is nobody's child."""
    mother, father = launch.person(), launch.person()
    young = launch.person(mother, father, born=NEARLY_ADULT_BORN)
    early = AnnounceMajority(launch.now, SYSTEM, young)
    by_parent = AnnounceMajority(launch.now, representative(mother), young)
    assert launch.refusal(by_parent)[1] == "NOT_FOR_THIS_ACTOR"
    assert launch.refusal(early) == ("REP-04", "NO_OPEN_SPACE")
    launch.bring(young, State.OPEN_ACTIVE)
    assert launch.refusal(ComeOfAge(launch.now, SYSTEM, young)) == ("REP-04", "STILL_A_MINOR")
    launch.do(AnnounceMajority(launch.now, SYSTEM, young))
    launch.wait(Period("P6M"))

    launch.do(ComeOfAge(launch.now, SYSTEM, young))

    told = [(row.code, row.to) for row in launch.service.notifications(young)[1:]]
    assert told == [
        ("RAPPEL_CONSENT_RL_PASSAGE_MAJO", mother),
        ("RAPPEL_CONSENT_RL_PASSAGE_MAJO", father),
        ("RAPPEL_CONSENT_PASSAGE_MAJO", young),
    ]
    assert launch.service.profiles(mother) == ()
    assert launch.service.person(young).representatives == ()
    again = ComeOfAge(launch.now, SYSTEM, young)
    assert launch.refusal(again) == ("REP-04", "NOT_A_MINOR")
    late = AnnounceMajority(launch.now, SYSTEM, young)
    assert launch.refusal(late) == ("REP-04", "NOT_A_MINOR")


@pytest.mark.rule("REP-04")
def test_majority_before_any_space_ends_the_representation_alone(launch: Sandbox) -> None:
    """Nothing is to be confirmed, and one brother stays attached."""
    parent = launch.person()
    young = launch.person(parent, born=date(2004, 2, 1))
    brother = launch.person(parent, born=CHILD_BORN)
    launch.notify(young)

    launch.do(ComeOfAge(launch.now, SYSTEM, young))

    assert [told.code for told in launch.service.notifications(young)] == ["OPENING_INFO"]
    assert launch.service.profiles(parent) == (brother,)
    assert launch.service.transitions["T26"] == 0


@pytest.mark.rule("LIF-29", "REP-01")
def test_a_dead_parent_decides_nothing(launch: Sandbox) -> None:
    """The refusal names the death."""
    parent = launch.person()
    child = launch.person(parent, born=CHILD_BORN)
    launch.notify(child)
    launch.do(RecordDeath(launch.now, INSURER, parent))
    inputs = launch.service.inputs(child, launch.now)

    command = Oppose(launch.now, representative(parent), child, Route.PHONE, inputs)

    assert launch.refusal(command) == ("LIF-29", "ACTOR_DECEASED")
