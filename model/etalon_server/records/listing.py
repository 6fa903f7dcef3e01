"""Lists of a record (ITI-66): submission sets and folders, as their reader sees them.

A list shows the documents that its reader sees, and is not there when they see none: so a list is
looked for by looking at the record, under the rights and in the log of a search of documents.

Sources: IHE MHD, ITI-66; PDSm 3.1.1 (SubmissionSet, Folder); W-REC-26, W-REC-34.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final, cast

from etalon_model import ActorKind, Refusal
from etalon_model.people import Person
from etalon_model.records.folders import ListFolders
from etalon_model.records.record import Document, Status, documents_of
from etalon_model.records.search import Criteria, SearchDocuments
from etalon_model.records.sighting import Sighting
from etalon_server.asking import known_caller
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.records.paging import answer_page_of, page_asked
from etalon_server.records.places import lists_shelf
from etalon_server.records.reading import asked, nothing_here, place_at
from etalon_server.records.searching import (
    person_searched,
    view_of,
)
from etalon_wire.bundles import etag
from etalon_wire.claims import Caller
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.list_searching import ListSearch, read_list_search
from etalon_wire.records.lists import (
    derived_set,
    folder_resource,
    kept_list_from,
    kept_list_resource,
)
from etalon_wire.records.search_parameters import is_strict

_EVERY_VERSION: Final = Criteria(status=(Status.CURRENT, Status.SUPERSEDED))
_OF_THE_SPACE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_DELETED: Final = Status.DELETED


async def find_lists(desk: Desk, request: Request) -> Answer:
    """Answer a page of the lists that match and that the reader sees, the newest first."""
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_list_search(request.query, mode=desk.mode, strict=strict, base=request.base)
    if isinstance(search, Fault):
        raise Refused(search)
    caller = known_caller(request)
    person = person_searched(desk, caller, search.who)
    page_asked(desk, request, search)
    found = [] if person is None else await _matching(desk, request, person, search)
    return answer_page_of(desk, request, search, found, lambda one: one)


async def _matching(
    desk: Desk, request: Request, person: Person, search: ListSearch
) -> list[Resource]:
    """Return the lists that a search asks for.

    Raises:
        Refused: The model refuses the search.
    """
    caller = known_caller(request)
    return [
        one
        for one in await lists_seen(desk, caller, person, request.base, by_address=False)
        if search.matches(one)
    ]


async def read_list(desk: Desk, request: Request) -> Answer:
    """Answer one list as its reader sees it."""
    caller, place = known_caller(request), place_at(desk, request)
    wanted = request.places["id"]
    lists = await lists_seen(desk, caller, place.person, request.base, by_address=True)
    found = next((one for one in lists if one["id"] == wanted), None)
    if found is None:
        raise nothing_here()
    return answer_resource(request, desk, found, HTTPStatus.OK, (("ETag", etag("1")),))


async def lists_seen(
    desk: Desk, caller: Caller, person: Person, base: str, *, by_address: bool
) -> list[Resource]:
    """Return the lists of a record that a caller sees, the newest first.

    Args:
        desk: The server.
        caller: Who asks.
        person: Whose record it is.
        base: Public address of the FHIR base.
        by_address: They came by an address, so that a refusal does not say whose record it is.

    Raises:
        Refused: The model refuses the search of the record.
    """
    at, mode = desk.host.clock.now(), caller.mode
    command = SearchDocuments(at, caller.actor, person.ins, _EVERY_VERSION, mode, page_size=1)
    # What a reader sees is looked at first: reading may use up the consent that lets them.
    view = view_of(desk, person, command)
    if by_address:
        await asked(desk, command)
    else:
        outcome = await desk.host.read(command)
        if isinstance(outcome, Refusal):
            raise Refused(outcome)
    if isinstance(view, Refusal):
        raise Refused(view)
    seen = _seen(person, view)
    found = list(_lists(desk, person, seen, base))
    if caller.actor.kind in _OF_THE_SPACE:
        found += await _folders(desk, caller, person, seen, base)
    return sorted(found, key=lambda one: str(one["date"]), reverse=True)


def _seen(person: Person, view: Sighting) -> dict[str, Document]:
    return {
        unique_id: one
        for unique_id, one in documents_of(person).items()
        if one.status is not _DELETED and view.sees(one)
    }


def _lists(
    desk: Desk, person: Person, seen: Mapping[str, Document], base: str
) -> Iterator[Resource]:
    """Yield the lists that were received, and the sets that follow from other documents."""
    listed: set[str] = set()
    for body in desk.contents.shelf(lists_shelf(person.ins)):
        kept = kept_list_from(body)
        # A record may have begun again since, under the same identifiers.
        then = {one: seen[one] for one in kept.documents if _was_there(seen, one, kept.taken_at)}
        resource = kept_list_resource(person.identity, kept, then, base)
        if resource is not None:
            yield resource
        if kept.kind == "submissionset":
            listed.update(then)
    for unique_id, one in seen.items():
        if unique_id not in listed:
            yield derived_set(person.identity, one, base)


def _was_there(seen: Mapping[str, Document], unique_id: str, taken_at: datetime) -> bool:
    found = seen.get(unique_id)
    return found is not None and found.deposited_at <= taken_at


async def _folders(
    desk: Desk, caller: Caller, person: Person, seen: Mapping[str, Document], base: str
) -> list[Resource]:
    """Return the folders of the space; whoever may not list them sees none."""
    outcome = await desk.host.read(ListFolders(desk.host.clock.now(), caller.actor, person.ins))
    if isinstance(outcome, Refusal):
        return []
    folders = cast("tuple[tuple[str, tuple[str, ...]], ...]", outcome.answer)
    made = (
        folder_resource(person.identity, name, [seen[one] for one in filed if one in seen], base)
        for name, filed in folders
    )
    return [one for one in made if one is not None]
