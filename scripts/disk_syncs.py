"""How often the disk was asked to confirm what the journal wrote, seen from outside by strace."""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TRIALS: Final = Path(__file__).with_name("crash_trials.py")
APART: Final = 2
"""Confirmations of the write-ahead log that are no group's: its head, and the copy at the end."""
_SYNC: Final = re.compile(r"\bf(?:data)?sync\(\d+<[^>]*/journal\.sqlite-wal>")


@dataclass(frozen=True, slots=True)
class Confirmations:
    """What was counted.

    Attributes:
        commands: How many commands were written.
        groups: How many group commits they made.
        syncs: How often the disk was asked to confirm the write-ahead log.
    """

    commands: int
    groups: int
    syncs: int

    @property
    def hold(self) -> bool:
        """Whether each group commit was confirmed once."""
        return self.syncs == self.groups + APART


def confirmations(commands: int = 80, plant: str = "") -> Confirmations:
    """Write commands in a process that strace watches, and count.

    Raises:
        RuntimeError: The process or strace failed; the message says what they said.
    """
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "traced"
        watch = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(traced)]
        write = [sys.executable, str(TRIALS), "write", "--directory", str(Path(folder) / "data")]
        asked = [*watch, *write, "--commands", str(commands), "--plant", plant]
        done = subprocess.run(asked, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        calls = traced.read_text(encoding="utf-8")
        return Confirmations(commands, int(done.stdout), len(_SYNC.findall(calls)))
