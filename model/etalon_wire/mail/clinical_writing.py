"""A clinical document of level 1 written around a content: the header says what its metadata say.

It is the least that the header of the CI-SIS asks for in these elements; no name of a patient is
known to the record, and the element that would bear it says so.

Sources: HL7 CDA R2 (order of elements), CI-SIS Structuration minimale; IHE XDS-SD (template).
"""

import base64
from typing import Final

from lxml import etree

from etalon_model.records.confidentiality import BASE_LEVELS
from etalon_model.records.deposit import Subject
from etalon_model.records.record import Author, Sheet
from etalon_wire.mail.clinical_documents import CDA
from etalon_wire.mail.code_systems import CONFIDENTIALITY, OIDS, label_of, scheme_of
from etalon_wire.mail.hl7_values import (
    PROFESSIONALS,
    STRUCTURES,
    is_oid,
    plain_id,
    write_day,
    write_instant,
)
from etalon_wire.malformed import REQUIRED, VALUE, Malformed
from etalon_wire.records.codings import Coded
from etalon_wire.records.documents import Described
from etalon_wire.records.parties import PROFESSIONS, kind_of
from etalon_wire.xml_body import Node

_TEMPLATES: Final = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")
_LEVEL_1: Final = "1.3.6.1.4.1.19376.1.2.20"
_GENDERS: Final = "2.16.840.1.113883.5.1"
_PROFESSION: Final = 2


def write_clinical_document(described: Described, content: bytes, media_type: str) -> bytes:
    """Write a clinical document whose body is a content that is no XML.

    Args:
        described: What its metadata are to say.
        content: The body: a page, a picture, a text.
        media_type: Its media type, one that ASS_A12 knows.

    Raises:
        Malformed: `required` where nobody is named whose document it is, `value` for an identifier
            that is no object identifier or a character that XML does not hold.
    """
    if described.subject is None:
        raise Malformed(REQUIRED, "recordTarget", "say whose document it is")
    root = etree.Element(f"{{{CDA}}}ClinicalDocument", nsmap={None: CDA})
    try:
        _write_start(root, described)
        _write_people(root, described.sheet, described.subject)
        _write_acts(root, described)
        body = _add(_add(root, "component"), "nonXMLBody")
        text = _add(body, "text", mediaType=media_type, representation="B64")
        text.text = base64.b64encode(content).decode()
    except ValueError:
        message = "the header holds a character that XML does not"
        raise Malformed(VALUE, "ClinicalDocument", message) from None
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _write_start(root: Node, described: Described) -> None:
    sheet = described.sheet
    _add(root, "realmCode", code="FR")
    _add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for template in (*_TEMPLATES, _LEVEL_1):
        _add(root, "templateId", root=template)
    _identify(root, sheet.unique_id)
    _code(root, "code", "type", sheet.type_code)
    _add(root, "title").text = sheet.title
    _add(root, "effectiveTime", value=f"{write_instant(sheet.created_at)}+0000")
    level = next((code for code in described.codes if code in BASE_LEVELS), "N")
    _add(root, "confidentialityCode", code=level, codeSystem=CONFIDENTIALITY)
    _add(root, "languageCode", code=sheet.origin.language)


def _write_people(root: Node, sheet: Sheet, subject: Subject) -> None:
    role = _add(_add(root, "recordTarget"), "patientRole")
    _add(role, "id", root=subject.oid, extension=subject.ins)
    patient = _add(role, "patient")
    _add(patient, "name", nullFlavor="MSK")
    if subject.sex:
        _add(patient, "administrativeGenderCode", code=subject.sex, codeSystem=_GENDERS)
    if subject.birth_on:
        _add(patient, "birthTime", value=write_day(subject.birth_on))
    origin = sheet.origin
    for author in origin.authors:
        _write_author(root, author, sheet)
    custodian = _add(_add(_add(root, "custodian"), "assignedCustodian"), _CUSTODIAN)
    _person_id(custodian, origin.organisation, STRUCTURES)
    if origin.authenticator:
        signer = _add(root, "legalAuthenticator")
        _add(signer, "time", value=f"{write_instant(sheet.created_at)}+0000")
        _add(signer, "signatureCode", code="S")
        entity = _add(signer, "assignedEntity")
        _person_id(entity, origin.authenticator, PROFESSIONALS)


_CUSTODIAN: Final = "representedCustodianOrganization"


def _write_author(root: Node, author: Author, sheet: Sheet) -> None:
    node = _add(root, "author")
    _add(node, "time", value=f"{write_instant(sheet.created_at)}+0000")
    assigned = _add(node, "assignedAuthor")
    _person_id(assigned, author.ident, PROFESSIONALS)
    if author.role:
        role = _add(assigned, "code", code=author.role)
        if author.role.isdecimal() and len(author.role) == _PROFESSION:
            role.set("codeSystem", OIDS[PROFESSIONS])
    if kind_of(author.ident, author.given) == "Device":
        device = _add(assigned, "assignedAuthoringDevice")
        _add(device, "softwareName").text = author.family
    else:
        name = _add(_add(assigned, "assignedPerson"), "name")
        _add(name, "family").text = author.family
        if author.given:
            _add(name, "given").text = author.given
    if sheet.origin.organisation:
        structure = _add(assigned, "representedOrganization")
        _person_id(structure, sheet.origin.organisation, STRUCTURES)


def _write_acts(root: Node, described: Described) -> None:
    sheet = described.sheet
    origin, end = sheet.origin, sheet.extras.service_end_at
    event = _add(_add(root, "documentationOf"), "serviceEvent")
    period = _add(event, "effectiveTime")
    _add(period, "low", value=f"{write_instant(sheet.service_start_at)}+0000")
    if end:
        _add(period, "high", value=f"{write_instant(end)}+0000")
    performer = _add(event, "performer", typeCode="PRF")
    entity = _add(performer, "assignedEntity")
    first = origin.authors[0].ident if origin.authors else ""
    _person_id(entity, first, PROFESSIONALS)
    structure = _add(entity, "representedOrganization")
    _person_id(structure, origin.organisation, STRUCTURES)
    _code(structure, "standardIndustryClassCode", "setting", origin.practice_setting)
    if described.replaced:
        related = _add(root, "relatedDocument", typeCode="RPLC")
        _identify(_add(related, "parentDocument"), described.replaced)
    encounter = _add(_add(root, "componentOf"), "encompassingEncounter")
    _add(encounter, "effectiveTime", nullFlavor="UNK")
    facility = _add(_add(encounter, "location"), "healthCareFacility")
    _code(facility, "code", "facility", origin.facility_type)


def _identify(parent: Node, unique_id: str) -> None:
    root, _, extension = plain_id(unique_id).partition("^")
    if not is_oid(root):
        message = f"{unique_id[:80]!r} is no object identifier: a clinical document bears one"
        raise Malformed(VALUE, "ClinicalDocument.id", message)
    _add(parent, "id", root=root, **({"extension": extension} if extension else {}))


def _person_id(parent: Node, ident: str, authority: str) -> None:
    given = {"root": authority, "extension": ident} if ident else {"nullFlavor": "UNK"}
    _add(parent, "id", **given)


def _code(parent: Node, name: str, element: Coded, code: str) -> None:
    if code:
        node = _add(parent, name, code=code)
        system = scheme_of(element, code)
        if is_oid(system):
            node.set("codeSystem", system)
        node.set("displayName", label_of(element, code))


def _add(parent: Node, element: str, **attributes: str) -> Node:
    return etree.SubElement(parent, f"{{{CDA}}}{element}", attributes)
