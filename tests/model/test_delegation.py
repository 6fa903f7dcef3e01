"""Caregivers and second representatives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    AnswerInvitation,
    AnswerRepresentation,
    Attestation,
    EndSharing,
    InviteCaregiver,
    InviteRepresentative,
    Period,
    ReadSpace,
    RecordDeath,
    State,
    UseFeature,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.access import OPERATIONS
from etalon_model.people import DelegationState
from etalon_model.sandbox import Sandbox

CHILD_BORN = date(2017, 9, 3)
NEARLY_ADULT_BORN = date(2004, 6, 15)
A_DAY = timedelta(days=1)


def open_adult(box: Sandbox) -> str:
    """Return an adult with an activated space."""
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    return ins


def help_accepted(box: Sandbox, ins: str, guest: str) -> object:
    """Invite and accept."""
    box.do(InviteCaregiver(box.now, holder(ins), ins, guest))
    return box.do(AnswerInvitation(box.now, caregiver(guest), ins, accept=True))


@pytest.mark.rule("REP-03")
def test_a_second_representative_joins_by_invitation(launch: Sandbox) -> None:
    """The request waits; validated, it gives the child a second representative."""
    mother, father = open_adult(launch), open_adult(launch)
    child = launch.person(mother, born=CHILD_BORN)
    launch.bring(child, State.OPEN_ACTIVE)
    invite = InviteRepresentative(launch.now, representative(mother), child, father)
    answer = AnswerRepresentation(launch.now, representative(father), child, accept=True)

    assert launch.refusal(answer) == ("REP-03", "NO_INVITATION")
    launch.do(invite)
    assert launch.refusal(invite) == ("REP-08", "SAME_INVITATION_ALREADY_EXISTS")
    launch.do(answer)
    assert launch.refusal(invite) == ("REP-08", "SAME_DELEGATION_ALREADY_EXISTS")
    assert launch.refusal(answer) == ("REP-03", "NO_INVITATION")
    launch.do(ReadSpace(launch.now, representative(father), child))
    assert launch.service.profiles(father) == (child,)


@pytest.mark.rule("REP-03")
def test_a_refused_request_makes_no_representative(launch: Sandbox) -> None:
    """And may be made again."""
    mother, father = open_adult(launch), open_adult(launch)
    child = launch.person(mother, born=CHILD_BORN)
    launch.bring(child, State.OPEN_ACTIVE)
    invite = InviteRepresentative(launch.now, representative(mother), child, father)
    launch.do(invite)
    launch.do(AnswerRepresentation(launch.now, representative(father), child, accept=False))

    assert launch.service.person(child).representatives == (mother,)
    launch.do(invite)


@pytest.mark.rule("REP-03")
def test_a_second_representative_is_an_adult_with_an_activated_space(launch: Sandbox) -> None:
    """Neither somebody inactive, a stranger, a minor, nor for an adult, nor after closing."""
    mother, inactive, father = open_adult(launch), launch.person(), open_adult(launch)
    minor = launch.person(mother, born=NEARLY_ADULT_BORN)
    launch.bring(minor, State.OPEN_ACTIVE)
    child = launch.person(mother, born=CHILD_BORN)
    launch.bring(child, State.OPEN_ACTIVE)

    def invite(guest: str, to: str = child) -> InviteRepresentative:
        return InviteRepresentative(launch.now, representative(mother), to, guest)

    for guest in (inactive, "279035121518989", minor, child):
        assert launch.refusal(invite(guest)) == ("REP-03", "PROFILE_NOT_FOUND")
    assert launch.refusal(invite(mother)) == ("REP-08", "SAME_DELEGATION_ALREADY_EXISTS")
    assert launch.refusal(invite(father, to=inactive)) == ("REP-04", "NOT_A_MINOR")
    launch.do(invite(father))
    launch.do(invite(father, to=minor))
    launch.close(father)
    answer = AnswerRepresentation(launch.now, representative(father), child, accept=True)
    assert launch.refusal(answer) == ("REP-03", "PROFILE_NOT_FOUND")
    launch.wait(Period("P1Y"))
    late = AnswerRepresentation(launch.now, representative(father), minor, accept=True)
    assert launch.refusal(late) == ("REP-04", "REPRESENTATION_ENDED")


@pytest.mark.rule("REP-05")
def test_a_fourth_caregiver_is_one_too_many(launch: Sandbox) -> None:
    """Three acceptances pass, the fourth is refused; ending one makes room."""
    ins = open_adult(launch)
    guests = [open_adult(launch) for _ in range(4)]
    for guest in guests:
        launch.do(InviteCaregiver(launch.now, holder(ins), ins, guest))
    for guest in guests[:3]:
        launch.do(AnswerInvitation(launch.now, caregiver(guest), ins, accept=True))
    fourth = AnswerInvitation(launch.now, caregiver(guests[3]), ins, accept=True)

    assert launch.refusal(fourth) == ("REP-05", "OUTGOING_CAREGIVING_DELEGATIONS_LIMIT_REACHED")
    launch.do(EndSharing(launch.now, holder(ins), ins, guests[0]))
    launch.do(fourth)


@pytest.mark.rule("REP-06")
def test_a_sixth_holder_is_one_too_many(launch: Sandbox) -> None:
    """Five holders pass, the sixth is refused."""
    guest = open_adult(launch)
    for _ in range(5):
        help_accepted(launch, open_adult(launch), guest)
    sixth = open_adult(launch)
    launch.do(InviteCaregiver(launch.now, holder(sixth), sixth, guest))

    answer = AnswerInvitation(launch.now, caregiver(guest), sixth, accept=True)

    assert launch.refusal(answer) == ("REP-06", "INCOMING_CAREGIVING_DELEGATIONS_LIMIT_REACHED")


@pytest.mark.rule("REP-07")
@pytest.mark.parametrize(("after", "accepted"), [("P27D", True), ("P28D", False), ("P29D", False)])
def test_an_expired_invitation_cannot_be_accepted(
    launch: Sandbox, after: str, *, accepted: bool
) -> None:
    """It lives one month: from 1 February to 1 March."""
    ins, guest = open_adult(launch), open_adult(launch)
    launch.do(InviteCaregiver(launch.now, holder(ins), ins, guest))
    launch.wait(Period(after))
    answer = AnswerInvitation(launch.now, caregiver(guest), ins, accept=True)

    if accepted:
        launch.do(answer)
    else:
        assert launch.refusal(answer) == ("REP-07", "INVITATION_NOT_PENDING")
        launch.do(InviteCaregiver(launch.now, holder(ins), ins, guest))


@pytest.mark.rule("REP-07")
def test_only_the_person_invited_answers_and_once(launch: Sandbox) -> None:
    """A stranger has no invitation; a refusal is told to the holder and ends it."""
    ins, guest, stranger = (open_adult(launch) for _ in range(3))
    launch.do(InviteCaregiver(launch.now, holder(ins), ins, guest))

    by_stranger = AnswerInvitation(launch.now, caregiver(stranger), ins, accept=True)
    by_guest = AnswerInvitation(launch.now, caregiver(guest), ins, accept=False)

    assert launch.refusal(by_stranger) == ("REP-07", "NO_INVITATION")
    launch.do(by_guest)
    assert launch.service.notifications(ins)[-1].code == "REFUS_PARTAGE_PROFIL"
    assert launch.refusal(by_guest) == ("REP-07", "INVITATION_NOT_PENDING")


@pytest.mark.rule("REP-07")
def test_an_invitation_to_a_space_since_closed_is_not_accepted(launch: Sandbox) -> None:
    """There is nothing left to share."""
    ins, guest = open_adult(launch), open_adult(launch)
    launch.do(InviteCaregiver(launch.now, holder(ins), ins, guest))
    launch.close(ins)

    answer = AnswerInvitation(launch.now, caregiver(guest), ins, accept=True)

    assert launch.refusal(answer) == ("REP-03", "PROFILE_NOT_FOUND")


@pytest.mark.rule("REP-08")
def test_two_persons_are_linked_once(launch: Sandbox) -> None:
    """Same invitation, same delegation, and another kind of delegation are refused."""
    ins, guest = open_adult(launch), open_adult(launch)
    child = launch.person(guest, born=CHILD_BORN)
    launch.bring(child, State.OPEN_ACTIVE)
    invite = InviteCaregiver(launch.now, holder(ins), ins, guest)
    launch.do(invite)
    assert launch.refusal(invite) == ("REP-08", "SAME_INVITATION_ALREADY_EXISTS")
    launch.do(AnswerInvitation(launch.now, caregiver(guest), ins, accept=True))
    assert launch.refusal(invite) == ("REP-08", "SAME_DELEGATION_ALREADY_EXISTS")

    parent_as_caregiver = InviteCaregiver(launch.now, representative(guest), child, guest)
    other = "ANOTHER_DELEGATION_ALREADY_EXISTS"

    assert launch.refusal(parent_as_caregiver) == ("REP-08", other)
    launch.do(InviteCaregiver(launch.now, representative(guest), child, ins))
    second = InviteRepresentative(launch.now, representative(guest), child, ins)
    assert launch.refusal(second) == ("REP-08", other)


@pytest.mark.rule("REP-08")
def test_only_an_activated_space_is_shared(launch: Sandbox) -> None:
    """Before activation there is nothing to invite to."""
    ins, guest = launch.person(), open_adult(launch)
    launch.bring(ins, State.OPEN_INACTIVE)

    invite = InviteCaregiver(launch.now, holder(ins), ins, guest)

    assert launch.refusal(invite) == ("REP-08", "NO_SPACE_TO_SHARE")


@pytest.mark.rule("REP-09")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_caregiver_does_what_the_table_says(launch: Sandbox, operation: str) -> None:
    """One row per operation; the holder does them all."""
    ins, guest = open_adult(launch), open_adult(launch)
    help_accepted(launch, ins, guest)
    launch.now = datetime(2023, 1, 1, tzinfo=UTC)
    command = UseFeature(launch.now, caregiver(guest), ins, operation)

    if OPERATIONS[operation]["caregiver"] == "yes":
        launch.do(command)
    else:
        assert launch.refusal(command) == ("REP-09", "NOT_FOR_A_CAREGIVER")
    launch.do(UseFeature(launch.now, holder(ins), ins, operation))


@pytest.mark.rule("REP-10", "REP-11")
@pytest.mark.parametrize("by", ["holder", "caregiver"])
def test_either_side_ends_the_sharing_at_once(launch: Sandbox, by: str) -> None:
    """Two attestations, the other side told, and the next call of the caregiver refused."""
    ins, guest = open_adult(launch), open_adult(launch)
    accepted = help_accepted(launch, ins, guest)
    assert accepted == Attestation(ins, guest, launch.now, DelegationState.ACCEPTED)
    assert launch.do(ReadSpace(launch.now, caregiver(guest), ins)) == 1
    actor = holder(ins) if by == "holder" else caregiver(guest)

    ended = launch.do(EndSharing(launch.now, actor, ins, guest))

    assert ended == Attestation(ins, guest, launch.now, DelegationState.ENDED)
    refusal = launch.refusal(ReadSpace(launch.now, caregiver(guest), ins))
    assert refusal == ("REP-11", "NO_SHARING")
    assert launch.do(ReadSpace(launch.now, holder(ins), ins)) == 2
    told = launch.service.notifications(ins)[-1]
    expected = ("REVOCATION_PAR_AIDE", guest) if by == "holder" else ("REVOCATION_PAR_AIDANT", ins)
    assert (told.code, told.to) == expected
    again = EndSharing(launch.now, actor, ins, guest)
    assert launch.refusal(again) == ("REP-11", "NO_SHARING")


@pytest.mark.rule("REP-11")
def test_a_stranger_ends_no_sharing(launch: Sandbox) -> None:
    """Another caregiver neither."""
    ins, guest, other = (open_adult(launch) for _ in range(3))
    help_accepted(launch, ins, guest)

    by_other = EndSharing(launch.now, caregiver(other), ins, guest)

    assert launch.refusal(by_other) == ("REP-01", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("REP-11")
@pytest.mark.parametrize("end", ["close", "die"])
def test_a_caregiver_without_a_space_helps_nobody(launch: Sandbox, end: str) -> None:
    """When the caregiver's own space is closed or they die, the holder is told."""
    ins, guest = open_adult(launch), open_adult(launch)
    help_accepted(launch, ins, guest)

    if end == "close":
        launch.close(guest)
    else:
        launch.do(RecordDeath(launch.now, INSURER, guest))

    refusal = launch.refusal(ReadSpace(launch.now, caregiver(guest), ins))
    assert refusal == ("REP-11", "NO_SHARING")
    assert launch.service.notifications(ins)[-1].code == "REVOCATION_PAR_AIDANT"


@pytest.mark.rule("REP-11", "LIF-12")
def test_closing_ends_every_sharing_for_good(launch: Sandbox) -> None:
    """The caregiver is told, and does not come back with the archive."""
    ins, guest = open_adult(launch), open_adult(launch)
    help_accepted(launch, ins, guest)
    launch.close(ins)
    codes = [told.code for told in launch.service.notifications(ins)]
    assert "REVOCATION_PAR_AIDE" in codes
    launch.wait(A_DAY)
    launch.activate(ins)

    refusal = launch.refusal(ReadSpace(launch.now, caregiver(guest), ins))

    assert refusal == ("REP-11", "NO_SHARING")


@pytest.mark.rule("REP-13")
def test_an_account_shows_nineteen_profiles(launch: Sandbox) -> None:
    """The twentieth child stays attached but is not shown."""
    parent = launch.person()
    children = [launch.person(parent, born=CHILD_BORN) for _ in range(20)]

    assert launch.service.profiles(parent) == tuple(children[:19])
    assert launch.service.person(children[19]).representatives == (parent,)


def test_vintages_of_delegation_hold_the_limits() -> None:
    """Three caregivers and five holders in every vintage."""
    for name in ("pilot-2021", "launch-2022", "steady-2023"):
        parameters = vintage(name)
        assert (parameters.caregivers_per_holder, parameters.holders_per_caregiver) == (3, 5)
