"""Bundles that answer: the page of a search, and what became of each entry of a transaction.

Sources: FHIR R4, 3.1.0.11.2 (transaction response) and 3.1.1.3 (search response); IHE MHD, ITI-65
to ITI-67: as many entries as were asked, in the same order; a search that found nothing is a
searchset too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote_plus

from etalon_wire.json_body import Json, Resource

Query = Sequence[tuple[str, str]]
"""Parameters of a search, in the order they were given."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One resource of a searchset.

    Attributes:
        full_url: Its address.
        resource: The resource, as its reader may see it.
        included: True when it was not searched for but goes with one that was.
    """

    full_url: str
    resource: Resource
    included: bool = False


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """What became of one entry of a transaction or a batch.

    Attributes:
        status: The HTTP status it would have had alone.
        location: Address of what it made or changed, or an empty string.
        version: Its `versionId`, or an empty string.
        changed_at: When it changed, aware, or None.
        outcome: Why it was refused, or what is to be known, or None.
    """

    status: int
    location: str = ""
    version: str = ""
    changed_at: datetime | None = None
    outcome: Resource | None = None


def searchset(
    hits: Iterable[Hit],
    total: int,
    links: Mapping[str, str],
    outcome: Resource | None = None,
) -> Resource:
    """Build the page of a search.

    Args:
        hits: The resources of the page, in the order of the search.
        total: How many match in all that the reader may know of; what is hidden is not counted.
        links: Addresses by relation: `self`, and `next` where there is another page.
        outcome: What is to be known about the search, such as parameters passed over.
    """
    entries: list[Json] = [_hit(hit) for hit in hits]
    if outcome is not None:
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": total}
    bundle["link"] = [{"relation": name, "url": url} for name, url in links.items()]
    if entries:
        bundle["entry"] = entries
    return bundle


def links_of(address: str, query: Query, following: Mapping[str, str] | None) -> dict[str, str]:
    """Return the links of a page.

    Args:
        address: Address that was searched, without its query.
        query: What was asked, in its order.
        following: The parameters that lead to the next page, in the place of those of the same
            name, or None on the last one.
    """
    links = {"self": _address(address, query)}
    if following is not None:
        kept = [(name, value) for name, value in query if name not in following]
        links["next"] = _address(address, [*kept, *following.items()])
    return links


def transaction_response(answers: Iterable[EntryAnswer]) -> Resource:
    """Answer a transaction that was carried out: one entry each, in the order of the request."""
    return _responses("transaction-response", answers)


def batch_response(answers: Iterable[EntryAnswer]) -> Resource:
    """Answer a batch: each entry stands or falls alone, and says why in its outcome."""
    return _responses("batch-response", answers)


def _responses(kind: str, answers: Iterable[EntryAnswer]) -> Resource:
    entries: list[Json] = [{"response": _response(answer)} for answer in answers]
    bundle: Resource = {"resourceType": "Bundle", "type": kind}
    if entries:
        bundle["entry"] = entries
    return bundle


def _response(answer: EntryAnswer) -> Json:
    status = HTTPStatus(answer.status)
    response: dict[str, Json] = {"status": f"{status.value} {status.phrase}"}
    if answer.location:
        response["location"] = answer.location
    if answer.version:
        response["etag"] = etag(answer.version)
    if answer.changed_at is not None:
        response["lastModified"] = answer.changed_at.isoformat(timespec="milliseconds")
    if answer.outcome is not None:
        response["outcome"] = answer.outcome
    return response


def etag(version: str) -> str:
    """Return the weak entity tag of a version, as FHIR writes it."""
    return f'W/"{version}"'


def _hit(hit: Hit) -> Json:
    mode = "include" if hit.included else "match"
    return {"fullUrl": hit.full_url, "resource": hit.resource, "search": {"mode": mode}}


def _address(address: str, query: Query) -> str:
    if not query:
        return address
    return f"{address}?{'&'.join(f'{_quoted(name)}={_quoted(value)}' for name, value in query)}"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote_plus(text, safe=":,/")
