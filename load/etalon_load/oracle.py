"""A server whose law is known: `c` at work, services of exponential law, first come first served.

It answers every request after a service drawn from its seed, and keeps when each request came, when
its service began and when it ended, so that a load tool can be held against it twice: against the
law, and against what really happened. It runs in a process of its own:

    python -m etalon_load.oracle --servers 4 --service 0.02 --seed 1 [--log FILE]

One line of JSON tells the address; a signal ends it, and the log is written then.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from etalon_load.timer_descriptor import TimerDescriptor

_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_BACKLOG: Final = 4096


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


class _Ending(NamedTuple):
    """When a service ends, with its rank among those of the same instant, and whose it is."""

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
        self._endings: list[_Ending] = []
        self._ranks = count()
        self._loop = asyncio.get_running_loop()
        self._timer = _timer(self._loop, self._end_those_due)

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
        if self._timer is None:
            self._loop.call_at(ends, self._end, came, began, ends, transport)
            return
        heappush(self._endings, _Ending(ends, next(self._ranks), came, began, transport))
        if self._endings[0].ends == ends:
            self._timer.set(ends - time.monotonic())

    def _end_those_due(self) -> None:
        while self._endings and self._endings[0].ends <= time.monotonic():
            ends, _, came, began, transport = heappop(self._endings)
            self._end(came, began, ends, transport)
        if self._timer is None:
            return
        if self._endings:
            self._timer.set(self._endings[0].ends - time.monotonic())
        else:
            self._timer.stop()

    def _end(self, came: float, began: float, ends: float, transport: asyncio.Transport) -> None:
        if not transport.is_closing():
            transport.write(_ANSWER)
        now = time.monotonic()
        self.served.append(Served(came, began, now))
        if self._waiting:
            # The next service begins when this one was to end: a late timer is no part of the law.
            following, connection = self._waiting.popleft()
            self._begin(following, max(ends, following), connection)
        else:
            self._free += 1


def _timer(loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> TimerDescriptor | None:
    """Return a timer that the loop hears; none where the system has none.

    The loop's own timers wait in whole milliseconds, and the law knows of no such wait.
    """
    try:
        timer = TimerDescriptor()
    except OSError:
        return None
    loop.add_reader(timer.number, ring)
    return timer


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
