"""Pages of what is at hand as a whole: lists, wishes, accesses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from etalon_server.asking import known_caller
from etalon_server.exchange import Answer, Desk, Refused, Request
from etalon_server.records.searching import (
    answer_page,
    links_to,
    passed_over,
    reader_of,
    understood_of,
)
from etalon_wire.bundles import Query
from etalon_wire.json_body import Resource, write_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.at_hand import Search
from etalon_wire.records.page_tokens import PageTokens
from etalon_wire.records.pages import write_entry, write_included
from etalon_wire.records.search_parameters import PAGE

S = TypeVar("S")
T = TypeVar("T")
_NO_MORE: Final[Mapping[str, str]] = MappingProxyType({})


def page_asked(desk: Desk, request: Request, search: Search[S]) -> int:
    """Return the number of the page that a search asks for, from 1.

    Raises:
        Refused: Its token is of another search, or of another reader.
    """
    tokens = PageTokens(desk.page_key)
    query = understood_of(request.query, search.passed_over)
    number = tokens.page_of(search.token, query, _reader(request))
    if isinstance(number, Fault):
        raise Refused(number)
    return number


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The page that a search asks for.

    Attributes:
        listed: What stands on it, in order.
        total: How many match in all.
        query: What was understood of the search.
        following: The parameters that lead to the next page, or None on the last one.
    """

    listed: Sequence[T]
    total: int
    query: Query
    following: Mapping[str, str] | None


def page_of(
    desk: Desk,
    request: Request,
    search: Search[S],
    found: Sequence[T],
    more: Mapping[str, str] = _NO_MORE,
) -> Page[T]:
    """Return the page that a search asks for of all that matches.

    Raises:
        Refused: The page is not there, or is of another search.
    """
    number, size = page_asked(desk, request, search), search.page_size
    pages = max(1, -(-len(found) // (size or 1)))
    if number > pages:
        message = f"the page is not there any more: there are {pages}; search again"
        raise Refused(Fault("PARAMETER_WRONG", message, PAGE))
    following, query = None, understood_of(request.query, search.passed_over)
    if size and number < pages:
        tokens = PageTokens(desk.page_key)
        token = tokens.token(number + 1, [*query, *more.items()], _reader(request))
        following = {PAGE: token, **more}
    return Page(found[(number - 1) * size :][:size], len(found), query, following)


def answer_page_of(  # noqa: PLR0913, PLR0917 (a page is made of as much)
    desk: Desk,
    request: Request,
    search: Search[S],
    found: Sequence[T],
    resource_of: Callable[[T], Resource],
    more: Mapping[str, str] = _NO_MORE,
) -> Answer:
    """Answer the page that a search asks for.

    Args:
        desk: Of the server.
        request: The request.
        search: What it asks for.
        found: All that matches, in order.
        resource_of: The resource that one of them becomes; it has an `id`.
        more: What the link to the next page adds to the search.

    Raises:
        Refused: The page is not there, or is of another search.
    """

    def entries_of(page: Sequence[T]) -> list[bytes]:
        listed = [resource_of(one) for one in page]
        return [matching_entry(desk, request, one) for one in listed]

    return answer_entries_of(desk, request, search, found, entries_of, more)


def answer_entries_of(  # noqa: PLR0913, PLR0917 (a page is made of as much)
    desk: Desk,
    request: Request,
    search: Search[S],
    found: Sequence[T],
    entries_of: Callable[[Sequence[T]], Sequence[bytes]],
    more: Mapping[str, str] = _NO_MORE,
) -> Answer:
    """Answer the page that a search asks for, of entries that may be written already.

    Args:
        desk: Of the server.
        request: The request.
        search: What it asks for.
        found: All that matches, in order.
        entries_of: The entries that the things of a page become.
        more: What the link to the next page adds to the search.

    Raises:
        Refused: The page is not there, or is of another search.
    """
    page = page_of(desk, request, search, found, more)
    entries = entries_of(page.listed)
    outcome = passed_over(search.passed_over)
    links = links_to(request, page.query, page.following)
    return answer_page(desk, request, entries, page.total, links, outcome)


def _reader(request: Request) -> str:
    """Return who reads a page; of what is open, anybody."""
    return "" if request.interaction.is_open else reader_of(known_caller(request))


def matching_entry(desk: Desk, request: Request, resource: Resource) -> bytes:
    """Return the entry of a resource that was searched for."""
    address = f"{request.base}/{request.interaction.resource}/{resource['id']}"
    return write_entry(address, write_json(desk.codec.leaving(resource)))


def included_entry(desk: Desk, request: Request, resource: Resource) -> bytes:
    """Return the entry of a resource that goes with those of a page."""
    address = f"{request.base}/{resource['resourceType']}/{resource['id']}"
    return write_included(address, write_json(desk.codec.leaving(resource)))
