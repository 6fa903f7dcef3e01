"""Searching documents (ITI-67), lists (ITI-66) and people (TD0.2), by address or by form.

A page counts what its reader may know of, and no more; the link to the next one holds a number and
a seal that is good for this search of this reader.

Sources: FHIR R4, 3.1.1.3 (searchset), 3.1.1.6 (paging); IHE MHD, ITI-66 and ITI-67; PDSm4DMP.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from etalon_model import Refusal
from etalon_model.people import Person
from etalon_model.records.record import Document, Status, documents_of
from etalon_model.records.search import SearchDocuments
from etalon_model.records.sighting import Sighting, sighting
from etalon_server.asking import known_caller
from etalon_server.exchange import (
    MEDIA_TYPES,
    Answer,
    Desk,
    Refused,
    Request,
    form_accepted,
)
from etalon_server.records.places import place_of
from etalon_server.records.reading import patient_seen
from etalon_server.records.showing import entries_shown, replaced_among
from etalon_wire.bundles import Query, links_of
from etalon_wire.claims import Caller
from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource, read_json, write_json
from etalon_wire.operation_outcomes import Fault, operation_outcome
from etalon_wire.records.addresses import Named, person_id
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.page_tokens import PageTokens
from etalon_wire.records.pages import write_entry, write_page
from etalon_wire.records.search_parameters import MOST_SHOWN, is_strict
from etalon_wire.records.searching import (
    DocumentSearch,
    read_patient_search,
)
from etalon_wire.xml_body import write_xml

if TYPE_CHECKING:
    from etalon_model.records.search import DocumentPage

_NOTHING: Final[Sequence[bytes]] = ()
_SUPERSEDED: Final = Status.SUPERSEDED


async def find_documents(desk: Desk, request: Request) -> Answer:
    """Answer a page of the documents that match and that the reader sees."""
    search = desk.searches.read(
        request.query,
        lambda one: unique_id_at(desk, known_caller(request), one),
        mode=desk.mode,
        strict=is_strict(request.headers.get("prefer", "")),
        base=request.base,
    )
    if isinstance(search, Fault):
        raise Refused(search)
    person = person_searched(desk, known_caller(request), search.who)
    tokens, reader = PageTokens(desk.page_key), reader_of(known_caller(request))
    query = understood_of(request.query, search.passed_over)
    number = tokens.page_of(search.token, query, reader)
    if isinstance(number, Fault):
        raise Refused(number)
    outcome = passed_over(search.passed_over)
    if person is None:
        return answer_page(desk, request, _NOTHING, 0, links_to(request, query), outcome)
    page, replaced = await _page(desk, request, person, search, number)
    versions = [
        (one, replaced_among(one, replaced) if one.replaces else None) for one in page.documents
    ]
    entries = entries_shown(desk, person, versions if search.page_size else (), request.base)
    following = None
    if search.page_size:
        following = tokens.following(page.page, page.pages, query, reader)
    links = links_to(request, query, following)
    return answer_page(desk, request, entries, page.total, links, outcome)


async def _page(
    desk: Desk, request: Request, person: Person, search: DocumentSearch, number: int
) -> tuple["DocumentPage", Sequence[Document]]:
    """Return a page, and the versions that those on it replace and that the reader sees.

    Raises:
        Refused: The model refuses the search.
    """
    caller = known_caller(request)
    at = desk.host.clock.now()
    command = search.command(at, caller.actor, person.ins, caller.mode, number)
    # What a reader sees is looked at first: reading may use up the consent that lets them.
    older = [one for one in documents_of(person).values() if one.status is _SUPERSEDED]
    view = view_of(desk, person, command) if older else None
    outcome = await desk.host.read(command)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    seen = [one for one in older if isinstance(view, Sighting) and view.sees(one)]
    return cast("DocumentPage", outcome.answer), seen


def view_of(desk: Desk, person: Person, command: SearchDocuments) -> Sighting | Refusal:
    """Return what the actor of a search sees of a record."""
    register = desk.host.service.snapshot(copied=False).register
    return sighting(register, person, command, command.mode)


def person_searched(desk: Desk, caller: Caller, who: Named) -> Person | None:
    """Return the person whom a search is about, None when nobody is known by that name.

    Raises:
        Refused: The token is for another space.
    """
    service = desk.host.service
    person: Person | None = None
    if not who.ins:
        person = desk.people.find(service, who.key)
    else:
        try:
            person = service.person(who.ins)
        except LookupError:
            person = None
        # The same matricule under another object identifier is another identity (ID-02).
        if person is not None and who.oid not in {"", person.identity.oid}:
            person = None
    found = who.ins if person is None else person.ins
    if caller.patient and caller.patient != found:
        message = "the token is for another space than the search is about"
        raise Refused(Fault("NOT_ALLOWED", message))
    return person


def unique_id_at(desk: Desk, caller: Caller, resource_id: str) -> str:
    """Return the unique identifier of the document with an `id` of ours, empty for none.

    One that the caller neither deposited nor sees is none: naming it tells nothing.
    """
    place = place_of(desk.people, desk.host.service, resource_id)
    if place is None or place.document is None:
        return ""
    document, actor = place.document, caller.actor
    own = document.depositor.ident == actor.ident and document.depositor.kind is actor.kind
    asked = SearchDocuments(desk.host.clock.now(), actor, place.person.ins, mode=caller.mode)
    view = None if own else view_of(desk, place.person, asked)
    seen = isinstance(view, Sighting) and view.sees(document)
    return document.unique_id if (own or seen) and document.status is not Status.DELETED else ""


def reader_of(caller: Caller) -> str:
    """Return who reads, as the seal of a page names them."""
    return f"{caller.actor.kind} {caller.actor.ident} {caller.patient}"


def understood_of(query: Query, passed_over: Sequence[str]) -> Query:
    """Return a query without the parameters that were passed over: what was asked, in effect."""
    if not passed_over:
        return query
    return [(name, value) for name, value in query if name[:MOST_SHOWN] not in passed_over]


def links_to(
    request: Request, query: Query, following: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the links of a page: what was understood of the search, and the page after."""
    return links_of(f"{request.base}/{request.interaction.resource}", query, following)


def passed_over(names: Sequence[str]) -> Resource | None:
    """Return what is said of parameters that are not known, None when all are."""
    if not names:
        return None
    return operation_outcome(
        [
            Finding("warning", "not-supported", name, "", f"{name} is not known and passed over")
            for name in names
        ]
    )


def answer_page(  # noqa: PLR0913, PLR0917 (a page is made of as much)
    desk: Desk,
    request: Request,
    entries: Sequence[bytes],
    total: int,
    links: Mapping[str, str],
    outcome: Resource | None,
) -> Answer:
    """Answer the page of a search, in the form that its reader accepts."""
    body = write_page(entries, total, links, outcome)
    form = form_accepted(request, desk.mode)
    if form == "xml":
        body = write_xml(read_json(body, KEPT_LIMITS))
    headers = (("Cache-Control", "private, no-cache"),)
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], headers)


async def find_patients(desk: Desk, request: Request) -> Answer:
    """Answer whether there is a record, and how it stands: nobody, or one Patient (W-REC-40)."""
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_patient_search(request.query, strict=strict)
    if isinstance(search, Fault):
        raise Refused(search)
    caller = known_caller(request)
    person = person_searched(desk, caller, search.who)
    entries = _NOTHING
    if person is not None:
        patient = await patient_seen(desk, caller, person)
        if patient is not None:
            address = f"{request.base}/Patient/{person_id(person.ins)}"
            entries = (write_entry(address, write_json(desk.codec.leaving(patient))),)
    links = links_to(request, understood_of(request.query, search.passed_over))
    outcome = passed_over(search.passed_over)
    return answer_page(desk, request, entries, len(entries), links, outcome)
