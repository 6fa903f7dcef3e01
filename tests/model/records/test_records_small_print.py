"""Identifiers and titles to the letter, revisions counted, what the log keeps to itself."""

from dataclasses import replace
from datetime import date

import pytest

from etalon_model import INSURER, SYSTEM, vintage
from etalon_model.outcomes import Refusal
from etalon_model.periods import Period
from etalon_model.records.automatic import GenerateSynthesis
from etalon_model.records.changes import PatchDocument
from etalon_model.records.deposit import Means
from etalon_model.records.hiding import InviteToConsult, ReleaseHidden
from etalon_model.records.masking import MaskDocument
from etalon_model.records.record import (
    Document,
    Status,
    documents_of,
    entry_id,
    logical_id,
    profile_of,
)
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal
from etalon_model.records.uploads import DeleteOwnDocuments, UploadDocument
from etalon_model.records.vaccinations import AddVaccination, UpdateVaccination
from etalon_model.records.wishes import DeclareDirectives


def upload(care: RecordRehearsal) -> UploadDocument:
    """Return an upload of advance directives that would be accepted."""
    return UploadDocument(
        care.now, care.holder, care.ins, "urn:uuid:d", "DIR_ANT", "D", "pdf", 1, "a" * 40, care.now
    )


def kept(care: RecordRehearsal, where: str) -> Document:
    """Return a document as the record holds it."""
    return documents_of(care.sandbox.service.person(care.ins))[where]


@pytest.mark.rule("REC-11")
def test_identifiers_are_uuids_of_person_rank_and_revision(care: RecordRehearsal) -> None:
    """SHA-256 of the matricule begins 42592097092a9915300f; version and variant stand in it."""
    care.put()
    document = care.put()

    assert logical_id("280010131000175", document) == (
        "urn:uuid:42592097-092a-8991-8530-000002000000"
    )
    assert entry_id("280010131000175", document) == (
        "urn:uuid:42592097-092a-8991-8530-000002000001"
    )


@pytest.mark.rule("REC-12")
def test_an_archive_flag_comes_off_as_it_went_on(care: RecordRehearsal) -> None:
    """By the same element, with the other word."""
    where = care.put().unique_id
    flags: list[bool] = []
    for word in ("true", "false"):
        patch = PatchDocument(care.now, DOCTOR, care.ins, where, Means.CPS, "extension", word)
        patched = care.sandbox.do(patch)
        assert isinstance(patched, Document)
        flags.append(patched.archived)

    assert flags == [True, False]


@pytest.mark.rule("REC-24")
def test_the_synthesis_has_its_title(care: RecordRehearsal) -> None:
    """In French, as the application shows it."""
    made = care.sandbox.do(GenerateSynthesis(care.now, SYSTEM, care.ins, "urn:oid:1.2.3"))

    assert isinstance(made, Document)
    assert made.sheet.title == "Synthèse du profil médical"


@pytest.mark.rule("VIS-04", "VIS-06")
@pytest.mark.parametrize(
    ("codes", "secret", "said"),
    [
        (("N",), False, "11488-4"),
        (("N", "MASQUE_PS"), False, "11488-4"),
        (("N",), True, ""),
        (("N", "INVISIBLE_PATIENT"), False, ""),
        (("N", "INVISIBLE_REPRESENTANTS_LEGAUX"), False, ""),
        (("N", "INVISIBLE_PATIENT"), True, ""),
    ],
)
def test_the_log_names_no_type_that_the_space_is_not_to_know(
    care: RecordRehearsal, codes: tuple[str, ...], said: str, *, secret: bool
) -> None:
    """A document hidden, kept from representatives or of a secret act has no type there."""
    deposit = replace(care.deposit(*codes), secret_act=secret)

    assert deposit.deed().detail == said


@pytest.mark.rule("REC-11")
def test_a_mask_makes_the_next_revision(care: RecordRehearsal) -> None:
    """One more, counted from one."""
    where = care.put().unique_id

    masked = care.sandbox.do(MaskDocument(care.now, care.holder, care.ins, where))

    assert isinstance(masked, Document)
    assert masked.revision == 2


@pytest.mark.rule("REC-11", "VIS-04")
def test_a_release_makes_the_next_revision(care: RecordRehearsal) -> None:
    """The service takes the code off as anybody changes one: one more."""
    hidden = care.put("N", "INVISIBLE_PATIENT")
    care.sandbox.now = Period("P1M").after(hidden.deposited_at)

    care.sandbox.do(ReleaseHidden(care.now, SYSTEM, care.ins))

    assert (hidden.revision, kept(care, hidden.unique_id).revision) == (1, 2)


@pytest.mark.rule("REC-11", "REC-19")
def test_a_deletion_makes_the_next_revision(care: RecordRehearsal) -> None:
    """The deleted document is another entry than the one that was current."""
    care.sandbox.do(upload(care))

    care.sandbox.do(DeleteOwnDocuments(care.now, care.holder, care.ins, ("urn:uuid:d",)))

    deleted = kept(care, "urn:uuid:d")
    assert (deleted.status, deleted.revision) == (Status.DELETED, 2)


_HIDDEN = ("N", "INVISIBLE_PATIENT")
_SECRET = (*_HIDDEN, "INVISIBLE_REPRESENTANTS_LEGAUX")


@pytest.mark.rule("VIS-05")
@pytest.mark.parametrize(
    ("documents", "to_parent"),
    [((_HIDDEN,), True), ((_HIDDEN, _SECRET), True), ((_SECRET,), False)],
)
def test_the_invitation_of_a_minor_goes_to_the_adult_unless_all_is_kept_from_them(
    documents: tuple[tuple[str, ...], ...], *, to_parent: bool
) -> None:
    """One document that the adult may know of is enough."""
    care = RecordRehearsal(vintage("launch-2022"), born=date(2007, 1, 15))
    for codes in documents:
        care.put(*codes)

    care.sandbox.do(InviteToConsult(care.now, SYSTEM, care.ins))

    told = [
        one.to
        for one in care.sandbox.service.notifications(care.ins)
        if one.code == "NEWDATA_HIDDEN"
    ]
    assert told == [care.parents[0] if to_parent else care.ins]


@pytest.mark.rule("LIF-12", "VIS-02")
def test_nobody_masks_in_a_space_that_is_closed(care: RecordRehearsal) -> None:
    """The state of the space is looked at first, then who asks."""
    where = care.put().unique_id
    care.sandbox.close(care.ins)

    for actor in (care.holder, INSURER):
        mask = MaskDocument(care.now, actor, care.ins, where)
        assert care.sandbox.refusal(mask) == ("LIF-12", "NO_OPEN_SPACE")


@pytest.mark.rule("REC-04")
@pytest.mark.parametrize(
    ("title", "unique_id", "missing"),
    [("", "urn:uuid:d", "title"), ("D", "", "uniqueId"), ("", "", "title")],
)
def test_an_upload_names_what_is_missing(
    care: RecordRehearsal, title: str, unique_id: str, missing: str
) -> None:
    """The title first, then the identifier."""
    command = replace(upload(care), title=title, unique_id=unique_id)

    assert care.sandbox.service.apply(command) == Refusal(
        "REC-04", "METADATA_MISSING", care.ins, (missing,)
    )


@pytest.mark.rule("REC-22")
def test_an_update_of_a_vaccination_takes_its_comment(care: RecordRehearsal) -> None:
    """The new one, in the place of the old one."""
    day = date(2022, 1, 3)
    care.sandbox.do(AddVaccination(care.now, care.holder, care.ins, "DTP", day, "L1", "before"))

    care.sandbox.do(
        UpdateVaccination(care.now, care.holder, care.ins, 1, "DTP", day, "L1", "after")
    )

    profile = profile_of(care.sandbox.service.person(care.ins))
    assert profile.vaccinations[1].comment == "after"


@pytest.mark.rule("REC-20")
def test_directives_unknown_or_deleted_are_not_declared(care: RecordRehearsal) -> None:
    """Refused alike."""
    declare = DeclareDirectives(care.now, care.holder, care.ins, "urn:uuid:d")
    refused = ("REC-20", "DOCUMENT_NOT_FOUND")
    assert care.sandbox.refusal(declare) == refused
    care.sandbox.do(upload(care))
    care.sandbox.do(declare)
    care.sandbox.do(DeleteOwnDocuments(care.now, care.holder, care.ins, ("urn:uuid:d",)))

    assert care.sandbox.refusal(declare) == refused
