"""Masking, hiding, announcing; the notices of what is hidden; the default."""

from datetime import date, timedelta

import pytest

from etalon_model import SYSTEM, Period, holder, representative, vintage
from etalon_model.records.changes import ArchiveDocument, DeleteDocument
from etalon_model.records.deposit import Means
from etalon_model.records.hiding import InviteToConsult, ReleaseHidden
from etalon_model.records.masking import (
    Announce,
    DefaultApplied,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    SetConfidentialityDefault,
    UnmaskDocument,
)
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Document, entry_id, logical_id
from etalon_model.records.rehearsal import DOCTOR, OTHER_DOCTOR, RecordRehearsal

LAUNCH = vintage("launch-2022")
HIDDEN = ("N", "INVISIBLE_PATIENT")
A_SECOND = timedelta(seconds=1)
NOT_FOUND = ("VIS-01", "DOCUMENT_NOT_FOUND")


def codes_told(care: RecordRehearsal, *, since: int = 0) -> list[str]:
    """Return the codes of what was told about the person, the oldest first."""
    return [one.code for one in care.sandbox.service.notifications(care.ins)][since:]


@pytest.mark.rule("VIS-02", "REC-11")
def test_the_holder_masks_and_unmasks_at_any_time(care: RecordRehearsal) -> None:
    """Each is effective at the next reading; the logical identifier stays, the entry's does not."""
    care.team(OTHER_DOCTOR)
    document = care.put(type_code="60591-5")
    where = document.unique_id
    entries = {entry_id(care.ins, document)}
    for _ in range(2):
        masked = care.sandbox.do(MaskDocument(care.now, care.holder, care.ins, where))
        assert isinstance(masked, Document)
        entries.add(entry_id(care.ins, masked))
        assert logical_id(care.ins, masked) == logical_id(care.ins, document)
        read = ReadDocument(care.now, OTHER_DOCTOR, care.ins, where)
        assert care.sandbox.refusal(read) == NOT_FOUND
        shown = care.sandbox.do(UnmaskDocument(care.now, care.holder, care.ins, where))
        assert isinstance(shown, Document)
        assert shown.confidentiality is document.confidentiality
        entries.add(entry_id(care.ins, shown))
        care.sandbox.do(read)

    assert len(entries) == 5


@pytest.mark.rule("VIS-02")
def test_a_mask_keeps_the_other_codes(care: RecordRehearsal) -> None:
    """Base level and hiding stay; the depositor may mask without any right to read."""
    document = care.put("R", "INVISIBLE_PATIENT")

    masked = care.sandbox.do(MaskDocument(care.now, DOCTOR, care.ins, document.unique_id))

    assert isinstance(masked, Document)
    assert masked.confidentiality.codes == ("R", "MASQUE_PS", "INVISIBLE_PATIENT")
    stranger = MaskDocument(care.now, OTHER_DOCTOR, care.ins, document.unique_id)
    assert care.sandbox.refusal(stranger) == ("ACC-01", "NO_CONSENT")


@pytest.mark.rule("VIS-04")
def test_professionals_alone_hide_from_the_patient_and_only_within_the_month(
    care: RecordRehearsal,
) -> None:
    """Up to the month after the deposit, not at its end."""
    document = care.put()
    where = document.unique_id
    assert care.sandbox.refusal(HideFromPatient(care.now, care.holder, care.ins, where)) == (
        "VIS-04",
        "NOT_FOR_THIS_ACTOR",
    )
    care.sandbox.now = Period("P1M").after(document.deposited_at) - A_SECOND
    care.sandbox.do(HideFromPatient(care.now, DOCTOR, care.ins, where))
    read = ReadDocument(care.now, care.holder, care.ins, where)
    assert care.sandbox.refusal(read) == NOT_FOUND

    care.sandbox.now += A_SECOND
    late = HideFromPatient(care.now, DOCTOR, care.ins, where)

    assert care.sandbox.refusal(late) == ("VIS-04", "HIDING_OVER")


@pytest.mark.rule("VIS-04")
def test_an_announcement_shows_the_document_and_tells_of_it_once(care: RecordRehearsal) -> None:
    """A second announcement has nothing more to tell; a patient does not announce."""
    document = care.put(*HIDDEN)
    before = len(codes_told(care))
    for _ in range(2):
        care.sandbox.do(Announce(care.now, DOCTOR, care.ins, document.unique_id))

    assert codes_told(care, since=before) == ["DOCUMENT"]
    own = Announce(care.now, care.holder, care.ins, document.unique_id)
    assert care.sandbox.refusal(own) == ("VIS-04", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("VIS-04")
def test_the_service_releases_what_was_hidden_a_month_and_tells_the_patient(
    care: RecordRehearsal,
) -> None:
    """Not before; afterwards the code is gone and one notice sent."""
    document = care.put(*HIDDEN)
    before = len(codes_told(care))
    care.sandbox.now = Period("P1M").after(document.deposited_at) - A_SECOND
    assert care.sandbox.do(ReleaseHidden(care.now, SYSTEM, care.ins)) == ()
    care.sandbox.now += A_SECOND

    assert care.sandbox.do(ReleaseHidden(care.now, SYSTEM, care.ins)) == (document.unique_id,)
    assert care.sandbox.do(ReleaseHidden(care.now, SYSTEM, care.ins)) == ()

    assert codes_told(care, since=before) == ["REMISE_VISIBILITE_AUTO"]
    read = care.sandbox.do(ReadDocument(care.now, care.holder, care.ins, document.unique_id))
    assert isinstance(read, Document)
    assert read.confidentiality.codes == ("N",)
    refused = care.sandbox.refusal(ReleaseHidden(care.now, care.holder, care.ins))
    assert refused == ("TRC-03", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("VIS-05")
def test_the_patient_is_told_within_two_weeks_that_something_is_to_be_consulted(
    care: RecordRehearsal,
) -> None:
    """One notice for all that is hidden, and a duty missed when it does not come in time."""
    document = care.put(*HIDDEN)
    care.put(*HIDDEN)
    due_at = Period("P2W").after(document.deposited_at)
    assert [one.rule for one in care.sandbox.service.duties(due_at)] == []
    missed = care.sandbox.service.duties(due_at + A_SECOND)
    assert [(one.rule, one.due_at) for one in missed] == [("VIS-05", due_at)]
    before = len(codes_told(care))

    assert care.sandbox.do(InviteToConsult(care.now, SYSTEM, care.ins)) == 2
    assert care.sandbox.do(InviteToConsult(care.now, SYSTEM, care.ins)) == 0

    assert codes_told(care, since=before) == ["NEWDATA_HIDDEN"]
    assert care.sandbox.service.duties(due_at + A_SECOND) == ()


@pytest.mark.rule("VIS-04")
def test_a_release_that_does_not_come_is_a_duty_missed(care: RecordRehearsal) -> None:
    """The document shows all the same."""
    document = care.put(*HIDDEN)
    care.sandbox.do(InviteToConsult(care.now, SYSTEM, care.ins))
    ends_at = Period("P1M").after(document.deposited_at)

    assert [one.rule for one in care.sandbox.service.duties(ends_at + A_SECOND)] == ["VIS-04"]
    care.sandbox.now = ends_at
    care.sandbox.do(ReadDocument(care.now, care.holder, care.ins, document.unique_id))


@pytest.mark.rule("VIS-06", "VIS-10")
def test_a_minor_keeps_a_document_from_the_representatives() -> None:
    """The minor or a professional does; a representative does not; an adult has no use of it."""
    care = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    where = care.put().unique_id
    parent, child = representative(care.parents[0]), holder(care.ins)
    before = len(codes_told(care))

    care.sandbox.do(HideFromRepresentatives(care.now, child, care.ins, where))

    assert care.sandbox.refusal(ReadDocument(care.now, parent, care.ins, where)) == NOT_FOUND
    care.sandbox.do(ReadDocument(care.now, child, care.ins, where))
    assert care.sandbox.refusal(HideFromRepresentatives(care.now, parent, care.ins, where)) == (
        "VIS-10",
        "NOT_FOR_THIS_ACTOR",
    )
    care.sandbox.do(HideFromRepresentatives(care.now, DOCTOR, care.ins, where, hidden=False))
    care.sandbox.do(ReadDocument(care.now, parent, care.ins, where))
    assert codes_told(care, since=before) == []
    adult = RecordRehearsal(LAUNCH)
    where = adult.put().unique_id
    refused = adult.sandbox.refusal(
        HideFromRepresentatives(adult.now, adult.holder, adult.ins, where)
    )
    assert refused == ("VIS-10", "SECRET_ACT_OF_AN_ADULT")


@pytest.mark.rule("VIS-06")
def test_parents_hear_of_a_new_document_but_not_of_a_secret_one() -> None:
    """The notice of a secret document goes to the minor."""
    care = RecordRehearsal(LAUNCH, born=date(2007, 1, 15))
    care.put()
    care.put("N", "INVISIBLE_REPRESENTANTS_LEGAUX")

    told = [one for one in care.sandbox.service.notifications(care.ins) if one.code == "DOCUMENT"]

    assert [one.to for one in told] == [care.parents[0], care.ins]


@pytest.mark.rule("VIS-08")
def test_a_default_masks_what_there_is_and_what_comes_and_says_where_it_failed(
    care: RecordRehearsal,
) -> None:
    """Documents set aside fail and are listed; hidden ones follow unsaid."""
    plain, aside, hidden, deleted = care.put(), care.put(), care.put(*HIDDEN), care.put()
    care.sandbox.do(DeleteDocument(care.now, DOCTOR, care.ins, deleted.unique_id, Means.CPS))
    care.sandbox.do(ArchiveDocument(care.now, DOCTOR, care.ins, aside.unique_id, Means.CPS))

    applied = care.sandbox.do(
        SetConfidentialityDefault(care.now, care.holder, care.ins, masked=True)
    )

    assert applied == DefaultApplied((plain.unique_id,), (aside.unique_id,))
    record = care.sandbox.service.person(care.ins).holdings
    assert record is not None
    assert record.record is not None
    assert record.record.documents[hidden.unique_id].confidentiality.masked
    assert care.put().confidentiality.masked
    care.sandbox.do(SetConfidentialityDefault(care.now, care.holder, care.ins, masked=False))
    assert not care.put().confidentiality.masked
