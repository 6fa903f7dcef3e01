"""Who enters, feeds and reads, and what the log keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from etalon_model import (
    INSURER,
    PARIS,
    SYSTEM,
    Actor,
    ActorKind,
    Affiliate,
    Contacts,
    FeedSpace,
    FirstChoices,
    LogIn,
    LogKind,
    LogPage,
    OpenAutomatically,
    ReadLog,
    ReadSpace,
    SendNotice,
    State,
    UseFeature,
    caregiver,
    holder,
    identity,
    representative,
    vintage,
)
from etalon_model.access_log import Family, log_kind
from etalon_model.command import Command
from etalon_model.people import Channel
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.sandbox import Sandbox, UnexpectedOutcomeError
from etalon_model.states import ACCESS

DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
HOSPITAL = Actor(ActorKind.STRUCTURE, "10B0172805")
A_DAY = timedelta(days=1)
OTHERS = {"Affiliate", "SendNotice", "RegenerateCode", "Activate", "JoinCareTeam", "ReadLog"}


@pytest.mark.rule("LIF-19", "LIF-12")
@pytest.mark.parametrize("state", [state for state in State if state is not State.NOT_ELIGIBLE])
def test_each_state_lets_in_whom_the_table_says(launch: Sandbox, state: State) -> None:
    """Holder, professionals who feed and professionals who read, by state."""
    ins = launch.person()
    launch.bring(ins, state)

    def passes(command: Command) -> bool:
        return not hasattr(launch.service.apply(command), "rule")

    access = ACCESS[state]
    launch.service.apply(JoinCareTeam(launch.now, DOCTOR, ins, informed=True))
    assert passes(LogIn(launch.now, holder(ins), ins)) is access.holder_logs_in
    assert passes(FeedSpace(launch.now, HOSPITAL, ins)) is access.professionals_feed
    assert passes(ReadSpace(launch.now, DOCTOR, ins)) is access.professionals_read
    assert passes(ReadSpace(launch.now, holder(ins), ins)) is access.holder_logs_in


@pytest.mark.rule("LIF-19")
def test_a_space_never_activated_is_fed_and_read_without_its_holder(launch: Sandbox) -> None:
    """The professional reads what the hospital deposited; the holder cannot log in."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_INACTIVE)
    launch.do(FeedSpace(launch.now, HOSPITAL, ins, 2))

    assert launch.refusal(ReadSpace(launch.now, DOCTOR, ins)) == ("ACC-01", "NO_CONSENT")
    launch.do(JoinCareTeam(launch.now, DOCTOR, ins, informed=True))
    assert launch.do(ReadSpace(launch.now, DOCTOR, ins)) == 2
    assert launch.refusal(LogIn(launch.now, holder(ins), ins)) == ("LIF-12", "NO_OPEN_SPACE")
    by_holder = FeedSpace(launch.now, holder(ins), ins)
    assert launch.refusal(by_holder) == ("LIF-19", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("LIF-32")
@pytest.mark.parametrize("choices", [None, FirstChoices(open_to_professionals=False)])
def test_the_first_login_sets_the_choices(launch: Sandbox, choices: FirstChoices | None) -> None:
    """None before it; the defaults or the holder's own after it; a later login changes nothing."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    dossier = launch.service.person(ins).dossier
    assert dossier is not None
    assert dossier.choices is None

    launch.do(LogIn(launch.now, holder(ins), ins, choices=choices))
    launch.do(LogIn(launch.now, holder(ins), ins, choices=FirstChoices(masked=True)))

    assert dossier.choices == (choices or FirstChoices())


@pytest.mark.rule("ID-07")
@pytest.mark.parametrize(
    ("at", "means", "second_factor", "accepted"),
    [
        ("2022-05-31T21:59", "password", False, True),
        ("2022-05-31T22:00", "password", False, False),
        ("2022-05-31T22:00", "password", True, True),
        ("2022-05-31T22:00", "franceconnect", False, True),
    ],
)
def test_a_password_needs_a_second_factor_from_june_2022(
    launch: Sandbox,
    at: str,
    means: Literal["password", "franceconnect"],
    *,
    second_factor: bool,
    accepted: bool,
) -> None:
    """From midnight in Paris; FranceConnect+ brings its own."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    command = LogIn(instant, holder(ins), ins, means, second_factor)

    if accepted:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("ID-07", "SECOND_FACTOR_NEEDED")


@pytest.mark.rule("ID-09")
@pytest.mark.parametrize(
    ("born", "accepted"), [(date(2006, 2, 1), True), (date(2006, 2, 2), False)]
)
def test_a_digital_card_serves_from_sixteen_on(
    launch: Sandbox, born: date, *, accepted: bool
) -> None:
    """On 1 February 2022 the one born a day too late is refused."""
    parent = launch.person()
    young = launch.person(parent, born=born)
    launch.bring(young, State.OPEN_ACTIVE)
    command = LogIn(launch.now, holder(young), young, "apcv")

    if accepted:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("ID-09", "TOO_YOUNG_FOR_DIGITAL_CARD")


@pytest.mark.rule("LIF-02")
@pytest.mark.parametrize(
    ("operation", "at", "accepted"),
    [
        ("read_documents", "2021-10-01T08:00", True),
        ("write_message", "2021-10-01T08:00", True),
        ("read_agenda", "2021-12-31T22:59", False),
        ("read_agenda", "2021-12-31T23:00", True),
        ("connect_service", "2022-10-31T22:59", False),
        ("connect_service", "2022-10-31T23:00", True),
    ],
)
def test_agenda_and_catalogue_are_not_available_in_the_pilot(
    operation: str, at: str, *, accepted: bool
) -> None:
    """Record and messaging are; the agenda comes in January, the catalogue in November 2022."""
    box = Sandbox(vintage("pilot-2021"), now=datetime(2021, 9, 1, tzinfo=UTC))
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    command = UseFeature(instant, holder(ins), ins, operation)

    if accepted:
        box.do(command)
    else:
        assert box.refusal(command) == ("LIF-02", "FEATURE_NOT_AVAILABLE")


@pytest.mark.rule("REP-09")
def test_an_operation_that_does_not_exist_is_refused(launch: Sandbox) -> None:
    """And so is one in somebody else's space."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)

    unknown = UseFeature(launch.now, holder(ins), ins, "fly")
    elsewhere = UseFeature(launch.now, holder("x"), ins, "read_documents")

    assert launch.refusal(unknown) == ("REP-09", "UNKNOWN_OPERATION")
    assert launch.refusal(elsewhere) == ("REP-01", "NOT_THE_HOLDER")


@pytest.mark.rule("TRC-01")
def test_accepted_and_refused_calls_both_leave_a_row(launch: Sandbox) -> None:
    """Instant, actor, action, and the code of the refusal."""
    ins = launch.person()
    launch.notify(ins)
    launch.wait(A_DAY)
    launch.refusal(OpenAutomatically(launch.now, SYSTEM, ins))

    rows = launch.service.log(ins)

    assert [(row.deed.action, row.deed.detail, row.deed.refused) for row in rows] == [
        ("Affiliate", "", ""),
        ("SendNotice", "email", ""),
        ("OpenAutomatically", "", "WINDOW_RUNNING"),
    ]
    assert [row.actor for row in rows] == [INSURER, INSURER, SYSTEM]
    assert [row.at for row in rows] == [launch.now - A_DAY, launch.now - A_DAY, launch.now]


@pytest.mark.rule("TRC-03")
def test_the_kinds_of_actor_in_the_log_are_closed() -> None:
    """Each capacity has one of the seven kinds, and each kind is somebody's."""
    assert {log_kind(kind) for kind in ActorKind} == set(LogKind)
    assert len(LogKind) == 7


@pytest.mark.rule("TRC-05")
def test_representatives_and_strangers_appear_under_their_own_identity(launch: Sandbox) -> None:
    """The row's actor is not the holder; the holder's own rows are."""
    parent = launch.person()
    child = launch.person(parent, born=date(2017, 9, 3))
    launch.bring(child, State.OPEN_ACTIVE)
    launch.do(ReadSpace(launch.now, holder(child), child))
    launch.refusal(ReadSpace(launch.now, caregiver("279035121518989"), child))

    activation, reading, refused = launch.service.log(child)[-3:]

    assert (activation.actor, activation.kind) == (representative(parent), LogKind.PATIENT)
    assert (reading.actor, reading.kind) == (holder(child), LogKind.PATIENT)
    assert refused.actor == caregiver("279035121518989")
    assert refused.deed.refused == "NO_SHARING"


@pytest.mark.rule("TRC-02")
def test_the_holder_reads_the_log_newest_first_a_hundred_rows_a_page(launch: Sandbox) -> None:
    """Notice, team and two hundred and fifty readings make three pages; a page too far is empty."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    launch.do(JoinCareTeam(launch.now, DOCTOR, ins, informed=True))
    for _ in range(250):
        launch.wait(timedelta(seconds=1))
        launch.do(ReadSpace(launch.now, DOCTOR, ins))

    pages = [launch.do(ReadLog(launch.now, holder(ins), ins, page)) for page in (1, 2, 3)]

    sizes = [len(page.rows) for page in pages if isinstance(page, LogPage)]
    instants = [row.at for page in pages if isinstance(page, LogPage) for row in page.rows]
    assert sizes == [100, 100, 54]
    assert instants == sorted(instants, reverse=True)
    beyond = launch.do(ReadLog(launch.now, holder(ins), ins, 4))
    assert beyond == LogPage((), 4, 3)
    before = ReadLog(launch.now, holder(ins), ins, 0)
    assert launch.refusal(before) == ("TRC-02", "NO_SUCH_PAGE")


@pytest.mark.rule("TRC-02")
@pytest.mark.parametrize(
    ("family", "actions"),
    [
        (Family.DOCUMENTS, {"ReadSpace"}),
        (Family.SERVICES, {"UseFeature"}),
        (Family.GENERAL, OTHERS),
    ],
)
def test_the_log_is_read_by_family(launch: Sandbox, family: Family, actions: set[str]) -> None:
    """Documents, services and the rest."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    launch.do(JoinCareTeam(launch.now, DOCTOR, ins, informed=True))
    launch.do(ReadSpace(launch.now, DOCTOR, ins))
    launch.do(UseFeature(launch.now, holder(ins), ins, "read_messages"))
    launch.do(ReadLog(launch.now, holder(ins), ins))

    page = launch.do(ReadLog(launch.now, holder(ins), ins, of_family=family))

    assert isinstance(page, LogPage)
    assert {row.deed.action for row in page.rows} == actions


@pytest.mark.rule("TRC-02")
def test_neither_caregiver_nor_stranger_reads_the_log(launch: Sandbox) -> None:
    """And their attempts are in it."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)

    refusals = [
        launch.refusal(ReadLog(launch.now, actor, ins)) for actor in (caregiver("x"), holder("x"))
    ]

    assert refusals == [("TRC-02", "NOT_FOR_THIS_ACTOR"), ("REP-01", "NOT_THE_HOLDER")]
    assert [row.deed.refused for row in launch.service.log(ins)[-2:]] == [
        "NOT_FOR_THIS_ACTOR",
        "NOT_THE_HOLDER",
    ]


@pytest.mark.rule("TRC-01")
def test_a_command_out_of_order_is_turned_away(launch: Sandbox) -> None:
    """Earlier than the last one on the same person; other people are not held up."""
    ins, other = launch.person(), launch.person()
    launch.wait(A_DAY)
    launch.notify(ins)
    before = launch.now - A_DAY

    refusal = launch.refusal(SendNotice(before, INSURER, ins, Channel.EMAIL))

    assert refusal == ("TRC-01", "OUT_OF_ORDER")
    launch.do(SendNotice(before, INSURER, other, Channel.EMAIL))
    assert [row.deed.refused for row in launch.service.turned_away] == ["OUT_OF_ORDER"]


@pytest.mark.rule("ID-01", "ID-02")
def test_only_the_insurer_affiliates_and_once_under_the_right_identifier(launch: Sandbox) -> None:
    """Unknown people have no log, so these calls are turned away."""
    ins = launch.person()
    known = launch.service.person(ins).identity
    new = identity(2, 500)
    contacts = Contacts(email=True, mobile=True)
    wrong = replace(new, ins="170017510112313")
    as_nia = replace(new, oid="1.2.250.1.213.1.4.9")

    refusals = [
        launch.refusal(Affiliate(launch.now, INSURER, ins, known, contacts)),
        launch.refusal(Affiliate(launch.now, DOCTOR, new.ins, new, contacts)),
        launch.refusal(Affiliate(launch.now, INSURER, "279035121518989", new, contacts)),
        launch.refusal(Affiliate(launch.now, INSURER, new.ins, as_nia, contacts)),
        launch.refusal(Affiliate(launch.now, INSURER, wrong.ins, wrong, contacts)),
        launch.refusal(ReadSpace(launch.now, DOCTOR, new.ins)),
    ]

    assert refusals == [
        ("ID-02", "ALREADY_AFFILIATED"),
        ("TRC-03", "NOT_FOR_THIS_ACTOR"),
        ("ID-02", "IDENTITY_MISMATCH"),
        ("ID-02", "IDENTITY_MISMATCH"),
        ("ID-01", "MATRICULE_WRONG"),
        ("ID-02", "UNKNOWN_PERSON"),
    ]
    assert len(launch.service) == 1
    assert len(launch.service.turned_away) == 6
    with pytest.raises(LookupError, match="nobody affiliated"):
        launch.service.person(new.ins)


def test_what_is_no_command_is_an_error_at_once(launch: Sandbox) -> None:
    """Neither a base command nor a string, nor an instant outside UTC."""
    ins = launch.person()

    with pytest.raises(TypeError, match="Command is not a command of the service"):
        launch.service.apply(Command(launch.now, INSURER, ins))
    with pytest.raises(ValueError, match="must be in UTC"):
        launch.service.apply(ReadSpace(launch.now.replace(tzinfo=None), DOCTOR, ins))


def test_utc_may_come_under_another_name(launch: Sandbox) -> None:
    """An instant in a zone without offset is in UTC; one in Paris is not."""
    ins = launch.person()
    now = launch.now.astimezone(ZoneInfo("Etc/UTC"))

    launch.do(SendNotice(now, INSURER, ins, Channel.EMAIL))
    with pytest.raises(ValueError, match="must be in UTC"):
        launch.service.apply(ReadSpace(launch.now.astimezone(PARIS), DOCTOR, ins))


@pytest.mark.rule("LIF-32")
def test_the_default_choices_are_those_of_gap_g7() -> None:
    """Open to professionals, regulator and break-glass allowed, masked documents not."""
    choices = FirstChoices()

    assert (choices.open_to_professionals, choices.regulator) == (True, True)
    assert (choices.break_glass, choices.masked) == (True, False)


def test_a_rehearsal_says_what_went_otherwise(launch: Sandbox) -> None:
    """A refusal or an acceptance nobody expected is an error with its message."""
    ins = launch.person()

    with pytest.raises(UnexpectedOutcomeError, match="nothing to open in the state NOT_NOTIFIED"):
        launch.do(OpenAutomatically(launch.now, SYSTEM, ins))
    with pytest.raises(UnexpectedOutcomeError, match="was accepted"):
        launch.refusal(SendNotice(launch.now, INSURER, ins, Channel.EMAIL))
