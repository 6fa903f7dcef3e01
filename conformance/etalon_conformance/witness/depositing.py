"""What deposits, changes and tokens show: bodies held against the tables of the wire.

Sources: PDSm 3.1.1, IHE MHD 4.2 (ITI-65, ITI-105), FR Core, RFC 6750, RFC 8693.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from etalon_conformance.places import steps, values_at
from etalon_conformance.witness.seeing_traffic import (
    CHANGES,
    CREATIONS,
    DEPOSITS,
    Point,
    Read,
    Scene,
    point,
)
from etalon_conformance.witness.traffic import Witnessed, resources_in
from etalon_model.identifiers import InsOid, fits_oid, is_matricule
from etalon_wire.interactions import interactions
from etalon_wire.json_body import Json, Resource, places

_BUNDLE: Final = "pdsm-comprehensive-provide-document-bundle"
_MANDATORY: Final = (
    ("masterIdentifier.value",),
    ("status",),
    ("type.coding.code",),
    ("category.coding.code",),
    ("subject.reference", "subject.identifier.value"),
    ("date",),
    ("author.reference",),
    ("custodian.reference",),
    ("securityLabel.coding.code",),
    ("content.attachment.contentType",),
    ("content.format.code",),
    ("context.period.start",),
    ("context.facilityType.coding.code",),
    ("context.practiceSetting.coding.code",),
    ("context.sourcePatientInfo.reference",),
)
"""Paths of the metadata that PDSm makes mandatory; one of each row."""
_CONTAINED: Final = (
    "author.reference",
    "authenticator.reference",
    "context.sourcePatientInfo.reference",
)
_SET: Final = (
    ("extension[url=https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType]",),
    ("extension[url=https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId]",),
    ("status",),
    ("mode",),
    ("code.coding.code",),
    ("subject.reference", "subject.identifier.value"),
    ("date",),
    ("source.reference",),
    ("entry.item.reference",),
)
_SET_VALUES: Final = (
    ("status", "current"),
    ("mode", "working"),
    ("code.coding.code", "submissionset"),
)
_FHIR: Final = ("application/fhir+json", "application/fhir+xml")
_PATCHES: Final = ("application/json-patch+json", *_FHIR)
_NOT_TAKEN: Final = (400, 415, 422)
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_INS: Final = {f"urn:oid:{oid}": oid.value for oid in InsOid}


def deposits(scene: Scene) -> Iterator[Point]:
    """Yield what each deposit shows (W-REC-03, 04, 06, 07, 08, 09; W-CLI-14)."""
    for read in scene.reads:
        if read.one.interaction not in DEPOSITS or not read.one.sent:
            continue
        if read.one.interaction == "provide_documents":
            yield from _bundle(read.one)
        for document in resources_in(read.one.sent, "DocumentReference"):
            yield from _reference(read.one, document)
    if scene.asks("W-CLI-14"):
        yield from _replacement(scene)


def _bundle(one: Witnessed) -> Iterator[Point]:
    lists = list(resources_in(one.sent, "List"))
    sets = [each for each in lists if "submissionset" in _at(each, "code.coding.code")]
    documents = list(resources_in(one.sent, "DocumentReference"))
    contents = list(resources_in(one.sent, "Binary"))
    named = any(_BUNDLE in each for each in one.said("meta.profile"))
    faults = {
        "profile": named,
        "transaction": one.said("type") == ("transaction",),
        "submission set": len(sets) == 1 or (not sets and len(lists) == 1),
        "documents": bool(documents),
        "contents": len(contents) >= len(documents),
    }
    lacking = ", ".join(name for name, is_there in faults.items() if not is_there)
    yield point("W-REC-03", "bundle", one, holds=not lacking, lacking=lacking)
    addresses = _addresses(one.sent)
    for document in documents:
        urls = _at(document, "content.attachment.url")
        inside = bool(urls) and all(url in addresses for url in urls)
        yield point("W-REC-08", "address", one, holds=inside, found=", ".join(urls) or "-")
    for each in sets or lists[:1]:
        wrong = [path for path, value in _SET_VALUES if value not in _at(each, path)]
        told = ", ".join(dict.fromkeys([*_lacking(each, _SET), *wrong]))
        yield point("W-REC-09", "submission_set", one, holds=not told, lacking=told)


def _reference(one: Witnessed, document: Resource) -> Iterator[Point]:
    lacking = ", ".join(_lacking(document, _MANDATORY))
    yield point("W-REC-04", "metadata", one, holds=not lacking, lacking=lacking)
    outside = [
        path for path in _CONTAINED for ref in _at(document, path) if not ref.startswith("#")
    ]
    if one.interaction == "provide_documents":
        yield point("W-REC-06", "contained", one, holds=not outside, path=", ".join(outside))
    content = content_of(one, document)
    if content is None:
        return
    size, told = _at(document, "content.attachment.size"), _at(document, "content.attachment.hash")
    digest = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    holds = size == (str(len(content)),) and told == (digest,)
    values = {"size": ", ".join(size) or "-", "hash": ", ".join(told) or "-"}
    yield point(
        "W-REC-07", "hash", one, holds=holds, **values, bytes=str(len(content)), digest=digest
    )


def content_of(one: Witnessed, document: Resource) -> bytes | None:
    """Return the bytes of a document, or None where they are not in the request."""
    data = _at(document, "content.attachment.data")
    if not data:
        urls = _at(document, "content.attachment.url")
        held = _addresses(one.sent).get(urls[0]) if urls else None
        data = () if held is None else _at(held, "data")
    try:
        return base64.b64decode(data[0], validate=True) if data else None
    except (binascii.Error, ValueError):
        return None


def _addresses(bundle: Resource) -> dict[str, Resource]:
    """Return the Binary resources of a bundle by their fullUrl."""
    entries = bundle.get("entry")
    found: dict[str, Resource] = {}
    for entry in entries if isinstance(entries, list) else ():
        held = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(held, dict) and held.get("resourceType") == "Binary":
            found[str(entry.get("fullUrl")) if isinstance(entry, dict) else ""] = held
    return found


def _replacement(scene: Scene) -> Iterator[Point]:
    sent = [read.one for read in scene.reads if _is_deposit(read)]
    for one in sent:
        documents = list(resources_in(one.sent, "DocumentReference"))
        named = any("replaces" in _at(each, "relatesTo.code") for each in documents)
        yield point("W-CLI-14", "replaces", one, holds=named)


def _is_deposit(read: Read) -> bool:
    return read.one.interaction in DEPOSITS and read.one.is_accepted


def identities(scene: Scene) -> Iterator[Point]:
    """Yield what the identities in bodies show (W-COM-05, W-COM-07)."""
    for read in scene.reads:
        if read.one.interaction not in DEPOSITS:
            continue
        for system, value in _identifiers(read.one.sent):
            if system not in _INS:
                continue
            right = is_matricule(value) and fits_oid(value, _INS[system])
            yield point("W-COM-05", "matricule", read.one, holds=right, found=value, system=system)
        for document in resources_in(read.one.sent, "DocumentReference"):
            for patient in _patients(document):
                official = _at(patient, "identifier[use=official].value")
                if "VALI" in _at(patient, "extension.valueCoding.code") or official:
                    count = str(len(official))
                    yield point(
                        "W-COM-07", "official", read.one, holds=len(official) == 1, count=count
                    )
    if scene.step is not None and scene.step.never and not _called(scene):
        for requirement in scene.step.requirements:
            yield Point(requirement, holds=True, key="never", exchanges=())


def _called(scene: Scene) -> bool:
    calls: frozenset[str] = frozenset() if scene.step is None else scene.step.calls
    return any(read.one.interaction in calls for read in scene.reads)


def _identifiers(resource: Resource) -> Iterator[tuple[str, str]]:
    for _, value in places(resource):
        if isinstance(value, dict) and "system" in value and isinstance(value.get("value"), str):
            yield str(value["system"]), str(value["value"])


def _patients(document: Resource) -> Iterator[Resource]:
    contained = document.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, dict) and one.get("resourceType") == "Patient":
            yield one


def messages(scene: Scene) -> Iterator[Point]:
    """Yield what requests show by themselves (W-CLI-01, 02, 03)."""
    for read in scene.reads:
        one = read.one
        if not one.is_call:
            continue
        if one.exchange.request.body and one.interaction:
            yield from _media_type(one)
        if one.token or one.asked("access_token"):
            yield point("W-CLI-03", "token_in_address", one, holds=not one.asked("access_token"))
        if one.interaction in CREATIONS | CHANGES and not one.played:
            refused = one.status in _NOT_TAKEN
            said = "; ".join(one.told("issue[severity=error].diagnostics")[:2]) or str(one.status)
            yield point("W-CLI-02", "not_taken", one, holds=not refused, said=said[:300])


def _media_type(one: Witnessed) -> Iterator[Point]:
    family = interactions()[one.interaction].body
    known: Sequence[str] = {"fhir": _FHIR, "patch": _PATCHES}.get(family, ())
    typed = one.exchange.request.header("content-type").partition(";")[0].strip().lower()
    if known:
        yield point("W-CLI-01", "media_type", one, holds=typed in known, found=typed or "-")


def token_requests(scene: Scene) -> Iterator[Point]:
    """Yield what exchanges of tokens show (W-SEC-02)."""
    for read in scene.reads:
        form = dict(read.one.form)
        is_exchange = "subject_token" in form and "grant_type" not in form
        if form.get("grant_type") != _EXCHANGE and not is_exchange:
            continue
        needed = ("grant_type", "subject_token", "subject_token_type", "scope")
        lacking = ", ".join(name for name in needed if not form.get(name))
        yield point("W-SEC-02", "exchange", read.one, holds=not lacking, lacking=lacking)


def _lacking(resource: Resource, rows: Sequence[Sequence[str]]) -> list[str]:
    return [row[0] for row in rows if not any(_at(resource, path) for path in row)]


def _at(value: Json, path: str) -> tuple[str, ...]:
    return values_at(value, steps(path))
