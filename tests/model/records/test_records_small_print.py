"""Identifiers to the letter, an archive flag taken off."""

import pytest

from etalon_model.records.changes import PatchDocument
from etalon_model.records.deposit import Means
from etalon_model.records.record import Document, entry_id, logical_id
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal


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
