"""The header of a clinical document (CDA R2): read, and compared with what metadata say of it.

Visibility never travels in a clinical document: of the confidentiality, the level alone does. A
date without an offset is in Paris, as everywhere in the model.

Sources: ANS, volet of documents by mail (header of a CDA and metadata of XDS), CI-SIS Structuration
minimale; ASS_X04 (class of a type), ASS_A11 and ASS_A12 (format); requirement W-CDA-03.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from etalon_model.periods import PARIS
from etalon_model.records.confidentiality import BASE_LEVELS
from etalon_model.records.deposit import Subject
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Author
from etalon_wire.findings import Finding
from etalon_wire.mail.hl7_values import is_ins_authority, read_day, read_instant, unique_uri
from etalon_wire.malformed import LIMITS, STRUCTURE, VALUE, Malformed, check_size
from etalon_wire.records.documents import Described
from etalon_wire.tables import rows_of
from etalon_wire.xml_body import Node, check_depth, parse_xml

CDA: Final = "urn:hl7-org:v3"
_AT: Final = "ClinicalDocument"
_CLINICAL: Final = f"{{{CDA}}}ClinicalDocument"
_NS: Final[Mapping[str, str]] = {"h": CDA}
_SERVICE: Final = "h:documentationOf/h:serviceEvent"
_ORGANISATION: Final = "h:assignedAuthor/h:representedOrganization/h:id"
_SETTING: Final = (
    f"{_SERVICE}/h:performer/h:assignedEntity/h:representedOrganization/h:standardIndustryClassCode"
)
_FACILITY: Final = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
_SIGNER: Final = "h:legalAuthenticator/h:assignedEntity/h:id"
_REPLACED: Final = "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id"
_SEXES: Final = ("F", "M")


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a clinical document says.

    Attributes:
        unique_id: Its identifier, `urn:oid:…`.
        type_code: Code of the type.
        title: Title.
        created_at: When it was written (UTC).
        confidentiality: Level: N, R or V.
        language: Language of the content.
        subject: Whose document it is, or None when it bears no matricule INS.
        authors: Who wrote it.
        organisation: Identifier of the structure of the first author, or an empty string.
        authenticator: Identifier of whoever takes legal responsibility.
        service_start_at: Start of the act (UTC), or None.
        service_end_at: End of the act (UTC), or None.
        setting: Code of the setting of care.
        facility: Code of the kind of structure.
        templates: Models that it says it follows.
        media_type: Media type of a body that is no XML, or an empty string.
        replaced: Identifier of the document it replaces, or an empty string.
    """

    unique_id: str
    type_code: str
    title: str
    created_at: datetime
    confidentiality: str
    language: str
    subject: Subject | None
    authors: tuple[Author, ...]
    organisation: str
    authenticator: str
    service_start_at: datetime | None
    service_end_at: datetime | None
    setting: str
    facility: str
    templates: tuple[str, ...] = ()
    media_type: str = ""
    replaced: str = ""


def read_header(body: bytes) -> Header:
    """Read the header of a clinical document.

    Raises:
        Malformed: It is no clinical document, bears no identifier, or a date that is none.
    """
    check_size(body, LIMITS)
    root = parse_xml(body)
    check_depth(root, LIMITS)
    if root.tag != _CLINICAL:
        raise Malformed(STRUCTURE, _AT, "the root is no ClinicalDocument of HL7 v3")
    unique_id = _identifier(root, "h:id")
    if not unique_id:
        raise Malformed(VALUE, f"{_AT}.id", "the document bears no identifier: give it one")
    start, end = _period(root)
    return Header(
        unique_uri(unique_id),
        _attribute(root, "h:code", "code"),
        _text(root, "h:title"),
        _instant(_attribute(root, "h:effectiveTime", "value"), "effectiveTime"),
        _attribute(root, "h:confidentialityCode", "code"),
        _attribute(root, "h:languageCode", "code"),
        _subject(root),
        tuple(_authors(root)),
        _extension(_first(root, f"h:author/{_ORGANISATION}")),
        _extension(_first(root, _SIGNER)),
        start,
        end,
        _attribute(root, _SETTING, "code"),
        _attribute(root, _FACILITY, "code"),
        tuple(one.get("root", "") for one in _all(root, "h:templateId")),
        _attribute(root, "h:component/h:nonXMLBody/h:text", "mediaType"),
        unique_uri(_identifier(root, _REPLACED)),
    )


def formats_of(header: Header) -> frozenset[str]:
    """Return the codes of format that a header allows, none when no table knows its model.

    A body that is no XML is of the format of its media type (ASS_A12); any other is of the formats
    of the models that the document follows (ASS_A11).
    """
    if header.media_type:
        return _of_media_types().get(header.media_type, frozenset())
    found = (_of_templates().get(one, frozenset()) for one in header.templates)
    return frozenset[str]().union(*found)


def disagreements(
    header: Header, described: Described, *, only_said: bool = False
) -> list[Finding]:
    """W-CDA-03: say where metadata say other than the document that they describe.

    Args:
        header: Of the document.
        described: What the metadata say.
        only_said: What the document or the metadata leave out differs from nothing.

    Returns:
        One finding for each element that differs. Instants are compared to the second; an author
        by their identifier; a period, a setting or a structure where the header says one.
    """
    found = [
        *_named_alike(header, described),
        *_coded_alike(header, described),
        *_people_alike(header, described),
        *_dated_alike(header, described),
    ]
    return [
        Finding("error", "invariant", name, "W-CDA-03", _difference(name, asked, said))
        for name, asked, said in found
        if asked != said and ((asked and said) or not only_said)
    ]


Pair = tuple[str, object, object]
"""An element of the metadata, what the document says, and what the metadata say."""


def _named_alike(header: Header, described: Described) -> Iterator[Pair]:
    yield "uniqueId", header.unique_id, described.sheet.unique_id
    # Metadata may also name a document by its entry, which no document knows.
    if header.replaced and unique_uri(described.replaced).startswith("urn:oid:"):
        yield "relatesTo", header.replaced, unique_uri(described.replaced)


def _coded_alike(header: Header, described: Described) -> Iterator[Pair]:
    sheet = described.sheet
    yield "typeCode", header.type_code, sheet.type_code
    kind = DOCUMENT_TYPES.get(header.type_code)
    if kind is not None and kind.class_code:
        yield "classCode", kind.class_code, sheet.class_code
    formats = formats_of(header)
    if formats and sheet.form.format_code not in formats:
        yield "formatCode", " or ".join(sorted(formats)), sheet.form.format_code
    levels = _listed(code for code in described.codes if code in BASE_LEVELS) or "N"
    yield "confidentialityCode", header.confidentiality, levels
    if header.language:
        yield "languageCode", header.language, sheet.origin.language
    if header.setting:
        yield "practiceSettingCode", header.setting, sheet.origin.practice_setting
    if header.facility:
        yield "healthcareFacilityTypeCode", header.facility, sheet.origin.facility_type


def _people_alike(header: Header, described: Described) -> Iterator[Pair]:
    origin = described.sheet.origin
    yield "author", _idents(header.authors), _idents(origin.authors)
    if header.organisation:
        yield "authorInstitution", header.organisation, origin.organisation
    yield "legalAuthenticator", header.authenticator, origin.authenticator
    subject = described.subject
    borne = header.subject
    yield "patientId", _matricule(borne), _matricule(subject)
    if borne and subject and borne.birth_on and subject.birth_on:
        yield "sourcePatientInfo", borne.birth_on, subject.birth_on
    if borne and subject and borne.sex and subject.sex:
        yield "sourcePatientInfo", borne.sex, subject.sex


def _dated_alike(header: Header, described: Described) -> Iterator[Pair]:
    sheet = described.sheet
    yield "creationTime", header.created_at, _to_the_second(sheet.created_at)
    if header.service_start_at:
        yield "serviceStartTime", header.service_start_at, _to_the_second(sheet.service_start_at)
    if header.service_end_at:
        end = sheet.extras.service_end_at
        yield "serviceStopTime", header.service_end_at, _to_the_second(end) if end else None


def _difference(name: str, asked: object, said: object) -> str:
    # Whose document it is, is told to nobody who may not know.
    if name in ("patientId", "sourcePatientInfo"):
        return "the metadata name another patient, or other traits, than the document"
    told = [str(one or "nothing") for one in (asked, said)]
    return f"the document says {told[0][:120]}, the metadata say {told[1][:120]}"


def _matricule(subject: Subject | None) -> str:
    return f"{subject.oid}^{subject.ins}" if subject else ""


def _idents(authors: Iterable[Author]) -> str:
    return _listed(author.ident for author in authors)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(set(words)))


def _to_the_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _index(key: str, *, by_media_type: bool) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in rows_of("cda_formats.csv"):
        if bool(row["media_type"]) is by_media_type:
            found[row[key]] = found.get(row[key], frozenset()) | {row["code"]}
    return found


@cache
def _of_templates() -> Mapping[str, frozenset[str]]:
    return _index("template", by_media_type=False)


@cache
def _of_media_types() -> Mapping[str, frozenset[str]]:
    return _index("media_type", by_media_type=True)


def _subject(root: Node) -> Subject | None:
    """Return the patient by their matricule INS, whichever of their identifiers it is."""
    roles = _all(root, "h:recordTarget/h:patientRole")
    if len(roles) > 1:
        raise Malformed(VALUE, f"{_AT}.recordTarget", "the document is of several patients")
    known = [
        one for role in roles for one in _all(role, "h:id") if is_ins_authority(one.get("root", ""))
    ]
    if len({(one.get("root"), one.get("extension")) for one in known}) > 1:
        raise Malformed(VALUE, f"{_AT}.recordTarget", "the document bears several matricules")
    if not known:
        return None
    birth_on = read_day(_attribute(roles[0], "h:patient/h:birthTime", "value"))
    sex = _attribute(roles[0], "h:patient/h:administrativeGenderCode", "code")
    ins, oid = known[0].get("extension", ""), known[0].get("root", "")
    return Subject(ins, oid, birth_on, sex if sex in _SEXES else "")


def _authors(root: Node) -> Iterator[Author]:
    for author in _all(root, "h:author"):
        name = _first(author, "h:assignedAuthor/h:assignedPerson/h:name")
        family = _text(name, "h:family") if name is not None else ""
        given = " ".join(_strip(one) for one in _all(name, "h:given")) if name is not None else ""
        if not family:
            device = "h:assignedAuthor/h:assignedAuthoringDevice/h:softwareName"
            family = _text(author, device)
        ident = _extension(_first(author, "h:assignedAuthor/h:id"))
        yield Author(ident, family, given, _attribute(author, "h:assignedAuthor/h:code", "code"))


def _period(root: Node) -> tuple[datetime | None, datetime | None]:
    low = _attribute(root, f"{_SERVICE}/h:effectiveTime/h:low", "value")
    high = _attribute(root, f"{_SERVICE}/h:effectiveTime/h:high", "value")
    low = low or _attribute(root, f"{_SERVICE}/h:effectiveTime", "value")
    return (
        _instant(low, "documentationOf") if low else None,
        _instant(high, "documentationOf") if high else None,
    )


def _instant(text: str, element: str) -> datetime:
    return read_instant(text, f"{_AT}.{element}", PARIS)


def _identifier(root: Node, path: str) -> str:
    found = _first(root, path)
    if found is None or not found.get("root"):
        return ""
    extension = found.get("extension")
    return f"{found.get('root')}^{extension}" if extension else found.get("root", "")


def _extension(found: Node | None) -> str:
    """Return what names somebody: the extension of their identifier, else its root."""
    return "" if found is None else found.get("extension", "") or found.get("root", "")


def _attribute(root: Node, path: str, name: str) -> str:
    found = _first(root, path)
    return "" if found is None else found.get(name, "")


def _text(root: Node, path: str) -> str:
    found = _first(root, path)
    return "" if found is None else _strip(found)


def _strip(node: Node) -> str:
    return "".join(node.itertext()).strip()


def _first(root: Node, path: str) -> Node | None:
    return root.find(path, dict(_NS))


def _all(root: Node, path: str) -> list[Node]:
    return root.findall(path, dict(_NS))
