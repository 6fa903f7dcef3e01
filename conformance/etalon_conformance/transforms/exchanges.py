"""Standing before an application: whole requests and whole answers, seen as values.

Bodies are held in memory whole: these servers are made to be judged, not to bear a load.

Sources: ASGI, version 3 (HTTP connection scope and events).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast
from urllib.parse import parse_qsl, urlencode

from etalon_wire.bundles import Query
from etalon_wire.json_body import Json, Resource, read_value, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.parts import Application, Codec, Deciding, Message, Receive, Scope, Send, Transform
from etalon_wire.records.document_encoding import KEPT_LIMITS

Headers = tuple[tuple[bytes, bytes], ...]

_FORM: Final = b"application/x-www-form-urlencoded"
_SUCCESSES: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        scope: What the ASGI server says of it, kept for what is not below.
        verb: Method, in capitals.
        path: Path, decoded.
        query: Parameters of the address, in order.
        headers: Names in lower case, in order.
        body: Its bytes.
    """

    scope: Scope
    verb: str
    path: str
    query: Query
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Return the first header of a name in lower case, or nothing."""
        return next((value for key, value in self.headers if key == name), b"")

    def with_header(self, name: bytes, value: bytes | None) -> "Asked":
        """Return the request with one header of that name, or none."""
        return replace(self, headers=_with(self.headers, name, value))

    def with_body(self, body: bytes) -> "Asked":
        """Return the request with another body, and its length."""
        changed = replace(self, body=body)
        return changed.with_header(b"content-length", b"%d" % len(body))

    @property
    def form(self) -> Query | None:
        """The parameters of a form, in order, or None when the body is none."""
        if not self.header(b"content-type").lower().startswith(_FORM):
            return None
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    def asking(self, change: Callable[[Query], Query]) -> "Asked":
        """Return the request with other parameters, in its address and in its form."""
        changed = replace(self, query=change(self.query))
        form = self.form
        return changed if form is None else changed.with_body(urlencode(change(form)).encode())


@dataclass(frozen=True, slots=True)
class Told:
    """An answer.

    Attributes:
        status: HTTP status; 0 when the connection is cut without an answer.
        headers: Names in lower case, in order.
        body: Its bytes.
    """

    status: int
    headers: Headers
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the request was carried out."""
        return self.status in _SUCCESSES

    @property
    def resource(self) -> Resource:
        """The body read as JSON, or an empty object when it is none."""
        found = json_of(self.body) if b"json" in self.header(b"content-type") else None
        return found if isinstance(found, dict) else {}

    def header(self, name: bytes) -> bytes:
        """Return the first header of a name in lower case, or nothing."""
        return next((value for key, value in self.headers if key == name), b"")

    def with_header(self, name: bytes, value: bytes | None) -> "Told":
        """Return the answer with one header of that name, or none."""
        return replace(self, headers=_with(self.headers, name, value))

    def with_body(self, body: bytes) -> "Told":
        """Return the answer with another body, and its length."""
        changed = replace(self, body=body)
        return changed.with_header(b"content-length", b"%d" % len(body))

    def with_resource(self, resource: Resource) -> "Told":
        """Return the answer with another resource, in JSON."""
        return self.with_body(write_json(resource))


Onward = Callable[[Asked], Awaitable[Told]]
"""Has the application that was there answer."""

Exchange = Callable[[Asked, Onward], Awaitable[Told]]
"""Answers a request, with the application that was there or without."""


def json_of(body: bytes) -> Json:
    """Return the value that JSON writes, None when it is none."""
    try:
        return read_value(body, KEPT_LIMITS)
    except Malformed:
        return None


def objects_in(value: Json) -> list[Resource]:
    """Return the objects among the elements of a JSON array; none when it is no array."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def exchanging(exchange: Exchange) -> Transform:
    """Return the transform that answers through `exchange`."""

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return service, codec, _answering(app, exchange)

    return transform


def answering(
    change: Callable[[Asked, Told], Told], *, verb: str = "", path: str = ""
) -> Transform:
    """Return the transform that changes answers.

    Args:
        change: Gives the other answer.
        verb: Method of the requests concerned; every one when empty.
        path: What their path is, or begins with where it ends with a slash; every one when empty.
    """

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        return change(asked, told) if is_about(asked, verb, path) else told

    return exchanging(exchange)


def is_about(asked: Asked, verb: str, path: str) -> bool:
    """Whether a request has a method, and a path or one below it (`/fhir/`); empty is any."""
    if verb and asked.verb not in verb.split(","):
        return False
    return asked.path.startswith(path) if path.endswith("/") else path in {"", asked.path}


def _answering(app: Application, exchange: Exchange) -> Application:
    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def onward(asked: Asked) -> Told:
            return await _told(app, asked, receive)

        told = await exchange(await _asked(scope, receive), onward)
        if told.status:
            start: Message = {"type": "http.response.start", "status": told.status}
            start["headers"] = list(told.headers)
            await send(start)
            await send({"type": "http.response.body", "body": told.body})

    return answered


async def _asked(scope: Scope, receive: Receive) -> Asked:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(cast("bytes", message.get("body", b"")))
        if not message.get("more_body", False):
            break
    query = cast("bytes", scope["query_string"]).decode("latin-1")
    return Asked(
        scope,
        str(scope["method"]),
        str(scope["path"]),
        parse_qsl(query, keep_blank_values=True),
        tuple(cast("list[tuple[bytes, bytes]]", scope["headers"])),
        b"".join(parts),
    )


async def _told(app: Application, asked: Asked, receive: Receive) -> Told:
    body = [asked.body]
    status = 0
    headers: Headers = ()
    parts: list[bytes] = []

    async def given() -> Message:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        return await receive()

    async def kept(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = cast("int", message["status"])
            headers = tuple(cast("list[tuple[bytes, bytes]]", message["headers"]))
        else:
            parts.append(cast("bytes", message.get("body", b"")))

    await app(_scope_of(asked), given, kept)
    return Told(status, headers, b"".join(parts))


def _scope_of(asked: Asked) -> Scope:
    return {
        **asked.scope,
        "method": asked.verb,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": urlencode(asked.query).encode(),
        "headers": list(asked.headers),
    }


def _with(headers: Headers, name: bytes, value: bytes | None) -> Headers:
    """Return headers with `value` where the first of a name stood, or at the end."""
    if value is None:
        return tuple(one for one in headers if one[0] != name)
    if all(key != name for key, _ in headers):
        return (*headers, (name, value))
    return tuple((key, value if key == name else held) for key, held in headers)


def query_of(address: str) -> Mapping[str, str]:
    """Return the parameters of an address by name, the last of each."""
    return dict(parse_qsl(address.partition("?")[2], keep_blank_values=True))
