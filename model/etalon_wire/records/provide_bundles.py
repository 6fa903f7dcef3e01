"""A deposit by transaction (ITI-65): documents, their contents and the lists they stand in.

Every entry becomes something or the bundle is refused whole. Addresses of the bundle (`urn:uuid:`)
lead to what its entries become: a content to its document, a list to the unique identifiers of
its documents, any other reference to a logical one, which holds wherever the document is read.

Sources: IHE MHD, ITI-65; PDSm 3.1.1, flux 01 and 02 (pdsm-comprehensive-provide-document-bundle).
Reading: a FHIR document (Bundle) and a change of a folder by PUT are options that are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import unquote

from etalon_model.records.changes import ArchiveDocument
from etalon_model.records.confidentiality import ALL
from etalon_wire.clinical_deposits import header_findings
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.patching import StatusChange, status_change
from etalon_wire.records.addresses import Named, person_id
from etalon_wire.records.binaries import content_of
from etalon_wire.records.document_encoding import keep, labels_of
from etalon_wire.records.documents import (
    deposit_of,
    describe,
    named_subject,
    refuse_several,
    unique_id_in,
)
from etalon_wire.records.lists import KeptList, keep_list, kind_of_list
from etalon_wire.records.plans import (
    Depositing,
    Entry,
    Plan,
    Step,
    Stored,
    archived,
    measured,
    relation_warnings,
)
from etalon_wire.records.related_objects import RFC_3986
from etalon_wire.records.uploading import is_upload, upload_errors, upload_step
from etalon_wire.validation.reading import first, part, parts, references, text

_DOCUMENT: Final = "DocumentReference"
_CONDITIONS: Final = ("ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince")
_BY_IDENTIFIER: Final = f"{_DOCUMENT}?identifier="


class _RefusedError(Exception):
    """Carries what is wrong out of the making of a plan."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = list(findings)


@dataclass(frozen=True, slots=True)
class _Sent:
    """One entry of the bundle.

    Attributes:
        rank: Its rank, from 0.
        url: Its `fullUrl`.
        resource: Its resource.
        method: Verb of its request.
        target: Address of its request.
        condition: Name of a condition of its request, or an empty string.
    """

    rank: int
    url: str
    resource: Resource
    method: str
    target: str
    condition: str

    @property
    def kind(self) -> str:
        """Its resource type."""
        return text(self.resource, "resourceType")

    @property
    def at(self) -> str:
        """Where its resource stands, as FHIRPath."""
        return f"Bundle.entry[{self.rank}].resource"


@dataclass(slots=True)
class _Making:
    """A plan being made."""

    sent: list[_Sent]
    who: Depositing
    ins: str = ""
    steps: list[Step] = field(default_factory=list[Step])
    lists: list[KeptList] = field(default_factory=list[KeptList])
    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])
    warnings: list[Finding] = field(default_factory=list[Finding])
    unique_ids: dict[str, str] = field(default_factory=dict[str, str])
    replaced: set[str] = field(default_factory=set[str])

    def of(self, *kinds: str) -> Iterator[_Sent]:
        """Yield the entries of some resource types."""
        return (one for one in self.sent if one.kind in kinds)


def plan_of(bundle: Resource, who: Depositing) -> Plan | list[Finding]:
    """Return what a transaction becomes, or why it is refused.

    The bundle has been validated: what only a profile asks, and what the mode lets pass, may still
    be missing here, and the model refuses what it needs.

    Raises:
        Malformed: A date or a content that cannot be kept.
    """
    making = _Making(list(_entries(bundle)), who)
    try:
        _check(making)
        making.ins = _whose(making)
        for sent in making.of(_DOCUMENT):
            making.unique_ids[sent.url] = unique_id_in(sent.resource)
        for sent in making.of(_DOCUMENT):
            _deposit(making, sent)
        for sent in making.of("Parameters"):
            _supersede(making, sent)
        for sent in making.of("List"):
            _keep_list(making, sent)
        _check_all_kept(making)
    except _RefusedError as refused:
        return refused.findings
    entries = tuple(making.entries[rank] for rank in range(len(making.sent)))
    steps, lists = tuple(making.steps), tuple(making.lists)
    return Plan(making.ins, steps, lists, entries, tuple(making.warnings))


def _entries(bundle: Resource) -> Iterator[_Sent]:
    for rank, entry in enumerate(parts(bundle, "entry")):
        request = part(entry, "request")
        resource, url = part(entry, "resource"), text(entry, "fullUrl")
        condition = next((one for one in _CONDITIONS if one in request), "")
        method, target = text(request, "method"), text(request, "url")
        yield _Sent(rank, url, resource, method, target, condition)


def _error(sent: _Sent, code: str, place: str, requirement: str, message: str) -> Finding:
    return Finding("error", code, f"{sent.at}{place}", requirement, message)


_VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    _DOCUMENT: ("POST",),
    "Binary": ("POST",),
    "List": ("POST",),
    "Parameters": ("PATCH",),
    "Patient": ("POST", "PUT", "GET"),
}


def _check(making: _Making) -> None:
    """Refuse entries that become nothing here.

    Raises:
        _RefusedError: There are some.
    """
    found: list[Finding] = []
    for sent in making.sent:
        if sent.kind == "Bundle":
            message = "FHIRDocumentNotSupported: send the document as a Binary"
            found.append(_error(sent, "not-supported", "", "W-REC-03", message))
        elif sent.condition:
            message = f"{sent.condition} is not carried out in a deposit: send it without"
            place = f"Bundle.entry[{sent.rank}].request.{sent.condition}"
            found.append(Finding("error", "not-supported", place, "W-REC-03", message))
        elif sent.method not in _VERBS.get(sent.kind, ()):
            message = f"{sent.method or 'nothing'} of {sent.kind or 'nothing'} is not carried out"
            found.append(_error(sent, "not-supported", "", "W-REC-03", message))
        elif sent.kind == "List" and kind_of_list(sent.resource) is None:
            message = "a list is a submission set or a folder"
            found.append(_error(sent, "not-supported", ".code", "W-REC-03", message))
        elif sent.kind == _DOCUMENT:
            found += _document_errors(sent)
    if not found and not any(making.of(_DOCUMENT)):
        message = "a deposit holds one document or more"
        found.append(Finding("error", "required", "Bundle.entry", "W-REC-03", message))
    if found:
        raise _RefusedError(*found)


def _document_errors(sent: _Sent) -> list[Finding]:
    found = refuse_several(sent.resource, sent.at)
    if sent.resource.get("status") != "current":
        message = "a new document is current"
        found.append(_error(sent, "value", ".status", "W-REC-04", message))
    return found


def _whose(making: _Making) -> str:
    """Return the matricule of the one person whom the bundle concerns.

    Raises:
        _RefusedError: It names several, or nobody that is known.
    """
    people: dict[str, _Sent] = {}
    for sent in making.of("Patient"):
        named = named_subject({"contained": [{**sent.resource, "id": "p"}], "subject": _P})
        making.entries[sent.rank] = Entry("person")
        people.setdefault(_ins(making, sent, named), sent)
    patients = {sent.url for sent in making.of("Patient")}
    for sent in making.of(_DOCUMENT, "List"):
        if text(part(sent.resource, "subject"), "reference") not in patients:
            named = named_subject(sent.resource, making.who.base)
            people.setdefault(_ins(making, sent, named), sent)
    if len(people) > 1:
        last = list(people.values())[-1]
        message = "the bundle names several people: deposit for one at a time"
        raise _RefusedError(_error(last, "business-rule", ".subject", "W-REC-03", message))
    return next(iter(people), "")


_P: Final[Resource] = {"reference": "#p"}


def _ins(making: _Making, sent: _Sent, named: Named | None) -> str:
    """Return the matricule of a person named.

    Raises:
        _RefusedError: Nobody is known by that name.
    """
    found = None if named is None else making.who.find(named)
    if found is not None:
        return found.ins
    if named is not None and named.ins:
        return named.ins
    message = "nobody is known by that name: say whose it is by matricule INS"
    raise _RefusedError(_error(sent, "not-found", ".subject", "W-REC-04", message))


def _deposit(making: _Making, sent: _Sent) -> None:
    """Turn a DocumentReference and its Binary into a command.

    Raises:
        Malformed: A date or a content that cannot be kept.
        _RefusedError: The bundle does not hold the content.
    """
    who, resource = making.who, sent.resource
    url = text(part(first(resource, "content"), "attachment"), "url")
    held = next((one for one in making.of("Binary") if one.url == url and url), None)
    if held is None:
        message = f"{url[:80] or 'nothing'} is no Binary of the bundle: send the document in one"
        place = ".content[0].attachment.url"
        raise _RefusedError(_error(sent, "not-found", place, "W-REC-08", message))
    _, content = content_of(held.resource, held.at)
    described = describe(resource, content, lenient=who.mode == "lenient")
    findings = header_findings(resource, described, content, making.ins, sent.at, who.mode)
    if any(one.severity == "error" for one in findings):
        raise _RefusedError(*findings)
    making.warnings += findings
    unique_id = described.sheet.unique_id
    making.entries[sent.rank] = Entry("document", unique_id)
    making.entries[held.rank] = Entry("binary", unique_id)
    if is_upload(who):
        found = upload_errors(resource, described, sent.at)
        if found:
            raise _RefusedError(*found)
        making.steps.append(upload_step(resource, described, content, making.ins, who, sent.rank))
        return
    replaced = who.unique_id(described.replaced)
    making.replaced |= {replaced} - {""}
    command = deposit_of(described, who.at, who.actor, making.ins, who.means, replaced=replaced)
    kept = keep(_relinked(making, measured(resource, described.sheet)))
    stored = Stored(unique_id, kept, described.sheet.form.mime, content)
    making.steps.append(Step(command, sent.rank, stored))
    if archived(resource):
        set_aside = ArchiveDocument(who.at, who.actor, making.ins, unique_id, who.means)
        making.steps.append(Step(set_aside, sent.rank))
    making.warnings += relation_warnings(resource, sent.at)


def _supersede(making: _Making, sent: _Sent) -> None:
    """Check that a patch of the bundle supersedes what a document of the bundle replaces.

    Raises:
        Malformed: It is no patch.
        _RefusedError: It is another patch, or one of another document.
    """
    before: Resource = {"status": "current", "securityLabel": labels_of(ALL[0])}
    asked = status_change(before, sent.resource, ins=making.ins)
    if asked != StatusChange(status="superseded"):
        message = "a bundle patches a document to supersede it, and nothing else"
        raise _RefusedError(_error(sent, "business-rule", "", "W-REC-10", message))
    address, asks, criteria = unquote(sent.target).partition(_BY_IDENTIFIER)
    target = criteria.rpartition("|")[2] if asks else making.who.unique_id(address)
    if target not in making.replaced:
        message = "the bundle replaces no such document: a PATCH goes with relatesTo replaces"
        raise _RefusedError(_error(sent, "business-rule", "", "W-REC-10", message))
    making.entries[sent.rank] = Entry("superseded", target)


def _keep_list(making: _Making, sent: _Sent) -> None:
    """Keep a list with the unique identifiers of its documents.

    Raises:
        _RefusedError: It lists what is neither in the bundle nor in a record.
    """
    documents: list[str] = []
    for rank, entry in enumerate(parts(sent.resource, "entry")):
        reference = text(part(entry, "item"), "reference")
        other = next((one for one in making.of("List") if one.url == reference), None)
        if other is not None:
            continue
        found = making.unique_ids.get(reference) or making.who.unique_id(reference)
        if found == reference:
            message = f"{reference[:80] or 'nothing'} is no document of the bundle or of a record"
            place = f".entry[{rank}].item"
            raise _RefusedError(_error(sent, "not-found", place, "W-REC-09", message))
        documents.append(found)
    resource = _relinked(making, sent.resource)
    # A unique identifier of the bundle is in no other bundle that was carried out.
    mark = f"{sent.rank} {next(iter(making.unique_ids.values()), '')}"
    kept = keep_list(resource, making.ins, documents, making.who.at, mark)
    making.lists.append(kept)
    making.entries[sent.rank] = Entry("list", kept.list_id)


def _check_all_kept(making: _Making) -> None:
    """Refuse contents that no document describes.

    Raises:
        _RefusedError: There are some.
    """
    lost = [one for one in making.sent if one.rank not in making.entries]
    if lost:
        message = "no document of the bundle has this content"
        raise _RefusedError(
            *(_error(one, "business-rule", "", "W-REC-08", message) for one in lost)
        )


def _relinked(making: _Making, resource: Resource) -> Resource:
    """Return a resource whose references into the bundle lead to what its entries become."""
    links: dict[str, Resource] = {
        url: {"identifier": {"system": RFC_3986, "value": unique_id}}
        for url, unique_id in making.unique_ids.items()
    }
    for sent in making.of("Patient"):
        links[sent.url] = {"reference": f"Patient/{person_id(making.ins)}"}
    if links.keys().isdisjoint(references(resource)):
        return resource
    return cast("Resource", _with_links(resource, links))


def _with_links(value: Json, links: Mapping[str, Resource]) -> Json:
    if isinstance(value, list):
        return [_with_links(one, links) for one in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("reference")
    link = links.get(reference) if isinstance(reference, str) else None
    others = {
        name: _with_links(one, links)
        for name, one in value.items()
        if link is None or name != "reference"
    }
    return {**others, **(link or {})}
