"""A structured document (CDA R2, level 1) whose header says what its reference says.

Source: CI-SIS, structuration minimale des documents de santé; JDV_J10 (formats).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from etalon_conformance.specimens import Code, Giver, Specimen, specimen
from etalon_conformance.tables import text_of
from etalon_target.people import TestPerson, TestProfessional

XML: Final = "text/xml"
_OID: Final = "urn:oid:"
_HL7: Final = {"c": "urn:hl7-org:v3"}
_FORMAT: Final = Code(
    "https://mos.esante.gouv.fr/NOS/TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode",
    "urn:ihe:iti:xds-sd:text:2008",
)
"""Of a body that is plain text (ASS_A12)."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a CDA document says.

    Attributes:
        unique_id: Its identifier, as an address (`urn:oid:…`).
        kind: Code of its type.
        level: Level of confidentiality.
        ins: Matricule of the patient.
        family: Family name of its author.
        started: When the act began.
        ended: When it ended.
        facility: Kind of structure.
        title: Title.
    """

    unique_id: str
    kind: str
    level: str
    ins: str
    family: str
    started: datetime
    ended: datetime
    facility: str
    title: str


def structured(
    bench: Giver, person: TestPerson, author: TestProfessional, level: str = "N"
) -> Specimen:
    """Return a rapid diagnostic test as a CDA document, and what its reference says of it."""
    one = specimen(bench, person, author, kind="96173-0", form=_FORMAT, level=level)
    return replace(one, media_type=XML, content=_written(one).encode())


def _at(instant: datetime) -> str:
    return instant.strftime("%Y%m%d%H%M%S%z")


def _written(one: Specimen) -> str:
    """Return the document."""
    born = one.person.birth_date
    return text_of("structured_document.xml").format(
        oid=one.unique_id.removeprefix(_OID),
        kind=one.kind.code,
        title=escape(one.title),
        created=_at(one.created),
        level=one.level,
        ins_oid=one.person.oid,
        ins=one.person.ins,
        patient_family=escape(one.person.family),
        patient_given=escape(one.person.given),
        sex="M" if one.person.sex == "M" else "F",
        born="" if born is None else born.strftime("%Y%m%d"),
        rpps=one.author.rpps,
        family=escape(one.family),
        given=escape(one.given),
        structure=escape(one.structure),
        started=_at(one.started),
        ended=_at(one.ended),
        facility=one.facility.code,
        comment=escape(one.comment),
    )


def header_of(content: bytes) -> Header | None:
    """Return what the header of a CDA document says; None when it is none, or says less."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None

    def first(path: str) -> str:
        found = root.xpath(f"string({path})", namespaces=_HL7)
        return found if isinstance(found, str) else ""

    encounter = "c:componentOf/c:encompassingEncounter/c:location/c:healthCareFacility"
    event = "c:documentationOf/c:serviceEvent/c:effectiveTime"
    try:
        return Header(
            unique_id=_OID + first("c:id/@root"),
            kind=first("c:code/@code"),
            level=first("c:confidentialityCode/@code"),
            ins=first("c:recordTarget/c:patientRole/c:id/@extension"),
            family=first("c:author/c:assignedAuthor/c:assignedPerson/c:name/c:family"),
            started=_instant(first(f"{event}/c:low/@value")),
            ended=_instant(first(f"{event}/c:high/@value")),
            facility=first(f"{encounter}/c:code/@code"),
            title=first("c:title"),
        )
    except ValueError:
        return None


def _instant(written: str) -> datetime:
    return datetime.strptime(written, "%Y%m%d%H%M%S%z")
