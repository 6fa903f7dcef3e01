"""What the access log says of an accepted command: family, name, and a word more or none."""

from datetime import UTC, datetime

import pytest

from etalon_model import (
    Activate,
    AnswerInvitation,
    AnswerRepresentation,
    Channel,
    CloseSpace,
    CloseThroughSupport,
    Command,
    CreateLegacyRecord,
    LogIn,
    Oppose,
    RegenerateCode,
    Route,
    SendNotice,
    Suspend,
    UseFeature,
    holder,
)
from etalon_model.access_log import Family
from etalon_model.identification import IdentityInputs
from etalon_model.preferences import Preference, SetPreference
from etalon_model.records.automatic import CopyMeasure, Measured
from etalon_model.records.changes import PatchDocument
from etalon_model.records.deposit import Means
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.search import SearchDocuments
from etalon_model.records.sections import ReadSection, WriteSection
from etalon_model.records.uploads import UploadDocument
from etalon_model.rights.blocks import (
    BlockProfessional,
    DeclareAttendingDoctor,
    SetAdministrator,
    UnblockProfessional,
)
from etalon_model.rights.consents import DeclareConsent, ListProfessional, ObjectToProfessional
from etalon_model.rights.consultation import OpenRecord, ReportAccess
from etalon_model.rights.emergencies import SetEmergencyChoices
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.rights import EmergencyChoices
from etalon_model.rights.traces import RecordTrace

AT = datetime(2022, 2, 1, tzinfo=UTC)
INS = "280010131000175"
ME = holder(INS)
DOCTOR = "899700366240"
SOMETHING = "urn:oid:1.2.3"


def choices(*permitted: str) -> Command:
    """Return the command that permits these in an emergency."""
    named = ("regulator", "break_glass", "masked")
    return SetEmergencyChoices(AT, ME, INS, EmergencyChoices(*(n in permitted for n in named)))


def upload(category: str) -> Command:
    """Return the upload of a document of that category."""
    return UploadDocument(AT, ME, INS, SOMETHING, category, "A letter", "pdf", 1, "0" * 40, AT)


SAID: list[tuple[Command, str]] = [
    (Activate(AT, ME, INS, None, "code"), "code"),
    (Activate(AT, ME, INS, None, franceconnect=True), "franceconnect"),
    (AnswerInvitation(AT, ME, INS, accept=True), "accept"),
    (AnswerInvitation(AT, ME, INS, accept=False), "refuse"),
    (AnswerRepresentation(AT, ME, INS, accept=True), "accept"),
    (AnswerRepresentation(AT, ME, INS, accept=False), "refuse"),
    (CloseSpace(AT, ME, INS, Route.WEB, password_reentered=True), "archive"),
    (CloseSpace(AT, ME, INS, Route.WEB, password_reentered=True, erase=True), "erase"),
    (CloseThroughSupport(AT, ME, INS, Route.PHONE), "phone"),
    (CreateLegacyRecord(AT, ME, INS, 3, Route.COUNTER), "counter"),
    (LogIn(AT, ME, INS), "password"),
    (LogIn(AT, ME, INS, "apcv"), "apcv"),
    (Oppose(AT, ME, INS, Route.POST, None), "post"),
    (RegenerateCode(AT, ME, INS, IdentityInputs("", AT.date(), ""), "sms"), "sms"),
    (SendNotice(AT, ME, INS, Channel.EMAIL), "email"),
    (SendNotice(AT, ME, INS, Channel.LETTER), "letter"),
    (SetPreference(AT, ME, INS, Preference.DOCUMENT, wanted=True), "NOTIF_DOCUMENT"),
    (Suspend(AT, ME, INS, "malfunction"), "malfunction"),
    (UseFeature(AT, ME, INS, "manage_sharing"), "manage_sharing"),
    (BlockProfessional(AT, ME, INS, DOCTOR), DOCTOR),
    (UnblockProfessional(AT, ME, INS, DOCTOR), DOCTOR),
    (SetAdministrator(AT, ME, INS, DOCTOR), DOCTOR),
    (DeclareAttendingDoctor(AT, ME, INS, DOCTOR), DOCTOR),
    (DeclareConsent(AT, ME, INS, DOCTOR), DOCTOR),
    (ListProfessional(AT, ME, INS, DOCTOR), DOCTOR),
    (ObjectToProfessional(AT, ME, INS, DOCTOR), DOCTOR),
    (ReportAccess(AT, ME, INS, DOCTOR, AT), DOCTOR),
    (RecordTrace(AT, ME, INS, "ITI-68"), "ITI-68"),
    (RecordTrace(AT, ME, INS, "a secret"), ""),
    (choices("regulator", "break_glass", "masked"), "regulator+break_glass+masked"),
    (choices("regulator"), "regulator"),
    (choices("break_glass"), "break_glass"),
    (choices("masked"), "masked"),
    (choices(), ""),
]

OF_DOCUMENTS: list[tuple[Command, str]] = [
    (OpenRecord(AT, ME, INS, AccessMode.BREAK_GLASS), AccessMode.BREAK_GLASS.value),
    (ReadDocument(AT, ME, INS, SOMETHING), AccessMode.NORMAL.value),
    (ReadVersions(AT, ME, INS, SOMETHING, AccessMode.BREAK_GLASS), AccessMode.BREAK_GLASS.value),
    (SearchDocuments(AT, ME, INS), AccessMode.NORMAL.value),
    (ObjectToFeeding(AT, ME, INS, DOCTOR, None), ""),
    (ObjectToFeeding(AT, ME, INS, DOCTOR, Ground.NO_CARE), "no_care"),
    (PatchDocument(AT, ME, INS, SOMETHING, Means.CPS, "status", "deleted"), "status"),
    (PatchDocument(AT, ME, INS, SOMETHING, Means.CPS, "a secret", "deleted"), ""),
    (ReadSection(AT, ME, INS, "allergies"), "allergies"),
    (ReadSection(AT, ME, INS, "a secret"), ""),
    (WriteSection(AT, ME, INS, "allergies", ()), "allergies"),
    (WriteSection(AT, ME, INS, "a secret", ()), ""),
    (upload("a secret"), ""),
]


@pytest.mark.rule("TRC-01")
@pytest.mark.parametrize(("command", "detail"), SAID)
def test_the_log_says_what_was_asked_in_a_word(command: Command, detail: str) -> None:
    """A channel, a route, an answer, a professional."""
    deed = command.deed()

    assert (deed.action, deed.detail, deed.refused) == (type(command).__name__, detail, "")
    assert command.deed() is deed


@pytest.mark.rule("TRC-01")
@pytest.mark.parametrize(("command", "detail"), OF_DOCUMENTS)
def test_the_log_says_of_documents_how_they_were_come_to(command: Command, detail: str) -> None:
    """In the family of documents; what somebody typed is said only when the table knows it."""
    deed = command.deed()

    assert (deed.family, deed.detail) == (Family.DOCUMENTS, detail)


def test_each_measure_copied_is_named() -> None:
    """By the word of its notice."""
    for measured in Measured:
        command = CopyMeasure(AT, ME, INS, SOMETHING, measured)
        assert command.deed().detail == measured.value
