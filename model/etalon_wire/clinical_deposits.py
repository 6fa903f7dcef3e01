"""Clinical documents (CDA R2) in deposits: their metadata are held against their header (W-CDA-03).

A structured document of the record is a clinical document: whatever comes as XML is read as one.
Metadata of FHIR may leave out what a mail has to say, and a header what it may: what one of them
leaves out, the other does not contradict. Whose document it is, it says.

Sources: ANS, header of a CDA and metadata of XDS; PDSm4DMP, example of a CDA. Reading: in `lenient`
what differs is told as a warning, since examples of the drafts differ.
"""

from typing import Final

from etalon_wire.findings import Finding, Severity
from etalon_wire.json_body import Json, Resource
from etalon_wire.mail.clinical_documents import disagreements, read_header
from etalon_wire.modes import Mode
from etalon_wire.records.documents import Described

_XML: Final = frozenset({"text/xml", "application/xml"})
_PLACES: Final = {
    "uniqueId": "masterIdentifier",
    "relatesTo": "relatesTo",
    "typeCode": "type",
    "classCode": "category",
    "formatCode": "content[0].format",
    "confidentialityCode": "securityLabel",
    "languageCode": "content[0].attachment.language",
    "practiceSettingCode": "context.practiceSetting",
    "healthcareFacilityTypeCode": "context.facilityType",
    "author": "author",
    "authorInstitution": "author",
    "legalAuthenticator": "authenticator",
    "patientId": "subject",
    "sourcePatientInfo": "context.sourcePatientInfo",
    "creationTime": "content[0].attachment.creation",
    "serviceStartTime": "context.period.start",
    "serviceStopTime": "context.period.end",
}
"""Where FHIR says what XDS calls by these names."""

_WHOSE: Final = frozenset({"patientId", "sourcePatientInfo"})


def is_clinical(media_type: str) -> bool:
    """Whether a document of a media type is a clinical document."""
    return media_type.partition(";")[0].strip().lower() in _XML


def header_findings(  # noqa: PLR0913, PLR0917 (what is said, of what, whose, where, how)
    resource: Resource, described: Described, content: bytes, ins: str, at: str, mode: Mode
) -> list[Finding]:
    """Say where a DocumentReference says other than the clinical document it describes.

    Args:
        resource: The DocumentReference.
        described: What it says.
        content: The document.
        ins: Matricule of the person whose record it goes to.
        at: Where the DocumentReference stands, as FHIRPath.
        mode: Which of two texts holds where they differ.

    Returns:
        One finding for each element that differs; none for a document that is no XML.

    Raises:
        Malformed: What comes as XML is no clinical document.
    """
    if not is_clinical(described.sheet.form.mime):
        return []
    header = read_header(content)
    found = disagreements(header, described, only_said=True)
    borne = "" if header.subject is None else header.subject.ins
    if borne != ins and not any(one.expression == "patientId" for one in found):
        message = "the document is of another patient than the record, or bears no matricule"
        found.append(Finding("error", "invariant", "patientId", "W-CDA-03", message))
    severity: Severity = "warning" if mode == "lenient" else "error"
    return [
        one._replace(severity=severity, expression=f"{at}.{_PLACES[one.expression]}")
        for one in found
        if one.expression in _WHOSE or _says(resource, _PLACES[one.expression])
    ]


def _says(resource: Resource, path: str) -> bool:
    """Whether a resource says something at a place; elsewhere something was worked out for it."""
    held: Json = resource
    for step in path.split("."):
        name = step.removesuffix("[0]")
        held = held.get(name) if isinstance(held, dict) else None
        if name != step:
            held = held[0] if isinstance(held, list) and held else None
    return held is not None
