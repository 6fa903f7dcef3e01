"""A document of a record as a DocumentReference.

What a producer sent is kept as received, without what the service decides: identifiers, versions,
status, labels, archive flag, what it replaces, whose it is, where its content stands, when it was
taken in. Reading puts the two together as bytes: nothing is parsed, so that a read costs a few
microseconds. A document that nobody sent in this form is written from its metadata alone.

Sources: PDSm 3.1.1 (profile comprehensive); PDSm4DMP (three identifiers of a document); REC-10,
REC-11; `data/model_words.csv` and decision 0082.
"""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple, cast

from etalon_model.identities import Identity
from etalon_model.records.confidentiality import ALL, Confidentiality
from etalon_model.records.record import Document, Sheet, Status, entry_id, logical_id
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.malformed import Limits
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.addresses import document_id, person_id
from etalon_wire.records.codings import act, coding, concept
from etalon_wire.records.documents import hash_of
from etalon_wire.records.instants import written
from etalon_wire.records.pages import entry_around
from etalon_wire.records.parties import ins_identifier, parties_of
from etalon_wire.records.related_objects import RFC_3986, related_of
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import first, fragments, part, parts, text

COMPREHENSIVE: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
    "/pdsm-comprehensive-document-reference"
)
STATUSES: Final = {
    Status.CURRENT: "current",
    Status.SUPERSEDED: "superseded",
    Status.DELETED: "entered-in-error",
}
_DECIDED: Final = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "extension",
        "identifier",
        "status",
        "date",
        "subject",
        "securityLabel",
        "relatesTo",
        "content",
    }
)
_GENDERS: Final = {"F": "female", "M": "male"}
_PLACE: Final = ',"content":[{"attachment":{"url":"'
_SUBJECTS: Final = 4096
_LINE: Final = b"\n"
# Our own bytes are read back with every digit; the limits of a body were checked when it came.
KEPT_LIMITS: Final = Limits(bytes=1 << 31, depth=1 << 10)


class Showing(NamedTuple):
    """How a version of a document is shown.

    Attributes:
        base: Public address of the server, without a slash at its end; empty writes relative
            addresses.
        replaced: The document it replaces, or None where there is none or the reader sees none.
    """

    base: str = ""
    replaced: Document | None = None


SHOWN: Final = Showing()
"""With relative addresses, and nothing replaced."""


def keep(resource: Resource) -> bytes:
    """Return what of a received DocumentReference stays beside what the service decides.

    Four lines of JSON: further identifiers, further extensions, the members after the address of
    the content, the others. Attachments lose their data: it is kept as the document itself.
    """
    identifiers = [one for one in parts(resource, "identifier") if not _is_ours(one)]
    extensions = [one for one in parts(resource, "extension") if one.get("url") != IS_ARCHIVED]
    rest: Resource = {name: value for name, value in resource.items() if name not in _DECIDED}
    content = first(resource, "content")
    drop_lone_patient(resource, rest)
    attachment = part(content, "attachment")
    described: Resource = {
        name: value for name, value in attachment.items() if name not in ("url", "data")
    }
    around: Resource = {name: value for name, value in content.items() if name != "attachment"}
    inner = _members(described) + b"}" + _members(around)
    return _LINE.join((_items(identifiers), _items(extensions), inner, _members(rest)))


def _is_ours(identifier: Resource) -> bool:
    """Whether an identifier is one that the service gives anew: entryUUID or logicalId."""
    given = text(identifier, "system") == RFC_3986 and identifier.get("use") == "official"
    return given or text(part(identifier, "type"), "text") == "logicalId"


def drop_lone_patient(resource: Resource, rest: Resource) -> None:
    """Leave a contained patient out of `rest` to whom nothing but the subject refers (dom-3)."""
    named = text(part(resource, "subject"), "reference")
    if not named.startswith("#") or named in fragments(rest):
        return
    contained = [one for one in parts(resource, "contained") if f"#{one.get('id')}" != named]
    if contained:
        rest["contained"] = cast("Json", contained)
    else:
        rest.pop("contained", None)


def _items(values: list[Resource]) -> bytes:
    return b"".join(b"," + write_json(one) for one in values)


def _members(value: Mapping[str, Json]) -> bytes:
    """Write the members of an object, each after a comma, without its braces."""
    return b"," + write_json(dict(value))[1:-1] if value else b""


def document_bytes(
    identity: Identity, document: Document, kept: bytes | None, showing: Showing = SHOWN
) -> bytes:
    """Return a DocumentReference in JSON.

    Args:
        identity: Whose record it is in.
        document: The version.
        kept: What `keep` kept of what was received, or None for what nobody sent in this form.
        showing: How it is shown.
    """
    own = document_id(identity.ins, document)
    return b"".join(_pieces(identity, document, own, kept, showing))


def document_entry(
    identity: Identity, document: Document, kept: bytes | None, showing: Showing
) -> bytes:
    """Return the entry of a page with a DocumentReference, as `write_entry` writes it."""
    own = document_id(identity.ins, document)
    place = f"{_written_base(showing.base) or '/'}DocumentReference/{own}"
    return entry_around(place.encode(), *_pieces(identity, document, own, kept, showing))


def _pieces(
    identity: Identity, document: Document, own: str, kept: bytes | None, showing: Showing
) -> tuple[bytes, ...]:
    """Return the parts of a DocumentReference whose `id` is `own`."""
    ins, replaced = identity.ins, showing.replaced
    identifiers, extensions, content, rest = (
        _from_sheet(identity, document.sheet) if kept is None else kept
    ).split(_LINE, 3)
    base = _written_base(showing.base)
    taken = written(document.deposited_at)
    changed = taken if document.changed_at is None else written(document.changed_at)
    replaces = ""
    if replaced is not None:
        replaces = f'{_REPLACES}{base}DocumentReference/{document_id(ins, replaced)}"}}}}]'
    first_part = (
        f'{{"resourceType":"DocumentReference","id":"{own}","meta":{{'
        f'"versionId":"{document.revision}","lastUpdated":"{changed}{_PROFILE}'
        f"{_ARCHIVED if document.archived else _NOT_ARCHIVED}"
    )
    identified = (
        f'],"identifier":[{{"use":"official","system":"urn:ietf:rfc:3986","value":"'
        f'{entry_id(ins, document)}{_LOGICAL}{logical_id(ins, document)}"}}'
    )
    decided = (
        f'],"status":"{STATUSES[document.status]}","date":"{taken}'
        f"{_subject(base, ins, identity.oid)}{_LABELS[document.confidentiality.index]}{replaces}"
        f'{_PLACE}{base}Binary/{own}"'
    )
    return (
        first_part.encode(),
        extensions,
        identified.encode(),
        identifiers,
        decided.encode(),
        content,
        b"}]",
        rest,
        b"}",
    )


@lru_cache(_SUBJECTS)
def _subject(base: str, ins: str, oid: str) -> str:
    """Write whose document it is, up to its labels."""
    return (
        f'","subject":{{"reference":"{base}Patient/{person_id(ins)}","identifier":{{'
        f'"system":"urn:oid:{oid}","value":"{ins}"}}}},"securityLabel":'
    )


def document_resource(
    identity: Identity, document: Document, kept: bytes | None, showing: Showing = SHOWN
) -> Resource:
    """Return the same as a resource, with every digit, for XML and for patches."""
    return read_json(document_bytes(identity, document, kept, showing), KEPT_LIMITS)


def _from_sheet(identity: Identity, sheet: Sheet) -> bytes:
    """Return what `keep` would have kept, had somebody sent these metadata."""
    return keep(described_by(identity, sheet))


def described_by(identity: Identity, sheet: Sheet) -> Resource:
    """Return the members of a DocumentReference that a producer would have sent."""
    origin, extras, form = sheet.origin, sheet.extras, sheet.form
    parties = parties_of(origin)
    attachment: Resource = {"contentType": form.mime, "language": origin.language}
    attachment |= {"size": sheet.size_bytes, "hash": hash_of(sheet.sha1), "title": sheet.title}
    attachment["creation"] = written(sheet.created_at)
    period: Resource = {"start": written(sheet.service_start_at)}
    if extras.service_end_at is not None:
        period["end"] = written(extras.service_end_at)
    context: Resource = {
        "event": [act(code) for code in extras.event_codes],
        "period": period,
        "facilityType": concept("facility", origin.facility_type),
        "practiceSetting": concept("setting", origin.practice_setting),
        "sourcePatientInfo": {"reference": "#patient"},
        "related": [related_of(one) for one in extras.references],
    }
    resource: Resource = {
        "resourceType": "DocumentReference",
        "text": narrative(sheet.title),
        "contained": [patient_contained(identity), *parties.contained],
        "masterIdentifier": {"use": "usual", "system": RFC_3986, "value": sheet.unique_id},
        "type": concept("type", sheet.type_code),
        "category": [concept("class", sheet.class_code)],
        "author": list(parties.authors),
        "authenticator": parties.authenticator,
        "custodian": parties.custodian,
        "description": extras.comments,
        "content": [
            {"attachment": _given(attachment), "format": coding("format", form.format_code)}
        ],
        "context": _given(context),
    }
    return _given(resource)


def narrative(words: str) -> Resource:
    """Return a narrative of one paragraph."""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(words, quote=False)}</p></div>'
    return {"status": "generated", "div": div}


def patient_contained(identity: Identity) -> Resource:
    """Return the patient of a document, with the traits of their identity."""
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [ins_identifier(identity.ins, identity.oid)],
        "name": [{"use": "official", "family": identity.family, "given": [identity.given]}],
        "gender": _GENDERS[identity.sex],
        "birthDate": identity.birth_on.isoformat(),
    }


def _given(resource: Resource) -> Resource:
    """Leave out what has no value: FHIR knows no empty text, array or object."""
    return {name: value for name, value in resource.items() if value or value == 0}


@lru_cache
def _written_base(base: str) -> str:
    return write_json(f"{base}/")[1:-1].decode() if base else ""


def labels_of(confidentiality: Confidentiality) -> list[Json]:
    """Return the security labels of a set of codes, the level first."""
    names = {row["code"]: row["display_fr"] for row in rows_of("valuesets/jdv_j08.csv")}
    return [
        {
            "coding": [
                {
                    "system": V3_CONFIDENTIALITY if code == confidentiality.base else VISIBILITY,
                    "code": code,
                    "display": names[code],
                }
            ]
        }
        for code in confidentiality.codes
    ]


_LABELS: Final = tuple(write_json(labels_of(one)).decode() for one in ALL)
_PROFILE: Final = f'","profile":["{COMPREHENSIVE}"]}},"extension":['
_ARCHIVED: Final = write_json({"url": IS_ARCHIVED, "valueBoolean": True}).decode()
_NOT_ARCHIVED: Final = write_json({"url": IS_ARCHIVED, "valueBoolean": False}).decode()
_LOGICAL: Final = (
    '"},{"use":"secondary","type":{"text":"logicalId"},"system":"urn:ietf:rfc:3986","value":"'
)
_REPLACES: Final = ',"relatesTo":[{"code":"replaces","target":{"reference":"'
