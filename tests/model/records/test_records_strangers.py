"""Whoever may not act changes nothing, whatever the command; and codes follow what is asked."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import INSURER, Actor, ActorKind, Command, Period, holder, vintage
from etalon_model.actors import professional
from etalon_model.records.automatic import (
    AllowAutomaticReading,
    CopyMeasure,
    FeedReimbursement,
    GenerateSynthesis,
    Measured,
)
from etalon_model.records.changes import ArchiveDocument, DeleteDocument, PatchDocument
from etalon_model.records.deposit import Means
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.folders import (
    CreateFolder,
    DeleteFolder,
    FileDocument,
    ListFolders,
    RenameFolder,
)
from etalon_model.records.hiding import InviteToConsult, ReleaseHidden
from etalon_model.records.indicators import lacks_synthesis
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    SetConfidentialityDefault,
    UnmaskDocument,
)
from etalon_model.records.medical_data import Item
from etalon_model.records.nomenclature import type_in_class
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import Document
from etalon_model.records.rehearsal import DOCTOR, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import SearchDocuments
from etalon_model.records.sections import ReadSection, WriteSection
from etalon_model.records.uploads import DeleteOwnDocuments, EditOwnDocument, UploadDocument
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
from etalon_model.rights.blocks import DeclareAttendingDoctor
from etalon_model.rights.consents import DeclareConsent
from etalon_model.rules import enforcers

DAY = date(2022, 1, 1)
BORN = date(2007, 1, 15)

Made = Callable[[RecordRehearsal, Actor, str], Command]

COMMANDS: tuple[Made, ...] = (
    lambda c, a, d: AddContact(c.now, a, c.ins, d),
    lambda c, a, _: AddVaccination(c.now, a, c.ins, "DTP", DAY),
    lambda c, a, _: AllowAutomaticReading(c.now, a, c.ins, allowed=False),
    lambda c, a, d: Announce(c.now, a, c.ins, d),
    lambda c, a, d: ArchiveDocument(c.now, a, c.ins, d, Means.NONE),
    lambda c, a, _: ConfirmVaccination(c.now, a, c.ins, 1, Means.NONE),
    lambda c, a, d: CopyMeasure(c.now, a, c.ins, d, Measured.HEIGHT),
    lambda c, a, d: CreateFolder(c.now, a, c.ins, d),
    lambda c, a, d: DeclareDirectives(c.now, a, c.ins, d),
    lambda c, a, d: DeleteDocument(c.now, a, c.ins, d, Means.NONE),
    lambda c, a, _: DeleteFolder(c.now, a, c.ins, "Heart"),
    lambda c, a, d: DeleteOwnDocuments(c.now, a, c.ins, (d,)),
    lambda c, a, _: DeleteVaccination(c.now, a, c.ins, 1),
    lambda c, a, d: EditOwnDocument(c.now, a, c.ins, d, title="Mine"),
    lambda c, a, _: FeedReimbursement(c.now, a, c.ins, "visit", DAY),
    lambda c, a, d: FileDocument(c.now, a, c.ins, "Heart", d),
    lambda c, a, d: GenerateSynthesis(c.now, a, c.ins, d),
    lambda c, a, d: HideFromPatient(c.now, a, c.ins, d),
    lambda c, a, d: HideFromRepresentatives(c.now, a, c.ins, d),
    lambda c, a, _: InviteToConsult(c.now, a, c.ins),
    lambda c, a, _: ListFolders(c.now, a, c.ins),
    lambda c, a, d: MaskDocument(c.now, a, c.ins, d),
    lambda c, a, _: ObjectToFeeding(c.now, a, c.ins, DOCTOR.ident, Ground.NO_CARE),
    lambda c, a, d: PatchDocument(c.now, a, c.ins, d, Means.NONE, "status", "deleted"),
    lambda c, a, d: ReadDocument(c.now, a, c.ins, d),
    lambda c, a, _: ReadSection(c.now, a, c.ins, "vaccinations"),
    lambda c, a, d: ReadVersions(c.now, a, c.ins, d),
    lambda c, a, _: RecallDirectives(c.now, a, c.ins),
    lambda c, a, _: ReleaseHidden(c.now, a, c.ins),
    lambda c, a, _: RemoveContact(c.now, a, c.ins, "Sister"),
    lambda c, a, _: RenameFolder(c.now, a, c.ins, "Heart", "Skin"),
    lambda c, a, _: SearchDocuments(c.now, a, c.ins),
    lambda c, a, _: SetConfidentialityDefault(c.now, a, c.ins, masked=True),
    lambda c, a, d: UnmaskDocument(c.now, a, c.ins, d),
    lambda c, a, _: UpdateVaccination(c.now, a, c.ins, 1, "DTP", DAY),
    lambda c, a, d: UploadDocument(c.now, a, c.ins, d, "CPT_REND", "t", "pdf", 1, "a" * 40, c.now),
    lambda c, a, _: WriteSection(c.now, a, c.ins, "allergies", (Item("Nuts"),)),
)


ON_A_DOCUMENT: tuple[Made, ...] = (
    lambda c, a, d: ArchiveDocument(c.now, a, c.ins, d, Means.CPS),
    lambda c, a, d: PatchDocument(c.now, a, c.ins, d, Means.CPS, "status", "deleted"),
    lambda c, a, d: Announce(c.now, a, c.ins, d),
    lambda c, a, d: HideFromPatient(c.now, a, c.ins, d),
    lambda c, a, d: HideFromRepresentatives(c.now, a, c.ins, d),
    lambda c, a, d: MaskDocument(c.now, a, c.ins, d),
    lambda c, a, d: UnmaskDocument(c.now, a, c.ins, d),
    lambda c, a, d: ReadDocument(c.now, a, c.ins, d),
    lambda c, a, d: ReadVersions(c.now, a, c.ins, d),
)


@pytest.mark.rule("VIS-01", "REC-08")
@pytest.mark.parametrize("made", COMMANDS, ids=lambda made: made.__code__.co_names[0])
def test_strangers_are_refused_and_change_nothing(made: Made) -> None:
    """Another holder, a professional without consent nor means, an unknown application."""
    care = RecordRehearsal(vintage("launch-2022"), born=BORN)
    document = care.put()
    stranger = holder(care.sandbox.person())
    for actor in (stranger, OTHER_DOCTOR, Actor(ActorKind.APP, "app")):
        before = care.sandbox.service.digest()
        care.sandbox.refusal(made(care, actor, document.unique_id))
        assert care.sandbox.service.digest() == before


@pytest.mark.parametrize("made", ON_A_DOCUMENT)
def test_a_document_that_does_not_exist_is_not_found(made: Made) -> None:
    """By its author's colleagues of the team either."""
    care = RecordRehearsal(vintage("launch-2022"), born=BORN)
    care.team(DOCTOR)
    care.put()

    assert care.sandbox.refusal(made(care, DOCTOR, "urn:oid:9.9"))[1] == "DOCUMENT_NOT_FOUND"


@pytest.mark.rule("REC-22")
def test_the_holder_updates_no_vaccination_that_does_not_exist_or_lies_ahead(
    care: RecordRehearsal,
) -> None:
    """Unknown number, then a date to come."""
    update = UpdateVaccination(care.now, care.holder, care.ins, 1, "DTP", date(2022, 2, 2))
    assert care.sandbox.refusal(update) == ("REC-22", "NO_SUCH_VACCINATION")
    care.sandbox.do(AddVaccination(care.now, care.holder, care.ins, "DTP", DAY))

    assert care.sandbox.refusal(update) == ("REC-22", "DATE_IN_FUTURE")


@pytest.mark.rule("REC-03")
@pytest.mark.parametrize(
    ("type_code", "class_code"), [("nothing", "10"), ("11488-4", "99"), ("101881-1", "99")]
)
def test_no_type_stands_in_a_class_that_does_not_exist(type_code: str, class_code: str) -> None:
    """Nor an unknown type in any."""
    assert type_in_class(type_code, class_code) is None


@pytest.mark.rule("VIS-01")
def test_an_occupational_doctor_with_consent_sees_what_is_not_masked(
    care: RecordRehearsal,
) -> None:
    """Rows 30 and 31."""
    doctor = professional("899700366281", "doctor", "occupational")
    shown, masked = care.put(type_code="60591-5"), care.put("N", "MASQUE_PS", type_code="60591-5")
    read = ReadDocument(care.now, doctor, care.ins, shown.unique_id)
    assert care.sandbox.refusal(read) == ("ACC-08", "EXPRESS_CONSENT_NEEDED")

    care.sandbox.do(DeclareConsent(care.now, doctor, care.ins, doctor.ident))

    assert care.sandbox.do(read) == shown
    unseen = ReadDocument(care.now, doctor, care.ins, masked.unique_id)
    assert care.sandbox.refusal(unseen) == ("VIS-01", "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("REC-30")
def test_an_attending_doctor_owes_a_synthesis_a_year(care: RecordRehearsal) -> None:
    """One by the doctor counts for a year; one by another, or another type, does not."""
    person = care.sandbox.service.person(care.ins)
    assert not lacks_synthesis(person, care.now)
    care.sandbox.do(DeclareAttendingDoctor(care.now, INSURER, care.ins, DOCTOR.ident))
    assert lacks_synthesis(person, care.now)
    care.put(by=OTHER_DOCTOR, type_code="60591-5")
    care.put(type_code="11488-4")
    assert lacks_synthesis(person, care.now)

    care.put(type_code="60591-5")

    assert not lacks_synthesis(person, care.now)
    a_year_later = Period("P1Y").after(care.now)
    assert not lacks_synthesis(person, a_year_later)
    assert lacks_synthesis(person, a_year_later + timedelta(seconds=1))


ACTS = st.lists(
    st.sampled_from(["mask", "unmask", "hide", "announce", "keep", "show"]), max_size=12
)


@pytest.mark.rule("VIS-02", "VIS-07")
@given(acts=ACTS, base=st.sampled_from(["N", "R", "V"]))
def test_codes_are_those_of_the_last_act_of_each_kind(acts: list[str], base: str) -> None:
    """Masking, hiding and keeping from representatives never disturb one another."""
    care = RecordRehearsal(vintage("launch-2022"), born=BORN)
    where = care.put(base).unique_id
    commands: dict[str, Callable[[], Command]] = {
        "mask": lambda: MaskDocument(care.now, DOCTOR, care.ins, where),
        "unmask": lambda: UnmaskDocument(care.now, DOCTOR, care.ins, where),
        "hide": lambda: HideFromPatient(care.now, DOCTOR, care.ins, where),
        "announce": lambda: Announce(care.now, DOCTOR, care.ins, where),
        "keep": lambda: HideFromRepresentatives(care.now, DOCTOR, care.ins, where),
        "show": lambda: HideFromRepresentatives(care.now, DOCTOR, care.ins, where, hidden=False),
    }
    expected = {
        "MASQUE_PS": False,
        "INVISIBLE_PATIENT": False,
        "INVISIBLE_REPRESENTANTS_LEGAUX": False,
    }
    meaning = {
        "mask": ("MASQUE_PS", True),
        "unmask": ("MASQUE_PS", False),
        "hide": ("INVISIBLE_PATIENT", True),
        "announce": ("INVISIBLE_PATIENT", False),
        "keep": ("INVISIBLE_REPRESENTANTS_LEGAUX", True),
        "show": ("INVISIBLE_REPRESENTANTS_LEGAUX", False),
    }
    document = None
    for act in acts:
        document = care.sandbox.do(commands[act]())
        code, stands = meaning[act]
        expected[code] = stands

    if document is not None:
        assert isinstance(document, Document)
        codes = (base, *(code for code, stands in expected.items() if stands))
        assert document.confidentiality.codes == codes


def test_every_rule_of_records_and_visibility_has_an_enforcing_function() -> None:
    """Forty-two rules."""
    known = enforcers()
    wanted = {f"REC-{number:02d}" for number in range(1, 33)}
    wanted |= {f"VIS-{number:02d}" for number in range(1, 11)}

    assert wanted - known.keys() == set()
