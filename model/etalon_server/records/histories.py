"""The versions of a document: its history, and one version by its address.

A version is shown to whoever sees the document as it stands and would see it as it was: what was
hidden from somebody then is not told to them now by its past (VIS-01, VIS-04).

Sources: FHIR R4, 3.1.0.3 (vread) and 3.1.0.12 (history); REC-11.
"""

from http import HTTPStatus

from etalon_model.people import Person
from etalon_model.records.record import Document, revisions_of
from etalon_model.records.search import SearchDocuments
from etalon_model.records.sighting import Sighting
from etalon_server.asking import known_caller
from etalon_server.exchange import MEDIA_TYPES, Answer, Desk, Refused, Request, form_accepted
from etalon_server.records.paging import page_of
from etalon_server.records.reading import (
    nothing_here,
    place_at,
    seen_of,
    tag_matches,
    version_headers,
)
from etalon_server.records.searching import view_of
from etalon_server.records.showing import replaced_among, shown
from etalon_wire.bundles import links_of
from etalon_wire.json_body import read_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import document_id
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.histories import Revision, read_history, write_history
from etalon_wire.records.search_parameters import is_strict
from etalon_wire.xml_body import write_xml

_NO_CACHE = ("Cache-Control", "private, no-cache")


async def document_history(desk: Desk, request: Request) -> Answer:
    """Answer a page of the versions of a document, the latest first."""
    asked = read_history(request.query, strict=is_strict(request.headers.get("prefer", "")))
    if isinstance(asked, Fault):
        raise Refused(asked)
    person, revisions, replaced = await _seen(desk, request)
    ident, base = document_id(person.ins, revisions[0]), request.base
    page = page_of(desk, request, asked.search, asked.among(revisions))
    told = [
        Revision(ident, one, shown(desk, person, one, replaced, base, "json"))
        for one in page.listed
    ]
    links = links_of(f"{base}/DocumentReference/{ident}/_history", page.query, page.following)
    body = write_history(told, page.total, links, base)
    form = form_accepted(request, desk.mode)
    if form == "xml":
        body = write_xml(read_json(body, KEPT_LIMITS))
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], (_NO_CACHE,))


async def read_version(desk: Desk, request: Request) -> Answer:
    """Answer one version of a document."""
    person, revisions, replaced = await _seen(desk, request)
    wanted = request.places["version"]
    version = next((one for one in revisions if str(one.revision) == wanted), None)
    if version is None:
        raise nothing_here()
    form, headers = form_accepted(request, desk.mode), version_headers(version)
    if tag_matches(request.headers.get("if-none-match", ""), version):
        return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
    body = shown(desk, person, version, replaced, request.base, form)
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], headers)


async def _seen(
    desk: Desk, request: Request
) -> tuple[Person, tuple[Document, ...], Document | None]:
    """Return the versions of a document that its reader sees, and the document it replaces.

    Raises:
        Refused: There is nothing there for them, or they may not read this record.
    """
    caller, place = known_caller(request), place_at(desk, request)
    looking = SearchDocuments(
        desk.host.clock.now(), caller.actor, place.person.ins, mode=caller.mode
    )
    # What a reader sees is looked at first: reading may use up the consent that lets them.
    view = view_of(desk, place.person, looking)
    person, document, chain = await seen_of(desk, request, place)
    revisions = tuple(
        one
        for one in revisions_of(person, document)
        if one is document or (isinstance(view, Sighting) and view.sees(one))
    )
    return person, revisions, replaced_among(document, chain)
