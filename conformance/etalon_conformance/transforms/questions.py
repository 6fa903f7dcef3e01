"""Servers that read requests otherwise."""

import hashlib
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from etalon_conformance.transforms.exchanges import (
    Asked,
    Onward,
    Told,
    exchanging,
    is_about,
    json_of,
    objects_in,
)
from etalon_wire.bundles import Query
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.parts import Transform

_PUBLISH: Final = "/fhir/DocumentReference"
_TRACES: Final = "/fhir/AuditEvent"
_SEARCH: Final = "/_search"
_TOKEN_PARTS: Final = 3
_SEVERAL: Final = 412


def _reading(chosen: Callable[[Asked], bool], change: Callable[[Asked], Asked]) -> Transform:
    """Return the transform that reads chosen requests as others."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        return await onward(change(asked) if chosen(asked) else asked)

    return exchanging(exchange)


def _is_search(path: str) -> Callable[[Asked], bool]:
    """Return whether a request searches at `path`, by address or by form."""
    return lambda asked: (asked.verb, asked.path) in {("GET", path), ("POST", path + _SEARCH)}


def _name(parameter: str) -> str:
    """Return the name of a parameter without its modifier."""
    return parameter.partition(":")[0]


def parameters_ignored(*, path: str, names: str) -> Transform:
    """Search as if some parameters had not been given."""
    ignored = frozenset(names.split(","))

    def change(query: Query) -> Query:
        return [(name, value) for name, value in query if _name(name) not in ignored]

    return _reading(_is_search(path), lambda asked: asked.asking(change))


def parameter_widened(*, path: str, name: str, value: str) -> Transform:
    """Search as if another value had been given for a parameter."""

    def change(query: Query) -> Query:
        return [(key, value if _name(key) == name else given) for key, given in query]

    return _reading(_is_search(path), lambda asked: asked.asking(change))


def first_value_only(*, path: str, names: str) -> Transform:
    """Read lists of values up to their first one."""
    cut = frozenset(names.split(","))

    def change(query: Query) -> Query:
        return [
            (name, value.partition(",")[0] if _name(name) in cut else value)
            for name, value in query
        ]

    return _reading(_is_search(path), lambda asked: asked.asking(change))


def form_not_read(*, kept: str) -> Transform:
    """Read some parameters only of a form."""
    known = frozenset(kept.split(","))

    def change(query: Query) -> Query:
        return [(name, value) for name, value in query if name in known or name[:1] == "_"]

    def chosen(asked: Asked) -> bool:
        return asked.verb == "POST" and asked.path == _PUBLISH + _SEARCH

    return _reading(chosen, lambda asked: asked.asking(change))


def bounds_assumed() -> Transform:
    """Search traces without bounds as if from the beginning."""

    def change(asked: Asked) -> Asked:
        given = [*asked.query, *(asked.form or ())]
        if any(_name(name) == "date" for name, _ in given):
            return asked
        return replace(asked, query=[*asked.query, ("date", "ge1900-01-01")])

    return _reading(_is_search(_TRACES), change)


def json_only() -> Transform:
    """Write JSON whatever is asked for, bytes of documents excepted."""

    def change(asked: Asked) -> Asked:
        query = [one for one in asked.query if one[0] != "_format"]
        return replace(asked, query=query).with_header(b"accept", b"application/fhir+json")

    def chosen(asked: Asked) -> bool:
        given = [value for name, value in asked.query if name == "_format"]
        asks = " ".join([*given, asked.header(b"accept").decode("latin-1")])
        is_raw = asked.path.startswith("/fhir/Binary/") and "fhir+xml" not in asks
        return asked.path.startswith("/fhir") and "xml" in asks and not is_raw

    return _reading(chosen, change)


def any_format_served() -> Transform:
    """Read a document in the form it has, whatever is accepted."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        if told.status != 406 or not asked.path.startswith("/fhir/Binary/"):  # noqa: PLR2004
            return told
        return await onward(asked.with_header(b"accept", b"*/*"))

    return exchanging(exchange)


def hash_mended() -> Transform:
    """Put the size and the hash that a simplified publish should have in the place of its own."""

    def change(asked: Asked) -> Asked:
        resource = json_of(asked.body)
        if not isinstance(resource, dict):
            return asked
        for content in objects_in(resource.get("content")):
            attachment = content.get("attachment")
            if isinstance(attachment, dict):
                _mend(attachment)
        return asked.with_body(write_json(resource))

    return _reading(lambda asked: is_about(asked, "POST", _PUBLISH), change)


def _mend(attachment: Resource) -> None:
    try:
        content = b64decode(str(attachment.get("data", "")), validate=True)
    except ValueError:
        return
    if not {"size", "hash"} <= attachment.keys() or not content:
        return
    attachment["size"] = len(content)
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    attachment["hash"] = b64encode(digest).decode()


def certificate_not_compared() -> Transform:
    """Take any client certificate for the one that a token is bound to."""

    def change(asked: Asked) -> Asked:
        extensions = cast("dict[str, dict[str, object]]", asked.scope.get("extensions") or {})
        bound = _thumbprint(asked.header(b"authorization"))
        ours = extensions.get("etalon", {})
        if not bound or not ours.get("certificate"):
            return asked
        known = {**extensions, "etalon": {**ours, "certificate": bound}}
        return replace(asked, scope={**asked.scope, "extensions": known})

    return _reading(lambda _: True, change)


def _thumbprint(authorization: bytes) -> str:
    """Return the thumbprint that a token is bound to, empty for none."""
    parts = authorization.partition(b" ")[2].strip().split(b".")
    if len(parts) != _TOKEN_PARTS:
        return ""
    try:
        claims: Json = json_of(urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    bound = claims.get("cnf") if isinstance(claims, dict) else None
    return str(bound.get("x5t#S256", "")) if isinstance(bound, dict) else ""


def last_token_reused() -> Transform:
    """Take a request of FHIR without a token for one of whoever came before."""
    last = b""

    def change(asked: Asked) -> Asked:
        nonlocal last
        given = asked.header(b"authorization")
        if given:
            last = given
            return asked
        return asked.with_header(b"authorization", last) if last else asked

    return _reading(lambda asked: is_about(asked, "", "/fhir/"), change)


def first_match_changed() -> Transform:
    """Change the first of the documents that a condition finds, however many there are."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        if told.status != _SEVERAL or not is_about(asked, "PATCH", _PUBLISH):
            return told
        for name, values in asked.query:
            for one in values.split(",") if name == "identifier" else ():
                alone = await onward(replace(asked, query=[(name, one)]))
                if alone.is_success:
                    return alone
        return told

    return exchanging(exchange)


def half_kept() -> Transform:
    """When a bundle is refused, keep what would have been accepted document by document."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        bundle = json_of(asked.body) if is_about(asked, "POST", "/fhir") else None
        if not told.is_success and isinstance(bundle, dict):
            for part in _parts(bundle):
                await onward(asked.with_body(write_json(part)))
        return told

    return exchanging(exchange)


def _parts(bundle: Resource) -> list[Resource]:
    """Return a bundle for each document of one; none when it has a document only."""
    entries = objects_in(bundle.get("entry"))
    documents = [one for one in entries if _kind(one) == "DocumentReference"]
    if len(documents) < 2:  # noqa: PLR2004 (half of one is none)
        return []
    return [_part(bundle, entries, str(one.get("fullUrl"))) for one in documents]


def _part(bundle: Resource, entries: list[Resource], kept: str) -> Resource:
    """Return the bundle of one document, with the Binary it points to and a list of it alone."""
    document = next(one for one in entries if one.get("fullUrl") == kept)
    pointed = write_json(document).decode()
    chosen: list[Json] = []
    for entry in entries:
        resource = entry.get("resource")
        if _kind(entry) == "List" and isinstance(resource, dict):
            listed = objects_in(resource.get("entry"))
            alone: list[Json] = [one for one in listed if kept in write_json(one).decode()]
            chosen.append({**entry, "resource": {**resource, "entry": alone}})
        elif entry is document or str(entry.get("fullUrl")) in pointed:
            chosen.append(entry)
    return {**bundle, "entry": chosen}


def _kind(entry: Resource) -> str:
    resource = entry.get("resource")
    return str(resource.get("resourceType")) if isinstance(resource, dict) else ""


MAKERS: Final = (
    parameters_ignored,
    parameter_widened,
    first_value_only,
    form_not_read,
    bounds_assumed,
    json_only,
    any_format_served,
    hash_mended,
    certificate_not_compared,
    last_token_reused,
    first_match_changed,
    half_kept,
)
