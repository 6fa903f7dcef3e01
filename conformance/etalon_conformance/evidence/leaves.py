"""What an answer tells that a later call may need: identifiers, tokens, links; where they are."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from etalon_conformance.evidence.stand_alone.looking import hidden_inputs, queried
from etalon_conformance.exchanges import Exchange
from etalon_target.messages import HttpResponse
from etalon_wire.json_body import Json

SHORTEST: Final = 4
"""Characters below which a value is too common to be known again."""

_OF_FHIR: Final = frozenset({"id", "reference", "url", "fullUrl", "location", "versionId", "etag"})
_IN_IDENTIFIERS: Final = frozenset({"value"})
_NO_NAME: Final = frozenset(
    {"state", "sex", "department", "profession", "kind", "channel", "clock", "vintage", "oid"}
    | {"token_type", "scope", "mode", "version", "policies", "wires", "seed"}
)
_HEADERS: Final = ("location", "content-location", "etag", "last-modified")
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_OF_MESSAGE: Final = frozenset({"status", "type", "body", "size", "text", "url", "accepted"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of an answer.

    Attributes:
        key: The member or the header that holds it.
        value: The value, a text.
        place: Where it is, as `looking.value` reads it: a path, and its rank there.
        entry: Rank of the entry of a Bundle that holds it, or -1.
        likely: It is of a kind that later calls name things by.
    """

    key: str
    value: str
    place: str
    entry: int
    likely: bool


def leaves(exchange: Exchange) -> Iterator[Leaf]:
    """Give the values of an answer, those of the body first."""
    if not isinstance(exchange.answer, HttpResponse):
        return
    tree = exchange.json()
    if isinstance(tree, dict | list):
        is_fhir = isinstance(tree, dict) and "resourceType" in tree
        ranks: Counter[str] = Counter()
        for path, key, value, entry, above in _scalars(tree):
            place = f".{path}" if path in _OF_MESSAGE else path
            rank = ranks[place]
            ranks[place] += 1
            likely = _is_likely(key, above, is_fhir=is_fhir)
            yield Leaf(key, value, f"{place}#{rank}" if rank else place, entry, likely)
    yield from _of_login(exchange)
    for name in _HEADERS:
        if exchange.header(name):
            yield Leaf(name, exchange.header(name), f"header:{name}", -1, likely=True)


def _of_login(exchange: Exchange) -> Iterator[Leaf]:
    """Give what a page of login hides in its form, and what its redirection bears in the query."""
    if exchange.media_type in _PAGES:
        for name, value in hidden_inputs(exchange.body.decode("utf-8", "replace")).items():
            yield Leaf(name, value, f"input:{name}", -1, likely=True)
    for name, value in queried(exchange.header("location")).items():
        yield Leaf(name, value, f"query:{name}", -1, likely=True)


def _is_likely(key: str, above: str, *, is_fhir: bool) -> bool:
    if not is_fhir:
        return key not in _NO_NAME
    if key == "url" and above.casefold().endswith("extension"):
        return False  # What an extension is called is the specification's, not the server's.
    if key.startswith("value") and above == "parameter":
        return True
    if key == "valueString" and above == "extension":
        return True  # A code just issued: some have no digit, and look like a word.
    return key in _OF_FHIR or (key in _IN_IDENTIFIERS and "dentifier" in above)


def _scalars(
    tree: Json, path: str = "", key: str = "", above: str = "", entry: int = -1
) -> Iterator[tuple[str, str, str, int, str]]:
    """Give path, member, value, entry and the member above, for every text."""
    if isinstance(tree, list):
        for rank, item in enumerate(tree):
            yield from _scalars(item, path, key, above, rank if path == "entry" else entry)
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            if name.replace("_", "").replace("-", "").replace("$", "").isalnum():
                further = f"{path}.{name}" if path else name
                yield from _scalars(value, further, name, key, entry)
    elif isinstance(tree, str) and tree:
        yield path, key, tree, entry, above
