"""Uploads, flags, folders, bulk deletion."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    AnswerInvitation,
    InviteCaregiver,
    State,
    caregiver,
    representative,
    vintage,
)
from etalon_model.records.automatic import GenerateSynthesis
from etalon_model.records.changes import ReplaceDocument
from etalon_model.records.folders import (
    CreateFolder,
    DeleteFolder,
    FileDocument,
    ListFolders,
    RenameFolder,
)
from etalon_model.records.masking import HideFromPatient
from etalon_model.records.nomenclature import CATEGORIES
from etalon_model.records.reading import ReadVersions
from etalon_model.records.record import Document
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL, RecordRehearsal
from etalon_model.records.search import DocumentPage, SearchDocuments
from etalon_model.records.uploads import (
    DeleteOwnDocuments,
    EditOwnDocument,
    Flags,
    UploadDocument,
    flags_of,
)
from etalon_model.records.wishes import DeclareDirectives

LAUNCH = vintage("launch-2022")
EICAR = "3395856ce81f2b7382dee72602f798b642f14140"


def upload(care: RecordRehearsal, by: Actor | None = None) -> UploadDocument:
    """Return an upload that would be accepted."""
    care.deposits += 1
    return UploadDocument(
        care.now,
        by or care.holder,
        care.ins,
        f"urn:uuid:upload-{care.deposits}",
        "CPT_REND",
        "A report",
        "pdf",
        1_000,
        f"{care.deposits:040x}",
        care.now,
    )


def uploaded(care: RecordRehearsal, by: Actor | None = None) -> Document:
    """Upload a document; return it."""
    document = care.sandbox.do(upload(care, by))
    assert isinstance(document, Document)
    return document


def count(care: RecordRehearsal) -> int:
    """Return how many documents the holder finds."""
    page = care.sandbox.do(SearchDocuments(care.now, care.holder, care.ins))
    assert isinstance(page, DocumentPage)
    return page.total


@pytest.mark.rule("REC-05", "REC-31")
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"size_bytes": 5_000_000}, None),
        ({"size_bytes": 5_000_001}, ("REC-05", "SIZE")),
        ({"size_bytes": 1}, None),
        ({"size_bytes": 0}, ("REC-05", "EMPTY_DOCUMENT")),
        ({"extension": "exe"}, ("REC-05", "MIME")),
        ({"extension": "docx"}, ("REC-05", "MIME")),
        ({"extension": "xml"}, ("REC-05", "MIME")),
        ({"title": ""}, ("REC-04", "METADATA_MISSING")),
        ({"unique_id": ""}, ("REC-04", "METADATA_MISSING")),
        ({"sha1": EICAR}, ("REC-31", "ANTIVIRUS")),
        ({"category": "REMB"}, ("REC-05", "UNKNOWN_CATEGORY")),
        ({"category": "QUEST_SANTE"}, ("REC-05", "UNKNOWN_CATEGORY")),
        ({"category": "NOTHING"}, ("REC-05", "UNKNOWN_CATEGORY")),
    ],
)
def test_an_upload_has_a_size_a_form_and_a_category(
    care: RecordRehearsal, changes: dict[str, object], refused: tuple[str, str] | None
) -> None:
    """Five million bytes and not one more; forms and categories of the table."""
    command = replace(upload(care), **changes)  # type: ignore[arg-type]

    if refused is None:
        assert isinstance(care.sandbox.do(command), Document)
    else:
        assert care.sandbox.refusal(command) == refused
        assert count(care) == 0


@pytest.mark.rule("REC-05")
@pytest.mark.parametrize("extension", ["pdf", "txt", "rtf", "jpg", "jpeg", "png", "tiff", "tif"])
def test_eight_extensions_are_taken(care: RecordRehearsal, extension: str) -> None:
    """Those of the application."""
    assert isinstance(care.sandbox.do(replace(upload(care), extension=extension)), Document)


@pytest.mark.rule("REC-02")
def test_an_upload_has_the_type_of_its_category(care: RecordRehearsal) -> None:
    """Fifteen categories, ten of them filters; nine are open to every upload."""
    assert len(CATEGORIES) == 15
    assert sum(one.is_filter for one in CATEGORIES.values()) == 10
    open_to_all = [one for one in CATEGORIES.values() if one.upload == "yes"]
    assert len(open_to_all) == 9
    for category in open_to_all:
        document = care.sandbox.do(replace(upload(care), category=category.code))
        assert isinstance(document, Document)
        assert document.kind.category == category.code
        assert document.kind.author == "patient"


def test_a_future_date_or_a_used_identifier_is_refused(care: RecordRehearsal) -> None:
    """As for deposits."""
    command = upload(care)
    later = replace(command, dated_at=care.now + timedelta(seconds=1))
    assert care.sandbox.refusal(later) == ("REC-04", "DATE_IN_FUTURE")
    care.sandbox.do(command)
    assert care.sandbox.refusal(command) == ("REC-10", "DUPLICATE_DOCUMENT")
    assert care.sandbox.refusal(upload(care, DOCTOR))[1] == "NOT_FOR_THIS_ACTOR"


@pytest.mark.rule("REC-20")
def test_advance_directives_are_for_adults() -> None:
    """A minor's representative is refused; an adult is not."""
    minor = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    parent = representative(minor.parents[0])
    directives = replace(upload(minor, parent), category="DIR_ANT")
    assert minor.sandbox.refusal(directives) == ("REC-20", "ADULTS_ONLY")
    assert isinstance(minor.sandbox.do(upload(minor, parent)), Document)

    adult = RecordRehearsal(LAUNCH)
    assert isinstance(adult.sandbox.do(replace(upload(adult), category="DIR_ANT")), Document)


@pytest.mark.rule("REC-16", "REC-17", "REC-24")
def test_the_holder_changes_and_deletes_what_the_space_deposited_and_nothing_else(
    care: RecordRehearsal,
) -> None:
    """Professionals, structures, insurer and service keep theirs; flags say so."""
    own = uploaded(care)
    others = [
        care.put(),
        care.put(by=HOSPITAL),
        care.put(by=INSURER, type_code="REMB"),
        care.put(by=SYSTEM, type_code="74465-6"),
    ]
    synthesis = care.sandbox.do(GenerateSynthesis(care.now, SYSTEM, care.ins, "urn:uuid:s"))
    assert isinstance(synthesis, Document)

    assert flags_of(own) == Flags(can_update=True, can_delete=True)
    for document in (*others, synthesis):
        assert flags_of(document) == Flags(can_update=False, can_delete=False)
        where = document.unique_id
        refused = ("REC-16", "NOT_DELETABLE_BY_HOLDER")
        delete = DeleteOwnDocuments(care.now, care.holder, care.ins, (own.unique_id, where))
        assert care.sandbox.refusal(delete) == refused
        edit = EditOwnDocument(care.now, care.holder, care.ins, where, title="Mine")
        assert care.sandbox.refusal(edit) == refused
    assert count(care) == 6
    care.sandbox.do(DeleteOwnDocuments(care.now, care.holder, care.ins, (own.unique_id,)))
    assert count(care) == 5


@pytest.mark.rule("REC-17")
def test_the_holder_changes_category_title_and_date(care: RecordRehearsal) -> None:
    """Each alone; the content and the identifiers stay."""
    own = uploaded(care)
    earlier = care.now - timedelta(days=30)
    edit = EditOwnDocument(care.now, care.holder, care.ins, own.unique_id)

    titled = care.sandbox.do(replace(edit, title="Another"))
    dated = care.sandbox.do(replace(edit, dated_at=earlier))
    moved = care.sandbox.do(replace(edit, category="BIOLOGIE"))

    assert isinstance(titled, Document)
    assert isinstance(dated, Document)
    assert isinstance(moved, Document)
    assert (titled.sheet.title, titled.sheet.created_at) == ("Another", own.sheet.created_at)
    assert (dated.sheet.title, dated.sheet.created_at) == ("Another", earlier)
    assert (moved.kind.code, moved.sheet.type_code) == ("DOCPAT05", "DOCPAT05")
    assert (moved.sheet.sha1, moved.unique_id, moved.number) == (
        own.sheet.sha1,
        own.unique_id,
        own.number,
    )
    late = replace(edit, dated_at=care.now + timedelta(days=1))
    assert care.sandbox.refusal(late) == ("REC-04", "DATE_IN_FUTURE")
    unknown = replace(edit, category="DIR_ANT")
    assert care.sandbox.refusal(unknown) == ("REC-17", "UNKNOWN_CATEGORY")


def test_a_caregiver_adds_and_changes_data(care: RecordRehearsal) -> None:
    """An accepted caregiver uploads; the holder may delete what they uploaded."""
    guest = care.sandbox.person()
    care.sandbox.bring(guest, State.OPEN_ACTIVE)
    care.sandbox.do(InviteCaregiver(care.now, care.holder, care.ins, guest))
    care.sandbox.do(AnswerInvitation(care.now, caregiver(guest), care.ins, accept=True))

    document = uploaded(care, caregiver(guest))

    care.sandbox.do(DeleteOwnDocuments(care.now, care.holder, care.ins, (document.unique_id,)))
    assert count(care) == 0


@pytest.mark.rule("REC-19")
@pytest.mark.parametrize(("documents", "accepted"), [(1, True), (10, True), (11, False)])
def test_ten_documents_at_most_are_deleted_at_once(
    care: RecordRehearsal, documents: int, *, accepted: bool
) -> None:
    """Eleven are refused, and none of them goes."""
    names = tuple(uploaded(care).unique_id for _ in range(documents))
    command = DeleteOwnDocuments(care.now, care.holder, care.ins, names)

    if accepted:
        care.sandbox.do(command)
        assert count(care) == 0
    else:
        assert care.sandbox.refusal(command) == ("REC-19", "TOO_MANY_DOCUMENTS")
        assert count(care) == documents


@pytest.mark.rule("REC-18")
@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (50, True), (51, False)])
def test_a_folder_name_has_fifty_characters_at_most(
    care: RecordRehearsal, length: int, *, accepted: bool
) -> None:
    """And one at least."""
    command = CreateFolder(care.now, care.holder, care.ins, "n" * length)

    if accepted:
        care.sandbox.do(command)
        assert care.sandbox.refusal(command) == ("REC-18", "FOLDER_NAME_ALREADY_EXISTS")
    else:
        assert care.sandbox.refusal(command) == ("REC-18", "FOLDER_NAME_WRONG")


@pytest.mark.rule("REC-18")
def test_deleting_a_folder_keeps_its_documents(care: RecordRehearsal) -> None:
    """Filed, moved with a new name, taken out, and left in the record at the end."""
    who, ins = care.holder, care.ins
    first, second = care.put().unique_id, uploaded(care).unique_id
    care.sandbox.do(CreateFolder(care.now, who, ins, "Heart"))
    care.sandbox.do(CreateFolder(care.now, who, ins, "Skin"))
    for name in (first, second, second):
        care.sandbox.do(FileDocument(care.now, who, ins, "Heart", name))

    def folders() -> object:
        return care.sandbox.do(ListFolders(care.now, who, ins))

    assert folders() == (("Heart", (first, second)), ("Skin", ()))
    taken = RenameFolder(care.now, who, ins, "Heart", "Skin")
    assert care.sandbox.refusal(taken) == ("REC-18", "FOLDER_NAME_ALREADY_EXISTS")
    care.sandbox.do(replace(taken, new_name="Lungs"))
    care.sandbox.do(FileDocument(care.now, who, ins, "Lungs", second, filed=False))
    assert folders() == (("Lungs", (first,)), ("Skin", ()))

    care.sandbox.do(DeleteFolder(care.now, who, ins, "Lungs"))

    assert folders() == (("Skin", ()),)
    assert count(care) == 2
    gone = DeleteFolder(care.now, who, ins, "Lungs")
    assert care.sandbox.refusal(gone) == ("REC-18", "NO_SUCH_FOLDER")
    gone_too = FileDocument(care.now, who, ins, "Lungs", first)
    assert care.sandbox.refusal(gone_too) == ("REC-18", "NO_SUCH_FOLDER")


@pytest.mark.rule("VIS-04", "REC-18")
def test_a_folder_does_not_show_what_is_hidden_or_superseded(care: RecordRehearsal) -> None:
    """What was filed before disappears from the list, and cannot be filed."""
    who, ins = care.holder, care.ins
    hidden, old = care.put(), care.put()
    care.sandbox.do(CreateFolder(care.now, who, ins, "Heart"))
    for document in (hidden, old):
        care.sandbox.do(FileDocument(care.now, who, ins, "Heart", document.unique_id))

    care.sandbox.do(HideFromPatient(care.now, DOCTOR, ins, hidden.unique_id))
    new = care.deposit()
    care.sandbox.do(
        ReplaceDocument(
            care.now, DOCTOR, ins, new.sheet, new.subject, new.means, replaced=old.unique_id
        )
    )

    assert care.sandbox.do(ListFolders(care.now, who, ins)) == (("Heart", ()),)
    filing = FileDocument(care.now, who, ins, "Heart", hidden.unique_id)
    assert care.sandbox.refusal(filing) == ("VIS-01", "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("LIF-12")
def test_what_is_not_there_or_not_open_is_neither_changed_nor_read(care: RecordRehearsal) -> None:
    """An unknown document; then everything, once the space is closed."""
    missing = ("VIS-01", "DOCUMENT_NOT_FOUND")
    delete = DeleteOwnDocuments(care.now, care.holder, care.ins, ("urn:uuid:none",))
    assert care.sandbox.refusal(delete) == missing
    versions = ReadVersions(care.now, care.holder, care.ins, "urn:uuid:none")
    assert care.sandbox.refusal(versions) == missing
    directives = replace(upload(care), category="DIR_ANT")
    care.sandbox.do(directives)

    care.sandbox.close(care.ins)

    declare = DeclareDirectives(care.now, care.holder, care.ins, directives.unique_id)
    for command in (delete, versions, declare):
        assert care.sandbox.refusal(command) == ("LIF-12", "NO_OPEN_SPACE")
