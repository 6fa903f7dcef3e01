"""Recognising people and objecting."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    Channel,
    CloseSuspended,
    ComeOfAge,
    Command,
    EndArchive,
    FinishErasure,
    IdentityInputs,
    OpenAutomatically,
    Oppose,
    OppositionProof,
    Period,
    RecordDeath,
    Reinstate,
    ReportBounce,
    ReportOpeningFailure,
    ReportUndelivered,
    Route,
    SendNotice,
    StartErasure,
    State,
    Suspend,
    holder,
    representative,
    vintage,
)
from etalon_model.sandbox import Sandbox

A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
CHILD_BORN = date(2017, 9, 3)


@pytest.mark.rule("LIF-09")
@pytest.mark.parametrize("field", ["nir", "birth_on", "vitale_serial"])
def test_one_wrong_field_matches_nobody_and_is_not_named(launch: Sandbox, field: str) -> None:
    """The refusal is the same whichever field is wrong."""
    ins, other = launch.person(), launch.person()
    launch.notify(ins)
    right = launch.service.inputs(ins, launch.now)
    wrong = {
        "nir": replace(right, nir=other),
        "birth_on": replace(right, birth_on=date(1970, 1, 1)),
        "vitale_serial": replace(right, vitale_serial="12345678901"),
    }[field]
    command = Oppose(launch.now, holder(ins), ins, Route.PHONE, wrong, None)

    assert launch.refusal(command) == ("LIF-09", "NO_USER_FOUND")


@pytest.mark.rule("LIF-09")
def test_twins_are_chosen_between(launch: Sandbox) -> None:
    """The refusal lists both; choosing the other one matches nobody; the right choice passes."""
    parent = launch.person()
    twin, other = (launch.person(parent, born=CHILD_BORN) for _ in range(2))
    launch.notify(twin)
    named = launch.service.inputs(twin, launch.now)

    def objection(inputs: IdentityInputs) -> Oppose:
        return Oppose(launch.now, representative(parent), twin, Route.PHONE, inputs, None)

    outcome = launch.service.apply(objection(replace(named, chosen=None)))

    assert getattr(outcome, "choices", ()) == (twin, other)
    assert launch.refusal(objection(replace(named, chosen=other)))[1] == "NO_USER_FOUND"
    launch.do(objection(named))


@pytest.mark.rule("LIF-09")
def test_an_only_child_of_that_day_needs_no_choice(launch: Sandbox) -> None:
    """A sister of another day does not match; a choice that is right is accepted too."""
    parent = launch.person()
    child = launch.person(parent, born=CHILD_BORN)
    launch.person(parent, born=date(2015, 9, 3))
    launch.notify(child)
    inputs = replace(launch.service.inputs(child, launch.now), chosen=None)

    launch.do(Oppose(launch.now, representative(parent), child, Route.PHONE, inputs))

    assert launch.service.state(child) is State.OPPOSED


@pytest.mark.rule("LIF-09")
@pytest.mark.parametrize(
    ("born", "own_card"), [(date(2006, 2, 1), True), (date(2006, 2, 2), False)]
)
def test_an_own_card_serves_from_sixteen_on(launch: Sandbox, born: date, *, own_card: bool) -> None:
    """On 1 February 2022 sixteen years are reached by those born on 1 February 2006."""
    parent = launch.person()
    child = launch.person(parent, born=born)
    launch.notify(child)
    serial = launch.service.person(child).identity.vitale_serial
    inputs = IdentityInputs(child, born, serial)
    command = Oppose(launch.now, representative(parent), child, Route.PHONE, inputs, None)

    if own_card:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("LIF-09", "NO_USER_FOUND")


@pytest.mark.rule("LIF-10", "LIF-11", "LIF-17")
@pytest.mark.parametrize("through", list(Route))
def test_every_route_leads_to_the_same_objection(launch: Sandbox, through: Route) -> None:
    """Same state, and a proof dated like the state; the log keeps the route."""
    ins = launch.person()
    launch.notify(ins)
    launch.wait(A_DAY)

    proof = launch.oppose(ins, through)

    person = launch.service.person(ins)
    assert proof == OppositionProof(ins, person.since, through)
    assert person.state is State.OPPOSED
    assert launch.service.log(ins)[-1].deed.detail == through.value
    late = OpenAutomatically(launch.now + 100 * A_DAY, SYSTEM, ins)
    assert launch.refusal(late) == ("LIF-04", "OPPOSED")


@pytest.mark.rule("LIF-07", "LIF-09")
def test_the_web_asks_for_a_code_and_every_route_for_the_inputs(launch: Sandbox) -> None:
    """The telephone recognises people by their inputs alone."""
    ins = launch.person()
    launch.notify(ins)
    inputs = launch.service.inputs(ins, launch.now)

    on_line = Oppose(launch.now, holder(ins), ins, Route.WEB, inputs, None)
    unknown = Oppose(launch.now, holder(ins), ins, Route.PHONE, None, None)

    assert launch.refusal(on_line) == ("LIF-07", "CODE_NEEDED")
    assert launch.refusal(unknown) == ("LIF-09", "IDENTITY_INPUTS_NEEDED")


@pytest.mark.rule("LIF-04", "LIF-11")
def test_an_objection_after_the_window_is_received_until_the_opening(launch: Sandbox) -> None:
    """With a new code, since the first expired with the window."""
    ins = launch.person()
    launch.notify(ins)
    launch.wait(Period("P8W"))

    launch.oppose(ins)

    assert launch.service.state(ins) is State.OPPOSED


@pytest.mark.rule("LIF-11", "LIF-29")
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (State.NOT_NOTIFIED, ("LIF-11", "NOTHING_TO_OBJECT_TO")),
        (State.OPPOSED, ("LIF-11", "ALREADY_OPPOSED")),
        (State.OPEN_INACTIVE, ("LIF-12", "SPACE_ALREADY_OPEN")),
        (State.OPEN_ACTIVE, ("LIF-12", "SPACE_ALREADY_OPEN")),
        (State.SUSPENDED, ("LIF-12", "SPACE_ALREADY_OPEN")),
        (State.CLOSED_ARCHIVED, ("LIF-11", "NOTHING_TO_OBJECT_TO")),
        (State.DECEASED, ("LIF-29", "DECEASED_INDIVIDUAL")),
    ],
)
def test_only_somebody_notified_objects(
    launch: Sandbox, state: State, refused: tuple[str, str]
) -> None:
    """Elsewhere the refusal says what to do instead."""
    ins = launch.person()
    launch.bring(ins, state)
    inputs = launch.service.inputs(ins, launch.now)

    refusal = launch.refusal(Oppose(launch.now, holder(ins), ins, Route.PHONE, inputs, None))

    assert refusal == refused


@pytest.mark.rule("LIF-01")
@pytest.mark.parametrize(
    ("department", "at", "accepted"),
    [
        ("75", datetime(2021, 12, 31, 22, 59, tzinfo=UTC), False),
        ("75", datetime(2021, 12, 31, 23, 0, tzinfo=UTC), True),
        ("31", datetime(2021, 8, 30, 8, 0, tzinfo=UTC), True),
        ("44", datetime(2021, 8, 30, 8, 0, tzinfo=UTC), True),
        ("80", datetime(2021, 8, 30, 8, 0, tzinfo=UTC), True),
        ("31", datetime(2021, 6, 30, 21, 59, tzinfo=UTC), False),
        ("31", datetime(2021, 6, 30, 22, 0, tzinfo=UTC), True),
    ],
)
def test_before_2022_the_service_is_that_of_the_pilot_departements(
    department: str, at: datetime, *, accepted: bool
) -> None:
    """The whole country enters at midnight in Paris on 1 January 2022."""
    box = Sandbox(vintage("pilot-2021"), now=at)
    command = SendNotice(at, INSURER, box.person(department=department), Channel.EMAIL)

    if accepted:
        box.do(command)
    else:
        assert box.refusal(command) == ("LIF-01", "OUT_OF_SCOPE")


@pytest.mark.rule("LIF-27")
@pytest.mark.parametrize(("after", "missed"), [("P7D", False), ("P8D", True)])
def test_a_newcomer_not_told_within_a_week_is_a_duty_missed(
    launch: Sandbox, after: str, *, missed: bool
) -> None:
    """Somebody affiliated as a newcomer is due a notice within seven days."""
    newcomer = launch.person(newcomer=True)
    launch.person()
    launch.wait(Period(after))

    due = launch.service.duties(launch.now)

    assert [(duty.rule, duty.ins) for duty in due] == [("LIF-27", newcomer)] * missed
    launch.notify(newcomer)
    assert launch.service.duties(launch.now) == ()


@pytest.mark.parametrize(
    "kind",
    [
        *[ReportBounce, ReportUndelivered, OpenAutomatically, ReportOpeningFailure, RecordDeath],
        *[StartErasure, FinishErasure, EndArchive, Reinstate, CloseSuspended, ComeOfAge],
    ],
)
def test_the_insurers_acts_are_the_insurers(launch: Sandbox, kind: type[Command]) -> None:
    """A professional can do none of them, nor notify, nor suspend."""
    ins = launch.person()
    professional = Actor(ActorKind.PROFESSIONAL, "899700366240")
    commands = [
        kind(launch.now, professional, ins),
        SendNotice(launch.now, professional, ins, Channel.EMAIL),
        Suspend(launch.now, professional, ins, "fraud"),
    ]

    assert {launch.refusal(command)[1] for command in commands} == {"NOT_FOR_THIS_ACTOR"}
