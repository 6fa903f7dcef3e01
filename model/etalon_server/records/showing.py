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
    shape = (base, form, replaced is not None)
    body = desk.cache.get(document, shape)
    if body is None:
        body = _encoded(desk, person, document, Showing(base, None, replaced), form)
        desk.cache.put(document, shape, body)
    return body


def _encoded(desk: Desk, person: Person, document: Document, showing: Showing, form: Form) -> bytes:
    ins = person.ins
    kept = desk.contents.body(kept_resource_of(ins, document))
    if document.revision > 1:
        showing = Showing(showing.base, _changed_at(desk, ins, document), showing.replaced)
    if form == "json":
        return document_bytes(person.identity, document, kept, showing)
    return write_xml(document_resource(person.identity, document, kept, showing))


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
