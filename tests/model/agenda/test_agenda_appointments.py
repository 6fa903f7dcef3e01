"""Appointments and reminders: who writes them, who changes them, within which limits."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest

from etalon_model import Actor, ActorKind, Outcome, Refusal, State, holder, vintage
from etalon_model.agenda.agenda import AppointmentState
from etalon_model.agenda.appointments import (
    ENTRY_STATES,
    FHIR_STATUS,
    NEXT_STATES,
    DeleteAppointment,
    PutAppointment,
)
from etalon_model.agenda.prevention import AgendaView, ReadAgenda
from etalon_model.agenda.reminders import AddReminder, DeleteReminder
from etalon_model.sandbox import Sandbox

DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
HOSPITAL = Actor(ActorKind.STRUCTURE, "1750100125")
STARTS_AT = datetime(2022, 6, 1, 8, 30, tzinfo=UTC)
DUE_ON = date(2022, 6, 1)


def active(launch: Sandbox) -> str:
    """Return somebody who entered their space."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    return ins


def put(
    launch: Sandbox,
    ins: str,
    by: Actor,
    state: AppointmentState = AppointmentState.BOOKED,
    identifier: str = "a1",
) -> Outcome:
    """Write an appointment now."""
    return launch.service.apply(
        PutAppointment(launch.now, by, ins, identifier, STARTS_AT, "Consultation", state)
    )


def view(launch: Sandbox, ins: str) -> AgendaView:
    """Return the agenda as its holder sees it."""
    return cast("AgendaView", launch.do(ReadAgenda(launch.now, holder(ins), ins)))


def code(outcome: Outcome) -> tuple[str, str] | None:
    """Return the rule and the code of a refusal, or None."""
    return (outcome.rule, outcome.code) if isinstance(outcome, Refusal) else None


def path_to(state: AppointmentState, side: str) -> tuple[AppointmentState, ...]:
    """Return the shortest way from an entry state to `state`."""
    ways: list[tuple[AppointmentState, ...]] = [(entry,) for entry in sorted(ENTRY_STATES[side])]
    while all(way[-1] is not state for way in ways):
        ways = [(*way, then) for way in ways for then in sorted(NEXT_STATES[way[-1]])]
    return next(way for way in ways if way[-1] is state)


@pytest.mark.rule("AGD-01")
def test_an_agenda_shows_appointments_past_and_future_reminders_and_prevention(
    launch: Sandbox,
) -> None:
    """Three collections, each in order of time."""
    ins = active(launch)
    by = holder(ins)
    for identifier, day in (("later", 20), ("past", -20)):
        at = launch.now + timedelta(days=day)
        launch.do(PutAppointment(launch.now, by, ins, identifier, at, "Consultation"))
    launch.do(AddReminder(launch.now, by, ins, date(2022, 7, 1), "Second"))
    launch.do(AddReminder(launch.now, by, ins, DUE_ON, "First", "with the card"))

    seen = view(launch, ins)

    assert [known.identifier for known in seen.appointments] == ["past", "later"]
    assert [(known.title, known.comment) for known in seen.reminders] == [
        ("First", "with the card"),
        ("Second", ""),
    ]
    assert [item.window.key for item in seen.prevention] == ["SCR_CERVIX_30_65.3"]


@pytest.mark.rule("AGD-02")
@pytest.mark.parametrize("kind", ["holder", "professional", "structure"])
def test_whoever_writes_an_appointment_is_its_author(launch: Sandbox, kind: str) -> None:
    """Holder, professional or establishment."""
    ins = active(launch)
    by = {"holder": holder(ins), "professional": DOCTOR, "structure": HOSPITAL}[kind]

    assert code(put(launch, ins, by)) is None

    (known,) = view(launch, ins).appointments
    assert known.author == by
    assert known.is_read_only is (kind != "holder")


@pytest.mark.rule("AGD-02", "LIF-19")
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (State.OPEN_INACTIVE, None),
        (State.OPPOSED, ("AGD-02", "NO_OPEN_SPACE")),
        (State.CLOSED_ARCHIVED, ("AGD-02", "NO_OPEN_SPACE")),
    ],
)
def test_an_editor_writes_as_long_as_the_space_is_open(
    launch: Sandbox, state: State, refused: tuple[str, str] | None
) -> None:
    """A space never entered is fed; nobody else's is."""
    ins = launch.person()
    launch.bring(ins, state)

    assert code(put(launch, ins, DOCTOR)) == refused
    told = [notice.code for notice in launch.service.notifications(ins)]
    assert "RDV_AGENDA" not in told


@pytest.mark.rule("AGD-02")
def test_an_insurer_and_a_stranger_do_not_write_appointments(launch: Sandbox) -> None:
    """The insurer feeds the record, not the agenda."""
    ins = active(launch)

    assert code(put(launch, ins, Actor(ActorKind.INSURER, "insurer"))) == (
        "AGD-02",
        "NOT_FOR_THIS_ACTOR",
    )
    delete = DeleteAppointment(launch.now, Actor(ActorKind.INSURER, "insurer"), ins, "a1")
    assert launch.refusal(delete) == ("AGD-02", "NOT_FOR_THIS_ACTOR")
    assert code(put(launch, ins, holder("279035121518989"))) == ("REP-01", "NOT_THE_HOLDER")


@pytest.mark.rule("AGD-02")
def test_a_service_that_the_holder_gave_no_consent_writes_no_appointment(launch: Sandbox) -> None:
    """A referenced service feeds the agenda under the consent of the holder only."""
    ins = active(launch)

    outcome = put(launch, ins, Actor(ActorKind.APP, "app"))

    assert isinstance(outcome, Refusal)
    assert outcome.rule.startswith("CAT-")
    assert view(launch, ins).appointments == ()


@pytest.mark.rule("AGD-03")
def test_the_item_of_an_editor_is_read_only_in_the_space(launch: Sandbox) -> None:
    """The holder neither changes nor deletes it; its author does both."""
    ins = active(launch)
    put(launch, ins, DOCTOR)
    delete = DeleteAppointment(launch.now, holder(ins), ins, "a1")

    assert code(put(launch, ins, holder(ins), AppointmentState.CANCELLED)) == (
        "AGD-03",
        "READ_ONLY_ITEM",
    )
    assert launch.refusal(delete) == ("AGD-03", "READ_ONLY_ITEM")
    assert view(launch, ins).appointments[0].state is AppointmentState.BOOKED

    assert code(put(launch, ins, DOCTOR, AppointmentState.CANCELLED)) is None
    launch.do(DeleteAppointment(launch.now, DOCTOR, ins, "a1"))
    assert view(launch, ins).appointments == ()


@pytest.mark.rule("AGD-03")
def test_a_holder_changes_and_deletes_what_the_space_wrote(launch: Sandbox) -> None:
    """Another day, then cancelled, then gone; the author stays the first one."""
    ins = active(launch)
    by = holder(ins)
    put(launch, ins, by)
    moved = STARTS_AT + timedelta(days=1)

    launch.do(PutAppointment(launch.now, by, ins, "a1", moved, "Consultation"))
    put(launch, ins, by, AppointmentState.CANCELLED)

    (known,) = view(launch, ins).appointments
    assert (known.state, known.author) == (AppointmentState.CANCELLED, by)
    launch.do(DeleteAppointment(launch.now, by, ins, "a1"))
    assert view(launch, ins).appointments == ()


@pytest.mark.rule("AGD-03")
def test_an_editor_does_not_touch_the_item_of_another(launch: Sandbox) -> None:
    """Nor a holder's."""
    ins = active(launch)
    put(launch, ins, DOCTOR)
    put(launch, ins, holder(ins), identifier="mine")

    for identifier in ("a1", "mine"):
        refused = ("AGD-03", "ITEM_OF_ANOTHER")
        assert code(put(launch, ins, HOSPITAL, identifier=identifier)) == refused
        command = DeleteAppointment(launch.now, HOSPITAL, ins, identifier)
        assert launch.refusal(command) == refused


@pytest.mark.rule("AGD-04")
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (AppointmentState.BOOKED, None),
        (AppointmentState.PROPOSED, ("AGD-04", "BOOKING_IS_ELSEWHERE")),
        (AppointmentState.WAITLIST, ("AGD-04", "BOOKING_IS_ELSEWHERE")),
        (AppointmentState.FULFILLED, ("AGD-08", "NOT_A_FIRST_STATE")),
    ],
)
def test_a_holder_books_nothing(
    launch: Sandbox, state: AppointmentState, refused: tuple[str, str] | None
) -> None:
    """What is booked elsewhere is noted; nothing is asked for here."""
    ins = active(launch)

    assert code(put(launch, ins, holder(ins), state)) == refused
    assert len(view(launch, ins).appointments) == (refused is None)


@pytest.mark.rule("AGD-08")
@pytest.mark.parametrize("then", AppointmentState)
@pytest.mark.parametrize("state", AppointmentState)
def test_an_appointment_follows_the_graph(
    launch: Sandbox, state: AppointmentState, then: AppointmentState
) -> None:
    """Each of the hundred pairs of states, from the table."""
    ins = active(launch)
    for step in path_to(state, "editor"):
        assert code(put(launch, ins, DOCTOR, step)) is None

    allowed = then is state or then in NEXT_STATES[state]

    assert code(put(launch, ins, DOCTOR, then)) == (None if allowed else ("AGD-08", "NO_SUCH_STEP"))
    assert view(launch, ins).appointments[0].state is (then if allowed else state)


@pytest.mark.rule("AGD-08")
def test_a_request_is_proposed_a_declaration_booked_and_a_second_put_updates(
    launch: Sandbox,
) -> None:
    """Codes of the wire; one appointment whatever the number of writings."""
    ins = active(launch)
    put(launch, ins, DOCTOR, AppointmentState.PROPOSED)
    put(launch, ins, DOCTOR, AppointmentState.BOOKED)

    (known,) = view(launch, ins).appointments

    assert FHIR_STATUS[known.state] == "booked"
    assert FHIR_STATUS[AppointmentState.PROPOSED] == "proposed"
    assert NEXT_STATES[AppointmentState.BOOKED] >= {AppointmentState.CANCELLED}
    assert len(FHIR_STATUS) == len(AppointmentState) == 10


@pytest.mark.rule("AGD-08")
def test_an_appointment_needs_an_identifier_and_a_zone(launch: Sandbox) -> None:
    """Malformed values are refused, not raised."""
    ins = active(launch)
    naive = STARTS_AT.replace(tzinfo=None)

    assert code(put(launch, ins, DOCTOR, identifier="")) == ("AGD-08", "IDENTIFIER_NEEDED")
    command = PutAppointment(launch.now, DOCTOR, ins, "a1", naive, "Consultation")
    assert launch.refusal(command) == ("AGD-08", "INSTANT_WITHOUT_ZONE")


@pytest.mark.rule("AGD-02")
def test_the_holder_hears_of_the_appointment_of_an_editor_only(launch: Sandbox) -> None:
    """One's own needs no notice."""
    ins = active(launch)
    put(launch, ins, holder(ins), identifier="mine")
    put(launch, ins, DOCTOR)

    told = [(notice.code, notice.to) for notice in launch.service.notifications(ins)]

    assert [code for code, _ in told].count("RDV_AGENDA") == 1
    assert told[-1] == ("RDV_AGENDA", ins)


@pytest.mark.rule("AGD-07")
@pytest.mark.parametrize(
    ("title", "comment", "refused"),
    [
        (1, 0, None),
        (100, 1000, None),
        (0, 0, "TITLE_LENGTH"),
        (101, 0, "TITLE_LENGTH"),
        (100, 1001, "COMMENT_TOO_LONG"),
    ],
)
def test_titles_and_comments_have_their_limits(
    launch: Sandbox, title: int, comment: int, refused: str | None
) -> None:
    """A hundred characters and a thousand, for reminders and appointments."""
    ins = active(launch)
    by = holder(ins)
    wanted = refused and ("AGD-07", refused)
    texts = ("t" * title, "c" * comment)

    reminder = AddReminder(launch.now, by, ins, DUE_ON, *texts)
    assert code(launch.service.apply(reminder)) == wanted
    appointment = PutAppointment(
        launch.now, by, ins, "a1", STARTS_AT, texts[0], AppointmentState.BOOKED, texts[1]
    )
    assert code(launch.service.apply(appointment)) == wanted


@pytest.mark.rule("AGD-07")
def test_the_eleventh_reminder_of_a_day_is_refused(launch: Sandbox) -> None:
    """Ten a day; another day is another count, and a deleted one leaves room."""
    ins = active(launch)
    by = holder(ins)
    numbers = [launch.do(AddReminder(launch.now, by, ins, DUE_ON, "Dose")) for _ in range(10)]
    eleventh = AddReminder(launch.now, by, ins, DUE_ON, "Dose")

    assert launch.refusal(eleventh) == ("AGD-07", "TOO_MANY_REMINDERS")
    launch.do(AddReminder(launch.now, by, ins, date(2022, 6, 2), "Dose"))
    launch.do(DeleteReminder(launch.now, by, ins, 1))
    launch.do(eleventh)

    assert numbers == list(range(1, 11))
    assert [known.number for known in view(launch, ins).reminders] == [*range(2, 11), 12, 11]


@pytest.mark.rule("AGD-07")
def test_a_reminder_is_for_today_or_later(launch: Sandbox) -> None:
    """Yesterday is refused, today is not."""
    ins = active(launch)
    today = launch.now.date()

    launch.do(AddReminder(launch.now, holder(ins), ins, today, "Today"))
    past = AddReminder(launch.now, holder(ins), ins, today - timedelta(days=1), "Yesterday")
    assert launch.refusal(past) == ("AGD-07", "DAY_IS_PAST")


@pytest.mark.rule("AGD-02")
def test_reminders_belong_to_the_inside_of_the_space(launch: Sandbox) -> None:
    """A professional neither writes nor deletes one; an unknown one is not found."""
    ins = active(launch)
    launch.do(AddReminder(launch.now, holder(ins), ins, DUE_ON, "Dose"))

    add = AddReminder(launch.now, DOCTOR, ins, DUE_ON, "Dose")
    assert launch.refusal(add) == ("REP-01", "NOT_FOR_THIS_ACTOR")
    delete = DeleteReminder(launch.now, DOCTOR, ins, 1)
    assert launch.refusal(delete) == ("REP-01", "NOT_FOR_THIS_ACTOR")
    unknown = DeleteReminder(launch.now, holder(ins), ins, 2)
    assert launch.refusal(unknown) == ("AGD-01", "NO_SUCH_ITEM")
    assert launch.refusal(DeleteAppointment(launch.now, DOCTOR, ins, "none")) == (
        "AGD-01",
        "NO_SUCH_ITEM",
    )


@pytest.mark.rule("LIF-02")
def test_the_agenda_of_the_pilot_is_not_available() -> None:
    """Neither from inside the space nor for an editor, until it opens."""
    pilot = Sandbox(vintage("pilot-2021"), now=datetime(2021, 8, 2, 9, tzinfo=UTC))
    ins = pilot.person(department="31")
    pilot.bring(ins, State.OPEN_ACTIVE)
    closed = ("LIF-02", "FEATURE_NOT_AVAILABLE")

    for by in (holder(ins), DOCTOR):
        assert code(put(pilot, ins, by)) == closed
    assert pilot.refusal(ReadAgenda(pilot.now, holder(ins), ins)) == closed


def test_final_states_have_no_next() -> None:
    """Four ends; every other state leads to one of them."""
    ends = {state for state, then in NEXT_STATES.items() if not then}

    assert ends == {
        AppointmentState.FULFILLED,
        AppointmentState.CANCELLED,
        AppointmentState.NOSHOW,
        AppointmentState.ENTERED_IN_ERROR,
    }
    for state in AppointmentState:
        way = path_to(state, "editor")
        assert all(then in NEXT_STATES[first] for first, then in pairwise(way))
