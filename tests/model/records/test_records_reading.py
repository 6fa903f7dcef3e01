"""The truth table lived through: deposits read, searched and counted by each viewer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from etalon_model import (
    INSURER,
    Actor,
    ActorKind,
    Parameters,
    Period,
    Refusal,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.actors import professional
from etalon_model.policies import Policies
from etalon_model.records.changes import DeleteDocument, ReplaceDocument
from etalon_model.records.deposit import Means
from etalon_model.records.masking import Announce
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import Document, Status
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import Criteria, DocumentPage, SearchDocuments
from etalon_model.rights.blocks import BlockProfessional, DeclareAttendingDoctor, SetAdministrator
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.emergencies import SetEmergencyChoices
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.rights import EmergencyChoices

LAUNCH = vintage("launch-2022")
ALLOWED = "60591-5"
DENIED = "ATTEST-RESID"
NORMAL, GLASS, SAMU = AccessMode.NORMAL, AccessMode.BREAK_GLASS, AccessMode.SAMU
REGULATOR = professional("899700366273", "doctor", "regulator")
CODES = {
    "N": ("N",),
    "masked": ("N", "MASQUE_PS"),
    "hidden": ("N", "INVISIBLE_PATIENT"),
    "secret": ("N", "INVISIBLE_REPRESENTANTS_LEGAUX"),
}


def sees(
    care: RecordRehearsal, actor: Actor, document: Document, mode: AccessMode = NORMAL
) -> bool:
    """Whether the actor reads the document; the search and its count must say the same."""
    if mode is not NORMAL:
        care.sandbox.do(OpenRecord(care.now, actor, care.ins, mode, incapable=True))
    read = care.sandbox.service.apply(
        ReadDocument(care.now, actor, care.ins, document.unique_id, mode)
    )
    listed = care.sandbox.service.apply(SearchDocuments(care.now, actor, care.ins, mode=mode))
    found = False
    if not isinstance(listed, Refusal):
        page = listed.answer
        assert isinstance(page, DocumentPage)
        found = document.unique_id in [one.unique_id for one in page.documents]
        assert page.total == len(page.documents)
    assert isinstance(read, Refusal) is not found
    return found


@pytest.mark.rule("VIS-01", "VIS-04")
@pytest.mark.parametrize(("codes", "seen"), [("N", True), ("masked", True), ("hidden", False)])
def test_the_holder_sees_all_but_what_is_hidden(
    care: RecordRehearsal, codes: str, *, seen: bool
) -> None:
    """Rows 1 to 3."""
    assert sees(care, care.holder, care.put(*CODES[codes])) is seen


@pytest.mark.rule("VIS-04")
def test_a_hidden_document_shows_after_the_announcement_or_after_a_month(
    care: RecordRehearsal,
) -> None:
    """Rows 4 and 5: at the month exactly, not a second before."""
    announced, waited = care.put(*CODES["hidden"]), care.put(*CODES["hidden"])
    care.sandbox.do(Announce(care.now, DOCTOR, care.ins, announced.unique_id))
    assert sees(care, care.holder, announced)

    ends_at = Period("P1M").after(care.now)
    care.sandbox.now = ends_at - timedelta(seconds=1)
    assert not sees(care, care.holder, waited)
    care.sandbox.now = ends_at
    assert sees(care, care.holder, waited)


@pytest.mark.rule("VIS-01", "VIS-06", "VIS-04")
@pytest.mark.parametrize(
    ("codes", "parent", "child"),
    [
        ("N", True, True),
        ("masked", True, True),
        ("secret", False, True),
        ("hidden", False, False),
    ],
)
def test_a_parent_sees_what_is_not_kept_from_parents(
    codes: str, *, parent: bool, child: bool
) -> None:
    """Rows 6 to 9, and the minor of fifteen beside them."""
    care = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    document = care.put(*CODES[codes])

    assert sees(care, representative(care.parents[0]), document) is parent
    assert sees(care, holder(care.ins), document) is child


@pytest.mark.rule("VIS-01")
def test_a_stranger_of_the_space_sees_nothing(care: RecordRehearsal) -> None:
    """Nobody is a caregiver who was not invited; no insurer, no application reads (32, 35)."""
    document = care.put()

    assert not sees(care, caregiver(care.sandbox.person()), document)
    assert not sees(care, INSURER, document)
    assert not sees(care, Actor(ActorKind.APP, "app"), document)


@pytest.mark.rule("VIS-01", "VIS-04", "VIS-06")
@pytest.mark.parametrize(
    ("codes", "seen"), [("N", True), ("masked", False), ("hidden", True), ("secret", True)]
)
def test_a_doctor_of_the_team_sees_what_is_not_masked(
    care: RecordRehearsal, codes: str, *, seen: bool
) -> None:
    """Rows 13 and 17 to 19; the depositor sees it in any case (11, 12)."""
    care.team(DOCTOR)
    care.team(OTHER_DOCTOR)
    document = care.put(*CODES[codes], type_code=ALLOWED)

    assert sees(care, OTHER_DOCTOR, document) is seen
    assert sees(care, DOCTOR, document)


@pytest.mark.rule("VIS-01", "ACC-07")
def test_a_type_that_the_matrix_denies_is_neither_read_nor_listed(care: RecordRehearsal) -> None:
    """Row 14: attestations of residence and doctors."""
    care.team(OTHER_DOCTOR)

    assert not sees(care, OTHER_DOCTOR, care.put(type_code=DENIED))
    assert sees(care, OTHER_DOCTOR, care.put(type_code=ALLOWED))


@pytest.mark.rule("REC-08", "VIS-01")
def test_without_consent_or_under_a_block_nothing_is_seen(care: RecordRehearsal) -> None:
    """Rows 15 and 16; a block holds for what one deposited."""
    document = care.put()
    assert not sees(care, OTHER_DOCTOR, document)

    care.team(DOCTOR)
    care.sandbox.do(BlockProfessional(care.now, care.holder, care.ins, DOCTOR.ident))
    assert not sees(care, DOCTOR, document)


@pytest.mark.rule("VIS-03")
@pytest.mark.parametrize(("policy", "attending"), [("law", True), ("product", False)])
def test_who_sees_masked_documents_is_a_policy(policy: str, *, attending: bool) -> None:
    """Rows 20 and 21: the attending doctor by law, an administrator under both."""
    policies = Policies(masking_policy="law" if policy == "law" else "product")
    parameters: Parameters = replace(LAUNCH, policies=policies)
    care = RecordRehearsal(parameters)
    document = care.put(*CODES["masked"], type_code=ALLOWED)
    care.sandbox.do(DeclareAttendingDoctor(care.now, INSURER, care.ins, OTHER_DOCTOR.ident))
    administrator = professional("899700366265", "doctor")
    care.team(administrator)
    care.sandbox.do(SetAdministrator(care.now, care.holder, care.ins, administrator.ident))

    assert sees(care, OTHER_DOCTOR, document) is attending
    assert sees(care, administrator, document)


@pytest.mark.rule("VIS-03", "ACC-07")
@pytest.mark.parametrize("administrator", [False, True])
def test_the_matrix_limits_everybody_but_the_attending_doctor(*, administrator: bool) -> None:
    """Rows 50 and 56: the law opens all that the record holds, administrator or not."""
    care = RecordRehearsal(LAUNCH)
    document = care.put(by=HOSPITAL, type_code=DENIED)
    care.team(OTHER_DOCTOR)
    named = SetAdministrator(care.now, care.holder, care.ins, OTHER_DOCTOR.ident, administrator)
    care.sandbox.do(named)
    assert not sees(care, OTHER_DOCTOR, document)

    care.sandbox.do(DeclareAttendingDoctor(care.now, INSURER, care.ins, OTHER_DOCTOR.ident))

    assert sees(care, OTHER_DOCTOR, document)


@pytest.mark.rule("VIS-01", "EMG-02")
@pytest.mark.parametrize("mode", [GLASS, SAMU])
@pytest.mark.parametrize("masked", [True, False])
def test_in_an_emergency_masked_documents_depend_on_the_choice(
    care: RecordRehearsal, mode: AccessMode, *, masked: bool
) -> None:
    """Rows 22, 24 to 26, 28 and 29."""
    choices = EmergencyChoices(regulator=True, break_glass=True, masked=masked)
    care.sandbox.do(SetEmergencyChoices(care.now, care.holder, care.ins, choices))
    actor = REGULATOR if mode is SAMU else OTHER_DOCTOR

    assert sees(care, actor, care.put(), mode)
    assert sees(care, actor, care.put(*CODES["masked"]), mode) is masked


@pytest.mark.rule("EMG-01")
@pytest.mark.parametrize("mode", [GLASS, SAMU])
def test_an_emergency_that_the_holder_refused_shows_nothing(
    care: RecordRehearsal, mode: AccessMode
) -> None:
    """Rows 23 and 27."""
    document = care.put()
    choices = EmergencyChoices(regulator=False, break_glass=False, masked=False)
    care.sandbox.do(SetEmergencyChoices(care.now, care.holder, care.ins, choices))
    actor = REGULATOR if mode is SAMU else OTHER_DOCTOR

    read = ReadDocument(care.now, actor, care.ins, document.unique_id, mode)

    assert isinstance(care.sandbox.service.apply(read), Refusal)


@pytest.mark.rule("REC-14", "REC-10")
def test_deleted_versions_are_gone_and_superseded_ones_stand_in_the_history(
    care: RecordRehearsal,
) -> None:
    """Rows 36 and 37."""
    care.team(DOCTOR)
    first = care.put()
    second = care.sandbox.do(_replacement(care, first))
    assert isinstance(second, Document)

    assert not sees(care, care.holder, first)
    versions = care.sandbox.do(ReadVersions(care.now, care.holder, care.ins, second.unique_id))
    assert versions == (
        second,
        replace(first, status=Status.SUPERSEDED, revision=2, changed_at=care.now),
    )

    care.sandbox.do(DeleteDocument(care.now, DOCTOR, care.ins, second.unique_id, Means.CPS))
    for actor in (care.holder, DOCTOR):
        assert not sees(care, actor, second)


def _replacement(care: RecordRehearsal, old: Document) -> ReplaceDocument:
    deposit = care.deposit()
    return ReplaceDocument(
        care.now,
        deposit.actor,
        care.ins,
        deposit.sheet,
        deposit.subject,
        deposit.means,
        deposit.codes,
        replaced=old.unique_id,
    )


def test_a_professionals_reading_is_told_to_the_holder(care: RecordRehearsal) -> None:
    """Once a reading; nothing is told of what is hidden from the patient."""
    care.team(DOCTOR)
    shown, hidden = care.put(), care.put(*CODES["hidden"])
    for document in (shown, hidden):
        care.sandbox.do(ReadDocument(care.now, DOCTOR, care.ins, document.unique_id))

    told = [one.code for one in care.sandbox.service.notifications(care.ins)]

    assert told.count("CONSULTATION_DOCUMENT") == 1


def test_a_search_for_deleted_versions_finds_none(care: RecordRehearsal) -> None:
    """Even when it asks for them."""
    care.team(DOCTOR)
    document = care.put()
    care.sandbox.do(DeleteDocument(care.now, DOCTOR, care.ins, document.unique_id, Means.CPS))
    asked = Criteria(status=(Status.DELETED,))

    page = care.sandbox.do(SearchDocuments(care.now, DOCTOR, care.ins, asked))

    assert isinstance(page, DocumentPage)
    assert page.total == 0


@pytest.mark.rule("EMG-02")
def test_who_chose_nothing_lets_emergencies_read_but_not_what_is_masked(
    care: RecordRehearsal,
) -> None:
    """The default of the model for gap G7."""
    assert sees(care, OTHER_DOCTOR, care.put(), GLASS)
    assert not sees(care, OTHER_DOCTOR, care.put(*CODES["masked"]), GLASS)
