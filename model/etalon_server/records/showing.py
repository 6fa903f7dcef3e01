"""Documents as their reader may see them: encoded once for each version and shape.

What a reader may be shown of one version depends on two things only: the address they use, and
whether they see the version it replaces.
"""

from collections.abc import Iterable
from datetime import datetime

from etalon_model.people import Person
from etalon_model.records.record import Document
from etalon_server.exchange import Desk, Form
from etalon_server.records.places import change_key, kept_resource_of
from etalon_wire.records.addresses import document_id
from etalon_wire.records.document_encoding import Showing, document_bytes, document_resource
from etalon_wire.records.pages import resource_in, write_entry
from etalon_wire.xml_body import write_xml


def shown(  # noqa: PLR0913, PLR0917 (what is shown, of whom, where, how)
    desk: Desk, person: Person, document: Document, replaced: Document | None, base: str, form: Form
) -> bytes:
    """Return the bytes of a version as its reader sees it.

    Args:
        desk: The server.
        person: Whose record it is in.
        document: The version.
        replaced: The version it replaces, or None where there is none or the reader sees none.
        base: Public address of the FHIR base.
        form: JSON or XML.
    """
    if form == "json":
        return resource_in(entry_shown(desk, person, document, replaced, base))
    shape = (base, replaced is not None, "xml")
    body = desk.cache.get(document, shape)
    if body is None:
        showing = _showing(desk, person, document, replaced, base)
        kept = desk.contents.body(kept_resource_of(person.ins, document))
        body = write_xml(document_resource(person.identity, document, kept, showing))
        desk.cache.put(document, shape, body)
    return body


def entry_shown(
    desk: Desk, person: Person, document: Document, replaced: Document | None, base: str
) -> bytes:
    """Return the entry of a page for a version as its reader sees it, in JSON."""
    shape = (base, replaced is not None)
    entry = desk.cache.get(document, shape)
    if entry is None:
        showing = _showing(desk, person, document, replaced, base)
        kept = desk.contents.body(kept_resource_of(person.ins, document))
        body = document_bytes(person.identity, document, kept, showing)
        entry = write_entry(address_of(base, person.ins, document), body)
        desk.cache.put(document, shape, entry)
    return entry


def _showing(
    desk: Desk, person: Person, document: Document, replaced: Document | None, base: str
) -> Showing:
    changed_at = _changed_at(desk, person.ins, document) if document.revision > 1 else None
    return Showing(base, changed_at, replaced)


def _changed_at(desk: Desk, ins: str, document: Document) -> datetime | None:
    """Return when a version came to be, where a patch made it."""
    kept = desk.contents.body(change_key(ins, document))
    if kept is None:
        return None
    revision, _, at = kept.decode().partition(" ")
    return datetime.fromisoformat(at) if int(revision) == document.revision else None


def change_of(revision: int, at: datetime) -> bytes:
    """Return what is kept of the change that made a version."""
    return f"{revision} {at.isoformat()}".encode()


def replaced_among(document: Document, seen: Iterable[Document]) -> Document | None:
    """Return the version that a document replaces, if it is among those seen."""
    if not document.replaces:
        return None
    return next((one for one in seen if one.number == document.replaces), None)


def address_of(base: str, ins: str, document: Document) -> str:
    """Return the address of a document."""
    return f"{base}/DocumentReference/{document_id(ins, document)}"
