"""Vaccinations, medical profile, entourage, directives, reimbursements, synthesis, measures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from etalon_model import INSURER, SYSTEM, Period, representative, vintage
from etalon_model.records.automatic import (
    AllowAutomaticReading,
    CopyMeasure,
    FeedReimbursement,
    GenerateSynthesis,
    Measured,
)
from etalon_model.records.deposit import Means
from etalon_model.records.medical_data import Contact, Item, Reimbursement, Vaccination
from etalon_model.records.record import Document
from etalon_model.records.rehearsal import DOCTOR, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.sections import SECTIONS, ReadSection, WriteSection
from etalon_model.records.uploads import DeleteOwnDocuments, UploadDocument
from etalon_model.records.vaccinations import (
    AddVaccination,
    ConfirmVaccination,
    DeleteVaccination,
    UpdateVaccination,
)
from etalon_model.records.wishes import (
    AddContact,
    DeclareDirectives,
    RecallDirectives,
    RemoveContact,
)

LAUNCH = vintage("launch-2022")
DONE_ON = date(2021, 6, 1)
CONFIRMED = ("REC-22", "VACCINATION_CONFIRMED")
UNKNOWN = ("REC-22", "NO_SUCH_VACCINATION")
A_SECOND = timedelta(seconds=1)


def told(care: RecordRehearsal, code: str) -> int:
    """Return how often the code was told about the person."""
    return [one.code for one in care.sandbox.service.notifications(care.ins)].count(code)


def section(care: RecordRehearsal, name: str) -> object:
    """Return what the holder reads in a section."""
    return care.sandbox.do(ReadSection(care.now, care.holder, care.ins, name))


@pytest.mark.rule("REC-22")
def test_a_vaccination_is_editable_until_a_professional_confirms_it(
    care: RecordRehearsal,
) -> None:
    """Changed before, refused after, deletion too."""
    number = care.sandbox.do(AddVaccination(care.now, care.holder, care.ins, "DTP", DONE_ON, "L1"))
    assert number == 1
    change = UpdateVaccination(care.now, care.holder, care.ins, 1, "DTP", DONE_ON, "L2")
    care.sandbox.do(change)
    written = Vaccination("DTP", DONE_ON, "L2", "", care.holder)
    assert section(care, "vaccinations") == ((1, written),)

    care.sandbox.do(ConfirmVaccination(care.now, DOCTOR, care.ins, 1, Means.CPS))

    assert care.sandbox.refusal(change) == CONFIRMED
    delete = DeleteVaccination(care.now, care.holder, care.ins, 1)
    assert care.sandbox.refusal(delete) == CONFIRMED
    assert section(care, "vaccinations") == ((1, replace(written, confirmed_by=DOCTOR)),)
    assert told(care, "AJOUT_VACCINATION") == 1


@pytest.mark.rule("REC-22")
def test_what_a_professional_entered_is_not_the_holders_to_change(care: RecordRehearsal) -> None:
    """A deleted one leaves its number unused; somebody without means enters nothing."""
    entry = AddVaccination(care.now, DOCTOR, care.ins, "MMR", DONE_ON, means=Means.E_CPS)
    assert care.sandbox.refusal(replace(entry, means=Means.NONE)) == ("REC-06", "NO_STRONG_MEANS")
    assert care.sandbox.do(entry) == 1
    assert care.sandbox.do(replace(entry, actor=care.holder)) == 2
    delete = DeleteVaccination(care.now, care.holder, care.ins, 1)
    assert care.sandbox.refusal(delete) == CONFIRMED

    care.sandbox.do(replace(delete, number=2))

    assert care.sandbox.refusal(replace(delete, number=2)) == UNKNOWN
    assert care.sandbox.do(replace(entry, actor=care.holder)) == 3
    confirm = ConfirmVaccination(care.now, care.holder, care.ins, 3, Means.NONE)
    assert care.sandbox.refusal(confirm) == ("REC-22", "NOT_FOR_THIS_ACTOR")
    none = replace(confirm, actor=DOCTOR, means=Means.CPS, number=9)
    assert care.sandbox.refusal(none) == UNKNOWN


@pytest.mark.rule("REC-22")
@pytest.mark.parametrize(
    ("lot", "comment", "accepted"),
    [(100, 3000, True), (101, 0, False), (0, 3001, False)],
)
def test_texts_of_a_vaccination_have_limits(
    care: RecordRehearsal, lot: int, comment: int, *, accepted: bool
) -> None:
    """A lot of a hundred characters, a comment of three thousand."""
    command = AddVaccination(
        care.now, care.holder, care.ins, "DTP", DONE_ON, "l" * lot, "c" * comment
    )

    if accepted:
        care.sandbox.do(command)
    else:
        assert care.sandbox.refusal(command) == ("REC-22", "TEXT_TOO_LONG")
    later = replace(command, lot="", comment="", done_on=date(2022, 2, 2))
    assert care.sandbox.refusal(later) == ("REC-22", "DATE_IN_FUTURE")


@pytest.mark.rule("REC-23")
@pytest.mark.parametrize("name", list(SECTIONS))
def test_professionals_read_five_kinds_of_content_and_no_more_of_the_profile(
    care: RecordRehearsal, name: str
) -> None:
    """Documents aside: vaccinations, health history, entourage, wishes."""
    care.team(DOCTOR)
    read = ReadSection(care.now, DOCTOR, care.ins, name)

    if name in ("vaccinations", "reimbursements", "entourage", "wishes"):
        care.sandbox.do(read)
        assert told(care, "CONSULT_VACCINATION") == (name == "vaccinations")
    else:
        assert care.sandbox.refusal(read) == ("REC-23", "SECTION_NOT_FOR_PROFESSIONALS")
    assert care.sandbox.refusal(replace(read, actor=OTHER_DOCTOR)) == ("ACC-01", "NO_CONSENT")
    section(care, name)


@pytest.mark.rule("REC-23")
def test_a_section_is_written_by_the_space_within_limits(care: RecordRehearsal) -> None:
    """A posology of a thousand characters; sections with commands of their own are not written."""
    items = (Item("Penicillin"), Item("Nuts", "severe"))
    write = WriteSection(care.now, care.holder, care.ins, "allergies", items)
    care.sandbox.do(write)
    assert section(care, "allergies") == items
    posology = replace(write, section="treatments", items=(Item("Aspirin", "p" * 1000),))
    care.sandbox.do(posology)
    long = replace(posology, items=(Item("Aspirin", "p" * 1001),))
    assert care.sandbox.refusal(long) == ("REC-23", "TEXT_TOO_LONG")
    measure = replace(write, section="measures", items=(Item("Weight", "c" * 151),))
    assert care.sandbox.refusal(measure) == ("REC-23", "TEXT_TOO_LONG")
    for name in ("vaccinations", "moods"):
        unknown = replace(write, section=name)
        assert care.sandbox.refusal(unknown) == ("REC-23", "UNKNOWN_SECTION")
    absent = ReadSection(care.now, care.holder, care.ins, "moods")
    assert care.sandbox.refusal(absent) == ("REC-23", "UNKNOWN_SECTION")


def test_not_concerned_and_items_exclude_each_other(care: RecordRehearsal) -> None:
    """Declared with nothing, withdrawn by an item."""
    write = WriteSection(care.now, care.holder, care.ins, "allergies", (), not_concerned=True)
    care.sandbox.do(write)
    holdings = care.sandbox.service.person(care.ins).holdings
    assert holdings is not None
    assert holdings.record is not None
    profile = holdings.record.profile
    assert profile is not None
    assert profile.not_concerned == {"allergies"}

    care.sandbox.do(replace(write, items=(Item("Nuts"),)))

    assert profile.not_concerned == frozenset()


@pytest.mark.rule("REC-21")
def test_there_is_one_trusted_person(care: RecordRehearsal) -> None:
    """A second is refused until the first is removed; other contacts are free."""
    first = AddContact(care.now, care.holder, care.ins, "Sister", trusted=True)
    second = replace(first, name="Friend")
    care.sandbox.do(first)
    assert care.sandbox.refusal(second) == ("REC-21", "TRUSTED_PERSON_EXISTS")
    care.sandbox.do(replace(second, trusted=False, name="Neighbour"))

    care.sandbox.do(RemoveContact(care.now, care.holder, care.ins, "Sister"))
    care.sandbox.do(second)

    contacts = (Contact("Neighbour", trusted=False), Contact("Friend", trusted=True))
    assert section(care, "entourage") == contacts
    assert told(care, "AJOUT_ENTOURAGE") == 3
    gone = RemoveContact(care.now, care.holder, care.ins, "Sister")
    assert care.sandbox.refusal(gone) == ("REC-21", "NO_SUCH_CONTACT")


@pytest.mark.rule("REC-20")
def test_advance_directives_are_recalled_once_a_year(care: RecordRehearsal) -> None:
    """Not before a year, then again a year later; without directives there is nothing to recall."""
    recall = RecallDirectives(care.now, SYSTEM, care.ins)
    assert care.sandbox.refusal(recall) == ("REC-20", "NO_DIRECTIVES")
    upload = UploadDocument(
        care.now, care.holder, care.ins, "urn:uuid:d", "DIR_ANT", "D", "pdf", 1, "a" * 40, care.now
    )
    care.sandbox.do(upload)
    care.sandbox.do(DeclareDirectives(care.now, care.holder, care.ins, "urn:uuid:d"))
    assert section(care, "wishes") == "urn:uuid:d"
    due_at = Period("P1Y").after(care.now)
    care.sandbox.now = due_at - A_SECOND
    early = replace(recall, at=care.now)
    assert care.sandbox.refusal(early) == ("REC-20", "RECALL_NOT_DUE")
    care.sandbox.now = due_at

    assert care.sandbox.do(replace(recall, at=care.now)) == Period("P1Y").after(due_at)

    assert told(care, "RAPPEL_MODIF_DA") == 1
    assert care.sandbox.refusal(replace(recall, at=care.now)) == ("REC-20", "RECALL_NOT_DUE")
    care.sandbox.do(DeleteOwnDocuments(care.now, care.holder, care.ins, ("urn:uuid:d",)))
    assert section(care, "wishes") == ""
    care.sandbox.now = Period("P1Y").after(care.now)
    assert care.sandbox.refusal(replace(recall, at=care.now)) == ("REC-20", "NO_DIRECTIVES")


@pytest.mark.rule("REC-20")
def test_directives_are_an_adults_own_and_a_document_of_their_type(care: RecordRehearsal) -> None:
    """Neither for a minor, nor any document."""
    report = care.put().unique_id
    declare = DeclareDirectives(care.now, care.holder, care.ins, report)
    assert care.sandbox.refusal(declare) == ("REC-20", "DOCUMENT_NOT_FOUND")
    assert care.sandbox.refusal(replace(declare, actor=DOCTOR))[1] == "NOT_FOR_THIS_ACTOR"
    minor = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    by_parent = DeclareDirectives(
        minor.now, representative(minor.parents[0]), minor.ins, "urn:uuid:d"
    )
    assert minor.sandbox.refusal(by_parent) == ("REC-20", "ADULTS_ONLY")


@pytest.mark.rule("REC-26")
def test_the_insurer_feeds_reimbursements_but_no_secret_act_of_a_minor() -> None:
    """Absent from the record; an adult's act is fed whatever the mark, and told of once."""
    minor = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    secret = FeedReimbursement(minor.now, INSURER, minor.ins, "contraception", DONE_ON, secret=True)
    assert minor.sandbox.refusal(secret) == ("REC-26", "SECRET_ACT")
    minor.sandbox.do(replace(secret, act="visit", secret=False))
    assert section(minor, "reimbursements") == (Reimbursement("visit", DONE_ON),)

    adult = RecordRehearsal(LAUNCH)
    command = FeedReimbursement(adult.now, INSURER, adult.ins, "visit", DONE_ON, secret=True)
    for _ in range(2):
        adult.sandbox.do(command)
    assert told(adult, "PRIMO_ALIM_MHS") == 1
    assert adult.sandbox.refusal(replace(command, actor=DOCTOR)) == ("TRC-03", "NOT_FOR_THIS_ACTOR")
    later = replace(command, done_on=date(2022, 2, 2))
    assert adult.sandbox.refusal(later) == ("REC-26", "DATE_IN_FUTURE")


@pytest.mark.rule("REC-24")
def test_the_synthesis_sums_up_the_profile_and_replaces_the_one_before(
    care: RecordRehearsal,
) -> None:
    """Made by the service alone; its content follows from the sections."""
    items = (Item("Penicillin"),)
    care.sandbox.do(WriteSection(care.now, care.holder, care.ins, "allergies", items))
    generate = GenerateSynthesis(care.now, SYSTEM, care.ins, "urn:uuid:1")
    first = care.sandbox.do(generate)
    assert isinstance(first, Document)
    assert (first.kind.code, first.sheet.size_bytes) == ("DOCPAT08", len("allergies: Penicillin"))
    assert care.sandbox.refusal(generate) == ("REC-10", "DUPLICATE_DOCUMENT")

    second = care.sandbox.do(replace(generate, unique_id="urn:uuid:2"))

    assert isinstance(second, Document)
    assert second.replaces == first.number
    assert second.sheet.sha1 == first.sheet.sha1
    by_holder = replace(generate, actor=care.holder, unique_id="urn:uuid:3")
    assert care.sandbox.refusal(by_holder) == ("TRC-03", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("REC-25")
@pytest.mark.parametrize("measured", list(Measured))
def test_measures_are_read_in_documents_until_the_holder_says_no(
    care: RecordRehearsal, measured: Measured
) -> None:
    """The event while it is allowed; none after."""
    document = care.put(type_code="11502-2")
    copy = CopyMeasure(care.now, SYSTEM, care.ins, document.unique_id, measured)
    care.sandbox.do(copy)
    assert told(care, f"COPIE_DOC_AJOUT_{measured.value}") == 1

    care.sandbox.do(AllowAutomaticReading(care.now, care.holder, care.ins, allowed=False))

    assert care.sandbox.refusal(copy) == ("REC-25", "PROCESSING_REFUSED")
    care.sandbox.do(AllowAutomaticReading(care.now, care.holder, care.ins, allowed=True))
    care.sandbox.do(copy)
    assert told(care, f"COPIE_DOC_AJOUT_{measured.value}") == 2


@pytest.mark.rule("REC-25", "VIS-04")
def test_no_measure_is_read_in_what_is_hidden_from_the_patient(care: RecordRehearsal) -> None:
    """The notice would tell of it."""
    document = care.put("N", "INVISIBLE_PATIENT", type_code="11502-2")
    copy = CopyMeasure(care.now, SYSTEM, care.ins, document.unique_id, Measured.GLUCOSE)

    assert care.sandbox.refusal(copy) == ("REC-25", "DOCUMENT_NOT_FOUND")
    assert care.sandbox.refusal(replace(copy, actor=DOCTOR)) == ("TRC-03", "NOT_FOR_THIS_ACTOR")
