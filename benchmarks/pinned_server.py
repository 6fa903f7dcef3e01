"""A server for a benchmark, on the cores it was given: the reference server, or a yardstick.

    python benchmarks/pinned_server.py reference [--data DIR] [--audit strict] [--cache MEGABYTES]
        [--vintage NAME] [--now INSTANT]
    python benchmarks/pinned_server.py constant BYTES

The reference server is a sandbox with its log, as `etalon serve --sandbox` starts it, its clock set
by hand. The yardstick is an application of the same framework on the same server with the same
settings, which answers a constant body. One line of JSON tells the address.
"""

import asyncio
import gc
import json
import socket
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from etalon_model import vintage
from etalon_server.clock import ManualClock
from etalon_server.listening import BACKLOG, Endpoint, Running, start
from etalon_server.log import Log
from etalon_server.service_host import Host
from etalon_server.settings import Bounds, Settings
from etalon_server.starting import desk_of

VINTAGE: Final = "launch-2022"
SEED: Final = 5
NOW: Final = datetime(2022, 9, 5, 8, tzinfo=UTC)
FHIR_JSON: Final = "application/fhir+json"
COLLECTIONS: Final = (20_000, 20, 50)
"""How rarely the collector looks, as the reference server has it."""


def tell(address: str) -> None:
    """Print where requests are taken."""
    print(json.dumps({"address": address}), flush=True)


def serve_reference(options: Namespace) -> None:
    """Serve a sandbox until a signal."""
    host = Host(
        vintage(options.vintage),
        seed=SEED,
        directory=options.data,
        clock=ManualClock(options.now),
        audit=options.audit,
    )
    settings = Settings(sandbox=True, cache_megabytes=options.cache)

    def told(running: Running) -> None:
        tell(running.address)

    start(desk_of(host, settings), Endpoint(), told, Log())


def constant_application(size: int) -> Starlette:
    """Return an application that answers so many bytes to whatever it is asked."""
    body = b'{"resourceType":"DocumentReference","text":"'
    body += b"a" * (size - len(body) - len(b'"}')) + b'"}'

    async def answer(_: Request) -> Response:
        return Response(body, media_type=FHIR_JSON)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


def serve_constant(size: int) -> None:
    """Serve the yardstick until a signal."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    config = uvicorn.Config(
        constant_application(size),
        http="httptools",
        loop="auto",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(Bounds().idle_seconds),
    )
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    tell(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(config)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


def main() -> None:
    """Serve what is asked for."""
    parser = ArgumentParser()
    kinds = parser.add_subparsers(dest="kind", required=True)
    reference = kinds.add_parser("reference")
    reference.add_argument("--data", type=Path)
    reference.add_argument("--audit", choices=("prompt", "strict"), default="prompt")
    reference.add_argument("--cache", type=int, default=Settings().cache_megabytes)
    reference.add_argument("--vintage", default=VINTAGE)
    reference.add_argument("--now", type=datetime.fromisoformat, default=NOW)
    constant = kinds.add_parser("constant")
    constant.add_argument("bytes", type=int)
    options = parser.parse_args(sys.argv[1:])
    if options.kind == "reference":
        serve_reference(options)
    else:
        serve_constant(options.bytes)


if __name__ == "__main__":
    main()
