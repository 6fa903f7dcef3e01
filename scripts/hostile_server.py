"""A server that misbehaves as the address says: for tests of whatever has to survive it.

`/html`, `/fault` (500), `/hang`, `/drip` (a byte of a header each 50 ms), `/drop`, `/short`
(closes in the middle of its body), `/endless`, `/gigabyte` (announced), `/bomb` (gzip that grows),
`/invalid` (no JSON), `/wrong-type`, `/garbage` (no HTTP), `/headers` (without end), `/informed`
(1xx without end), `/loop` (redirects to itself), `/away?to=ADDRESS`, `/once` (drops a kept
connection at its second request), `/kept`, `/echo` (tells the request back); what stands below is
the same, anything else is 404.
"""

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final
from urllib.parse import unquote, urlsplit

_PAUSE_SECONDS: Final = 0.05
_CHUNK: Final = b"a" * 65_536
_HEAD_MOST: Final = 65_536


@dataclass(slots=True)
class HostileServer:
    """A server on a free loopback port.

    Attributes:
        address: Where it answers, without a slash at the end.
        asked: Method and path of each request that came, in order.
        stopping: Set when it ends: whatever hangs gives up.
    """

    address: str
    asked: list[str] = field(default_factory=list[str])
    stopping: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def hostile(context: ssl.SSLContext | None = None) -> Generator[HostileServer]:
    """Run it while the block lasts, over TLS when a context is given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        scheme = "http" if context is None else "https"
        server = HostileServer(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}")
        threads: list[threading.Thread] = []
        peers: list[socket.socket] = []

        def accept() -> None:
            while not server.stopping.is_set():
                with contextlib.suppress(OSError):
                    peer, _ = listening.accept()
                    thread = threading.Thread(
                        target=_serve, args=(server, peer, context), daemon=True
                    )
                    peers.append(peer)
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            server.stopping.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _serve(server: HostileServer, plain: socket.socket, context: ssl.SSLContext | None) -> None:
    plain.settimeout(5)
    with contextlib.ExitStack() as held, contextlib.suppress(OSError):
        peer = held.enter_context(plain)
        if context is not None:
            peer = held.enter_context(context.wrap_socket(plain, server_side=True))
        rank = 0
        while request := _request(peer):
            rank += 1
            line, head, body = request
            server.asked.append(line)
            asked, _, query = line.partition(" ")[2].partition("?")
            path = "/" + urlsplit(asked).path.split("/")[1]
            if path == "/once" and rank > 1:
                return
            if path in {"/kept", "/once"}:
                peer.sendall(_answer(b'{"kept": true}'))
                continue
            if path == "/echo":
                told = {"line": line, "head": head, "body": body}
                peer.sendall(_answer(json.dumps(told).encode()))
                continue
            if path not in _ONCE and path not in _STREAMED:
                peer.sendall(_answer(b"{}", status=404))
                continue
            for piece in _pieces(server, path, query):
                peer.sendall(piece)
            return


def _request(peer: socket.socket) -> tuple[str, str, str] | None:
    """Read one request: its method and path, its headers, its body."""
    read = b""
    while b"\r\n\r\n" not in read:
        chunk = peer.recv(65_536)
        if not chunk or len(read) > _HEAD_MOST:
            return None
        read += chunk
    head, _, body = read.partition(b"\r\n\r\n")
    first, _, headers = head.decode("latin-1").partition("\r\n")
    length = next(
        (
            int(one.partition(":")[2])
            for one in headers.split("\r\n")
            if one.lower().startswith("content-length")
        ),
        0,
    )
    while len(body) < length and (chunk := peer.recv(65_536)):
        body += chunk
    return first.rpartition(" ")[0], headers, body.decode("utf-8", "replace")


def _pieces(server: HostileServer, path: str, query: str) -> Iterator[bytes]:
    """Yield what is sent before the connection closes."""
    if path == "/hang":
        server.stopping.wait()
    elif path == "/drip":
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while not server.stopping.wait(_PAUSE_SECONDS):
            yield b"a"
    elif path == "/endless":
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        yield from repeat(_CHUNK)
    elif path == "/headers":
        yield b"HTTP/1.1 200 OK\r\n"
        yield from repeat(b"X-More: " + _CHUNK + b"\r\n")
    elif path == "/informed":
        yield from repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    elif path == "/away":
        to = unquote(query.removeprefix("to="))
        yield f"HTTP/1.1 307 Away\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
    else:
        yield _ONCE[path]()


def _answer(body: bytes, media_type: str = "application/fhir+json", status: int = 200) -> bytes:
    head = f"HTTP/1.1 {status} As asked\r\nContent-Type: {media_type}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _bomb() -> bytes:
    body = gzip.compress(bytes(8 * 1024 * 1024))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_STREAMED: Final = frozenset(
    {"/hang", "/drip", "/endless", "/headers", "/informed", "/away"},
)
_ONCE: Final[dict[str, Callable[[], bytes]]] = {
    "/html": lambda: _answer(b"<html><h1>It works!</h1></html>", "text/html"),
    "/fault": lambda: _answer(b"Traceback", "text/plain", 500),
    "/refuses": lambda: _answer(b'{"resourceType": "OperationOutcome"}', status=422),
    "/drop": lambda: b"",
    "/short": lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "/short-chunks": lambda: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "/gigabyte": lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{",
    "/bomb": _bomb,
    "/not-gzip": lambda: b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain",
    "/invalid": lambda: _answer(b'{"resourceType": '),
    "/wrong-type": lambda: _answer(b"{}", "image/png"),
    "/garbage": lambda: b"\x16\x03\x01 this is no HTTP\r\n\r\n",
    "/loop": lambda: b"HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n",
    "/nowhere": lambda: (
        b"HTTP/1.1 302 Found\r\nLocation: http://[::x/\r\nContent-Length: 0\r\n\r\n"
    ),
}
