"""Servers that answer otherwise."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.transforms.exchanges import (
    Asked,
    Onward,
    Told,
    answering,
    exchanging,
    is_about,
    json_of,
    objects_in,
)
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.parts import Transform

_PUBLISH: Final = "/fhir/DocumentReference"
_LIST: Final = "/fhir/List"
_UNPROCESSABLE: Final = frozenset({400, 404, 422})
_VERSION: Final = re.compile(rb'("versionId":)"\d+"')
_DENIED: Final = frozenset({401, 403})
_JSON: Final = (b"content-type", b"application/fhir+json")


def statuses_changed(*, verb: str, path: str, **values: str) -> Transform:
    """Answer another status (`to`) in the place of some (`from`)."""
    before = frozenset(int(one) for one in values["from"].split(","))

    def change(_asked: Asked, told: Told) -> Told:
        return Told(int(values["to"]), told.headers, told.body) if told.status in before else told

    return answering(change, verb=verb, path=path)


def without_header(*, verb: str, path: str, header: str) -> Transform:
    """Leave a header out."""
    return answering(lambda _, told: told.with_header(header.encode(), None), verb=verb, path=path)


def refused_outright(*, verb: str, path: str, status: str) -> Transform:
    """Know nothing of an interaction."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        return _outcome(int(status)) if is_about(asked, verb, path) else await onward(asked)

    return exchanging(exchange)


def _outcome(status: int) -> Told:
    issue: Resource = {"severity": "error", "code": "not-found"}
    body = write_json({"resourceType": "OperationOutcome", "issue": [issue]})
    return Told(status, (_JSON, (b"content-length", b"%d" % len(body))), body)


def shared_cache() -> Transform:
    """Serve whoever may not read a document the answer that somebody else got at its address."""
    kept: dict[tuple[str, str], Told] = {}

    def change(asked: Asked, told: Told) -> Told:
        key = asked.path, str(asked.query)
        if told.is_success:
            kept[key] = told
        return kept.get(key, told) if told.status in _DENIED else told

    return answering(change, verb="GET", path="/fhir/DocumentReference/")


def version_fixed() -> Transform:
    """Say of every version of a document that it is the first."""

    def change(_asked: Asked, told: Told) -> Told:
        changed = told.with_body(_VERSION.sub(rb'\1"1"', told.body)) if told.body else told
        return changed.with_header(b"etag", b'W/"1"') if told.header(b"etag") else changed

    def chosen(asked: Asked, told: Told) -> Told:
        is_document = asked.path.startswith(_PUBLISH) and b"json" in told.header(b"content-type")
        return change(asked, told) if is_document else told

    return answering(chosen)


def refusal_acknowledged(*, verb: str, statuses: str) -> Transform:
    """Answer a refused change of a document with the document as it stands, and 200."""
    refused = frozenset(int(one) for one in statuses.split(","))

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        if told.status not in refused or not is_about(asked, verb, _PUBLISH + "/"):
            return told
        read = Asked(asked.scope, "GET", asked.path, [], asked.headers, b"")
        found = await onward(read.with_body(b""))
        return found if found.is_success else told

    return exchanging(exchange)


def content_rewritten(*, found: str, put: str) -> Transform:
    """Read the bytes of texts otherwise than they were deposited."""
    pattern = re.compile(found.encode())
    put_there = put.encode().decode("unicode_escape").encode("latin-1")

    def change(_asked: Asked, told: Told) -> Told:
        is_text = told.header(b"content-type").startswith(b"text/plain")
        if not told.is_success or not is_text:
            return told
        return told.with_body(pattern.sub(put_there, told.body))

    return answering(change, verb="GET", path="/fhir/Binary/")


def set_of_publish_lost() -> Transform:
    """Keep documents of the simplified publish, and no submission set of them."""
    published: set[str] = set()

    def change(asked: Asked, told: Told) -> Told:
        found = told.resource
        if is_about(asked, "POST", _PUBLISH) and told.is_success:
            published.add(f"DocumentReference/{found.get('id')}")
        if not asked.path.startswith(_LIST) or not told.is_success:
            return told
        if found.get("resourceType") == "List":
            return _outcome(404) if _lists_only(found, published) else told
        return told.with_resource(_without_sets(found, published))

    return answering(change)


def _without_sets(page: Resource, published: set[str]) -> Resource:
    """Return a page of lists without those of documents that are all among some."""
    entries = objects_in(page.get("entry"))
    kept: list[Json] = [one for one in entries if not _lists_only(one.get("resource"), published)]
    if len(kept) == len(entries):
        return page
    others = {name: value for name, value in page.items() if name != "entry"}
    if isinstance(total := page.get("total"), int):
        others["total"] = total - len(entries) + len(kept)
    return {**others, "entry": kept} if kept else others


def _lists_only(resource: Json, published: set[str]) -> bool:
    """Whether a resource is a submission set of some documents and of no other."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "List":
        return False
    listed = [one.get("item") for one in objects_in(resource.get("entry"))]
    names = [str(one.get("reference")) for one in listed if isinstance(one, dict)]
    # Other ways of writing an address end alike.
    return bool(names) and all(any(name.endswith(one) for one in published) for name in names)


def invalid_swallowed() -> Transform:
    """Acknowledge an invalid simplified publish as if it had been kept."""

    def change(asked: Asked, told: Told) -> Told:
        sent = json_of(asked.body)
        if told.status not in _UNPROCESSABLE or not isinstance(sent, dict):
            return told
        address = (b"location", f"{_PUBLISH}/{'0' * 8}".encode())
        body = write_json({**sent, "id": "0" * 8})
        return Told(201, (_JSON, address), b"").with_body(body)

    return answering(change, verb="POST", path=_PUBLISH)


def unknown_is_empty() -> Transform:
    """Read a document that is not there as one without a byte."""

    def change(_asked: Asked, told: Told) -> Told:
        return Told(200, (), b"").with_body(b"") if told.status == 404 else told  # noqa: PLR2004

    return answering(change, verb="GET", path="/fhir/Binary/")


def errors_in_html() -> Transform:
    """Tell errors of FHIR on a page of HTML."""

    def change(_asked: Asked, told: Told) -> Told:
        if told.status < 400:  # noqa: PLR2004 (errors begin there)
            return told
        page = f"<html><body><h1>Error {told.status}</h1></body></html>".encode()
        return told.with_body(page).with_header(b"content-type", b"text/html")

    return answering(change, path="/fhir/")


def tokens_live_long(*, path: str, seconds: str) -> Transform:
    """Announce tokens good for longer than they may be."""

    def change(_asked: Asked, told: Told) -> Told:
        said = told.resource
        if "expires_in" not in said:
            return told
        return told.with_resource({**said, "expires_in": int(seconds)})

    return answering(change, verb="POST", path=path)


Pages = Callable[[Resource], Resource]


def paged(change: Pages, *, path: str = "") -> Transform:
    """Return the transform that changes the pages of searches."""

    def other(_asked: Asked, told: Told) -> Told:
        page = told.resource
        if not told.is_success or page.get("type") != "searchset":
            return told
        return told.with_resource(change(page))

    def chosen(asked: Asked, told: Told) -> Told:
        return other(asked, told) if is_searched(asked, path) else told

    return answering(chosen)


def is_searched(asked: Asked, path: str) -> bool:
    """Whether a request is a search at `path`, by address or by form; empty is any."""
    return not path or asked.path in {path, f"{path}/_search"}


def links_by_relation(page: Resource) -> Mapping[str, str]:
    """Return the addresses that a page links to."""
    return {str(one.get("relation")): str(one.get("url")) for one in objects_in(page.get("link"))}


def always_empty(*, path: str) -> Transform:
    """Find nothing."""
    return paged(_emptied, path=path)


def _emptied(page: Resource) -> Resource:
    links: list[Json] = [one for one in objects_in(page.get("link")) if one["relation"] == "self"]
    kept = {name: value for name, value in page.items() if name != "entry"}
    return {**kept, "total": 0, "link": links}


def nothing_found_refused(*, path: str, status: str) -> Transform:
    """Refuse a search that finds nothing."""

    def change(asked: Asked, told: Told) -> Told:
        found = told.resource
        is_empty = found.get("type") == "searchset" and found.get("total") == 0
        return _outcome(int(status)) if is_empty and is_searched(asked, path) else told

    return answering(change)


def without_link(*, path: str, relation: str) -> Transform:
    """Leave a link out of pages."""

    def change(page: Resource) -> Resource:
        links = objects_in(page.get("link"))
        kept: list[Json] = [one for one in links if one.get("relation") != relation]
        return {**page, "link": kept}

    return paged(change, path=path)


def page_loses_last(*, path: str) -> Transform:
    """Lose the last entry of each page that another one follows."""

    def change(page: Resource) -> Resource:
        entries = page.get("entry")
        if "next" not in links_by_relation(page) or not isinstance(entries, list):
            return page
        return {**page, "entry": entries[:-1]}

    return paged(change, path=path)


def total_of_the_page(*, path: str) -> Transform:
    """Count the entries of a page in the place of those of the search."""

    def change(page: Resource) -> Resource:
        return {**page, "total": len(objects_in(page.get("entry")))}

    return paged(change, path=path)


def next_is_self(*, path: str) -> Transform:
    """Have the link to the next page lead to the same one."""

    def change(page: Resource) -> Resource:
        itself = links_by_relation(page).get("self", "")
        links: list[Json] = [
            {**one, "url": itself} if one.get("relation") == "next" else one
            for one in objects_in(page.get("link"))
        ]
        return {**page, "link": links}

    return paged(change, path=path)


def _to_bundles(change: Callable[[list[Resource]], list[Json]]) -> Transform:
    """Return the transform that changes the entries of answers to bundles."""

    def other(_asked: Asked, told: Told) -> Told:
        answer = told.resource
        if answer.get("type") != "transaction-response":
            return told
        return told.with_resource({**answer, "entry": change(objects_in(answer.get("entry")))})

    return answering(other, verb="POST", path="/fhir")


def answers_reversed() -> Transform:
    """Answer the entries of a bundle in another order than theirs."""
    return _to_bundles(lambda entries: list(reversed(entries)))


def without_location() -> Transform:
    """Leave out where what a bundle creates is."""

    def change(entries: list[Resource]) -> list[Json]:
        return [{**one, "response": _unlocated(one.get("response"))} for one in entries]

    return _to_bundles(change)


def _unlocated(response: Json) -> Json:
    if not isinstance(response, dict):
        return response
    return {name: value for name, value in response.items() if name != "location"}


MAKERS: Final = (
    statuses_changed,
    without_header,
    refused_outright,
    shared_cache,
    version_fixed,
    refusal_acknowledged,
    content_rewritten,
    set_of_publish_lost,
    invalid_swallowed,
    unknown_is_empty,
    errors_in_html,
    tokens_live_long,
    always_empty,
    nothing_found_refused,
    without_link,
    page_loses_last,
    total_of_the_page,
    next_is_self,
    answers_reversed,
    without_location,
)
