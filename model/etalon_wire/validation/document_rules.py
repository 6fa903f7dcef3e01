"""Rules about the bytes of documents and where they stand. Source: IHE MHD, ITI-65 and ITI-105."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from etalon_wire.base64_text import bytes_of
from etalon_wire.json_body import Resource
from etalon_wire.tables import rows_of
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import part, parts, text

Breaches = Sequence[tuple[str, str]]
_SHA1_BYTES: Final = 20


def _document(attachment: Resource, scope: Scope) -> tuple[int, bytes] | None:
    """Return length and SHA-1 of the document described, when the message carries it."""
    if "data" in attachment:
        return _measured(text(attachment, "data"))
    url = text(attachment, "url")
    held = scope.entries.get(url) if scope.entries is not None and url else None
    if held is None or held.get("resourceType") != "Binary":
        return None
    if url not in scope.digests:
        scope.digests[url] = _measured(text(held, "data"))
    return scope.digests[url]


def _measured(encoded: str) -> tuple[int, bytes] | None:
    document = bytes_of(encoded)
    if document is None:
        return None
    return len(document), hashlib.sha1(document, usedforsecurity=False).digest()


def _size(value: Resource, scope: Scope) -> Breaches:
    size = value.get("size")
    document = _document(value, scope) if size is not None else None
    if document is None or size == document[0]:
        return ()
    return [(".size", f"{size} is said, the document has {document[0]} bytes")]


def _hash(value: Resource, scope: Scope) -> Breaches:
    said = value.get("hash")
    if said is None:
        return ()
    digest = bytes_of(str(said))
    if digest is None or len(digest) != _SHA1_BYTES:
        return [(".hash", "a SHA-1 has 20 bytes, 28 characters of base64")]
    document = _document(value, scope)
    if document is None or document[1] == digest:
        return ()
    return [(".hash", f"{base64.b64encode(document[1]).decode()} is right")]


def _attached(value: Resource, scope: Scope) -> Breaches:
    """W-REC-08: each new DocumentReference has its document in the bundle."""
    found: list[tuple[str, str]] = []
    for rank, entry in enumerate(parts(value, "entry")):
        resource = part(entry, "resource")
        if resource.get("resourceType") != "DocumentReference":
            continue
        for place, content in enumerate(parts(resource, "content")):
            url = text(part(content, "attachment"), "url")
            held = scope.entries.get(url) if scope.entries is not None else None
            if url and (held is None or held.get("resourceType") not in ("Binary", "Bundle")):
                path = f".entry[{rank}].resource.content[{place}].attachment.url"
                found.append((path, f"{url[:80]} is no Binary of the bundle"))
    return found


@cache
def _classes() -> Mapping[str, str]:
    """Return the class of each type that has one (ASS_X04), by code of the type."""
    rows = rows_of("valuesets/jdv_j07.csv")
    return {row["code"]: row["class_code"] for row in rows if row["class_code"]}


def _class_of_type(value: Resource, _scope: Scope) -> Breaches:
    """The class of a document follows from its type: 11488-4 is of class 10, never 11."""
    asked = {
        _classes()[code]
        for coding in parts(part(value, "type"), "coding")
        if (code := text(coding, "code")) in _classes()
    }
    said = {
        text(coding, "code")
        for concept in parts(value, "category")
        for coding in parts(concept, "coding")
    }
    if not asked or not said or asked & said:
        return ()
    return [(".category[0]", f"{', '.join(sorted(asked))} is asked")]


def _replaced(value: Resource, _scope: Scope) -> Breaches:
    """W-REC-10: what a new document replaces is superseded by an entry of the same bundle."""
    entries = parts(value, "entry")
    requests = [part(entry, "request") for entry in entries]
    patched = {_tail(text(request, "url")) for request in requests if _is_patch(request)}
    by_criteria = any("?" in address for address in patched)
    found: list[tuple[str, str]] = []
    for rank, entry in enumerate(entries):
        for place, relation in enumerate(parts(part(entry, "resource"), "relatesTo")):
            target = text(part(relation, "target"), "reference")
            if relation.get("code") != "replaces" or by_criteria or _tail(target) in patched:
                continue
            path = f".entry[{rank}].resource.relatesTo[{place}].target"
            found.append((path, f"no PATCH of {target[:80] or 'it'}"))
    return found


def _is_patch(request: Resource) -> bool:
    return request.get("method") == "PATCH"


def _tail(address: str) -> str:
    """Return type and id at the end of an address; criteria may name what has no address."""
    return "/".join(address.rsplit("/", 2)[-2:])


def _has_document(value: Resource, _scope: Scope) -> Breaches:
    kinds = {text(part(entry, "resource"), "resourceType") for entry in parts(value, "entry")}
    return () if "DocumentReference" in kinds else (("", ""),)


DOCUMENT_RULES: Final[Mapping[str, Callable[[Resource, Scope], Breaches]]] = {
    "attachment-size": _size,
    "attachment-hash": _hash,
    "attachment-url": _attached,
    "replaced-superseded": _replaced,
    "bundle-documents": _has_document,
    "class-of-type": _class_of_type,
}
