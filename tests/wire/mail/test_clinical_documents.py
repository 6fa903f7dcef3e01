"""Clinical documents: the header says what the metadata say, or the difference is told."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model.records.deposit import Subject
from etalon_model.records.record import NO_EXTRAS, Author
from etalon_wire.mail.clinical_documents import Header, disagreements, formats_of, read_header
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.mail.lots import Lot
from etalon_wire.mail.metadata_reading import read_metadata
from etalon_wire.mail.metadata_writing import write_metadata
from etalon_wire.mail.submissions import Contents
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import Described

NS = 'xmlns="urn:hl7-org:v3"'


def written(described: Described) -> bytes:
    """Return the document whose header says what is described."""
    return write_clinical_document(described, b"%PDF-1.4", "application/pdf")


@pytest.mark.requirement("W-CDA-03")
@pytest.mark.parametrize("level", ["N", "R", "V"])
def test_a_header_comes_back_as_its_metadata_say(described: Described, level: str) -> None:
    """Written, read, and found in agreement."""
    described = replace(described, codes=(level, "MASQUE_PS"), replaced="urn:oid:1.2.3^a")
    header = read_header(written(described))
    sheet = described.sheet

    assert disagreements(header, described) == []
    assert header.unique_id == sheet.unique_id
    assert header.confidentiality == level
    assert header.authors == sheet.origin.authors
    assert header.subject == described.subject
    assert header.service_end_at == sheet.extras.service_end_at
    assert header.replaced == "urn:oid:1.2.3^a"
    assert b"MASQUE_PS" not in written(described)


def _other(described: Described, element: str) -> Described:
    """Return metadata that say other than the document in one element."""
    sheet, subject = described.sheet, described.subject
    assert subject is not None
    hour = timedelta(hours=1)
    origin = sheet.origin
    sheets = {
        "uniqueId": replace(sheet, unique_id="urn:oid:1.2.9"),
        "typeCode": replace(sheet, type_code="11490-0"),
        "classCode": replace(sheet, class_code="11"),
        "formatCode": replace(sheet, form=replace(sheet.form, format_code="urn:a")),
        "creationTime": replace(sheet, created_at=sheet.created_at + hour),
        "serviceStartTime": replace(sheet, service_start_at=sheet.service_start_at - hour),
        "serviceStopTime": replace(sheet, extras=NO_EXTRAS),
    }
    origins = {
        "author": replace(origin, authors=(Author("899700000002", "DUPONT"),)),
        "authorInstitution": replace(origin, organisation="1690000002"),
        "legalAuthenticator": replace(origin, authenticator="899700000002"),
        "practiceSettingCode": replace(origin, practice_setting="ETABLISSEMENT"),
        "healthcareFacilityTypeCode": replace(origin, facility_type="SA02"),
        "languageCode": replace(origin, language="en-GB"),
    }
    subjects = {
        "patientId": replace(subject, ins="246026322000196"),
        "sourcePatientInfo": replace(subject, sex="F"),
    }
    if element in origins:
        sheet = replace(sheet, origin=origins[element])
    sheet = sheets.get(element, sheet)
    codes = ("V",) if element == "confidentialityCode" else described.codes
    return replace(described, sheet=sheet, subject=subjects.get(element, subject), codes=codes)


ELEMENTS = (
    "uniqueId",
    "typeCode",
    "classCode",
    "formatCode",
    "confidentialityCode",
    "languageCode",
    "practiceSettingCode",
    "healthcareFacilityTypeCode",
    "author",
    "authorInstitution",
    "legalAuthenticator",
    "patientId",
    "sourcePatientInfo",
    "creationTime",
    "serviceStartTime",
    "serviceStopTime",
)


@pytest.mark.requirement("W-CDA-03")
@pytest.mark.parametrize("element", ELEMENTS)
def test_metadata_that_say_other_than_the_document_are_found_out(
    described: Described, element: str
) -> None:
    """One finding for each element."""
    header = read_header(written(described))

    found = disagreements(header, _other(described, element))

    assert [(one.expression, one.requirement) for one in found] == [(element, "W-CDA-03")]


def test_a_disagreement_on_the_patient_names_nobody(described: Described) -> None:
    """The finding goes to whoever sent the mail."""
    header = read_header(written(described))

    found = disagreements(header, _other(described, "patientId"))

    assert "46026322000196" not in found[0].message


@pytest.mark.parametrize(
    ("templates", "media_type", "formats"),
    [
        (("1.2.250.1.213.1.1.1.5.1",), "", {"urn:asip:ci-sis:cse-cs8:2017"}),
        (("1.2.250.1.213.1.1.1.5.1",), "text/plain", {"urn:ihe:iti:xds-sd:text:2008"}),
        ((), "image/jpeg", {"urn:ihe:iti-fr:xds-sd:jpeg:2010"}),
        ((), "video/mp4", set[str]()),
        (("1.2.3",), "", set[str]()),
    ],
)
def test_the_format_follows_from_the_model_or_the_media_type(
    described: Described, templates: tuple[str, ...], media_type: str, formats: set[str]
) -> None:
    """ASS_A11 and ASS_A12."""
    header = read_header(written(described))

    assert formats_of(replace(header, templates=templates, media_type=media_type)) == formats


def _patient(*ids: str) -> str:
    held = "".join(f'<id root="1.2.250.1.213.1.4.8" extension="{one}"/>' for one in ids)
    return f"<recordTarget><patientRole>{held}</patientRole></recordTarget>"


START = f'<ClinicalDocument {NS}><id root="1.2"/><effectiveTime value="2026"/>'
REFUSED = [
    ("", "empty"),
    ("<a/>", "no ClinicalDocument"),
    ("<ClinicalDocument/>", "no ClinicalDocument"),
    (f"<ClinicalDocument {NS}/>", "no identifier"),
    (f'<ClinicalDocument {NS}><id root="1.2"/></ClinicalDocument>', "date is missing"),
    (f"{START}{_patient('1', '2')}</ClinicalDocument>", "several matricules"),
    (f"{START}{_patient('1')}{_patient('2')}</ClinicalDocument>", "several patients"),
    (f"<!DOCTYPE a [<!ENTITY a 'b'>]>{START}</ClinicalDocument>", "document type"),
    (f"{START}{'<a>' * 100}{'</a>' * 100}</ClinicalDocument>", "one inside the other"),
    (f"{START.replace('2026', '20261340')}</ClinicalDocument>", "is no date"),
]


@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_a_document_that_is_none_is_refused(body: str, said: str) -> None:
    """With a reason."""
    with pytest.raises(Malformed, match=said):
        read_header(body.encode())


@given(data=st.data())
def test_other_bytes_in_a_document_or_its_metadata_are_read_or_refused(
    described: Described, lot: Lot, data: st.DataObject
) -> None:
    """Never an error of another kind."""
    metadata = write_metadata(Contents(lot.submission, (described,)))
    for body, read in ((written(described), read_header), (metadata, read_metadata)):
        at = data.draw(st.integers(0, len(body) - 1))
        cut = data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from([b"", b"9", b"^", b"|", b"&#0;", b"\xff", b"<a/>", b'"']))
        with suppress(Malformed):
            found = read(body[:at] + put + body[at + cut :])
            assert isinstance(found, Header | Contents)


def test_a_document_without_a_patient_is_not_written(described: Described) -> None:
    """A clinical document is of somebody."""
    with pytest.raises(Malformed, match="whose document"):
        written(replace(described, subject=None))
    with pytest.raises(Malformed, match="no object identifier"):
        written(replace(described, sheet=replace(described.sheet, unique_id="urn:uuid:a")))
    with pytest.raises(Malformed, match="XML does not"):
        written(replace(described, subject=Subject("\0", "1.2", None, "")))
