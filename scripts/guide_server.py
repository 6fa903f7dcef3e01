"""The server that a guide starts, and the programs that it prints: what tests of guides share."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from import_table import ROOT

PRINTED: Final = "http://127.0.0.1:8080"
"""The address that every guide prints."""

_FOLDERS: Final = ("model", "scenarios", "conformance", "reports", "cli")
_PATHS: Final = os.pathsep.join(str(ROOT / name) for name in _FOLDERS)


class GuideError(Exception):
    """A guide has no line that starts a server, or what it prints did not end well."""


@contextmanager
def guide_server(
    guide: str, folder: Path | None = None, options: Sequence[str] = ()
) -> Generator[str]:
    """Run the first server that a guide starts, on a port that is free; give its address.

    Args:
        guide: The guide.
        folder: Where it is started, or None for here.
        options: What counts instead of what the guide says, other ports for instance.

    Raises:
        GuideError: No line starts one.
    """
    line = re.search(r"^\$ etalon (serve .*)$", guide, re.MULTILINE)
    if line is None:
        message = "no line of the guide starts a server: $ etalon serve …"
        raise GuideError(message)
    asked = [*shlex.split(line[1]), "--port", "0", "--json", *options]
    with subprocess.Popen(
        [sys.executable, "-m", "etalon_cli", *asked],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": _PATHS},
        encoding="utf-8",
    ) as server:
        try:
            told = "" if server.stdout is None else server.stdout.readline()
            yield str(json.loads(told)["address"])
        finally:
            server.terminate()


def blocks(text: str, language: str) -> list[str]:
    """Return the blocks of a text in a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def printed_by(command: Sequence[str], folder: Path) -> str:
    """Return what a command prints; it ends well and says nothing else.

    Raises:
        GuideError: It does not.
    """
    ran = subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    if (ran.returncode, ran.stderr) != (0, ""):
        message = f"{ran.returncode}: {ran.stderr}"
        raise GuideError(message)
    return ran.stdout
