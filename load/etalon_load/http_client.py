# pyright: standard
"""HTTP/1.1 for very many journeys of one process: gevent's sockets, kept open, bounded.

A journey waits on its own socket while others go on. Every surprise is a `FailedError` that says
what happened. A kept connection that turns out to be closed is replaced once, where sending twice
changes nothing (GET, HEAD); a connection idle for seconds is given up before it is used again.

Sources: RFC 9112 (6.3 message body length, 7.1 chunked, 9.3 persistence), RFC 9110 (9.2.1).
"""

import ssl
import time
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple, TypeAlias

from gevent import socket

from etalon_load.plain_connection import PlainConnection
from etalon_load.proxying import Through, tunnel

_PIECE: Final = 1 << 16
_HEAD_END: Final = b"\r\n\r\n"
_HEAD_MOST: Final = 1 << 16
_SAFE: Final = frozenset({"GET", "HEAD"})
_BODILESS: Final = frozenset({204, 304})
_INTERIM: Final = 200
_IDLE_SECONDS: Final = 3.0
_CHUNK_LINE_MOST: Final = 256
_IPV4: Final = 4

Connection: TypeAlias = socket.socket | PlainConnection


class FailedError(OSError):
    """A request without an answer; the message says why."""


class NotConnectedError(FailedError):
    """Nobody took a connection: nothing was sent."""


class _ClosedError(FailedError):
    """The other side closed before it said anything."""


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: Of the answer.
        head: Its head as it came.
        body: Its body.
    """

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return the first value of a header, an empty string when there is none."""
        at = self.head.lower().find(b"\r\n" + name.lower().encode() + b":")
        if at < 0:
            return ""
        start = at + len(name) + 3
        return self.head[start:].split(b"\r\n", 1)[0].strip().decode("latin-1")


class Client:
    """Connections to one address.

    Attributes:
        opened: How many were opened so far.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (where to, how, within which bounds)
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None = None,
        seconds: float = 30.0,
        most_bytes: int = 32 << 20,
        through: Through | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            host: Name or address.
            port: Of the server.
            context: Of TLS, verifying; None for plain HTTP.
            seconds: How long an exchange may take.
            most_bytes: Of the body of an answer.
            through: The proxy on the way, or None.
        """
        self.opened = 0
        self._place = (host, port)
        self._context = context
        self._seconds = seconds
        self._most = most_bytes
        self._through = through
        self._named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._host = f" HTTP/1.1\r\nHost: {self._named}\r\n".encode()
        self._start = ""
        if through is not None and context is None:
            self._start = f"http://{self._named}"
            self._host += through.proof
        self._idle: list[tuple[float, Connection]] = []

    def send(self, verb: str, path: str, headers: bytes = b"", body: bytes = b"") -> Answer:
        """Send a request and wait for its answer.

        Args:
            verb: Of the request.
            path: With its query, as written on the wire.
            headers: Lines of headers, each ended by CR LF.
            body: Of the request; its length is said here.

        Raises:
            FailedError: No whole answer came in time and within the bounds.
        """
        message = f"{verb} {self._start}{path}".encode("ascii") + self._host + headers
        if body or verb not in _SAFE:
            message += b"Content-Length: %d\r\n" % len(body)
        message += b"\r\n" + body
        ends = time.perf_counter() + self._seconds
        connection, kept = self._connection()
        try:
            return self._exchanged(connection, message, verb, ends)
        except _ClosedError:
            if not kept or verb not in _SAFE:
                raise
        return self._exchanged(self._opened(), message, verb, ends)

    def close(self) -> None:
        """Close the connections that wait."""
        while self._idle:
            self._idle.pop()[1].close()

    def _connection(self) -> tuple[Connection, bool]:
        """Return a connection, and whether it was used before."""
        oldest = time.perf_counter() - _IDLE_SECONDS
        while self._idle:
            since, connection = self._idle.pop()
            if since >= oldest and not (type(connection) is PlainConnection and connection.is_over):
                return connection, True
            connection.close()
        return self._opened(), False

    def _opened(self) -> Connection:
        through, place = self._through, self._place
        try:
            reached = place if through is None else (through.host, through.port)
            connection = _connected(reached, self._seconds)
        except OSError as error:
            raise NotConnectedError(_said(error)) from error
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                if through is not None:
                    tunnel(connection, self._named, through.proof)
                connection = self._context.wrap_socket(connection, server_hostname=place[0])
        except OSError as error:
            connection.close()
            raise FailedError(_said(error)) from error
        self.opened += 1
        return connection if self._context else PlainConnection(connection, self._seconds)

    def _exchanged(self, connection: Connection, message: bytes, verb: str, ends: float) -> Answer:
        try:
            connection.sendall(message)
            answer, stays = _Reader(connection, ends, self._most).answer(verb)
        except FailedError:
            connection.close()
            raise
        except (OSError, ValueError) as error:
            connection.close()
            lost = isinstance(error, ConnectionResetError | BrokenPipeError)
            raise (_ClosedError if lost else FailedError)(_said(error)) from error
        except BaseException:
            connection.close()
            raise
        if stays:
            self._idle.append((time.perf_counter(), connection))
        else:
            connection.close()
        return answer


def _connected(place: tuple[str, int], seconds: float) -> socket.socket:
    """Return a connection; an address that is a number is not looked up as a name.

    Raises:
        OSError: None can be had.
    """
    family = _family_of(place[0])
    if family is None:
        return socket.create_connection(place, timeout=seconds)
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    return connection


@lru_cache
def _family_of(host: str) -> int | None:
    """Return the family of an address that is a number, None for a name."""
    try:
        version = ip_address(host).version
    except ValueError:
        return None
    return socket.AF_INET if version == _IPV4 else socket.AF_INET6


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


class _Reader:
    """The bytes of one answer."""

    __slots__ = ("_connection", "_ends", "_held", "_most")

    def __init__(self, connection: Connection, ends: float, most: int) -> None:
        self._connection = connection
        self._ends = ends
        self._most = most
        self._held = b""

    def answer(self, verb: str) -> tuple[Answer, bool]:
        """Return the answer, and whether the connection stays open."""
        status, whole = self._head()
        while status < _INTERIM:
            status, whole = self._head()
        head = whole.lower()
        stays = b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")
        if status in _BODILESS or verb == "HEAD":
            return Answer(status, whole, b""), stays
        if b"\r\ntransfer-encoding: chunked" in head:
            return Answer(status, whole, self._chunked()), stays
        length = _length(head)
        if length is None:
            return Answer(status, whole, self._rest()), False
        if length > self._most:
            message = f"{length} bytes are announced, and at most {self._most} are read"
            raise FailedError(message)
        return Answer(status, whole, self._exactly(length)), stays

    def _more(self) -> bytes:
        if time.perf_counter() > self._ends:
            message = "the answer was not whole in time"
            raise FailedError(message)
        return self._connection.recv(_PIECE)

    def _head(self) -> tuple[int, bytes]:
        while (end := self._held.find(_HEAD_END)) < 0:
            piece = self._more()
            if not piece:
                message = "closed before an answer" if not self._held else "closed within a head"
                raise (FailedError if self._held else _ClosedError)(message)
            self._held += piece
            if len(self._held) > _HEAD_MOST and _HEAD_END not in self._held[:_HEAD_MOST]:
                message = f"a head of more than {_HEAD_MOST} bytes"
                raise FailedError(message)
        head, self._held = self._held[:end], self._held[end + len(_HEAD_END) :]
        if not head.startswith(b"HTTP/1.") or not head[9:12].isdigit():
            message = f"no answer of HTTP/1: {head[:40]!r}"
            raise FailedError(message)
        return int(head[9:12]), head

    def _exactly(self, length: int) -> bytes:
        pieces, held = [self._held], len(self._held)
        while held < length:
            piece = self._more()
            if not piece:
                message = f"closed after {held} of {length} bytes"
                raise FailedError(message)
            pieces.append(piece)
            held += len(piece)
        whole = b"".join(pieces) if len(pieces) > 1 else pieces[0]
        self._held = whole[length:]
        return whole[:length]

    def _chunked(self) -> bytes:
        body: list[bytes] = []
        size = 0
        while True:
            length = int(self._line().partition(b";")[0], 16)
            size += length
            if size > self._most:
                message = f"more than {self._most} bytes, which is the most that is read"
                raise FailedError(message)
            if not length:
                while self._line():
                    pass
                return b"".join(body)
            body.append(self._exactly(length + 2)[:-2])

    def _line(self) -> bytes:
        while (end := self._held.find(b"\r\n")) < 0:
            if len(self._held) > _CHUNK_LINE_MOST:
                message = "a line without an end where a chunk is expected"
                raise FailedError(message)
            piece = self._more()
            if not piece:
                message = "closed between two chunks"
                raise FailedError(message)
            self._held += piece
        line, self._held = self._held[:end], self._held[end + 2 :]
        return line

    def _rest(self) -> bytes:
        pieces, size = [self._held], len(self._held)
        while piece := self._more():
            pieces.append(piece)
            size += len(piece)
            if size > self._most:
                message = f"more than {self._most} bytes, which is the most that is read"
                raise FailedError(message)
        return b"".join(pieces)


def _length(head: bytes) -> int | None:
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        return None
    written = head[at + 17 :].split(b"\r\n", 1)[0].strip()
    if not written.isdigit():
        message = f"a length that is none: {written[:20]!r}"
        raise FailedError(message)
    return int(written)
