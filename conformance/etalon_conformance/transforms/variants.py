"""Servers that differ from the reference and are right."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast
from urllib.parse import urlsplit

from etalon_conformance.transforms.answers import is_searched, paged
from etalon_conformance.transforms.exchanges import (
    Asked,
    Onward,
    Told,
    answering,
    exchanging,
    objects_in,
)
from etalon_wire.bundles import Query
from etalon_wire.json_body import Json, Resource
from etalon_wire.parts import Application, Codec, Deciding, Message, Receive, Scope, Send, Transform
from etalon_wire.records.search_parameters import PAGE

_DOCUMENT: Final = rb"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"
_OURS: Final = re.compile(
    rb'((?:DocumentReference|Binary|List|Patient)/|"id":"|<id value=")(' + _DOCUMENT + rb")"
)
_THEIRS: Final = re.compile(rb"d\.(" + _DOCUMENT + rb")")
_CHANGED_AT: Final = re.compile(rb'("lastUpdated":")([^"]+)"')
_DIGITS: Final = re.compile('"\ue000([^\ue000]+)\ue000"')
_JSON: Final = b"application/fhir+json"


def other_identifiers() -> Transform:
    """Write the identifiers of documents in another form, and read them back."""

    def read(text: str) -> str:
        return _THEIRS.sub(rb"\1", text.encode()).decode()

    async def exchange(asked: Asked, onward: Onward) -> Told:
        if not asked.path.startswith("/fhir"):
            return await onward(asked)
        query = [(name, read(value)) for name, value in asked.query]
        changed = replace(asked, path=read(asked.path), query=query)
        if asked.body:
            changed = changed.with_body(_THEIRS.sub(rb"\1", asked.body))
        told = await onward(changed)
        located = _OURS.sub(rb"\1d.\2", told.header(b"location"))
        told = told.with_header(b"location", located) if located else told
        is_resource = b"application/fhir+" in told.header(b"content-type")
        return told.with_body(_OURS.sub(rb"\1d.\2", told.body)) if is_resource else told

    return exchanging(exchange)


def entries_reversed() -> Transform:
    """Give the entries of a page in another order, unless one is asked for."""

    def change(asked: Asked, told: Told) -> Told:
        page = told.resource
        given = [*asked.query, *(asked.form or ())]
        if page.get("type") != "searchset" or any(name == "_sort" for name, _ in given):
            return told
        entries: list[Json] = [*reversed(objects_in(page.get("entry")))]
        return told.with_resource({**page, "entry": entries}) if entries else told

    return answering(change, path="/fhir/")


def page_size_bounded(*, most: str) -> Transform:
    """Give documents a few at a time."""

    def change(query: Query) -> Query:
        asked = next((value for name, value in query if name == "_count"), most)
        size = min(int(asked), int(most)) if asked.isdigit() else asked
        return [*(one for one in query if one[0] != "_count"), ("_count", str(size))]

    async def exchange(asked: Asked, onward: Onward) -> Told:
        if not is_searched(asked, "/fhir/DocumentReference") or _is_following(asked):
            return await onward(asked)
        if asked.verb == "GET":
            return await onward(replace(asked, query=change(asked.query)))
        return await onward(asked.asking(change) if asked.path.endswith("/_search") else asked)

    return exchanging(exchange)


def _is_following(asked: Asked) -> bool:
    """Whether a request is for a page that a link leads to."""
    return any(name == PAGE for name, _ in asked.query)


def without_total() -> Transform:
    """Leave the total of searches out."""

    def change(page: Resource) -> Resource:
        return {name: value for name, value in page.items() if name != "total"}

    return paged(change)


def chunked(*, bytes: str) -> Transform:  # noqa: A002 (the word of the table)
    """Send bodies in chunks, without their length."""
    size = int(bytes)

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return service, codec, _in_chunks(app, size)

    return transform


def _in_chunks(app: Application, size: int) -> Application:
    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            for part in _parts(message, size):
                await send(part)

        await app(scope, receive, sent)

    return answered


def _parts(message: Message, size: int) -> list[Message]:
    headers, body = message.get("headers"), message.get("body")
    if isinstance(headers, list):
        named = cast("list[tuple[bytes, bytes]]", headers)
        return [{**message, "headers": [one for one in named if one[0] != b"content-length"]}]
    if not isinstance(body, bytes) or not body:
        return [message]
    starts = range(0, len(body), size)
    whole = [{**message, "body": body[at : at + size], "more_body": True} for at in starts]
    return [*whole[:-1], {**message, "body": body[starts[-1] :]}]


def clock_ahead(*, seconds: str) -> Transform:
    """Date changes by a clock that is ahead."""
    ahead = timedelta(seconds=int(seconds))

    def later(found: re.Match[bytes]) -> bytes:
        at = datetime.fromisoformat(found[2].decode()) + ahead
        return found[1] + at.isoformat().encode() + b'"'

    return _in_json(lambda told: told.with_body(_CHANGED_AT.sub(later, told.body)))


def media_type_spelt(*, parameters: str) -> Transform:
    """Spell the media type of FHIR in capitals, with parameters."""
    spelt = b"Application/FHIR+JSON" + parameters.encode()
    return _in_json(lambda told: told.with_header(b"content-type", spelt))


def indented() -> Transform:
    """Write JSON on several lines, its keys in another order."""

    def change(told: Told) -> Told:
        # Decimals keep their digits as texts do: a float would lose those of 1.50.
        read = json.loads(told.body, parse_float=lambda digits: f"\ue000{digits}\ue000")
        written = json.dumps(_sorted(read), indent=2, ensure_ascii=False)
        return told.with_body(_DIGITS.sub(r"\1", written).encode())

    return _in_json(change)


def _sorted(value: Json) -> Json:
    """Return a value with the keys of its objects sorted, `resourceType` before all."""
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (name != "resourceType", name))
    return {name: _sorted(value[name]) for name in names}


def _in_json(change: Callable[[Told], Told]) -> Transform:
    """Return the transform that changes answers of FHIR in JSON."""

    def chosen(_asked: Asked, told: Told) -> Told:
        is_json = told.header(b"content-type").startswith(_JSON) and told.body
        return change(told) if is_json else told

    return answering(chosen)


def outcome_added() -> Transform:
    """Tell, among the entries of a search, how it was carried out."""
    issue: Resource = {"severity": "information", "code": "informational"}
    outcome: Resource = {"resourceType": "OperationOutcome", "issue": [issue]}

    def change(page: Resource) -> Resource:
        entries: list[Json] = [*objects_in(page.get("entry"))]
        return {**page, "entry": [*entries, {"resource": outcome, "search": {"mode": "outcome"}}]}

    return paged(change)


def location_relative() -> Transform:
    """Give the address of what is created from the root of the server on."""

    def change(_asked: Asked, told: Told) -> Told:
        address = told.header(b"location").decode()
        if not address or told.status != 201:  # noqa: PLR2004 (redirections lead elsewhere)
            return told
        return told.with_header(b"location", urlsplit(address).path.encode())

    return answering(change, path="/fhir/")


MAKERS: Final = (
    other_identifiers,
    entries_reversed,
    page_size_bounded,
    without_total,
    chunked,
    clock_ahead,
    media_type_spelt,
    indented,
    outcome_added,
    location_relative,
)
