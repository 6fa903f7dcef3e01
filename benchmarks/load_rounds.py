"""Rounds of load: a server on one core, one client of many connections on another, in turns.

The client sends requests that were written before the round, one at a time on each connection, and
reads of an answer its status and its length. How busy each of the two was stands beside the rate:
a client that is idle part of the time is not what holds the server back.
"""

import json
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS: Final = 30.0
_PIECE: Final = 1 << 18
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_STATUS: Final = slice(9, 12)


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the two sides run.

    Attributes:
        server: Core of the server.
        client: Core of the client, another one.
    """

    server: int
    client: int


def two_cores() -> Cores:
    """Return two cores that this process may use, and keep it on that of the client."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) == 1:
        sys.exit("the server and its client need a core each, and there is one")
    cores = Cores(allowed[0], allowed[1])
    os.sched_setaffinity(0, {cores.client})
    return cores


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs in a process of its own.

    Attributes:
        process: The process.
        address: Where it is reached, without a slash at the end.
        seconds: How long it took from its start to that address.
    """

    process: subprocess.Popen[bytes]
    address: str
    seconds: float

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the process and its threads so far."""
        # The clock of another process, as clock_getcpuclockid(3) makes it on Linux.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def kibibytes(self, what: str) -> int:
        """Return a figure of the memory, such as `VmHWM`, the most there ever was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(row.split()[1]) for row in status.splitlines() if row.startswith(what))

    def ask(
        self, verb: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Send one request on a connection of its own; return status and body."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE_SECONDS)
        try:
            connection.request(verb, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def served(cores: Cores, *command: str) -> Generator[Served]:
    """Run a server on its core while the block lasts, until the line that tells its address."""
    os.sched_setaffinity(0, {cores.server})
    started = time.perf_counter()
    try:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    finally:
        os.sched_setaffinity(0, {cores.client})
    with process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            seconds = time.perf_counter() - started
            if not line:
                sys.exit(f"{' '.join(command)}: ended before it answered")
            yield Served(process, str(json.loads(line)["address"]), seconds)
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave.

    Attributes:
        answers: How many answers came.
        seconds: How long that took.
        server_seconds: CPU time of the server meanwhile.
        client_seconds: CPU time of the client.
        size: Bytes of the body of the last answer.
    """

    answers: int
    seconds: float
    server_seconds: float
    client_seconds: float
    size: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def rate_on_server(self) -> float:
        """Answers for each CPU second of the server: what others do to its core counts less."""
        return self.answers / self.server_seconds


class Load:
    """A client of some connections that stay open."""

    def __init__(self, server: Served, connections: int, status: int) -> None:
        """Open the connections; every answer must have the status."""
        self._server = server
        self._status = str(status).encode()
        where = urlsplit(server.address)
        place = (where.hostname, where.port)
        self._sockets = [socket.create_connection(place) for _ in range(connections)]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        for one in self._sockets:
            one.close()

    def round(self, requests: Iterator[bytes], seconds: float) -> Round:
        """Send requests for some seconds, or until there are none; wait for every answer.

        Raises:
            RuntimeError: An answer has another status, or a connection was closed.
        """
        before = self._server.cpu_seconds, time.process_time(), time.perf_counter()
        answers, size = self._exchange(requests, before[2] + seconds)
        after = self._server.cpu_seconds, time.process_time(), time.perf_counter()
        server, client, elapsed = (end - start for start, end in zip(before, after, strict=True))
        return Round(answers, elapsed, server, client, size)

    def _exchange(self, requests: Iterator[bytes], until: float) -> tuple[int, int]:
        poll = select.epoll()
        open_ones = {one.fileno(): one for one in self._sockets}
        missing = dict.fromkeys(open_ones, 0)
        answers, size, sent = 0, 0, 0
        for number, one in open_ones.items():
            request = next(requests, None)
            if request is not None:
                poll.register(number, select.EPOLLIN)
                one.sendall(request)
                sent += 1
        now = time.perf_counter
        while answers < sent:
            for number, _ in poll.poll(PATIENCE_SECONDS) or _silent():
                one = open_ones[number]
                piece = one.recv(_PIECE)
                if missing[number]:
                    missing[number] -= len(piece) or _closed()
                else:
                    length, head = self._read(piece)
                    missing[number] = head + length - len(piece)
                    size = length
                if missing[number]:
                    continue
                answers += 1
                request = next(requests, None) if now() < until else None
                if request is not None:
                    one.sendall(request)
                    sent += 1
        poll.close()
        return answers, size

    def _read(self, piece: bytes) -> tuple[int, int]:
        """Return how long a body is, and the head before it."""
        end = piece.find(_HEAD_END)
        if end < 0 or piece[_STATUS] != self._status:
            message = f"{self._status.decode()} was expected: {piece[:600]!r}"
            raise RuntimeError(message)
        at = piece.index(_LENGTH) + len(_LENGTH)
        return int(piece[at : piece.index(b"\r\n", at)]), end + len(_HEAD_END)


def _silent() -> list[tuple[int, int]]:
    message = f"no answer for {PATIENCE_SECONDS:g} seconds"
    raise RuntimeError(message)


def _closed() -> int:
    message = "the server closed a connection"
    raise RuntimeError(message)


@dataclass(frozen=True, slots=True)
class Beside:
    """Rounds of a server and of its yardstick, in turns."""

    measured: Sequence[Round]
    yardstick: Sequence[Round]

    @property
    def ratio(self) -> float:
        """Median of the ratios of rates, pair by pair."""
        pairs = zip(self.measured, self.yardstick, strict=True)
        return statistics.median(one.rate / other.rate for one, other in pairs)

    @property
    def ratio_on_server(self) -> float:
        """The same for each CPU second of the server."""
        pairs = zip(self.measured, self.yardstick, strict=True)
        return statistics.median(one.rate_on_server / other.rate_on_server for one, other in pairs)


def request_of(verb: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Write a request."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body
