"""Reading the directory and searching it.

Sources: ANS, Annuaire Santé (W-DIR-01 to W-DIR-03) and boîtes aux lettres MSSanté (W-MSS-12).
"""

from typing import Final, cast

from etalon_server.asking import actor_asking
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.records.paging import answer_page_of
from etalon_server.records.reading import nothing_here
from etalon_wire.directory.entries import Entry, Kind, entry_id, entry_resource, ident_at
from etalon_wire.directory.searching import DirectorySearch, read_directory_search
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.search_parameters import is_strict

_STRICT: Final = "prefer"


async def find_entries(desk: Desk, request: Request) -> Answer:
    """Answer a page of the entries that match, each with the mailboxes its reader sees."""
    kind = kind_of(request)
    strict = is_strict(request.headers.get(_STRICT, ""))
    asked = read_directory_search(kind, request.query, strict=strict, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)

    def resource_of(entry: Entry) -> Resource:
        return entry_resource(kind, entry, asked.elements)

    found = entries_found(desk, request, asked)
    return answer_page_of(desk, request, asked.search, found, resource_of)


def entries_found(desk: Desk, request: Request, asked: DirectorySearch) -> list[Entry]:
    """Return the entries that match, as whoever asks sees them."""
    kind, reader, host = kind_of(request), actor_asking(request), desk.host
    if asked.idents is None:
        candidates = list(desk.directory.entries(host, kind, reader))
    else:
        named = (desk.directory.entry(host, kind, one, reader) for one in sorted(asked.idents))
        candidates = [one for one in named if one is not None]
    return [one for one in candidates if asked.search.matches(one)]


async def read_entry(desk: Desk, request: Request) -> Answer:
    """Answer one entry."""
    kind = kind_of(request)
    return answer_resource(request, desk, entry_resource(kind, entry_at(desk, request)))


def entry_at(desk: Desk, request: Request) -> Entry:
    """Return the entry at the address of a request.

    Raises:
        Refused: Nobody has that address.
    """
    kind, resource_id = kind_of(request), request.places["id"]
    ident = ident_at(kind, resource_id)
    found = desk.directory.entry(desk.host, kind, ident, actor_asking(request))
    if found is None or entry_id(kind, found) != resource_id:
        raise nothing_here()
    return found


def kind_of(request: Request) -> Kind:
    """Return the resource that a request of the directory is about."""
    return cast("Kind", request.interaction.resource)
