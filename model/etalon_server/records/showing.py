"""Documents as their reader may see them: encoded once for each version and shape.

What a reader may be shown of one version depends on two things only: the address they use, and
whether they see the version it replaces.
"""

from collections.abc import Iterable, Sequence

from etalon_model.people import Person
from etalon_model.records.record import Document
from etalon_server.exchange import Desk, Form
from etalon_server.records.places import kept_resource_of
from etalon_wire.json_body import write_json
from etalon_wire.parts import FAITHFUL
from etalon_wire.records.addresses import document_id
from etalon_wire.records.document_encoding import Showing, document_entry, document_resource
from etalon_wire.records.pages import resource_in, write_entry
from etalon_wire.xml_body import write_xml

Version = tuple[Document, Document | None]
"""A version, and the one it replaces that the reader sees."""


def show_received(
    desk: Desk, person: Person, version: Version, received: bytes, base: str
) -> bytes:
    """Encode a version that was just received and has not changed since, for whoever reads it.

    Args:
        desk: The server.
        person: Whose record it is in.
        version: The version, with the one it replaces that its reader sees, or None.
        received: What was kept of it, which so needs not be looked for.
        base: Public address of the FHIR base.

    Returns:
        The version in JSON.
    """
    document, replaced = version
    entry = _entry(desk, person, document, received, Showing(base, replaced))
    desk.cache.put(document, (base, replaced is not None), entry)
    return resource_in(entry)


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
        return resource_in(entries_shown(desk, person, [(document, replaced)], base)[0])
    shape = (base, replaced is not None, "xml")
    body = desk.cache.get(document, shape)
    if body is None:
        received = _kept(desk, person, [document])[0]
        showing = Showing(base, replaced)
        resource = document_resource(person.identity, document, received, showing)
        body = write_xml(desk.codec.leaving(resource))
        desk.cache.put(document, shape, body)
    return body


def entries_shown(
    desk: Desk, person: Person, documents: Sequence[Version], base: str
) -> list[bytes]:
    """Return the entries of a page, in JSON, for versions as their reader sees them.

    Args:
        desk: The server.
        person: Whose record they are in.
        documents: The versions, each with the one it replaces that the reader sees, or None.
        base: Public address of the FHIR base.
    """
    alone, beside = (base, False), (base, True)
    entries = desk.cache.get_all(
        [one for one, _ in documents], [alone if old is None else beside for _, old in documents]
    )
    if None in entries:
        missing = [rank for rank, entry in enumerate(entries) if entry is None]
        received = _kept(desk, person, [documents[rank][0] for rank in missing])
        for rank, held in zip(missing, received, strict=True):
            document, replaced = documents[rank]
            entry = _entry(desk, person, document, held, Showing(base, replaced))
            desk.cache.put(document, (base, replaced is not None), entry)
            entries[rank] = entry
    return [entry for entry in entries if entry is not None]


def _entry(
    desk: Desk, person: Person, document: Document, held: bytes | None, showing: Showing
) -> bytes:
    if desk.codec is FAITHFUL:
        return document_entry(person.identity, document, held, showing)
    resource = document_resource(person.identity, document, held, showing)
    body = write_json(desk.codec.leaving(resource))
    return write_entry(address_of(showing.base, person.ins, document), body)


def _kept(desk: Desk, person: Person, documents: Sequence[Document]) -> list[bytes | None]:
    """Return what was received of documents, looked for at once."""
    ins = person.ins
    keys = [kept_resource_of(ins, one) for one in documents]
    found = desk.contents.bodies(keys)
    return [found.get(key) for key in keys]


def replaced_among(document: Document, seen: Iterable[Document]) -> Document | None:
    """Return the version that a document replaces, if it is among those seen."""
    if not document.replaces:
        return None
    return next((one for one in seen if one.number == document.replaces), None)


def address_of(base: str, ins: str, document: Document) -> str:
    """Return the address of a document."""
    return f"{base}/DocumentReference/{document_id(ins, document)}"
