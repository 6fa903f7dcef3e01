"""Versions, deletions, archive flag, patches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from etalon_model import Actor, ActorKind, Command, Person, vintage
from etalon_model.records.changes import (
    PATCHABLE,
    ArchiveDocument,
    DeleteDocument,
    PatchDocument,
    Protocol,
    ReplaceDocument,
)
from etalon_model.records.deposit import Means
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    MaskDocument,
    SetConfidentialityDefault,
    UnmaskDocument,
)
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import (
    EARLIER_MOST,
    Document,
    Status,
    entry_id,
    logical_id,
    record_of,
    revisions_of,
)
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import Criteria, DocumentPage, SearchDocuments
from etalon_model.tables import rows_of


def replacement(care: RecordRehearsal, old: Document, by: Actor = DOCTOR) -> ReplaceDocument:
    """Return a replacement that would be accepted from the author."""
    deposit = care.deposit(by=by)
    return ReplaceDocument(
        care.now,
        by,
        care.ins,
        deposit.sheet,
        deposit.subject,
        deposit.means,
        deposit.codes,
        replaced=old.unique_id,
    )


def current(care: RecordRehearsal) -> list[str]:
    """Return the unique identifiers that the holder finds."""
    page = care.sandbox.do(SearchDocuments(care.now, care.holder, care.ins))
    assert isinstance(page, DocumentPage)
    return [one.unique_id for one in page.documents]


@pytest.mark.rule("REC-10")
def test_a_replacement_is_a_new_document_linked_to_the_old_one(care: RecordRehearsal) -> None:
    """New identifiers, the old version superseded, the current search finds the new one only."""
    old = care.put()

    new = care.sandbox.do(replacement(care, old))

    assert isinstance(new, Document)
    assert new.replaces == old.number
    assert logical_id(care.ins, new) != logical_id(care.ins, old)
    assert entry_id(care.ins, new) != entry_id(care.ins, old)
    assert current(care) == [new.unique_id]
    kept = record_of(care.sandbox.service.person(care.ins)).documents[old.unique_id]
    assert kept.status is Status.SUPERSEDED
    related = Criteria(relates_to=old.unique_id)
    page = care.sandbox.do(SearchDocuments(care.now, care.holder, care.ins, related))
    assert isinstance(page, DocumentPage)
    assert page.documents == (new,)


@pytest.mark.rule("REC-10", "REC-15")
def test_a_chain_of_three_versions_reads_from_the_newest(care: RecordRehearsal) -> None:
    """Each replaces the latest; naming an older one is refused, whatever is asked."""
    first = care.put()
    second = care.sandbox.do(replacement(care, first))
    assert isinstance(second, Document)
    third = care.sandbox.do(replacement(care, second))
    assert isinstance(third, Document)

    chain = care.sandbox.do(ReadVersions(care.now, care.holder, care.ins, third.unique_id))

    assert chain == (
        third,
        replace(second, status=Status.SUPERSEDED, revision=2, changed_at=care.now),
        replace(first, status=Status.SUPERSEDED, revision=2, changed_at=care.now),
    )
    stale = ("REC-15", "NOT_THE_LATEST_VERSION")
    assert care.sandbox.refusal(replacement(care, first)) == stale
    deletion = DeleteDocument(care.now, DOCTOR, care.ins, second.unique_id, Means.CPS)
    assert care.sandbox.refusal(deletion) == stale
    unknown = replace(deletion, unique_id="urn:oid:1.2")
    assert care.sandbox.refusal(unknown) == ("REC-15", "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("REC-10")
def test_a_refused_replacement_leaves_the_old_version_current(care: RecordRehearsal) -> None:
    """Nothing is superseded by what was not stored."""
    old = care.put()
    empty = replace(replacement(care, old), codes=())

    assert care.sandbox.refusal(empty) == ("REC-04", "METADATA_MISSING")
    other = replacement(care, old, by=OTHER_DOCTOR)
    assert care.sandbox.refusal(other) == ("REC-14", "NOT_THE_AUTHOR")

    assert current(care) == [old.unique_id]


@pytest.mark.rule("REC-14")
@pytest.mark.parametrize(
    ("actor", "protocol", "organisation", "code"),
    [
        (DOCTOR, "fhir", "", ""),
        (DOCTOR, "hl7v2", "", ""),
        (OTHER_DOCTOR, "fhir", HOSPITAL.ident, "NOT_THE_AUTHOR"),
        (OTHER_DOCTOR, "hl7v2", HOSPITAL.ident, ""),
        (OTHER_DOCTOR, "hl7v2", "", "NOT_AUTHOR_NOR_ORGANISATION"),
        (OTHER_DOCTOR, "hl7v2", "10B0172999", "NOT_AUTHOR_NOR_ORGANISATION"),
        (HOSPITAL, "fhir", HOSPITAL.ident, "NOT_THE_AUTHOR"),
    ],
)
def test_the_author_deletes_and_in_hl7v2_the_organisation_too(
    care: RecordRehearsal, actor: Actor, protocol: Protocol, organisation: str, code: str
) -> None:
    """Who may, by protocol; a deleted document is found by nobody, its author included."""
    document = care.put()
    means = Means.CPS if actor.kind is ActorKind.PROFESSIONAL else Means.STRUCTURE_CERTIFICATE
    deletion = DeleteDocument(
        care.now, actor, care.ins, document.unique_id, means, protocol, organisation
    )

    if code:
        assert care.sandbox.refusal(deletion) == ("REC-14", code)
        assert current(care) == [document.unique_id]
        return
    care.sandbox.do(deletion)

    assert current(care) == []
    care.team(DOCTOR)
    for reader in (care.holder, DOCTOR):
        read = ReadDocument(care.now, reader, care.ins, document.unique_id)
        assert care.sandbox.refusal(read) == ("VIS-01", "DOCUMENT_NOT_FOUND")
    assert care.sandbox.refusal(deletion) == ("REC-15", "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("REC-14", "REC-06")
def test_a_deletion_needs_strong_means_too(care: RecordRehearsal) -> None:
    """As a deposit does."""
    document = care.put()
    deletion = DeleteDocument(care.now, DOCTOR, care.ins, document.unique_id, Means.NONE)

    assert care.sandbox.refusal(deletion) == ("REC-06", "NO_STRONG_MEANS")


@pytest.mark.rule("REC-11")
def test_a_document_set_aside_is_taken_back(care: RecordRehearsal) -> None:
    """The flag is a criterion; the logical identifier stays, the entry's changes each time."""
    document = care.put()
    entries = {entry_id(care.ins, document)}
    for archived in (True, False):
        command = ArchiveDocument(
            care.now, DOCTOR, care.ins, document.unique_id, Means.CPS, archived=archived
        )
        changed = care.sandbox.do(command)
        assert isinstance(changed, Document)
        assert logical_id(care.ins, changed) == logical_id(care.ins, document)
        entries.add(entry_id(care.ins, changed))
        search = SearchDocuments(care.now, care.holder, care.ins, Criteria(archived=archived))
        page = care.sandbox.do(search)
        assert isinstance(page, DocumentPage)
        assert page.documents == (changed,)

    assert len(entries) == 3
    stranger = ArchiveDocument(care.now, OTHER_DOCTOR, care.ins, document.unique_id, Means.CPS)
    assert care.sandbox.refusal(stranger) == ("REC-14", "NOT_THE_AUTHOR")


@pytest.mark.rule("REC-12", "REC-13")
@pytest.mark.parametrize("row", rows_of("document_metadata.csv"), ids=lambda row: row["xds"])
def test_a_patch_changes_three_elements_and_no_other(
    care: RecordRehearsal, row: dict[str, str]
) -> None:
    """Content, title, dates and all the rest answer 405; the sheet never changes."""
    document = care.put()
    values = {"status": "deleted", "securityLabel": "R MASQUE_PS", "extension": "true"}
    patch = PatchDocument(
        care.now,
        DOCTOR,
        care.ins,
        document.unique_id,
        Means.CPS,
        row["fhir"],
        values.get(row["fhir"], "x"),
    )

    if row["fhir"] in PATCHABLE:
        patched = care.sandbox.do(patch)
        assert isinstance(patched, Document)
        assert patched.sheet is document.sheet
        assert patched.revision == 2
        assert patched != replace(document, revision=2)
    else:
        assert care.sandbox.refusal(patch) == ("REC-13", "NOT_PATCHABLE")


_CHANGES: Final[dict[str, Callable[[RecordRehearsal, str], Command]]] = {
    "mask": lambda c, d: MaskDocument(c.now, c.holder, c.ins, d),
    "unmask": lambda c, d: UnmaskDocument(c.now, c.holder, c.ins, d),
    "hide": lambda c, d: HideFromPatient(c.now, DOCTOR, c.ins, d),
    "announce": lambda c, d: Announce(c.now, DOCTOR, c.ins, d),
    "default": lambda c, _: SetConfidentialityDefault(c.now, c.holder, c.ins, masked=True),
    "set aside": lambda c, d: ArchiveDocument(c.now, DOCTOR, c.ins, d, Means.CPS),
    "patch": lambda c, d: PatchDocument(c.now, DOCTOR, c.ins, d, Means.CPS, "securityLabel", "R"),
    "delete": lambda c, d: DeleteDocument(c.now, DOCTOR, c.ins, d, Means.CPS),
}


@pytest.mark.rule("REC-11")
@pytest.mark.parametrize("change", _CHANGES.values(), ids=_CHANGES)
def test_every_change_says_when_and_keeps_what_was(
    care: RecordRehearsal, change: Callable[[RecordRehearsal, str], Command]
) -> None:
    """The version before stands behind the one that took its place, as it was."""
    care.team(DOCTOR)
    before = care.put()
    person = care.sandbox.service.person(care.ins)
    care.sandbox.now += timedelta(minutes=1)

    care.sandbox.do(change(care, before.unique_id))

    after = record_of(person).documents[before.unique_id]
    assert (before.changed_at, after.changed_at) == (None, care.now)
    assert revisions_of(person, after) == (after, before)
    assert revisions_of(person, care.put()) == (record_of(person).documents[last(person)],)


def last(person: Person) -> str:
    """Return the unique identifier of what was deposited last."""
    return tuple(record_of(person).documents)[-1]


@pytest.mark.rule("REC-11")
def test_memory_holds_a_hundred_versions_before_the_one_that_stands(
    care: RecordRehearsal,
) -> None:
    """The oldest goes first."""
    where = care.put().unique_id
    for archived in (True, False) * (EARLIER_MOST // 2 + 1):
        care.sandbox.do(
            ArchiveDocument(care.now, DOCTOR, care.ins, where, Means.CPS, archived=archived)
        )

    person = care.sandbox.service.person(care.ins)
    held = revisions_of(person, record_of(person).documents[where])
    assert [one.revision for one in held] == [*range(EARLIER_MOST + 3, 2, -1)]


def test_three_elements_are_patchable() -> None:
    """Status, confidentiality, archive flag."""
    assert {"status", "securityLabel", "extension"} == PATCHABLE


@pytest.mark.rule("REC-13", "VIS-07", "VIS-04")
@pytest.mark.parametrize(
    ("element", "value", "refused"),
    [
        ("status", "current", ("REC-13", "PATCH_REFUSED")),
        ("extension", "perhaps", ("REC-13", "PATCH_REFUSED")),
        ("securityLabel", "MASQUE_PS", ("VIS-07", "CODES_WRONG")),
        ("securityLabel", "", ("VIS-07", "CODES_WRONG")),
    ],
)
def test_a_value_that_an_element_cannot_take_is_refused(
    care: RecordRehearsal, element: str, value: str, refused: tuple[str, str]
) -> None:
    """Nothing changes."""
    document = care.put()
    patch = PatchDocument(care.now, DOCTOR, care.ins, document.unique_id, Means.CPS, element, value)

    assert care.sandbox.refusal(patch) == refused
    kept = record_of(care.sandbox.service.person(care.ins)).documents[document.unique_id]
    assert kept is document


@pytest.mark.rule("VIS-04")
def test_a_patch_does_not_hide_a_document_past_its_month() -> None:
    """Within the month it does, and the document shows at its end."""
    care = RecordRehearsal(vintage("steady-2023"))
    document = care.put()
    patch = PatchDocument(
        care.now,
        DOCTOR,
        care.ins,
        document.unique_id,
        Means.CPS,
        "securityLabel",
        "N INVISIBLE_PATIENT",
    )
    hidden = care.sandbox.do(patch)
    assert isinstance(hidden, Document)
    assert current(care) == []
    assert hidden.hidden_until is not None
    care.sandbox.now = hidden.hidden_until

    late = replace(patch, at=care.now)

    assert care.sandbox.refusal(late) == ("VIS-04", "HIDING_OVER")
    assert current(care) == [document.unique_id]
