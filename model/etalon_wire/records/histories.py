"""The history of a document: what is asked of it, and the bundle that answers.

A version is one state of the metadata of a document; a document that takes the place of another is
another resource, with a history of its own (REC-10, REC-11).

Source: FHIR R4, 3.1.0.12 (history; `_count`, `_since`, `_at`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, NamedTuple

from etalon_model.records.record import Document
from etalon_model.records.search import Within
from etalon_wire.bundles import Query, etag
from etalon_wire.json_body import Json, write_json
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named
from etalon_wire.records.at_hand import Search
from etalon_wire.records.instants import written
from etalon_wire.records.search_parameters import Asked, WrongError, dated, understand

HISTORY: Final = "DocumentReference/_history"
"""Under what the parameters of a history stand in `data/search_meanings.csv`."""

_DOCUMENT: Final = "DocumentReference"


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """What is asked of a history.

    Attributes:
        search: Its page, and what of its parameters is passed over.
        since: The first instant from which versions are told (UTC), or None.
        during: The instants at some of which a version stood, or None.
    """

    search: Search[Document]
    since: datetime | None
    during: Within | None

    def among(self, revisions: Sequence[Document]) -> list[Document]:
        """Return those asked for of all the versions of a document, the latest first."""
        found: list[Document] = []
        followed_at: datetime | None = None
        for one in revisions:
            if self._is_told(one, followed_at):
                found.append(one)
            followed_at = came_at(one)
        return found

    def _is_told(self, one: Document, followed_at: datetime | None) -> bool:
        came = came_at(one)
        if self.since is not None and came < self.since:
            return False
        if self.during is None:
            return True
        start, end = self.during.start, self.during.end
        has_come = end is None or came <= end
        return has_come and (followed_at is None or start is None or followed_at > start)


def came_at(version: Document) -> datetime:
    """Return when a version came to be (UTC)."""
    return version.changed_at or version.deposited_at


def read_history(query: Query, *, strict: bool) -> HistoryAsked | Fault:
    """Return what a history is asked for, or what is wrong with it.

    Args:
        query: Its parameters, in their order.
        strict: Refuse parameters that are not known.
    """
    try:
        understood = understand(HISTORY, query, strict=strict, sorts=())
        spans = {one.means: _span(one) for one in understood.asked}
    except WrongError as wrong:
        return wrong.fault
    since, during = spans.get("since"), spans.get("during")
    size, token = understood.page_size, understood.token
    search: Search[Document] = Search(Named(), (), size, token, understood.passed_over)
    return HistoryAsked(search, None if since is None else since.start, during)


def _span(asked: Asked) -> Within:
    """Return the instants that a date names.

    Raises:
        WrongError: It names none, or compares.
    """
    found = dated(asked)
    if found.prefix != "eq" or not asked.only()[:1].isdecimal():
        asked.refuse("a date like 2022-03-02, or with a time and a time zone, and no prefix")
    return found.within


class Revision(NamedTuple):
    """A version of a document as its reader sees it.

    Attributes:
        resource_id: The `id` of the document.
        version: The version.
        body: The resource, in JSON.
    """

    resource_id: str
    version: Document
    body: bytes


def write_history(
    revisions: Iterable[Revision],
    total: int,
    links: Mapping[str, str],
    base: str,
) -> bytes:
    """Write the page of a history in JSON.

    Args:
        revisions: The versions of the page, the latest first.
        total: How many there are in all that the reader may know of.
        links: Addresses by relation, as `bundles.links_of` gives them.
        base: Public address of the server, without a slash at its end.
    """
    said: list[Json] = [{"relation": name, "url": url} for name, url in links.items()]
    head = b'{"resourceType":"Bundle","type":"history","total":%d,"link":' % total
    entries = [_entry(one, base) for one in revisions]
    listed = b',"entry":[%b]' % b",".join(entries) if entries else b""
    return b"".join((head, write_json(said), listed, b"}"))


def _entry(revision: Revision, base: str) -> bytes:
    is_first = revision.version.revision == 1
    status = HTTPStatus.CREATED if is_first else HTTPStatus.OK
    address = f"{_DOCUMENT}/{revision.resource_id}"
    request: Json = {
        "method": "POST" if is_first else "PATCH",
        "url": _DOCUMENT if is_first else address,
    }
    response: Json = {
        "status": f"{status.value} {status.phrase}",
        "etag": etag(str(revision.version.revision)),
        "lastModified": written(came_at(revision.version)),
    }
    full_url = write_json(f"{base}/{address}")
    told = (full_url, revision.body, write_json(request), write_json(response))
    return b'{"fullUrl":%b,"resource":%b,"request":%b,"response":%b}' % told
