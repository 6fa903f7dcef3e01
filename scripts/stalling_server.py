"""A server of known misdeeds, for tests of what loads it: it stalls, cuts, lies about lengths.

    python scripts/stalling_server.py [--stall-at SECOND --stall SECONDS]

The path begins with the answer (`/cut`, `/error/metadata`); `/` is answered right. One line of JSON
tells the address; the stall counts from the first request.
"""

import argparse
import asyncio
import json
import sys

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ANSWERS = {
    "right": OK,
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\no\r\n1;x=y\r\nk\r\n0\r\nA: b\r\n\r\n"
    ),
    "interim": b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK,
    "unmeasured": b"HTTP/1.0 200 OK\r\n\r\nok",
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "error": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "no-http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok",
    "no-length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "huge": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "long-head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000,
    "silent": b"",
}
CUT = frozenset({"unmeasured", "closing", "cut", "no-http", "long-head"})


class Misdeeds:
    """What the server does wrong, and since when."""

    def __init__(self, stall_at: float, stall: float) -> None:
        self._from, self._to = stall_at, stall_at + stall
        self._first: float | None = None

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ", 2)[1].decode().strip("/").partition("/")[0] or "right"
                await self._stalled()
                writer.write(ANSWERS[name])
                await writer.drain()
                if name in CUT:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stalled(self) -> None:
        now = asyncio.get_running_loop().time()
        self._first = now if self._first is None else self._first
        if self._from <= now - self._first < self._to:
            await asyncio.sleep(self._first + self._to - now)


async def serve(misdeeds: Misdeeds) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(misdeeds.connected, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"address": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stall-at", type=float, default=0.0)
    parser.add_argument("--stall", type=float, default=0.0)
    asked = parser.parse_args()
    asyncio.run(serve(Misdeeds(asked.stall_at, asked.stall)))


if __name__ == "__main__":
    main()
