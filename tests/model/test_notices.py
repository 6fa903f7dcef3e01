"""Notices, provisional codes and objections."""

from datetime import date, timedelta
from typing import Literal

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    Affiliate,
    Channel,
    Contacts,
    OpenAutomatically,
    Oppose,
    Period,
    RegenerateCode,
    ReportBounce,
    ReportUndelivered,
    Route,
    SendNotice,
    State,
    Traits,
    holder,
    identity,
    representative,
)
from etalon_model.sandbox import Sandbox

A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
CHILD_BORN = date(2017, 9, 3)


@pytest.mark.rule("LIF-05")
@pytest.mark.parametrize(
    ("email", "channel", "refused"),
    [
        (True, Channel.EMAIL, None),
        (True, Channel.LETTER, ("LIF-05", "EMAIL_COMES_FIRST")),
        (False, Channel.EMAIL, ("LIF-05", "NO_EMAIL_ADDRESS")),
        (False, Channel.LETTER, None),
    ],
)
def test_the_notice_goes_by_email_when_an_address_is_known_else_by_letter(
    launch: Sandbox, channel: Channel, refused: tuple[str, str] | None, *, email: bool
) -> None:
    """Four cases of address and channel."""
    command = SendNotice(launch.now, INSURER, launch.person(email=email), channel)

    if refused is None:
        launch.do(command)
    else:
        assert launch.refusal(command) == refused


@pytest.mark.rule("LIF-05")
def test_a_letter_after_a_failed_email_restarts_the_window(launch: Sandbox) -> None:
    """Nothing opens between the failure and the end of the letter's own window."""
    ins = launch.person()
    first = launch.notify(ins)
    launch.wait(A_DAY)
    launch.do(ReportBounce(launch.now, SYSTEM, ins))
    open_now = OpenAutomatically(first.window_ends_at, SYSTEM, ins)

    assert launch.refusal(SendNotice(launch.now, INSURER, ins, Channel.EMAIL)) == (
        "LIF-05",
        "EMAIL_FAILED",
    )
    letter = launch.notify(ins)
    assert letter.channel is Channel.LETTER
    assert letter.code != first.code
    assert letter.window_ends_at == first.window_ends_at + A_DAY
    assert launch.refusal(open_now) == ("LIF-04", "WINDOW_RUNNING")
    launch.open_by_silence(ins)
    assert launch.now == letter.window_ends_at


@pytest.mark.rule("LIF-05")
def test_no_space_opens_while_a_letter_is_due(launch: Sandbox) -> None:
    """The window of a failed e-mail opens nothing."""
    ins = launch.person()
    notice = launch.notify(ins)
    launch.do(ReportBounce(launch.now, SYSTEM, ins))

    late = OpenAutomatically(notice.window_ends_at + A_DAY, SYSTEM, ins)

    assert launch.refusal(late) == ("LIF-05", "LETTER_DUE")


@pytest.mark.rule("LIF-05")
def test_reports_are_on_the_last_notice_only(launch: Sandbox) -> None:
    """A bounce needs an e-mail, a return needs a letter, and each comes once."""
    by_email, by_letter = launch.person(), launch.person(email=False)
    launch.notify(by_email)
    launch.notify(by_letter)

    assert launch.refusal(ReportUndelivered(launch.now, SYSTEM, by_email))[1] == "NO_LETTER_SENT"
    assert launch.refusal(ReportBounce(launch.now, SYSTEM, by_letter))[1] == "NO_EMAIL_SENT"
    launch.do(ReportUndelivered(launch.now, SYSTEM, by_letter))
    assert launch.refusal(ReportUndelivered(launch.now, SYSTEM, by_letter))[1] == "NO_LETTER_SENT"
    assert launch.service.state(by_letter) is State.NOTIFIED


@pytest.mark.rule("LIF-05")
def test_a_second_notice_is_refused_while_the_first_stands(launch: Sandbox) -> None:
    """Only a failed e-mail calls for another notice."""
    ins = launch.person(email=False)
    launch.notify(ins)

    again = SendNotice(launch.now, INSURER, ins, Channel.LETTER)

    assert launch.refusal(again) == ("LIF-05", "NO_NOTICE_DUE")


@pytest.mark.rule("LIF-06")
def test_a_childs_notice_goes_to_the_parent_and_its_space_opens(launch: Sandbox) -> None:
    """At four, silence opens the space too."""
    parent = launch.person()
    child = launch.person(parent, born=CHILD_BORN)

    notice = launch.notify(child)
    launch.open_by_silence(child)

    assert notice.addressee == parent
    assert launch.service.state(child) is State.OPEN_INACTIVE
    assert [told.to for told in launch.service.notifications(child)] == [parent]


@pytest.mark.rule("LIF-06")
def test_a_childs_notice_needs_an_adult(launch: Sandbox) -> None:
    """A minor whom nobody represents gets no notice."""
    child = launch.person(born=CHILD_BORN)

    refusal = launch.refusal(SendNotice(launch.now, INSURER, child, Channel.EMAIL))

    assert refusal == ("LIF-06", "REPRESENTATIVE_UNKNOWN")


@pytest.mark.rule("LIF-06")
def test_a_childs_notice_goes_to_the_adult_named_by_the_insurer(launch: Sandbox) -> None:
    """When the insurer attaches the child to another adult, that one gets it."""
    first, second = launch.person(), launch.person()
    who = identity(1, 900, Traits(CHILD_BORN, "M", "31", 900))
    launch.do(
        Affiliate(
            launch.now,
            INSURER,
            who.ins,
            who,
            Contacts(email=True, mobile=True),
            (first, second),
            None,
            second,
        )
    )

    assert launch.notify(who.ins).addressee == second


@pytest.mark.rule("LIF-07")
@pytest.mark.parametrize(
    ("after", "code"), [("P41D", None), ("P42D", "CODE_EXPIRED"), ("P43D", "CODE_EXPIRED")]
)
def test_a_code_lives_as_long_as_the_window(launch: Sandbox, after: str, code: str | None) -> None:
    """It serves until the end of the forty-second day, and no more from that instant."""
    ins = launch.person()
    notice = launch.notify(ins)
    launch.wait(Period(after))
    command = launch.activation(ins, notice.code)

    if code is None:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("LIF-07", code)


@pytest.mark.rule("LIF-07")
def test_a_code_serves_once(launch: Sandbox) -> None:
    """The code that objected does not activate."""
    ins = launch.person()
    code = launch.notify(ins).code
    inputs = launch.service.inputs(ins, launch.now)
    launch.do(Oppose(launch.now, holder(ins), ins, Route.WEB, inputs, code))

    refusal = launch.refusal(launch.activation(ins, code))

    assert refusal == ("LIF-07", "CODE_ALREADY_USED")


@pytest.mark.rule("LIF-07")
def test_the_code_that_activated_does_not_create_the_space_anew(launch: Sandbox) -> None:
    """Closed the next day, the space needs a new code."""
    ins = launch.person()
    code = launch.notify(ins).code
    launch.do(launch.activation(ins, code))
    launch.close(ins)

    assert launch.refusal(launch.activation(ins, code)) == ("LIF-07", "CODE_ALREADY_USED")
    launch.activate(ins)


@pytest.mark.rule("LIF-07")
def test_a_new_code_replaces_the_one_before(launch: Sandbox) -> None:
    """The replaced code has expired; another person's is not recognised."""
    ins, other = launch.person(), launch.person()
    code = launch.notify(ins).code
    theirs = launch.notify(other).code
    new = launch.fresh_code(ins)

    assert launch.refusal(launch.activation(ins, code)) == ("LIF-07", "CODE_EXPIRED")
    assert launch.refusal(launch.activation(ins, theirs)) == ("LIF-07", "GENERIC_CODE_ERROR")
    launch.do(launch.activation(ins, new))


@pytest.mark.rule("LIF-08")
@pytest.mark.parametrize(
    ("seconds", "accepted"), [(0, False), (10, False), (29, False), (30, True)]
)
def test_thirty_seconds_part_two_codes(launch: Sandbox, seconds: int, *, accepted: bool) -> None:
    """The notice counts as a sending."""
    ins = launch.person()
    launch.notify(ins)
    launch.wait(timedelta(seconds=seconds))
    inputs = launch.service.inputs(ins, launch.now)
    command = RegenerateCode(launch.now, holder(ins), ins, inputs, "sms")

    if accepted:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("LIF-08", "MIN_DELAY_ERROR")


@pytest.mark.rule("LIF-08")
@pytest.mark.parametrize(
    ("email", "mobile", "by", "accepted"),
    [
        (True, False, "sms", False),
        (True, False, "email", True),
        (False, True, "sms", True),
        (False, False, "email", False),
    ],
)
def test_a_code_goes_to_a_contact_the_insurer_knows(
    launch: Sandbox, by: Literal["sms", "email"], *, email: bool, mobile: bool, accepted: bool
) -> None:
    """Without the contact asked for, the contacts are not found."""
    ins = launch.person(email=email, mobile=mobile)
    launch.notify(ins)
    launch.wait(A_DAY)
    inputs = launch.service.inputs(ins, launch.now)
    command = RegenerateCode(launch.now, holder(ins), ins, inputs, by)

    if accepted:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("LIF-08", "CONTACTS_NOT_FOUND")


@pytest.mark.rule("LIF-08", "LIF-29")
@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.NOT_NOTIFIED, "NO_CODE_IN_THIS_STATE"),
        (State.OPEN_ACTIVE, "PROFILE_ALREADY_EXISTS"),
        (State.SUSPENDED, "NO_CODE_IN_THIS_STATE"),
        (State.DELETION_RUNNING, "NO_CODE_IN_THIS_STATE"),
        (State.DECEASED, "DECEASED_INDIVIDUAL"),
    ],
)
def test_some_states_give_no_code(launch: Sandbox, state: State, code: str) -> None:
    """Where nothing can be activated, no code is sent."""
    ins = launch.person()
    launch.bring(ins, state)
    launch.wait(A_DAY)
    inputs = launch.service.inputs(ins, launch.now)

    refusal = launch.refusal(RegenerateCode(launch.now, holder(ins), ins, inputs, "sms"))

    assert refusal[1] == code


@pytest.mark.rule("LIF-08", "REP-01")
def test_a_code_is_not_sent_to_a_stranger_who_knows_the_identity(launch: Sandbox) -> None:
    """Whoever may object may ask for a code, and nobody else."""
    guardian = launch.person()
    ins = launch.person(protected_by=guardian)
    launch.notify(ins)
    launch.wait(A_DAY)
    inputs = launch.service.inputs(ins, launch.now)
    doctor = Actor(ActorKind.PROFESSIONAL, "899700366240")

    by_doctor = RegenerateCode(launch.now, doctor, ins, inputs, "sms")

    assert launch.refusal(by_doctor) == ("REP-01", "NOT_FOR_THIS_ACTOR")
    launch.do(RegenerateCode(launch.now, representative(guardian), ins, inputs, "sms"))
