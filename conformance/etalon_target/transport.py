"""Requests over HTTP: bounded in time, size and redirections; every surprise is a value.

Redirections are followed for GET and HEAD alone, and what proves who asks stays on its origin. A
request is sent a second time only when a kept connection was dropped before any answer, and only
when sending it twice changes nothing (GET, HEAD, OPTIONS).

Sources: RFC 9110 (9.2.1 safe methods, 15.4 redirections), RFC 9112 (9.3 persistent connections).
"""

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import httpcore2

from etalon_target.matricules import withheld
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure
from etalon_target.network import PASSAGE, BoundedNetwork, Passage
from etalon_target.proxies import DIRECT, Proxy, Route

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FOLLOWED: Final = frozenset({301, 302, 303, 307, 308})
_ATTEMPTS: Final = 3
_IDLE_SECONDS: Final = 2.0
"""Kept connections are given up before servers usually close them (five seconds)."""
_CONNECTIONS: Final = 64
_PROOFS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_CODINGS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}

Observer = Callable[[HttpRequest, Answer], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an exchange may take.

    Attributes:
        seconds: From the first try to the last byte, redirections included.
        bytes: Of the body of an answer, after its content coding.
        redirects: How many redirections are followed.
    """

    seconds: float = 30.0
    bytes: int = 32 * 1024 * 1024
    redirects: int = 3


class TooLargeError(Exception):
    """An answer larger than the bounds; the message says by how much."""


class Transport:
    """The way to a target. May be used by several threads at once.

    Attributes:
        bounds: How much an exchange may take.
        observers: Told of every exchange, repeats and redirections included, in order.
        ends_at: Instant of `time.monotonic` after which no exchange lasts.
    """

    def __init__(
        self, bounds: Bounds, context: ssl.SSLContext | None = None, route: Route = DIRECT
    ) -> None:
        """Connect to nothing yet."""
        self.bounds = bounds
        self.observers: list[Observer] = []
        self.ends_at = inf
        self._context = context
        self._route = route
        self._network = BoundedNetwork()
        self._pools: dict[Proxy | None, httpcore2.ConnectionPool] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def send(self, request: HttpRequest) -> Answer:
        """Send a request whose address is absolute; follow redirections where they may be."""
        began = time.monotonic()
        hops: list[str] = []
        while True:
            answer = self._tried(request, min(began + self.bounds.seconds, self.ends_at))
            answer = replace(answer, seconds=time.monotonic() - began)
            if isinstance(answer, HttpResponse):
                answer = replace(answer, redirects=tuple(hops))
            for observe in self.observers:
                observe(request, answer)
            further = _redirected(request, answer)
            if further is None:
                return answer
            if len(hops) == self.bounds.redirects:
                detail = (
                    f"more than {self.bounds.redirects} redirections, the last to {further.url}"
                )
                return TransportFailure(FailureKind.REDIRECTS, detail, answer.seconds, True)  # noqa: FBT003 (said by its name)
            hops.append(further.url)
            request = further

    def _tried(self, request: HttpRequest, ends_at: float) -> Answer:
        """Send once, or again where a kept connection was dropped and that changes nothing."""
        attempts = _ATTEMPTS if request.verb in SAFE else 1
        while True:
            attempts -= 1
            passage = Passage(ends_at)
            answer = self._exchange(request, passage)
            dropped = isinstance(answer, TransportFailure) and answer.kind is FailureKind.DROPPED
            if not (dropped and passage.reused and attempts):
                return answer

    def _exchange(self, request: HttpRequest, passage: Passage) -> Answer:
        if (refused := withheld(request)) is not None:
            return refused
        proxy: Proxy | None = None
        reset = PASSAGE.set(passage)
        try:
            proxy = self._route.proxy_for(request.url)
            return self._received(request, self._pool(proxy))
        except _SURPRISES as error:
            return _failure(error, passage, proxy)
        finally:
            PASSAGE.reset(reset)

    def _pool(self, proxy: Proxy | None) -> httpcore2.ConnectionPool:
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._opened(proxy)
            return self._pools[proxy]

    def _opened(self, proxy: Proxy | None) -> httpcore2.ConnectionPool:
        if proxy is None:
            return httpcore2.ConnectionPool(
                ssl_context=self._context,
                max_connections=_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=self._network,
            )
        return httpcore2.HTTPProxy(
            proxy.address,
            proxy_auth=(proxy.user.encode(), proxy.password.encode()) if proxy.user else None,
            ssl_context=self._context,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._network,
        )

    def _received(self, request: HttpRequest, pool: httpcore2.ConnectionPool) -> HttpResponse:
        """Send a request and read the answer to its end.

        Raises:
            TooLargeError: The body is larger than the bounds.
        """
        sent = httpcore2.Request(
            request.verb, _ascii(request.url), headers=_headers(request), content=request.body
        )
        response = pool.handle_request(sent)
        try:
            headers = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in response.headers
            )
            answer = HttpResponse(response.status, headers, b"", 0.0, request.url)
            return replace(answer, body=self._body(request, answer, response.iter_stream()))
        finally:
            # What was not read to its end is closed; a peer that resets then changes nothing.
            with suppress(httpcore2.NetworkError, httpcore2.TimeoutException):
                response.close()

    def _body(self, request: HttpRequest, answer: HttpResponse, chunks: Iterator[bytes]) -> bytes:
        most = self.bounds.bytes
        announced = answer.header("content-length")
        if request.verb != "HEAD" and announced.isdecimal() and int(announced) > most:
            message = f"the answer announces {announced} bytes; at most {most} are read"
            raise TooLargeError(message)
        coding = answer.header("content-encoding").strip().lower()
        opened = zlib.decompressobj(_CODINGS[coding]) if coding in _CODINGS else None
        read = bytearray()
        for chunk in chunks:
            room = most - len(read) + 1
            read += chunk if opened is None else opened.decompress(chunk, room)
            if len(read) > most:
                message = f"the answer goes on beyond {most} bytes"
                raise TooLargeError(message)
        return bytes(read)


_SURPRISES: Final = (
    TooLargeError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProxyError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    zlib.error,
    ValueError,
)


def _headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    """Return the headers as they go, with those that HTTP asks for."""
    parts = urlsplit(request.url)
    own = {"host": parts.netloc.rpartition("@")[2], "accept-encoding": "identity"}
    if request.body or request.verb in {"POST", "PUT", "PATCH"}:
        own["content-length"] = str(len(request.body))
    given = {name.lower() for name, _ in request.headers}
    both = [pair for pair in own.items() if pair[0] not in given] + list(request.headers)
    return [(name.encode("latin-1"), value.encode("utf-8")) for name, value in both]


def _ascii(url: str) -> str:
    """Percent-encode what an address may not hold; leave what is encoded as it is."""
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~")


def _redirected(request: HttpRequest, answer: Answer) -> HttpRequest | None:
    """Return the request that a redirection asks for, or None."""
    if isinstance(answer, TransportFailure) or answer.status not in _FOLLOWED:
        return None
    location = answer.header("location")
    if not request.follows or request.verb not in {"GET", "HEAD"} or not location:
        return None
    try:
        target = urljoin(request.url, location)
        stays = _origin(target) == _origin(request.url)
    except ValueError:
        return None
    headers = request.headers
    if not stays:
        headers = tuple(pair for pair in headers if pair[0].lower() not in _PROOFS)
    return replace(request, url=target.partition("#")[0], headers=headers)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname or "", parts.port or default


def _kind(error: Exception, passage: Passage, proxy: Proxy | None) -> FailureKind:
    """Name a surprise by what it is, and by how far the exchange had come."""
    match error:
        case TooLargeError():
            return FailureKind.TOO_LARGE
        case httpcore2.ProxyError():
            return FailureKind.PROXY
        case httpcore2.TimeoutException() | httpcore2.NetworkError():
            return _network_kind(error, passage, proxy)
        case httpcore2.RemoteProtocolError():
            return _protocol_kind(passage)
        case zlib.error():
            return FailureKind.MALFORMED
        case _:
            return FailureKind.UNSENDABLE


def _network_kind(error: Exception, passage: Passage, proxy: Proxy | None) -> FailureKind:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes) and not passage.received:
        return FailureKind.TLS
    if isinstance(error, httpcore2.TimeoutException):
        return FailureKind.TIMEOUT
    if not passage.connected:
        if proxy is not None:
            return FailureKind.PROXY
        unresolved = any(isinstance(cause, socket.gaierror | UnicodeError) for cause in causes)
        return FailureKind.UNRESOLVED if unresolved else FailureKind.REFUSED
    return FailureKind.CUT_SHORT if passage.received else FailureKind.DROPPED


def _protocol_kind(passage: Passage) -> FailureKind:
    if not passage.ended:
        return FailureKind.MALFORMED
    return FailureKind.CUT_SHORT if passage.received else FailureKind.DROPPED


def _failure(error: Exception, passage: Passage, proxy: Proxy | None) -> TransportFailure:
    kind = _kind(error, passage, proxy)
    maybe = passage.sent and kind not in {FailureKind.TLS, FailureKind.PROXY}
    return TransportFailure(kind, str(error) or type(error).__name__, 0.0, maybe)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
