"""Offering an old version of TLS by hand, as libraries of today refuse to.

A hello is written with one version as the newest; what the server answers says whether it takes it.

Sources: RFC 6101 (SSL 3.0), RFC 2246 (TLS 1.0), RFC 4346 (TLS 1.1), RFC 5246 (7.4.1: hellos),
RFC 8996 (TLS 1.0 and 1.1 are no more).
"""

import ipaddress
import secrets
import socket
import struct
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

VERSIONS: Final = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303}
_HANDSHAKE, _ALERT = 22, 21
_HELLO_OF_CLIENT, _HELLO_OF_SERVER = 1, 2
_RECORD_MOST: Final = 16_384 + 2048
_HTTPS: Final = 443
_SUITES: Final = (
    *(0xC02B, 0xC02F, 0xC02C, 0xC030, 0x009C, 0x009D),  # of TLS 1.2
    *(0xC00A, 0xC009, 0xC014, 0xC013, 0x0039, 0x0033, 0x0035, 0x002F),  # AES in CBC mode
    *(0xC012, 0xC008, 0x0016, 0x000A, 0x0005, 0x0004),  # triple DES, RC4
    0x00FF,  # RFC 5746: no renegotiation
)
_CURVES: Final = (29, 23, 24, 25)
_SIGNATURES: Final = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0203, 0x0201)


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of an offer.

    Attributes:
        is_taken: The server went on with that version, or with an older one.
        said: What it answered: a version, an alert by its number, or that it hung up.
    """

    is_taken: bool
    said: str


def offered(address: str, version: str, seconds: float) -> Offered:
    """Offer a version as the newest to the server at an https address, and say what it answers.

    Args:
        address: Where it answers; its path does not matter.
        version: A key of `VERSIONS`.
        seconds: How long each step may take.

    Raises:
        OSError: No connection, or no answer in time.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    with socket.create_connection((host, parts.port or _HTTPS), timeout=seconds) as to:
        try:
            to.sendall(_hello(VERSIONS[version], host))
            kind, body = _record(to)
        except ConnectionError:
            return Offered(is_taken=False, said="hung up")
    return _read(kind, body)


def _read(kind: int, body: bytes) -> Offered:
    if kind == _HANDSHAKE and body[:1] == bytes([_HELLO_OF_SERVER]) and len(body) > 5:  # noqa: PLR2004 (its version is there)
        number = int.from_bytes(body[4:6])
        named = {value: name for name, value in VERSIONS.items()}
        return Offered(is_taken=True, said=named.get(number, f"version {number:#06x}"))
    if kind == _ALERT:
        return Offered(is_taken=False, said=f"alert {body[1]}" if len(body) > 1 else "alert")
    return Offered(is_taken=False, said="hung up" if not kind else "no TLS")


def _record(to: socket.socket) -> tuple[int, bytes]:
    """Return the kind of the first record and its content; 0 where the server hung up."""
    head = _received(to, 5)
    if len(head) < 5:  # noqa: PLR2004 (kind, version, length)
        return 0, b""
    return head[0], _received(to, min(int.from_bytes(head[3:5]), _RECORD_MOST))


def _received(to: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size and (more := to.recv(size - len(held))):
        held += more
    return held


def _hello(version: int, host: str) -> bytes:
    """Return a record with the hello of a client that knows no newer version."""
    suites = b"".join(struct.pack(">H", one) for one in _SUITES)
    told = struct.pack(">H", version) + secrets.token_bytes(32) + b"\0"
    told += _long(suites) + b"\1\0"
    if version > VERSIONS["SSL 3.0"]:
        told += _long(_extensions(version, host))
    message = bytes([_HELLO_OF_CLIENT]) + len(told).to_bytes(3) + told
    return (
        bytes([_HANDSHAKE]) + struct.pack(">H", min(version, VERSIONS["TLS 1.0"])) + _long(message)
    )


def _extensions(version: int, host: str) -> bytes:
    curves = b"".join(struct.pack(">H", one) for one in _CURVES)
    told = struct.pack(">H", 10) + _long(_long(curves)) + struct.pack(">H", 11) + _long(b"\1\0")
    if version >= VERSIONS["TLS 1.2"]:
        signatures = b"".join(struct.pack(">H", one) for one in _SIGNATURES)
        told += struct.pack(">H", 13) + _long(_long(signatures))
    if not _is_number(host):
        name = host.encode("idna")
        told += struct.pack(">H", 0) + _long(_long(b"\0" + _long(name)))
    return told


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _long(content: bytes) -> bytes:
    """Return a content after its length in two bytes."""
    return struct.pack(">H", len(content)) + content
