"""Addresses of what a record holds: no matricule, the same at every start, and leading back.

Every identifier begins with the key of its record (a digest of the matricule), then says what it
names: nothing (the person), the number of a document, or a digest of a list's own identifier.

Sources: FHIR R4, `id` (64 characters at most); REC-11: the identifier of a document stays when its
metadata change, the entry identifier does not.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final, NamedTuple

from etalon_model.records.record import Document, logical_id

_URN: Final = "urn:uuid:"
_PLACE: Final = 12
_KEY: Final = len("00000000-0000-0000-0000")
_PERSON: Final = "0" * _PLACE
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}")
# The first digit of a list's place: no record holds the fifteen million documents before it.
_LIST: Final = "f"


class Named(NamedTuple):
    """A person as a message names them: by matricule, or by an address of ours.

    Attributes:
        ins: Matricule INS, or an empty string.
        key: Key of the record, or an empty string.
        oid: Object identifier that the matricule is said to go with, or an empty string.
    """

    ins: str = ""
    key: str = ""
    oid: str = ""


def document_id(ins: str, document: Document) -> str:
    """Return the `id` of a document's DocumentReference, and of the Binary that holds it."""
    return logical_id(ins, document).removeprefix(_URN)


def person_id(ins: str) -> str:
    """Return the `id` of a person's Patient."""
    return f"{record_key(ins)}-{_PERSON}"


@lru_cache
def record_key(ins: str) -> str:
    """Return what the identifiers of one record begin with."""
    digest = hashlib.sha256(ins.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-8{digest[15:18]}"


def set_id(ins: str, document: Document) -> str:
    """Return the `id` of the submission set of a document that came without one."""
    return document_id(ins, document)


def list_id(ins: str, identifier: str) -> str:
    """Return the `id` of a list known by an identifier of its own: uniqueId, entryUUID or name."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    return f"{record_key(ins)}-{_LIST}{digest[: _PLACE - 1]}"


def key_of(resource_id: str) -> str | None:
    """Return the key of the record that an `id` of ours belongs to, None for any other text."""
    return resource_id[:_KEY] if _ID.fullmatch(resource_id) else None


def id_in(reference: str, kind: str, base: str = "") -> str:
    """Return the `id` that a reference names.

    Args:
        reference: `Kind/id`, or the same under `base`; a version at its end is passed over.
        kind: The resource type asked for.
        base: Public address of the server, without a slash at its end; empty for relative only.

    Returns:
        The `id`, empty when the reference names something else.
    """
    local = reference.removeprefix(f"{base}/") if base else reference
    found, _, rest = local.partition("/")
    identifier, _, version = rest.partition("/")
    if found != kind or not identifier or (version and not version.startswith("_history/")):
        return ""
    return identifier
