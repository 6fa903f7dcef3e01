"""Serving the page below `/witness`, before whatever else answers there.

A browser is given one style sheet and one script of ours, and may ask nobody else. What changes a
session is taken from this page alone: a form that another site sends is refused.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol, cast
from urllib.parse import parse_qs

from etalon_conformance.witness.page.drawing import Shown, page, parts
from etalon_conformance.witness.session import Word
from etalon_text.language import Language
from etalon_wire.parts import Application, Message, Receive, Scope, Send

PREFIX: Final = "/witness"
_FILES: Final = Path(__file__).with_name("templates")
_TYPES: Final = {
    "icon.svg": "image/svg+xml",
    "page.css": "text/css",
    "page.js": "text/javascript",
}
_WORDS: Final[Mapping[str, Word]] = {"done": "done", "skip": "skip", "stop": "stop"}
_FORM_MOST: Final = 200
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OWN_SITE: Final = frozenset({"same-origin", "none"})

Headers = Mapping[str, str]


class Led(Shown, Protocol):
    """A session that is shown, and that its operator leads."""

    def tell(self, word: Word, /) -> None:
        """Take a word of the operator."""
        ...


class _Answer:
    __slots__ = ("body", "headers", "status")

    def __init__(
        self, status: int, body: bytes = b"", kind: str = "text/plain", **headers: str
    ) -> None:
        self.status = status
        self.body = body
        told = {
            "content-type": f"{kind}; charset=utf-8",
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "content-security-policy": _POLICY,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            **headers,
        }
        self.headers = [(name.encode(), value.encode()) for name, value in told.items()]


def witness_page(session: Led) -> Callable[[Application], Application]:
    """Return what puts the page of a session before an application."""

    def before(app: Application) -> Application:
        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            if scope.get("type") == "http" and (path == PREFIX or path.startswith(f"{PREFIX}/")):
                await _serve(session, scope, receive, send)
            else:
                await app(scope, receive, send)

        return answering

    return before


async def _serve(session: Led, scope: Scope, receive: Receive, send: Send) -> None:
    answer = await _answered(session, scope, receive)
    started: Message = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": answer.headers,
    }
    await send(started)
    body = b"" if scope.get("method") == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})


async def _answered(session: Led, scope: Scope, receive: Receive) -> _Answer:
    verb, path = scope.get("method"), str(scope["path"]).removeprefix(PREFIX).strip("/")
    headers = _headers_of(scope)
    if path == "tell":
        return await _told(session, headers, receive) if verb == "POST" else _Answer(405)
    if verb not in {"GET", "HEAD"}:
        return _Answer(405)
    if path in _TYPES:
        return _Answer(200, (_FILES / path).read_bytes(), _TYPES[path])
    return _drawn(session, path, _language(scope, headers))


def _drawn(session: Led, path: str, language: Language) -> _Answer:
    if path == "parts":
        content = json.dumps(parts(session, language), ensure_ascii=False)
        return _Answer(200, content.encode(), "application/json")
    if path:
        return _Answer(404)
    return _Answer(200, page(session, language).encode(), "text/html")


async def _told(session: Led, headers: Headers, receive: Receive) -> _Answer:
    """Take a word of the operator from a form of this page."""
    if not _is_own(headers):
        return _Answer(403)
    received = b""
    while len(received) <= _FORM_MOST:
        message = await receive()
        if message["type"] != "http.request":
            return _Answer(400)
        part = message.get("body", b"")
        received += part if isinstance(part, bytes) else b""
        if not message.get("more_body"):
            break
    form = parse_qs(received[: _FORM_MOST + 1].decode("utf-8", "replace"))
    word = form.get("word", [""])[0]
    if word not in _WORDS:
        return _Answer(400)
    session.tell(_WORDS[word])
    language = "en" if form.get("lang") == ["en"] else "fr"
    return _Answer(303, location=f"{PREFIX}?lang={language}")


def _is_own(headers: Headers) -> bool:
    """Whether a form comes from this page, as browsers say; programs say nothing of it."""
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if site and site not in _OWN_SITE:
        return False
    return not origin or origin.partition("://")[2] == headers.get("host", "")


def _language(scope: Scope, headers: Headers) -> Language:
    query = scope.get("query_string", b"")
    asked = parse_qs(query.decode("ascii", "replace") if isinstance(query, bytes) else "")
    for one in (*asked.get("lang", ()), *headers.get("accept-language", "").split(",")):
        code = one.strip().partition(";")[0].partition("-")[0].lower()
        if code in {"fr", "en"}:
            return "en" if code == "en" else "fr"
    return "fr"


def _headers_of(scope: Scope) -> Headers:
    pairs = cast("list[tuple[bytes, bytes]]", scope.get("headers") or [])
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
