"""Consents, care team, blocks, administrators, attending doctor, special roles."""

from datetime import date, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    FinishErasure,
    StartErasure,
    State,
    caregiver,
    holder,
    representative,
)
from etalon_model.actors import Actor, professional
from etalon_model.rights.blocks import (
    BlockProfessional,
    DeclareAttendingDoctor,
    SetAdministrator,
    UnblockProfessional,
)
from etalon_model.rights.consents import (
    DeclareConsent,
    JoinCareTeam,
    LeaveCareTeam,
    ListProfessional,
    ObjectToProfessional,
)
from etalon_model.rights.consultation import AskAuthorisation, OpenRecord
from etalon_model.rights.modes import AccessMode, Authorisation, AuthorisationStatus
from etalon_model.rights.rights import Consent, is_administrator, is_attending, standing_of
from etalon_model.sandbox import Sandbox

GP = professional("810000000017", "doctor")
NURSE = professional("810000000025", "nurse")
A_SECOND = timedelta(seconds=1)
A_CONSULTATION = timedelta(hours=4)


def reads(box: Sandbox, ins: str, actor: Actor) -> OpenRecord:
    """Return a reading in the course of care, now."""
    return OpenRecord(box.now, actor, ins)


def join(box: Sandbox, ins: str, actor: Actor) -> object:
    """Make the actor a member of the care team, the person informed."""
    return box.do(JoinCareTeam(box.now, actor, ins, informed=True))


def consent(box: Sandbox, ins: str, actor: Actor) -> object:
    """Have the actor declare a consent for their own readings."""
    return box.do(DeclareConsent(box.now, actor, ins, actor.ident))


@pytest.mark.rule("ACC-01")
def test_the_care_team_reads_and_a_stranger_does_not(launch: Sandbox, ins: str) -> None:
    """Deemed authorised once the person is informed, until leaving the team."""
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")
    uninformed = JoinCareTeam(launch.now, GP, ins, informed=False)
    assert launch.refusal(uninformed) == ("ACC-01", "PERSON_NOT_INFORMED")
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")

    join(launch, ins, GP)
    launch.do(reads(launch, ins, GP))
    launch.wait(timedelta(days=400))
    launch.do(reads(launch, ins, GP))

    launch.do(LeaveCareTeam(launch.now, GP, ins))
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")
    leave = LeaveCareTeam(launch.now, GP, ins)
    assert launch.refusal(leave) == ("ACC-01", "NOT_IN_CARE_TEAM")


@pytest.mark.rule("ACC-01")
def test_an_objection_ends_what_was_deemed_until_a_new_consent(launch: Sandbox, ins: str) -> None:
    """Declaring the team again is not enough; a consent is."""
    join(launch, ins, GP)
    launch.do(ObjectToProfessional(launch.now, holder(ins), ins, GP.ident))

    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-05", "NEW_CONSENT_NEEDED")
    again = JoinCareTeam(launch.now, GP, ins, informed=True)
    assert launch.refusal(again) == ("ACC-05", "NEW_CONSENT_NEEDED")
    consent(launch, ins, GP)
    launch.do(again)
    launch.wait(timedelta(days=2))
    launch.do(reads(launch, ins, GP))


@pytest.mark.rule("ACC-02")
@pytest.mark.parametrize(
    ("after", "refused"),
    [
        (timedelta(0), False),
        (A_CONSULTATION - A_SECOND, False),
        (A_CONSULTATION, True),
        (timedelta(days=1), True),
    ],
)
def test_outside_the_team_a_consent_opens_one_consultation(
    launch: Sandbox, ins: str, after: timedelta, *, refused: bool
) -> None:
    """Four hours from the first reading, however long the consent waited before it."""
    consent(launch, ins, GP)
    launch.wait(timedelta(days=3))
    launch.do(reads(launch, ins, GP))
    launch.wait(after)

    if refused:
        assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")
        consent(launch, ins, GP)
    launch.do(reads(launch, ins, GP))


@pytest.mark.rule("ACC-03")
@pytest.mark.rule("ACC-14")
def test_a_professional_gathers_the_consent_for_a_colleague(launch: Sandbox, ins: str) -> None:
    """The consent names who heard it; the log keeps the declaration, not a proof."""
    launch.do(DeclareConsent(launch.now, NURSE, ins, GP.ident))
    launch.do(reads(launch, ins, GP))

    assert launch.refusal(reads(launch, ins, NURSE)) == ("ACC-01", "NO_CONSENT")
    standing = standing_of(launch.service.person(ins), GP.ident)
    assert standing is not None
    assert standing.consent == Consent(NURSE.ident, launch.now)
    declared = [
        (row.actor, row.deed.detail)
        for row in launch.service.log(ins)
        if row.deed.action == "DeclareConsent"
    ]
    assert declared == [(NURSE, GP.ident)]


def test_only_carers_declare_a_consent_and_on_an_open_record(launch: Sandbox, ins: str) -> None:
    """Neither the holder, nor the insurer; nobody once the space is closed."""
    for actor in (holder(ins), INSURER):
        declared = DeclareConsent(launch.now, actor, ins, GP.ident)
        assert launch.refusal(declared) == ("TRC-03", "NOT_FOR_THIS_ACTOR")
    launch.close(ins)
    declared = DeclareConsent(launch.now, GP, ins, GP.ident)
    assert launch.refusal(declared) == ("LIF-12", "NO_OPEN_SPACE")


@pytest.mark.rule("ACC-04")
def test_a_blocked_professional_never_reads(launch: Sandbox, ins: str) -> None:
    """Whatever the team, a consent or an emergency say; a colleague's word changes nothing."""
    join(launch, ins, GP)
    launch.do(BlockProfessional(launch.now, holder(ins), ins, GP.ident))

    for mode in AccessMode:
        read = OpenRecord(launch.now, GP, ins, mode, incapable=True)
        assert launch.refusal(read) == ("ACC-04", "PROFESSIONAL_BLOCKED")
    for declared in (
        DeclareConsent(launch.now, GP, ins, GP.ident),
        DeclareConsent(launch.now, NURSE, ins, GP.ident),
        DeclareConsent(launch.now, GP, ins, NURSE.ident),
        JoinCareTeam(launch.now, GP, ins, informed=True),
        SetAdministrator(launch.now, holder(ins), ins, GP.ident),
        BlockProfessional(launch.now, holder(ins), ins, GP.ident),
    ):
        assert launch.refusal(declared) == ("ACC-04", "PROFESSIONAL_BLOCKED")


@pytest.mark.rule("ACC-05")
def test_lifting_a_block_opens_nothing_without_a_new_consent(launch: Sandbox, ins: str) -> None:
    """Neither the former team, nor the former administration, nor the attending doctor's place."""
    join(launch, ins, GP)
    launch.do(SetAdministrator(launch.now, holder(ins), ins, GP.ident))
    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, GP.ident))
    launch.do(BlockProfessional(launch.now, holder(ins), ins, GP.ident))
    unblock = UnblockProfessional(launch.now, holder(ins), ins, GP.ident)
    launch.do(unblock)

    assert launch.refusal(unblock) == ("ACC-05", "NOT_BLOCKED")
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-05", "NEW_CONSENT_NEEDED")
    administrator = SetAdministrator(launch.now, holder(ins), ins, GP.ident)
    assert launch.refusal(administrator) == ("ACC-05", "NEW_CONSENT_NEEDED")
    assert not is_administrator(launch.service.person(ins), GP.ident)
    consent(launch, ins, GP)
    launch.do(reads(launch, ins, GP))


@pytest.mark.rule("ACC-06")
def test_being_on_the_list_opens_nothing(launch: Sandbox, ins: str) -> None:
    """The list of professionals is an address book."""
    launch.do(ListProfessional(launch.now, holder(ins), ins, GP.ident))

    assert standing_of(launch.service.person(ins), GP.ident) is not None
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")


@pytest.mark.rule("ACC-08")
@pytest.mark.parametrize("role", ["insurance", "bank", "employer", "a role nobody knows"])
def test_insurers_banks_and_employers_never_read(launch: Sandbox, ins: str, role: str) -> None:
    """Not even with the consent of the person, nor in an emergency."""
    adviser = professional("810000000033", "doctor", role)
    launch.do(DeclareConsent(launch.now, GP, ins, adviser.ident))

    for mode in AccessMode:
        read = OpenRecord(launch.now, adviser, ins, mode, incapable=True)
        assert launch.refusal(read) == ("ACC-08", "ROLE_NEVER_READS")
    declared = DeclareConsent(launch.now, adviser, ins, adviser.ident)
    assert launch.refusal(declared) == ("ACC-08", "ROLE_NEVER_READS")
    assert launch.refusal(reads(launch, ins, INSURER)) == ("ACC-08", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("ACC-08")
def test_an_occupational_doctor_reads_only_with_express_consent(launch: Sandbox, ins: str) -> None:
    """Never as a member of the team, never by breaking the glass, one consultation a consent."""
    doctor = professional("810000000041", "doctor", "occupational")
    needed = ("ACC-08", "EXPRESS_CONSENT_NEEDED")

    assert launch.refusal(JoinCareTeam(launch.now, doctor, ins, informed=True)) == needed
    broken = OpenRecord(launch.now, doctor, ins, AccessMode.BREAK_GLASS, incapable=True)
    assert launch.refusal(broken) == needed
    launch.do(SetAdministrator(launch.now, holder(ins), ins, doctor.ident))
    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, doctor.ident))
    assert launch.refusal(reads(launch, ins, doctor)) == needed
    consent(launch, ins, doctor)
    launch.do(reads(launch, ins, doctor))
    launch.wait(A_CONSULTATION)
    assert launch.refusal(reads(launch, ins, doctor)) == needed


def test_a_role_without_its_profession_is_no_role(launch: Sandbox, ins: str) -> None:
    """An occupational doctor is a doctor."""
    impostor = professional("810000000058", "nurse", "occupational")
    launch.do(DeclareConsent(launch.now, GP, ins, impostor.ident))
    assert launch.refusal(reads(launch, ins, impostor)) == ("ACC-08", "ROLE_NEVER_READS")


@pytest.mark.rule("ACC-12")
def test_a_nursing_home_s_doctor_reads_with_the_agreement_of_the_person(
    launch: Sandbox, ins: str
) -> None:
    """Given once, until taken back."""
    doctor = professional("810000000066", "doctor", "nursing_home")
    needed = ("ACC-12", "EXPRESS_CONSENT_NEEDED")
    assert launch.refusal(reads(launch, ins, doctor)) == needed

    consent(launch, ins, doctor)
    for _ in range(3):
        launch.do(reads(launch, ins, doctor))
        launch.wait(timedelta(days=30))

    launch.do(ObjectToProfessional(launch.now, holder(ins), ins, doctor.ident))
    assert launch.refusal(reads(launch, ins, doctor)) == needed


@pytest.mark.rule("ACC-09")
def test_an_administrator_reads_and_blocks_colleagues(launch: Sandbox, ins: str) -> None:
    """Until the holder says otherwise; nobody else among professionals blocks."""
    block = BlockProfessional(launch.now, GP, ins, NURSE.ident)
    unblock = UnblockProfessional(launch.now, GP, ins, NURSE.ident)
    join(launch, ins, GP)
    assert launch.refusal(block) == ("ACC-09", "NOT_AN_ADMINISTRATOR")
    launch.do(LeaveCareTeam(launch.now, GP, ins))

    launch.do(SetAdministrator(launch.now, holder(ins), ins, GP.ident))
    launch.do(reads(launch, ins, GP))
    launch.do(block)
    assert launch.refusal(reads(launch, ins, NURSE)) == ("ACC-04", "PROFESSIONAL_BLOCKED")
    launch.do(unblock)

    over = SetAdministrator(launch.now, holder(ins), ins, GP.ident, administrator=False)
    launch.do(over)
    assert launch.refusal(block) == ("ACC-09", "NOT_AN_ADMINISTRATOR")
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")


@pytest.mark.rule("ACC-09")
def test_an_administrator_does_nothing_once_the_space_is_closed(launch: Sandbox, ins: str) -> None:
    """Blocking is refused like reading."""
    launch.do(SetAdministrator(launch.now, holder(ins), ins, GP.ident))
    launch.close(ins)
    block = BlockProfessional(launch.now, GP, ins, NURSE.ident)
    assert launch.refusal(block) == ("LIF-12", "NO_OPEN_SPACE")
    assert launch.refusal(reads(launch, ins, GP)) == ("LIF-12", "NO_OPEN_SPACE")


@pytest.mark.rule("ACC-13")
def test_the_attending_doctor_is_declared_to_the_insurer_only(launch: Sandbox, ins: str) -> None:
    """No operation of the space changes it; the doctor declared reads."""
    for actor in (holder(ins), GP):
        declared = DeclareAttendingDoctor(launch.now, actor, ins, GP.ident)
        assert launch.refusal(declared) == ("ACC-13", "DECLARED_TO_THE_INSURER")
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")

    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, GP.ident))
    assert is_attending(launch.service.person(ins), GP.ident)
    launch.do(reads(launch, ins, GP))
    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, ""))
    assert not is_attending(launch.service.person(ins), "")
    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-01", "NO_CONSENT")


def test_a_caregiver_manages_no_professional(launch: Sandbox, ins: str) -> None:
    """Sharing is the holder's, or a representative's."""
    stranger = caregiver(launch.person())
    block = BlockProfessional(launch.now, stranger, ins, GP.ident)
    assert launch.refusal(block) == ("REP-11", "NO_SHARING")


def test_a_representative_manages_the_professionals_of_a_minor(launch: Sandbox, ins: str) -> None:
    """And somebody else's parent does not."""
    child = launch.person(ins, born=date(2017, 9, 3))
    launch.bring(child, State.OPEN_ACTIVE)
    stranger = launch.person()

    block = BlockProfessional(launch.now, representative(stranger), child, GP.ident)
    assert launch.refusal(block) == ("REP-01", "NOT_A_REPRESENTATIVE")
    launch.do(BlockProfessional(launch.now, representative(ins), child, GP.ident))
    assert launch.refusal(reads(launch, child, GP)) == ("ACC-04", "PROFESSIONAL_BLOCKED")


@pytest.mark.rule("ACC-01", "ACC-04")
def test_asking_for_one_s_authorisation_opens_nothing(launch: Sandbox, ins: str) -> None:
    """Existence, authorisation and attending doctor are answered; nobody is told."""

    def answer() -> object:
        return launch.do(AskAuthorisation(launch.now, GP, ins))

    told = launch.service.notifications(ins)
    assert answer() == Authorisation(
        exists=True, status=AuthorisationStatus.NONE, attending_doctor=False
    )
    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, GP.ident))
    assert answer() == Authorisation(
        exists=True, status=AuthorisationStatus.VALID, attending_doctor=True
    )
    launch.do(BlockProfessional(launch.now, holder(ins), ins, GP.ident))
    assert answer() == Authorisation(
        exists=True, status=AuthorisationStatus.BLOCKED, attending_doctor=True
    )
    assert launch.service.notifications(ins) == told
    asked = AskAuthorisation(launch.now, holder(ins), ins)
    assert launch.refusal(asked) == ("TRC-03", "NOT_FOR_THIS_ACTOR")


def test_a_space_never_activated_is_read_too(launch: Sandbox) -> None:
    """Within the same rules of consent."""
    silent = launch.person()
    launch.bring(silent, State.OPEN_INACTIVE)
    assert launch.refusal(reads(launch, silent, GP)) == ("ACC-01", "NO_CONSENT")
    join(launch, silent, GP)
    launch.do(reads(launch, silent, GP))


def test_a_record_made_anew_after_an_erasure_knows_no_consent(launch: Sandbox, ins: str) -> None:
    """Nor a block: everything was erased."""
    join(launch, ins, GP)
    launch.do(BlockProfessional(launch.now, holder(ins), ins, NURSE.ident))
    launch.close(ins, erase=True)
    launch.do(StartErasure(launch.now, SYSTEM, ins))
    launch.do(FinishErasure(launch.now, SYSTEM, ins))
    launch.activate(ins)

    for actor in (GP, NURSE):
        assert launch.refusal(reads(launch, ins, actor)) == ("ACC-01", "NO_CONSENT")


def test_a_record_opened_again_from_its_archive_keeps_consents_and_blocks(
    launch: Sandbox, ins: str
) -> None:
    """The archive comes back as it was."""
    join(launch, ins, GP)
    launch.do(BlockProfessional(launch.now, holder(ins), ins, NURSE.ident))
    launch.close(ins)
    assert launch.refusal(reads(launch, ins, GP)) == ("LIF-12", "NO_OPEN_SPACE")
    launch.activate(ins)

    launch.do(reads(launch, ins, GP))
    assert launch.refusal(reads(launch, ins, NURSE)) == ("ACC-04", "PROFESSIONAL_BLOCKED")


@pytest.mark.rule("ACC-01")
def test_a_professional_relays_an_objection_about_themselves_and_no_other(
    launch: Sandbox, ins: str
) -> None:
    """What was deemed ends, and the log says who relayed it; of a colleague it is refused."""
    join(launch, ins, GP)

    of_another = ObjectToProfessional(launch.now, NURSE, ins, GP.ident)
    assert launch.refusal(of_another) == ("REP-01", "NOT_FOR_THIS_ACTOR")
    launch.do(ObjectToProfessional(launch.now, GP, ins, GP.ident))

    assert launch.refusal(reads(launch, ins, GP)) == ("ACC-05", "NEW_CONSENT_NEEDED")
    assert any(
        (row.actor, row.deed.action) == (GP, "ObjectToProfessional")
        for row in launch.service.log(ins)
    )


@pytest.mark.rule("ACC-01")
def test_nothing_is_relayed_about_a_record_that_is_closed(launch: Sandbox) -> None:
    """A space nobody reads takes no objection from who would read."""
    other = launch.person()
    launch.bring(other, State.CLOSED_ARCHIVED)

    objection = ObjectToProfessional(launch.now, GP, other, GP.ident)

    assert launch.refusal(objection) == ("LIF-12", "NO_OPEN_SPACE")
