"""Identifiers and titles to the letter, an archive flag taken off, what the log keeps to itself."""

from dataclasses import replace

import pytest

from etalon_model import SYSTEM
from etalon_model.records.automatic import GenerateSynthesis
from etalon_model.records.changes import PatchDocument
from etalon_model.records.deposit import Means
from etalon_model.records.masking import MaskDocument
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
