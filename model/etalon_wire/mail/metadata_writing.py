"""METADATA.XML written: a submission and its documents as objects of an ebXML registry.

Reading: the matricule INS stands both as the identifier of the patient and as that of the source;
no name travels, since the record keeps none. A code of no known system has an empty scheme.

Sources: IHE ITI TF-3 4.2.1 to 4.2.5; ebRIM 3.0 (order of elements); domain rules REC-02 to REC-10.
"""

from collections.abc import Iterable

from lxml import etree

from etalon_model.records.deposit import Subject
from etalon_model.records.record import Author
from etalon_wire.mail.code_systems import (
    activity_scheme,
    confidentiality_scheme,
    label_of,
    scheme_of,
)
from etalon_wire.mail.hl7_values import (
    plain_id,
    write_day,
    write_identifier,
    write_instant,
    write_person,
    write_structure,
)
from etalon_wire.mail.submissions import (
    APPROVED,
    HAS_MEMBER,
    LCM,
    REFERENCES,
    REPLACES,
    RIM,
    SCHEMES,
    Contents,
    Submission,
)
from etalon_wire.malformed import VALUE, Malformed
from etalon_wire.records.codings import Coded, act
from etalon_wire.records.documents import Described
from etalon_wire.validation.reading import parts, text
from etalon_wire.xml_body import Node

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def write_metadata(contents: Contents) -> bytes:
    """Write METADATA.XML.

    Raises:
        Malformed: `value`: a text holds a character that XML does not.
    """
    root = etree.Element(f"{{{LCM}}}SubmitObjectsRequest", nsmap={"lcm": LCM, None: RIM})
    objects = _add(root, "RegistryObjectList")
    try:
        _write_submission(objects, contents.submission)
        for rank, described in enumerate(contents.documents, 1):
            _write_document(objects, f"document-{rank}", described, contents.submission.subject)
        _write_associations(objects, contents.documents)
    except ValueError:
        message = "the metadata hold a character that XML does not"
        raise Malformed(VALUE, "METADATA.XML", message) from None
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write_submission(objects: Node, submission: Submission) -> None:
    node = _add(objects, "RegistryPackage", id="submission", status=APPROVED)
    _slot(node, "submissionTime", write_instant(submission.at))
    _texts(node, submission.title, submission.comments)
    said = _Said(node, "submission", "submission")
    said.author(submission.author, submission.organisation)
    said.code("content", submission.content_type, activity_scheme(submission.content_type))
    said.identifier("patient", "patientId", _patient(submission.subject))
    said.identifier("source", "sourceId", plain_id(submission.source_id))
    said.identifier("unique", "uniqueId", plain_id(submission.unique_id))
    kind = _add(objects, "Classification", id="submission-kind", classifiedObject="submission")
    kind.set("classificationNode", SCHEMES["submission", "node"])


def _write_document(objects: Node, ident: str, described: Described, owner: Subject) -> None:
    sheet = described.sheet
    kind = SCHEMES["document", "node"]
    node = _add(objects, "ExtrinsicObject", id=ident, objectType=kind, status=APPROVED)
    node.set("mimeType", sheet.form.mime)
    subject = described.subject
    for name, value in _single_slots(described):
        _slot(node, name, *([value] if value else []))
    if subject is not None:
        _slot(node, "sourcePatientId", _patient(subject))
        _slot(node, "sourcePatientInfo", *_traits(subject))
    _slot(node, REFERENCES, *sheet.extras.references)
    _texts(node, sheet.title, sheet.extras.comments)
    _write_codes(_Said(node, "document", ident), described)
    said = _Said(node, "document", ident)
    said.identifier("patient", "patientId", _patient(subject or owner))
    said.identifier("unique", "uniqueId", plain_id(sheet.unique_id))


def _single_slots(described: Described) -> Iterable[tuple[str, str]]:
    sheet = described.sheet
    end = sheet.extras.service_end_at
    signer = sheet.origin.authenticator
    return (
        ("creationTime", write_instant(sheet.created_at)),
        ("hash", sheet.sha1),
        ("languageCode", sheet.origin.language),
        ("legalAuthenticator", write_person(Author(signer, "")) if signer else ""),
        ("serviceStartTime", write_instant(sheet.service_start_at)),
        ("serviceStopTime", write_instant(end) if end else ""),
        ("size", str(sheet.size_bytes)),
        ("URI", described.url),
    )


def _write_codes(said: "_Said", described: Described) -> None:
    sheet = described.sheet
    for rank, author in enumerate(sheet.origin.authors):
        said.author(author, "" if rank else sheet.origin.organisation)
    said.coded("class", "class", sheet.class_code)
    for code in described.codes:
        said.code("confidentiality", code, confidentiality_scheme(code))
    for code in sheet.extras.event_codes:
        said.code("event", code, _act_scheme(code))
    said.coded("format", "format", sheet.form.format_code)
    said.coded("facility", "facility", sheet.origin.facility_type)
    said.coded("setting", "setting", sheet.origin.practice_setting)
    said.coded("type", "type", sheet.type_code)


def _write_associations(objects: Node, documents: tuple[Described, ...]) -> None:
    for rank, described in enumerate(documents, 1):
        ident = f"document-{rank}"
        held = _associate(objects, f"member-{rank}", HAS_MEMBER, "submission", ident)
        _slot(held, "SubmissionSetStatus", "Original")
        if described.replaced:
            _associate(objects, f"replaced-{rank}", REPLACES, ident, described.replaced)


def _associate(objects: Node, ident: str, kind: str, source: str, target: str) -> Node:
    node = _add(objects, "Association", id=ident, associationType=kind)
    node.set("sourceObject", source)
    node.set("targetObject", target)
    return node


class _Said:
    """What is said of one object: classifications and identifiers, numbered as they come."""

    __slots__ = ("_ident", "_kind", "_node")

    def __init__(self, node: Node, kind: str, ident: str) -> None:
        self._node = node
        self._kind = kind
        self._ident = ident

    def author(self, author: Author, organisation: str) -> None:
        node = self._classify("author", "")
        _slot(node, "authorPerson", write_person(author))
        _slot(node, "authorInstitution", *([write_structure(organisation)] if organisation else []))
        _slot(node, "authorRole", *([author.role] if author.role else []))

    def coded(self, scheme: str, element: Coded, code: str) -> None:
        self.code(scheme, code, scheme_of(element, code), label_of(element, code))

    def code(self, scheme: str, code: str, system: str, label: str = "") -> None:
        if not code:
            return
        node = self._classify(scheme, code)
        _slot(node, "codingScheme", system)
        _texts(node, label or code, "")

    def identifier(self, scheme: str, name: str, value: str) -> None:
        uuid = SCHEMES[self._kind, scheme]
        node = _add(self._node, "ExternalIdentifier", id=f"{self._ident}-{name}")
        node.set("registryObject", self._ident)
        node.set("identificationScheme", uuid)
        node.set("value", value)
        start = {"document": "XDSDocumentEntry", "submission": "XDSSubmissionSet"}[self._kind]
        _texts(node, f"{start}.{name}", "")

    def _classify(self, scheme: str, code: str) -> Node:
        ident = f"{self._ident}-{scheme}-{len(self._node)}"
        node = _add(self._node, "Classification", id=ident, classifiedObject=self._ident)
        node.set("classificationScheme", SCHEMES[self._kind, scheme])
        node.set("nodeRepresentation", code)
        return node


def _patient(subject: Subject) -> str:
    return write_identifier(subject.ins, subject.oid, "NH")


def _traits(subject: Subject) -> list[str]:
    """Return the traits of a patient: identifier, day of birth, sex (PID-3, PID-7, PID-8)."""
    found = [f"PID-3|{_patient(subject)}"]
    if subject.birth_on:
        found.append(f"PID-7|{write_day(subject.birth_on)}")
    if subject.sex:
        found.append(f"PID-8|{subject.sex}")
    return found


def _act_scheme(code: str) -> str:
    return text(parts(act(code), "coding")[0], "system").removeprefix("urn:oid:")


def _add(parent: Node, element: str, **attributes: str) -> Node:
    return etree.SubElement(parent, f"{{{RIM}}}{element}", attributes)


def _slot(parent: Node, name: str, *values: str) -> None:
    """Write a slot, or nothing where there is no value."""
    if not values:
        return
    held = _add(_add(parent, "Slot", name=name), "ValueList")
    for value in values:
        _add(held, "Value").text = value


def _texts(parent: Node, name: str, description: str) -> None:
    for element, said in (("Name", name), ("Description", description)):
        if said:
            one = _add(_add(parent, element), "LocalizedString", value=said)
            one.set(_LANGUAGE, "fr-FR")
