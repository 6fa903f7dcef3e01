"""Pages of a search written from resources that are bytes already: nothing is read again.

Source: FHIR R4, 3.1.1.3 (searchset), as `etalon_wire.bundles.searchset` builds it of objects.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from etalon_wire.json_body import Json, Resource, write_json

_MATCH: Final = b',"search":{"mode":"match"}}'


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
    said: list[Json] = [{"relation": name, "url": url} for name, url in links.items()]
    head = b'{"resourceType":"Bundle","type":"searchset","total":%d,"link":' % total
    entries = [
        b'{"fullUrl":' + write_text(address) + b',"resource":' + body + _MATCH
        for address, body in found
    ]
    if outcome is not None:
        entries.append(b'{"resource":' + write_json(outcome) + b',"search":{"mode":"outcome"}}')
    held = b',"entry":[' + b",".join(entries) + b"]" if entries else b""
    return head + write_json(said) + held + b"}"


def write_text(text: str) -> bytes:
    """Write one text as JSON."""
    return write_json(text)
