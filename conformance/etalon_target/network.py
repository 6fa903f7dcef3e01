"""Connections whose every wait ends: one deadline for a whole exchange, whatever the peer does.

A time-out per read is no bound: a peer that sends a byte each second never meets it. Here each wait
is given what remains of the exchange.
"""

import socket
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from ssl import SSLContext
from typing import Final

import httpcore2

SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)

_SLICE: Final = 65_536


@dataclass(slots=True)
class Passage:
    """One exchange while it is under way.

    Attributes:
        ends_at: When it has to be over, on the monotonic clock, in seconds.
        connected: A connection was there, new or kept.
        sent: Some bytes of ours left.
        received: Some bytes of the answer came.
        ended: The peer closed its side.
        reused: The connection had served before.
    """

    ends_at: float
    connected: bool = False
    sent: bool = False
    received: bool = False
    ended: bool = False
    reused: bool = False

    def remaining(self, late: type[httpcore2.TimeoutException]) -> float:
        """Return the seconds that remain.

        Raises:
            TimeoutException: None does.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            message = "the time allowed for the exchange is over"
            raise late(message)
        return left


PASSAGE: Final[ContextVar[Passage]] = ContextVar("passage")
"""The exchange that the present thread carries out."""


class BoundedStream(httpcore2.NetworkStream):
    """A connection that waits no longer than the exchange it serves."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        """Wrap a connection."""
        self._inner = inner
        self._last: Passage | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (ours holds)
        """Read what is there, within the exchange."""
        passage = PASSAGE.get()
        data = self._inner.read(max_bytes, passage.remaining(httpcore2.ReadTimeout))
        if data:
            passage.received = True
        else:
            passage.ended = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (ours holds)
        """Write, within the exchange."""
        passage = PASSAGE.get()
        if self._last is not passage:
            passage.reused = self._last is not None
            passage.connected = True
            self._last = passage
        for start in range(0, len(buffer), _SLICE):
            left = passage.remaining(httpcore2.WriteTimeout)
            passage.sent = True
            self._inner.write(buffer[start : start + _SLICE], left)

    def close(self) -> None:
        """Close."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (ours holds)
    ) -> httpcore2.NetworkStream:
        """Shake hands, within the exchange."""
        left = PASSAGE.get().remaining(httpcore2.ConnectTimeout)
        secured = BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left))
        secured._last = self._last  # the same connection, in its new form
        return secured

    def get_extra_info(self, info: str) -> object:
        """Return what the connection says of itself."""
        extra: object = self._inner.get_extra_info(info)
        return extra


class BoundedNetwork(httpcore2.NetworkBackend):
    """Opens connections within the exchange that needs them, names looked up included."""

    def __init__(self) -> None:
        """Open real connections."""
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (ours holds)
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that answers."""
        passage = PASSAGE.get()
        refused: Exception | None = None
        for address in _addresses(host, port, passage):
            left = passage.remaining(httpcore2.ConnectTimeout)
            try:
                inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except httpcore2.ConnectError as error:
                refused = error
                continue
            passage.connected = True
            return BoundedStream(inner)
        raise refused or httpcore2.ConnectError(f"{host} has no address")


def _addresses(host: str, port: int, passage: Passage) -> list[str]:
    """Look a name up on a thread that nobody waits for longer than the exchange."""
    found: list[str] = []
    problem: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            problem.append(error)
        else:
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))

    looking = threading.Thread(target=look_up, name="etalon-name", daemon=True)
    looking.start()
    looking.join(passage.remaining(httpcore2.ConnectTimeout))
    if looking.is_alive():
        message = f"the name {host} was not resolved in time"
        raise httpcore2.ConnectTimeout(message)
    if problem:
        try:
            raise problem[0]
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
    return found
