"""Opening by silence and activation."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    AcceptTerms,
    Activate,
    Actor,
    ActorKind,
    Channel,
    CreateLegacyRecord,
    DeclareNotRepresentative,
    FeedSpace,
    FinishErasure,
    LogIn,
    OpenAutomatically,
    Parameters,
    Period,
    ReadSpace,
    RecordDeath,
    ReportOpeningFailure,
    Route,
    SendNotice,
    StartErasure,
    State,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.people import Person
from etalon_model.sandbox import Sandbox

A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
CHILD_BORN = date(2017, 9, 3)
OPEN = (State.OPEN_ACTIVE, State.OPEN_INACTIVE)


@pytest.mark.rule("LIF-04")
@pytest.mark.parametrize(
    ("vintage_name", "notice_at", "opens_at"),
    [
        ("launch-2022", "2022-02-01T09:00", "2022-03-15T09:00"),
        ("launch-2022", "2022-03-01T09:00", "2022-04-12T08:00"),
        ("steady-2023", "2023-02-01T09:00", "2023-03-15T09:00"),
        ("pilot-2021", "2021-08-30T08:00", "2021-09-30T08:00"),
        ("pilot-2021", "2021-09-30T08:00", "2021-10-30T08:00"),
    ],
)
def test_silence_opens_the_space_from_the_end_of_the_window(
    vintage_name: str, notice_at: str, opens_at: str
) -> None:
    """A second earlier is refused; six weeks, or a month in the pilot; hours are those of Paris."""
    box = Sandbox(vintage(vintage_name), now=datetime.fromisoformat(notice_at).replace(tzinfo=UTC))
    ins = box.person()
    box.notify(ins)
    end = datetime.fromisoformat(opens_at).replace(tzinfo=UTC)

    assert box.refusal(OpenAutomatically(end - A_SECOND, SYSTEM, ins)) == (
        "LIF-04",
        "WINDOW_RUNNING",
    )
    box.do(OpenAutomatically(end, SYSTEM, ins))
    assert box.service.person(ins).opened_at == end


@pytest.mark.rule("LIF-04")
def test_opening_late_is_never_a_failure(launch: Sandbox) -> None:
    """A year after the window the space still opens."""
    ins = launch.person()
    launch.notify(ins)
    launch.wait(Period("P1Y"))

    launch.open_by_silence(ins)

    assert launch.service.state(ins) is State.OPEN_INACTIVE


@pytest.mark.rule("LIF-04", "LIF-29")
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (State.NOT_NOTIFIED, ("LIF-04", "NOTHING_TO_OPEN")),
        (State.OPPOSED, ("LIF-04", "OPPOSED")),
        (State.OPEN_ACTIVE, ("LIF-04", "NOTHING_TO_OPEN")),
        (State.CLOSED_ARCHIVED, ("LIF-04", "NOTHING_TO_OPEN")),
        (State.PURGED, ("LIF-04", "NOTHING_TO_OPEN")),
        (State.DECEASED, ("LIF-29", "DECEASED_INDIVIDUAL")),
    ],
)
def test_only_silence_opens(launch: Sandbox, state: State, refused: tuple[str, str]) -> None:
    """Nobody else's space opens by itself."""
    ins = launch.person()
    launch.bring(ins, state)
    launch.wait(Period("P7W"))

    assert launch.refusal(OpenAutomatically(launch.now, SYSTEM, ins)) == refused


@pytest.mark.rule("LIF-01")
def test_where_the_service_does_not_exist_no_way_leads_to_a_space() -> None:
    """In Paris on 31 December 2021 nobody is notified, so nothing opens or is activated."""
    box = Sandbox(vintage("launch-2022"), now=datetime(2021, 12, 31, 12, tzinfo=UTC))
    ins = box.person(department="75")

    assert box.refusal(SendNotice(box.now, INSURER, ins, Channel.EMAIL))[0] == "LIF-01"
    assert box.refusal(OpenAutomatically(box.now, SYSTEM, ins))[1] == "NOTHING_TO_OPEN"
    assert box.refusal(box.activation(ins, "Ab3dEf6hIj9k"))[1] == "NOT_ACTIVABLE"


@pytest.mark.rule("LIF-23")
def test_an_opening_that_fails_is_told_at_once_and_tried_again(launch: Sandbox) -> None:
    """The state stays, the person is told at the same instant, the next opening succeeds."""
    ins = launch.person()
    launch.bring(ins, State.NOTIFIED)
    launch.wait(Period("P6W"))
    launch.do(ReportOpeningFailure(launch.now, SYSTEM, ins))

    told = launch.service.notifications(ins)[-1]

    assert (told.at, told.code, told.to) == (launch.now, "OPENING_IMPOSSIBLE", ins)
    assert launch.service.state(ins) is State.NOTIFIED
    launch.wait(A_DAY)
    launch.open_by_silence(ins)


@pytest.mark.rule("LIF-23")
def test_only_an_opening_that_is_due_can_fail(launch: Sandbox) -> None:
    """An open space has nothing to fail."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)

    refusal = launch.refusal(ReportOpeningFailure(launch.now, SYSTEM, ins))

    assert refusal == ("LIF-23", "NOTHING_TO_OPEN")


@pytest.mark.rule("LIF-25")
def test_a_declaration_holds_the_opening_until_a_representative_acts(launch: Sandbox) -> None:
    """Only the addressee declares; nothing opens by itself; an activation ends the hold."""
    addressee, other = launch.person(), launch.person()
    child = launch.person(addressee, other, born=CHILD_BORN)
    launch.notify(child)

    def declare(ins: str, about: str) -> DeclareNotRepresentative:
        return DeclareNotRepresentative(launch.now, holder(ins), about)

    assert launch.refusal(declare(other, child)) == ("LIF-25", "NOT_THE_ADDRESSEE")
    assert launch.refusal(declare(other, addressee)) == ("LIF-25", "NOT_A_MINOR")
    launch.do(declare(addressee, child))
    launch.wait(Period("P7W"))
    assert launch.refusal(OpenAutomatically(launch.now, SYSTEM, child)) == (
        "LIF-25",
        "OPENING_HELD",
    )
    launch.activate(child)
    dossier = launch.service.person(child).dossier
    assert launch.service.state(child) is State.OPEN_ACTIVE
    assert dossier is not None
    assert not dossier.held
    assert launch.refusal(declare(addressee, child)) == ("LIF-25", "NOTHING_TO_OPEN")


@pytest.mark.rule("LIF-14", "LIF-15", "LIF-16", "LIF-18")
@pytest.mark.parametrize(
    ("state", "documents"),
    [
        (State.NOTIFIED, 0),
        (State.OPPOSED, 0),
        (State.OPEN_INACTIVE, 0),
        (State.CLOSED_ARCHIVED, 3),
        (State.DELETION_REQUESTED, 3),
        (State.PURGED, 0),
    ],
)
def test_an_activation_brings_the_archive_back_if_there_is_one(
    launch: Sandbox, state: State, documents: int
) -> None:
    """Three documents fed before a closing are there after it; none after an erasure."""
    ins = launch.person()
    if state in (State.CLOSED_ARCHIVED, State.DELETION_REQUESTED, State.PURGED):
        launch.bring(ins, State.OPEN_ACTIVE)
        launch.do(FeedSpace(launch.now, DOCTOR, ins, 3))
        launch.close(ins, erase=state is not State.CLOSED_ARCHIVED)
        if state is State.PURGED:
            launch.do(StartErasure(launch.now, SYSTEM, ins))
            launch.do(FinishErasure(launch.now, SYSTEM, ins))
        launch.wait(Period("P5Y"))
    else:
        launch.bring(ins, state)

    launch.activate(ins)

    assert launch.do(ReadSpace(launch.now, holder(ins), ins)) == documents
    assert launch.service.duties(launch.now + 4000 * A_DAY) == ()


@pytest.mark.rule("LIF-14")
@pytest.mark.parametrize("state", OPEN)
def test_a_space_keeps_the_day_of_its_first_opening(launch: Sandbox, state: State) -> None:
    """By activation or by silence; entering it later or anew changes nothing of that."""
    ins = launch.person()
    launch.bring(ins, state)
    first = launch.now
    if state is State.OPEN_ACTIVE:
        launch.close(ins)
    launch.wait(A_DAY)

    launch.activate(ins)

    assert launch.service.person(ins).opened_at == first


@pytest.mark.rule("LIF-15", "LIF-18", "LIF-29")
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (State.NOT_NOTIFIED, ("LIF-18", "NOT_ACTIVABLE")),
        (State.OPEN_ACTIVE, ("LIF-18", "PROFILE_ALREADY_EXISTS")),
        (State.SUSPENDED, ("LIF-18", "NOT_ACTIVABLE")),
        (State.DELETION_RUNNING, ("LIF-15", "ERASURE_RUNNING")),
        (State.DECEASED, ("LIF-29", "DECEASED_INDIVIDUAL")),
    ],
)
def test_some_states_cannot_be_activated(
    launch: Sandbox, state: State, refused: tuple[str, str]
) -> None:
    """Each with its own reason."""
    ins = launch.person()
    launch.bring(ins, state)

    assert launch.refusal(launch.activation(ins, "Ab3dEf6hIj9k")) == refused


@pytest.mark.rule("LIF-26", "LIF-07", "LIF-09")
@pytest.mark.parametrize(
    ("without", "refused"),
    [
        ("terms_version", ("LIF-26", "TERMS_NOT_ACCEPTED")),
        ("code", ("LIF-07", "CODE_NEEDED")),
        ("inputs", ("LIF-09", "IDENTITY_INPUTS_NEEDED")),
    ],
)
def test_an_activation_needs_inputs_code_and_terms(
    launch: Sandbox, without: str, refused: tuple[str, str]
) -> None:
    """Each missing thing is named."""
    ins = launch.person()
    command = launch.activation(ins, launch.notify(ins).code)
    lacking: dict[str, Activate] = {
        "terms_version": replace(command, terms_version=""),
        "code": replace(command, code=None),
        "inputs": replace(command, inputs=None),
    }

    assert launch.refusal(lacking[without]) == refused
    launch.do(command)


@pytest.mark.rule("LIF-09")
def test_an_activation_with_wrong_inputs_matches_nobody(launch: Sandbox) -> None:
    """The code alone does not activate."""
    ins = launch.person()
    command = launch.activation(ins, launch.notify(ins).code)
    wrong = replace(launch.service.inputs(ins, launch.now), vitale_serial="12345678901")

    assert launch.refusal(replace(command, inputs=wrong)) == ("LIF-09", "NO_USER_FOUND")


@pytest.mark.rule("ID-09")
def test_franceconnect_stands_for_inputs_and_code(launch: Sandbox) -> None:
    """For the holder only: a child is not connected by its parent's identity. No code is used."""
    parent = launch.person()
    child = launch.person(parent, born=CHILD_BORN)
    code = launch.notify(parent).code
    launch.notify(child)
    connected = Activate(
        launch.now, holder(parent), parent, None, code, franceconnect=True, terms_version="1"
    )
    by_parent = replace(connected, actor=representative(parent), ins=child)

    assert launch.refusal(by_parent) == ("LIF-09", "IDENTITY_INPUTS_NEEDED")
    launch.do(connected)
    assert launch.service.person(parent).codes_used == 0


@pytest.mark.rule("LIF-26")
def test_new_terms_block_everything_until_accepted() -> None:
    """From the day they take effect, only their acceptance passes."""
    terms = ((date(2021, 1, 1), "1"), (date(2022, 6, 1), "2"))
    box = Sandbox(replace(vintage("launch-2022"), terms=terms))
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    box.do(ReadSpace(box.now, holder(ins), ins))
    box.now = datetime(2022, 5, 31, 22, 0, tzinfo=UTC)

    assert box.refusal(LogIn(box.now, holder(ins), ins)) == ("LIF-26", "TERMS_NOT_ACCEPTED")
    assert box.refusal(ReadSpace(box.now, holder(ins), ins))[0] == "LIF-26"
    assert box.refusal(AcceptTerms(box.now, holder(ins), ins, "1"))[0] == "LIF-26"
    assert box.refusal(AcceptTerms(box.now, caregiver("x"), ins, "2"))[0] == "REP-11"
    box.do(AcceptTerms(box.now, holder(ins), ins, "2"))
    box.do(ReadSpace(box.now, holder(ins), ins))


@pytest.mark.rule("LIF-03")
def test_nothing_costs_the_holder_anything() -> None:
    """No parameter and no trait of a person speaks of money."""
    names = {field.name for kind in (Parameters, Person) for field in fields(kind)}

    words = {word for name in names for word in name.split("_")}
    assert not words & {"fee", "price", "cost", "eur", "euros", "amount"}


@pytest.mark.rule("LIF-29")
def test_nobody_enters_after_a_death(launch: Sandbox) -> None:
    """Not even into an archive; a second death is refused."""
    ins = launch.person()
    launch.bring(ins, State.CLOSED_ARCHIVED)
    launch.do(RecordDeath(launch.now, INSURER, ins))

    again = RecordDeath(launch.now, INSURER, ins)

    assert launch.refusal(launch.activation(ins, "x")) == ("LIF-29", "DECEASED_INDIVIDUAL")
    assert launch.refusal(again) == ("LIF-29", "DECEASED_INDIVIDUAL")
    record = CreateLegacyRecord(launch.now, DOCTOR, ins, 1, Route.COUNTER)
    assert launch.refusal(record)[0] == "LIF-20"


@pytest.mark.rule("LIF-31")
def test_state_medical_aid_follows_the_same_path(launch: Sandbox) -> None:
    """Notified, opened and activated under an identifier that is no NIR."""
    ins = launch.person(state_aid=True)

    launch.bring(ins, State.OPEN_INACTIVE)
    launch.activate(ins)

    assert ins.startswith("8")
    assert launch.service.state(ins) is State.OPEN_ACTIVE
