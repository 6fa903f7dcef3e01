"""Closing, erasing, suspending."""

from datetime import date, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    CloseSpace,
    CloseSuspended,
    CloseThroughSupport,
    EndArchive,
    Erasure,
    FeedSpace,
    FinishErasure,
    ObjectToSuspension,
    Period,
    ReadSpace,
    RecordDeath,
    Reinstate,
    RequestErasure,
    Route,
    StartErasure,
    State,
    Suspend,
    caregiver,
    holder,
)
from etalon_model.sandbox import Sandbox

A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
CHILD_BORN = date(2017, 9, 3)
OPEN = (State.OPEN_ACTIVE, State.OPEN_INACTIVE)


@pytest.mark.rule("LIF-12", "LIF-03")
@pytest.mark.parametrize("state", OPEN)
def test_a_closed_space_is_read_by_nobody_and_erased_after_ten_years(
    launch: Sandbox, state: State
) -> None:
    """At once for everybody; the archive ends at ten years, not a day earlier."""
    ins = launch.person()
    launch.bring(ins, state)
    launch.do(FeedSpace(launch.now, DOCTOR, ins, 2))
    if state is State.OPEN_ACTIVE:
        launch.close(ins)
    else:
        launch.do(CloseThroughSupport(launch.now, holder(ins), ins, Route.POST))

    for reader in (holder(ins), DOCTOR, caregiver("x"), INSURER, Actor(ActorKind.APP, "app")):
        assert launch.refusal(ReadSpace(launch.now, reader, ins)) == ("LIF-12", "NO_OPEN_SPACE")
    assert launch.refusal(FeedSpace(launch.now, DOCTOR, ins))[1] == "NO_OPEN_SPACE"
    launch.wait(Period("P10Y"))
    day_before = EndArchive(launch.now - A_DAY, SYSTEM, ins)
    assert launch.refusal(day_before) == ("LIF-12", "ARCHIVE_RUNNING")
    assert [duty.rule for duty in launch.service.duties(launch.now + A_SECOND)] == ["LIF-12"]
    launch.do(EndArchive(launch.now, SYSTEM, ins))
    assert launch.service.state(ins) is State.PURGED
    assert launch.refusal(EndArchive(launch.now, SYSTEM, ins)) == ("LIF-12", "NO_ARCHIVE")


@pytest.mark.rule("LIF-12")
def test_an_archive_of_the_dead_ends_too(launch: Sandbox) -> None:
    """Ten years after the death nothing is left, and the state stays."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    launch.do(FeedSpace(launch.now, DOCTOR, ins, 2))
    launch.do(RecordDeath(launch.now, INSURER, ins))
    launch.wait(Period("P10Y"))

    launch.do(EndArchive(launch.now, SYSTEM, ins))

    dossier = launch.service.person(ins).dossier
    assert dossier is not None
    assert dossier.undescribed == 0
    assert launch.service.state(ins) is State.DECEASED


@pytest.mark.rule("LIF-30")
@pytest.mark.parametrize(
    ("through", "password", "by", "refused"),
    [
        (Route.WEB, True, "holder", None),
        (Route.WEB, False, "holder", ("LIF-30", "PASSWORD_NEEDED")),
        (Route.PHONE, True, "holder", ("LIF-30", "WEB_ONLY")),
        (Route.WEB, True, "caregiver", ("LIF-30", "CAREGIVER_CANNOT_CLOSE")),
        (Route.WEB, True, "stranger", ("REP-01", "NOT_THE_HOLDER")),
    ],
)
def test_closing_needs_the_web_the_password_and_no_caregiver(
    launch: Sandbox, through: Route, by: str, refused: tuple[str, str] | None, *, password: bool
) -> None:
    """Each condition alone."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    actor = {"holder": holder(ins), "caregiver": caregiver("x"), "stranger": holder("x")}[by]
    command = CloseSpace(launch.now, actor, ins, through, password)

    if refused is None:
        launch.do(command)
        assert launch.service.notifications(ins)[-1].code == "CLOSURE_ACK"
    else:
        assert launch.refusal(command) == refused


@pytest.mark.rule("LIF-12")
def test_each_kind_of_open_space_has_its_way_to_close(launch: Sandbox) -> None:
    """The web closes what was activated, the support desk what was not."""
    active, inactive = launch.person(), launch.person()
    launch.bring(active, State.OPEN_ACTIVE)
    launch.bring(inactive, State.OPEN_INACTIVE)

    on_line = CloseSpace(launch.now, holder(inactive), inactive, Route.WEB, password_reentered=True)
    by_phone = CloseThroughSupport(launch.now, holder(active), active, Route.PHONE)

    assert launch.refusal(on_line) == ("LIF-12", "NOTHING_TO_CLOSE")
    assert launch.refusal(by_phone) == ("LIF-12", "NOTHING_TO_CLOSE")


@pytest.mark.rule("LIF-13")
@pytest.mark.parametrize(("after", "late"), [("P2M", False), ("P3M", False), ("P4M", True)])
def test_an_erasure_is_due_within_three_months(launch: Sandbox, after: str, *, late: bool) -> None:
    """Later it is done all the same, said to be late, and was a duty missed meanwhile."""
    ins = launch.person()
    launch.bring(ins, State.CLOSED_ARCHIVED)
    launch.wait(A_DAY)
    launch.do(RequestErasure(launch.now, holder(ins), ins))
    asked_at = launch.now
    launch.wait(Period(after))
    launch.do(StartErasure(launch.now, SYSTEM, ins))

    missed = [duty.rule for duty in launch.service.duties(launch.now)]
    done = launch.do(FinishErasure(launch.now, SYSTEM, ins))

    assert isinstance(done, Erasure)
    assert done == Erasure(asked_at, launch.now, Period("P3M").after(asked_at))
    assert done.is_late is late
    assert missed == ["LIF-13"] * late
    assert launch.service.notifications(ins)[-1].code == "DELETION_DONE"


@pytest.mark.rule("LIF-13", "LIF-12")
def test_erasure_follows_its_steps(launch: Sandbox) -> None:
    """Asked for on a closed space while the archive lasts, started, then finished."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    early = RequestErasure(launch.now, holder(ins), ins)
    assert launch.refusal(early) == ("LIF-13", "NOTHING_TO_ERASE")
    assert launch.refusal(StartErasure(launch.now, SYSTEM, ins))[1] == "NOTHING_TO_ERASE"
    assert launch.refusal(FinishErasure(launch.now, SYSTEM, ins))[1] == "NOTHING_TO_ERASE"
    launch.close(ins)
    launch.wait(Period("P10Y"))

    late = RequestErasure(launch.now, holder(ins), ins)

    assert launch.refusal(late) == ("LIF-12", "ARCHIVE_ENDED")


@pytest.mark.rule("LIF-24")
@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("by", ["holder", "insurer"])
def test_a_suspended_space_goes_back_to_the_state_it_had(
    launch: Sandbox, state: State, by: str
) -> None:
    """On the holder's objection as on the insurer's repair."""
    ins = launch.person()
    launch.bring(ins, state)
    launch.do(Suspend(launch.now, INSURER, ins, "malfunction"))
    assert launch.service.notifications(ins)[-1].code == "SUSPENSION_INFO"
    assert launch.refusal(ReadSpace(launch.now, DOCTOR, ins)) == ("LIF-12", "NO_OPEN_SPACE")
    launch.wait(10 * A_DAY)

    if by == "holder":
        launch.do(ObjectToSuspension(launch.now, holder(ins), ins))
    else:
        launch.do(Reinstate(launch.now, INSURER, ins))

    assert launch.service.state(ins) is state


@pytest.mark.rule("LIF-24")
def test_six_weeks_of_suspension_close_the_space(launch: Sandbox) -> None:
    """Not a second earlier; from then on an objection comes too late."""
    ins = launch.person()
    launch.bring(ins, State.SUSPENDED)
    launch.wait(Period("P6W"))
    early = CloseSuspended(launch.now - A_SECOND, INSURER, ins)

    assert launch.refusal(early) == ("LIF-24", "SUSPENSION_RUNNING")
    assert launch.refusal(ObjectToSuspension(launch.now, holder(ins), ins)) == (
        "LIF-24",
        "SUSPENSION_OVER",
    )
    assert [duty.rule for duty in launch.service.duties(launch.now + A_SECOND)] == ["LIF-24"]
    launch.do(CloseSuspended(launch.now, INSURER, ins))
    assert launch.service.state(ins) is State.CLOSED_ARCHIVED


@pytest.mark.rule("LIF-24")
def test_suspension_concerns_open_spaces_only(launch: Sandbox) -> None:
    """Nothing is suspended before opening, given back or closed without a suspension."""
    ins = launch.person()
    launch.bring(ins, State.NOTIFIED)
    now = launch.now

    assert launch.refusal(Suspend(now, INSURER, ins, "fraud"))[1] == "NOTHING_TO_SUSPEND"
    assert launch.refusal(Reinstate(now, INSURER, ins))[1] == "NOT_SUSPENDED"
    assert launch.refusal(ObjectToSuspension(now, holder(ins), ins))[1] == "NOT_SUSPENDED"
    assert launch.refusal(CloseSuspended(now, INSURER, ins))[1] == "NOT_SUSPENDED"
