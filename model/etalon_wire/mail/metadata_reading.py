"""METADATA.XML read: the submission and its documents, whatever order they stand in.

What the record does not keep is passed over; what it needs and does not find is an empty text, as
over HTTP, for the rules of deposits to refuse. One submission, at least one document, one patient:
two patients in one lot are refused whole, since no rule says which of them was meant.

Sources: IHE ITI TF-3 4.2.1 to 4.2.5; ebRIM 3.0; domain rules REC-02 to REC-10.
"""

from collections.abc import Iterator
from typing import Final

from etalon_model.records.deposit import Subject
from etalon_model.records.record import NO_EXTRAS, Author, Extras, Form, Origin, Sheet
from etalon_wire.mail.hl7_values import (
    is_ins_authority,
    read_day,
    read_identifier,
    read_instant,
    read_person,
    read_structure,
    unique_uri,
)
from etalon_wire.mail.submissions import (
    HAS_MEMBER,
    LCM,
    REFERENCES,
    REPLACES,
    RIM,
    SCHEMES,
    Contents,
    Submission,
)
from etalon_wire.malformed import LIMITS, REQUIRED, STRUCTURE, VALUE, Malformed, check_size
from etalon_wire.records.documents import Described
from etalon_wire.records.parties import shared_origin
from etalon_wire.xml_body import Node, check_depth, parse_xml

_AT: Final = "METADATA.XML"
_MOST_DOCUMENTS: Final = 100
_LONGEST_SIZE: Final = 18


def read_metadata(body: bytes) -> Contents:
    """Read METADATA.XML.

    Raises:
        Malformed: It is no submission of documents of one patient.
    """
    check_size(body, LIMITS)
    root = parse_xml(body)
    check_depth(root, LIMITS)
    if root.tag != f"{{{LCM}}}SubmitObjectsRequest":
        raise Malformed(STRUCTURE, _AT, "the root is no SubmitObjectsRequest of ebRIM 3.0")
    objects = [one for held in _children(root, "RegistryObjectList") for one in held]
    packages, documents = _sorted_out(objects)
    if len(packages) != 1 or not 0 < len(documents) <= _MOST_DOCUMENTS:
        message = (
            f"{len(packages)} submissions of {len(documents)} documents: "
            f"one, of 1 to {_MOST_DOCUMENTS}, is read"
        )
        raise Malformed(STRUCTURE, _AT, message)
    submission = _submission(_Read(packages[0], "submission", "submission"))
    replaced = _associated(objects, packages[0], documents)
    described = tuple(
        _document(_Read(node, "document", f"document {rank}"), replaced.get(_id(node), ""))
        for rank, node in enumerate(documents, 1)
    )
    _check_patient(submission, documents, described)
    return Contents(submission, described)


def _sorted_out(objects: list[Node]) -> tuple[list[Node], list[Node]]:
    """Return the submissions and the documents; folders and other packages are passed over."""
    wanted = SCHEMES["submission", "node"]
    kinds = {
        one.get("classifiedObject", "")
        for one in objects
        if one.tag == _name("Classification") and one.get("classificationNode") == wanted
    }
    packages = [
        one
        for one in objects
        if one.tag == _name("RegistryPackage") and (_id(one) in kinds or _classified(one, wanted))
    ]
    return packages, [one for one in objects if one.tag == _name("ExtrinsicObject")]


def _classified(package: Node, wanted: str) -> bool:
    held = _children(package, "Classification")
    return any(one.get("classificationNode") == wanted for one in held)


def _associated(objects: list[Node], package: Node, documents: list[Node]) -> dict[str, str]:
    """Return what each document replaces, once every one is known to be of the submission."""
    links = [one for one in objects if one.tag == _name("Association")]
    idents = [_id(one) for one in documents]
    if len(set(idents)) < len(idents) or "" in idents:
        raise Malformed(VALUE, _AT, "two documents bear one id, or one bears none")
    members = {
        one.get("targetObject", "")
        for one in links
        if one.get("associationType") == HAS_MEMBER and one.get("sourceObject") == _id(package)
    }
    strays = sorted(set(idents) - members)
    if strays:
        message = f"{strays[0][:80]!r} is no member of the submission: associate it"
        raise Malformed(STRUCTURE, _AT, message)
    replaced: dict[str, str] = {}
    for one in links:
        if one.get("associationType") == REPLACES:
            source = one.get("sourceObject", "")
            if source in replaced:
                raise Malformed(VALUE, _AT, "a document replaces one document: send it for each")
            replaced[source] = one.get("targetObject", "")
    return replaced


class _Read:
    """What is said of one object."""

    __slots__ = ("_kind", "at", "node", "slots")

    def __init__(self, node: Node, kind: str, at: str) -> None:
        self.node = node
        self.at = f"{_AT}: {at}"
        self.slots = _slots(node, self.at)
        self._kind = kind

    def slot(self, name: str) -> str:
        values = self.slots.get(name, [])
        if len(values) > 1:
            raise Malformed(VALUE, self.at, f"{name} has {len(values)} values: write one")
        return values[0] if values else ""

    def classified(self, scheme: str) -> Iterator[Node]:
        uuid = SCHEMES[self._kind, scheme]
        for one in _children(self.node, "Classification"):
            if one.get("classificationScheme") == uuid:
                yield one

    def codes(self, scheme: str) -> tuple[str, ...]:
        return tuple(one.get("nodeRepresentation", "") for one in self.classified(scheme))

    def code(self, scheme: str) -> str:
        codes = self.codes(scheme)
        if len(codes) > 1:
            raise Malformed(VALUE, self.at, f"{scheme} has {len(codes)} codes: write one")
        return codes[0] if codes else ""

    def identifier(self, scheme: str) -> str:
        uuid = SCHEMES[self._kind, scheme]
        values = [
            one.get("value", "")
            for one in _children(self.node, "ExternalIdentifier")
            if one.get("identificationScheme") == uuid
        ]
        if len(values) != 1:
            raise Malformed(REQUIRED, self.at, f"{len(values)} identifiers {scheme}: write one")
        return values[0]

    def text(self, element: str) -> str:
        held = [one for said in _children(self.node, element) for one in said]
        return held[0].get("value", "") if held else ""

    def authors(self) -> tuple[tuple[Author, ...], str]:
        """Return the authors, and the first structure that one of them acts in."""
        found: list[Author] = []
        organisation = ""
        for one in self.classified("author"):
            slots = _slots(one, self.at)
            person, role = (
                (*slots.get(name, []), "")[0] for name in ("authorPerson", "authorRole")
            )
            found.append(read_person(person, role))
            structures = slots.get("authorInstitution", [])
            organisation = organisation or (read_structure(structures[0]) if structures else "")
        return tuple(found), organisation


def _submission(said: _Read) -> Submission:
    authors, organisation = said.authors()
    return Submission(
        unique_uri(said.identifier("unique")),
        unique_uri(said.identifier("source")),
        read_instant(said.slot("submissionTime"), said.at),
        authors[0] if authors else Author("", ""),
        organisation,
        said.code("content"),
        said.text("Name"),
        _subject(said.identifier("patient"), []),
        said.text("Description"),
    )


def _document(said: _Read, replaced: str) -> Described:
    created = read_instant(said.slot("creationTime"), said.at)
    started = said.slot("serviceStartTime")
    ended = said.slot("serviceStopTime")
    extras = Extras(
        read_instant(ended, said.at) if ended else None,
        said.codes("event"),
        tuple(said.slots.get(REFERENCES, [])),
        said.text("Description"),
    )
    sheet = Sheet(
        unique_uri(said.identifier("unique")),
        said.code("type"),
        said.code("class"),
        said.text("Name"),
        created,
        read_instant(started, said.at) if started else created,
        _size(said.slot("size"), said.at),
        said.slot("hash").lower(),
        _origin(said),
        Form(said.node.get("mimeType", ""), said.code("format")),
        NO_EXTRAS if extras == NO_EXTRAS else extras,
    )
    traits = said.slots.get("sourcePatientInfo", [])
    subject = _subject(said.identifier("patient"), traits)
    return Described(sheet, subject, said.codes("confidentiality"), replaced, said.slot("URI"))


def _origin(said: _Read) -> Origin:
    authors, organisation = said.authors()
    return shared_origin(
        Origin(
            authors,
            organisation,
            read_person(said.slot("legalAuthenticator")).ident,
            said.code("facility"),
            said.code("setting"),
            said.slot("languageCode"),
        )
    )


def _subject(identifier: str, traits: list[str]) -> Subject:
    ins, oid = read_identifier(identifier)
    told = dict(one.split("|", 1) for one in traits if "|" in one)
    birth_on, sex = read_day(told.get("PID-7", "")), told.get("PID-8", "")
    return Subject(ins, oid, birth_on, sex if sex in ("F", "M") else "")


def _check_patient(
    submission: Submission, documents: list[Node], described: tuple[Described, ...]
) -> None:
    """Refuse a lot of several patients; a matricule under two authorities is two."""
    named = {(submission.subject.ins, submission.subject.oid)}
    for node, one in zip(documents, described, strict=True):
        if one.subject is not None:
            named.add((one.subject.ins, one.subject.oid))
        # The sender may also give a number of its own, which says nothing of who this is.
        source = read_identifier(_Read(node, "document", "document").slot("sourcePatientId"))
        if is_ins_authority(source[1]):
            named.add(source)
    if len(named) > 1:
        message = "the lot names several patients: send one lot for each"
        raise Malformed(VALUE, f"{_AT}: patientId", message)


def _size(written: str, at: str) -> int:
    if written and (not written.isascii() or not written.isdecimal()):
        raise Malformed(VALUE, at, "size is no number of bytes")
    if len(written) > _LONGEST_SIZE:
        raise Malformed(VALUE, at, "size is larger than any document")
    return int(written or "0")


def _slots(node: Node, at: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for slot in _children(node, "Slot"):
        name = slot.get("name", "")
        if name in found:
            raise Malformed(VALUE, at, f"the slot {name[:80]!r} stands twice")
        found[name] = [
            value.text or ""
            for held in _children(slot, "ValueList")
            for value in _children(held, "Value")
        ]
    return found


def _id(node: Node) -> str:
    return node.get("id", "")


def _name(element: str) -> str:
    return f"{{{RIM}}}{element}"


def _children(node: Node, element: str) -> list[Node]:
    return node.findall(_name(element))
