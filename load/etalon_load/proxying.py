"""A proxy on the way to a target: named to it in plain HTTP, tunnelled through for TLS.

Source: RFC 9110 (9.3.6 CONNECT, 11.7.2 Proxy-Authorization), RFC 9112 (3.2.2 absolute form).
"""

import base64
from dataclasses import dataclass, field
from typing import Final, Protocol

_HEAD_MOST: Final = 1 << 14
_END: Final = b"\r\n\r\n"
_DONE: Final = b"200"


@dataclass(frozen=True, slots=True)
class Through:
    """A proxy, reached in plain HTTP.

    Attributes:
        host: Name or address.
        port: Of the proxy.
        proof: The line of the header that proves who asks, ended by CR LF, or nothing. Secret.
    """

    host: str
    port: int
    proof: bytes = field(default=b"", repr=False)


class Connected(Protocol):
    """What is needed of a connection to a proxy."""

    def sendall(self, data: bytes, /) -> object:
        """Send all of it."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Return what came, nothing at the end."""
        ...


def proof_of(user: str, password: str) -> bytes:
    """Return the line that proves to a proxy who asks, nothing for nobody."""
    if not user:
        return b""
    coded = base64.b64encode(f"{user}:{password}".encode())
    return b"Proxy-Authorization: Basic " + coded + b"\r\n"


def tunnel(connection: Connected, host: str, proof: bytes) -> None:
    """Ask a proxy for a tunnel; what is sent next goes to the other end.

    Args:
        connection: To the proxy.
        host: Host and port of the other end, as a header writes them.
        proof: Line of a header, or nothing.

    Raises:
        ConnectionError: The proxy refuses, or says nothing that is HTTP.
    """
    asked = f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n".encode() + proof + b"\r\n"
    connection.sendall(asked)
    held = b""
    while _END not in held:
        piece = connection.recv(_HEAD_MOST)
        held += piece
        if not piece or len(held) > _HEAD_MOST:
            message = "the proxy closed, or said too much, before it opened a way"
            raise ConnectionError(message)
    if not held.startswith(b"HTTP/1.") or held[9:12] != _DONE:
        message = f"the proxy opens no way: {held.split(_END, 1)[0].splitlines()[0][:60]!r}"
        raise ConnectionError(message)
