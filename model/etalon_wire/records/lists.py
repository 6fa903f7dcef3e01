"""Lists of a record: submission sets and folders (classeurs).

The model knows no submission set: one is kept as received, with the documents it lists by their
unique identifiers; a document that came without one (ITI-105, the space, the service) has one that
follows from it. Folders deposited with documents are kept alike; those of the holder are the
model's. Whatever its kind, a list shows the documents that its reader sees, and is not there when
they see none.

Sources: PDSm 3.1.1 (SubmissionSet and Folder, comprehensive); IHE MHD, ITI-65, ITI-66 and
2:3.105.4.1.3 (derived submission set); FHIR R4, List.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast

from etalon_model.actors import ActorKind
from etalon_model.identities import Identity
from etalon_model.records.record import Document
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.addresses import document_id, list_id, person_id, set_id
from etalon_wire.records.document_encoding import KEPT_LIMITS, drop_lone_patient, narrative
from etalon_wire.records.instants import written
from etalon_wire.records.parties import (
    ins_identifier,
    professional_identifiers,
    structure_identifiers,
)
from etalon_wire.records.related_objects import RFC_3986
from etalon_wire.validation.reading import part, parts, text

ListKind = Literal["submissionset", "folder"]

MHD: Final = "https://profiles.ihe.net/ITI/MHD"
LIST_TYPES: Final = f"{MHD}/CodeSystem/MHDlistTypes"
DESIGNATION: Final = f"{MHD}/StructureDefinition/ihe-designationType"
SOURCE_ID: Final = f"{MHD}/StructureDefinition/ihe-sourceId"
AUTHOR_ORG: Final = f"{MHD}/StructureDefinition/ihe-authorOrg"
PROFILES: Final[Mapping[ListKind, str]] = {
    "submissionset": "pdsm-submissionset-comprehensive",
    "folder": "pdsm-folder-comprehensive",
}
"""Profile of each kind of list."""
_PDSM: Final = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
_NOS: Final = "https://mos.esante.gouv.fr/NOS"
_UNTOLD: Final[Resource] = {
    "system": f"{_NOS}/TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite",
    "code": "97",
    "display": "Type d'activité indifférencié",
}
_OF_THE_PATIENT: Final[Resource] = {
    "system": f"{_NOS}/TRE_A00-ProducteurDocNonPS/FHIR/TRE-A00-ProducteurDocNonPS",
    "code": "EXP_PATIENT",
    "display": "Expression personnelle du patient",
}
_SERVICE: Final = "urn:mes-etalon:service"
_DECIDED: Final = frozenset({"resourceType", "id", "meta", "status", "date", "subject", "entry"})


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as it is kept.

    Attributes:
        list_id: Its `id`.
        kind: What it is.
        taken_at: When it was taken in (UTC).
        documents: Unique identifiers of the documents it lists.
        resource: The rest of it, as received.
    """

    list_id: str
    kind: ListKind
    taken_at: datetime
    documents: tuple[str, ...]
    resource: Resource

    def to_bytes(self) -> bytes:
        """Return it as bytes to keep."""
        kept: Resource = {
            "id": self.list_id,
            "kind": self.kind,
            "taken_at": self.taken_at.isoformat(),
            "documents": list(self.documents),
            "resource": {"resourceType": "List", **self.resource},
        }
        return write_json({"resourceType": "KeptList", **kept})


def kept_list_from(body: bytes) -> KeptList:
    """Return the list that `to_bytes` wrote.

    Raises:
        Malformed: The bytes are not what `to_bytes` writes.
    """
    kept = read_json(body, KEPT_LIMITS)
    held = dict(part(kept, "resource"))
    del held["resourceType"]
    return KeptList(
        text(kept, "id"),
        cast("ListKind", text(kept, "kind")),
        datetime.fromisoformat(text(kept, "taken_at")),
        tuple(cast("list[str]", kept["documents"])),
        held,
    )


def keep_list(
    resource: Resource, ins: str, documents: Iterable[str], taken_at: datetime, mark: str = ""
) -> KeptList:
    """Return what is kept of a received List.

    Args:
        resource: The List.
        ins: Whose record it goes to.
        documents: Unique identifiers of the documents that it lists, in its order.
        taken_at: When it was taken in (UTC).
        mark: What tells the deposit it came in from any other: two lists that bear the same
            identifiers are two lists, and neither takes the place of the other.
    """
    listed = tuple(dict.fromkeys(documents))
    names = [text(one, "value") for one in parts(resource, "identifier")]
    named = next((name for name in names if name), " ".join(listed))
    kept: Resource = {name: value for name, value in resource.items() if name not in _DECIDED}
    drop_lone_patient(resource, kept)
    kind = kind_of_list(resource) or "submissionset"
    return KeptList(list_id(ins, f"{kind} {named} {mark}"), kind, taken_at, listed, kept)


def kind_of_list(resource: Resource) -> ListKind | None:
    """Return what a List is, by its code; None when it is neither."""
    for one in parts(part(resource, "code"), "coding"):
        if text(one, "system") == LIST_TYPES and text(one, "code") in PROFILES:
            return cast("ListKind", text(one, "code"))
    return None


def kept_list_resource(
    identity: Identity, kept: KeptList, seen: Mapping[str, Document], base: str = ""
) -> Resource | None:
    """Return a kept list as its reader sees it, None when it is not there for them.

    Args:
        identity: Whose record it is in.
        kept: The list.
        seen: Documents that the reader sees, by unique identifier, superseded ones included.
        base: Public address of the server, without a slash at its end.
    """
    shown = [seen[one] for one in kept.documents if one in seen]
    if not shown:
        return None
    return _listed(identity, kept.list_id, kept.kind, kept.taken_at, shown, kept.resource, base)


def derived_set(identity: Identity, document: Document, base: str = "") -> Resource:
    """Return the submission set of a document that came without one."""
    ins, origin = identity.ins, document.sheet.origin
    contained, source = _depositor(document)
    organisation = origin.organisation
    if organisation and document.depositor.kind in _PROFESSIONALS:
        identifiers = structure_identifiers(organisation)
        contained.append(
            {"resourceType": "Organization", "id": "organization", "identifier": identifiers}
        )
        extension: Json = {"url": AUTHOR_ORG, "valueReference": {"reference": "#organization"}}
        source["extension"] = [extension]
    by_patient = document.depositor.kind in _OF_THE_SPACE
    found = set_id(ins, document)
    extensions: list[Json] = [
        _designation(_OF_THE_PATIENT if by_patient else _UNTOLD),
        {"url": SOURCE_ID, "valueIdentifier": {"system": RFC_3986, "value": _SERVICE}},
        {"url": IS_ARCHIVED, "valueBoolean": False},
    ]
    entry_uuid: Json = {"use": "official", "system": RFC_3986, "value": f"urn:uuid:{found}"}
    rest: Resource = {
        "text": narrative("Lot de soumission"),
        "contained": cast("Json", contained),
        "extension": extensions,
        "identifier": [entry_uuid],
        "mode": "working",
        "title": document.sheet.title,
        "code": {"coding": [{"system": LIST_TYPES, "code": "submissionset"}]},
        "source": source,
    }
    return _listed(identity, found, "submissionset", document.deposited_at, [document], rest, base)


def folder_resource(
    identity: Identity, name: str, documents: Iterable[Document], base: str = ""
) -> Resource | None:
    """Return a folder that the holder made, None while its reader sees nothing in it.

    It is dated by its newest document: the model keeps no date of folders.
    """
    filed = list(documents)
    rest: Resource = {
        "text": narrative(name),
        "extension": [_designation(_OF_THE_PATIENT)],
        "mode": "working",
        "title": name,
        "code": {"coding": [{"system": LIST_TYPES, "code": "folder"}]},
    }
    if not filed:
        return None
    taken_at = max(one.deposited_at for one in filed)
    found = list_id(identity.ins, f"holder {name}")
    return _listed(identity, found, "folder", taken_at, filed, rest, base)


_PROFESSIONALS: Final = frozenset({ActorKind.PROFESSIONAL, ActorKind.STRUCTURE})
_OF_THE_SPACE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})


def _depositor(document: Document) -> tuple[list[Resource], Resource]:
    """Return who deposited a document as contained resources and the reference to them."""
    actor = document.depositor
    contained: list[Resource] = []
    source: Resource = {"resourceType": "PractitionerRole", "id": "source"}
    if actor.kind is ActorKind.PROFESSIONAL:
        identifiers = professional_identifiers(actor.ident)
        contained.append({"resourceType": "Practitioner", "id": "p", "identifier": identifiers})
        source["practitioner"] = {"reference": "#p"}
    elif actor.kind is ActorKind.STRUCTURE:
        identifiers = structure_identifiers(actor.ident)
        contained.append({"resourceType": "Organization", "id": "s", "identifier": identifiers})
        source["organization"] = {"reference": "#s"}
    elif actor.kind in _OF_THE_SPACE:
        source |= {"resourceType": "Patient", "identifier": [ins_identifier(actor.ident)]}
    else:
        name: Json = {"name": actor.ident, "type": "user-friendly-name"}
        source |= {"resourceType": "Device", "deviceName": [name]}
    contained.append(source)
    return contained, {"reference": "#source"}


def _designation(coding: Resource) -> Json:
    return {"url": DESIGNATION, "valueCodeableConcept": {"coding": [coding]}}


def _listed(  # noqa: PLR0913, PLR0917 (a list is made of as much)
    identity: Identity,
    found: str,
    kind: ListKind,
    taken_at: datetime,
    documents: Iterable[Document],
    rest: Resource,
    base: str,
) -> Resource:
    """Put together what is kept and what the service decides."""
    ins, root = identity.ins, f"{base}/" if base else ""
    at = written(taken_at)
    subject: Resource = {
        "reference": f"{root}Patient/{person_id(ins)}",
        "identifier": {"system": f"urn:oid:{identity.oid}", "value": ins},
    }
    entries: list[Json] = [
        {"item": {"reference": f"{root}DocumentReference/{document_id(ins, one)}"}}
        for one in documents
    ]
    return {
        "resourceType": "List",
        "id": found,
        "meta": {
            "versionId": "1",
            "lastUpdated": at,
            "profile": [f"{_PDSM}/{PROFILES[kind]}"],
        },
        **rest,
        "status": "current",
        "subject": subject,
        "date": at,
        "entry": entries,
    }
