"""Stands between a client and a server that are not ours, and keeps what goes by.

The client is given the address of this proxy for that of the server. Where a text of either says
the other address, it is written anew; documents are passed on byte for byte.

Sources: RFC 9110 (7.6: forwarding, connection headers), RFC 9112 (message framing).
"""

import http.client
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Final, cast
from urllib.parse import urlsplit

from etalon_conformance.exchanges import Exchange
from etalon_target.messages import (
    Answer,
    FailureKind,
    Headers,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)

BODY_MOST: Final = 64 * 1024 * 1024
_BAD_GATEWAY: Final = 502
_TOO_LARGE: Final = 413
_BAD_REQUEST: Final = 400
_OF_CONNECTION: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("trailer", "transfer-encoding", "upgrade", "content-length", "host", "accept-encoding"),
    }
)
_WRITTEN_ANEW: Final = (
    "application/fhir+json",
    "application/fhir+xml",
    "application/json",
    "text/html",
)
"""Media types whose texts say addresses; documents are of others."""

_BODILESS: Final = frozenset({204, 304})
_LINE_MOST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server behind.

    Attributes:
        origin: Its scheme, host and port.
        seconds: How long it may take to answer.
        context: What its connections are secured with, or None for plain HTTP.
    """

    origin: str
    seconds: float
    context: ssl.SSLContext | None = None

    def ask(self, verb: str, target: str, headers: Headers, body: bytes) -> HttpResponse:
        """Pass a request on.

        Raises:
            OSError: No answer came.
            HTTPException: What came is no HTTP.
        """
        where = urlsplit(self.origin)
        connection: http.client.HTTPConnection
        if self.context is None:
            connection = http.client.HTTPConnection(where.netloc, timeout=self.seconds)
        else:
            connection = http.client.HTTPSConnection(
                where.netloc, timeout=self.seconds, context=self.context
            )
        began = monotonic()
        try:
            connection.putrequest(verb, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Accept-Encoding", "identity")
            if body or verb in {"POST", "PUT", "PATCH"}:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            read = answer.read(BODY_MOST + 1)
            told = tuple((name.lower(), value) for name, value in answer.getheaders())
            seconds = monotonic() - began
            return HttpResponse(answer.status, told, read, seconds, self.origin + target)
        finally:
            connection.close()


class Watching(ThreadingHTTPServer):
    """The proxy.

    Attributes:
        upstream: The server behind.
        origin: Scheme, host and port under which clients reach this one.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        upstream: Upstream,
        keep: Callable[[Exchange], None],
        tls: ssl.SSLContext | None = None,
        origin: str = "",
    ) -> None:
        """Listen, and wait for `serve_forever`.

        Args:
            address: Interface and port; 0 for one that is free.
            upstream: The server behind.
            keep: Called with each exchange, one at a time.
            tls: What clients' connections are secured with, or None.
            origin: Where clients reach it; by its interface and port when empty.

        Raises:
            OSError: Nothing can listen there.
        """
        super().__init__(address, _Handler)
        self.upstream = upstream
        self._keep = keep
        self._tls = tls
        self._lock = threading.Lock()
        self._number = 0
        scheme = "http" if tls is None else "https"
        self.origin = origin or f"{scheme}://{address[0]}:{self.server_address[1]}"

    def kept(self, at: datetime, request: HttpRequest, answer: Answer) -> None:
        """Keep an exchange."""
        with self._lock:
            self._number += 1
            self._keep(Exchange(self._number, at, None, request, answer))

    def secured(self, handler: "_Handler") -> None:
        """Secure a connection, on the thread that serves it: no client keeps another waiting."""
        if self._tls is not None:
            handler.request = self._tls.wrap_socket(handler.request, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a connection go that broke: its client knows."""


class _RefusedBodyError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def _proxy(self) -> Watching:
        return cast("Watching", self.server)

    def setup(self) -> None:
        self.request.settimeout(self.timeout)
        self._proxy.secured(self)
        super().setup()

    def handle_one_request(self) -> None:
        """Take one request, whatever its method is called."""
        self.raw_requestline = self.rfile.readline(_LINE_MOST + 1)
        self.close_connection = not 0 < len(self.raw_requestline) <= _LINE_MOST
        if self.close_connection or not self.parse_request():
            return
        at = datetime.now(UTC)
        try:
            body = self._body()
        except _RefusedBodyError as refused:
            self.close_connection = True
            self.send_error(refused.status)
            return
        self._pass_on(at, body)

    def _body(self) -> bytes:
        """Read the body.

        Raises:
            _RefusedBodyError: It is too large, or none.
        """
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        told = self.headers.get("Content-Length", "0")
        if not told.isdigit():
            raise _RefusedBodyError(_BAD_REQUEST)
        if int(told) > BODY_MOST:
            raise _RefusedBodyError(_TOO_LARGE)
        return self.rfile.read(int(told))

    def _chunks(self) -> bytes:
        read = b""
        while True:
            try:
                size = int(self.rfile.readline(100).partition(b";")[0], 16)
            except ValueError:
                raise _RefusedBodyError(_BAD_REQUEST) from None
            if size < 0 or len(read) + size > BODY_MOST:
                raise _RefusedBodyError(_TOO_LARGE)
            read += self.rfile.read(size)
            if not size:
                while self.rfile.readline(_LINE_MOST).strip():
                    pass
                return read
            self.rfile.readline(3)

    def _pass_on(self, at: datetime, body: bytes) -> None:
        ours, theirs = self._proxy.origin, self._proxy.upstream.origin
        came = tuple(self.headers.items())
        request = HttpRequest(self.command, ours + self.path, came, body)
        headers = tuple(
            (name, value.replace(ours, theirs))
            for name, value in came
            if name.lower() not in _OF_CONNECTION
        )
        sent = _anew(body, self.headers.get("Content-Type", ""), ours, theirs)
        began = monotonic()
        try:
            answer = self._proxy.upstream.ask(self.command, self.path, headers, sent)
        except (OSError, http.client.HTTPException) as error:
            kind = FailureKind.TIMEOUT if isinstance(error, TimeoutError) else FailureKind.DROPPED
            seconds = monotonic() - began
            failure = TransportFailure(kind, str(error), seconds, maybe_applied=True)
            self._proxy.kept(at, request, failure)
            self.send_error(_BAD_GATEWAY, explain="the server behind does not answer")
            return
        told = _anew(answer.body, answer.header("content-type"), theirs, ours)
        kept = tuple((name, value.replace(theirs, ours)) for name, value in answer.headers)
        whole = HttpResponse(answer.status, kept, told, answer.seconds, ours + self.path)
        self._proxy.kept(at, request, whole)
        self._answer(whole)

    def _answer(self, answer: HttpResponse) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name not in _OF_CONNECTION:
                self.send_header(name, value)
        if answer.status not in _BODILESS:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in _BODILESS:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
        """Say nothing on the terminal of who watches."""


def _anew(body: bytes, media_type: str, before: str, after: str) -> bytes:
    """Return a body in which one address stands for another; documents are left as they are."""
    if media_type.partition(";")[0].strip().lower() not in _WRITTEN_ANEW:
        return body
    return body.replace(before.encode(), after.encode())
