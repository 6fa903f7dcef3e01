"""A server whose law is known: `c` at work, services of exponential law, first come first served.

It answers every request after a service drawn from its seed, and keeps when each request came, when
its service began and when it ended, so that a load tool can be held against it twice: against the
law, and against what really happened. It runs in a process of its own:

    python -m etalon_load.oracle --servers 4 --service 0.02 --seed 1 [--log FILE]

One line of JSON tells the address; a signal ends it, and the log is written then.
"""

import argparse
import asyncio
import heapq
import json
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from etalon_load.timer_descriptor import TimerDescriptor

_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_BACKLOG: Final = 4096
_RESOLUTION: Final = 0.001
"""A loop without such an alarm calls up to so much too early."""


class Served(NamedTuple):
    """One request, by the monotonic clock of the machine (seconds).

    Attributes:
        came: When it was there whole.
        began: When its service began.
        ended: When its answer left.
    """

    came: float
    began: float
    ended: float


class _Service(NamedTuple):
    """One that has begun: when it is to end, and its rank, then whose it is."""

    ends: float
    rank: int
    came: float
    began: float
    transport: asyncio.Transport


class Queue:
    """Requests that wait for one of some servers.

    Attributes:
        served: What was served, in the order of the ends.
    """

    def __init__(self, servers: int, service: float, seed: int) -> None:
        """Begin with nobody waiting.

        Args:
            servers: How many serve at once.
            service: Mean seconds of a service.
            seed: Of the services, drawn in the order in which they begin.
        """
        self.served: list[Served] = []
        self._free = servers
        self._service = service
        self._chance = random.Random(f"services/{seed}")  # noqa: S311 (no secret)
        self._waiting: deque[tuple[float, asyncio.Transport]] = deque()
        self._loop = asyncio.get_running_loop()
        self._under_way: list[_Service] = []
        self._ranks = 0
        self._alarm: TimerDescriptor | None = None
        with suppress(OSError):
            self._alarm = TimerDescriptor()
        if self._alarm is not None:
            self._loop.add_reader(self._alarm.number, self._ring)

    def take(self, transport: asyncio.Transport) -> None:
        """Take a request in; it is answered on its connection."""
        came = time.monotonic()
        if self._free:
            self._free -= 1
            self._begin(came, came, transport)
        else:
            self._waiting.append((came, transport))

    def _begin(self, came: float, began: float, transport: asyncio.Transport) -> None:
        ends = began + self._chance.expovariate(1 / self._service)
        self._ranks += 1
        one = _Service(ends, self._ranks, came, began, transport)
        heapq.heappush(self._under_way, one)
        if self._alarm is None:
            self._loop.call_at(ends, self._ring)
        elif self._under_way[0] is one:
            self._set()

    def _set(self) -> None:
        """Have the alarm ring when the next service ends."""
        if self._alarm is not None and self._under_way:
            self._alarm.set(max(0.0, self._under_way[0].ends - time.monotonic()))

    def _ring(self) -> None:
        """End the services whose time has come."""
        if self._alarm is not None:
            self._alarm.clear()
        early = 0.0 if self._alarm is not None else _RESOLUTION
        while self._under_way and self._under_way[0].ends <= time.monotonic() + early:
            self._end(heapq.heappop(self._under_way))
        self._set()

    def _end(self, one: _Service) -> None:
        if not one.transport.is_closing():
            one.transport.write(_ANSWER)
        self.served.append(Served(one.came, one.began, time.monotonic()))
        if self._waiting:
            # The next service begins when this one was to end: a late timer is no part of the law.
            following, connection = self._waiting.popleft()
            self._begin(following, max(one.ends, following), connection)
        else:
            self._free += 1


class _Connection(asyncio.Protocol):
    """Requests of one connection, one after the other."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand over each request that is there whole."""
        self._held += data
        while self._transport is not None:
            end = self._held.find(_HEAD_END)
            if end < 0:
                return
            head = self._held[:end].lower()
            length = 0
            at = head.find(_LENGTH)
            if at >= 0:
                length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
            whole = end + len(_HEAD_END) + length
            if len(self._held) < whole:
                return
            self._held = self._held[whole:]
            self._queue.take(self._transport)


async def serve(servers: int, service: float, seed: int) -> list[Served]:
    """Serve until a signal; return what was served."""
    queue = Queue(servers, service, seed)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: _Connection(queue), "127.0.0.1", 0, backlog=_BACKLOG
    )
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ended.set)
    port = listener.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"address": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await ended.wait()
    listener.close()
    return queue.served


def write_log(served: Sequence[Served], file: Path) -> None:
    """Write three columns of seconds, a row a request, in the order of the ends."""
    rows = "".join(f"{came!r},{began!r},{ended!r}\n" for came, began, ended in served)
    file.write_text("came,began,ended\n" + rows, encoding="ascii")


def main() -> None:
    """Serve what the command line says."""
    parser = argparse.ArgumentParser(description="A queue of known law behind HTTP")
    parser.add_argument("--servers", type=int, default=4)
    parser.add_argument("--service", type=float, default=0.02, help="mean seconds of a service")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path)
    asked = parser.parse_args()
    served = asyncio.run(serve(asked.servers, asked.service, asked.seed))
    if asked.log is not None:
        write_log(served, asked.log)


if __name__ == "__main__":
    main()
