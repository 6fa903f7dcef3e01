"""A FHIR server that nobody here wrote, to try conformance on: installed once, run as a process.

python scripts/foreign_server.py --port 8090

prints its FHIR base, and answers until it is interrupted.

The packages are those of tests/conformance/foreign/package-lock.json, each checked by its digest.
They are installed by npm, of the Node that the Python environment holds, into a cache of the user
outside the tree.
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Final

import node_packages
from import_table import ROOT
from node_packages import IndexUnreachableError, InstallError, node_program

__all__ = ["SOURCES", "IndexUnreachableError", "foreign_server", "install"]

SOURCES: Final = ROOT / "tests" / "conformance" / "foreign"


def install() -> Path:
    """Install the packages unless they are there; return the folder that holds the server.

    Raises:
        IndexUnreachableError: No index answers.
        InstallError: npm refused, a wrong digest for instance.
    """
    return node_packages.install("foreign-server", SOURCES, "server.mjs")


@contextlib.contextmanager
def foreign_server(port: int = 0) -> Generator[str]:
    """Run the server on a loopback port, 0 for a free one, while the block lasts; give its base.

    Raises:
        IndexUnreachableError: It was never installed here, and no npm index answers.
        InstallError: npm refused its packages.
    """
    folder = install()
    with subprocess.Popen(
        [node_program(), folder / "server.mjs", str(port)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            told = "" if process.stdout is None else process.stdout.readline()
            if not told:
                message = "server.mjs ended before it answered"
                raise InstallError(message)
            yield str(json.loads(told)["address"])
        finally:
            process.terminate()


def _end(_number: int, _frame: object) -> None:
    sys.exit(0)


def main() -> None:
    """Run the server until it is interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--port", type=int, default=0, help="where to listen (default: a free port)"
    )
    # A signal ends the block, so that the server does not outlive who asked for it.
    signal.signal(signal.SIGTERM, _end)
    with (
        foreign_server(parser.parse_args().port) as address,
        contextlib.suppress(KeyboardInterrupt),
    ):
        print(address, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
