"""A DocumentReference received: what the model keeps of it, and the command that deposits it.

The model keeps the metadata of XDS (`Sheet`); the rest stands beside it as received. What follows
from the rest is worked out where it is missing and the profile lets it be: the class from the
type, the format from the media type, the start of the act from the writing, who answers for the
document from its first author, size and digest from the content.

Sources: PDSm 3.1.1 and PDSm4DMP 0.1.0 (metadata), `data/document_metadata.csv` of the model.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from etalon_model.actors import Actor
from etalon_model.identities import Identity
from etalon_model.records.changes import ReplaceDocument
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.nomenclature import DOCUMENT_TYPES, FORMAT_CODES
from etalon_model.records.record import NO_EXTRAS, Extras, Form, Sheet
from etalon_wire.base64_text import bytes_of
from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource
from etalon_wire.labels import security_codes
from etalon_wire.records.addresses import Named, id_in, key_of, record_key
from etalon_wire.records.codings import code_in, code_of
from etalon_wire.records.instants import instant_of
from etalon_wire.records.origins import NOTHING, Unsaid, contained_in, origin_of
from etalon_wire.records.parties import INS_TYPES
from etalon_wire.records.related_objects import kept_reference
from etalon_wire.validation.reading import first, part, parts, text

_SHA1_BYTES: Final = 20
_REMEMBERED: Final = 4096
_SEXES: Final = {"female": "F", "male": "M"}
_BILLING: Final = "NH"
_LONGEST_ADDRESS: Final = 512
_MOST_CODES: Final = 16
_MOST_SHOWN: Final = 64
_AT: Final = "DocumentReference"
_PERIOD: Final = f"{_AT}.context.period"
CREATION: Final = f"{_AT}.content[0].attachment.creation"
"""Where a document says when it was written, as FHIRPath."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a DocumentReference says, in the words of the model.

    Attributes:
        sheet: Its metadata.
        subject: Whose it is, as it says, or None when it does not say.
        codes: Its confidentiality codes.
        replaced: The document it replaces: an address, or its unique identifier; empty for none.
        url: Where its content stands, or an empty string.
    """

    sheet: Sheet
    subject: Subject | None
    codes: tuple[str, ...]
    replaced: str
    url: str


def describe(
    resource: Resource,
    content: bytes | None = None,
    *,
    lenient: bool = False,
    unsaid: Unsaid = NOTHING,
) -> Described:
    """Return what a DocumentReference says.

    What is not of the shape asked is passed over as missing: a validator has said so before.

    Args:
        resource: The DocumentReference.
        content: The document itself, whose size and digest count, or None for those written.
        lenient: Take a confidentiality code for what it means under whatever system it stands.
        unsaid: What counts where it does not say where it comes from.

    Raises:
        Malformed: A date that cannot be kept, or none at all.
    """
    held = contained_in(resource)
    attachment = part(first(resource, "content"), "attachment")
    replaced = [one for one in parts(resource, "relatesTo") if one.get("code") == "replaces"]
    return Described(
        _sheet(resource, attachment, content, unsaid),
        subject_in(resource, held),
        _codes(resource, lenient=lenient),
        _target(part(replaced[0], "target")) if replaced else "",
        text(attachment, "url"),
    )


def deposit_of(  # noqa: PLR0913 (who, when, whose, how, and what is replaced)
    described: Described,
    at: datetime,
    actor: Actor,
    ins: str,
    means: Means,
    *,
    replaced: str = "",
) -> DepositDocument:
    """Return the command that puts a document in a record.

    Args:
        described: The document.
        at: When (UTC).
        actor: Who deposits it.
        ins: Whose record it goes to.
        means: By what means the depositor is known.
        replaced: Unique identifier of the version it replaces; empty for a new document.
    """
    sheet, subject, codes = described.sheet, described.subject, described.codes
    if replaced:
        return ReplaceDocument(at, actor, ins, sheet, subject, means, codes, replaced=replaced)
    return DepositDocument(at, actor, ins, sheet, subject, means, codes)


def known_subject(identity: Identity) -> Subject:
    """Return the identity that a document bears which refers to a person this server knows."""
    return Subject(identity.ins, identity.oid, identity.birth_on, identity.sex)


def refuse_several(resource: Resource, at: str = _AT) -> list[Finding]:
    """Say that a document of a record has one content and replaces one document, if there are more.

    FHIR allows several; a record keeps one, and the others must not be lost in silence.
    """
    relations = parts(resource, "relatesTo")
    replaced = [rank for rank, one in enumerate(relations) if one.get("code") == "replaces"]
    found: list[Finding] = []
    if len(parts(resource, "content")) > 1:
        message = "a document of a record has one content: deposit each apart"
        found.append(Finding("error", "not-supported", f"{at}.content[1]", "W-REC-04", message))
    if len(replaced) > 1:
        message = "a document of a record replaces one document: deposit it for each"
        place = f"{at}.relatesTo[{replaced[1]}]"
        found.append(Finding("error", "not-supported", place, "W-REC-10", message))
    return found


def named_subject(resource: Resource, base: str = "") -> Named | None:
    """Return the person that `subject` names, None when it names nobody this server may know.

    By a matricule, an address of ours, or both of one person; a conditional reference asks for a
    matricule.
    """
    subject = part(resource, "subject")
    reference = text(subject, "reference")
    held = contained_in(resource).get(reference) if "contained" in resource else None
    ins = _matricule(part(subject, "identifier")) or (_ins_of(held)[0] if held else "")
    if not reference:
        return Named(ins) if ins else None
    if not ins:
        ins = matricule_asked(reference)
    key = key_of(id_in(reference, "Patient", base)) or ""
    if ins and key and record_key(ins) != key:
        return None
    return Named(ins, key) if ins or key else None


def matricule_asked(reference: str) -> str:
    """Return the matricule that a reference `Patient?identifier=system|value` asks for."""
    start, _, query = reference.partition("?identifier=")
    system, _, value = query.partition("|")
    known = start == "Patient" and system.removeprefix("urn:oid:") in INS_TYPES
    return value if known else ""


def unique_id_in(resource: Resource) -> str:
    """Return the identifier given by the producer; PDSm4DMP writes it in either place."""
    master = text(part(resource, "masterIdentifier"), "value")
    usual = (one for one in parts(resource, "identifier") if one.get("use") == "usual")
    return master or next((text(one, "value") for one in usual), "")


def _target(target: Resource) -> str:
    named = text(target, "reference") or text(part(target, "identifier"), "value")
    return named[:_LONGEST_ADDRESS]


def _sheet(
    resource: Resource, attachment: Resource, content: bytes | None, unsaid: Unsaid
) -> Sheet:
    type_code = code_of("type", part(resource, "type"))
    created = text(attachment, "creation") or text(resource, "date")
    context = part(resource, "context")
    started = text(part(context, "period"), "start") or created
    kind = DOCUMENT_TYPES.get(type_code)
    extras = _extras(resource, context)
    size, sha1 = _measured(attachment, content)
    created_at = instant_of(created, CREATION)
    return Sheet(
        unique_id_in(resource),
        type_code,
        code_of("class", first(resource, "category")) or (kind.class_code if kind else ""),
        text(attachment, "title"),
        created_at,
        created_at if started == created else instant_of(started, f"{_PERIOD}.start"),
        size,
        sha1,
        origin_of(resource, attachment, unsaid),
        _form(resource, attachment),
        extras,
    )


def _extras(resource: Resource, context: Resource) -> Extras:
    """Return what may be absent, the one object for nothing where all of it is."""
    end, comments = text(part(context, "period"), "end"), text(resource, "description")
    end_at = instant_of(end, f"{_PERIOD}.end") if end else None
    acts = [code_in(parts(one, "coding")) for one in parts(context, "event")]
    objects = [kept_reference(one) for one in parts(context, "related")]
    said = (tuple(filter(None, acts)), tuple(filter(None, objects)), comments)
    return Extras(end_at, *said) if end or any(said) else NO_EXTRAS


def _form(resource: Resource, attachment: Resource) -> Form:
    mime = text(attachment, "contentType")
    written = code_of("format", part(first(resource, "content"), "format"))
    return _shared_form(mime, written or FORMAT_CODES.get(mime.partition(";")[0], ""))


@lru_cache(_REMEMBERED)
def _shared_form(mime: str, format_code: str) -> Form:
    """Return the one object that stands for all the forms equal to this one."""
    return Form(mime, format_code)


def _measured(attachment: Resource, content: bytes | None) -> tuple[int, str]:
    """Return the size and the digest (hexadecimal) of a content, those written if it is absent."""
    if content is not None:
        return measured_content(content)
    size = attachment.get("size")
    digest = bytes_of(text(attachment, "hash")) or b""
    return (
        size if isinstance(size, int) and not isinstance(size, bool) else 0,
        digest.hex() if len(digest) == _SHA1_BYTES else "",
    )


def measured_content(content: bytes) -> tuple[int, str]:
    """Return the size and the digest (hexadecimal) of a content."""
    return len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest()


def hash_of(sha1: str) -> str:
    """Return a digest of forty hexadecimal digits as `attachment.hash` writes it, else nothing."""
    try:
        digest = bytes.fromhex(sha1)
    except ValueError:
        return ""
    return base64.b64encode(digest).decode() if len(digest) == _SHA1_BYTES else ""


def subject_in(resource: Resource, held: Mapping[str, Resource]) -> Subject | None:
    """Return the identity that a DocumentReference bears.

    Its traits are those of the patient contained, among what it holds by fragment; a matricule
    alone has none. None when it names nobody.
    """
    patient = None
    if held:
        source = part(part(resource, "context"), "sourcePatientInfo")
        patient = held.get(text(source, "reference"))
        if patient is None:
            patient = held.get(text(part(resource, "subject"), "reference"))
    if patient is None:
        identifier = part(part(resource, "subject"), "identifier")
        ins = _matricule(identifier)
        return Subject(ins, _oid(identifier), None, "") if ins else None
    ins, oid = _ins_of(patient)
    if not ins:
        return None
    sex = _SEXES.get(text(patient, "gender"), "")
    return Subject(ins, oid, _day(text(patient, "birthDate")), sex)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _ins_of(patient: Resource) -> tuple[str, str]:
    """Return the matricule of a Patient and its object identifier."""
    for identifier in parts(patient, "identifier"):
        ins = _matricule(identifier)
        if ins:
            return ins, _oid(identifier)
    return "", ""


def _matricule(identifier: Resource) -> str:
    """Return the matricule that an Identifier holds; the billing number shares an OID with it."""
    if _oid(identifier) not in INS_TYPES:
        return ""
    kind = part(identifier, "type")
    is_billing = kind and _BILLING in {text(one, "code") for one in parts(kind, "coding")}
    return "" if is_billing else text(identifier, "value")


def _oid(identifier: Resource) -> str:
    return text(identifier, "system").removeprefix("urn:oid:")


def _codes(resource: Resource, *, lenient: bool) -> tuple[str, ...]:
    """Return the confidentiality codes; what is none of them stays, for the model to refuse."""
    labels = resource.get("securityLabel")
    found = security_codes(labels)
    if found is not None:
        return found
    written = [code_in(parts(one, "coding")) for one in parts(resource, "securityLabel")]
    codes = tuple(dict.fromkeys(code[:_MOST_SHOWN] for code in written[:_MOST_CODES]))
    # A code under the wrong system is none: what it would hide must not be guessed at.
    return codes if lenient or not codes else (*codes, "")
