"""Reading the directory and searching it.

Sources: ANS, Annuaire Santé (W-DIR-01 to W-DIR-03) and boîtes aux lettres MSSanté (W-MSS-12).
"""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from etalon_server.asking import actor_asking
from etalon_server.directory.standing import practising_in
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_server.records.paging import answer_entries_of, included_entry, matching_entry
from etalon_server.records.reading import nothing_here
from etalon_wire.directory.entries import Entry, Kind, entry_id, entry_resource, ident_at
from etalon_wire.directory.searching import DirectorySearch, read_directory_search
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

    def entries_of(page: Sequence[Entry]) -> list[bytes]:
        listed = [entry_resource(kind, entry, asked.elements) for entry in page]
        matching = [matching_entry(desk, request, one) for one in listed]
        return matching + list(_included(desk, request, page, asked.included))

    found = entries_found(desk, request, asked)
    return answer_entries_of(desk, request, asked.search, found, entries_of)


def _included(
    desk: Desk, request: Request, page: Sequence[Entry], kinds: Sequence[Kind]
) -> Iterator[bytes]:
    """Yield what goes with the entries of a page, each once."""
    reader, host, of = actor_asking(request), desk.host, kind_of(request)
    for kind in kinds:
        named = dict.fromkeys(_related(desk, of, kind, entry) for entry in page)
        for ident in named:
            found = desk.directory.entry(host, kind, ident, reader) if ident else None
            if found is not None:
                yield included_entry(desk, request, entry_resource(kind, found))


def _related(desk: Desk, of: Kind, kind: Kind, entry: Entry) -> str:
    """Return the national identifier of what goes with an entry, empty where nothing does."""
    if kind == "Organization":
        return entry.structure
    return entry.ident if of != "Organization" else practising_in(desk.host, entry.ident)


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
