"""Pages of a search written from resources that are bytes already: nothing is read again.

Source: FHIR R4, 3.1.1.3 (searchset), as `etalon_wire.bundles.searchset` builds it of objects.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from etalon_wire.json_body import Json, Resource, write_json

_ADDRESS: Final = b'{"fullUrl":"'
_RESOURCE: Final = b'","resource":'
_MATCH: Final = b',"search":{"mode":"match"}}'
_INCLUDED: Final = b',"search":{"mode":"include"}}'


def write_searchset(
    found: Iterable[tuple[str, bytes]],
    total: int,
    links: Mapping[str, str],
    outcome: Resource | None = None,
) -> bytes:
    """Write the page of a search in JSON.

    Args:
        found: Address and bytes of each resource of the page, in the order of the search.
        total: How many match in all that the reader may know of.
        links: Addresses by relation, as `bundles.links_of` gives them.
        outcome: What is to be known about the search, or None.
    """
    entries = [write_entry(address, body) for address, body in found]
    return write_page(entries, total, links, outcome)


def write_page(
    entries: Iterable[bytes],
    total: int,
    links: Mapping[str, str],
    outcome: Resource | None = None,
) -> bytes:
    """Write the page of a search of entries that are written already."""
    said: list[Json] = [{"relation": name, "url": url} for name, url in links.items()]
    head = b'{"resourceType":"Bundle","type":"searchset","total":%d,"link":' % total
    listed = [*entries]
    if outcome is not None:
        listed.append(b'{"resource":' + write_json(outcome) + b',"search":{"mode":"outcome"}}')
    if not listed:
        return b"".join((head, write_json(said), b"}"))
    listed[0] = b"".join((head, write_json(said), b',"entry":[', listed[0]))
    listed[-1] += b"]}"
    # One join: a page may be long.
    return b",".join(listed)


def write_entry(address: str, body: bytes) -> bytes:
    """Write one entry of a page."""
    return entry_around(_written(address)[1:-1], body)


def entry_around(address: bytes, *body: bytes) -> bytes:
    """Write one entry of a page around the parts of a resource.

    Args:
        address: Where it stands, as JSON writes it between its quotes.
        body: The parts of its bytes.
    """
    return b"".join((_ADDRESS, address, _RESOURCE, *body, _MATCH))


def write_included(address: str, body: bytes) -> bytes:
    """Write one entry of a page that goes with those that match."""
    return b"".join((_ADDRESS, _written(address)[1:-1], _RESOURCE, body, _INCLUDED))


def resource_in(entry: bytes) -> bytes:
    """Return the resource of an entry that was written by `write_entry`."""
    return entry[entry.index(_RESOURCE) + len(_RESOURCE) : -len(_MATCH)]


def _written(text: str) -> bytes:
    """Write one text as JSON."""
    return write_json(text)
